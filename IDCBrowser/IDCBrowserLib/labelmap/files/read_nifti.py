"""NIfTI-1 files with labels (nifti.nimh.nih.gov/nifti-1)."""

from __future__ import annotations

import gzip
import os
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.files.stored_bytes import damaged, opened, read_array, unpacked
from IDCBrowserLib.labelmap.types import Segment
from IDCBrowserLib.volume.geometry import Geometry, geometry_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"}
_HEADER_SIZE = 348
# xyzt_units, the lower three bits: to mm.
_UNITS = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}


def read_nifti(path: Path) -> tuple[list[NDArray[Any]], Geometry, list[Segment]]:
    """One layer (k, j, i) and its grid; the format has no names."""
    with opened(path) as file:
        is_packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        packed_size = os.fstat(file.fileno()).st_size if is_packed else None
        source = unpacked(file, "gzip") if is_packed else file
        try:
            header = source.read(_HEADER_SIZE)
        except (gzip.BadGzipFile, EOFError) as error:
            raise damaged(path, f"it cannot be unpacked ({error})") from error
        order = _byte_order(path, header)
        sizes = struct.unpack_from(f"{order}8h", header, 40)
        code, _ = struct.unpack_from(f"{order}hh", header, 70)
        offset, slope, intercept = struct.unpack_from(f"{order}fff", header, 108)
        shape = _shape(path, sizes)
        if code not in _TYPES:
            raise ConversionError(f"{path} has voxels of the NIfTI type {code}, which labels cannot have. Save it with whole numbers.")
        if not _HEADER_SIZE <= offset < 1 << 24:
            raise damaged(path, f"its voxels are said to begin at byte {offset}")
        source.read(int(offset) - _HEADER_SIZE)
        volume = read_array(path, source, np.dtype(_TYPES[code]).newbyteorder(order), shape, packed_size)
    if np.isfinite([slope, intercept]).all() and slope != 0 and (slope, intercept) != (1, 0):
        volume = volume * slope + intercept
    return [volume], _geometry(path, header, order, shape), []


def _byte_order(path: Path, header: bytes) -> Literal["<", ">"]:
    if len(header) == _HEADER_SIZE and header[344:348] == b"n+1\0":
        orders: tuple[Literal["<", ">"], ...] = ("<", ">")
        for order in orders:
            if struct.unpack_from(f"{order}i", header)[0] == _HEADER_SIZE:
                return order
    raise ConversionError(f"{path} is not a NIfTI-1 file (.nii or .nii.gz). Give a label file.")


def _shape(path: Path, sizes: tuple[int, ...]) -> tuple[int, int, int]:
    """(k, j, i) from ``dim``."""
    axes = sizes[1 : 1 + sizes[0]] if 1 <= sizes[0] <= 7 else ()
    i, j, k = (*axes, 1, 1, 1)[:3]
    if not axes or any(size < 1 for size in axes) or any(size != 1 for size in axes[3:]):
        raise ConversionError(f"{path} is not a volume of labels: its sizes are {axes}. Give a file with three axes.")
    return k, j, i


def _geometry(path: Path, header: bytes, order: str, shape: tuple[int, int, int]) -> Geometry:
    """From sform, else qform, else from the spacing alone; in LPS mm."""
    qform, sform = struct.unpack_from(f"{order}hh", header, 252)
    handedness, *spacing = struct.unpack_from(f"{order}4f", header, 76)
    matrix = np.zeros((3, 4))
    if sform > 0:
        matrix[:] = np.reshape(struct.unpack_from(f"{order}12f", header, 280), (3, 4))
    elif qform > 0:
        *quaternion, x, y, z = struct.unpack_from(f"{order}6f", header, 256)
        matrix[:, :3] = _rotation(np.array(quaternion)) * spacing * [1, 1, -1 if handedness < 0 else 1]
        matrix[:, 3] = x, y, z
    else:
        matrix[:, :3] = np.diag(spacing)
    try:
        return geometry_of(np.diag([-1, -1, 1]) @ matrix * _UNITS.get(header[123] & 7, 1.0), shape)
    except ValueError as error:
        raise damaged(path, str(error)) from error


def _rotation(quaternion: NDArray[np.float64]) -> NDArray[np.float64]:
    b, c, d = quaternion
    a = np.sqrt(max(0.0, 1.0 - b * b - c * c - d * d))
    return np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )
