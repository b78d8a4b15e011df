"""``Task``, which long work uses to report progress and to check for cancellation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from IDCBrowserLib.errors import CancelledError


@dataclass(frozen=True)
class Progress:
    """One moment of a long piece of work.

    ``done`` and ``total`` count ``unit`` ("B", "files", "series", "frames", "slices"); ``total`` is None while unknown.
    ``seconds_left`` is None while it cannot be told. ``details`` is JSON-able and belongs to the step
    (a transfer names the series whose state changed there).
    """

    step: str
    done: float = 0.0
    total: float | None = None
    unit: str = ""
    message: str = ""
    seconds_left: float | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def fraction(self) -> float | None:
        """0 to 1, or None while the total is unknown."""
        if not self.total:
            return None
        return min(1.0, self.done / self.total)


class Task:
    """Handed to every function that may take longer than a moment: ``report`` and ``raise_if_cancelled``.

    ``cancel`` may be called from another thread or a signal handler. ``on_cancel`` callbacks run once, in the thread that cancels,
    so that a child process can be stopped at once instead of at the next look.
    """

    def __init__(self, on_progress: Callable[[Progress], object] | None = None) -> None:
        self._on_progress = on_progress
        self._cancelled = False
        self._on_cancel: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether ``cancel`` was called."""
        return self._cancelled

    def report(self, progress: Progress) -> None:
        """Tell the listener; cheap when there is none."""
        if self._on_progress is not None:
            self._on_progress(progress)

    def cancel(self) -> None:
        """Ask the work to stop."""
        if self._cancelled:
            return
        self._cancelled = True
        for callback in list(self._on_cancel):
            callback()

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Run ``callback`` when canceled; at once when that has already happened."""
        self._on_cancel.append(callback)
        if self._cancelled:
            callback()

    def raise_if_cancelled(self) -> None:
        """Raise ``CancelledError`` once ``cancel`` was called."""
        if self._cancelled:
            raise CancelledError

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Within it ``look_for_cancel`` means this task, in this thread."""
        before = _AT_WORK.set(self)
        try:
            yield
        finally:
            _AT_WORK.reset(before)


_AT_WORK: ContextVar[Task | None] = ContextVar("task", default=None)


def look_for_cancel() -> None:
    """For loops deep inside a calculation, which know no task: raises ``CancelledError`` when the one at work was canceled."""
    task = _AT_WORK.get()
    if task is not None:
        task.raise_if_cancelled()
