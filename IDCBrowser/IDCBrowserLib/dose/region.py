"""A region of interest as thin layers between and on its contours, for volumes and doses as planning systems give them.

Contours are cross sections. Between two of them the region is interpolated by its shape (Raya and Udupa 1990: the mean of signed distances to the
borders). Beyond its last contour it tapers off within a third of a slice, unless the last two contours are alike: then it was cut off there and
reaches half a slice further, as its voxels do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.contours.combine import Shape, combine
from IDCBrowserLib.labelmap.contours.fill import Polygons, fill
from IDCBrowserLib.labelmap.contours.own_grid import axes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.labelmap.contours.structure_set import Contour

_PIXELS_ACROSS = 128
_PIXEL_MM = (0.25, 2.5)
_LAYER_MM = 1.0
_LAYERS = (2, 6)
# Pixels beyond which a distance is not told from a longer one.
_FAR = 12
# A cone over a third of a slice; its center of mass.
_TAPER, _TAPER_AT = 1 / 9, 1 / 12
_ALIKE = 0.98
# Of the usual distance: planes nearer are one, planes farther apart are not interpolated.
_SAME_PLANE, _APART = 0.1, 2.5
_MOST_CELLS = 1 << 28


@dataclass(frozen=True)
class Layer:
    """``inside`` (rows, columns), the part of each pixel from 0 to 1; the middle at ``height`` mm along the normal, ``thickness`` in mm."""

    height: float
    thickness: float
    inside: NDArray[np.float32]


@dataclass(frozen=True)
class Region:
    """Layers on square pixels of ``pixel`` mm. ``axes`` are the unit vectors of columns, rows and the normal (rows, LPS); the center of the first
    pixel lies ``low`` mm along the first two."""

    axes: NDArray[np.float64]
    low: NDArray[np.float64]
    pixel: float
    heights: NDArray[np.float64]
    masks: NDArray[np.bool_]
    step: float

    def layers(self) -> Iterator[Layer]:
        """From the lowest to the highest."""
        yield from self._end(0, -1.0)
        below = _depth(self.masks[0])
        for index in range(len(self.heights) - 1):
            above = _depth(self.masks[index + 1])
            yield from self._between(index, below, above)
            below = above
        yield from self._end(len(self.heights) - 1, 1.0)

    def _between(self, index: int, below: NDArray[np.float32], above: NDArray[np.float32]) -> Iterator[Layer]:
        low, high = float(self.heights[index]), float(self.heights[index + 1])
        gap = high - low
        if gap > _APART * self.step:
            yield from self._end(index, 1.0)
            yield from self._end(index + 1, -1.0)
            return
        count = int(np.clip(np.ceil(gap / _LAYER_MM), *_LAYERS))
        for part in (np.arange(count) + 0.5) / count:
            depth = below * np.float32(1 - part) + above * np.float32(part)
            yield Layer(low + gap * float(part), gap / count, np.clip(depth + np.float32(0.5), 0, 1))

    def _end(self, index: int, side: float) -> Iterator[Layer]:
        mask, neighbor = self.masks[index], index - int(side)
        joined = 0 <= neighbor < len(self.heights) and abs(float(self.heights[neighbor] - self.heights[index])) <= _APART * self.step
        gap = abs(float(self.heights[neighbor] - self.heights[index])) if joined else self.step
        thickness, at = gap * _TAPER, gap * _TAPER_AT
        if not joined or _alike(mask, self.masks[neighbor]):
            thickness, at = gap / 2, gap / 4
        yield Layer(float(self.heights[index]) + side * at, thickness, mask.astype(np.float32))


def region_of(contours: Sequence[Contour], usual_step: float) -> Region | None:
    """The closed contours of one ROI; None without any. ``usual_step`` in mm is that of the structure set, for an ROI of one contour."""
    closed = [contour for contour in contours if contour.kind.encloses]
    if not closed:
        return None
    axes = axes_of(list(closed))
    heights = np.array([float(np.mean(contour.points @ axes[2])) for contour in closed])
    step = usual_distance(heights) or usual_step
    order = np.argsort(heights, kind="stable")
    starts = np.flatnonzero(np.diff(heights[order], prepend=-np.inf) > _SAME_PLANE * step)
    planes = [order[start:stop] for start, stop in zip(starts, [*starts[1:].tolist(), len(order)], strict=True)]
    flat = [contour.points @ axes[:2].T for contour in closed]
    low, high = np.min([points.min(axis=0) for points in flat], axis=0), np.max([points.max(axis=0) for points in flat], axis=0)
    pixel = float(np.clip((high - low).max() / _PIXELS_ACROSS, *_PIXEL_MM))
    # Half a pixel off the outermost points, so that edges do not run through centers of pixels.
    low = low - 1.5 * pixel
    shape = int((high[1] - low[1]) / pixel) + 3, int((high[0] - low[0]) / pixel) + 3
    while len(planes) * shape[0] * shape[1] > _MOST_CELLS:
        pixel *= 2
        shape = int((high[1] - low[1]) / pixel) + 3, int((high[0] - low[0]) / pixel) + 3
    masks = np.zeros((len(planes), *shape), np.bool_)
    for mask, plane in zip(masks, planes, strict=True):
        _draw(mask, [(flat[index] - low) / pixel for index in plane], [closed[index] for index in plane])
    return Region(axes, low, pixel, np.array([float(heights[plane].mean()) for plane in planes]), masks, step)


def usual_distance(heights: NDArray[np.float64]) -> float:
    """mm between neighboring planes; 0 where there is one plane."""
    steps = np.diff(np.sort(heights))
    steps = steps[steps > 0.01]
    return float(np.median(steps[steps >= 0.25 * np.median(steps[steps >= 0.25 * steps.max()])])) if len(steps) else 0.0


def _draw(mask: NDArray[np.bool_], flat: list[NDArray[np.float64]], contours: Sequence[Contour]) -> None:
    polygons = Polygons(np.concatenate(flat), np.concatenate([[0], np.cumsum([len(points) for points in flat])]))
    patches = fill(polygons, mask.shape)
    areas = polygons.signed_areas().tolist()
    shapes = [
        Shape(points, area, patch, contour.kind.value == "CLOSEDPLANAR_XOR", contour.number)
        for points, area, patch, contour in zip(flat, areas, patches, contours, strict=True)
    ]
    patch = combine(shapes).patch
    mask[patch.row : patch.row + patch.mask.shape[0], patch.column : patch.column + patch.mask.shape[1]] = patch.mask


def _alike(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> bool:
    both = int(np.count_nonzero(one & other))
    return 2 * both >= _ALIKE * (int(np.count_nonzero(one)) + int(np.count_nonzero(other))) > 0


def _depth(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Signed distance to the border of a mask in pixels: positive inside; up to ``_FAR``."""
    inside = np.sqrt(_squared_distance(~mask).astype(np.float32)) - np.float32(0.5)
    outside = np.float32(0.5) - np.sqrt(_squared_distance(mask).astype(np.float32))
    depth: NDArray[np.float32] = np.where(mask, inside, outside)
    return depth


def _squared_distance(targets: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Of each pixel to the nearest True one: along columns, then along rows."""
    nearest = np.where(targets, 0, _FAR * _FAR).astype(np.uint16)
    for axis in (0, 1):
        base = nearest.copy()
        for shift in range(1, _FAR):
            before, after = [slice(None)] * 2, [slice(None)] * 2
            before[axis], after[axis] = slice(None, -shift), slice(shift, None)
            square = np.uint16(shift * shift)
            np.minimum(nearest[tuple(after)], base[tuple(before)] + square, out=nearest[tuple(after)])
            np.minimum(nearest[tuple(before)], base[tuple(after)] + square, out=nearest[tuple(before)])
    return nearest
