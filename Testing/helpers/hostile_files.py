"""DICOM files that are made to cost: small, and asking for much. Each is read or refused in a moment."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.encaps import encapsulate, get_frame
from pydicom.uid import UID, JPEG2000Lossless, JPEGLSLossless, RLELossless

from helpers.deflated_files import bomb
from helpers.dicom_files import image, save

_UNDEFINED = 0xFFFFFFFF
_END_OF_ITEMS = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
_END_OF_ITEM = struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
# Where a sequence may stand in images and segmentations alike.
_SEQUENCE = 0x00081115
_BYTES = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PixelRepresentation": 0}

Made = Callable[[Path], Path]


def _item(content: bytes) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content


def _element(vr: bytes, length: int, tag: int = _SEQUENCE) -> bytes:
    return struct.pack("<HH2sHI", tag >> 16, tag & 0xFFFF, vr, 0, length)


def _nested(depth: int, closed: bool) -> bytes:
    start = _element(b"SQ", _UNDEFINED) + struct.pack("<HHI", 0xFFFE, 0xE000, _UNDEFINED)
    return start * depth + (_END_OF_ITEM + _END_OF_ITEMS) * (depth if closed else 0)


def _nested_by_length(depth: int) -> bytes:
    found = b""
    for _ in range(depth):
        found = _element(b"SQ", len(found) + 8) + _item(found)
    return found


_EMPTY = struct.pack("<HH2sH", 0x0020, 0x0012, b"IS", 0)
_MANY_ITEMS = _item(b"") * 1_000_000
_WIDE = struct.pack("<HHI", 0xFFFE, 0xE000, _UNDEFINED) + _EMPTY * 90_000 + _END_OF_ITEM

# What stands in the header, before everything of the image.
HEADERS: dict[str, bytes] = {
    "10,000 sequences in each other": _nested(10_000, True),
    "10,000 sequences in each other that do not end": _nested(10_000, False),
    "3,000 sequences of stated length in each other": _nested_by_length(3000),
    "a million items": _element(b"SQ", _UNDEFINED) + _MANY_ITEMS + _END_OF_ITEMS,
    "a million items of stated length": _element(b"SQ", len(_MANY_ITEMS)) + _MANY_ITEMS,
    "three million elements": _element(b"SQ", _UNDEFINED) + _WIDE * 33 + _END_OF_ITEMS,
    "three million values": _element(b"DS", 6_000_000) + b"1\\" * 3_000_000,
    "an undefined length that is none": _element(b"UN", _UNDEFINED) + b"\1" * 5_000_000,
    "60,000 undefined lengths": b"".join(_element(b"UN", _UNDEFINED, 0x00090000 + i) + _END_OF_ITEMS for i in range(0x1000, 0xFA60)),
}


def with_header(file: bytes, part: bytes) -> bytes:
    """A file in explicit little endian with this before its Patient's Name or ID (0010,xxxx)."""
    at = min(place for tag in (0x0010, 0x0020) if (place := file.find(struct.pack("<HH", 0x0010, tag) + (b"PN" if tag == 0x0010 else b"LO"))) > 0)
    return file[:at] + part + file[at:]


def _code(syntax: UID) -> bytes:
    pixels = np.zeros((64, 64), np.int16)
    if syntax == JPEG2000Lossless:
        from openjpeg.utils import encode_array

        return bytes(encode_array(pixels, bits_stored=16, photometric_interpretation=2))
    dataset = image(pixels=pixels)
    dataset.compress(syntax, generate_instance_uid=False)
    return get_frame(dataset.PixelData, 0, number_of_frames=1)


def _packed(path: Path, pixels: bytes, syntax: UID, **elements: Any) -> Path:
    dataset = image(**elements)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = pixels
    dataset["PixelData"].is_undefined_length = True
    dataset["PixelData"].VR = "OB"
    return save(dataset, path)


def _large_jpeg_ls(path: Path, side: int) -> Path:
    code = bytearray(_code(JPEGLSLossless))
    struct.pack_into(">HH", code, code.find(b"\xff\xf7") + 5, side, side)
    return _packed(path, encapsulate([bytes(code)]), JPEGLSLossless, Rows=side, Columns=side)


def _large_jpeg_2000(path: Path, side: int, tile: int) -> Path:
    code = bytearray(_code(JPEG2000Lossless))
    at = code.find(b"\xff\x4f\xff\x51")
    struct.pack_into(">II", code, at + 8, side, side)
    struct.pack_into(">II", code, at + 24, tile, tile)
    return _packed(path, encapsulate([bytes(code)]), JPEG2000Lossless, Rows=side, Columns=side)


def _rle(path: Path, segment: bytes, frames: int = 1, side: int = 64) -> Path:
    frame = struct.pack("<16I", 1, 64, *[0] * 14) + segment
    more = {"NumberOfFrames": frames} if frames > 1 else {}
    return _packed(path, encapsulate([frame] * frames), RLELossless, Rows=side, Columns=side, **_BYTES, **more)


def _fragments(path: Path, table: bytes, count: int, frames: int) -> Path:
    fragment = _code(RLELossless)
    pixels = _item(table) + _item(fragment + b"\0" * (len(fragment) % 2)) * count + _END_OF_ITEMS
    return _packed(path, pixels, RLELossless, Rows=64, Columns=64, NumberOfFrames=frames)


_TABLE = struct.pack("<500000I", *range(500_000))

IMAGES: dict[str, Made] = {
    "65,535 rows and columns": lambda path: save(image(Rows=65535, Columns=65535), path),
    "a million frames": lambda path: save(image(NumberOfFrames=1_000_000), path),
    "99,999 frames": lambda path: save(image(NumberOfFrames=99_999), path),
    "a thousand million frames": lambda path: save(image(NumberOfFrames=999_999_999), path),
    "900,000 frames that are there": lambda path: save(
        image(pixels=np.zeros((1, 1), np.uint8), NumberOfFrames=900_000, PixelData=bytes(900_000)), path
    ),
    "JPEG-LS of 65,535 rows": lambda path: _large_jpeg_ls(path, 65535),
    "JPEG-LS of 20,000 rows": lambda path: _large_jpeg_ls(path, 20_000),
    "JPEG 2000 of 16,000 rows": lambda path: _large_jpeg_2000(path, 16_000, 16_000),
    "JPEG 2000 of 16,000 rows in tiles": lambda path: _large_jpeg_2000(path, 16_000, 256),
    "RLE that says nothing": lambda path: _rle(path, b"\x80" * 20_000_000),
    "RLE that says nothing in 20 frames": lambda path: _rle(path, b"\x80" * 900_000, 20),
    "RLE that repeats": lambda path: _rle(path, b"\x81\0" * 8_000_000, side=32_000),
    "an offset table of 500,000 frames": lambda path: _fragments(path, _TABLE, 3, 500_000),
    "an offset table of others": lambda path: _fragments(path, _TABLE, 300, 300),
    "3,000 frames without an offset table": lambda path: _fragments(path, b"", 3000, 3000),
    "fragments that fit no frames": lambda path: _fragments(path, b"", 3000, 2000),
    "deflated, of 1 GB": lambda path: bomb(image(Rows=16384, Columns=32768), path, 1008),
    "deflated, of 4 GB": lambda path: bomb(image(Rows=65535, Columns=65535), path, 4080),
    "deflated, with a header of 256 MB": lambda path: bomb(image(), path, 256, 0x00209116),
}
