"""The host's side of the pipe: asks the engine and delivers its answers. Knows no Qt; a timer of the host calls ``poll``."""

from __future__ import annotations

import itertools
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from IDCBrowserLib.api.closing import closing, opens
from IDCBrowserLib.api.method import Question
from IDCBrowserLib.engine import protocol
from IDCBrowserLib.errors import CancelledError, EngineError, IDCBrowserError, error_from_name
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.task import Progress

logger = logging.getLogger(__name__)

R = TypeVar("R")
OnError = Callable[[IDCBrowserError], object]
OnProgress = Callable[[Progress], object]

_MAX_DEATHS = 3
_DEATHS_WITHIN_S = 60.0


class EngineProcess(Protocol):
    """A running child; every call returns at once."""

    def write(self, data: bytes) -> None:
        """Queue bytes for the child's standard input."""

    def read(self) -> bytes:
        """What the child wrote since the last call; may be empty."""

    def read_errors(self) -> bytes:
        """What the child wrote to standard error since the last call; may be empty."""

    def is_running(self) -> bool:
        """False once it has ended, whatever the reason."""

    def close(self) -> None:
        """Close its input, wait briefly, then kill it."""


@dataclass(eq=False)
class Request:
    """One question under way. Its callbacks run inside ``EngineClient.poll``, in the host's main thread; none after ``cancel``."""

    id: int
    method: str
    on_result: Callable[[Any], object] | None
    on_error: OnError | None
    on_progress: OnProgress | None
    client: EngineClient
    tell_cancelled: bool = False

    def cancel(self, tell: bool = False) -> None:
        """Stop the work. With ``tell`` the outcome still arrives: ``CancelledError``, or the result when it came first."""
        self.client.cancel(self, tell)


class Engine(Protocol):
    """What can be asked: ``EngineClient``, or an engine in this process."""

    def ask(
        self,
        question: Question[R],
        on_result: Callable[[R], object] | None = None,
        on_error: OnError | None = None,
        on_progress: OnProgress | None = None,
    ) -> Asked:
        """Exactly one of ``on_result`` and ``on_error`` is called, unless it is canceled; perhaps before this returns."""


class Asked(Protocol):
    """A question under way."""

    def cancel(self) -> None:
        """Stop it; its callbacks are not called any more."""


class EngineClient:
    """Starts the engine, asks it, restarts it when it dies. ``died`` is emitted with a sentence, ``ready`` at each (re)start.

    A callback that raises ends its own request with an ``EngineError`` and goes to the log; ``callback_raised`` tells of it.
    """

    def __init__(self, start_process: Callable[[], EngineProcess], clock: Callable[[], float] = time.monotonic) -> None:
        self._start_process = start_process
        self._clock = clock
        self._process: EngineProcess | None = None
        self._buffer = protocol.LineBuffer()
        self._lines: deque[bytes | protocol.TooLong] = deque()
        self._requests: dict[int, Request] = {}
        # Methods of canceled requests whose answers, if they come all the same, hold a handle that nobody will close.
        self._abandoned: dict[int, str] = {}
        # Requests that cannot be asked, with the reason.
        self._refused: list[tuple[int, IDCBrowserError]] = []
        self._numbers = itertools.count(1)
        self._deaths: list[float] = []
        self._last_errors = b""
        self.is_ready = False
        self.gave_up = False
        self.ready: Signal[[]] = Signal()
        self.died: Signal[str] = Signal()
        self.callback_raised: Signal[Exception] = Signal()
        self.failed: Signal[str] = Signal()

    @property
    def pending(self) -> int:
        """How many requests wait for an answer."""
        return len(self._requests)

    def start(self) -> None:
        """Start the child if it is not running; returns at once. Also the way back after giving up."""
        if self._process is not None:
            return
        self.gave_up = False
        self._buffer = protocol.LineBuffer()
        self._lines.clear()
        self._process = self._start_process()

    def ask(
        self,
        question: Question[R],
        on_result: Callable[[R], object] | None = None,
        on_error: OnError | None = None,
        on_progress: OnProgress | None = None,
    ) -> Request:
        """Ask; the answer comes to a callback during a later ``poll``. The methods of the engine make questions: ``api``."""
        request = Request(next(self._numbers), question.method, on_result, on_error, on_progress, self)
        self._requests[request.id] = request
        try:
            line = protocol.encode({"id": request.id, "method": question.method, "params": question.params})
        except (ValueError, TypeError, RecursionError, EngineError) as error:
            logger.error("%s cannot be asked", question.method, exc_info=True)
            self._refused.append((request.id, protocol.as_ours(error)))
            return request
        if self._process is None and not self.gave_up:
            self.start()
        if self._process is not None:
            self._process.write(line)
        return request

    def cancel(self, request: Request, tell: bool = False) -> None:
        """See ``Request.cancel``. A request that has ended is ignored."""
        if request.id not in self._requests:
            return
        if tell:
            request.tell_cancelled = True
        else:
            del self._requests[request.id]
            if opens(request.method):
                self._abandoned[request.id] = request.method
        if self._process is not None:
            self._process.write(protocol.encode({"cancel": request.id}))

    def poll(self, budget_s: float = 0.008) -> None:
        """Deliver answers that have arrived, for at most about ``budget_s``; notice a death. Call it every 10 to 20 ms.

        One answer is delivered at least, however large it is.
        """
        refused, self._refused = self._refused, []
        for number, error in refused:
            self._fail(number, error)
        if self.gave_up:
            self._fail_all("The background process ended repeatedly and is not started again. Restart it from the panel.")
            return
        if self._process is None:
            return
        running = self._process.is_running()
        self._lines += self._buffer.feed(self._process.read())
        self._keep_errors(self._process.read_errors())
        end = self._clock() + budget_s
        while self._lines:
            self._deliver(self._lines.popleft())
            if self._clock() >= end:
                break
        if not running and not self._lines:
            self._bury()

    def close(self) -> None:
        """End the child; pending requests get no answer."""
        self._requests.clear()
        self._abandoned.clear()
        self._refused.clear()
        if self._process is not None:
            self._process.close()
            self._process = None
        self.is_ready = False

    def _keep_errors(self, data: bytes) -> None:
        if data:
            logger.debug("engine: %s", data.decode(errors="replace").rstrip())
            self._last_errors = (self._last_errors + data)[-4000:]

    def _deliver(self, line: bytes | protocol.TooLong) -> None:
        try:
            message = protocol.decode(line)
        except EngineError as error:
            logger.warning("%s", error)
            self._fail(protocol.id_in(line), error)
            return
        if "hello" in message:
            self.is_ready = True
            self._call(self.ready.emit)
            return
        number = protocol.id_of(message.get("id"))
        request = self._requests.get(number)
        if request is None:
            self._close_abandoned(number, message)
            return
        if "progress" in message:
            self._tell_progress(request, message["progress"])
        elif "result" in message:
            del self._requests[request.id]
            raised = self._call(request.on_result, message["result"])
            if raised is not None:
                self._tell_failure(request, protocol.as_ours(raised))
        else:
            self._fail(request.id, _stated_error(message.get("error"), request.method))

    def _close_abandoned(self, number: int, message: dict[str, Any]) -> None:
        if "progress" in message:
            return
        method = self._abandoned.pop(number, None)
        if method is not None and "result" in message:
            try:
                question = closing(method, message["result"])
            except (KeyError, TypeError):
                logger.warning("%s answered without a handle", method)
                return
            self.ask(question)

    def _tell_progress(self, request: Request, stated: object) -> None:
        try:
            progress = Progress(**(stated if isinstance(stated, dict) else {}))
        except TypeError:
            logger.warning("%s reported a progress that is none: %.200r", request.method, stated)
            return
        if self._call(request.on_progress, progress) is not None:
            # Once is enough; the result may still be of use.
            request.on_progress = None

    def _fail(self, number: int, error: IDCBrowserError) -> None:
        request = self._requests.pop(number, None)
        if request is not None:
            self._tell_failure(request, error)

    def _tell_failure(self, request: Request, error: IDCBrowserError) -> None:
        self._call(request.on_error, error)
        if not isinstance(error, CancelledError):
            self._call(self.failed.emit, str(error))

    def _call(self, callback: Callable[..., object] | None, *arguments: object) -> Exception | None:
        """Whatever a callback does, those of other requests come to their turn. Gives what it raised."""
        if callback is None:
            return None
        try:
            callback(*arguments)
        except Exception as error:  # the seam between the engine and what uses it: one fault must not silence everything else
            logger.exception("an answer of the engine could not be used")
            self.callback_raised.emit(error)
            return error
        return None

    def _bury(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.close()
        self.is_ready = False
        self._abandoned.clear()
        now = self._clock()
        self._deaths = [moment for moment in self._deaths if now - moment < _DEATHS_WITHIN_S] + [now]
        self.gave_up = len(self._deaths) >= _MAX_DEATHS
        reason = _last_line(self._last_errors)
        text = "The background process ended unexpectedly" + (f" ({reason})." if reason else ".")
        self._last_errors = b""
        if not self.gave_up:
            self.start()
            text += " It was started again; please repeat what you were doing."
        self._fail_all(text)
        self._call(self.died.emit, text)

    def _fail_all(self, text: str) -> None:
        requests, self._requests = list(self._requests.values()), {}
        for request in requests:
            self._tell_failure(request, CancelledError() if request.tell_cancelled else EngineError(text))


def _stated_error(stated: object, method: str) -> IDCBrowserError:
    if isinstance(stated, dict) and isinstance(stated.get("kind"), str) and isinstance(stated.get("message"), str):
        return error_from_name(stated["kind"], stated["message"])
    return EngineError(f"The background process answered {method} with neither a result nor an error. Please report it with the log.")


def _last_line(data: bytes) -> str:
    lines = data.decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else ""
