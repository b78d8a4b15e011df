"""Run-length encoded frames (PS3.5 annex G), of 1, 8 or 16 bits a pixel."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEADER = 64


class RleError(ValueError):
    """The bytes are no RLE frame of the size that is wanted; the message says why."""


def decode_rle(code: bytes, pixels: int, bits: int) -> NDArray[Any]:
    """The values of a frame, flat. 1-bit frames are stored packed, the first pixel in the lowest bit, or as one byte a pixel."""
    count = max(1, bits // 8)
    segments = _segments(code, count)
    if bits == 1:
        return _bits(segments[0], pixels)
    planes = [np.frombuffer(_unpack(segment, pixels), np.uint8) for segment in segments]
    if count == 1:
        return planes[0]
    # The most significant bytes come first.
    return planes[0].astype(np.uint16) << 8 | planes[1]


def _segments(code: bytes, count: int) -> list[bytes]:
    if len(code) < _HEADER:
        raise RleError("it is shorter than its header")
    found, *offsets = struct.unpack_from("<16I", code)
    if found != count:
        raise RleError(f"it has {found} segments instead of {count}")
    begins = [*offsets[:count], len(code)]
    if begins[0] < _HEADER or any(first > second for first, second in pairwise(begins)):
        raise RleError("its segment offsets are wrong")
    return [code[first:second] for first, second in pairwise(begins)]


def _bits(segment: bytes, pixels: int) -> NDArray[np.uint8]:
    packed_size = (pixels + 7) // 8
    data = _unpack(segment, pixels, at_least=packed_size)
    if len(data) == pixels and pixels > packed_size:
        return np.frombuffer(data, np.uint8)
    return np.unpackbits(np.frombuffer(data[:packed_size], np.uint8), bitorder="little")[:pixels]


def _unpack(segment: bytes, size: int, at_least: int = 0) -> bytes:
    """PackBits; stops at ``size`` bytes. What follows is padding."""
    out = bytearray()
    position, end = 0, len(segment)
    while position + 1 < end and len(out) < size:
        control = segment[position]
        if control < 128:
            out += segment[position + 1 : position + 2 + control]
            position += 2 + control
        else:
            if control > 128:
                out += segment[position + 1 : position + 2] * (257 - control)
            position += 2 if control > 128 else 1
    if len(out) < (at_least or size):
        raise RleError(f"it ends after {len(out)} of {size} bytes")
    return bytes(out[:size])
