"""The contours of one ROI to voxels of a grid."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.contours.between import fill_between, slices_between
from IDCBrowserLib.labelmap.contours.combine import Combined, Shape, combine
from IDCBrowserLib.labelmap.contours.fill import Patch, Polygons, fill
from IDCBrowserLib.labelmap.contours.placing import PlacedContours, place
from IDCBrowserLib.labelmap.contours.planes import Planes
from IDCBrowserLib.labelmap.contours.same_plane import contours_that_count
from IDCBrowserLib.labelmap.contours.structure_set import Contour, ContourKind, ConversionNotes, Roi, RoiNotes
from IDCBrowserLib.labelmap.explain import SlicePlacement, Why
from IDCBrowserLib.volume.tolerances import HAIR

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass
class RoiVoxels:
    """The voxels of an ROI: ``mask`` (k, j, i) with its first voxel at ``corner``; empty where nothing was enclosed.

    ``used`` contours lie on a slice and inside the image, at least in part. ``area_mm2`` is the area of the contours summed over slices;
    ``found`` says how they were combined (see ``Combined``). ``plane_step`` is the distance (mm) of the contours' own planes where these are not
    the slices, otherwise 0; ``slices`` are then those planes. ``placed`` tells of every contour where it went.
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
    interpolated_voxels: int = 0
    plane_step: float = 0.0
    placed: list[SlicePlacement] = field(default_factory=list)

    @cached_property
    def count(self) -> int:
        """How many voxels. Ask once ``mask`` is complete."""
        return int(np.count_nonzero(self.mask))


def voxels_of(roi: Roi, planes: Planes, notes: ConversionNotes, rule: str = "auto", interpolate: bool = False) -> RoiVoxels:
    """Place, fill and combine the closed contours of an ROI, which has some; what could not be used is noted.

    ``rule`` is "auto", "union" or "xor" (see ``contour_combine``); ``interpolate`` fills slices between contours.
    """
    about = notes.about(roi)
    told: list[SlicePlacement] = []
    drawn = _drawn(roi, planes, about, told)
    if not len(drawn.polygons):
        return RoiVoxels(np.zeros((0, 0, 0), np.bool_), (0, 0, 0), placed=told)
    patches = fill(drawn.polygons, planes.shape[1:])
    outside = _note_geometry(drawn, patches, planes, about)
    combined = {k: combine(shapes, rule) for k, shapes in _shapes(drawn, patches).items()}
    result = _summary(combined, len(drawn.contours) - outside, planes)
    result.placed = _note_copies(told, combined, about)
    between = slices_between(result.slices)
    result.empty_between = len(between)
    filled = {k: part.patch for k, part in combined.items()}
    if interpolate and between:
        added = fill_between(filled, between)
        filled.update(added)
        result.interpolated = len(between)
        result.interpolated_voxels = sum(int(np.count_nonzero(patch.mask)) for patch in added.values())
    result.mask, result.corner = _stack(filled)
    return result


@dataclass(frozen=True)
class _Drawn:
    """The contours that count, slice by slice: contour n lies on ``slices[n]``, its points are ``polygons[n]``."""

    contours: list[Contour]
    slices: list[int]
    polygons: Polygons


def _drawn(roi: Roi, planes: Planes, about: RoiNotes, told: list[SlicePlacement]) -> _Drawn:
    contours = [contour for contour in roi.contours if contour.kind.encloses]
    placed = place(contours, planes)
    for index, sentence in sorted({**placed.remarks, **placed.refused}.items()):
        about.contour(contours[index].number, sentence)
    chosen, covered = contours_that_count(contours, placed, planes)
    for index in covered:
        about.contour(contours[index].number, "not used, another plane of contours lies nearer to the slice")
        placed.whys[index] = Why.COVERED
    told += _told(roi, contours, placed)
    used = [index for indices in chosen.values() for index in indices]
    return _Drawn([contours[index] for index in used], [k for k, indices in chosen.items() for _ in indices], _take(placed.polygons, used))


def _told(roi: Roi, contours: list[Contour], placed: PlacedContours) -> list[SlicePlacement]:
    """Where each contour went, for ``--explain``."""
    found = []
    for index, (contour, k, why) in enumerate(zip(contours, placed.slices.tolist(), placed.whys, strict=True)):
        remark = placed.remarks.get(index, "") or placed.refused.get(index, "").removeprefix("skipped, ")
        if why is Why.ABSENT:
            remark = ""
        distance = float(placed.distances[index]) if k >= 0 else None
        found.append(SlicePlacement(roi.key, contour.number, why, k if k >= 0 else None, distance=distance, remark=remark))
    return found


def _take(polygons: Polygons, indices: list[int]) -> Polygons:
    """The polygons at ``indices``, in that order."""
    if indices == list(range(len(polygons))):
        return polygons
    starts = polygons.starts
    parts = [polygons.points[starts[index] : starts[index + 1]] for index in indices]
    lengths = [len(part) for part in parts]
    return Polygons(np.concatenate([np.zeros((0, 2)), *parts]), np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


def _shapes(drawn: _Drawn, patches: list[Patch]) -> dict[int, list[Shape]]:
    shapes: dict[int, list[Shape]] = defaultdict(list)
    starts = drawn.polygons.starts
    areas = drawn.polygons.signed_areas().tolist()
    for n, (contour, k) in enumerate(zip(drawn.contours, drawn.slices, strict=True)):
        points = drawn.polygons.points[starts[n] : starts[n + 1]]
        shapes[k].append(Shape(points, areas[n], patches[n], contour.kind is ContourKind.XOR, contour.number))
    return shapes


def _note_copies(told: list[SlicePlacement], combined: dict[int, Combined], about: RoiNotes) -> list[SlicePlacement]:
    """``told``, in which copies are named as such."""
    copies = {number for part in combined.values() for number in part.copies}
    for number in sorted(copies):
        about.contour(number, "taken as a copy: another contour of its slice has the same border within a pixel, and one of them counts")
    return [replace(one, why=Why.COPY) if one.number in copies else one for one in told]


def _note_geometry(drawn: _Drawn, patches: list[Patch], planes: Planes, about: RoiNotes) -> int:
    """Note what is cut off or crosses itself; gives how many contours lie outside."""
    low = np.minimum.reduceat(drawn.polygons.points, drawn.polygons.starts[:-1])
    high = np.maximum.reduceat(drawn.polygons.points, drawn.polygons.starts[:-1])
    limit = np.array([planes.shape[2], planes.shape[1]]) - 0.5
    beyond = np.any(low < -0.5 - HAIR, axis=1) | np.any(high > limit + HAIR, axis=1)
    outside = np.any(high < -0.5, axis=1) | np.any(low > limit, axis=1)
    for index in np.flatnonzero(beyond).tolist():
        what = "it is outside the images, to the side" if outside[index] else "it reaches beyond the edge of the images and is cut off there"
        about.contour(drawn.contours[index].number, what)
    for contour, patch in zip(drawn.contours, patches, strict=True):
        if patch.crosses_itself:
            about.contour(contour.number, "it crosses itself; what it encloses an odd number of times was taken")
    return int(np.count_nonzero(outside))


def _summary(combined: dict[int, Combined], used: int, planes: Planes) -> RoiVoxels:
    pixel = float(planes.spacing[0] * planes.spacing[1])
    return RoiVoxels(
        np.zeros((0, 0, 0), np.bool_),
        (0, 0, 0),
        used=used,
        slices=sorted(combined),
        area_mm2=pixel * sum(part.area for part in combined.values()),
        area_is_exact=all(part.area_is_exact for part in combined.values()),
        found=set[str]().union(*(part.found for part in combined.values())),
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
