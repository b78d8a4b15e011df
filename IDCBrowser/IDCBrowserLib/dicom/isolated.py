"""Frames that libraries in C decompress, in processes of their own: some of these libraries end their process over a damaged frame, never return, or
take all memory.

``python -m IDCBrowserLib.dicom.isolated`` reads ``length of both, a JSON object, the compressed frame`` from standard input and answers ``length, ok,
content`` on standard output: the frame as a ``.npy``, or why it cannot be decoded, until its input ends. The processes are kept, since starting one
takes longer than decoding. One request has one process, so that a frame that takes long does not hold up the others.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from enum import Enum
from typing import TYPE_CHECKING, Any, BinaryIO

from IDCBrowserLib.child_python import module_command
from IDCBrowserLib.dicom.pillow_frames import color_frame
from IDCBrowserLib.dicom.transfer_syntax import JPEG_2000
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Of processor time, where the system can limit it: a frame of a mammogram takes a second on a slow machine, and on a busy one everything takes long.
SECONDS = 15.0
# As many times longer at most, whatever the process waits for.
_WAITING = 4
_OVERTIME = -getattr(signal, "SIGXCPU", 0)
_BYTES_PER_SECOND = 4e6
# Beside Python, NumPy and the libraries; on systems that can limit it.
_MEMORY = 1_500_000_000
# What decoding a frame takes, in sizes of the frame: the libraries and NumPy each have copies of it.
_COPIES = 6
_REQUEST = struct.Struct("<QQ")
_ANSWER = struct.Struct("<Q?")
_LOOK_S = 0.02
# More processes than this are not kept.
_KEPT = 2


class Form(str, Enum):
    """What is wanted of a frame: values as they are stored, colors as they are shown (RGB), or the labels or bits of a segmentation."""

    STORED = "stored"
    SHOWN = "shown"
    MASK = "mask"


class FrameError(Exception):
    """A frame that cannot be decoded; the text says why."""


class Decoders:
    """Starts processes when they are needed. All of them end with the program at the latest."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._idle: list[_Process] = []
        atexit.register(self.close)

    def decode(self, syntax: str, code: bytes, options: Mapping[str, Any], form: Form, task: Task | None = None, halvings: int = 0) -> NDArray[Any]:
        """One frame, as pydicom's decoder for ``syntax`` gives it with these ``options`` (JSON-able; see ``pydicom.pixels.utils.as_pixel_options``).

        Colors that are shown come halved up to ``halvings`` times where a library does that, which is faster; else in full size.

        Raises ``FrameError``, and ``CancelledError`` soon after ``task`` is canceled.
        """
        size = int(options["rows"]) * int(options["columns"]) * int(options.get("samples_per_pixel", 1)) * (int(options["bits_allocated"]) + 7) // 8
        seconds = self._seconds + size / _BYTES_PER_SECOND
        limits = {"memory": _MEMORY + _COPIES * size, "seconds": seconds}
        header = json.dumps({"syntax": syntax, "options": dict(options), "form": form.value, "halvings": halvings, **limits}).encode()
        answer = self._ask(_REQUEST.pack(len(header), len(code)) + header + code, seconds, task or Task())
        import numpy as np

        array: NDArray[Any] = np.load(io.BytesIO(answer), allow_pickle=False)
        return array

    def close(self) -> None:
        """End the processes that are idle; the next frame starts another."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    def _ask(self, request: bytes, seconds: float, task: Task) -> bytes:
        process = self._take()
        try:
            ok, content = process.ask(request, seconds, task)
        except BaseException:
            process.end()
            raise
        self._keep(process)
        if not ok:
            raise FrameError(content.decode("utf-8", "replace"))
        return content

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


class _Process:
    """One process, and the thread that talks with it."""

    def __init__(self) -> None:
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        command = module_command(sys.executable, "IDCBrowserLib.dicom.isolated")
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, creationflags=flags, env=_environment()
            )
        except OSError as error:
            raise FrameError(f"the process that decodes cannot be started: {error.strerror or error}") from error
        self._thread = ThreadPoolExecutor(1, "decoder")

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: bytes, seconds: float, task: Task) -> tuple[bool, bytes]:
        """The answer; raises ``FrameError`` when there is none in time."""
        answer = self._thread.submit(self._exchange, request)
        too_long = f"decoding takes longer than {seconds:.0f} s"
        end = time.monotonic() + seconds * _WAITING
        while not wait([answer], _LOOK_S).done:
            task.raise_if_cancelled()
            if time.monotonic() > end:
                raise FrameError(too_long)
        try:
            return answer.result()
        except (OSError, struct.error) as error:
            self._process.kill()
            raise FrameError(too_long if self._process.wait() == _OVERTIME else "it makes the decoder crash") from error

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

    def _exchange(self, request: bytes) -> tuple[bool, bytes]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(request)
        self._process.stdin.flush()
        length, ok = _ANSWER.unpack(self._process.stdout.read(_ANSWER.size))
        content = self._process.stdout.read(length)
        if len(content) < length:
            raise OSError("the other side has ended")
        return ok, content


def _environment() -> dict[str, str]:
    # Threads of NumPy reserve memory, which would count against the limit.
    return {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


_decoders = Decoders()


def decode_frame(syntax: str, code: bytes, options: Mapping[str, Any], form: Form, task: Task | None = None, halvings: int = 0) -> NDArray[Any]:
    """See ``Decoders.decode``; in processes that all of this program share."""
    return _decoders.decode(syntax, code, options, form, task, halvings)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """The other side."""
    while len(head := requests.read(_REQUEST.size)) == _REQUEST.size:
        header, code = (requests.read(length) for length in _REQUEST.unpack(head))
        ok, answer = _answer(json.loads(header), code)
        answers.write(_ANSWER.pack(len(answer), ok) + answer)
        answers.flush()


def _answer(request: dict[str, Any], code: bytes) -> tuple[bool, bytes]:
    import numpy as np

    try:
        _limit(request["memory"], request["seconds"])
        values = _decode(request, code)
    # The seam to libraries that raise RuntimeError, ValueError, AttributeError, their own kinds...
    except Exception as error:
        reason = str(error).strip().split("\n")[0].rstrip(".")[:200]
        return False, f"{type(error).__name__}: {reason}".encode()
    file = io.BytesIO()
    np.save(file, values, allow_pickle=False)
    return True, file.getvalue()


def _decode(request: dict[str, Any], code: bytes) -> NDArray[Any]:
    form = Form(request["form"])
    usual = color_frame(request["syntax"], code, request["options"], request["halvings"]) if form is Form.SHOWN else None
    return _with_pydicom(request, code, form) if usual is None else usual


def _with_pydicom(request: dict[str, Any], code: bytes, form: Form) -> NDArray[Any]:
    # Only now: importing it takes as long as decoding a hundred tiles.
    import numpy as np
    from pydicom.encaps import encapsulate
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import UID

    if form is Form.MASK and request["syntax"] in JPEG_2000:
        # pydicom refuses frames of one bit.
        from openjpeg.utils import decode

        return np.asarray(decode(code))
    decoder = get_decoder(UID(request["syntax"]))
    plugins = sorted(decoder.available_plugins, key="gdcm".__eq__)
    plugin = plugins[0] if plugins and form is Form.MASK else ""
    return decoder.as_array(encapsulate([code]), index=0, raw=form is Form.STORED, decoding_plugin=plugin, **request["options"])[0]


def _limit(size: int, seconds: float) -> None:
    with contextlib.suppress(ImportError):
        import resource

        # One by one: a system that refuses the first still has the second.
        for limit, value in ((resource.RLIMIT_AS, size), (resource.RLIMIT_CPU, int(time.process_time() + seconds) + 1)):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(limit, (value, resource.getrlimit(limit)[1]))


if __name__ == "__main__":
    # Only answers may reach the pipe: what a library prints goes to standard error.
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    serve(sys.stdin.buffer, pipe)
