"""Decoding of compressed frames in a process of its own: some decoders end the whole process over a damaged frame.

``python -m IDCBrowserLib.preview.isolated`` reads ``length, frame, DICOM data set`` from standard input and answers ``length, array`` (a ``.npy``; a
length of 0 where it cannot be decoded) on standard output, until its input ends. It is kept: starting it takes longer than decoding.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import os
import struct
import subprocess
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from IDCBrowserLib.child_python import module_command
from IDCBrowserLib.errors import CancelledError, ConversionError
from IDCBrowserLib.preview.gathering import gather
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

_REQUEST = struct.Struct("<QQ")
_ANSWER = struct.Struct("<Q")
_PIXEL_GROUP = 0x0028
# Tables that colors and gray values are looked up in play no part in decoding.
_LEFT_OUT = (0x00283000, 0x00283010)


class Decoder:
    """Decodes frames one after the other. ``end`` stops its process; the next frame starts another. It ends with the program at the latest."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def decode(self, dataset: Dataset, frame: int, task: Task) -> NDArray[Any]:
        """Frame ``frame``, from 0: as stored where it is gray, else RGB. Raises ``ConversionError`` for one that cannot be decoded."""
        content = _pixel_module(dataset)
        try:
            (answer,) = gather([partial(self._ask, content, frame)], task)
        except CancelledError:
            # A decoder that hangs must not keep the next picture waiting.
            self.end()
            raise
        if not answer:
            raise ConversionError("The pixels cannot be decoded.")
        import numpy as np

        array: NDArray[Any] = np.load(io.BytesIO(answer), allow_pickle=False)
        return array

    def end(self) -> None:
        """Stop the process, whatever it does."""
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """Stop the process and let go of its pipes."""
        self.end()
        with self._lock:
            process, self._process = self._process, None
            if process is not None:
                _let_go(process)

    def _ask(self, content: bytes, frame: int) -> bytes:
        with self._lock:
            if self._process is not None and self._process.poll() is not None:
                _let_go(self._process)
                self._process = None
            if self._process is None:
                self._process = _start()
            process = self._process
            assert process.stdin is not None and process.stdout is not None
            try:
                process.stdin.write(_REQUEST.pack(len(content), frame) + content)
                process.stdin.flush()
                (length,) = _ANSWER.unpack(_read(process.stdout, _ANSWER.size))
                return _read(process.stdout, length)
            except (OSError, struct.error):
                # It ended over this frame.
                process.kill()
                _let_go(process)
                self._process = None
                return b""


def _start() -> subprocess.Popen[bytes]:
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    return subprocess.Popen(
        module_command(sys.executable, "IDCBrowserLib.preview.isolated"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=flags,
    )


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """After its end."""
    process.wait()
    for stream in (process.stdin, process.stdout):
        # What it did not read cannot be sent any more.
        with contextlib.suppress(OSError):
            if stream is not None:
                stream.close()


def _pixel_module(dataset: Dataset) -> bytes:
    """What a decoder needs of a data set, as a file."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.filewriter import dcmwrite

    part = dataset.group_dataset(_PIXEL_GROUP)
    for tag in _LEFT_OUT:
        part.pop(tag, None)
    part["PixelData"] = dataset["PixelData"]
    part.file_meta = FileMetaDataset()
    part.file_meta.TransferSyntaxUID = dataset.file_meta.TransferSyntaxUID
    file = io.BytesIO()
    dcmwrite(file, part, implicit_vr=False, little_endian=True)
    return file.getvalue()


def _read(stream: Any, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise OSError("the other side has ended")
    return bytes(content)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """The other side of ``Decoder``."""
    while len(head := requests.read(_REQUEST.size)) == _REQUEST.size:
        length, frame = _REQUEST.unpack(head)
        answer = _answer(requests.read(length), frame)
        answers.write(_ANSWER.pack(len(answer)) + answer)
        answers.flush()


def _answer(content: bytes, frame: int) -> bytes:
    import numpy as np
    import pydicom
    from pydicom.pixels.utils import pixel_array

    from IDCBrowserLib.dicom.with_pydicom import quietly

    try:
        with quietly():
            dataset = pydicom.dcmread(io.BytesIO(content), force=True)
            values = pixel_array(dataset, index=frame, raw=dataset.get("SamplesPerPixel", 1) == 1)
    # Decoder plug-ins raise RuntimeError, ValueError, AttributeError, their own kinds...
    except Exception:
        return b""
    file = io.BytesIO()
    np.save(file, values, allow_pickle=False)
    return file.getvalue()


if __name__ == "__main__":
    # Only answers may reach the pipe: what a library prints goes to standard error.
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, pipe)
