"""Planes of stored values become one array of values, in the smallest type that holds them exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_INTEGER_TYPES = [np.dtype(name) for name in ("int16", "uint16", "int32", "uint32", "int64")]


@dataclass
class Plane:
    """Stored values (j, i) of one k, and how they become values."""

    k: int
    stored: NDArray[Any]
    slope: float
    intercept: float


def assemble(planes: list[Plane], shape: tuple[int, int, int]) -> NDArray[Any]:
    """All planes as one array (k, j, i); ``planes`` is emptied on the way, to hold the voxels only once."""
    extremes = [_extremes(plane) for plane in planes]
    lowest, highest = min(low for low, _ in extremes), max(high for _, high in extremes)
    dtype = _smallest_type(planes, lowest, highest)
    missing = shape[0] - len(planes)
    voxels: NDArray[Any] = np.full(shape, lowest, dtype=dtype) if missing else np.empty(shape, dtype=dtype)
    while planes:
        plane = planes.pop()
        if dtype.kind == "f" and (plane.slope, plane.intercept) != (1.0, 0.0):
            voxels[plane.k] = plane.stored * plane.slope + plane.intercept
        else:
            _rescale_integers(plane, voxels[plane.k])
    return voxels


def _rescale_integers(plane: Plane, out: NDArray[Any]) -> None:
    """In the type of ``out``, where an overflow on the way does no harm: integers wrap around, and the result is known to fit."""
    out[...] = plane.stored
    if plane.slope != 1.0:
        out *= np.int64(plane.slope).astype(out.dtype)
    if plane.intercept != 0.0:
        out += np.int64(plane.intercept).astype(out.dtype)


def _extremes(plane: Plane) -> tuple[float, float]:
    ends = [float(plane.stored.min()) * plane.slope + plane.intercept, float(plane.stored.max()) * plane.slope + plane.intercept]
    return min(ends), max(ends)


def _smallest_type(planes: list[Plane], lowest: float, highest: float) -> np.dtype[Any]:
    if any(plane.stored.dtype.kind == "f" for plane in planes):
        return np.result_type(*(plane.stored.dtype for plane in planes))
    if all(_is_exact(plane.slope) and _is_exact(plane.intercept) for plane in planes):
        if all(plane.stored.dtype == np.uint8 and plane.slope == 1.0 and plane.intercept == 0.0 for plane in planes):
            return np.dtype(np.uint8)
        for dtype in _INTEGER_TYPES:
            limits = np.iinfo(dtype)
            if limits.min <= lowest and highest <= limits.max:
                return dtype
    return np.dtype(np.float32)


def _is_exact(value: float) -> bool:
    return value.is_integer() and abs(value) < 2**53
