"""The engine process: ``python -m IDCBrowserLib.engine.child [CONFIG-JSON]``.

Reads requests from standard input, runs them in lanes, writes answers to standard output (``protocol``).
Ends when standard input closes, so it never outlives its host; running work is canceled first, which stops s5cmd.
"""

from __future__ import annotations

import io
import json
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, cast

import IDCBrowserLib
from IDCBrowserLib.api.checking import lacking_parameter, wrong_parameter
from IDCBrowserLib.api.method import AnyMethod
from IDCBrowserLib.engine import answers, protocol
from IDCBrowserLib.engine.idle_work import do_while_idle, imports
from IDCBrowserLib.engine.precedence import Precedence
from IDCBrowserLib.engine.state import Config, EngineState
from IDCBrowserLib.errors import CancelledError, EngineError, IDCBrowserError
from IDCBrowserLib.log_file import start_log
from IDCBrowserLib.own_process import without_pandas
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.whole_file import remove_unfinished

logger = logging.getLogger(__name__)

_PROGRESS_INTERVAL_S = 0.1
# What is under way is asked to stop; what does not is left, so that the host need not wait.
_SHUTDOWN_TIMEOUT_S = 1.5
_NICENESS = 5
# A transfer may rest for hours while others go on; which of them move, and how many thumbnails are made at once, is the host's decision.
_LANES_OF_THEIR_OWN = frozenset({"transfer", "thumbnail"})


class _Writer:
    """Writes whole lines from any thread; a host that is gone is no error."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, message: Mapping[str, object]) -> None:
        """Raises what ``protocol.encode`` raises."""
        line = protocol.encode(message)
        with self._lock:
            try:
                self._stream.write(line)
                self._stream.flush()
            except (OSError, ValueError):
                logger.debug("the host process has ended")


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
        try:
            self._writer.send(protocol.progress_message(self._id, progress))
        except (ValueError, TypeError, EngineError):
            # The work goes on: what it comes to is said at its end.
            logger.warning("a progress report cannot be sent: %.200r", progress, exc_info=True)


@dataclass(frozen=True)
class _Request:
    """One that is waiting or being answered."""

    id: int
    method: AnyMethod
    params: object
    task: _RequestTask


class Engine:
    """Requests in, answers out. One thread per lane, started when the lane is first used, and one for each transfer."""

    def __init__(self, config: Config, output: BinaryIO) -> None:
        self._state = EngineState(config)
        self._state.put_right()
        self._writer = _Writer(output)
        self._tasks: dict[int, _RequestTask] = {}
        self._to_finish: set[int] = set()
        self._precedence = Precedence()
        self._lanes: dict[str, queue.SimpleQueue[_Request | None]] = {}
        self._threads: list[threading.Thread] = []
        self._ends = threading.Event()

    def serve(self, requests: io.BufferedIOBase) -> None:
        """Answer until the input closes or a shutdown is asked for. What is no request costs itself alone."""
        try:
            self._writer.send({"hello": {"version": IDCBrowserLib.__version__, "pid": os.getpid()}})
            threading.Thread(target=self._idle, name="idle", daemon=True).start()
            for line in _lines(requests):
                if not self._take(line):
                    break
        except KeyboardInterrupt:
            # The system ends programs with it (SIGTERM); what is under way is stopped as well.
            pass
        self._shut_down()

    def _take(self, line: bytes | protocol.TooLong) -> bool:
        """False at the end."""
        number = -1
        try:
            message = protocol.decode(line)
            if message.get("shutdown"):
                return False
            if "cancel" in message:
                self._cancel(protocol.id_of(message["cancel"]))
            else:
                number = protocol.id_of(message.get("id"))
                self._enqueue(number, message.get("method"), message.get("params"))
        except EngineError as error:
            self._refuse(number if number >= 0 else protocol.id_in(line), error)
        return True

    def _idle(self) -> None:
        do_while_idle([*imports(), self._state.write_origin_table], lambda: not self._tasks, self._ends)

    def _refuse(self, number: int, error: EngineError) -> None:
        logger.warning("%s", error)
        if number >= 0 and number not in self._tasks:
            self._writer.send(protocol.error_message(number, error))

    def _cancel(self, number: int) -> None:
        task = self._tasks.get(number)
        if task is not None:
            task.cancel()

    def _enqueue(self, number: int, name: object, params: object) -> None:
        """Raises ``EngineError`` for what is no request."""
        if number < 0 or number in self._tasks:
            raise EngineError(f"A request has no number of its own: {name!r}")
        if not isinstance(name, str) or not isinstance(params, dict):
            raise EngineError(f"A request is a name of a method with an object of parameters; this is neither: {name!r}")
        request = _Request(number, answers.find(name), params, _RequestTask(number, self._writer))
        self._tasks[number] = request.task
        if request.method.is_kept:
            self._to_finish.add(number)
        if request.method.rank is not None:
            self._precedence.announce(request.method.rank)
        if request.method.lane in _LANES_OF_THEIR_OWN:
            self._start(threading.Thread(target=self._answer, args=(request,), name=f"{request.method.lane}-{number}", daemon=True))
        else:
            self._lane(request.method.lane).put(request)

    def _start(self, thread: threading.Thread) -> None:
        self._threads = [*(other for other in self._threads if other.is_alive()), thread]
        thread.start()

    def _lane(self, name: str) -> queue.SimpleQueue[_Request | None]:
        if name not in self._lanes:
            waiting: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
            self._lanes[name] = waiting
            self._start(threading.Thread(target=self._run_lane, args=(waiting,), name=name, daemon=True))
        return self._lanes[name]

    def _run_lane(self, waiting: queue.SimpleQueue[_Request | None]) -> None:
        while (request := waiting.get()) is not None:
            self._answer(request)

    def _answer(self, request: _Request) -> None:
        rank, task = request.method.rank, request.task
        try:
            if rank is not None:
                self._precedence.wait(rank, task)
            task.raise_if_cancelled()
            if wrong := wrong_parameter(request.method.name, request.params):
                raise EngineError(wrong)
            result = _answered(request, self._state)
            self._writer.send({"id": request.id, "result": result})
        except CancelledError as error:
            self._writer.send(protocol.error_message(request.id, error))
        except Exception as error:  # the seam between the engine and its host: whatever happens must be answered
            # A refusal is an answer; what nobody foresaw is looked for later.
            foreseen = isinstance(error, IDCBrowserError)
            logger.warning("%s: %s", request.method.name, error, exc_info=None if foreseen else error)
            self._writer.send(protocol.error_message(request.id, error))
        finally:
            if rank is not None:
                self._precedence.end(rank)
            self._tasks.pop(request.id, None)
            self._to_finish.discard(request.id)

    def _shut_down(self) -> None:
        """What the user said last is kept, in the time there is; all else is canceled."""
        self._state.closing = True
        self._ends.set()
        for number, task in list(self._tasks.items()):
            if number not in self._to_finish:
                task.cancel()
        for waiting in self._lanes.values():
            waiting.put(None)
        end = time.monotonic() + _SHUTDOWN_TIMEOUT_S
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        if (s5cmd := sys.modules.get("IDCBrowserLib.transfer.s5cmd.process")) is not None:
            s5cmd.kill_all()
        self._state.close()


def _answered(request: _Request, state: EngineState) -> object:
    try:
        return answers.load(request.method)(state, request.params, request.task)
    except KeyError as error:
        # Of parameters that may be left out, some are needed together.
        if lacking := lacking_parameter(request.method.name, request.params, error.args[0] if error.args else None):
            raise EngineError(lacking) from error
        raise


def _lines(stream: io.BufferedIOBase) -> Iterator[bytes | protocol.TooLong]:
    buffer = protocol.LineBuffer()
    while data := stream.read1(1 << 16):
        yield from buffer.feed(data)


def main(arguments: list[str] | None = None) -> int:
    """Entry point of the child."""
    arguments = sys.argv[1:] if arguments is None else arguments
    config = cast(Config, json.loads(arguments[0]) if arguments else {})
    logging.basicConfig(stream=sys.stderr, level=logging.DEBUG if config.get("debug") else logging.WARNING)
    start_log("engine")
    if hasattr(os, "nice"):
        # Where cores are few, the window paints first.
        os.nice(_NICENESS)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Only the protocol may reach the pipe: what a library prints goes to standard error.
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with without_pandas():
        Engine(config, pipe).serve(cast(io.BufferedIOBase, sys.stdin.buffer))
    return 0


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # A lane that did not end in time (a decoder inside C code) must not keep the process alive.
    remove_unfinished()
    os._exit(code)
