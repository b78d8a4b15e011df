"""STL (3D Systems, 1989), binary or text, as points and triangles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.errors import ConversionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A display of more would not move; each takes 50 bytes in the file.
MOST_TRIANGLES = 5_000_000
_HEADER, _TRIANGLE = 84, 50
_FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_VERTEX = re.compile(rb"\bvertex\s+(\S+)\s+(\S+)\s+(\S+)", re.IGNORECASE)


@dataclass(frozen=True)
class Mesh:
    """``points`` (n, 3) float32; ``triangles`` (m, 3) int32, indices of points, counterclockwise seen from outside."""

    points: NDArray[np.float32]
    triangles: NDArray[np.int32]


def read_stl(data: bytes, name: str) -> Mesh:
    """Equal corners of triangles become one point. Raises ``ConversionError`` for what is no STL, is cut off, or has too many triangles."""
    corners = _binary(data, name) if _is_binary(data) else _text(data, name)
    if not len(corners):
        raise ConversionError(f"{name} contains no triangle.")
    if not np.isfinite(corners).all():
        raise ConversionError(f"{name} contains points that are not numbers; the surface is damaged.")
    flat = np.ascontiguousarray(corners.reshape(-1, 3) + np.float32(0.0))
    _, first, inverse = np.unique(flat.view([("", np.float32)] * 3).ravel(), return_index=True, return_inverse=True)
    triangles = inverse.reshape(-1, 3).astype(np.int32)
    whole = (triangles[:, 0] != triangles[:, 1]) & (triangles[:, 1] != triangles[:, 2]) & (triangles[:, 0] != triangles[:, 2])
    return Mesh(flat[first], triangles[whole])


def _is_binary(data: bytes) -> bool:
    """Some writers begin binary files with "solid" as well; a text has no zeros, which the number of triangles and its corners have."""
    return not data.lstrip().lower().startswith(b"solid") or b"\0" in data[: _HEADER + _TRIANGLE].rstrip(b"\0")


def _binary(data: bytes, name: str) -> NDArray[np.float32]:
    count = int.from_bytes(data[80:84], "little") if len(data) >= _HEADER else 0
    _check_count(count, name)
    if len(data) < _HEADER + _TRIANGLE * count or len(data) < _HEADER:
        raise ConversionError(f"{name} says {count:,} triangles, but its {len(data):,} bytes are too few for them. Download it again.")
    corners: NDArray[np.float32] = np.frombuffer(data, _FACET, count, _HEADER)["corners"].astype(np.float32)
    return corners


def _text(data: bytes, name: str) -> NDArray[np.float32]:
    _check_count(data.lower().count(b"endfacet"), name)
    try:
        values = np.array(_VERTEX.findall(data)).astype(np.float64)
    except ValueError as error:
        raise ConversionError(f"{name} contains points that are not numbers; the surface is damaged.") from error
    if len(values) % 3:
        raise ConversionError(f"{name} ends within a triangle. Download it again.")
    return values.reshape(-1, 3, 3).astype(np.float32)


def _check_count(count: int, name: str) -> None:
    if count > MOST_TRIANGLES:
        raise ConversionError(f"{name} has {count:,} triangles; at most {MOST_TRIANGLES:,} can be shown. Reduce it with another program.")
