"""From frames in any order to grids: group by orientation, split phases at the same place, find the spacing and the gaps."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from IDCBrowserLib.volume.frames import Frame
from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.volume.image_grid import ImageGrid, ImageSlice
from IDCBrowserLib.volume.passes import split_passes
from IDCBrowserLib.volume.phases import split_phases
from IDCBrowserLib.volume.spacing import Spacing, levels_of, space_images
from IDCBrowserLib.volume.tilt import slice_axis
from IDCBrowserLib.volume.tolerances import SAME_DIRECTION, SAME_PIXEL_SPACING

_OWN_FRAMES = "Every image states a frame of reference of its own; they are one series and taken as one."


def stack_frames(frames: Sequence[Frame]) -> tuple[ImageGrid, ...]:
    """All grids of ``frames``: those with a place in the patient, then gray ones, then the largest first; equal ones as acquired."""
    ranked: list[tuple[tuple[bool, bool, int], ImageGrid]] = []
    scattered = _series_with_frames_of_their_own(frames)
    for group in _parallel_groups(frames, scattered):
        notes = (_OWN_FRAMES,) if group[0].series.series_uid in scattered and len(group) > 1 else ()
        ordered, distances = _sorted_along_normal(group)
        places, _ = levels_of(distances, min(group[0].spacing))
        for label, stack in split_phases(ordered, places.tolist()):
            for own_label, part in _parts(stack, label):
                rank = (part[0].position_assumed, part[0].is_color, -len(part) * part[0].rows * part[0].columns)
                ranked.append((rank, _grid(part, own_label, notes)))
    return tuple(grid for _, grid in sorted(ranked, key=lambda item: item[0]))


def _series_with_frames_of_their_own(frames: Sequence[Frame]) -> frozenset[str]:
    """Series whose every file names another frame of reference, which no scanner means."""
    files: dict[str, set[str]] = defaultdict(set)
    named: dict[str, set[str]] = defaultdict(set)
    for frame in frames:
        files[frame.series.series_uid].add(frame.path)
        named[frame.series.series_uid].add(frame.series.frame_of_reference_uid)
    return frozenset(uid for uid in files if len(named[uid]) > 1 and len(named[uid]) == len(files[uid]))


def _parallel_groups(frames: Sequence[Frame], scattered: frozenset[str]) -> list[list[Frame]]:
    """Frames of one series, frame of reference, size, pixel spacing and orientation, in color or not."""
    buckets: dict[tuple[str, str, int, int, bool], list[list[Frame]]] = defaultdict(list)
    for frame in frames:
        reference = "" if frame.series.series_uid in scattered else frame.series.frame_of_reference_uid
        bucket = buckets[frame.series.series_uid, reference, frame.rows, frame.columns, frame.is_color]
        for group in bucket:
            if _is_parallel(group[0], frame):
                group.append(frame)
                break
        else:
            bucket.append([frame])
    return [group for bucket in buckets.values() for group in bucket]


def _is_parallel(a: Frame, b: Frame) -> bool:
    directions = zip(a.row + a.column, b.row + b.column, strict=True)
    if any(abs(x - y) > SAME_DIRECTION for x, y in directions):
        return False
    return all(abs(x - y) <= SAME_PIXEL_SPACING * x for x, y in zip(a.spacing, b.spacing, strict=True))


def _normal(frame: Frame) -> NDArray[np.float64]:
    return np.cross(frame.row, frame.column)


def _sorted_along_normal(frames: Sequence[Frame]) -> tuple[list[Frame], NDArray[np.float64]]:
    """Frames ascending along the normal (ties by instance and frame number), and their distances from the patient's origin in mm."""
    normal = _normal(frames[0])
    distances = np.array([frame.position for frame in frames]) @ normal
    order = sorted(range(len(frames)), key=lambda n: (distances[n], frames[n].instance_number, frames[n].frame_number))
    return [frames[n] for n in order], distances[order]


def _parts(frames: list[Frame], label: str) -> list[tuple[str, list[Frame]]]:
    """Two slabs far apart (both breasts in one series), or slabs or passes that are even each but not together, are several volumes.

    Each with its label, ascending along the normal.
    """
    ordered, distances = _sorted_along_normal(frames)
    if len(ordered) < 3:
        return [(label, ordered)]
    steps = np.diff(distances)
    usual = float(np.sort(steps)[(len(steps) - 1) // 2])
    if distances[-1] - distances[0] > 2 * usual * len(ordered):
        return [(label, slab) for slab in _cut(ordered, np.flatnonzero(steps > 4 * usual))]
    spacing = _spacing(ordered, distances)
    if spacing.is_even:
        return [(label, ordered)]
    slabs = _cut(ordered, np.flatnonzero(np.diff(spacing.indices) > 1))
    if len(slabs) > 1 and all(len(slab) > 1 and _is_even(slab) for slab in slabs):
        return [(label, slab) for slab in slabs]
    passes = split_passes(ordered, distances, _is_even)
    return [(f"{label}, {own}".lstrip(", "), stack) for own, stack in passes] if passes else [(label, ordered)]


def _is_even(frames: list[Frame]) -> bool:
    return _spacing(*_sorted_along_normal(frames)).is_even


def _cut(frames: list[Frame], after: NDArray[np.int64]) -> list[list[Frame]]:
    return [frames[start:end] for start, end in itertools.pairwise([0, *(after + 1).tolist(), len(frames)])]


def _spacing(ordered: list[Frame], distances: NDArray[np.float64]) -> Spacing:
    return space_images(distances, np.array([np.nan if frame.slice_thickness is None else frame.slice_thickness for frame in ordered]))


def _grid(ordered: list[Frame], label: str, notes: tuple[str, ...]) -> ImageGrid:
    """``ordered`` is ascending along the normal, one frame per place."""
    first = ordered[0]
    warnings = [*notes, *dict.fromkeys(frame.note for frame in ordered if frame.note)]
    if first.position_assumed:
        warnings.append("The image states no position in the patient; it is put at the origin.")
    if first.spacing_assumed:
        warnings.append("The images state no Pixel Spacing; 1 mm is assumed.")
    spacing = _slices(ordered, warnings)
    slices: list[ImageSlice | None] = [None] * spacing.count
    for frame, index in zip(ordered, spacing.indices.tolist(), strict=True):
        slices[index] = ImageSlice(frame.path, frame.sop_instance_uid, frame.position, frame.frame_number, frame.instance_number)
    axis = slice_axis(np.array([frame.position for frame in ordered]), _normal(first), spacing, min(first.spacing))
    if axis.warning():
        warnings.append(axis.warning())
    if missing := spacing.count - len(ordered):
        warnings.append(f"{missing} of {spacing.count} slices are missing between the first and the last; the grid keeps their places.")
    series = first.series
    grid = ImageGrid(
        geometry=Geometry(
            shape=(spacing.count, first.rows, first.columns),
            spacing=(first.spacing[0], first.spacing[1], axis.length),
            origin=first.position,
            directions=(first.row, first.column, axis.direction),
        ),
        slices=tuple(slices),
        is_regular=spacing.is_even and axis.is_straight,
        warnings=tuple(warnings),
        label=label,
        series_uid=series.series_uid,
        study_uid=series.study_uid,
        patient_id=series.patient_id,
        patient_name=series.patient_name,
        frame_of_reference_uid=series.frame_of_reference_uid,
        modality=series.modality,
        series_description=series.series_description,
        series_number=series.series_number,
        is_color=first.is_color,
        is_placed=not first.position_assumed,
    )
    return grid if spacing.is_even else replace(grid, centers=tuple((spacing.centers - spacing.centers[0]).tolist()))


def _slices(ordered: list[Frame], warnings: list[str]) -> Spacing:
    if len(ordered) == 1:
        thickness = ordered[0].thickness
        if thickness is None:
            warnings.append("There is one slice and it states no thickness; 1 mm is assumed.")
        else:
            warnings.append(f"There is one slice; its stated thickness of {thickness:g} mm is taken as the spacing.")
        return Spacing(np.zeros(1, np.int64), np.zeros(1), thickness or 1.0)
    _, distances = _sorted_along_normal(ordered)
    spacing = _spacing(ordered, distances)
    if not spacing.is_even:
        warnings.append(spacing.uneven_warning())
    return spacing
