"""Passes of one series over the same part of the patient, whose slices do not coincide: each is even, all together are not."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from IDCBrowserLib.volume.frames import Frame

_MOST_PASSES = 8
# Two slices are even whatever their distance.
_FEWEST_SLICES = 3


def split_passes(
    frames: Sequence[Frame], distances: NDArray[np.float64], is_even: Callable[[list[Frame]], bool]
) -> list[tuple[str, list[Frame]]] | None:
    """The passes that ``frames``, ascending along the normal at ``distances`` mm, consist of, each with what tells it; None where they are none.

    They are told apart by what headers state, else by the order of instances. Passes overlap; slabs one behind the other are none.
    """
    distance_of = {id(frame): distance for frame, distance in zip(frames, distances.tolist(), strict=True)}
    for found in _candidates(frames, distance_of):
        groups = [group for _, group in found]
        are_even = 1 < len(groups) <= _MOST_PASSES and all(len(group) >= _FEWEST_SLICES and is_even(group) for group in groups)
        if are_even and _overlap(groups, distance_of):
            return found
    return None


def _candidates(frames: Sequence[Frame], distance_of: dict[int, float]) -> Iterator[list[tuple[str, list[Frame]]]]:
    for keyword in dict.fromkeys(keyword for frame in frames for keyword in frame.labels):
        by_value: dict[str, list[Frame]] = defaultdict(list)
        for frame in frames:
            by_value[frame.labels.get(keyword, "")].append(frame)
        yield [(f"{keyword} {value}", by_value[value]) for value in sorted(by_value)]
    yield [(f"volume {number}", run) for number, run in enumerate(_runs(frames, distance_of), 1)]


def _runs(frames: Sequence[Frame], distance_of: dict[int, float]) -> list[list[Frame]]:
    """By instance number, a new one where the direction of stacking turns; each ascending along the normal."""
    ordered = sorted(frames, key=lambda frame: (frame.instance_number, frame.frame_number))
    along = np.sign(np.diff([distance_of[id(frame)] for frame in ordered]))
    usual = 1.0 if (along > 0).sum() >= (along < 0).sum() else -1.0
    starts = [0, *(np.flatnonzero(along != usual) + 1).tolist(), len(ordered)]
    return [sorted(ordered[start:end], key=lambda frame: distance_of[id(frame)]) for start, end in itertools.pairwise(starts)]


def _overlap(groups: Sequence[list[Frame]], distance_of: dict[int, float]) -> bool:
    spans = sorted((distance_of[id(group[0])], distance_of[id(group[-1])]) for group in groups)
    return any(after[0] < before[1] for before, after in itertools.pairwise(spans))
