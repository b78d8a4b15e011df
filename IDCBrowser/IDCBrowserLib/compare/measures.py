"""Agreement measures of two masks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.compare.distances import surface_distances
from IDCBrowserLib.compare.surface import Box, surface_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEFINITIONS = """\
Dice: 2 |A and B| / (|A| + |B|), by volume (Dice 1945, doi.org/10.2307/1932409).
Surface: marching cubes between voxel centers; each element counts by its area (Nikolov et al. 2021, doi.org/10.2196/26151).
HD95: the larger of the two distances within which 95 % of each surface lies from the other one. Hausdorff: the same for all of it.
Mean surface distance: over the elements of both surfaces together, by area.
Both empty: nothing is defined. One empty: Dice is 0, distances are infinite; both are empty values in JSON, with a note.
Volumes: voxels times their volume, in mm3; the difference is B - A, in percent of A."""


@dataclass(frozen=True)
class Measures:
    """Of masks A and B. Lengths in mm, volumes in mm3; see ``DEFINITIONS``. ``dice`` is nan where both are empty; distances are nan there, and
    infinite where one is."""

    volume_a: float
    volume_b: float
    common_volume: float
    hd95: float = math.nan
    hausdorff: float = math.nan
    mean_distance: float = math.nan
    mean_a_to_b: float = math.nan
    mean_b_to_a: float = math.nan

    @property
    def dice(self) -> float:
        """0 to 1."""
        return dice(self.volume_a, self.volume_b, self.common_volume)


def dice(volume_a: float, volume_b: float, common: float) -> float:
    """2 |A and B| / (|A| + |B|); nan where both are empty."""
    total = volume_a + volume_b
    return 2 * common / total if total else math.nan


@dataclass(frozen=True)
class Mask:
    """``voxels`` (k, j, i) of one segment inside its bounding ``box``; None where it is empty."""

    box: Box | None
    voxels: NDArray[np.bool_] | None

    def inside(self, whole: Box) -> NDArray[np.bool_]:
        """The mask in a larger box."""
        placed = np.zeros(tuple(one.stop - one.start for one in whole), np.bool_)
        if self.box is not None and self.voxels is not None:
            placed[tuple(slice(own.start - one.start, own.stop - one.start) for own, one in zip(self.box, whole, strict=True))] = self.voxels
        return placed


def box_around(masks: Sequence[Mask], margin: int = 0) -> Box | None:
    """The box that holds all of them, larger by ``margin`` voxels on each side (it may reach beyond the grid); None where all are empty."""
    boxes = [mask.box for mask in masks if mask.box is not None]
    if not boxes:
        return None
    k, j, i = (slice(min(box[axis].start for box in boxes) - margin, max(box[axis].stop for box in boxes) + margin) for axis in range(3))
    return k, j, i


def measure(a: Mask, b: Mask, grid: Grid) -> Measures:
    """The figures for two masks on one grid."""
    volume_a, volume_b = grid.volume(a.voxels, a.box), grid.volume(b.voxels, b.box)
    if a.voxels is None or b.voxels is None or a.box is None or b.box is None:
        far = math.nan if a.voxels is None and b.voxels is None else math.inf
        return Measures(volume_a, volume_b, 0.0, far, far, far, far, far)
    common = grid.volume(*_meeting(a.voxels, a.box, b.voxels, b.box))
    one, other = surface_distances(surface_of(a.voxels, a.box, grid.shape), surface_of(b.voxels, b.box, grid.shape), grid.index_to_mm)
    area_a, area_b = one.areas.sum(), other.areas.sum()
    return Measures(
        volume_a,
        volume_b,
        common,
        max(one.percentile(95), other.percentile(95)),
        max(one.largest, other.largest),
        float((one.mean * area_a + other.mean * area_b) / (area_a + area_b)),
        one.mean,
        other.mean,
    )


@dataclass(frozen=True)
class Grid:
    """``index_to_mm`` (3, 3) has the step along i, j, k as columns; ``slice_volumes`` (k,) mm3 of one voxel in each slice."""

    shape: tuple[int, int, int]
    index_to_mm: NDArray[np.float64]
    slice_volumes: NDArray[np.float64]

    def volume(self, voxels: NDArray[np.bool_] | None, box: Box | None) -> float:
        """mm3 of a mask that lies at ``box``."""
        if voxels is None or box is None or not voxels.size:
            return 0.0
        counts = np.array([np.count_nonzero(plane) for plane in voxels])
        return float(counts @ self.slice_volumes[box[0]])


def _meeting(a: NDArray[np.bool_], box_a: Box, b: NDArray[np.bool_], box_b: Box) -> tuple[NDArray[np.bool_] | None, Box | None]:
    """Where both are set, in the box that theirs have in common."""
    low = [max(one.start, other.start) for one, other in zip(box_a, box_b, strict=True)]
    high = [min(one.stop, other.stop) for one, other in zip(box_a, box_b, strict=True)]
    if any(stop <= start for start, stop in zip(low, high, strict=True)):
        return None, None
    k, j, i = (slice(start, stop) for start, stop in zip(low, high, strict=True))
    both: NDArray[Any] = _part(a, box_a, low, high) & _part(b, box_b, low, high)
    return both, (k, j, i)


def _part(mask: NDArray[np.bool_], box: Box, low: list[int], high: list[int]) -> NDArray[np.bool_]:
    part: NDArray[np.bool_] = mask[tuple(slice(start - one.start, stop - one.start) for one, start, stop in zip(box, low, high, strict=True))]
    return part
