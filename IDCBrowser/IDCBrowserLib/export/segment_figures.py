"""What is measured of the segments that are written: volume, diameter, and the values of the image inside."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.compare.masks import boxes
from IDCBrowserLib.compare.surface import Box
from IDCBrowserLib.dicom.with_pydicom import quietly
from IDCBrowserLib.labelmap.types import Labelmap
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.image_grid import ImageGrid
from IDCBrowserLib.volume.pixels import read_planes
from IDCBrowserLib.volume.quantity import UNKNOWN, Quantity

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A hull takes longer than comparing so many points.
_FEW_POINTS = 64
# Their squares have no number any more.
_LARGEST = 1e140


@dataclass(frozen=True)
class Inside:
    """The values of the image in ``voxels`` of a segment; the deviation is that of all of them (divided by their number)."""

    voxels: int
    mean: float
    deviation: float
    least: float
    most: float


@dataclass(frozen=True)
class SegmentFigures:
    """``volume_mm3`` is the sum of its voxels. ``diameter_mm`` is the longest distance between two points of its surface, which lies half a step
    from the centers of its outermost voxels, as marching cubes put it; None where it has no voxels. ``inside`` is None where no image was measured.
    """

    voxels: int
    volume_mm3: float
    diameter_mm: float | None
    inside: Inside | None


@dataclass(frozen=True)
class Measured:
    """``segments`` in the order of those of the labelmap; ``quantity`` is that of ``inside``; ``notes`` are sentences for the user."""

    segments: tuple[SegmentFigures, ...]
    quantity: Quantity
    notes: tuple[str, ...]


@quietly()
def measure_segments(labelmap: Labelmap, grid: ImageGrid, task: Task) -> Measured:
    """Of every segment of a labelmap that lies on ``grid``. Raises ``ConversionError`` for images that cannot be read."""
    insides, quantity, notes = _insides(labelmap, grid, task)
    places = [boxes(layer) for layer in labelmap.layers]
    volumes = grid.thicknesses() * labelmap.geometry.spacing[0] * labelmap.geometry.spacing[1]
    found = []
    for segment in labelmap.segments:
        task.raise_if_cancelled()
        box = places[segment.layer].get(segment.label_value)
        if box is None:
            found.append(SegmentFigures(0, 0.0, None, None))
            continue
        mask = labelmap.layers[segment.layer][box] == segment.label_value
        counts = np.count_nonzero(mask, axis=(1, 2))
        voxels, volume = int(counts.sum()), float(counts @ volumes[box[0]])
        inside = insides.get((segment.layer, segment.label_value))
        found.append(SegmentFigures(voxels, volume, _diameter(mask, box, labelmap, grid), inside))
    return Measured(tuple(found), quantity, notes)


def _insides(labelmap: Labelmap, grid: ImageGrid, task: Task) -> tuple[dict[tuple[int, int], Inside], Quantity, tuple[str, ...]]:
    """By layer and label value."""
    if grid.is_color:
        return {}, UNKNOWN, ("The images are in color, so no values inside the segments were measured.",)
    sums: list[dict[int, Inside]] = [{} for _ in labelmap.layers]
    quantities: list[Quantity] = []
    for k, values, quantity in read_planes(grid, task):
        held = False
        for layer, found in zip(labelmap.layers, sums, strict=True):
            for label, inside in _of_plane(layer[k], values):
                found[label] = _united(found[label], inside) if label in found else inside
                held = True
        if held and quantity not in quantities:
            quantities.append(quantity)
    notes = []
    if len(quantities) > 1:
        return {}, UNKNOWN, ("The images measure different quantities, so no values inside the segments were measured.",)
    if any(any(layer[k].any() for layer in labelmap.layers) for k in grid.missing_slices):
        notes.append("The series lacks images of slices that hold voxels; the values measured are those of the images that are there.")
    united = {(number, label): inside for number, one in enumerate(sums) for label, inside in one.items()}
    return united, (quantities or [UNKNOWN])[0], tuple(notes)


def _of_plane(labels: NDArray[Any], values: NDArray[np.float64]) -> Iterator[tuple[int, Inside]]:
    """Each label of a slice with the values of the image there; values that are no number, or beyond all measure, are none."""
    places = np.flatnonzero(labels)
    inside = values.ravel()[places]
    known = np.abs(inside) < _LARGEST
    labels_there, inside = labels.ravel()[places][known], inside[known]
    order = np.argsort(labels_there, kind="stable")
    labels_there, inside = labels_there[order], inside[order]
    borders = [0, *(np.flatnonzero(np.diff(labels_there)) + 1).tolist(), len(inside)]
    for start, stop in itertools.pairwise(borders if len(inside) else []):
        part = inside[start:stop]
        yield int(labels_there[start]), Inside(stop - start, float(part.mean()), float(part.std()), float(part.min()), float(part.max()))


def _united(one: Inside, other: Inside) -> Inside:
    """Of the voxels of both (Chan, Golub, LeVeque 1983): no difference of large sums."""
    voxels, step = one.voxels + other.voxels, other.mean - one.mean
    mean = one.mean + step * other.voxels / voxels
    squares = one.deviation**2 * one.voxels + other.deviation**2 * other.voxels + step**2 * one.voxels * other.voxels / voxels
    return Inside(voxels, mean, math.sqrt(squares / voxels), min(one.least, other.least), max(one.most, other.most))


def _diameter(mask: NDArray[np.bool_], box: Box, labelmap: Labelmap, grid: ImageGrid) -> float:
    """In mm; slices lie where they lie, also at varying distances."""
    index = _surface_points(mask) + np.array([box[2].start, box[1].start, box[0].start])
    matrix = labelmap.geometry.index_to_lps()
    origins = grid.slice_positions()
    # Half a slice beyond the first and the last one.
    origins = np.vstack([2 * origins[0] - _after(origins, 0, matrix), origins, 2 * origins[-1] - _after(origins, -1, matrix)])
    along = index[:, 2] + 1
    low = np.floor(along).astype(int)
    part = (along - low)[:, None]
    places = origins[low] * (1 - part) + origins[np.minimum(low + 1, len(origins) - 1)] * part
    return _longest(places + index[:, :2] @ matrix[:3, :2].T)


def _after(origins: NDArray[np.float64], end: int, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The neighbor of the first or last slice, where there is none the place that the grid has for it."""
    if len(origins) > 1:
        neighbor: NDArray[np.float64] = origins[1 if end == 0 else -2]
        return neighbor
    step: NDArray[np.float64] = matrix[:3, 2] if end == 0 else -matrix[:3, 2]
    beside: NDArray[np.float64] = origins[0] + step
    return beside


def _surface_points(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(n, 3) i, j, k in voxels: the outermost points of each row of voxels, half a step from their centers, along each axis.

    What lies between two of them in a row is no corner of the convex hull.
    """
    found = []
    for axis in range(3):
        turned = np.moveaxis(mask, axis, 2)
        rows = np.argwhere(turned.any(2))
        held = turned[rows[:, 0], rows[:, 1]]
        first, last = held.argmax(1) - 0.5, held.shape[1] - 0.5 - held[:, ::-1].argmax(1)
        for ends in (first, last):
            points = np.insert(rows.astype(float), axis, ends, axis=1)
            found.append(points[:, ::-1])
    return np.concatenate(found)


def _longest(points: NDArray[np.float64]) -> float:
    """The longest distance between two of the points; only corners of their convex hull can be its ends."""
    from scipy.spatial import ConvexHull, QhullError

    if len(points) > _FEW_POINTS:
        with contextlib.suppress(QhullError):
            points = points[ConvexHull(points).vertices]
    return math.sqrt(max(float(((points - point) ** 2).sum(1).max()) for point in points))
