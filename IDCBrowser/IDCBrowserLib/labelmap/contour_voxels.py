"""The contours of one ROI to voxels of a grid."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.contour_combine import Combined, Shape, combine
from IDCBrowserLib.labelmap.contour_fill import Patch, Polygons, fill
from IDCBrowserLib.labelmap.contour_planes import Placed, Planes, place
from IDCBrowserLib.labelmap.rtstruct_types import Contour, ContourKind, Notes, Roi

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAME_PLANE = 0.05
_SAME_PLANE_MM = 0.01


@dataclass
class RoiVoxels:
    """The voxels of an ROI: ``mask`` (k, j, i) with its first voxel at ``corner``; empty where nothing was enclosed.

    ``area_mm2`` is the area of its contours summed over slices; ``found`` says how contours were combined (see ``Combined``).
    """

    mask: NDArray[np.bool_]
    corner: tuple[int, int, int]
    used: int = 0
    slices: list[int] = field(default_factory=list)
    area_mm2: float = 0.0
    area_is_exact: bool = True
    found: set[str] = field(default_factory=set)
    empty_between: int = 0
    interpolated: int = 0


def voxels_of(roi: Roi, planes: Planes, rule: str, interpolate: bool, notes: Notes) -> RoiVoxels:
    """Place, fill and combine the closed contours of an ROI; what could not be used is noted."""
    contours = [contour for contour in roi.contours if contour.kind.encloses]
    if not contours:
        return RoiVoxels(np.zeros((0, 0, 0), np.bool_), (0, 0, 0))
    placed = place(contours, planes)
    for index, sentence in sorted({**placed.remarks, **placed.refused}.items()):
        notes.contour(roi, contours[index].number, sentence)
    chosen = _nearest_planes(contours, placed, planes, roi, notes)
    combined = _combine_slices(contours, placed, chosen, planes, rule, roi, notes)
    result = _summary(combined, chosen, planes)
    from IDCBrowserLib.labelmap.contour_between import fill_between, slices_between

    between = slices_between(result.slices)
    result.empty_between = len(between)
    patches = {k: part.patch for k, part in combined.items()}
    if interpolate and between:
        patches.update(fill_between(patches, between))
        result.interpolated = len(between)
    result.mask, result.corner = _stack(patches)
    return result


def _nearest_planes(contours: list[Contour], placed: Placed, planes: Planes, roi: Roi, notes: Notes) -> dict[int, list[int]]:
    """Slice to its contours. Where contours of several planes fall on one slice, those of the plane nearest to its centre count."""
    on_slice: dict[int, list[int]] = defaultdict(list)
    for index, k in enumerate(placed.slices.tolist()):
        if k >= 0:
            on_slice[k].append(index)
    tolerance = _SAME_PLANE * planes.step + _SAME_PLANE_MM
    distances = placed.distances.tolist()
    for k, indices in on_slice.items():
        if len(indices) < 2:
            continue
        best = distances[min(indices, key=lambda index: (round(abs(distances[index]), 6), distances[index]))]
        on_slice[k] = [index for index in indices if abs(distances[index] - best) <= tolerance]
        for index in set(indices) - set(on_slice[k]):
            notes.contour(roi, contours[index].number, "not used, another plane of contours lies nearer to the slice")
    return dict(sorted(on_slice.items()))


def _combine_slices(
    contours: list[Contour], placed: Placed, chosen: dict[int, list[int]], planes: Planes, rule: str, roi: Roi, notes: Notes
) -> dict[int, Combined]:
    used = [index for indices in chosen.values() for index in indices]
    if not used:
        return {}
    polygons = _take(placed.polygons, used)
    patches = fill(polygons, planes.shape[1:])
    areas = polygons.signed_areas().tolist()
    _note_geometry(polygons, patches, [contours[index].number for index in used], planes, roi, notes)
    combined: dict[int, Combined] = {}
    first = 0
    for k, indices in chosen.items():
        shapes = [
            Shape(polygons.points[polygons.starts[n] : polygons.starts[n + 1]], areas[n], patches[n], contours[used[n]].kind is ContourKind.XOR)
            for n in range(first, first + len(indices))
        ]
        first += len(indices)
        combined[k] = combine(shapes, rule)
    return combined


def _take(polygons: Polygons, indices: list[int]) -> Polygons:
    """The polygons at ``indices``, in that order."""
    if indices == list(range(len(polygons))):
        return polygons
    starts = polygons.starts
    points = np.concatenate([polygons.points[starts[index] : starts[index + 1]] for index in indices])
    lengths = [int(starts[index + 1] - starts[index]) for index in indices]
    return Polygons(points, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


def _note_geometry(polygons: Polygons, patches: list[Patch], numbers: list[int], planes: Planes, roi: Roi, notes: Notes) -> None:
    low = np.minimum.reduceat(polygons.points, polygons.starts[:-1])
    high = np.maximum.reduceat(polygons.points, polygons.starts[:-1])
    limit = np.array([planes.shape[2], planes.shape[1]]) - 0.5
    beyond = np.any(low < -0.5 - 1e-6, axis=1) | np.any(high > limit + 1e-6, axis=1)
    outside = np.any(high < -0.5, axis=1) | np.any(low > limit, axis=1)
    for index in np.flatnonzero(beyond).tolist():
        what = "it lies outside the images, to the side" if outside[index] else "it reaches beyond the edge of the images and is cut off there"
        notes.contour(roi, numbers[index], what)
    for index, patch in enumerate(patches):
        if patch.crosses_itself:
            notes.contour(roi, numbers[index], "it crosses itself; what it encloses an odd number of times was taken")


def _summary(combined: dict[int, Combined], chosen: dict[int, list[int]], planes: Planes) -> RoiVoxels:
    pixel = float(planes.spacing[0] * planes.spacing[1])
    return RoiVoxels(
        np.zeros((0, 0, 0), np.bool_), (0, 0, 0), used=sum(len(indices) for indices in chosen.values()), slices=sorted(combined),
        area_mm2=pixel * sum(part.area for part in combined.values()), area_is_exact=all(part.area_is_exact for part in combined.values()),
        found=set().union(*(part.found for part in combined.values())),
    )


def _stack(patches: dict[int, Patch]) -> tuple[NDArray[np.bool_], tuple[int, int, int]]:
    """All slices in one box (k, j, i), and the corner of the box."""
    filled = {k: patch for k, patch in patches.items() if patch.mask.size}
    if not filled:
        return np.zeros((0, 0, 0), np.bool_), (0, 0, 0)
    k, row, column = min(filled), min(patch.row for patch in filled.values()), min(patch.column for patch in filled.values())
    bottom = max(patch.row + patch.mask.shape[0] for patch in filled.values())
    right = max(patch.column + patch.mask.shape[1] for patch in filled.values())
    mask = np.zeros((max(filled) - k + 1, bottom - row, right - column), np.bool_)
    for plane, patch in filled.items():
        height, width = patch.mask.shape
        mask[plane - k, patch.row - row : patch.row - row + height, patch.column - column : patch.column - column + width] = patch.mask
    return mask, (k, row, column)
