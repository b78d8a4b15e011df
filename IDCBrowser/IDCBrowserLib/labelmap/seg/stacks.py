"""The planes of a SEG as slices of their own: origin, directions, spacing, gaps, phases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.seg.frames import FrameTable
from IDCBrowserLib.labelmap.seg.mapping import HALF
from IDCBrowserLib.volume.even import even_slices
from IDCBrowserLib.volume.geometry import Geometry, vector
from IDCBrowserLib.volume.spacing import Spacing, levels_of, space_frames
from IDCBrowserLib.volume.tilt import SliceAxis, slice_axis
from IDCBrowserLib.volume.tolerances import SAME_DIRECTION, SAME_PIXEL_SPACING, fits, same_pixel
from IDCBrowserLib.volume.vectors import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Slices per stored plane. Beyond, a position is a mistake: a stack with one frame in fifty is already strange.
_LARGEST_GAP_FACTOR = 50
_MANY_SLICES = 4000


def _no() -> bool:
    return False


@dataclass(frozen=True)
class PlaneStack:
    """A grid for some planes of a ``FrameTable``. ``slices`` (P,): the stored slice of each plane, -1 for planes of other stacks.

    ``geometry`` is the even grid of the result, ``source`` (k,) the stored slice that each of its slices shows: None where they are the same.
    ``positions`` (stored, 3) LPS mm is where stored slices begin; ``thicknesses`` (stored,) in mm. ``shifts`` is True where slices begin beside the
    axis of ``geometry``, so that voxels move within them.
    """

    geometry: Geometry
    slices: NDArray[np.int64]
    positions: NDArray[np.float64]
    thicknesses: NDArray[np.float64]
    source: NDArray[np.int64] | None = None
    shifts: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def stored(self) -> int:
        """How many slices decoding fills."""
        return len(self.positions)


def plane_axes(orientation: NDArray[np.float64], path: str = "") -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors of i, j and the plane normal i x j. Raises ``ConversionError`` when Image Orientation (Patient) spans no plane."""
    i_axis, j_axis = orientation[:3], orientation[3:]
    lengths = np.linalg.norm(i_axis), np.linalg.norm(j_axis)
    if any(abs(length - 1) > 0.02 for length in lengths) or abs(np.dot(i_axis, j_axis)) > 0.02:
        numbers = "\\".join(f"{value:g}" for value in orientation)
        _fail(path, f"Image Orientation (Patient) (0020,0037) is {numbers}, which are not two perpendicular unit vectors.")
    i_axis, j_axis = i_axis / lengths[0], j_axis / lengths[1]
    normal = np.cross(i_axis, j_axis)
    return i_axis, j_axis, normal / np.linalg.norm(normal)


def parallel_groups(frames: FrameTable, planes: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """``planes`` by orientation and pixel spacing, the group of the first plane first."""
    groups: list[list[int]] = []
    for plane in planes.tolist():
        for group in groups:
            if _is_parallel(frames, group[0], plane):
                group.append(plane)
                break
        else:
            groups.append([plane])
    return [np.array(group) for group in groups]


def _is_parallel(frames: FrameTable, a: int, b: int) -> bool:
    if np.abs(frames.orientations[a] - frames.orientations[b]).max() > SAME_DIRECTION:
        return False
    return bool((np.abs(frames.pixel_spacings[a] - frames.pixel_spacings[b]) <= SAME_PIXEL_SPACING * frames.pixel_spacings[a]).all())


def phases(frames: FrameTable, planes: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The frames on some parallel planes; one set, or a set for each phase where frames of one segment and place name different images or moments.

    Which phase a frame belongs to is told by the order in which images are named at its place.
    """
    own = np.flatnonzero(np.isin(frames.plane, planes))
    place_of = np.full(len(frames.positions), -1)
    place_of[planes] = _places(frames, planes)[0]
    places = place_of[frames.plane[own]]
    if len(distinct(frames.segment[own].astype(np.int64) * (int(places.max()) + 1) + places)) == len(own):
        return [own]
    keys = list(zip(frames.segment[own].tolist(), places.tolist(), strict=True))
    named: dict[int, dict[object, int]] = defaultdict(dict)
    phase = np.zeros(len(own), np.int64)
    for n, (frame, (_, place)) in enumerate(zip(own.tolist(), keys, strict=True)):
        order = named[place]
        phase[n] = order.setdefault((frames.references[frame], frames.moments[frame]), len(order))
    if len({(*key, number) for key, number in zip(keys, phase.tolist(), strict=True)}) == len(set(keys)):
        return [own]
    return [own[phase == number] for number in range(int(phase.max()) + 1)]


def stack_planes(frames: FrameTable, planes: NDArray[np.int64], path: str, is_complete: Callable[[], bool] = _no) -> PlaneStack:
    """The grid of parallel planes; k ascends along their normal. Raises ``ConversionError`` where one position must be a mistake.

    ``is_complete`` tells whether the SEG names no other image than those its planes lie on.
    """
    first = int(planes[0])
    axes = plane_axes(frames.orientations[first])
    pixel_spacing = frames.pixel_spacings[first]
    pixel = float(pixel_spacing.min())
    level_of, levels = _places(frames, planes)
    spacing, warnings = _spacing(frames, planes, level_of, levels, is_complete=is_complete)
    _check_count(spacing.count, len(levels), path)
    origins = frames.positions[planes[_first_of_each(level_of)]]
    axis = slice_axis(origins, axes[2], spacing, pixel)
    beside = np.linalg.norm(frames.positions[planes] - origins[level_of], axis=1).max()
    slices = np.full(len(frames.positions), -1, np.int64)
    slices[planes] = spacing.indices[level_of]
    positions = _positions(spacing, origins, axis)
    shifts = not axis.is_straight or bool(beside > same_pixel(pixel))
    geometry = Geometry(
        shape=(spacing.count, frames.rows, frames.columns),
        spacing=(float(pixel_spacing[1]), float(pixel_spacing[0]), axis.length),
        origin=vector(positions[0]),
        directions=(vector(axes[0]), vector(axes[1]), axis.direction),
    )
    said = (*warnings, *((axis.warning(),) if axis.warning() else ()))
    stack = PlaneStack(geometry, slices, positions, spacing.thicknesses(), None, shifts, said)
    stack = stack if spacing.is_even else _evened(stack, spacing, axes[2])
    return _widened(stack, frames, planes) if shifts else stack


def _places(frames: FrameTable, planes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    normal = plane_axes(frames.orientations[planes[0]])[2]
    return levels_of(frames.positions[planes] @ normal, float(frames.pixel_spacings[planes[0]].min()))


def _first_of_each(level_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """The index of the first plane on each level."""
    return np.unique(level_of, return_index=True)[1]


def _spacing(
    frames: FrameTable, planes: NDArray[np.int64], level_of: NDArray[np.int64], levels: NDArray[np.float64], *, is_complete: Callable[[], bool]
) -> tuple[Spacing, tuple[str, ...]]:
    of_level = planes[_first_of_each(level_of)]
    thickness = frames.thicknesses[of_level]
    stated = frames.spacings_between_slices[of_level]
    common = float(stated[0]) if np.isfinite(stated).all() and fits(float(stated.max()), float(stated.min())) else None
    if len(levels) > 1:
        spacing = space_frames(levels, thickness, common, is_complete)
        return spacing, () if spacing.is_even else (spacing.uneven_warning(),)
    own = [value for value in (float(stated[0]), float(thickness[0])) if np.isfinite(value)]
    single = Spacing(np.zeros(1, np.int64), levels, own[0] if own else float(frames.pixel_spacings[planes[0], 0]))
    if own:
        return single, ()
    return single, ("The file has one slice and states neither spacing nor thickness; the row spacing is used as slice thickness.",)


def _positions(spacing: Spacing, origins: NDArray[np.float64], axis: SliceAxis) -> NDArray[np.float64]:
    """(k, 3): where each slice begins; missing ones lie between their neighbors."""
    if axis.is_straight and spacing.is_even:
        return np.asarray(origins[0] + np.outer(np.arange(spacing.count), axis.length * np.array(axis.direction)))
    present = spacing.centers[spacing.indices]
    return np.stack([np.interp(spacing.centers, present, origins[:, axis_]) for axis_ in range(3)], axis=1)


def _evened(stack: PlaneStack, spacing: Spacing, normal: NDArray[np.float64]) -> PlaneStack:
    """On an even grid, each slice of which shows the stored slice in which it lies."""
    even = even_slices(spacing.borders())
    geometry = stack.geometry
    oblique = np.array(geometry.directions[2]) / float(np.array(geometry.directions[2]) @ normal)
    origin = stack.positions[0] + (even.first - spacing.centers[0]) * oblique
    length = even.step * float(np.linalg.norm(oblique))
    made = Geometry((len(even.source), *geometry.shape[1:]), (geometry.spacing[0], geometry.spacing[1], length), vector(origin), geometry.directions)
    said = f"The result has a slice every {even.step:.4g} mm, each showing the stored slice in which it lies."
    return PlaneStack(made, stack.slices, stack.positions, stack.thicknesses, even.source, stack.shifts, (*stack.warnings, said))


def _widened(stack: PlaneStack, frames: FrameTable, planes: NDArray[np.int64]) -> PlaneStack:
    """With as many rows and columns as all planes together need, which begin at different places."""
    to_index = np.linalg.inv(stack.geometry.index_to_lps())
    corners = frames.positions[planes] @ to_index[:3, :3].T + to_index[:3, 3]
    low, high = np.floor(corners[:, :2].min(axis=0) + HALF), np.floor(corners[:, :2].max(axis=0) + HALF)
    columns, rows = (high - low).astype(int) + np.array([frames.columns, frames.rows])
    matrix = stack.geometry.index_to_lps()
    origin = matrix[:3, 3] + matrix[:3, :2] @ low
    geometry = Geometry((stack.geometry.shape[0], int(rows), int(columns)), stack.geometry.spacing, vector(origin), stack.geometry.directions)
    said = "The frames begin at different places of their planes; the result is as wide as all of them together."
    return PlaneStack(geometry, stack.slices, stack.positions, stack.thicknesses, stack.source, True, (*stack.warnings, said))


def _check_count(slices: int, planes: int, path: str) -> None:
    if slices > _MANY_SLICES and slices > planes * _LARGEST_GAP_FACTOR:
        _fail(path, f"The {planes} slice positions (Image Position (Patient) (0020,0032)) would span {slices:,} slices; one of them must be wrong.")


def _fail(path: str, reason: str) -> NoReturn:
    raise ConversionError(f"{path}: {reason}" if path else reason)


@dataclass(frozen=True)
class FrameStack:
    """Frames that form one grid: its ``planes`` and ``frames`` (indices), and what tells it from the others, "" where it is the only one."""

    planes: NDArray[np.int64]
    frames: NDArray[np.int64]
    label: str


def stacks_of(frames: FrameTable) -> list[FrameStack]:
    """The stacks that the frames form: by orientation and pixel spacing, then by phase, then by slab."""
    groups = [phases(frames, planes) for planes in parallel_groups(frames, np.arange(len(frames.positions)))]
    found = []
    for group, by_phase in enumerate(groups, 1):
        for phase, own in enumerate(by_phase, 1):
            slabs = _slabs(frames, distinct(frames.plane[own]))
            for slab, planes in enumerate(slabs, 1):
                names = [("stack", group, len(groups)), ("phase", phase, len(by_phase)), ("slab", slab, len(slabs))]
                label = ", ".join(f"{name} {number}" for name, number, count in names if count > 1)
                found.append(FrameStack(planes, own[np.isin(frames.plane[own], planes)], label))
    return found


def _slabs(frames: FrameTable, planes: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """``planes`` as they are, or parts with a gap between them that are even each, but not together (as ``volume.stacking`` does for images)."""
    level_of, levels = _places(frames, planes)
    spacing = _spacing(frames, planes, level_of, levels, is_complete=_no)[0]
    after = np.flatnonzero(np.diff(spacing.indices) > 1)
    if spacing.is_even or not len(after):
        return [planes]
    slabs = [planes[np.isin(level_of, part)] for part in np.split(np.arange(len(levels)), after + 1)]
    return slabs if all(_is_even(frames, slab) for slab in slabs) else [planes]


def _is_even(frames: FrameTable, planes: NDArray[np.int64]) -> bool:
    level_of, levels = _places(frames, planes)
    return len(levels) > 1 and _spacing(frames, planes, level_of, levels, is_complete=_no)[0].is_even
