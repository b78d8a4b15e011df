"""From frames in any order to regular grids: group by orientation, split phases at the same place, find the spacing and the gaps."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from IDCBrowserLib.volume.frames import Frame
from IDCBrowserLib.volume.geometry import Geometry, Vector
from IDCBrowserLib.volume.image_grid import ImageGrid, ImageSlice

_SAME_DIRECTION = 1e-3
# Planes closer than this are at the same place (phases): a tenth of the mean distance, within these limits in mm.
_SAME_PLACE_MM = (1e-6, 0.02)


def _off_grid(spacing: float) -> float:
    """By how many mm positions may be off the grid: stored decimals are rounded, tables wobble."""
    return max(0.02 * spacing, min(0.01, 0.1 * spacing))


def stack_frames(frames: Sequence[Frame]) -> tuple[ImageGrid, ...]:
    """All grids of ``frames``: those with a place in the patient, then gray ones, then the largest first; equal ones as acquired."""
    ranked: list[tuple[tuple[bool, bool, int], ImageGrid]] = []
    for group in _parallel_groups(frames):
        for label, stack in _split_phases(group):
            for part in _split_at_far_gaps(stack):
                rank = (part[0].position_assumed, part[0].is_color, -len(part) * part[0].rows * part[0].columns)
                ranked.append((rank, _grid(part, label)))
    return tuple(grid for _, grid in sorted(ranked, key=lambda item: item[0]))


def _parallel_groups(frames: Sequence[Frame]) -> list[list[Frame]]:
    """Frames of one series, frame of reference, size, pixel spacing and orientation, in color or not."""
    buckets: dict[tuple[str, str, int, int, bool], list[list[Frame]]] = defaultdict(list)
    for frame in frames:
        bucket = buckets[frame.series.series_uid, frame.series.frame_of_reference_uid, frame.rows, frame.columns, frame.is_color]
        for group in bucket:
            if _is_parallel(group[0], frame):
                group.append(frame)
                break
        else:
            bucket.append([frame])
    return [group for bucket in buckets.values() for group in bucket]


def _is_parallel(a: Frame, b: Frame) -> bool:
    directions = zip(a.row + a.column, b.row + b.column, strict=True)
    if any(abs(x - y) > _SAME_DIRECTION for x, y in directions):
        return False
    return all(abs(x - y) <= 1e-3 * x for x, y in zip(a.spacing, b.spacing, strict=True))


def _normal(frame: Frame) -> NDArray[np.float64]:
    return np.cross(frame.row, frame.column)


def _sorted_along_normal(frames: Sequence[Frame]) -> tuple[list[Frame], NDArray[np.float64]]:
    """Frames ascending along the normal (ties by instance and frame number), and their distances from the patient's origin in mm."""
    normal = _normal(frames[0])
    distances = np.array([frame.position for frame in frames]) @ normal
    order = sorted(range(len(frames)), key=lambda n: (distances[n], frames[n].instance_number, frames[n].frame_number))
    return [frames[n] for n in order], distances[order]


def _split_phases(frames: list[Frame]) -> list[tuple[str, list[Frame]]]:
    """Stacks with one frame per place, each with what tells it apart ("" when there is nothing to split)."""
    ordered, distances = _sorted_along_normal(frames)
    tolerance = np.clip((distances[-1] - distances[0]) / (10 * len(ordered)), *_SAME_PLACE_MM)
    places = np.concatenate([[0], np.cumsum(np.diff(distances) > tolerance)])
    place_of = {id(frame): int(place) for frame, place in zip(ordered, places, strict=True)}
    return _split(ordered, place_of, "")


def _split(frames: list[Frame], place_of: dict[int, int], label: str) -> list[tuple[str, list[Frame]]]:
    most = _most_at_a_place(frames, place_of)
    if most == 1:
        return [(label, frames)]
    for keyword in dict.fromkeys(keyword for frame in frames for keyword in frame.labels):
        groups: dict[str, list[Frame]] = defaultdict(list)
        for frame in frames:
            groups[frame.labels.get(keyword, "")].append(frame)
        # A value that differs on nearly every plane (a time) tells no phases apart.
        if 1 < len(groups) <= 2 * most and max(_most_at_a_place(group, place_of) for group in groups.values()) < most:
            values = sorted(groups, key=_as_number)
            return [stack for value in values for stack in _split(groups[value], place_of, f"{label}, {keyword} {value}".lstrip(", "))]
    return _split_by_rank(frames, place_of, label)


def _split_by_rank(frames: list[Frame], place_of: dict[int, int], label: str) -> list[tuple[str, list[Frame]]]:
    """Nothing states the phase: the n-th instance at each place belongs to phase n."""
    ranks: dict[int, int] = defaultdict(int)
    stacks: dict[int, list[Frame]] = defaultdict(list)
    for frame in sorted(frames, key=lambda frame: (frame.instance_number, frame.frame_number)):
        place = place_of[id(frame)]
        stacks[ranks[place]].append(frame)
        ranks[place] += 1
    return [(f"{label}, volume {rank + 1}".lstrip(", "), stack) for rank, stack in sorted(stacks.items())]


def _most_at_a_place(frames: Sequence[Frame], place_of: dict[int, int]) -> int:
    counts: dict[int, int] = defaultdict(int)
    for frame in frames:
        counts[place_of[id(frame)]] += 1
    return max(counts.values())


def _as_number(value: str) -> tuple[float, str]:
    try:
        return float(value), value
    except ValueError:
        return float("inf"), value


def _split_at_far_gaps(frames: list[Frame]) -> list[list[Frame]]:
    """Two slabs far apart (both breasts in one series) are two volumes, rather than one that is mostly empty."""
    ordered, distances = _sorted_along_normal(frames)
    if len(ordered) < 3:
        return [ordered]
    steps = np.diff(distances)
    usual = _lower_median(steps)
    if distances[-1] - distances[0] <= 2 * usual * len(ordered):
        return [ordered]
    cuts = [0, *(int(n) + 1 for n in np.flatnonzero(steps > 4 * usual)), len(ordered)]
    return [ordered[start:end] for start, end in itertools.pairwise(cuts)]


def _lower_median(values: NDArray[np.float64]) -> float:
    return float(np.sort(values)[(len(values) - 1) // 2])


@dataclass(frozen=True)
class _Places:
    """Which k each frame has, and the step between neighbouring k along the normal in mm."""

    indices: NDArray[np.int64]
    step: float
    is_regular: bool


def _grid(ordered: list[Frame], label: str) -> ImageGrid:
    """``ordered`` is ascending along the normal, one frame per place."""
    first = ordered[0]
    warnings: list[str] = []
    if first.position_assumed:
        warnings.append("The image states no position in the patient; it is put at the origin.")
    if first.spacing_assumed:
        warnings.append("The images state no Pixel Spacing; 1 mm is assumed.")
    places = _places(ordered, warnings)
    count = int(places.indices[-1]) + 1
    slices: list[ImageSlice | None] = [None] * count
    for frame, index in zip(ordered, places.indices, strict=True):
        slices[int(index)] = ImageSlice(frame.path, frame.sop_instance_uid, frame.position, frame.frame_number)
    k_axis, k_spacing, is_straight = _k_axis(ordered, places, warnings)
    if missing := count - len(ordered):
        warnings.append(f"{missing} of {count} slices are missing between the first and the last; the grid keeps their places.")
    series = first.series
    geometry = Geometry(
        shape=(count, first.rows, first.columns),
        spacing=(first.spacing[0], first.spacing[1], k_spacing),
        origin=first.position,
        directions=(first.row, first.column, k_axis),
    )
    return ImageGrid(
        geometry=geometry,
        slices=tuple(slices),
        is_regular=places.is_regular and is_straight,
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
    )


def _places(ordered: list[Frame], warnings: list[str]) -> _Places:
    if len(ordered) == 1:
        thickness = ordered[0].thickness
        if thickness is None:
            warnings.append("There is one slice and it states no thickness; 1 mm is assumed.")
        else:
            warnings.append(f"There is one slice; its stated thickness of {thickness:g} mm is taken as the spacing.")
        return _Places(np.zeros(1, dtype=np.int64), thickness or 1.0, True)
    _, distances = _sorted_along_normal(ordered)
    steps = np.diff(distances)
    for candidate in (_lower_median(steps), float(steps.min())):
        indices = np.concatenate([[0], np.cumsum(np.rint(steps / candidate).astype(np.int64))])
        if (np.diff(indices) < 1).any() or indices[-1] >= 2 * len(ordered):
            continue
        step = float(distances[-1] - distances[0]) / float(indices[-1])
        if np.abs(distances - distances[0] - indices * step).max() <= _off_grid(step):
            return _Places(indices, step, True)
    step = float(distances[-1] - distances[0]) / (len(ordered) - 1)
    warnings.append(
        f"The distance between slices varies from {steps.min():.3g} to {steps.max():.3g} mm; the grid assumes {step:.3g} mm everywhere, "
        "so positions are approximate."
    )
    return _Places(np.arange(len(ordered)), step, False)


def _k_axis(ordered: list[Frame], places: _Places, warnings: list[str]) -> tuple[Vector, float, bool]:
    """Direction and spacing from slice to slice. Oblique to the slices after a gantry tilt: every slice is then shifted by the same vector."""
    normal = _normal(ordered[0])
    if len(ordered) == 1:
        return _vector(normal), places.step, True
    positions = np.array([frame.position for frame in ordered])
    along = np.outer((positions - positions[0]) @ normal, normal)
    shifts = positions - positions[0] - along
    per_slice = shifts[-1] / places.indices[-1]
    pixel = min(ordered[0].spacing)
    largest = float(np.linalg.norm(shifts, axis=1).max())
    vector = normal * places.step + per_slice
    spacing = float(np.linalg.norm(vector))
    angle = float(np.degrees(np.arccos(min(1.0, places.step / spacing))))
    # Rounded direction cosines let a long stack drift a little; that is no tilt.
    if largest <= 0.1 * pixel or (angle < 0.1 and largest <= 0.5 * pixel):
        return _vector(normal), places.step, True
    if np.linalg.norm(shifts - np.outer(places.indices, per_slice), axis=1).max() > 0.1 * pixel:
        warnings.append("The slices are shifted sideways against each other by differing amounts; positions are approximate.")
        return _vector(normal), places.step, False
    warnings.append(f"The slices are tilted by {angle:.1f} degrees against the stacking direction (gantry tilt); the grid is oblique.")
    return _vector(vector / spacing), spacing, True


def _vector(values: NDArray[np.float64]) -> Vector:
    return float(values[0]), float(values[1]), float(values[2])
