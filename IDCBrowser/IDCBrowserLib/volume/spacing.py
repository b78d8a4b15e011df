"""Planes along one line to slices: which are at one place, how far apart they are, what is missing, and how thick each is.

The same for images and for the frames of a segmentation, of which empty ones may have been left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.volume.tolerances import HAIR, ROUNDING_MM, fits, off_grid, same_place

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LARGEST_DIVISOR = 8
_GAP = 1.9
_MOST_SLICES = 1 << 16
# Of the slices of a grid that nothing but the distances speaks for.
_SMALLEST_SHARE = 0.4


@dataclass(frozen=True)
class Spacing:
    """Slices along the normal. ``indices`` (n,) is the slice k of each plane; ``centers`` (k,) where the slices lie, in mm, ascending.

    ``step`` is their distance, where ``is_even`` is False the mean one. A slice reaches halfway to its neighbors (``borders``), outermost ones as far
    outwards as inwards. ``is_thick`` is True where distances differ because slices are of different thickness.
    """

    indices: NDArray[np.int64]
    centers: NDArray[np.float64]
    step: float
    is_even: bool = True
    is_thick: bool = False

    @property
    def count(self) -> int:
        """How many slices there are, missing ones included."""
        return len(self.centers)

    def borders(self) -> NDArray[np.float64]:
        """(k + 1,) mm: where each slice begins and the last ends."""
        return borders(self.centers, self.step)

    def thicknesses(self) -> NDArray[np.float64]:
        """(k,) mm."""
        return np.diff(self.borders())

    def uneven_warning(self) -> str:
        """What to say about slices at varying distances."""
        steps = np.diff(self.centers)
        why = "and they are as thick as that" if self.is_thick else "and each is taken to be as thick as halfway to its neighbors"
        return f"The distance between slices varies from {steps.min():.3g} to {steps.max():.3g} mm, {why}; volumes are sums over such slices."


def nearest_index(ascending: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each wanted number the index of the nearest of the ascending ones, the lower of two as near."""
    if len(ascending) == 1:
        return np.zeros(len(wanted), np.int64)
    right = np.clip(np.searchsorted(ascending, wanted), 1, len(ascending) - 1)
    return np.where(wanted - ascending[right - 1] <= ascending[right] - wanted, right - 1, right).astype(np.int64)


def borders(centers: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """Halfway between ``centers`` (k,), outwards as far as inwards; ``step`` is the thickness of a single slice. (k + 1,)"""
    if len(centers) == 1:
        return np.asarray(centers[0] + np.array([-0.5, 0.5]) * step)
    middles = (centers[1:] + centers[:-1]) / 2
    found: NDArray[np.float64] = np.concatenate([[2 * centers[0] - middles[0]], middles, [2 * centers[-1] - middles[-1]]])
    return found


def levels_of(distances: NDArray[np.float64], pixel: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each distance (mm) its index among the distinct places, and those, ascending. ``pixel`` (mm) tells how fine the images are.

    Places are told apart by a tolerance that shrinks until it is small against their distances: phases wobble by hundredths of a
    millimeter, and slices of micrometers exist.
    """
    order = np.argsort(distances, kind="stable")
    ordered = distances[order]
    tolerance = same_place(min(4 * ROUNDING_MM, pixel))
    while True:
        begins = np.concatenate([[True], np.diff(ordered) > tolerance])
        number = np.cumsum(begins) - 1
        levels = ordered[begins]
        widest = float((ordered - levels[number]).max())
        nearest = float(np.diff(levels).min()) if len(levels) > 1 else np.inf
        if tolerance < 1e-9 or (widest <= tolerance <= same_place(nearest) * (1 + HAIR)):
            break
        tolerance /= 2
    level_of = np.empty(len(distances), np.int64)
    level_of[order] = number
    counts = np.bincount(number)
    return level_of, np.bincount(number, ordered - ordered[0]) / counts + ordered[0]


def space_images(levels: NDArray[np.float64], thickness: NDArray[np.float64]) -> Spacing:
    """The slices of images at ``levels`` (n > 1), each of a stated ``thickness`` (mm, not a number where it states none)."""
    steps = np.diff(levels)
    found = _even(levels, (_lower_median(steps), float(steps.min())), 2 * len(levels))
    if found is None or _are_slabs(steps, found.indices, thickness):
        return _uneven(levels, thickness)
    return found


def space_frames(levels: NDArray[np.float64], thickness: NDArray[np.float64], stated: float | None, is_complete: Callable[[], bool]) -> Spacing:
    """The slices of frames at ``levels`` (n > 1), of which empty ones may be missing. ``stated`` is the Spacing Between Slices (mm).

    ``is_complete`` tells whether the object names no more images than it has planes: then several wide distances in a row are thick slices.
    """
    steps = np.diff(levels)
    smallest = float(steps.min())
    if stated is not None and stated <= smallest + off_grid(smallest):
        found = _even(levels, (stated,), None)
        if found is not None:
            return found if not _are_slabs(steps, found.indices, thickness) else _uneven(levels, thickness)
    found = _even(levels, (_lower_median(steps), smallest), None)
    if found is not None:
        if _are_slabs(steps, found.indices, thickness):
            return _uneven(levels, thickness)
        return _uneven(levels, thickness, is_complete=True) if _has_run(found.indices) and is_complete() else found
    for divisor in range(2, _LARGEST_DIVISOR + 1):
        found = _even(levels, (smallest / divisor,), None)
        if found is not None and _is_likely(found, thickness):
            return found
    return _uneven(levels, thickness)


def space_some(levels: NDArray[np.float64], stated: Iterable[float], most: int) -> Spacing | None:
    """The even grid, of at most ``most`` slices, of which only those at ``levels`` (n > 1) are known; None where there is none.

    ``stated`` are distances in mm that something speaks for, the likeliest first. A chance subset may have no two neighbors, so parts of the smallest
    distance are tried as well.
    """
    smallest = float(np.diff(levels).min())
    candidates = [*stated, *(smallest / divisor for divisor in range(1, _LARGEST_DIVISOR + 1))]
    return _even(levels, candidates, most)


def _even(levels: NDArray[np.float64], candidates: Iterable[float], limit: int | None) -> Spacing | None:
    """An even grid at one of the candidate distances, with fewer than ``limit`` slices."""
    steps = np.diff(levels)
    for candidate in candidates:
        single = steps[np.rint(steps / candidate) == 1]
        # The mean of all single distances counts wide ones better than one that is rounded.
        for distance in dict.fromkeys((candidate, float(single.mean()) if len(single) else candidate)):
            indices = np.concatenate([[0], np.cumsum(np.rint(steps / distance).astype(np.int64))])
            if (np.diff(indices) < 1).any() or indices[-1] >= min(limit or _MOST_SLICES, _MOST_SLICES):
                continue
            step = float(levels[-1] - levels[0]) / float(indices[-1])
            if np.abs(levels - levels[0] - indices * step).max() <= off_grid(step):
                return Spacing(indices, levels[0] + step * np.arange(int(indices[-1]) + 1), step)
    return None


def _are_slabs(steps: NDArray[np.float64], indices: NDArray[np.int64], thickness: NDArray[np.float64]) -> bool:
    """Whether wider distances of an even grid are those of thicker slices: their thickness fits, and that of the others does, too.

    A series of overlapping slices that lacks one has a distance that fits by chance; its other distances do not.
    """
    wide = np.diff(indices) > 1
    if not wide.any() or np.isnan(thickness).any():
        return False
    fitting = _fitting(steps, thickness)
    return bool(fitting[wide].any() and fitting[~wide].all())


def _fitting(steps: NDArray[np.float64], thickness: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n - 1,): whether two neighbors touch by the thickness of one of them or by their mean."""
    pairs = zip(steps.tolist(), thickness[:-1].tolist(), thickness[1:].tolist(), strict=True)
    return np.array([any(fits(step, t) for t in (a, b, (a + b) / 2)) for step, a, b in pairs], np.bool_)


def _has_run(indices: NDArray[np.int64]) -> bool:
    """Whether two neighboring distances are equal and wider than one slice, while others are not."""
    steps = np.diff(indices)
    return bool((steps == 1).any() and ((steps[1:] == steps[:-1]) & (steps[1:] > 1)).any())


def _is_likely(found: Spacing, thickness: NDArray[np.float64]) -> bool:
    """Whether a grid finer than every distance may be: the stated thickness is about its step, or few of its slices are empty."""
    known = thickness[~np.isnan(thickness)]
    if len(known):
        return bool(0.6 <= float(np.median(known)) / found.step <= 1.7)
    return len(found.indices) >= _SMALLEST_SHARE * found.count


def _uneven(levels: NDArray[np.float64], thickness: NDArray[np.float64], *, is_complete: bool = False) -> Spacing:
    """Each plane is a slice of its own; where planes are far apart, slices are missing between them (none where ``is_complete``)."""
    steps = np.diff(levels)
    fitting = _fitting(steps, thickness)
    usual = float(np.sort(steps)[len(steps) // 2])
    centers, indices = [float(levels[0])], [0]
    for n, step in enumerate(steps.tolist()):
        typical = float(np.nanmax([usual, thickness[n], thickness[n + 1]]))
        touches = bool(fitting[n]) or is_complete or step < _GAP * typical
        missing = 0 if touches else min(_MOST_SLICES, max(1, round(step / typical) - 1))
        centers += [float(levels[n]) + step * part / (missing + 1) for part in range(1, missing + 2)]
        indices.append(len(centers) - 1)
    mean = (centers[-1] - centers[0]) / (len(centers) - 1)
    found = np.array(indices, np.int64)
    even: NDArray[np.float64] = np.linspace(centers[0], centers[-1], len(centers))
    if np.abs(np.array(centers) - even).max() <= off_grid(mean):
        # Nothing but a stated distance was against it.
        return Spacing(found, even, mean)
    is_thick = is_complete or bool(fitting[np.diff(found) == 1].all())
    return Spacing(found, np.array(centers), mean, is_even=False, is_thick=is_thick)


def _lower_median(values: NDArray[np.float64]) -> float:
    return float(np.sort(values)[(len(values) - 1) // 2])
