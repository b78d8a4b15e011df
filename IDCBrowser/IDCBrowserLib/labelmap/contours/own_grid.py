"""Grids made for the contours alone, for when their images are not at hand: one for each phase and slab that they form."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.contours.planes import area_vector
from IDCBrowserLib.volume.geometry import Geometry, vector
from IDCBrowserLib.volume.image_grid import ImageGrid, ImageSlice
from IDCBrowserLib.volume.spacing import Spacing, levels_of, space_frames
from IDCBrowserLib.volume.tolerances import LEANING, ONE_DRAWING, ROUNDING_MM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.labelmap.contours.structure_set import Contour, Roi, StructureSet

_PIXELS_MM = (1.0, 0.5, 0.25, 0.125, 0.0625)
_ENOUGH_PIXELS = 128
_LARGEST = 1 << 29


@dataclass(frozen=True)
class OwnGrid:
    """A grid and the ``rois`` with those of their contours that lie on it. ``label`` tells it from the others, "" where it is the only one.

    ``uneven`` holds the planes as slices where their distances vary, so that ``geometry`` is only an approximation.
    """

    geometry: Geometry
    rois: list[Roi]
    label: str = ""
    uneven: ImageGrid | None = None


@dataclass(frozen=True)
class _Frame:
    """What all grids share: axes (rows i, j, k), the first pixel's center along i and j (mm), pixel size (mm), columns and rows."""

    axes: NDArray[np.float64]
    first: NDArray[np.float64]
    pixel: float
    size: tuple[int, int]


def own_grids(structure_set: StructureSet, rois: list[Roi]) -> tuple[list[OwnGrid], str]:
    """The grids around the closed contours of ``rois``, and the contours' frame of reference. Raises ``ConversionError``.

    Slices are the planes of the contours, each as thick as halfway to its neighbors where distances vary; pixels are square, 1 mm or smaller where
    the contours together are narrower than 128 mm. Voxel centers lie at multiples of the pixel size from the patient's origin, in the plane.
    ROIs of another frame of reference than the first do not count. Contours of one ROI and place that name different images are phases.
    """
    frame = next((roi.frame_of_reference_uid for roi in rois if roi.contours), "")
    chosen = [c for roi in rois if roi.frame_of_reference_uid == frame for c in roi.contours if c.kind.encloses]
    if not chosen:
        raise ConversionError(f"{structure_set.path} has no closed contours, so they have no grid. Give the images it was drawn on.")
    axes = axes_of(chosen)
    shared = _frame_around(chosen, axes)
    flat = [contour for contour in chosen if _is_parallel(contour, axes[2])] or chosen
    level_of, levels = _levels(np.array([_height(contour, axes) for contour in flat]), max(shared.size) * shared.pixel)
    phase_of, phases = _phases(rois, flat, level_of)
    slabs = _slabs(levels, structure_set)
    _check_size(structure_set, shared, levels, slabs)
    grids: list[OwnGrid] = []
    for phase in range(phases):
        for number, (part, spacing) in enumerate(slabs):
            names = [("phase", phase, phases), ("slab", number, len(slabs))]
            label = ", ".join(f"{name} {index + 1}" for name, index, count in names if count > 1)
            on_it = {id(c) for c, level in zip(flat, level_of.tolist(), strict=True) if level in part and phase_of.get(id(c), 0) == phase}
            # What has no plane here (points, contours across) stays with the first.
            others = {id(c) for roi in rois for c in roi.contours} - {id(c) for c in flat} if not grids else set()
            own = [replace(roi, contours=[c for c in roi.contours if id(c) in on_it or id(c) in others]) for roi in rois]
            grids.append(_grid(shared, spacing, label, [roi for roi in own if roi.contours or not grids]))
    return [grid for grid in grids if any(c.kind.encloses for roi in grid.rois for c in roi.contours)] or grids[:1], frame


def _frame_around(contours: list[Contour], axes: NDArray[np.float64]) -> _Frame:
    points = np.concatenate([contour.points for contour in contours]) @ axes[:2].T
    low, high = points.min(axis=0), points.max(axis=0)
    pixel = next((mm for mm in _PIXELS_MM if (high - low).max() / mm >= _ENOUGH_PIXELS), _PIXELS_MM[-1])
    first = np.floor(low / pixel) - 1
    size = (np.ceil(high / pixel) + 1 - first + 1).astype(int)
    return _Frame(axes, first * pixel, pixel, (int(size[0]), int(size[1])))


def _height(contour: Contour, axes: NDArray[np.float64]) -> float:
    heights = contour.points @ axes[2]
    return (float(heights.min()) + float(heights.max())) / 2


def _levels(heights: NDArray[np.float64], width: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each height (mm) the index of its plane, and the planes, ascending. Islands drawn a little apart are on one plane.

    ``width`` (mm) is that of all contours together: of two planes alone it tells whether they are a little apart.
    """
    level_of, levels = levels_of(heights, 1.0)
    if len(levels) < 2:
        return level_of, levels
    steps = np.diff(levels)
    wide = steps[steps > 2 * ROUNDING_MM]
    # Steps that are all short are slices of a small animal.
    usual = float(np.median(wide)) if len(wide) else width / 5 if len(steps) == 1 else 0.0
    plane_of = np.concatenate([[0], np.cumsum(steps > min(ONE_DRAWING * usual, 2 * ROUNDING_MM))]).astype(np.int64)
    counts = np.bincount(plane_of)
    return plane_of[level_of], np.bincount(plane_of, levels) / counts


def _is_parallel(contour: Contour, normal: NDArray[np.float64]) -> bool:
    own = area_vector(contour.points)
    return abs(float(own @ normal)) >= float(np.linalg.norm(own)) * float(np.cos(np.radians(LEANING)))


def _phases(rois: list[Roi], contours: list[Contour], level_of: NDArray[np.int64]) -> tuple[dict[int, int], int]:
    """The phase of each contour (by ``id``) and how many there are: more than one where an ROI names several images on most of its places.

    Which phase a contour belongs to is told by the order in which images are named at its place.
    """
    level = {id(contour): number for contour, number in zip(contours, level_of.tolist(), strict=True)}
    has_phases = False
    for roi in rois:
        named: dict[int, set[object]] = defaultdict(set)
        for contour in roi.contours:
            if contour.images and id(contour) in level:
                named[level[id(contour)]].add(contour.images)
        has_phases = has_phases or 2 * sum(len(images) > 1 for images in named.values()) > len(named)
    if not has_phases:
        return {}, 1
    order: dict[int, dict[object, int]] = defaultdict(dict)
    phase_of = {id(c): order[level[id(c)]].setdefault(c.images, len(order[level[id(c)]])) for c in contours if c.images}
    return phase_of, max(phase_of.values()) + 1


def _slabs(levels: NDArray[np.float64], structure_set: StructureSet) -> list[tuple[range, Spacing]]:
    """Indices into ``levels`` with their slices: all together, or slabs with gaps between them that are even each, but not together."""
    whole = _spacing(levels, structure_set)
    if whole.is_even:
        return [(range(len(levels)), whole)]
    ends = [*(np.flatnonzero(np.diff(whole.indices) > 1) + 1).tolist(), len(levels)]
    parts = [range(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    spacings = [_spacing(levels[part.start : part.stop], structure_set) for part in parts]
    if len(parts) > 1 and all(len(part) > 1 and spacing.is_even for part, spacing in zip(parts, spacings, strict=True)):
        return list(zip(parts, spacings, strict=True))
    return [(range(len(levels)), whole)]


def _spacing(levels: NDArray[np.float64], structure_set: StructureSet) -> Spacing:
    if len(levels) == 1:
        return Spacing(np.zeros(1, np.int64), levels, 1.0)

    def is_complete() -> bool:
        stated = {uid for series in structure_set.referenced_series for uid in series.instance_uids}
        return bool(stated) and stated == {uid for roi in structure_set.rois for contour in roi.contours for uid, _ in contour.images}

    return space_frames(levels, np.full(len(levels), np.nan), None, is_complete)


def _check_size(structure_set: StructureSet, shared: _Frame, levels: NDArray[np.float64], slabs: list[tuple[range, Spacing]]) -> None:
    if sum(spacing.count for _, spacing in slabs) * shared.size[0] * shared.size[1] > _LARGEST:
        raise ConversionError(
            f"The contours of {structure_set.path} are spread over {shared.size[0] * shared.pixel:.0f} x {shared.size[1] * shared.pixel:.0f} x "
            f"{levels[-1] - levels[0]:.0f} mm, too much for a grid of their own. Give the images it was drawn on."
        )


def _grid(shared: _Frame, spacing: Spacing, label: str, rois: list[Roi]) -> OwnGrid:
    i, j, k = (vector(axis) for axis in shared.axes)
    corner = shared.first @ shared.axes[:2]
    places = [vector(corner + center * shared.axes[2]) for center in spacing.centers.tolist()]
    shape = (spacing.count, shared.size[1], shared.size[0])
    geometry = Geometry(shape, (shared.pixel, shared.pixel, spacing.step), places[0], (i, j, k))
    if spacing.is_even:
        return OwnGrid(geometry, rois, label)
    present = set(spacing.indices.tolist())
    slices = tuple(ImageSlice("", "", place) if number in present else None for number, place in enumerate(places))
    centers = tuple((spacing.centers - spacing.centers[0]).tolist())
    uneven = ImageGrid(
        geometry, slices, "", "", "", "", "", "", "", "", is_regular=False, warnings=(spacing.uneven_warning(),), label=label, centers=centers
    )
    return OwnGrid(geometry, rois, label, uneven)


def axes_of(contours: list[Contour]) -> NDArray[np.float64]:
    """Unit vectors of i, j and k (rows): k is the normal of the largest contour; i and j follow the patient's axes as closely as they can.

    Axial contours give i to the left and j to the back, sagittal ones i to the back and j downwards, coronal ones i to the left and j downwards.
    """
    normal = max((area_vector(contour.points) for contour in contours), key=lambda vector: float(np.linalg.norm(vector)))
    length = float(np.linalg.norm(normal))
    normal = normal / length if length > 0 else np.array([0.0, 0.0, 1.0])
    main = int(np.abs(normal).argmax())
    i = np.eye(3)[1 if main == 0 else 0]
    i = i - (i @ normal) * normal
    i /= np.linalg.norm(i)
    j = np.cross(normal, i)
    if (j[1] if main == 2 else -j[2]) < 0:
        normal, j = -normal, -j
    return np.round(np.array([i, j, normal]), 12) + 0.0
