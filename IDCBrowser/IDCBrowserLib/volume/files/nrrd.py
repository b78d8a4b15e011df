"""NRRD volumes (teem.sourceforge.net/nrrd/format.html)."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.volume.files.gzip_member import write_gzip

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.volume.geometry import Geometry

_TYPE_NAMES = {
    "uint8": "unsigned char",
    "int8": "signed char",
    "int16": "short",
    "uint16": "unsigned short",
    "int32": "int",
    "uint32": "unsigned int",
    "int64": "long long int",
    "uint64": "unsigned long long int",
    "float32": "float",
    "float64": "double",
}


def nrrd_header(volume: NDArray[Any], geometry: Geometry, compress: bool, list_axis: str = "") -> list[str]:
    """Of a volume (k, j, i) on ``geometry`` (LPS, mm), or (k, j, i, n) whose last axis is of the kind ``list_axis`` ("list", "RGB-color")."""
    matrix = geometry.index_to_lps()
    axes = [_vector(matrix[:3, axis]) for axis in range(3)]
    kinds = ["domain"] * 3
    if list_axis:
        axes, kinds = ["none", *axes], [list_axis, *kinds]
    return [
        "NRRD0004",
        f"type: {_TYPE_NAMES[volume.dtype.name]}",
        f"dimension: {volume.ndim}",
        "space: left-posterior-superior",
        f"sizes: {' '.join(str(size) for size in _sizes(volume))}",
        f"space directions: {' '.join(axes)}",
        f"kinds: {' '.join(kinds)}",
        f"endian: {sys.byteorder}",
        f"encoding: {'gzip' if compress else 'raw'}",
        f"space origin: {_vector(matrix[:3, 3])}",
    ]


def _sizes(volume: NDArray[Any]) -> list[int]:
    """Fastest axis first: (layer or component,) i, j, k."""
    return list(reversed(volume.shape))


def write_nrrd_data(file: IO[bytes], header: list[str], volume: NDArray[Any], compress: bool) -> None:
    """Header lines, then the voxels."""
    file.write("\n".join([*header, "", ""]).encode())
    if compress:
        write_gzip(file, b"", volume)
    else:
        np.ascontiguousarray(volume).tofile(file)


def _vector(values: Any) -> str:
    return "(" + ",".join(repr(float(value)) for value in values) + ")"


def one_line(text: str) -> str:
    """A key/value pair ends with its line."""
    return " ".join(text.split())
