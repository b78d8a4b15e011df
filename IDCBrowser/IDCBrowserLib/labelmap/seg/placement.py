"""Where the frames of a SEG go: the slices that decoding fills, and what makes them the grid that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg.coinciding import coinciding_slices, index_matrix, is_exact, resample_nearest
from IDCBrowserLib.labelmap.seg.frames import FrameTable
from IDCBrowserLib.labelmap.seg.header import SegHeader
from IDCBrowserLib.labelmap.seg.planes import confirmed_spacing, stack_planes
from IDCBrowserLib.labelmap.seg.references import rank_grids
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.volume.image_grid import ImageGrid


@dataclass(frozen=True)
class Placement:
    """``slice_of_frame``: the stored slice that each frame fills, -1 for frames outside. ``geometry`` is the grid of the result.

    Usually the stored slices are the result. ``nearest`` (result slice -> stored slice or -1) spreads those of an irregular stack;
    ``matrix`` (indices (i, j, k, 1) of the result -> of the stack) resamples to images whose planes do not coincide.
    """

    geometry: Geometry
    slice_of_frame: NDArray[np.int64]
    stored_slices: int
    nearest: NDArray[np.int64] | None = None
    matrix: NDArray[np.float64] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def moves_voxels(self) -> bool:
        """Whether ``apply`` changes anything, so that voxels must be counted afterwards."""
        return self.nearest is not None or self.matrix is not None

    def apply(self, layers: tuple[NDArray[Any], ...], task: Task) -> tuple[NDArray[Any], ...]:
        """Arrays (k, j, i) of stored slices to arrays on ``geometry``."""
        if self.nearest is not None:
            layers = tuple(_spread(layer, self.nearest) for layer in layers)
        if self.matrix is not None:
            layers = resample_nearest(layers, self.matrix, self.geometry, task)
        return layers


def place(seg: SegHeader, frames: FrameTable, grids: Sequence[ImageGrid] | None, options: ConvertOptions) -> Placement:
    """On the SEG's own grid or on that of the images it refers to, as ``options.grid`` asks. Raises ``ConversionError``, ``InputError``."""
    on_images = options.grid == "images" or (options.grid == "auto" and grids is not None)
    if not on_images:
        return _on_own_grid(seg, frames)
    if not grids:
        raise InputError(f"{seg.path} is to be placed on the images, but none were given. Give their folder, or convert on the SEG's own grid.")
    return _on_images(seg, frames, grids)


def _on_own_grid(seg: SegHeader, frames: FrameTable) -> Placement:
    stack = stack_planes(frames, seg.path)
    return Placement(stack.geometry, stack.slice_of_position[frames.plane], stack.stored_slices, stack.nearest, None, stack.warnings)


def _on_images(seg: SegHeader, frames: FrameTable, grids: Sequence[ImageGrid]) -> Placement:
    ranked, is_named = rank_grids(seg.root, seg.source, grids, seg.path)
    warnings: tuple[str, ...] = ()
    if not is_named:
        warnings = ("The SEG does not name these images; they lie in the same frame of reference.",)
    spacing = confirmed_spacing(frames)
    for grid in ranked:
        # Phases at the same places share one geometry; the grids of another series are another choice.
        slices = coinciding_slices(frames, grid, spacing) if grid.series_uid == ranked[0].series_uid else None
        if slices is not None:
            return _on_planes(frames, grid, slices, warnings)
    return _resampled(seg, frames, ranked[0], warnings)


def _on_planes(frames: FrameTable, grid: ImageGrid, slices: NDArray[np.int64], warnings: tuple[str, ...]) -> Placement:
    slice_of_frame = slices[frames.plane]
    outside = int(np.count_nonzero(slice_of_frame < 0))
    if outside:
        warnings = (*warnings, f"{outside:,} of {frames.count:,} frames lie outside the images and were left out.")
    return Placement(grid.geometry, slice_of_frame, grid.geometry.shape[0], warnings=warnings)


def _resampled(seg: SegHeader, frames: FrameTable, grid: ImageGrid, warnings: tuple[str, ...]) -> Placement:
    own = _on_own_grid(seg, frames)
    matrix = index_matrix(own.geometry, grid.geometry)
    if not is_exact(matrix, grid.geometry):
        warnings = (*warnings, "The planes of the SEG and of the images do not coincide; each image voxel shows the nearest voxel of the SEG.")
    return replace(own, geometry=grid.geometry, matrix=matrix, warnings=(*own.warnings, *warnings))


def _spread(layer: NDArray[Any], nearest: NDArray[np.int64]) -> NDArray[Any]:
    out = np.zeros((len(nearest), *layer.shape[1:]), layer.dtype)
    out[nearest >= 0] = layer[nearest[nearest >= 0]]
    return out
