"""Which slice each contour belongs to, and its points in that slice's pixel coordinates.

A contour belongs to the slice that its Contour Image Sequence names, if its plane lies within one slice spacing of it; otherwise to the nearest
slice: slice k owns what lies between the middles towards its neighbors (the lower middle included), the outermost own half a spacing outwards.
Positions are those stored in the images, so a gantry tilt or varying distances do no harm. Contours are flat when their points leave the slice's
direction by no more than a tenth of the spacing; up to half of it they are projected onto the slice, beyond that they are not parallel and refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.contours.fill import Polygons

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.labelmap.contours.structure_set import Contour
    from IDCBrowserLib.volume.geometry import Geometry
    from IDCBrowserLib.volume.image_grid import ImageGrid

FLAT = 0.1
PARALLEL = 0.5
NAMED_WITHIN = 1.0
_HAIR = 1e-6


@dataclass(frozen=True)
class Planes:
    """The slices of a grid: ``positions`` (k, 3) of their first pixels' centers, LPS mm; ``offsets`` (k,) ascending along ``normal``, in mm.

    ``axes`` (2, 3) are the unit vectors of i and j, ``spacing`` their pixel spacing, ``step`` the usual distance of slices along the normal.
    ``named`` maps (SOP Instance UID, frame number or 0) to k.
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
        if len(self.offsets) == 1:
            return np.asarray(self.offsets[0] + np.array([-0.5, 0.5]) * self.step)
        inner = (self.offsets[1:] + self.offsets[:-1]) / 2
        first = self.offsets[0] - (self.offsets[1] - self.offsets[0]) / 2
        last = self.offsets[-1] + (self.offsets[-1] - self.offsets[-2]) / 2
        borders: NDArray[np.float64] = np.concatenate([[first], inner, [last]])
        return borders


def planes_of(geometry: Geometry, grid: ImageGrid | None = None) -> Planes:
    """The slices of a geometry, at the positions stored in the images where there are any."""
    count = geometry.shape[0]
    axes = np.array(geometry.directions[:2])
    normal = np.cross(axes[0], axes[1])
    normal /= np.linalg.norm(normal)
    k_step = np.array(geometry.directions[2]) * geometry.spacing[2]
    if normal @ k_step < 0:
        normal = -normal
    positions = np.array(geometry.origin) + np.arange(count)[:, None] * k_step
    named: dict[tuple[str, int], int] = {}
    if grid is not None:
        for k, image in enumerate(grid.slices):
            if image is not None:
                positions[k] = image.position
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
class Placed:
    """Contours on slices. ``slices`` (m,) is k, or -1 where there is no place, with the reason in ``refused`` (contour to sentence).

    ``distances`` (m,) are from the slice's plane to the contour's, in mm. ``polygons`` hold the points as (i, j) of their slice.
    ``remarks`` (contour to sentence) are about contours that were placed all the same.
    """

    slices: NDArray[np.int64]
    distances: NDArray[np.float64]
    polygons: Polygons
    refused: dict[int, str]
    remarks: dict[int, str]


@dataclass
class _Judgement:
    """What is decided about contours while they are placed."""

    slices: NDArray[np.int64]
    refused: dict[int, str]
    remarks: dict[int, str]


def place(contours: list[Contour], planes: Planes) -> Placed:
    """Put each contour on its slice. All contours have at least one point."""
    starts = np.concatenate([[0], np.cumsum([len(contour.points) for contour in contours])]).astype(np.int64)
    points = np.concatenate([contour.points for contour in contours])
    heights = points @ planes.normal
    low = np.minimum.reduceat(heights, starts[:-1])
    high = np.maximum.reduceat(heights, starts[:-1])
    height = (low + high) / 2
    judged = _nearest(height, planes)
    _take_named(contours, height, planes, judged)
    _judge_flatness(high - low, planes, judged)
    chosen = np.maximum(judged.slices, 0)
    relative = points - planes.positions[np.repeat(chosen, np.diff(starts))]
    pixels = relative @ planes.axes.T / planes.spacing
    return Placed(judged.slices, height - planes.offsets[chosen], Polygons(pixels, starts), judged.refused, judged.remarks)


def _nearest(height: NDArray[np.float64], planes: Planes) -> _Judgement:
    refused: dict[int, str] = {}
    middles = planes.middles()
    slices = np.searchsorted(middles, height + _HAIR, side="right") - 1
    # A contour exactly on the outer border still belongs to the last slice.
    slices[(slices == len(planes.offsets)) & (height <= middles[-1] + _HAIR)] -= 1
    for index in np.flatnonzero((slices < 0) | (slices >= len(planes.offsets))).tolist():
        before = slices[index] < 0
        distance = planes.offsets[0] - height[index] if before else height[index] - planes.offsets[-1]
        refused[index] = f"left out, it lies {_rounded(float(distance))} mm {'before the first' if before else 'behind the last'} slice of the images"
        slices[index] = -1
    return _Judgement(slices.astype(np.int64), refused, {})


def _take_named(contours: list[Contour], height: NDArray[np.float64], planes: Planes, judged: _Judgement) -> None:
    """Let the image that a contour names have it, unless it lies elsewhere."""
    if not planes.named:
        return
    for index, contour in enumerate(contours):
        k = next((planes.named[image] for image in contour.images if image in planes.named), -1)
        if k < 0 or k == judged.slices[index]:
            continue
        distance = abs(float(height[index] - planes.offsets[k]))
        if distance <= NAMED_WITHIN * planes.step + _HAIR:
            judged.slices[index] = k
            judged.refused.pop(index, None)
        elif judged.slices[index] >= 0:
            judged.remarks[index] = f"it lies {_rounded(distance)} mm from the image it names and was placed by its position"


def _judge_flatness(spread: NDArray[np.float64], planes: Planes, judged: _Judgement) -> None:
    for index in np.flatnonzero(spread > FLAT * planes.step).tolist():
        if spread[index] > PARALLEL * planes.step:
            judged.slices[index] = -1
            advice = "; the contours' own grid can hold it" if planes.of_images else ""
            judged.refused[index] = f"left out, it is not parallel to the slices{advice}"
        elif judged.slices[index] >= 0:
            judged.remarks[index] = "its points are not quite in one plane; they were projected onto the slice"


def _rounded(distance: float) -> str:
    """Two digits: sentences about many contours shall be few."""
    return f"{float(f'{distance:.2g}'):g}"
