"""Contours that are not parallel to the slices, such as sagittal ones on axial images.

When all contours of an ROI form one stack of evenly spaced parallel planes, they are filled there, on a grid of their own, and each voxel of the
images takes what the nearest point of that grid has. Where the planes follow two axes of the images (sagittal, coronal), points of that grid lie at
voxel centers, so that the rule of ``contour_fill`` holds exactly; in oblique planes the grid is four times as fine as the images.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.contours.own_grid import axes_of
from IDCBrowserLib.labelmap.contours.planes import extents_of, planes_of
from IDCBrowserLib.labelmap.contours.voxels import RoiVoxels, voxels_of
from IDCBrowserLib.labelmap.explain import SlicePlacement, Why
from IDCBrowserLib.volume.geometry import Geometry, vector
from IDCBrowserLib.volume.spacing import levels_of
from IDCBrowserLib.volume.tolerances import EVEN_PLANES, FLAT, HAIR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.labelmap.contours.planes import Planes
    from IDCBrowserLib.labelmap.contours.structure_set import Contour, ConversionNotes, Roi

_ALIGNED = 1e-6
_FINER = 4
_MOST_POINTS = 1 << 26


@dataclass(frozen=True)
class _Stack:
    """Axes (rows u, v, normal) and the levels of the lowest plane, their distance, and how many there may be."""

    axes: NDArray[np.float64]
    first: float
    step: float
    count: int
    is_aligned: bool


def voxels_across(
    roi: Roi, geometry: Geometry, planes: Planes, notes: ConversionNotes, rule: str = "auto", interpolate: bool = False
) -> RoiVoxels | None:
    """The voxels of an ROI whose closed contours all lie across the slices; None, noted, where they form no stack of planes of their own.

    None also where no contour lies across. ``geometry`` is the grid of the voxels, ``planes`` its slices.
    """
    contours = [contour for contour in roi.contours if contour.kind.encloses]
    across = _count_across(contours, planes)
    if not across:
        return None
    stack = "others are parallel to the slices" if across < len(contours) else _stack(contours, geometry)
    own = stack if isinstance(stack, str) else _own_grid(stack, contours, geometry)
    if isinstance(stack, str) or isinstance(own, str):
        notes.roi(roi, f"contours that are not parallel to the slices cannot be filled on their own planes: {own}")
        return None
    filled = voxels_of(roi, planes_of(own), notes, rule, interpolate)
    result = _resampled(filled, own, geometry)
    notes.roi(
        roi,
        f"its contours are not parallel to the slices; they were filled on their own planes, {stack.step:.4g} mm apart, "
        "and each voxel took the nearest",
    )
    beyond, inside = _outside(contours, geometry)
    for contour in beyond:
        notes.contour(roi, contour.number, "it reaches beyond the edge of the images and is cut off there")
    told = [SlicePlacement(roi.key, contour.number, Why.ACROSS) for contour in contours]
    return replace(result, used=result.used if inside else 0, placed=told)


def _count_across(contours: list[Contour], planes: Planes) -> int:
    """How many contours are not parallel to the slices, as ``place`` judges it."""
    return int(np.count_nonzero(extents_of(contours, planes).across(planes.step))) if contours else 0


def _stack(contours: list[Contour], geometry: Geometry) -> _Stack | str:
    """The planes of the contours, or why they are none."""
    axes, is_aligned = _axes(contours, geometry)
    heights = [contour.points @ axes[2] for contour in contours]
    middles = np.sort([(float(height.min()) + float(height.max())) / 2 for height in heights])
    levels = levels_of(middles, min(geometry.spacing))[1]
    if len(levels) < 2:
        return "one plane alone has no thickness"
    span = float(levels[-1] - levels[0])
    count = round(span / float(np.median(np.diff(levels)))) + 1
    step = span / (count - 1)
    if max(float(np.ptp(height)) for height in heights) > FLAT * step:
        return "they do not all lie in parallel planes"
    if float(np.abs((levels - levels[0]) / step - np.rint((levels - levels[0]) / step)).max()) > EVEN_PLANES:
        return "their planes are not evenly spaced"
    return _Stack(axes, float(levels[0]), step, count, is_aligned)


def _axes(contours: list[Contour], geometry: Geometry) -> tuple[NDArray[np.float64], bool]:
    """u, v and normal as rows. Two axes of the images (in their order and sense) where these lie in the planes, the normal along the third."""
    axes = axes_of(contours)
    images = np.array(geometry.directions)
    within = [axis for axis in range(3) if abs(float(images[axis] @ axes[2])) < _ALIGNED]
    if len(within) != 2 or abs(float(images[within[0]] @ images[within[1]])) > _ALIGNED:
        return axes, False
    u, v = images[within[0]], images[within[1]]
    normal = np.cross(u, v)
    third = images[3 - sum(within)]
    return np.array([u, v, normal if normal @ third > 0 else -normal]), True


def _own_grid(stack: _Stack, contours: list[Contour], geometry: Geometry) -> Geometry | str:
    """Around the contours. Its points are at voxel centers of ``geometry`` where the planes follow its axes."""
    origin = np.array(geometry.origin)
    spacing = _spacing(stack, geometry)
    flat = np.concatenate([(contour.points - origin) @ stack.axes[:2].T for contour in contours])
    low, high = np.floor(flat.min(axis=0) / spacing) - 1, np.ceil(flat.max(axis=0) / spacing) + 1
    size = (high - low + 1).astype(int)
    if float(np.prod(size.astype(float))) * stack.count > _MOST_POINTS:
        return "they are spread too far for a grid of their own"
    corner = origin + (low * spacing) @ stack.axes[:2]
    corner = corner + (stack.first - float(corner @ stack.axes[2])) * stack.axes[2]
    u, v, normal = (vector(axis) for axis in stack.axes)
    return Geometry((stack.count, int(size[1]), int(size[0])), (float(spacing[0]), float(spacing[1]), stack.step), vector(corner), (u, v, normal))


def _spacing(stack: _Stack, geometry: Geometry) -> NDArray[np.float64]:
    """Along u and v: that of the images where the planes follow their axes."""
    if not stack.is_aligned:
        return np.full(2, min(geometry.spacing) / _FINER)
    along = np.abs(np.array(geometry.directions) @ stack.axes[:2].T).argmax(axis=0)
    spacing: NDArray[np.float64] = np.array(geometry.spacing)[along]
    return spacing


def _resampled(filled: RoiVoxels, own: Geometry, geometry: Geometry) -> RoiVoxels:
    """``filled`` on the grid ``own`` for each voxel of ``geometry``: the nearest point; halfway between two planes the upper one."""
    result = replace(filled, mask=np.zeros((0, 0, 0), np.bool_), corner=(0, 0, 0), plane_step=own.spacing[2])
    if not filled.mask.size:
        return result
    to_voxel = np.linalg.inv(geometry.index_to_lps()) @ own.index_to_lps()
    k, j, i = filled.corner
    depth, rows, columns = filled.mask.shape
    corners = np.array([(x, y, z, 1.0) for x in (i - 1, i + columns) for y in (j - 1, j + rows) for z in (k - 1, k + depth)]) @ to_voxel.T
    limit = np.array(geometry.shape[::-1])
    low = np.clip(np.floor(corners[:, :3].min(axis=0)), 0, limit).astype(int)
    high = np.clip(np.ceil(corners[:, :3].max(axis=0)) + 1, low, limit).astype(int)
    to_own = np.linalg.inv(to_voxel)
    mask = np.zeros((high - low)[::-1], np.bool_)
    across, down = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
    for plane in range(mask.shape[0]):
        found = [to_own[axis, 0] * across + to_own[axis, 1] * down + to_own[axis, 2] * (low[2] + plane) + to_own[axis, 3] for axis in range(3)]
        own_i, own_j, own_k = (np.floor(index + 0.5 + HAIR).astype(int) - first for index, first in zip(found, (i, j, k), strict=True))
        inside = (own_i >= 0) & (own_i < columns) & (own_j >= 0) & (own_j < rows) & (own_k >= 0) & (own_k < depth)
        mask[plane][inside] = filled.mask[own_k[inside], own_j[inside], own_i[inside]]
    # Which voxels come from interpolated planes is not followed up: as many as there, in proportion.
    interpolated = round(int(np.count_nonzero(mask)) * filled.interpolated_voxels / max(1, filled.count))
    return replace(result, mask=mask, corner=(int(low[2]), int(low[1]), int(low[0])), interpolated_voxels=interpolated)


def _outside(contours: list[Contour], geometry: Geometry) -> tuple[list[Contour], bool]:
    """Contours that reach beyond the grid, and whether any lies in it at least in part."""
    to_index = np.linalg.inv(geometry.index_to_lps())
    limit = np.array(geometry.shape[::-1]) - 0.5 + HAIR
    beyond, inside = [], False
    for contour in contours:
        index = contour.points @ to_index[:3, :3].T + to_index[:3, 3]
        low, high = index.min(axis=0), index.max(axis=0)
        if np.any(low < -0.5 - HAIR) or np.any(high > limit):
            beyond.append(contour)
        inside = inside or bool(np.all(high > -0.5) and np.all(low < limit))
    return beyond, inside
