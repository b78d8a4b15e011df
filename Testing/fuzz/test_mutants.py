"""Damaged input of every kind: no crash, no internal error, nothing that takes long or much memory, and no other voxels without a word.

``IDC_BROWSER_FUZZ_MUTANTS`` of each kind; ``make fuzz`` takes 20,000. The figures are told at the end.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import figures, mutated
from helpers.fuzz_run import Worker
from helpers.second_rtstruct import voxels_and_names

NUMBER = int(os.environ.get("IDC_BROWSER_FUZZ_MUTANTS", "30"))
SEED = int(os.environ.get("IDC_BROWSER_FUZZ_SEED", "1"))
pytestmark = pytest.mark.skipif(os.name == "nt", reason="measures memory as POSIX does")


@pytest.fixture
def worker(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Worker]:
    made = Worker(tmp_path)
    yield made
    made.close()
    figures.tell(f"{request.node.name}: {made.figures()}")


def check(worker: Worker) -> None:
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
    other = {key: (name, names.get(key)) for key, name in told["names"].items() if name.isascii() and _visible(name) != _visible(names.get(key, ""))}
    return f"names {other}" if other else ""


def _visible(text: str) -> str:
    """What can be seen of a text: how readers treat control characters around it differs."""
    return "".join(character for character in text if character.isprintable()).strip()


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
