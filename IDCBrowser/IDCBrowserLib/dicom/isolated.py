"""Compressed frames are decoded in processes of their own, with a limit on processor time and memory: some libraries end their process over a damaged
frame, never return, or take all memory.

The processes are kept, since starting one takes longer than decoding. One request has one process, so that a frame that takes long does not hold up
the others. What they do: ``decoding_process``.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import io
import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.child_python import module_command
from IDCBrowserLib.dicom.decoding_process import ANSWER, REQUEST, Form
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Of processor time for the frames of one object together, beyond what each may take by its size.
SECONDS = 5.0
_FRAME_SECONDS = 0.05
# A tenth of what the slowest library decodes on a slow machine.
_BYTES_PER_SECOND = 2e6
# Whatever the process waits for: on a busy machine it takes long to start.
_PATIENCE_S = 60.0
_WAITING = 4
_OVERTIME = -getattr(signal, "SIGXCPU", 0)
# Larger than any frame, of mammograms 60 MB.
MOST_FRAME_BYTES = 1 << 28
# Beside Python, NumPy and the libraries; on systems that can limit it.
_MEMORY = 1_500_000_000
# What decoding a frame takes, in sizes of the frame: the libraries and NumPy each have copies of it.
_COPIES = 6
_LOOK_S = 0.02
# More processes than this are not kept.
_KEPT = 2
_TOO_LONG = "decoding takes too long"
# Frames of which that was said, which are not tried again.
_REMEMBERED = 100


class FrameError(Exception):
    """A frame that cannot be decoded; the text says why."""


@dataclass
class Allowance:
    """What is left of ``SECONDS`` for an object. Frames that take longer than their size explains use it up; what they lack then ends them."""

    left: float = SECONDS

    def limit(self, size: int) -> float:
        """Seconds of processor time that a frame of ``size`` bytes may take."""
        return self.left + _FRAME_SECONDS + size / _BYTES_PER_SECOND

    def took(self, size: int, seconds: float) -> None:
        """A frame of that size was tried."""
        self.left -= min(self.left, max(0.0, seconds - _FRAME_SECONDS - size / _BYTES_PER_SECOND))


class Decoders:
    """Starts processes when they are needed. All of them end with the program at the latest."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Process] = []
        self._too_long: dict[bytes, None] = {}
        atexit.register(self.close)

    def decode(
        self,
        syntax: str,
        code: bytes,
        options: Mapping[str, Any],
        form: Form,
        task: Task | None = None,
        halvings: int = 0,
        allowance: Allowance | None = None,
    ) -> NDArray[Any]:
        """One frame, as pydicom's decoder for ``syntax`` gives it with these ``options`` (JSON-able; see ``pydicom.pixels.utils.as_pixel_options``).

        Colors that are shown come halved up to ``halvings`` times where a library does that, which is faster; else in full size.

        ``allowance`` is that of its object. Raises ``FrameError``, and ``CancelledError`` soon after ``task`` is canceled.
        """
        allowance = allowance or Allowance()
        size = int(options["rows"]) * int(options["columns"]) * int(options.get("samples_per_pixel", 1)) * (int(options["bits_allocated"]) + 7) // 8
        if size > MOST_FRAME_BYTES:
            raise FrameError(f"a frame of {human_size(size)} is too large")
        digest = hashlib.sha256(code).digest()
        if digest in self._too_long:
            raise FrameError(_TOO_LONG)
        is_fresh, seconds = allowance.left == SECONDS, allowance.limit(size)
        limits = {"memory": _MEMORY + _COPIES * size, "seconds": seconds}
        header = json.dumps({"syntax": syntax, "options": dict(options), "form": form.value, "halvings": halvings, **limits}).encode()
        try:
            answer = self._ask(REQUEST.pack(len(header), len(code)) + header + code, seconds, task or Task())
        except _OvertimeError:
            allowance.took(size, seconds)
            if is_fresh:
                self._remember(digest)
            raise
        allowance.took(size, answer.seconds)
        if not answer.ok:
            raise FrameError(answer.content.decode("utf-8", "replace"))
        import numpy as np

        array: NDArray[Any] = np.load(io.BytesIO(answer.content), allow_pickle=False)
        return array

    def _remember(self, digest: bytes) -> None:
        with self._lock:
            self._too_long[digest] = None
            while len(self._too_long) > _REMEMBERED:
                del self._too_long[next(iter(self._too_long))]

    def close(self) -> None:
        """End the processes that are idle; the next frame starts another."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    def _ask(self, request: bytes, seconds: float, task: Task) -> _Answer:
        process = self._take()
        try:
            answer = process.ask(request, seconds, task)
        except BaseException:
            process.end()
            raise
        self._keep(process)
        return answer

    def _take(self) -> _Process:
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.is_alive():
                    return process
                process.end()
        return _Process()

    def _keep(self, process: _Process) -> None:
        with self._lock:
            if len(self._idle) < _KEPT:
                self._idle.append(process)
                return
        process.end()


class _OvertimeError(FrameError):
    """The system ended the process for the processor time it took."""


@dataclass(frozen=True)
class _Answer:
    """The frame, or why there is none; ``seconds`` of processor time."""

    ok: bool
    seconds: float
    content: bytes


class _Process:
    """One process, and the thread that talks with it."""

    def __init__(self) -> None:
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        command = module_command(sys.executable, "IDCBrowserLib.dicom.decoding_process")
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, creationflags=flags, env=_environment()
            )
        except OSError as error:
            raise FrameError(f"the process that decodes cannot be started: {error.strerror or error}") from error
        self._thread = ThreadPoolExecutor(1, "decoder")

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: bytes, seconds: float, task: Task) -> _Answer:
        """Raises ``FrameError`` when there is no answer in time."""
        answer = self._thread.submit(self._exchange, request)
        end = time.monotonic() + _PATIENCE_S + seconds * _WAITING
        while not wait([answer], _LOOK_S).done:
            task.raise_if_cancelled()
            if time.monotonic() > end:
                raise FrameError(_TOO_LONG)
        try:
            return answer.result()
        except (OSError, struct.error) as error:
            self._process.kill()
            if self._process.wait() == _OVERTIME:
                raise _OvertimeError(_TOO_LONG) from error
            raise FrameError("it makes the decoder crash") from error

    def end(self) -> None:
        """Whatever it does."""
        self._process.kill()
        self._process.wait()
        self._thread.shutdown()
        for stream in (self._process.stdin, self._process.stdout):
            # What it did not read cannot be sent any more.
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()

    def _exchange(self, request: bytes) -> _Answer:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(request)
        self._process.stdin.flush()
        length, ok, seconds = ANSWER.unpack(self._process.stdout.read(ANSWER.size))
        content = self._process.stdout.read(length)
        if len(content) < length:
            raise OSError("the other side has ended")
        return _Answer(ok, seconds, content)


def _environment() -> dict[str, str]:
    # Threads of NumPy reserve memory, which would count against the limit.
    return {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


# In processes that all of this program share.
decode_frame = Decoders().decode
