"""How several contours of one ROI on one slice become one set of pixels.

"auto" (also for keyholes, which need nothing: the fill of one contour leaves their hole out): the same contour twice counts once; contours that cross
each other are united; then what is contained in another is a hole, what is contained in a hole an island, and what lies apart is added.
Two contours with the same sense of winding whose borders are nowhere a pixel apart are one, drawn twice: the first counts. A thinner ring that the
file states as a hole, by the opposite winding, a keyhole or ``CLOSEDPLANAR_XOR``, stays one.
``CLOSEDPLANAR_XOR`` contours flip what they enclose (DICOM PS3.3 C.8.8.6.3). "union" and "xor" do just that, to all contours of the slice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.contours.fill import Patch
from IDCBrowserLib.labelmap.contours.relation import Relation, relation, same_border
from IDCBrowserLib.task import look_for_cancel
from IDCBrowserLib.volume.tolerances import SAME_CONTOUR_PIXELS, SIZE_OF_A_COPY

if TYPE_CHECKING:
    from numpy.typing import NDArray


# Contours compared between two looks for a cancel.
_LOOK = 500


@dataclass(frozen=True)
class Shape:
    """One contour on a slice: ``points`` (n, 2) in pixels, signed ``area`` in square pixels, its pixels, whether it is an XOR one, its number."""

    points: NDArray[np.float64]
    area: float
    patch: Patch
    is_xor: bool = False
    number: int = 0


@dataclass
class Combined:
    """Pixels of one ROI on one slice, with what happened: ``found`` of "hole", "island", "union", "xor", "duplicate", "copy".

    ``copies`` are the numbers of contours that were taken as copies of others.

    ``area`` is that of the contours in square pixels, holes subtracted; where contours cross it is only an estimate (``area_is_exact`` False).
    """

    patch: Patch
    area: float
    found: set[str] = field(default_factory=set)
    area_is_exact: bool = True
    copies: tuple[int, ...] = ()


def combine(shapes: list[Shape], rule: str = "auto") -> Combined:
    """The pixels of all shapes together. ``rule`` is "auto", "union" or "xor"."""
    if len(shapes) == 1:
        return Combined(shapes[0].patch, abs(shapes[0].area), {"xor"} if shapes[0].is_xor and rule == "auto" else set())
    if rule == "union":
        return Combined(_merge([shape.patch for shape in shapes], np.logical_or), _sum(shapes), {"union"}, _are_apart(shapes))
    if rule == "xor":
        ordered = sorted(shapes, key=lambda shape: -abs(shape.area))
        relations = _relations(ordered)
        area = _nested_area(ordered, _depths(ordered, relations))
        return Combined(_merge([shape.patch for shape in shapes], np.logical_xor), area, {"xor"}, Relation.CROSSES not in relations.values())
    return _auto(shapes)


def _auto(shapes: list[Shape]) -> Combined:
    unique = _unique(shapes)
    found: set[str] = {"duplicate"} if len(unique) < len(shapes) else set()
    unique, copies = _without_copies(unique)
    if copies:
        found.add("copy")
    flipping = [shape for shape in unique if shape.is_xor]
    if flipping:
        found.add("xor")
    unique.sort(key=lambda shape: -abs(shape.area))
    relations = _relations(unique)
    groups = _crossing_groups(unique, relations)
    if len(groups) < len(unique):
        found.add("union")
    depths = _depths(unique, relations)
    if any(depth % 2 for depth in depths):
        found.add("hole")
    if any(depth and not depth % 2 for depth in depths) or sum(any(depths[index] == 0 for index in group) for group in groups) > 1:
        found.add("island")
    united = [_merge([unique[index].patch for index in group], np.logical_or) for group in groups]
    # Crossing contours of either kind leave the sum of areas an estimate.
    exact = Relation.CROSSES not in relations.values()
    return Combined(_merge(united, np.logical_xor), _nested_area(unique, depths), found, exact, copies)


def _depths(shapes: list[Shape], relations: dict[tuple[int, int], Relation]) -> list[int]:
    """In how many others each lies. Shapes are ordered from the largest."""
    depths = [0] * len(shapes)
    for (_, small), found in relations.items():
        depths[small] += found is Relation.CONTAINS
    return depths


def _relations(shapes: list[Shape]) -> dict[tuple[int, int], Relation]:
    """For every pair (larger, smaller) that is not apart. Shapes are ordered from the largest."""
    low = np.array([shape.points.min(axis=0) for shape in shapes])
    high = np.array([shape.points.max(axis=0) for shape in shapes])
    relations: dict[tuple[int, int], Relation] = {}
    for large in range(len(shapes)):
        look_for_cancel()
        # Of one shape at a time: all pairs of a hundred thousand would fill the memory.
        meet = np.all((low[large] <= high[large + 1 :]) & (low[large + 1 :] <= high[large]), axis=1)
        for place, small in enumerate((np.flatnonzero(meet) + large + 1).tolist()):
            if place % _LOOK == 0:
                look_for_cancel()
            found = relation(shapes[large].points, shapes[small].points)
            if found is not Relation.APART:
                relations[large, small] = found
    return relations


def _crossing_groups(shapes: list[Shape], relations: dict[tuple[int, int], Relation]) -> list[list[int]]:
    """Shapes connected by crossing, as lists of indices. Shapes of the XOR kind stay alone."""
    group_of = list(range(len(shapes)))
    for (large, small), found in relations.items():
        if found is Relation.CROSSES and not (shapes[large].is_xor or shapes[small].is_xor):
            look_for_cancel()
            old, new = group_of[small], group_of[large]
            group_of = [new if group == old else group for group in group_of]
    return [[index for index, group in enumerate(group_of) if group == number] for number in dict.fromkeys(group_of)]


def _unique(shapes: list[Shape]) -> list[Shape]:
    """Without those that enclose the same as an earlier one."""
    by_box: dict[tuple[int, ...], list[Shape]] = {}
    kept: list[Shape] = []
    for shape in shapes:
        look_for_cancel()
        others = by_box.setdefault((shape.patch.row, shape.patch.column, *shape.patch.mask.shape), [])
        if not any(_same(shape, other) for other in others):
            others.append(shape)
            kept.append(shape)
    return kept


def _without_copies(shapes: list[Shape]) -> tuple[list[Shape], tuple[int, ...]]:
    """The shapes without those that are a copy of an earlier one, and the numbers of the copies."""
    kept: list[Shape] = []
    copies: list[int] = []
    for shape in shapes:
        if any(_is_copy(other, shape) for other in kept):
            copies.append(shape.number)
        else:
            kept.append(shape)
    return kept, tuple(copies)


def _is_copy(one: Shape, other: Shape) -> bool:
    """Whether both were drawn for one border: wound alike, of about one size, nowhere a pixel apart."""
    if one.is_xor or other.is_xor or one.area * other.area <= 0:
        return False
    small, large = sorted((abs(one.area), abs(other.area)))
    if small < SIZE_OF_A_COPY * large:
        return False
    apart = [one.points.min(axis=0) - other.points.min(axis=0), one.points.max(axis=0) - other.points.max(axis=0)]
    return float(np.abs(apart).max()) < SAME_CONTOUR_PIXELS and same_border(one.points, other.points, SAME_CONTOUR_PIXELS)


def _same(a: Shape, b: Shape) -> bool:
    """Whether two contours with pixels in the same box are one drawn twice: equal pixels, and equal area and extent up to rounding."""
    if abs(abs(a.area) - abs(b.area)) > 1e-3 * max(abs(a.area), abs(b.area)):
        return False
    if np.abs(a.points.min(axis=0) - b.points.min(axis=0)).max() > 0.02 or np.abs(a.points.max(axis=0) - b.points.max(axis=0)).max() > 0.02:
        return False
    return bool(np.array_equal(a.patch.mask, b.patch.mask))


def _merge(patches: list[Patch], operation: np.ufunc) -> Patch:
    """All patches put together in one box by ``operation``."""
    filled = [patch for patch in patches if patch.mask.size]
    if len(filled) < 2:
        return filled[0] if filled else patches[0]
    row, column = min(patch.row for patch in filled), min(patch.column for patch in filled)
    bottom = max(patch.row + patch.mask.shape[0] for patch in filled)
    right = max(patch.column + patch.mask.shape[1] for patch in filled)
    mask = np.zeros((bottom - row, right - column), np.bool_)
    for patch in filled:
        height, width = patch.mask.shape
        part = mask[patch.row - row : patch.row - row + height, patch.column - column : patch.column - column + width]
        operation(part, patch.mask, out=part)
    return Patch(row, column, mask, any(patch.crosses_itself for patch in filled))


def _sum(shapes: list[Shape]) -> float:
    return float(sum(abs(shape.area) for shape in shapes))


def _are_apart(shapes: list[Shape]) -> bool:
    return not _relations(sorted(shapes, key=lambda shape: -abs(shape.area)))


def _nested_area(shapes: list[Shape], depths: list[int]) -> float:
    return max(0.0, sum(abs(shape.area) * (-1 if depth % 2 else 1) for shape, depth in zip(shapes, depths, strict=True)))
