"""A SEG onto slices that its planes do not lie on: each voxel shows the nearest voxel of the SEG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.volume.image_grid import ImageGrid

# Of a voxel: centers so near are the same.
_EXACT = 0.01
# Half a voxel belongs to the lower neighbor on both sides of zero, so that halves never depend on rounding to even.
_BELOW = 1e-4


def index_matrix(source: Geometry, target: Geometry) -> NDArray[np.float64]:
    """4x4 from voxel indices (i, j, k, 1) of ``target`` to those of ``source``."""
    return np.asarray(np.linalg.inv(source.index_to_lps()) @ target.index_to_lps())


def is_exact(source: Geometry, grid: ImageGrid) -> bool:
    """Whether every voxel center of the grid lies on a voxel center of the source, within 1%: corners decide."""
    matrix, target = index_matrix(source, grid.geometry), grid.geometry
    columns = matrix[:3, :3]
    if not grid.is_regular or np.abs(columns - np.rint(columns)).max() > _EXACT:
        return False
    corners = np.array(np.meshgrid(*[(0, size - 1) for size in reversed(target.shape)], indexing="ij")).reshape(3, -1)
    places = columns @ corners + matrix[:3, 3:4]
    return bool(np.abs(places - np.rint(places)).max() <= _EXACT)


def resample_nearest(layers: tuple[NDArray[Any], ...], source: Geometry, grid: ImageGrid, task: Task) -> tuple[NDArray[Any], ...]:
    """Each voxel (k, j, i) of the grid's slices, where their images are, shows the nearest voxel of the source; 0 where that lies outside."""
    count_k, count_j, count_i = grid.geometry.shape
    to_source = np.linalg.inv(source.index_to_lps())
    matrix = to_source @ grid.geometry.index_to_lps()
    begins = grid.slice_positions() @ to_source[:3, :3].T + to_source[:3, 3]
    found = tuple(np.zeros(grid.geometry.shape, layer.dtype) for layer in layers)
    shape_ijk = np.array(layers[0].shape[::-1])
    j, i = np.meshgrid(np.arange(count_j), np.arange(count_i), indexing="ij")
    base = [matrix[axis, 0] * i + matrix[axis, 1] * j for axis in range(3)]
    for k in range(count_k):
        task.raise_if_cancelled()
        task.report(Progress("Placing the segmentation on the images", k, count_k, "slices"))
        places = [np.floor(base[axis] + (begins[k, axis] + 0.5 - _BELOW)).astype(np.int64) for axis in range(3)]
        inside = np.logical_and.reduce([(place >= 0) & (place < size) for place, size in zip(places, shape_ijk, strict=True)])
        if not inside.any():
            continue
        ii, jj, kk = (place[inside] for place in places)
        for layer, out in zip(layers, found, strict=True):
            out[k][inside] = layer[kk, jj, ii]
    return found


def sampled_slices(source: Geometry, grid: ImageGrid) -> NDArray[np.int64] | None:
    """The slices k of a source parallel to the grid that its voxels show, ascending; the others lie between. None where they are not parallel."""
    to_source = np.linalg.inv(source.index_to_lps())
    matrix = to_source @ grid.geometry.index_to_lps()
    reach = np.abs(matrix[2, :2]) * (np.array(grid.geometry.shape[:0:-1]) - 1)
    if reach.sum() > _EXACT:
        return None
    begins = grid.slice_positions() @ to_source[2, :3] + to_source[2, 3]
    found: NDArray[np.int64] = np.unique(np.floor(begins + 0.5 - _BELOW).astype(np.int64))
    return found


def count_outside(layers: tuple[NDArray[Any], ...], source: Geometry, grid: ImageGrid) -> int:
    """How many voxels of the source that are not 0 in some layer lie outside the grid."""
    to_grid = np.linalg.inv(grid.geometry.index_to_lps()) @ source.index_to_lps()
    limit = np.array(grid.geometry.shape[::-1]) - 0.5 + 1e-6
    total = 0
    for k, planes in enumerate(zip(*layers, strict=True)):
        j, i = np.nonzero(np.logical_or.reduce([plane != 0 for plane in planes]))
        index = to_grid[:3, :3] @ np.stack([i, j, np.full(len(i), k)]) + to_grid[:3, 3:4]
        total += int(np.count_nonzero(((index < -0.5 - 1e-6) | (index > limit[:, None])).any(axis=0)))
    return total
