"""The engine process: ``python -m IDCBrowserLib.engine.child [CONFIG-JSON]``.

Reads requests from standard input, runs them in lanes, writes answers to standard output (``protocol``).
Ends when standard input closes, so it never outlives its host; running work is cancelled first, which stops s5cmd.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
import time
from typing import Any, BinaryIO

import IDCBrowserLib
from IDCBrowserLib.engine import methods, protocol
from IDCBrowserLib.engine.precedence import Precedence
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import CancelledError, EngineError, IDCBrowserError
from IDCBrowserLib.log_file import start_log
from IDCBrowserLib.own_process import without_pandas
from IDCBrowserLib.task import Progress, Task

logger = logging.getLogger(__name__)

_PROGRESS_INTERVAL_S = 0.1
_SHUTDOWN_TIMEOUT_S = 3.0
_NICENESS = 5
# A transfer may rest for hours while others go on; which of them move is the host's decision.
_LANES_OF_THEIR_OWN = frozenset({"transfer"})


class _Writer:
    """Writes whole lines from any thread; a host that is gone is no error."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        line = protocol.encode(message)
        with self._lock:
            try:
                self._stream.write(line)
                self._stream.flush()
            except (OSError, ValueError):
                logger.debug("the host is gone")


class _RequestTask(Task):
    """A task whose progress goes over the pipe, at most ten times a second, except when it carries details or ends."""

    def __init__(self, request_id: int, writer: _Writer) -> None:
        super().__init__()
        self._id = request_id
        self._writer = writer
        self._last = 0.0

    def report(self, progress: Progress) -> None:
        now = time.monotonic()
        ended = progress.total is not None and progress.done >= progress.total
        if now - self._last < _PROGRESS_INTERVAL_S and not progress.details and not ended:
            return
        self._last = now
        self._writer.send(protocol.progress_message(self._id, progress))


class Engine:
    """Requests in, answers out. One thread per lane, started when the lane is first used, and one for each transfer."""

    def __init__(self, config: dict[str, Any], output: BinaryIO) -> None:
        self._state = EngineState(config)
        self._writer = _Writer(output)
        self._tasks: dict[int, _RequestTask] = {}
        self._precedence = Precedence()
        self._lanes: dict[str, queue.SimpleQueue[dict[str, Any] | None]] = {}
        self._threads: list[threading.Thread] = []

    def serve(self, requests: BinaryIO) -> None:
        """Answer until the input closes or a shutdown is asked for."""
        self._writer.send({"hello": {"version": IDCBrowserLib.__version__, "pid": os.getpid()}})
        for line in requests:
            if line.strip() and not self._take(line):
                break
        self._shut_down()

    def _take(self, line: bytes) -> bool:
        message = protocol.decode(line)
        if message.get("shutdown"):
            return False
        if "cancel" in message:
            task = self._tasks.get(message["cancel"])
            if task is not None:
                task.cancel()
            return True
        self._enqueue(message)
        return True

    def _enqueue(self, message: dict[str, Any]) -> None:
        request_id = message["id"]
        try:
            method = methods.find(message["method"])
        except EngineError as error:
            self._writer.send(protocol.error_message(request_id, error))
            return
        self._tasks[request_id] = _RequestTask(request_id, self._writer)
        if method.rank is not None:
            self._precedence.announce(method.rank)
        if method.lane in _LANES_OF_THEIR_OWN:
            self._start(threading.Thread(target=self._answer, args=(message,), name=f"{method.lane}-{request_id}", daemon=True))
        else:
            self._lane(method.lane).put(message)

    def _start(self, thread: threading.Thread) -> None:
        self._threads = [*(other for other in self._threads if other.is_alive()), thread]
        thread.start()

    def _lane(self, name: str) -> queue.SimpleQueue[dict[str, Any] | None]:
        if name not in self._lanes:
            waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
            self._lanes[name] = waiting
            self._start(threading.Thread(target=self._run_lane, args=(waiting,), name=name, daemon=True))
        return self._lanes[name]

    def _run_lane(self, waiting: queue.SimpleQueue[dict[str, Any] | None]) -> None:
        while (message := waiting.get()) is not None:
            self._answer(message)

    def _answer(self, message: dict[str, Any]) -> None:
        request_id = message["id"]
        task = self._tasks[request_id]
        method = methods.find(message["method"])
        try:
            if method.rank is not None:
                self._precedence.wait(method.rank, task)
            task.raise_if_cancelled()
            result = method.load()(self._state, message.get("params") or {}, task)
            self._writer.send({"id": request_id, "result": result})
        except CancelledError as error:
            self._writer.send(protocol.error_message(request_id, error))
        except Exception as error:  # the seam between the engine and its host: whatever happens must be answered
            # A refusal is an answer; what nobody foresaw is looked for later.
            foreseen = isinstance(error, IDCBrowserError)
            logger.warning("%s: %s", message["method"], error, exc_info=None if foreseen else error)
            self._writer.send(protocol.error_message(request_id, error))
        finally:
            if method.rank is not None:
                self._precedence.end(method.rank)
            self._tasks.pop(request_id, None)

    def _shut_down(self) -> None:
        self._state.closing = True
        for task in list(self._tasks.values()):
            task.cancel()
        for waiting in self._lanes.values():
            waiting.put(None)
        end = time.monotonic() + _SHUTDOWN_TIMEOUT_S
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        self._state.close()


def main(arguments: list[str] | None = None) -> int:
    """Entry point of the child."""
    arguments = sys.argv[1:] if arguments is None else arguments
    config: dict[str, Any] = json.loads(arguments[0]) if arguments else {}
    logging.basicConfig(stream=sys.stderr, level=logging.DEBUG if config.get("debug") else logging.WARNING)
    start_log("engine")
    if hasattr(os, "nice"):
        # Where cores are few, the window paints first.
        os.nice(_NICENESS)
    # Only the protocol may reach the pipe: what a library prints goes to standard error.
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with without_pandas():
        Engine(config, pipe).serve(sys.stdin.buffer)
    return 0


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # A lane that did not end in time (a decoder inside C code) must not keep the process alive.
    os._exit(code)
