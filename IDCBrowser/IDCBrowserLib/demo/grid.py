"""Sampling grids of the phantom: where the voxels of a CT or MR lie inside the body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Block = tuple[slice, slice, slice]
Box = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]

# Where the body's own origin (mid-line, mid-depth, height of the fourth lumbar vertebra) lies in the scanner, LPS mm.
# Not zero, so that a forgotten origin shows.
BODY_ORIGIN_LPS = (2.5, -14.0, -412.0)


class Points(NamedTuple):
    """Coordinates in the body's own frame (axes as LPS, mm); the three arrays broadcast to (k, j, i)."""

    x: Array
    y: Array
    z: Array


@dataclass(frozen=True)
class Grid:
    """A regular grid in DICOM's patient coordinate system LPS, mm.

    ``shape`` is (k, j, i); ``spacing`` (i, j, k); ``origin`` the center of the first voxel;
    ``axes`` the unit vectors of i (along a row), j (along a column) and k. All are short decimals, so that DICOM's DS holds them exactly.
    """

    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]
    origin: tuple[float, float, float]
    axes: tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]

    def slice_position(self, k: int) -> tuple[float, float, float]:
        """Image Position (Patient) of slice ``k``, LPS mm."""
        return _triple(np.asarray(self.origin) + k * self.spacing[2] * np.asarray(self.axes[2]))

    def points(self, block: Block | None = None) -> Points:
        """Voxel centers of ``block`` (all by default) in the body's frame."""
        ranges = [np.arange(size)[part] for size, part in zip(self.shape, block or (slice(None),) * 3, strict=True)]
        k, j, i = (values.astype(float).reshape([-1 if axis == own else 1 for axis in range(3)]) for own, values in enumerate(ranges))
        coordinates = []
        for row in range(3):
            value = np.full((1, 1, 1), self.origin[row] - BODY_ORIGIN_LPS[row])
            for index, axis in ((i, 0), (j, 1), (k, 2)):
                step = self.axes[axis][row] * self.spacing[axis]
                if step:
                    value = value + step * index
            # Half the memory is half the time; 24 bits place a voxel to 0.02 micrometers.
            coordinates.append(value.astype(np.float32))
        return Points(*coordinates)

    def block(self, box: Box) -> Block:
        """The index block that surely contains ``box`` (body frame, mm), clipped to the grid; may be empty."""
        corners = np.array([[x, y, z] for x in box[0] for y in box[1] for z in box[2]]) + BODY_ORIGIN_LPS - np.asarray(self.origin)
        steps = np.column_stack([np.asarray(self.axes[axis]) * self.spacing[axis] for axis in range(3)])
        indices = np.linalg.solve(steps, corners.T)[::-1]
        low = np.clip(np.floor(indices.min(axis=1)), 0, self.shape).astype(int)
        high = np.clip(np.ceil(indices.max(axis=1)) + 1, 0, self.shape).astype(int)
        return slice(low[0], high[0]), slice(low[1], high[1]), slice(low[2], high[2])


def _triple(values: Array) -> tuple[float, float, float]:
    # Ten digits: removes the dust of binary fractions, keeps every decimal that the grids below use.
    x, y, z = (round(float(value), 10) for value in values)
    return x, y, z


CT_GRID = Grid(
    shape=(56, 192, 192),
    spacing=(2.0, 2.0, 4.0),
    origin=(-190.5, -201.0, -410.0),
    axes=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
)

# Coronal, turned by atan(7/24) = 16.26 degrees about two axes: double oblique with cosines that are exact in four decimals.
MR_GRID = Grid(
    shape=(40, 128, 144),
    spacing=(2.4, 2.4, 5.0),
    origin=(-148.0, -106.0, -133.5),
    axes=((0.96, 0.28, 0.0), (0.0784, -0.2688, -0.96), (-0.2688, 0.9216, -0.28)),
)
