"""Slices at varying distances, or shifted against each other, on an even grid: for what can hold one spacing only, such as a volume in a scene.

Each slice of the even grid shows the slice in which its middle lies, moved to where that one says it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.volume.geometry import Geometry, vector
from IDCBrowserLib.volume.spacing import borders

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.volume.image_grid import ImageGrid

_LARGEST_DIVISOR = 8
_LARGEST_GROWTH = 4
# Of a pixel: shifts below are not worth a blurred image.
_NO_SHIFT = 0.01


@dataclass(frozen=True)
class EvenSlices:
    """Slices ``step`` mm apart, the first at ``first`` mm along the normal; ``source`` (k,) is the uneven slice that each shows."""

    first: float
    step: float
    source: NDArray[np.int64]


def even_slices(edges: NDArray[np.float64]) -> EvenSlices:
    """The coarsest even grid whose slices all lie within one of the uneven slices between ``edges`` (k + 1,) mm, if there is one.

    Else as fine as the thinnest slice, each showing the slice in which its middle lies. At most four times as many slices as there were.
    """
    thickness = np.diff(edges)
    total, thinnest = float(edges[-1] - edges[0]), float(thickness.min())
    largest = _LARGEST_GROWTH * len(thickness) + 1
    count = max(1, min(round(total / thinnest), largest))
    for divisor in range(1, _LARGEST_DIVISOR + 1):
        finer = round(total / thinnest * divisor)
        if finer > largest:
            break
        lattice = (edges - edges[0]) * finer / total
        if np.abs(lattice - np.rint(lattice)).max() < 0.02:
            count = finer
            break
    step = total / count
    centers = edges[0] + step * (np.arange(count) + 0.5)
    source = np.clip(np.searchsorted(edges, centers, side="right") - 1, 0, len(thickness) - 1)
    return EvenSlices(float(centers[0]), step, source.astype(np.int64))


@dataclass(frozen=True)
class EvenGrid:
    """An even grid for the images of an uneven one. ``source`` (k,) as in ``EvenSlices``; ``shifts`` (k, 2) are (columns, rows), fractions included,

    by which the source slice is moved on the grid.
    """

    geometry: Geometry
    source: NDArray[np.int64]
    shifts: NDArray[np.float64]

    @property
    def warning(self) -> str:
        """A sentence for the user."""
        step = self.geometry.slice_step
        return f"It is shown on an even grid with a slice every {step:.4g} mm, each showing the one in which it lies, moved to where that one is."

    def nearest(self, layer: NDArray[Any]) -> NDArray[Any]:
        """Labels (k, j, i) of the uneven grid on this one: moved by whole pixels."""
        out = np.zeros(self.geometry.shape, layer.dtype)
        for target, source, shift in zip(out, self.source.tolist(), np.floor(self.shifts + 0.5).astype(int).tolist(), strict=True):
            _put(target, layer[source], shift[1], shift[0])
        return out

    def interpolated(self, voxels: NDArray[Any]) -> NDArray[Any]:
        """Values (k, j, i) of the uneven grid on this one: between pixels they are weighted. Outside the lowest value."""
        out = np.full(self.geometry.shape, voxels.min(), voxels.dtype)
        for target, source, (across, down) in zip(out, self.source.tolist(), self.shifts.tolist(), strict=True):
            plane = voxels[source]
            column, row = round(across), round(down)
            if max(abs(across - column), abs(down - row)) > _NO_SHIFT:
                column, row = int(np.floor(across)), int(np.floor(down))
                plane = _blended(plane, across - column, down - row)
                plane = np.rint(plane).astype(voxels.dtype) if voxels.dtype.kind in "iu" else plane.astype(voxels.dtype)
            _put(target, plane, row, column)
        return out


def even_grid(grid: ImageGrid) -> EvenGrid | None:
    """The even grid for the images of ``grid``; None where that is even already."""
    if grid.is_regular:
        return None
    geometry = grid.geometry
    matrix = geometry.index_to_lps()
    axes = np.array(geometry.directions)
    normal = np.cross(axes[0], axes[1])
    positions = grid.slice_positions()
    heights = (positions - positions[0]) @ normal
    even = even_slices(borders(heights, geometry.slice_step))
    along = axes[2] / float(axes[2] @ normal)
    pixel = np.array(geometry.spacing[:2])
    beside = (positions - positions[0] - np.outer(heights, along)) @ axes[:2].T / pixel
    # Within a source slice the axis goes on; what is moved is its middle.
    shifts = beside[even.source]
    low, high = np.floor(shifts.min(axis=0) + 0.5), np.ceil(shifts.max(axis=0) - 0.5)
    columns, rows = (high - low).astype(int) + np.array([geometry.shape[2], geometry.shape[1]])
    origin = positions[0] + even.first * along + matrix[:3, :2] @ low
    made = Geometry(
        (len(even.source), int(rows), int(columns)),
        (geometry.spacing[0], geometry.spacing[1], even.step * float(np.linalg.norm(along))),
        vector(origin),
        geometry.directions,
    )
    return EvenGrid(made, even.source, shifts - low)


def _blended(plane: NDArray[Any], across: float, down: float) -> NDArray[np.float64]:
    """The plane moved by parts of a pixel to higher columns and rows; its edges keep their values."""
    padded = np.pad(plane.astype(np.float64), ((1, 0), (1, 0)), mode="edge")
    mixed: NDArray[np.float64] = (1 - down) * ((1 - across) * padded[1:, 1:] + across * padded[1:, :-1]) + down * (
        (1 - across) * padded[:-1, 1:] + across * padded[:-1, :-1]
    )
    return mixed


def _put(target: NDArray[Any], plane: NDArray[Any], row: int, column: int) -> None:
    """``plane`` into ``target`` with its first pixel at (row, column); what lies outside is cut off."""
    rows = slice(max(0, row), min(target.shape[0], plane.shape[0] + row))
    columns = slice(max(0, column), min(target.shape[1], plane.shape[1] + column))
    if rows.start < rows.stop and columns.start < columns.stop:
        target[rows, columns] = plane[rows.start - row : rows.stop - row, columns.start - column : columns.stop - column]
