"""Which slice each contour belongs to, and its points in that slice's pixel coordinates.

A contour belongs to the slice that its Contour Image Sequence names, if its plane lies within one slice of it; otherwise to the nearest slice:
slice k owns what lies between the middles toward its neighbors (the lower middle included), the outermost own half a spacing outwards.
Positions are those stored in the images, so a gantry tilt or varying distances do no harm. Contours are flat when their points leave the slice's
direction by no more than a tenth of a slice; up to half of it, or where they are only leaning a little, they are projected onto the slice; beyond
that they are not parallel and refused. The allowances are those of ``volume.tolerances``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.contours.fill import Polygons
from IDCBrowserLib.labelmap.contours.midway import border_width
from IDCBrowserLib.labelmap.contours.planes import Extents, Planes, extents_of
from IDCBrowserLib.labelmap.explain import Why
from IDCBrowserLib.volume.tolerances import CONTOUR_NAMED_WITHIN, FLAT, HAIR, same_place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.labelmap.contours.structure_set import Contour


@dataclass(frozen=True)
class PlacedContours:
    """Contours on slices. ``slices`` (m,) is k, or -1 where there is no place, with the reason in ``refused`` (contour to sentence).

    ``distances`` (m,) are from the slice's plane to the contour's, in mm. ``polygons`` hold the points as (i, j) of their slice.
    ``remarks`` (contour to sentence) are about contours that were placed all the same. ``whys`` (m) say what decided.
    """

    slices: NDArray[np.int64]
    distances: NDArray[np.float64]
    polygons: Polygons
    refused: dict[int, str]
    remarks: dict[int, str]
    whys: list[Why]


@dataclass
class _Judgement:
    """What is decided about contours while they are placed."""

    slices: NDArray[np.int64]
    whys: list[Why]
    refused: dict[int, str] = field(default_factory=dict)
    remarks: dict[int, str] = field(default_factory=dict)


def place(contours: list[Contour], planes: Planes) -> PlacedContours:
    """Put each contour on its slice. All contours have at least one point."""
    extents = extents_of(contours, planes)
    height = extents.middle
    judged = _nearest(height, planes, border_width(contours, height, planes))
    _take_named(contours, height, planes, judged)
    _judge_flatness(extents, planes, judged)
    starts = np.concatenate([[0], np.cumsum([len(contour.points) for contour in contours])]).astype(np.int64)
    points = np.concatenate([contour.points for contour in contours])
    chosen = np.maximum(judged.slices, 0)
    relative = points - planes.positions[np.repeat(chosen, np.diff(starts))]
    pixels = relative @ planes.axes.T / planes.spacing
    return PlacedContours(judged.slices, height - planes.offsets[chosen], Polygons(pixels, starts), judged.refused, judged.remarks, judged.whys)


def _nearest(height: NDArray[np.float64], planes: Planes, border: float) -> _Judgement:
    middles = planes.middles()
    slices = np.searchsorted(middles, height + border, side="right") - 1
    # A contour exactly on the outer border still belongs to the last slice.
    slices[(slices == len(planes.offsets)) & (height <= middles[-1] + border)] -= 1
    inside = np.clip(slices, 0, len(planes.offsets) - 1)
    at_place = np.abs(height - planes.offsets[inside]) <= same_place(planes.step)
    judged = _Judgement(slices.astype(np.int64), [Why.AT_PLACE if here else Why.NEAREST for here in at_place.tolist()])
    for index in np.flatnonzero((slices < 0) | (slices >= len(planes.offsets))).tolist():
        before = slices[index] < 0
        distance = planes.offsets[0] - height[index] if before else height[index] - planes.offsets[-1]
        where = "before the first" if before else "behind the last"
        judged.refused[index] = f"skipped, it is {_rounded(float(distance))} mm {where} slice of the images"
        judged.slices[index] = -1
        judged.whys[index] = Why.OUTSIDE
    return judged


def named_slice(contour: Contour, planes: Planes) -> int:
    """The k of the image that a contour names, -1 where it names none of these."""
    return next((k for image in contour.images if (k := planes.named.get(image, -1)) >= 0), -1)


def _take_named(contours: list[Contour], height: NDArray[np.float64], planes: Planes, judged: _Judgement) -> None:
    """Let the image that a contour names have it, unless it lies elsewhere."""
    if not planes.named:
        return
    thickness = planes.thicknesses()
    for index, contour in enumerate(contours):
        k = named_slice(contour, planes)
        if k < 0:
            continue
        distance = abs(float(height[index] - planes.offsets[k]))
        if distance <= CONTOUR_NAMED_WITHIN * max(planes.step, float(thickness[k])) + HAIR:
            judged.slices[index] = k
            judged.whys[index] = Why.NAMED
            judged.refused.pop(index, None)
        elif judged.slices[index] >= 0:
            judged.remarks[index] = f"it is {_rounded(distance)} mm from the image it names and was placed by its position"
    _leave_out_absent(contours, planes, judged)


def _leave_out_absent(contours: list[Contour], planes: Planes, judged: _Judgement) -> None:
    """Contours that name images that are not given, while others of the ROI name some that are: what is there is of a neighbor or another phase."""
    taken = {int(judged.slices[index]) for index, why in enumerate(judged.whys) if why is Why.NAMED}
    if not taken:
        return
    for index, contour in enumerate(contours):
        k = int(judged.slices[index])
        is_absent = bool(contour.images) and not any(image in planes.named for image in contour.images)
        if not is_absent or k < 0 or (judged.whys[index] is Why.AT_PLACE and k not in taken):
            continue
        judged.slices[index] = -1
        judged.whys[index] = Why.ABSENT
        judged.refused[index] = "skipped, the image it names is not among those given"


def _judge_flatness(extents: Extents, planes: Planes, judged: _Judgement) -> None:
    across = extents.across(planes.step)
    for index in np.flatnonzero(extents.spread > FLAT * planes.step + HAIR).tolist():
        if across[index]:
            judged.slices[index] = -1
            judged.whys[index] = Why.REFUSED
            advice = "; the contours' own grid can hold it" if planes.of_images else ""
            judged.refused[index] = f"skipped, it is not parallel to the slices{advice}"
        elif judged.slices[index] >= 0:
            judged.remarks[index] = "its points are not quite in one plane; they were projected onto the slice"


def _rounded(distance: float) -> str:
    """Two digits: sentences about many contours shall be few."""
    return f"{float(f'{distance:.2g}'):g}"
