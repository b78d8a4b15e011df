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
from IDCBrowserLib.labelmap.explain import Why
from IDCBrowserLib.volume.spacing import borders
from IDCBrowserLib.volume.tolerances import CONTOUR_NAMED_WITHIN, FLAT, HAIR, LEANING, PARALLEL, same_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from IDCBrowserLib.labelmap.contours.structure_set import Contour
    from IDCBrowserLib.volume.geometry import Geometry
    from IDCBrowserLib.volume.image_grid import ImageGrid


@dataclass(frozen=True)
class Planes:
    """The slices of a grid: ``positions`` (k, 3) of their first pixels' centers, LPS mm; ``offsets`` (k,) ascending along ``normal``, in mm.

    ``axes`` (2, 3) are the unit vectors of i and j, ``spacing`` their pixel spacing, ``step`` the usual distance of slices along the normal.
    ``named`` maps (SOP Instance UID, frame number or 0) to k; -1 where an instance has several frames and none is named.
    """

    positions: NDArray[np.float64]
    axes: NDArray[np.float64]
    normal: NDArray[np.float64]
    spacing: NDArray[np.float64]
    offsets: NDArray[np.float64]
    step: float
    shape: tuple[int, int, int]
    named: dict[tuple[str, int], int]
    of_images: bool = False

    def middles(self) -> NDArray[np.float64]:
        """The borders (k + 1,) between what neighboring slices own."""
        return borders(self.offsets, self.step)

    def thicknesses(self) -> NDArray[np.float64]:
        """(k,) mm."""
        return np.diff(self.middles())


def planes_of(geometry: Geometry, grid: ImageGrid | None = None) -> Planes:
    """The slices of a geometry, at the positions stored in the images where there are any."""
    count = geometry.shape[0]
    axes = np.array(geometry.directions[:2])
    normal = np.cross(axes[0], axes[1])
    normal /= np.linalg.norm(normal)
    k_step = np.array(geometry.directions[2]) * geometry.spacing[2]
    if normal @ k_step < 0:
        normal = -normal
    positions = np.array(geometry.origin) + np.arange(count)[:, None] * k_step if grid is None else grid.slice_positions()
    named: dict[tuple[str, int], int] = {}
    for k, image in enumerate(grid.slices if grid is not None else ()):
        if image is not None and image.sop_instance_uid:
            named[image.sop_instance_uid, image.frame_number] = k
            named[image.sop_instance_uid, 0] = -1 if (image.sop_instance_uid, 0) in named else k
    return Planes(
        positions,
        axes,
        normal,
        np.array(geometry.spacing[:2]),
        positions @ normal,
        float(normal @ k_step),
        geometry.shape,
        named,
        grid is not None,
    )


@dataclass(frozen=True)
class Extents:
    """How far contours reach along a normal: ``low`` and ``high`` (m,) mm. ``leans`` (m,) is True for those that are flat, but lean a little."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    leans: NDArray[np.bool_]

    @property
    def middle(self) -> NDArray[np.float64]:
        """(m,) mm."""
        return (self.low + self.high) / 2

    @property
    def spread(self) -> NDArray[np.float64]:
        """(m,) mm."""
        return self.high - self.low

    def across(self, step: float) -> NDArray[np.bool_]:
        """(m,): which are not parallel to slices ``step`` mm apart."""
        return (self.spread > PARALLEL * step + HAIR) & ~self.leans


def extents_of(contours: Sequence[Contour], planes: Planes) -> Extents:
    """Of contours with at least one point each."""
    starts = np.cumsum([0, *(len(contour.points) for contour in contours[:-1])])
    heights = np.concatenate([contour.points for contour in contours]) @ planes.normal
    low, high = np.minimum.reduceat(heights, starts), np.maximum.reduceat(heights, starts)
    leans = np.zeros(len(contours), np.bool_)
    for index in np.flatnonzero(high - low > PARALLEL * planes.step).tolist():
        leans[index] = _leans(contours[index].points, planes)
    return Extents(low, high, leans)


def _leans(points: NDArray[np.float64], planes: Planes) -> bool:
    """Whether the points lie in one plane that is nearly parallel to the slices."""
    own = area_vector(points)
    length = float(np.linalg.norm(own))
    if length == 0 or abs(float(own @ planes.normal)) < length * float(np.cos(np.radians(LEANING))):
        return False
    return float(np.ptp(points @ (own / length))) <= PARALLEL * planes.step


def area_vector(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Along the normal of a closed contour (n, 3), as long as the area it encloses (mm2)."""
    relative = points - points[0]
    vector: NDArray[np.float64] = np.cross(relative, np.roll(relative, -1, axis=0)).sum(axis=0) / 2
    return vector


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
