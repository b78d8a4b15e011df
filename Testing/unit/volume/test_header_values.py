"""Values of image headers as they are read without pydicom: forms, byte orders, and what makes no sense."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.dicom_files import image, save
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import RLELossless

from IDCBrowserLib.volume.image_header import header_of, open_image_header

ROWS, POINTER, OFFSETS, ECHO = 0x00280010, 0x00280009, 0x3004000C, 0x00189082


@pytest.mark.parametrize(
    ("tag", "keyword", "raw", "big_endian", "value"),
    [
        (ROWS, "Rows", b"\x04\x00", False, 4),
        (ROWS, "Rows", b"\x00\x04", True, 4),
        (ROWS, "Rows", b"\x04\x00\x05\x00", False, [4, 5]),
        (ROWS, "Rows", b"", False, None),
        (ROWS, "Rows", b"\x04\x00\x05", False, None),
        (ECHO, "EffectiveEchoTime", b"\x00\x00\x00\x00\x00\x00\x12\x40", False, 4.5),
        (ECHO, "EffectiveEchoTime", b"\x00\x00\x12\x40", False, None),
        (POINTER, "FrameIncrementPointer", b"\x54\x00\x10\x00\x54\x00\x80\x00", False, [0x00540010, 0x00540080]),
        (POINTER, "FrameIncrementPointer", b"\x00\x54\x00\x10\xff", True, [0x00540010]),
        (POINTER, "FrameIncrementPointer", b"\x54\x00", False, []),
        (OFFSETS, "GridFrameOffsetVector", b"0\\ 3\\6 ", False, ["0", "3", "6"]),
        (OFFSETS, "GridFrameOffsetVector", b"7 \0", False, "7"),
    ],
)
def test_values_are_numbers_tags_or_texts(tag: int, keyword: str, raw: bytes, big_endian: bool, value: Any) -> None:
    header = header_of({tag: raw}, big_endian)
    assert keyword in header and "Columns" not in header
    assert (header.get(keyword), header.get("Columns")) == (value, None)


@pytest.mark.parametrize(("length", "is_read"), [(4 << 20, True), ((4 << 20) + 1, False)])
def test_a_text_has_at_most_four_megabytes(length: int, is_read: bool) -> None:
    assert (header_of({OFFSETS: b"1" * length}).get("GridFrameOffsetVector") is not None) is is_read


def _several(frames: int, **elements: Any) -> Dataset:
    return image(pixels=np.zeros((4, 6), np.uint16), NumberOfFrames=frames, **elements)


@pytest.mark.parametrize(
    ("elements", "size", "most"),
    [
        # 48 bytes.
        ({}, (4, 6), 1),
        ({}, (2, 6), 2),
        ({}, (2, 5), 2),
        ({"BitsAllocated": 8}, (4, 6), 2),
        ({"BitsAllocated": 1}, (4, 6), 16),
        # Of two pixels that share their colors each has two.
        ({"BitsAllocated": 8, "SamplesPerPixel": 3}, (2, 6), 2),
        ({"BitsAllocated": 8, "SamplesPerPixel": 2}, (2, 6), 2),
        ({}, (0, 0), 384),
    ],
)
def test_pixel_data_hold_so_many_frames_of_a_size(elements: dict[str, Any], size: tuple[int, int], most: int, tmp_path: Path) -> None:
    assert open_image_header(save(_several(5, **elements), tmp_path / "a.dcm")).most_frames(*size) == most


def test_compressed_pixel_data_hold_at_most_a_frame_for_each_fragment(tmp_path: Path) -> None:
    dataset = _several(3)
    dataset.file_meta.TransferSyntaxUID = RLELossless
    dataset.PixelData = encapsulate([b"12"] * 3, has_bot=False)
    dataset["PixelData"].VR = "OB"
    length = len(dataset.PixelData)
    found = open_image_header(save(dataset, tmp_path / "a.dcm")).most_frames(4, 6)
    assert 3 <= found <= length // 8 + 1


def test_an_image_of_one_frame_holds_one(tmp_path: Path) -> None:
    assert open_image_header(save(image(), tmp_path / "a.dcm")).most_frames(1, 1) == 1
