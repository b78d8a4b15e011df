"""Damaged input of every kind: no crash, no internal error, nothing that takes long or much memory, and no other voxels without a word.

``IDC_BROWSER_FUZZ_MUTANTS`` of each kind; ``make fuzz`` takes 20,000.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import fuzz_worker, mutated
from helpers.second_rtstruct import voxels_and_names

NUMBER = int(os.environ.get("IDC_BROWSER_FUZZ_MUTANTS", "30"))
SEED = int(os.environ.get("IDC_BROWSER_FUZZ_SEED", "1"))
SECONDS, MEGABYTES = 20, 2000
pytestmark = pytest.mark.skipif(os.name == "nt", reason="measures memory as POSIX does")


class Worker:
    """``fuzz_worker`` in a process; it is started again after a crash or a hang, which are counted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []
        self.ends = {"done": 0, "refused": 0}
        self._process: subprocess.Popen[str] | None = None

    def try_one(self, kind: str, name: str) -> dict[str, Any]:
        """The answer; empty after a crash or a hang. What must not happen goes into ``problems``, and its input is kept."""
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        with contextlib.suppress(OSError):
            process.stdin.write(f"{kind} {name}\n")
            process.stdin.flush()
        read: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=lambda: read.put(process.stdout.readline()), daemon=True).start()  # type: ignore[union-attr]
        try:
            line = read.get(timeout=SECONDS + 10)
        except queue.Empty:
            self.close()
            return self._problem(name, "it hangs")
        if not line:
            process.wait()
            return self._problem(name, f"the process ended with {process.returncode}")
        told: dict[str, Any] = json.loads(line)
        if told["end"] == "internal":
            return self._problem(name, told["text"])
        self.ends[told["end"]] += 1
        if told["seconds"] > SECONDS or told["megabytes"] > MEGABYTES:
            self._problem(name, f"{told['seconds']:.0f} s, {told['megabytes']} MB")
            self.close()
        return told

    def silent(self, name: str, text: str) -> None:
        """Other voxels without a word."""
        self._problem(name, text)

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, fuzz_worker.__file__, str(self.folder)]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return self._process

    def _problem(self, name: str, text: str) -> dict[str, Any]:
        kept = self.folder / f"problem-{len(self.problems)}-{name}"
        (self.folder / name).replace(kept)
        self.problems.append(f"{kept}: {text}")
        return {}


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    made = Worker(tmp_path)
    yield made
    made.close()


def check(worker: Worker) -> None:
    print(worker.ends, len(worker.problems), "problems")
    assert worker.problems == []
    assert worker.ends["refused"]


def test_damaged_manifests(worker: Worker) -> None:
    for ending, content in mutated.manifests(NUMBER, SEED):
        (worker.folder / f"m{ending}").write_bytes(content)
        told = worker.try_one("manifest", f"m{ending}")
        known = {row["SeriesInstanceUID"] for row in mutated.SERIES} | {mutated.GONE_UID}
        assert set(told.get("voxels", ())) <= known
    assert worker.problems == []


@pytest.mark.parametrize("kind", ["seg", "rtstruct", "image"])
def test_damaged_dicom_files(kind: str, worker: Worker) -> None:
    files = mutated.originals(worker.folder)[kind]
    for name, data in mutated.dicom(files, NUMBER, SEED):
        (worker.folder / "x.dcm").write_bytes(data)
        told = worker.try_one(kind, "x.dcm")
        if told.get("end") == "done" and not told["warnings"]:
            problem = _other_voxels(kind, worker.folder / "x.dcm", told)
            if problem:
                worker.silent("x.dcm", f"{name}: {problem}")
    check(worker)


def _other_voxels(kind: str, path: Path, told: dict[str, Any]) -> str:
    """What pydicom reads in the same file; "" where that is the same, or pydicom reads nothing."""
    if kind == "rtstruct":
        return _other_contours(path, told)
    found: dict[str, float] = told["voxels"]
    expected = _by_segment(path) if kind == "seg" else _sums(path)
    if kind == "seg":
        found = {number: voxels for number, voxels in found.items() if number != "0"}  # the background of a label map
    if expected is None or {key: value for key, value in found.items() if value} == {key: value for key, value in expected.items() if value}:
        return ""
    return f"{found} instead of {expected}"


def _other_contours(path: Path, told: dict[str, Any]) -> str:
    """The same for voxels and names of ROIs. A name that is no ASCII any more is decoded by guess, which each reader does in its way."""
    with _quiet():
        expected = voxels_and_names(path, mutated.STACK)
    if expected is None:
        return ""
    voxels, names = expected
    if {key: value for key, value in told["voxels"].items() if value} != {key: value for key, value in voxels.items() if value}:
        return f"{told['voxels']} instead of {voxels}"
    other = {key: (name, names.get(key)) for key, name in told["names"].items() if name.isascii() and name.strip() != names.get(key, "").strip()}
    return f"names {other}" if other else ""


def _sums(path: Path) -> dict[str, float] | None:
    """Of the values of an image of one frame, after its rescale."""
    from pydicom import dcmread
    from pydicom.pixels.processing import apply_rescale

    try:
        with _quiet():
            dataset = dcmread(path, force=True)
            return {"0": float(apply_rescale(dataset.pixel_array, dataset).astype(np.float64).sum())}
    except Exception:  # pydicom gives up on what is damaged
        return None


def _by_segment(path: Path) -> dict[str, float] | None:
    """Voxels of each segment of a SEG whose frames are at different places."""
    from pydicom import dcmread

    try:
        with _quiet():
            dataset = dcmread(path, force=True)
            pixels = np.atleast_3d(dataset.pixel_array).reshape(-1, int(dataset.Rows), int(dataset.Columns))
            if dataset.get("PixelPaddingValue") or dataset.BitsStored != dataset.BitsAllocated:
                return None  # pydicom knows no background other than 0, and cuts labels that do not fit
            if dataset.SegmentationType == "LABELMAP":
                numbers, counts = np.unique(pixels, return_counts=True)
                return {str(number): int(amount) for number, amount in zip(numbers, counts, strict=True) if number}
            if dataset.SegmentationType != "BINARY":
                return None
            found: dict[str, float] = {}
            for frame, item in zip(pixels, dataset.PerFrameFunctionalGroupsSequence, strict=True):
                number = str(item.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
                found[number] = found.get(number, 0) + int(np.count_nonzero(frame))
            return found
    except Exception:  # pydicom gives up on what is damaged
        return None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    import logging
    import warnings

    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)
