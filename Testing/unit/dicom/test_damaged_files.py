"""Damaged copies of images, segmentations and structure sets: each reader gives a value, or an error of ours that names the file and the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import seg_files as sf
from helpers.dicom_files import image, save
from helpers.real_data import real_data
from helpers.rtstruct_files import R, axial, box, flat, structure_set, write
from helpers.seg_fuzz import damaged_bytes
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    EnhancedCTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.labelmap.convert import convert_parts, describe
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.rtstruct.contour_lines import read_lines
from IDCBrowserLib.preview.image import picture_of_image
from IDCBrowserLib.preview.objects import local_objects
from IDCBrowserLib.store.header import read_header
from IDCBrowserLib.store.rows import instance_of
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.memory import needed_bytes
from IDCBrowserLib.volume.pixels import read_volume
from IDCBrowserLib.volume.read_grids import read_image_grids

COPIES = 25
# No sample is larger; a header that claims more is as good as another, and would only take time.
_MOST_VOXELS = 2_000_000


def imported(path: Path) -> Any:
    instance = instance_of(str(path), read_header(str(path)))
    return instance.cached(), instance.patient(), instance.study(), instance.series()


def volumes(path: Path) -> Any:
    return [read_volume(grid) for grid in read_image_grids([path], assume_positions=True) if np.prod(grid.geometry.shape, dtype=float) < _MOST_VOXELS]


def picture(path: Path) -> Any:
    return picture_of_image(local_objects([path])[0], Task())


def on_own_grid(path: Path) -> Any:
    return convert_parts(path, None, ConvertOptions(grid="own"))


IMAGE_READERS = [imported, volumes, picture, lambda path: needed_bytes([path])]
SEG_READERS = [imported, describe, convert_parts, lambda path: needed_bytes([path])]
RTSTRUCT_READERS = [imported, describe, on_own_grid, read_lines]


def enhanced(syntax: str = ExplicitVRLittleEndian) -> Dataset:
    """Four frames whose places nest in functional groups, in sequences of undefined length."""
    stored = np.random.default_rng(2).integers(0, 4000, (4, 6, 8)).astype(np.uint16)
    dataset = image(pixels=stored[0], SOPClassUID=EnhancedCTImageStorage, NumberOfFrames=4, ImagePositionPatient=None, ImageOrientationPatient=None)
    dataset.PixelData = stored.tobytes()
    dataset["PixelData"].VR = "OW"
    groups = []
    for number in range(4):
        position, group = Dataset(), Dataset()
        position.ImagePositionPatient = [0, 0, 2.5 * number]
        group.PlanePositionSequence = Sequence([position])
        groups.append(group)
    orientation, shared = Dataset(), Dataset()
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PlaneOrientationSequence = Sequence([orientation])
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])
    dataset.PerFrameFunctionalGroupsSequence = Sequence(groups)
    for sequence in (dataset["SharedFunctionalGroupsSequence"], dataset["PerFrameFunctionalGroupsSequence"]):
        sequence.is_undefined_length = True
        for item in sequence.value:
            item.is_undefined_length_sequence_item = True
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def ct(syntax: str) -> Dataset:
    dataset = image(pixels=np.random.default_rng(1).integers(-1000, 2000, (12, 10)).astype(np.int16))
    if syntax == RLELossless:
        dataset.compress(RLELossless)
    dataset["PixelData"].VR = "OB" if syntax == RLELossless else "OW"
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def structures(path: Path, syntax: str) -> Path:
    stack = axial(rows=12, columns=12)
    rois = [R(1, [flat(stack, k, box(1, 1, 7, 7), named=True) for k in range(3)], "Liver"), R(2, [], "Empty")]
    return write(structure_set(rois), path, syntax, undefined_length=syntax == ExplicitVRLittleEndian)


def made(folder: Path) -> Iterator[tuple[str, Path, list[Callable[[Path], Any]]]]:
    """Name, file, and what reads it."""
    for name, syntax in (
        ("explicit", ExplicitVRLittleEndian),
        ("implicit", ImplicitVRLittleEndian),
        ("big", ExplicitVRBigEndian),
        ("deflated", DeflatedExplicitVRLittleEndian),
        ("rle", RLELossless),
    ):
        yield f"ct {name}", save(ct(syntax), folder / f"ct-{name}.dcm"), IMAGE_READERS
    for name, syntax in (("explicit", ExplicitVRLittleEndian), ("implicit", ImplicitVRLittleEndian), ("big", ExplicitVRBigEndian)):
        yield f"enhanced {name}", save(enhanced(syntax), folder / f"enhanced-{name}.dcm"), IMAGE_READERS
    seg = sf.seg(sf.images(3, 10, 12), sf.channels(3, 10, 12, count=2))
    yield "seg explicit", sf.save(seg, folder / "seg.dcm"), SEG_READERS
    yield "seg deflated", sf.save_as(seg, folder / "seg-deflated.dcm", DeflatedExplicitVRLittleEndian), SEG_READERS
    for name, syntax in (("explicit", ExplicitVRLittleEndian), ("implicit", ImplicitVRLittleEndian), ("deflated", DeflatedExplicitVRLittleEndian)):
        yield f"rtstruct {name}", structures(folder / f"rtstruct-{name}.dcm", syntax), RTSTRUCT_READERS


MADE = [
    *(f"ct {name}" for name in ("explicit", "implicit", "big", "deflated", "rle")),
    *(f"enhanced {name}" for name in ("explicit", "implicit", "big")),
    *("seg explicit", "seg deflated", "rtstruct explicit", "rtstruct implicit", "rtstruct deflated"),
]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[bytes, list[Callable[[Path], Any]]]]:
    found = {name: (path.read_bytes(), readers) for name, path, readers in made(tmp_path_factory.mktemp("samples"))}
    assert list(found) == MADE
    return found


@pytest.mark.parametrize("name", MADE)
def test_damaged_copies_of_every_kind_of_object(name: str, samples: dict[str, Any], tmp_path: Path) -> None:
    data, readers = samples[name]
    whole = tmp_path / "whole.dcm"
    whole.write_bytes(data)
    for read in readers:
        read(whole)
    assert read_all(data, readers, tmp_path, seed=21)["refused"]


REAL = [
    "CT_small", "MR_small_RLE", "MR_small_bigendian", "MR_small_jp2klossless", "MR_small_jpeg_ls_lossless", "image_dfl", "liver_1frame", "rtdose",
    "examples_overlay", "nested_priv_SQ", "priv_SQ", "badVR", "UN_sequence", "no_meta", "meta_missing_tsyntax", "ExplVR_BigEnd", "SC_rgb_small_odd",
    "JPGExtended",
]  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_damaged_copies_of_real_images(name: str, tmp_path: Path) -> None:
    data = real_data("pydicom/test_files", f"{name}.dcm").read_bytes()
    read_all(data, IMAGE_READERS, tmp_path, seed=22, copies=8)


def read_all(data: bytes, readers: list[Callable[[Path], Any]], folder: Path, seed: int, copies: int = COPIES) -> dict[str, int]:
    """How many readings gave a value and how many were refused."""
    path = folder / "damaged.dcm"
    outcomes = {"value": 0, "refused": 0}
    for copy in damaged_bytes(data, copies, seed):
        path.write_bytes(copy)
        for read in readers:
            try:
                read(path)
                outcomes["value"] += 1
            except IDCBrowserError as error:
                assert "damaged.dcm" in str(error)
                assert len(str(error)) > len("damaged.dcm") + 10
                outcomes["refused"] += 1
    return outcomes


@pytest.mark.parametrize("name", ["priv_SQ", "nested_priv_SQ", "UN_sequence", "badVR"])
def test_real_files_with_parts_in_another_encoding_are_imported(name: str) -> None:
    path = real_data("pydicom/test_files", f"{name}.dcm")
    try:
        header = read_header(str(path))
    except IDCBrowserError as error:
        pytest.fail(f"{name} is readable, but: {error}")
    assert isinstance(header.values, dict)
