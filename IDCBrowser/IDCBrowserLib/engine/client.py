"""The host's side of the pipe. Knows no Qt: a timer of the host calls ``poll``."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from IDCBrowserLib.engine import protocol
from IDCBrowserLib.errors import CancelledError, EngineError, IDCBrowserError, error_from_name
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.task import Progress

logger = logging.getLogger(__name__)

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
    params: dict[str, Any]
    on_result: Callable[[Any], None] | None
    on_error: Callable[[IDCBrowserError], None] | None
    on_progress: Callable[[Progress], None] | None
    client: EngineClient
    tell_cancelled: bool = False

    def cancel(self, tell: bool = False) -> None:
        """Stop the work. With ``tell`` the outcome still arrives: ``CancelledError``, or the result when it came first."""
        self.client.cancel(self, tell)


class EngineClient:
    """Starts the engine, asks it, restarts it when it dies. ``died`` is emitted with a sentence, ``ready`` at each (re)start."""

    def __init__(self, start_process: Callable[[], EngineProcess], clock: Callable[[], float] = time.monotonic) -> None:
        self._start_process = start_process
        self._clock = clock
        self._process: EngineProcess | None = None
        self._buffer = protocol.LineBuffer()
        self._waiting_lines: list[bytes] = []
        self._requests: dict[int, Request] = {}
        self._numbers = itertools.count(1)
        self._deaths: list[float] = []
        self._last_errors = b""
        self.is_ready = False
        self.gave_up = False
        self.ready = Signal()
        self.died = Signal()

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
        self._waiting_lines = []
        self._process = self._start_process()

    def request(
        self,
        method: str,
        params: dict[str, Any] | None = None,
        on_result: Callable[[Any], None] | None = None,
        on_error: Callable[[IDCBrowserError], None] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Request:
        """Ask; the answer comes to a callback during a later ``poll``."""
        request = Request(next(self._numbers), method, params or {}, on_result, on_error, on_progress, self)
        self._requests[request.id] = request
        if self._process is None and not self.gave_up:
            self.start()
        if self._process is not None:
            self._process.write(protocol.encode({"id": request.id, "method": method, "params": request.params}))
        return request

    def cancel(self, request: Request, tell: bool = False) -> None:
        """See ``Request.cancel``. A request that has ended is ignored."""
        if request.id not in self._requests:
            return
        if tell:
            request.tell_cancelled = True
        else:
            del self._requests[request.id]
        if self._process is not None:
            self._process.write(protocol.encode({"cancel": request.id}))

    def poll(self, budget_s: float = 0.008) -> None:
        """Deliver answers that have arrived, for at most about ``budget_s``; notice a death. Call it every 10 to 20 ms."""
        if self.gave_up:
            self._fail_all("The background process ended repeatedly and is not started again. Restart it from the panel.")
            return
        if self._process is None:
            return
        running = self._process.is_running()
        self._waiting_lines += self._buffer.feed(self._process.read())
        self._keep_errors(self._process.read_errors())
        end = self._clock() + budget_s
        taken = 0
        for line in self._waiting_lines:
            taken += 1
            self._deliver(line)
            if self._clock() >= end:
                break
        del self._waiting_lines[:taken]
        if not running and not self._waiting_lines:
            self._bury()

    def close(self) -> None:
        """End the child; pending requests get no answer."""
        self._requests.clear()
        if self._process is not None:
            self._process.close()
            self._process = None
        self.is_ready = False

    def _keep_errors(self, data: bytes) -> None:
        if data:
            logger.debug("engine: %s", data.decode(errors="replace").rstrip())
            self._last_errors = (self._last_errors + data)[-4000:]

    def _deliver(self, line: bytes) -> None:
        try:
            message = protocol.decode(line)
        except EngineError as error:
            logger.warning("%s", error)
            return
        if "hello" in message:
            self.is_ready = True
            self.ready.emit()
            return
        request = self._requests.get(message.get("id", -1))
        if request is None:
            return
        if "progress" in message:
            if request.on_progress is not None:
                request.on_progress(Progress(**message["progress"]))
            return
        del self._requests[request.id]
        if "error" in message:
            _call(request.on_error, error_from_name(message["error"]["kind"], message["error"]["message"]))
        else:
            _call(request.on_result, message["result"])

    def _bury(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.close()
        self.is_ready = False
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
        self.died.emit(text)

    def _fail_all(self, text: str) -> None:
        requests, self._requests = list(self._requests.values()), {}
        for request in requests:
            _call(request.on_error, CancelledError() if request.tell_cancelled else EngineError(text))


def _call(callback: Callable[[Any], None] | None, value: Any) -> None:
    if callback is not None:
        callback(value)


def _last_line(data: bytes) -> str:
    lines = data.decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else ""
