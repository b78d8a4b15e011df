"""Deflated DICOM files that inflate to far more than they are, made without ever holding what they inflate to."""

from __future__ import annotations

import functools
import struct
import zlib
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from helpers.dicom_files import save

_BLOCK = 16 << 20


def bomb(dataset: Dataset, path: Path, mebibytes: int, tag: int = 0x7FE00010) -> Path:
    """``dataset`` followed by an element ``tag`` (OB) of so many MiB of zeros, deflated."""
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    if tag in dataset:
        del dataset[tag]
    save(dataset, path)
    data = path.read_bytes()
    start = data.index(b"\x02\0\x00\0UL") + 12 + int.from_bytes(data[140:144], "little")
    plain = zlib.decompress(data[start:], -zlib.MAX_WBITS)
    head = struct.pack("<HH2sHI", tag >> 16, tag & 0xFFFF, b"OB", 0, mebibytes << 20)
    path.write_bytes(data[:start] + deflated(_inserted(plain, tag, head), mebibytes))
    return path


def deflated(plain: bytes, mebibytes: int) -> bytes:
    """``plain`` and then so many MiB of zeros (a multiple of 16)."""
    first = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    begin = first.compress(plain) + first.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS).flush()
    return begin + _zeros() * (mebibytes * (1 << 20) // _BLOCK) + end


@functools.cache
def _zeros() -> bytes:
    """A block of zeros that stands for itself, wherever it comes."""
    zeros = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return zeros.compress(bytes(_BLOCK)) + zeros.flush(zlib.Z_FULL_FLUSH)


def _inserted(plain: bytes, tag: int, head: bytes) -> bytes:
    """The header of the large element last: what comes behind its tag is left out."""
    position = 0
    while position + 8 <= len(plain):
        group, element, vr, length = struct.unpack_from("<HH2sH", plain, position)
        if group << 16 | element > tag:
            break
        start = position + 8
        if vr in (b"OB", b"OW", b"SQ", b"UN", b"UT"):
            length, start = struct.unpack_from("<I", plain, start)[0], start + 4
        position = start + length
    return plain[:position] + head
