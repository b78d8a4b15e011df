"""Vectors in the patient coordinate system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.volume.geometry import Vector

if TYPE_CHECKING:
    from numpy.typing import NDArray


def unit(vector: Vector) -> Vector | None:
    """The vector with length 1; None when it is too short to have a direction."""
    length = sum(value * value for value in vector) ** 0.5
    if length < 0.1:
        return None
    return vector[0] / length, vector[1] / length, vector[2] / length


def cross(a: Vector, b: Vector) -> Vector:
    """The vector product."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def distinct(values: NDArray[Any], axis: int | None = None) -> NDArray[Any]:
    """``np.unique``, which imports masked arrays unless it is asked for more: that takes a third of the time of numpy's own import."""
    return np.unique(values, return_index=True, axis=axis)[0]
