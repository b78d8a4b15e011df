"""Which contours of one slice were drawn on one plane: of several planes only the one nearest to the slice's middle counts.

Contours of one drawn plane differ in height by rounding, by islands that were drawn apart, and by a tilt of the whole ROI; contours of other planes
are as far away as the ROI's planes are from each other. What names the image and overlaps nothing of the nearer plane belongs to it all the same.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.contours.placing import named_slice
from IDCBrowserLib.labelmap.contours.relation import Relation, relation
from IDCBrowserLib.volume.tolerances import HAIR, LEANING, ONE_DRAWING, ONE_DRAWING_AT_LEAST, same_place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.labelmap.contours.fill import Polygons
    from IDCBrowserLib.labelmap.contours.placing import PlacedContours
    from IDCBrowserLib.labelmap.contours.planes import Planes
    from IDCBrowserLib.labelmap.contours.structure_set import Contour


def contours_that_count(contours: list[Contour], placed: PlacedContours, planes: Planes) -> tuple[dict[int, list[int]], list[int]]:
    """Slice to the indices of its contours, ascending; and those that lie on other planes than the nearest of their slice."""
    on_slice: dict[int, list[int]] = defaultdict(list)
    for index, k in enumerate(placed.slices.tolist()):
        if k >= 0:
            on_slice[k].append(index)
    shared = {k for k, indices in on_slice.items() if len(indices) > 1}
    heights = _own_heights(contours, placed, planes) if shared else np.zeros(0)
    covered: list[int] = []
    for k in shared:
        indices = on_slice[k]
        limit = _one_plane(k, on_slice, heights, planes)
        nearest = min(indices, key=lambda index: (round(abs(float(placed.distances[index])), 6), float(placed.distances[index])))
        plane = _connected(indices, nearest, heights, limit)
        if len(plane) == len(indices):
            continue
        beside = [index for index in indices if index not in plane]
        plane |= {index for index in beside if named_slice(contours[index], planes) == k and not _overlaps(index, plane, placed)}
        on_slice[k] = [index for index in indices if index in plane]
        covered += [index for index in indices if index not in plane]
    return dict(sorted(on_slice.items())), sorted(covered)


def _own_heights(contours: list[Contour], placed: PlacedContours, planes: Planes) -> NDArray[np.float64]:
    """mm along the normal that the contours have in common, where that leans only a little against the slices'; else along theirs."""
    points = np.concatenate([contour.points for contour in contours])
    starts = placed.polygons.starts
    vectors = _area_vectors(points, placed.polygons)[placed.slices >= 0]
    along = vectors @ planes.normal
    common = (vectors * np.where(along < 0, -1.0, 1.0)[:, None]).sum(axis=0)
    length = float(np.linalg.norm(common))
    leans = length > 0 and HAIR * length < length - float(common @ planes.normal) <= length * (1 - float(np.cos(np.radians(LEANING))))
    heights = points @ (common / length if leans else planes.normal)
    middles: NDArray[np.float64] = (np.minimum.reduceat(heights, starts[:-1]) + np.maximum.reduceat(heights, starts[:-1])) / 2
    return middles


def _area_vectors(points: NDArray[np.float64], polygons: Polygons) -> NDArray[np.float64]:
    """``planes.area_vector`` of every contour (m, 3); ``points`` (n, 3) lie behind one another as those of ``polygons`` do."""
    relative = points - np.repeat(points[polygons.starts[:-1]], np.diff(polygons.starts), axis=0)
    x, y, z = relative.T
    u, v, w = relative[polygons.following()].T
    crossed = np.stack([y * w - z * v, z * u - x * w, x * v - y * u], axis=1)
    vectors: NDArray[np.float64] = np.add.reduceat(crossed, polygons.starts[:-1]) / 2
    return vectors


def _one_plane(k: int, on_slice: dict[int, list[int]], heights: NDArray[np.float64], planes: Planes) -> float:
    """mm up to which heights on slice k are one plane."""
    own = heights[on_slice[k]]
    others = [heights[on_slice[near]] for near in (k - 1, k + 1) if near in on_slice]
    apart = min((float(np.abs(own[:, None] - other).min()) for other in others), default=planes.step)
    tight = max(ONE_DRAWING_AT_LEAST * planes.step, min(same_place(planes.step), ONE_DRAWING * planes.step))
    return max(min(tight, ONE_DRAWING * planes.step), ONE_DRAWING * min(apart, planes.step)) + HAIR


def _connected(indices: list[int], first: int, heights: NDArray[np.float64], limit: float) -> set[int]:
    """Those that are reached from ``first`` in steps of at most ``limit`` mm."""
    ordered = sorted(indices, key=lambda index: float(heights[index]))
    at = ordered.index(first)
    low = high = at
    while low > 0 and heights[ordered[low]] - heights[ordered[low - 1]] <= limit:
        low -= 1
    while high + 1 < len(ordered) and heights[ordered[high + 1]] - heights[ordered[high]] <= limit:
        high += 1
    return set(ordered[low : high + 1])


def _overlaps(index: int, others: set[int], placed: PlacedContours) -> bool:
    starts = placed.polygons.starts
    points = placed.polygons.points[starts[index] : starts[index + 1]]
    low, high = points.min(axis=0), points.max(axis=0)
    for other in others:
        theirs = placed.polygons.points[starts[other] : starts[other + 1]]
        if (theirs.min(axis=0) <= high).all() and (low <= theirs.max(axis=0)).all():
            large, small = (points, theirs) if np.ptp(points, axis=0).prod() >= np.ptp(theirs, axis=0).prod() else (theirs, points)
            if relation(large, small) is not Relation.APART:
                return True
    return False
