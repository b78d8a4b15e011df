"""NIfTI-1 volumes (nifti.nimh.nih.gov/nifti-1)."""

from __future__ import annotations

import struct
import sys
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.volume.files.gzip_member import write_gzip
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Code of each NumPy type; colors are three bytes each.
_DATA_TYPES = {
    "uint8": 2,
    "int8": 256,
    "int16": 4,
    "uint16": 512,
    "int32": 8,
    "uint32": 768,
    "int64": 1024,
    "uint64": 1280,
    "float32": 16,
    "float64": 64,
}
_RGB = 128
_SCANNER_COORDINATES = 1
_MILLIMETERS = 2
_HEADER_SIZE = 352


def write_nifti(file: IO[bytes], geometry: Geometry, volume: NDArray[Any], compress: bool, description: str = "") -> None:
    """A volume (k, j, i), or (k, j, i, 3) of RGB bytes, with its place as sform and, where the axes are perpendicular, as qform, both in RAS."""
    if max(volume.shape) > 32767:
        raise InputError("NIfTI supports at most 32,767 voxels along an axis; write .nrrd instead.")
    header = _header(volume, geometry.index_to_ras(), description)
    if compress:
        write_gzip(file, header, volume)
    else:
        file.write(header)
        np.ascontiguousarray(volume).tofile(file)


def _header(volume: NDArray[Any], to_ras: NDArray[np.float64], description: str) -> bytes:
    code, numbers = (_RGB, 3) if volume.ndim == 4 else (_DATA_TYPES[volume.dtype.name], 1)
    count_k, count_j, count_i = volume.shape[:3]
    spacing = np.linalg.norm(to_ras[:3, :3], axis=0)
    quaternion, handedness, qform = _quaternion(to_ras[:3, :3] / spacing)
    order = "<" if sys.byteorder == "little" else ">"
    header = bytearray(_HEADER_SIZE)
    struct.pack_into(f"{order}i", header, 0, 348)
    struct.pack_into(f"{order}8h", header, 40, 3, count_i, count_j, count_k, 1, 1, 1, 1)
    struct.pack_into(f"{order}hh", header, 70, code, 8 * volume.dtype.itemsize * numbers)
    struct.pack_into(f"{order}8f", header, 76, handedness, *spacing, 0, 0, 0, 0)
    struct.pack_into(f"{order}fff", header, 108, _HEADER_SIZE, 1, 0)
    header[123] = _MILLIMETERS
    said = description.encode("ascii", "replace")[:79]
    header[148 : 148 + len(said)] = said
    struct.pack_into(f"{order}hh", header, 252, qform, _SCANNER_COORDINATES)
    struct.pack_into(f"{order}6f", header, 256, *quaternion, *to_ras[:3, 3])
    for row in range(3):
        struct.pack_into(f"{order}4f", header, 280 + 16 * row, *to_ras[row])
    header[344:348] = b"n+1\0"
    return bytes(header)


def _quaternion(rotation: NDArray[np.float64]) -> tuple[tuple[float, float, float], float, int]:
    """(b, c, d), qfac and the qform code: 0 for sheared axes, which a quaternion cannot hold."""
    if np.abs(rotation.T @ rotation - np.eye(3)).max() > 1e-4:
        return (0.0, 0.0, 0.0), 1.0, 0
    handedness = 1.0 if np.linalg.det(rotation) > 0 else -1.0
    r = rotation * [1.0, 1.0, handedness]
    # The eigenvector of the largest eigenvalue is the quaternion, stable for every rotation; eigh looks at the lower half of a symmetric matrix.
    k = np.zeros((4, 4))
    k[0, :1] = [r[0, 0] + r[1, 1] + r[2, 2]]
    k[1, :2] = [r[2, 1] - r[1, 2], r[0, 0] - r[1, 1] - r[2, 2]]
    k[2, :3] = [r[0, 2] - r[2, 0], r[0, 1] + r[1, 0], r[1, 1] - r[0, 0] - r[2, 2]]
    k[3] = [r[1, 0] - r[0, 1], r[0, 2] + r[2, 0], r[1, 2] + r[2, 1], r[2, 2] - r[0, 0] - r[1, 1]]
    a, b, c, d = np.linalg.eigh(k)[1][:, -1]
    sign = -1.0 if a < 0 else 1.0
    return (float(b * sign), float(c * sign), float(d * sign)), handedness, _SCANNER_COORDINATES
