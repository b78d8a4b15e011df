"""Asynchronous work written as a generator: it yields operations, the answers come back as the values of its yields."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from IDCBrowserLib.errors import ConversionError, IDCBrowserError
from IDCBrowserLib.host_interface import Cancellable, LoadRequest, OnError

logger = logging.getLogger(__name__)

Operation = Callable[[Callable[[Any], None], OnError], Cancellable]
"""Starts something: called with ``on_done`` and ``on_error``, exactly one of which is called once, at once or later, unless canceled."""

Result = TypeVar("Result")
Work = Generator[Operation, Any, Result]
Around = Callable[[], AbstractContextManager[object]]


class Steps:
    """Runs ``work`` in the host's main thread; an operation's error is raised at its yield. ``on_done`` gets what the generator returns.

    Operations that answer at once do not nest, so that thousands of them are no deeper than one. Each step is taken within what ``around`` gives.
    """

    def __init__(self, work: Work[Result], on_done: Callable[[Result], object], around: Around = nullcontext) -> None:
        self._work = work
        self._on_done = on_done
        self._around = around
        self._current: Cancellable | None = None
        self._answer: tuple[Any, IDCBrowserError | None] | None = (None, None)
        self._turn = 0
        self._running = False
        self._ended = False
        self._run()

    def cancel(self) -> None:
        """Stop the operation under way; ``on_done`` is not called any more. What was finished stays."""
        if self._ended:
            return
        self._ended = True
        current, self._current = self._current, None
        if current is not None:
            current.cancel()
        if not self._running:
            self._work.close()

    def _run(self) -> None:
        self._running = True
        try:
            while self._answer is not None and not self._ended:
                value, error = self._answer
                self._answer = None
                self._current = None
                with self._around():
                    self._step(value, error)
        finally:
            self._running = False

    def _step(self, value: Any, error: IDCBrowserError | None) -> None:
        try:
            operation = self._work.throw(error) if error is not None else self._work.send(value)
        except StopIteration as stop:
            if not self._ended:
                self._ended = True
                self._on_done(stop.value)
            return
        if self._ended:
            self._work.close()
            return
        self._turn += 1
        turn = self._turn
        handle = operation(lambda result: self._answered(turn, result, None), lambda failure: self._answered(turn, None, failure))
        if self._turn == turn and self._answer is None:
            self._current = handle
            if self._ended:
                handle.cancel()

    def _answered(self, turn: int, value: Any, error: IDCBrowserError | None) -> None:
        """An answer that comes twice or after the cancel is ignored."""
        if self._ended or turn != self._turn or self._answer is not None:
            return
        self._answer = (value, error)
        if not self._running:
            self._run()


def answered(request: LoadRequest, work: Work[Result], on_done: Callable[[Result], None], on_error: OnError, around: Around = nullcontext) -> Steps:
    """Runs ``work``, which shows the images of ``request``: either function is called, whatever is raised."""

    def guarded() -> Work[Result | IDCBrowserError]:
        try:
            return (yield from work)
        except IDCBrowserError as error:
            return error
        except Exception as error:
            # The seam to Slicer's and VTK's code: whatever they raise, the load must be answered.
            logger.exception("Loading %s", request.series_uid)
            return ConversionError(f"The images could not be shown ({type(error).__name__}: {error}).")

    def deliver(outcome: Result | IDCBrowserError) -> None:
        if isinstance(outcome, IDCBrowserError):
            on_error(outcome)
        else:
            on_done(outcome)

    return Steps(guarded(), deliver, around)
