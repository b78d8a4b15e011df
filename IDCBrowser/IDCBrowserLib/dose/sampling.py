"""Dose between the points of its grid: linear in all three directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.dose.dose_grid import DoseGrid
    from IDCBrowserLib.dose.region import Layer, Region

_ALIGNED = 1e-6


class Sampler:
    """Samples a dose on the layers of regions."""

    def __init__(self, dose: DoseGrid) -> None:
        self._gray = dose.gray
        self._to_index = np.linalg.inv(dose.geometry.index_to_lps())

    def layer(self, region: Region, layer: Layer) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
        """The dose in Gy at each pixel that is inside, the part of it that is (0 to 1), and the sum of parts that lie outside the dose grid."""
        rows, columns = np.nonzero(layer.inside)
        parts = layer.inside[rows, columns]
        origin = region.axes[0] * region.low[0] + region.axes[1] * region.low[1] + region.axes[2] * layer.height
        start = (self._to_index @ np.append(origin, 1.0))[:3]
        across, down = self._to_index[:3, :3] @ region.axes[0] * region.pixel, self._to_index[:3, :3] @ region.axes[1] * region.pixel
        if max(abs(across[1]), abs(across[2]), abs(down[0]), abs(down[2])) < _ALIGNED:
            return self._aligned(layer.inside, start, float(across[0]), float(down[1]), rows, columns, parts)
        index = start[:, None] + np.outer(across, columns) + np.outer(down, rows)
        within = self._within(index)
        values = self._at(index[:, within])
        return values, parts[within], float(parts[~within].sum())

    def _aligned(
        self,
        inside: NDArray[np.float32],
        start: NDArray[np.float64],
        across: float,
        down: float,
        rows: NDArray[np.int64],
        columns: NDArray[np.int64],
        parts: NDArray[np.float32],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
        """Rows and columns of the layer are those of the dose: interpolated one direction after the other."""
        i, j = start[0] + across * np.arange(inside.shape[1]), start[1] + down * np.arange(inside.shape[0])
        k = np.array([start[2]])
        depth, height, width = self._gray.shape
        if not _inside(k, depth)[0]:
            return np.zeros(0, np.float32), np.zeros(0, np.float32), float(parts.sum())
        plane = _between(self._gray, k, 0)[0]
        plane = _between(_between(plane, j, 0), i, 1)
        within = _inside(j, height)[rows] & _inside(i, width)[columns]
        return plane[rows[within], columns[within]], parts[within], float(parts[~within].sum())

    def _within(self, index: NDArray[np.float64]) -> NDArray[np.bool_]:
        depth, height, width = self._gray.shape
        return _inside(index[0], width) & _inside(index[1], height) & _inside(index[2], depth)

    def _at(self, index: NDArray[np.float64]) -> NDArray[np.float32]:
        """At (i, j, k) (3, n) within the grid."""
        sizes = np.array(self._gray.shape[::-1])[:, None]
        index = np.clip(index, 0, sizes - 1)
        low = np.clip(np.floor(index).astype(np.int64), 0, np.maximum(sizes - 2, 0))
        high = np.minimum(low + 1, sizes - 1)
        part = (index - low).astype(np.float32)
        total = np.zeros(index.shape[1], np.float32)
        for corner in range(8):
            ends = [(high if corner >> axis & 1 else low)[axis] for axis in range(3)]
            weight = np.ones(index.shape[1], np.float32)
            for axis in range(3):
                weight *= part[axis] if corner >> axis & 1 else 1 - part[axis]
            total += weight * self._gray[ends[2], ends[1], ends[0]]
        return total


def _inside(index: NDArray[np.float64], size: int) -> NDArray[np.bool_]:
    """Within the voxels of the grid: half a voxel beyond the outermost centers."""
    return (index >= -0.5) & (index <= size - 0.5)


def _between(values: NDArray[np.float32], index: NDArray[np.float64], axis: int) -> NDArray[np.float32]:
    """Values at fractional places of one axis; beyond its ends the outermost."""
    size = values.shape[axis]
    place = np.clip(index, 0, size - 1)
    low = np.clip(np.floor(place).astype(np.int64), 0, max(size - 2, 0))
    high = np.minimum(low + 1, size - 1)
    shape = [1] * values.ndim
    shape[axis] = -1
    part = (place - low).astype(np.float32).reshape(shape)
    mixed: NDArray[np.float32] = np.take(values, low, axis) * (1 - part) + np.take(values, high, axis) * part
    return mixed
