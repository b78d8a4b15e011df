"""Decoders run apart: what crashes, hangs or takes all memory there ends its frame, not the program."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import numpy as np
import pydicom
import pytest
from helpers.dicom_files import image
from helpers.real_data import real_data
from pydicom.pixels.utils import pixel_array
from pydicom.uid import JPEGLSLossless, RLELossless

from IDCBrowserLib.child_python import module_command
from IDCBrowserLib.dicom import isolated
from IDCBrowserLib.dicom.decoding_process import Form
from IDCBrowserLib.dicom.isolated import Allowance, Decoders, FrameError
from IDCBrowserLib.dicom.with_pydicom import frame_pixels, quietly
from IDCBrowserLib.errors import CancelledError
from IDCBrowserLib.task import Task

STORED = np.random.default_rng(1).integers(-1000, 1000, (32, 48)).astype(np.int16)
OPTIONS = {
    "rows": 32,
    "columns": 48,
    "samples_per_pixel": 1,
    "bits_allocated": 16,
    "bits_stored": 16,
    "pixel_representation": 1,
    "photometric_interpretation": "MONOCHROME2",
    "number_of_frames": 1,
    "pixel_keyword": "PixelData",
}


@pytest.fixture
def decoders() -> Iterator[Decoders]:
    made = Decoders()
    yield made
    made.close()


@pytest.fixture(scope="module")
def code() -> bytes:
    from pydicom.encaps import get_frame

    dataset = image(pixels=STORED)
    dataset.compress(JPEGLSLossless)
    return get_frame(dataset.PixelData, 0, number_of_frames=1)


def test_a_process_that_ended_is_replaced(decoders: Decoders, code: bytes) -> None:
    for _ in range(2):
        assert np.array_equal(decoders.decode(JPEGLSLossless, code, OPTIONS, Form.STORED), STORED)
        (process,) = decoders._idle
        process._process.kill()
        process._process.wait()
    decoders.close()
    assert np.array_equal(decoders.decode(JPEGLSLossless, code, OPTIONS, Form.STORED), STORED)


def test_frames_side_by_side_have_processes_of_their_own(decoders: Decoders, code: bytes) -> None:
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: decoders.decode(JPEGLSLossless, code, OPTIONS, Form.STORED), range(9)))
    assert all(np.array_equal(frame, STORED) for frame in found)


@pytest.mark.parametrize("damage", [b"", b"\0" * 64, b"\xff\xd8\xff\xf7" + b"\xff" * 500])
def test_a_frame_that_is_none_is_an_error_with_its_reason(decoders: Decoders, code: bytes, damage: bytes) -> None:
    with pytest.raises(FrameError, match=r"."):
        decoders.decode(JPEGLSLossless, damage, OPTIONS, Form.STORED)
    assert np.array_equal(decoders.decode(JPEGLSLossless, code, OPTIONS, Form.STORED), STORED)


class Stopped(isolated._Process):
    """A process that does nothing any more, as one in an endless loop."""

    def ask(self, request: bytes, seconds: float, task: Task) -> Any:
        os.kill(self._process.pid, signal.SIGSTOP)
        return super().ask(request, seconds, task)


@pytest.mark.skipif(os.name == "nt", reason="stops a process as POSIX does")
def test_a_decoder_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch, code: bytes) -> None:
    monkeypatch.setattr(isolated, "_Process", Stopped)
    monkeypatch.setattr(isolated, "_PATIENCE_S", 0.1)
    with pytest.raises(FrameError, match="decoding takes too long"):
        Decoders().decode(JPEGLSLossless, code, OPTIONS, Form.STORED, allowance=Allowance(0.0))
    task = Task()
    task.cancel()
    with pytest.raises(CancelledError):
        Decoders().decode(JPEGLSLossless, code, OPTIONS, Form.STORED, task)


class Overtime(isolated._Process):
    """A process that the system ends for the processor time it took. ``asked``: how much of it was allowed, each time."""

    asked: ClassVar[list[float]] = []

    def ask(self, request: bytes, seconds: float, task: Task) -> Any:
        self.asked.append(seconds)
        os.kill(self._process.pid, signal.SIGXCPU)
        return super().ask(request, seconds, task)


@pytest.mark.skipif(os.name == "nt", reason="limits processor time as POSIX does")
def test_a_decoder_that_computes_for_ever_is_ended_by_its_processor_time() -> None:
    script = (
        "from IDCBrowserLib.dicom import decoding_process as process; import itertools\n"
        "process._decode = lambda request, code: [None for _ in itertools.repeat(0) if _]\n"
        "process._answer({'memory': 1_500_000_000, 'seconds': 0}, b'')"
    )
    done = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": ":".join(sys.path)}, check=False, timeout=60)
    assert done.returncode == -signal.SIGXCPU


@pytest.mark.skipif(os.name == "nt", reason="limits processor time as POSIX does")
def test_frames_that_take_too_long_share_the_time_of_their_object_and_are_not_tried_again(monkeypatch: pytest.MonkeyPatch, code: bytes) -> None:
    monkeypatch.setattr(isolated, "_Process", Overtime)
    decoders, allowance = Decoders(), Allowance()
    for other in (b"", b"\0", b"\0\0"):
        with pytest.raises(FrameError, match="decoding takes too long"):
            decoders.decode(JPEGLSLossless, code + other, OPTIONS, Form.STORED, allowance=allowance)
    assert Overtime.asked[0] > isolated.SECONDS > 1 > Overtime.asked[1] == Overtime.asked[2]
    with pytest.raises(FrameError, match="decoding takes too long"):
        decoders.decode(JPEGLSLossless, code, OPTIONS, Form.STORED)
    assert len(Overtime.asked) == 3


def test_a_frame_larger_than_any_is_not_decoded(decoders: Decoders, code: bytes) -> None:
    with pytest.raises(FrameError, match="is too large"):
        decoders.decode(JPEGLSLossless, code, {**OPTIONS, "rows": 20_000, "columns": 20_000}, Form.STORED)


def test_frames_in_time_leave_the_allowance_as_it_is(decoders: Decoders, code: bytes) -> None:
    allowance = Allowance(0.0)
    for _ in range(20):
        decoders.decode(JPEGLSLossless, code, OPTIONS, Form.STORED, allowance=allowance)


def printed_by(script: str) -> str:
    """In a process of its own."""
    environment = {"PYTHONPATH": ":".join(sys.path)}
    return subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on memory")
def test_a_decoder_gets_no_more_memory_than_its_frame_needs() -> None:
    """NumPy is asked for more than the limit, as a decoder of a damaged frame might ask."""
    script = (
        "from IDCBrowserLib.dicom import decoding_process as process; import numpy\n"
        "process._decode = lambda request, code: numpy.ones(10_000_000_000, numpy.uint8)\n"
        "ok, text = process._answer({'memory': 1_500_000_000, 'seconds': 15}, b''); print(ok, text.decode())"
    )
    said = printed_by(script)
    assert said.startswith("False") and "Memory" in said


def test_a_library_that_says_nothing_is_named_once() -> None:
    script = (
        "from IDCBrowserLib.dicom import decoding_process as process\n"
        "process._decode = lambda request, code: next(iter([]))\n"
        "print(*process._answer({'memory': 1 << 40, 'seconds': 15}, b''))"
    )
    assert printed_by(script) == "False b'StopIteration'\n"


def test_the_process_ends_with_its_input() -> None:
    command = module_command(sys.executable, "IDCBrowserLib.dicom.decoding_process")
    assert subprocess.run(command, input=b"", capture_output=True, check=True, timeout=60).stdout == b""


@pytest.mark.parametrize("syntax", [JPEGLSLossless, RLELossless])
def test_frames_come_as_pydicom_decodes_them(syntax: str) -> None:
    dataset = image(pixels=STORED)
    dataset.compress(syntax)
    assert np.array_equal(frame_pixels(dataset, 0, raw=True), STORED)


@pytest.mark.real_data
@quietly()
def test_real_compressed_files_come_as_pydicom_decodes_them() -> None:
    compared = 0
    for path in sorted(real_data("pydicom", "test_files").glob("*.dcm")):
        dataset = pydicom.dcmread(path, force=True)
        if not getattr(dataset.get("file_meta"), "TransferSyntaxUID", None) or "PixelData" not in dataset:
            continue
        if not dataset.file_meta.TransferSyntaxUID.is_encapsulated:
            continue
        for raw in (False, True):
            try:
                expected = pixel_array(dataset, index=0, raw=raw)
            except Exception:  # what pydicom cannot decode
                with pytest.raises(Exception, match=r"."):
                    frame_pixels(dataset, 0, raw)
            else:
                assert np.array_equal(frame_pixels(dataset, 0, raw), expected), path
                compared += 1
    assert compared > 20
