"""A small picture: square pixels, at most 512 a side, as a PNG that carries its own description."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDE = 512
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"Description"
# Nothing medical is narrower; a header that says so is wrong.
_MOST_ASPECT = 20.0


@dataclass(frozen=True)
class Picture:
    """``pixels`` (rows, columns) or (rows, columns, 3), 0 to 255. ``description`` says in words what is to be seen."""

    pixels: NDArray[np.uint8]
    description: str


def fitted(values: NDArray[Any], aspect: float = 1.0, side: int = SIDE) -> NDArray[np.float32]:
    """``values`` (rows, columns[, 3]) with square pixels and at most ``side`` of them a side. ``aspect``: height of a pixel over its width.

    Shrinking averages over areas, stretching interpolates linearly; what already fits comes back as it is.
    """
    if not 1 / _MOST_ASPECT <= aspect <= _MOST_ASPECT:
        aspect = 1.0
    rows, columns = values.shape[:2]
    height, width = rows * max(aspect, 1.0), columns * max(1 / aspect, 1.0)
    scale = min(1.0, side / max(height, width))
    target = max(1, round(height * scale)), max(1, round(width * scale))
    out = _averaged(values, max(1, rows // (2 * target[0])), max(1, columns // (2 * target[1]))).astype(np.float32, copy=False)
    for axis in (0, 1):
        if out.shape[axis] != target[axis]:
            out = np.moveaxis(np.tensordot(_weights(out.shape[axis], target[axis]), out, (1, axis)), 0, axis)
    return out


def _averaged(values: NDArray[Any], down: int, across: int) -> NDArray[Any]:
    """Means of blocks; what is over at the end is left out."""
    if down == across == 1:
        return values
    rows, columns = values.shape[0] // down, values.shape[1] // across
    blocks = values[: rows * down, : columns * across].reshape(rows, down, columns, across, *values.shape[2:])
    means: NDArray[Any] = blocks.mean(axis=(1, 3), dtype=np.float32)
    return means


def _weights(old: int, new: int) -> NDArray[np.float32]:
    """(new, old): how much of each old pixel goes into each new one."""
    if new < old:
        edges = np.arange(new + 1) * (old / new)
        shares: NDArray[np.float64] = np.minimum(edges[1:, None], np.arange(1, old + 1)) - np.maximum(edges[:-1, None], np.arange(old))
        shares *= new / old
    else:
        places = np.clip((np.arange(new) + 0.5) * (old / new) - 0.5, 0, old - 1)
        shares = 1 - abs(places[:, None] - np.arange(old))
    return shares.clip(0, None).astype(np.float32)


def windowed(values: NDArray[Any], window: tuple[float, float], inverted: bool, exact: bool = False) -> NDArray[np.uint8]:
    """Values as gray, by DICOM's linear window function (PS3.3 C.11.2.1.2.1), or, ``exact``, by the one for fractions (C.11.2.1.3.2)."""
    center, width = window if exact else (window[0] - 0.5, window[1] - 1)
    shares = (values.astype(np.float32) - np.float32(center)) / np.float32(max(width, 1e-6)) + np.float32(0.5)
    gray = to_bytes(255 * np.nan_to_num(shares, nan=0.0))
    return 255 - gray if inverted else gray


def to_bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Rounded, 0 to 255."""
    rounded: NDArray[Any] = np.rint(values)
    return rounded.clip(0, 255).astype(np.uint8)


def to_png(picture: Picture) -> bytes:
    """PNG (ISO/IEC 15948) of 8 bits, gray or RGB, with the description as international text."""
    pixels = np.ascontiguousarray(picture.pixels)
    rows, columns = pixels.shape[:2]
    kind = 2 if pixels.ndim == 3 else 0
    # Each line begins with the number of its filter; 1 is the difference to the pixel on the left.
    lines = pixels.reshape(rows, columns, -1)
    steps = np.diff(lines, axis=1, prepend=np.zeros_like(lines[:, :1])).reshape(rows, -1)
    raw = np.concatenate([np.ones((rows, 1), np.uint8), steps], axis=1).tobytes()
    text = _KEYWORD + b"\0\0\0\0\0" + picture.description.encode()
    header = struct.pack(">IIBBBBB", columns, rows, 8, kind, 0, 0, 0)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"iTXt", text) + _chunk(b"IDAT", zlib.compress(raw, 4)) + _chunk(b"IEND", b"")


def from_png(png: bytes) -> Picture:
    """The picture in a PNG of ours; raises ``ValueError`` for anything else."""
    description, pixels, size = png_description(png), b"", (0, 0, 0)
    at = len(_SIGNATURE)
    while description is not None and at + 8 <= len(png):
        length, kind = int(struct.unpack(">I", png[at : at + 4])[0]), png[at + 4 : at + 8]
        content = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            columns, rows, _bits, form = struct.unpack(">IIBB", content[:10])
            size = (rows, columns, 3 if form == 2 else 1)
        elif kind == b"IDAT":
            pixels += content
        at += length + 12
    rows, columns, samples = size
    if description is None or not 0 < rows * columns <= SIDE * SIDE:
        raise ValueError("no picture of this program")
    try:
        raw = np.frombuffer(zlib.decompressobj().decompress(pixels, rows * (1 + columns * samples)), np.uint8)
        steps = raw.reshape(rows, 1 + columns * samples)[:, 1:].reshape(rows, columns, samples)
    except zlib.error as error:
        raise ValueError("no picture of this program") from error
    # Sums of bytes wrap as the differences did.
    made = np.cumsum(steps, axis=1, dtype=np.uint8)
    return Picture(made if samples == 3 else made[..., 0], description)


def to_pnm(picture: Picture) -> bytes:
    """Binary PGM or PPM: larger than PNG, and made in no time."""
    pixels = np.ascontiguousarray(picture.pixels)
    kind = "P6" if pixels.ndim == 3 else "P5"
    return f"{kind}\n{pixels.shape[1]} {pixels.shape[0]}\n255\n".encode() + pixels.tobytes()


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_description(png: bytes) -> str | None:
    """The description in a PNG of ours, of which the first bytes are enough; None for anything else."""
    at = len(_SIGNATURE) + 25
    head = png[at : at + 8]
    if png[: len(_SIGNATURE)] != _SIGNATURE or head[4:] != b"iTXt":
        return None
    content = png[at + 8 : at + 8 + int(struct.unpack(">I", head[:4])[0])]
    keyword, _zero, rest = content.partition(b"\0")
    return rest[4:].decode("utf-8", "replace") if keyword == _KEYWORD else None
