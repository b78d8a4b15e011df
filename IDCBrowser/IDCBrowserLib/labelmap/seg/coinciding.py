"""A SEG onto the grid of an image: plane by plane where they coincide, by the nearest voxel otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.labelmap.seg.frames import FrameTable
from IDCBrowserLib.labelmap.seg.planes import TOLERANCE
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.volume.image_grid import ImageGrid


def coinciding_slices(frames: FrameTable, grid: ImageGrid, spacing: float | None) -> NDArray[np.int64] | None:
    """For each of ``frames.positions`` the slice k of the grid it lies on, -1 outside the grid; None unless all coincide within 1% of a voxel.

    ``spacing`` is the slice spacing that the SEG states for itself: voxels of another thickness than the image's fill more or less than one slice.
    """
    geometry = grid.geometry
    if geometry.shape[1:] != (frames.rows, frames.columns):
        return None
    if grid.is_regular and spacing is not None and abs(spacing - geometry.spacing[2]) > TOLERANCE * geometry.spacing[2]:
        return None
    to_index = np.asarray(np.linalg.inv(geometry.index_to_lps()), np.float64)
    row_step = np.array(frames.orientation[:3]) * frames.pixel_spacing[1] * (frames.columns - 1)
    column_step = np.array(frames.orientation[3:]) * frames.pixel_spacing[0] * (frames.rows - 1)
    expected = np.array([[frames.columns - 1, 0, 0], [0, frames.rows - 1, 0]])
    if np.abs(np.stack([row_step, column_step]) @ to_index[:3, :3].T - expected).max() > TOLERANCE:
        return None
    places = _slice_places(grid)
    wanted = frames.positions @ to_index[:3, :3].T + to_index[:3, 3]
    places = places @ to_index[:3, :3].T + to_index[:3, 3]
    slices = _nearest(places[:, 2], wanted[:, 2])
    inside = (wanted[:, 2] > places[0, 2] - 0.5) & (wanted[:, 2] < places[-1, 2] + 0.5)
    if not inside.any() or np.abs(wanted - places[slices])[inside].max() > TOLERANCE:
        return None
    return np.where(inside, slices, -1)


def _slice_places(grid: ImageGrid) -> NDArray[np.float64]:
    """(K, 3) LPS: where each slice begins. The stored position where there is an image, since a regular grid rounds; else the grid's."""
    matrix = grid.geometry.index_to_lps()
    places = matrix[:3, 3] + np.outer(np.arange(grid.geometry.shape[0]), matrix[:3, 2])
    for k, image in enumerate(grid.slices):
        if image is not None:
            places[k] = image.position
    return places


def _nearest(ascending: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each wanted number the index of the nearest of the ascending ones."""
    if len(ascending) == 1:
        return np.zeros(len(wanted), np.int64)
    right = np.clip(np.searchsorted(ascending, wanted), 1, len(ascending) - 1)
    return np.where(wanted - ascending[right - 1] <= ascending[right] - wanted, right - 1, right).astype(np.int64)


def index_matrix(source: Geometry, target: Geometry) -> NDArray[np.float64]:
    """4x4 from voxel indices (i, j, k, 1) of ``target`` to those of ``source``."""
    return np.asarray(np.linalg.inv(source.index_to_lps()) @ target.index_to_lps())


def is_exact(matrix: NDArray[np.float64], target: Geometry) -> bool:
    """Whether every voxel centre of the target lies on a voxel centre of the source, within 1%: corners decide."""
    columns = matrix[:3, :3]
    if np.abs(columns - np.rint(columns)).max() > TOLERANCE:
        return False
    corners = np.array(np.meshgrid(*[(0, size - 1) for size in reversed(target.shape)], indexing="ij")).reshape(3, -1)
    places = columns @ corners + matrix[:3, 3:4]
    return bool(np.abs(places - np.rint(places)).max() <= TOLERANCE)


def resample_nearest(layers: tuple[NDArray[Any], ...], matrix: NDArray[np.float64], target: Geometry, task: Task) -> tuple[NDArray[Any], ...]:
    """Each voxel (k, j, i) of the target shows the nearest voxel of the source, 0 where that lies outside. ``matrix`` as of ``index_matrix``."""
    count_k, count_j, count_i = target.shape
    found = tuple(np.zeros(target.shape, layer.dtype) for layer in layers)
    shape_ijk = np.array(layers[0].shape[::-1])
    j, i = np.meshgrid(np.arange(count_j), np.arange(count_i), indexing="ij")
    base = [matrix[axis, 0] * i + matrix[axis, 1] * j + matrix[axis, 3] for axis in range(3)]
    for k in range(count_k):
        task.raise_if_cancelled()
        task.report(Progress("Placing the segmentation on the images", k, count_k, "slices"))
        # Half a voxel belongs to the lower neighbor on both sides of zero, so that halves never depend on rounding to even.
        places = [np.floor(base[axis] + (matrix[axis, 2] * k + 0.5 - 1e-9)).astype(np.int64) for axis in range(3)]
        inside = np.logical_and.reduce([(place >= 0) & (place < size) for place, size in zip(places, shape_ijk, strict=True)])
        if not inside.any():
            continue
        ii, jj, kk = (place[inside] for place in places)
        for layer, out in zip(layers, found, strict=True):
            out[k][inside] = layer[kk, jj, ii]
    return found
