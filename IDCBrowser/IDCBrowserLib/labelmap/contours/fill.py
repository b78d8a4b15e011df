"""Closed contours in pixel coordinates to pixels, many at once: a scan-line fill over arrays.

The rule, the same for every slice and orientation, in the (column i, row j) coordinates of the image: a pixel belongs to a contour when its
center is enclosed an odd number of times. A center exactly on an edge counts as if it lay an infinitely small step toward higher i and a far
smaller one toward higher j. So edges at the low side of a region are in, those at the high side are out, and two regions that share an edge share
no pixel and leave none. A center closer to an edge than ``ON_EDGE`` (in pixels) counts as on it: Decimal Strings are rounded at the twelfth digit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.task import look_for_cancel

if TYPE_CHECKING:
    from numpy.typing import NDArray

ON_EDGE = 1e-8
_CELLS_AT_ONCE = 1 << 23
_CROSSINGS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Patch:
    """The pixels of one contour: ``mask`` (rows, columns) with its first pixel at ``row``, ``column``. It may be empty.

    ``crosses_itself`` is True where the contour winds around some pixel more than once or in both senses.
    """

    row: int
    column: int
    mask: NDArray[np.bool_]
    crosses_itself: bool = False


_EMPTY = Patch(0, 0, np.zeros((0, 0), np.bool_))


@dataclass(frozen=True)
class Polygons:
    """Closed polygons behind one another: ``points`` (n, 2) as (i, j); polygon m has points ``starts[m]`` to ``starts[m + 1]``. None is empty."""

    points: NDArray[np.float64]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def part(self, first: int, last: int) -> Polygons:
        """Polygons ``first`` to ``last`` (exclusive)."""
        low, high = int(self.starts[first]), int(self.starts[last])
        return Polygons(self.points[low:high], self.starts[first : last + 1] - low)

    def following(self) -> NDArray[np.int64]:
        """The index of the point after each, around its polygon."""
        look_for_cancel()
        after = np.arange(1, len(self.points) + 1)
        after[self.starts[1:] - 1] = self.starts[:-1]
        return after

    def signed_areas(self) -> NDArray[np.float64]:
        """Shoelace area of each in square pixels, positive where i turns toward j."""
        reference = np.repeat(self.points[self.starts[:-1]], np.diff(self.starts), axis=0)
        relative = self.points - reference
        after = relative[self.following()]
        look_for_cancel()
        cross = relative[:, 0] * after[:, 1] - relative[:, 1] * after[:, 0]
        areas: NDArray[np.float64] = np.add.reduceat(cross, self.starts[:-1]) / 2
        return areas


def fill(polygons: Polygons, shape: tuple[int, int]) -> list[Patch]:
    """The pixels of each polygon on an image of ``shape`` (rows, columns); what lies outside is cut off."""
    patches: list[Patch] = []
    for first, last in _portions(polygons, shape):
        look_for_cancel()
        patches.extend(_fill_portion(polygons.part(first, last), shape))
    return patches


def _portions(polygons: Polygons, shape: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Runs of polygons whose bounding boxes and edges together stay small, so that memory does."""
    if not len(polygons):
        return
    low = np.minimum.reduceat(polygons.points, polygons.starts[:-1])
    look_for_cancel()
    high = np.maximum.reduceat(polygons.points, polygons.starts[:-1])
    limits = np.array([shape[1], shape[0]], dtype=float)
    sizes = np.clip(high, 0, limits) - np.clip(low, 0, limits) + 2
    edges = np.maximum(np.add.reduceat(_rows_crossed(polygons, shape[0]), polygons.starts[:-1]), np.diff(polygons.starts))
    cost = np.maximum(sizes[:, 0] * sizes[:, 1] / _CELLS_AT_ONCE, edges / _CROSSINGS_AT_ONCE)
    first, total = 0, 0.0
    for index, own in enumerate(cost.tolist()):
        if index > first and total + own > 1:
            yield first, index
            first, total = index, 0.0
        total += own
    yield first, len(polygons)


def _rows_crossed(polygons: Polygons, rows: int) -> NDArray[np.int64]:
    """By how many scan-lines each edge is crossed, or one more or less."""
    look_for_cancel()
    levels = np.ceil(np.clip(polygons.points[:, 1], 0, rows)).astype(np.int64)
    crossed: NDArray[np.int64] = np.abs(levels[polygons.following()] - levels)
    return crossed


@dataclass(frozen=True)
class _Crossings:
    """Where scan-lines meet edges: polygon, row, first column to the right of or on the crossing, and the sense of the edge (+1, -1)."""

    polygon: NDArray[np.int64]
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    sense: NDArray[np.int8]


def _crossings(polygons: Polygons, shape: tuple[int, int]) -> _Crossings:
    polygon = np.repeat(np.arange(len(polygons)), np.diff(polygons.starts))
    return _crossings_of(polygons.points, polygons.points[polygons.following()], polygon, shape)


def _crossings_of(points: NDArray[np.float64], following: NDArray[np.float64], polygon: NDArray[np.int64], shape: tuple[int, int]) -> _Crossings:
    """Of edges from ``points`` to ``following``, each of a ``polygon``."""
    rows, columns = shape
    i, j = _snapped(points[:, 0]), _snapped(points[:, 1])
    i_after, j_after = _snapped(following[:, 0]), _snapped(following[:, 1])
    # Every edge from its lower to its higher end, so that two regions compute the same crossing on an edge they share.
    upward = j_after > j
    j_low, j_high = np.minimum(j, j_after), np.maximum(j, j_after)
    i_low, i_high = np.where(upward, i, i_after), np.where(upward, i_after, i)
    first = np.ceil(np.clip(j_low, 0, rows)).astype(np.int64)
    last = np.ceil(np.clip(j_high, 0, rows)).astype(np.int64)
    counts = last - first
    edge = np.repeat(np.arange(len(counts)), counts)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts - first, counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (i_high - i_low) / (j_high - j_low)
    slope_here = slope[edge]
    where = i_low[edge] + (row - j_low[edge]) * slope_here
    nearest = np.rint(where)
    on_edge = np.abs(where - nearest) <= ON_EDGE * np.sqrt(1 + slope_here * slope_here)
    column = np.clip(np.where(on_edge, nearest, np.ceil(where)), 0, columns).astype(np.int64)
    return _Crossings(polygon[edge], row, column, np.where(upward, 1, -1).astype(np.int8)[edge])


def _snapped(values: NDArray[np.float64]) -> NDArray[np.float64]:
    nearest = np.rint(values)
    return np.where(np.abs(values - nearest) <= ON_EDGE, nearest, values)


def _fill_portion(polygons: Polygons, shape: tuple[int, int]) -> list[Patch]:
    if len(polygons) == 1 and max(len(polygons.points), int(_rows_crossed(polygons, shape[0]).sum())) > _CROSSINGS_AT_ONCE:
        return [_fill_long(polygons, shape)]
    crossings = _crossings(polygons, shape)
    patches = [_EMPTY] * len(polygons)
    if not len(crossings.row):
        return patches
    begins = np.flatnonzero(np.diff(crossings.polygon, prepend=-1))
    present = crossings.polygon[begins]
    top, bottom = np.minimum.reduceat(crossings.row, begins), np.maximum.reduceat(crossings.row, begins) + 1
    left, right = np.minimum.reduceat(crossings.column, begins), np.maximum.reduceat(crossings.column, begins)
    heights, widths = bottom - top, right - left
    bases = np.concatenate([[0], np.cumsum(heights * widths)])
    box = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(crossings.row))))
    # One long line of all boxes: a crossing at a row's end falls on the next row's start, where the winding is 0 again.
    cells = bases[box] + (crossings.row - top[box]) * widths[box] + crossings.column - left[box]
    senses = np.sign(polygons.signed_areas()).astype(np.int8)
    senses[senses == 0] = 1
    winding = np.zeros(int(bases[-1]) + 1, np.int8)
    np.add.at(winding, cells, -crossings.sense * senses[crossings.polygon])
    np.cumsum(winding, dtype=np.int8, out=winding)
    simple = bool(winding.max(initial=0) <= 1 and winding.min(initial=0) >= 0)
    for index, polygon in enumerate(present.tolist()):
        height, width = int(heights[index]), int(widths[index])
        part = winding[bases[index] : bases[index + 1]].reshape(height, width)
        patches[polygon] = _patch(int(top[index]), int(left[index]), part, simple)
    return patches


def _fill_long(polygon: Polygons, shape: tuple[int, int]) -> Patch:
    """One polygon of any length, a part of its edges at a time: ten million may each cross every row."""
    rows, columns = shape
    look_for_cancel()
    sense = np.int8(1 if polygon.signed_areas()[0] >= 0 else -1)
    ends = np.cumsum(_rows_crossed(polygon, rows) + 1)
    look_for_cancel()
    points, following = polygon.points, polygon.points[polygon.following()]
    winding = np.zeros((rows, columns + 1), np.int8)
    first = 0
    while first < len(points):
        look_for_cancel()
        before = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + _CROSSINGS_AT_ONCE, side="right")))
        found = _crossings_of(points[first:last], following[first:last], np.zeros(last - first, np.int64), shape)
        np.add.at(winding, (found.row, found.column), -found.sense * sense)
        first = last
    np.cumsum(winding, axis=1, dtype=np.int8, out=winding)
    return _patch(0, 0, np.ascontiguousarray(winding[:, :columns]), False)


def _patch(row: int, column: int, winding: NDArray[np.int8], simple: bool) -> Patch:
    if simple or not winding.size or (winding.max() <= 1 and winding.min() >= 0):
        return Patch(row, column, winding.view(np.bool_))
    odd = (winding & 1).astype(np.bool_)
    if not odd.any():
        # The whole contour was drawn twice without lifting the pen: once is meant.
        return Patch(row, column, winding != 0, True)
    return Patch(row, column, odd, True)
