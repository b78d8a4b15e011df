"""Where the frames of a SEG go: the slices that decoding fills, and what makes them the grid that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.labelmap.seg.frame_places import FramePlaces
from IDCBrowserLib.labelmap.seg.mapping import PlaneMap
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.volume.image_grid import ImageGrid


@dataclass(frozen=True)
class Placement:
    """One labelmap on ``geometry``: ``slice_of_frame`` is the stored slice that each frame fills, -1 for frames that are not of it.

    Usually the ``stored`` slices are the result. ``maps`` (frame -> how it lies on its slice) move voxels within slices; ``source`` (result
    slice -> stored slice) spreads slices of an uneven stack; ``grid`` with ``stack`` resamples to images whose planes do not coincide.
    ``thicknesses`` (k,) mm are those of the result's slices, ``stored_thicknesses`` those of the stored ones where these are spread over an even
    grid: volumes in mm3 are theirs. ``places`` tell where each frame of the SEG went and why.
    """

    geometry: Geometry
    slice_of_frame: NDArray[np.int64]
    stored: int
    thicknesses: NDArray[np.float64]
    places: FramePlaces
    maps: dict[int, PlaneMap] | None = None
    source: NDArray[np.int64] | None = None
    stored_thicknesses: NDArray[np.float64] | None = None
    stack: Geometry | None = None
    grid: ImageGrid | None = None
    label: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def moves_voxels(self) -> bool:
        """Whether ``apply`` changes anything, so that voxels must be counted afterwards."""
        return self.source is not None or self.stack is not None

    @property
    def frames(self) -> NDArray[np.int64]:
        """The frames whose voxels are in it, from 0."""
        return np.flatnonzero(self.slice_of_frame >= 0)

    def apply(self, layers: tuple[NDArray[Any], ...], task: Task) -> tuple[NDArray[Any], ...]:
        """Arrays (k, j, i) of stored slices to arrays on ``geometry``."""
        if self.source is not None:
            layers = tuple(layer[self.source] for layer in layers)
        if self.stack is not None and self.grid is not None:
            from IDCBrowserLib.labelmap.seg.resample import resample_nearest

            layers = resample_nearest(layers, self.stack, self.grid, task)
        return layers

    def lost_voxels(self, layers: tuple[NDArray[Any], ...]) -> int:
        """How many voxels of stored ``layers`` ``apply`` leaves outside the images."""
        if self.stack is None or self.grid is None:
            return 0
        from IDCBrowserLib.labelmap.seg.resample import count_outside

        spread = layers if self.source is None else tuple(layer[self.source] for layer in layers)
        return count_outside(spread, self.stack, self.grid)
