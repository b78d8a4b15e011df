"""Spatial Registration objects (PS3.3 C.20.2) as 4x4 matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.dicom.dicom_file import DicomFile, opened
from IDCBrowserLib.dicom.elements import Elements, parse_decimals
from IDCBrowserLib.dicom.sop_classes import DEFORMABLE_REGISTRATION, SPATIAL_REGISTRATION
from IDCBrowserLib.errors import ConversionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FRAME, _SOP_INSTANCE, _STUDY, _SERIES = 0x00200052, 0x00080018, 0x0020000D, 0x0020000E
_REGISTRATIONS, _MATRIX_REGISTRATIONS, _MATRICES, _MATRIX, _MATRIX_TYPE = 0x00700308, 0x00700309, 0x0070030A, 0x300600C6, 0x0070030C
_IMAGES, _REFERENCED_INSTANCE = 0x00081140, 0x00081155
_SAME = 1e-3


@dataclass(frozen=True)
class Transform:
    """``matrix`` (4, 4) takes homogeneous LPS mm of ``from_frame`` to those of ``to_frame``, the registered one.

    ``kind`` is RIGID, RIGID_SCALE or AFFINE. ``images`` are the SOP Instance UIDs that the item names. The registered frame's own item is no
    transform and left out.
    """

    from_frame: str
    to_frame: str
    matrix: NDArray[np.float64]
    kind: str
    images: tuple[str, ...]


@dataclass(frozen=True)
class Registration:
    """The transforms of one object, and sentences for the user."""

    path: str
    transforms: tuple[Transform, ...]
    study_uid: str
    series_uid: str
    warnings: tuple[str, ...]


def read_registration(source: str | DicomFile) -> Registration:
    """Of a file, or one that is open already. Raises ``ConversionError`` for deformable registrations, other objects, and matrices that are none."""
    file = opened(source)
    root, path = file.root, file.path
    if file.sop_class == DEFORMABLE_REGISTRATION:
        raise ConversionError(f"{path} is a deformable registration; only rigid and affine ones can be shown.")
    if file.sop_class != SPATIAL_REGISTRATION:
        raise ConversionError(f"{path} is not a spatial registration.")
    registered = root.text(_FRAME)
    transforms, warnings = [], []
    for number, item in enumerate(root.items(_REGISTRATIONS), 1):
        matrix, kind = _matrix_of(item, number, path)
        frame = item.text(_FRAME)
        is_identity = bool(np.abs(matrix - np.eye(4)).max() < 1e-9)
        if frame == registered and is_identity:
            continue
        if kind != "AFFINE" and not _is_rotation(matrix, kind):
            warnings.append(f"Item {number} says {kind}, but its matrix is not one; it is used as it is.")
        images = tuple(image.text(_REFERENCED_INSTANCE) for image in item.items(_IMAGES))
        transforms.append(Transform(frame, registered, matrix, kind, images))
    if not transforms:
        raise ConversionError(f"{path} contains no transform between two frames of reference.")
    return Registration(path, tuple(transforms), root.text(_STUDY), root.text(_SERIES), tuple(warnings))


def _matrix_of(item: Elements, number: int, path: str) -> tuple[NDArray[np.float64], str]:
    """The product of all matrices of an item: the first is applied first."""
    total, kinds = np.eye(4), []
    for registration in item.items(_MATRIX_REGISTRATIONS):
        for entry in registration.items(_MATRICES):
            raw = entry.raw(_MATRIX).strip(b" \0")
            if not raw:
                raise ConversionError(f"{path}: item {number} of its registrations lacks its matrix.")
            matrix = np.array(parse_decimals(entry.stream, _MATRIX, raw, 16)).reshape(4, 4)
            if np.abs(matrix[3] - [0, 0, 0, 1]).max() > 1e-6 or abs(float(np.linalg.det(matrix[:3, :3]))) < 1e-9:
                raise ConversionError(f"{path}: the matrix of item {number} is not a transform of space.")
            total = matrix @ total
            kinds.append(entry.text(_MATRIX_TYPE).upper() or "RIGID")
    weakest = next((kind for kind in ("AFFINE", "RIGID_SCALE") if kind in kinds), "RIGID")
    return total, weakest


def _is_rotation(matrix: NDArray[np.float64], kind: str) -> bool:
    axes = matrix[:3, :3]
    lengths = np.linalg.norm(axes, axis=0)
    if kind == "RIGID" and np.abs(lengths - 1).max() > _SAME:
        return False
    unit = axes / lengths
    return bool(np.abs(unit.T @ unit - np.eye(3)).max() <= _SAME)
