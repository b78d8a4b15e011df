"""A SEG onto the grid of an image: plane by plane where they coincide, by the nearest voxel otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.labelmap.frames import FrameTable
from IDCBrowserLib.labelmap.planes import TOLERANCE
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
    indices = frames.positions @ to_index[:3, :3].T + to_index[:3, 3]
    slices = np.rint(indices[:, 2]).astype(np.int64) if grid.is_regular else _by_position(frames, grid, to_index)
    inside = (slices >= 0) & (slices < geometry.shape[0])
    if grid.is_regular:
        off = np.abs(indices - np.stack([np.zeros(len(slices)), np.zeros(len(slices)), slices], axis=1)).max(axis=1)
        if (off[inside] > TOLERANCE).any() or not inside.any():
            return None
    elif (slices < 0).any():
        return None
    return np.where(inside, slices, -1)


def _by_position(frames: FrameTable, grid: ImageGrid, to_index: NDArray[np.float64]) -> NDArray[np.int64]:
    """In a series of varying spacing the stored position of each slice decides, not the approximate grid."""
    known = [(k, image.position) for k, image in enumerate(grid.slices) if image is not None]
    places = np.array([position for _, position in known]) @ to_index[:3, :3].T
    wanted = frames.positions @ to_index[:3, :3].T
    found = np.full(len(wanted), -1, np.int64)
    for number, place in enumerate(wanted):
        distances = np.abs(places - place).max(axis=1)
        nearest = int(np.argmin(distances))
        if distances[nearest] <= TOLERANCE:
            found[number] = known[nearest][0]
    return found


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
