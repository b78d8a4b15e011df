"""Decoders run apart: what crashes, hangs or takes all memory there ends its frame, not the program."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pydicom
import pytest
from helpers.dicom_files import image
from helpers.real_data import real_data
from pydicom.pixels.utils import pixel_array
from pydicom.uid import JPEGLSLossless, RLELossless

from IDCBrowserLib.child_python import module_command
from IDCBrowserLib.dicom import isolated
from IDCBrowserLib.dicom.isolated import Decoders, Form, FrameError
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

    def ask(self, request: bytes, seconds: float, task: Task) -> tuple[bool, bytes]:
        os.kill(self._process.pid, signal.SIGSTOP)
        return super().ask(request, seconds, task)


@pytest.mark.skipif(os.name == "nt", reason="stops a process as POSIX does")
def test_a_decoder_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch, code: bytes) -> None:
    monkeypatch.setattr(isolated, "_Process", Stopped)
    with pytest.raises(FrameError, match="decoding takes longer than"):
        Decoders(seconds=0.1).decode(JPEGLSLossless, code, OPTIONS, Form.STORED)
    task = Task()
    task.cancel()
    with pytest.raises(CancelledError):
        Decoders().decode(JPEGLSLossless, code, OPTIONS, Form.STORED, task)


class Overtime(isolated._Process):
    """A process that the system ends for the processor time it took."""

    def ask(self, request: bytes, seconds: float, task: Task) -> tuple[bool, bytes]:
        os.kill(self._process.pid, signal.SIGXCPU)
        return super().ask(request, seconds, task)


@pytest.mark.skipif(os.name == "nt", reason="limits processor time as POSIX does")
def test_a_decoder_that_computes_for_ever_is_ended_by_its_processor_time(monkeypatch: pytest.MonkeyPatch, code: bytes) -> None:
    script = (
        "from IDCBrowserLib.dicom import isolated; import itertools\n"
        "isolated._decode = lambda request, code: [None for _ in itertools.repeat(0) if _]\n"
        "isolated._answer({'memory': isolated._MEMORY, 'seconds': 0}, b'')"
    )
    done = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": ":".join(sys.path)}, check=False, timeout=60)
    assert done.returncode == -signal.SIGXCPU
    monkeypatch.setattr(isolated, "_Process", Overtime)
    with pytest.raises(FrameError, match="decoding takes longer than"):
        Decoders().decode(JPEGLSLossless, code, OPTIONS, Form.STORED)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on memory")
def test_a_decoder_gets_no_more_memory_than_its_frame_needs() -> None:
    """NumPy is asked for more than the limit, as a decoder of a damaged frame might ask."""
    script = (
        "from IDCBrowserLib.dicom import isolated; import numpy\n"
        "isolated._decode = lambda request, code: numpy.ones(10_000_000_000, numpy.uint8)\n"
        "ok, text = isolated._answer({'memory': isolated._MEMORY, 'seconds': 15}, b''); print(ok, text.decode())"
    )
    done = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": ":".join(sys.path)}, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("False") and "Memory" in done.stdout


def test_the_process_ends_with_its_input() -> None:
    command = module_command(sys.executable, "IDCBrowserLib.dicom.isolated")
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
