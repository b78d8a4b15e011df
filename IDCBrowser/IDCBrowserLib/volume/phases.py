"""Planes at the same places are phases (times, echoes, passes): each becomes a stack of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from IDCBrowserLib.volume.frames import Frame

# Phases, echoes and orientations of one series become a volume each; a time series of hundreds would fill the memory.
MOST_PHASES = 8


def split_phases(frames: Sequence[Frame], places: Sequence[int]) -> list[tuple[str, list[Frame]]]:
    """Stacks with one frame per place, each with what tells it apart ("" when there is nothing to split). ``places`` numbers each frame's place."""
    return _split(list(frames), {id(frame): place for frame, place in zip(frames, places, strict=True)}, "")


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
    return [(f"{label}, volume {number}".lstrip(", "), stack) for number, stack in enumerate(_by_order(frames, place_of, most), 1)]


def _by_order(frames: list[Frame], place_of: dict[int, int], most: int) -> list[list[Frame]]:
    """Nothing states the phase: a new one begins where a place comes again, or the n-th frame at each place belongs to phase n."""
    ordered = sorted(frames, key=lambda frame: (frame.instance_number, frame.frame_number))
    passes: list[list[Frame]] = [[]]
    seen: set[int] = set()
    ranks: dict[int, list[Frame]] = defaultdict(list)
    times: dict[int, int] = defaultdict(int)
    for frame in ordered:
        place = place_of[id(frame)]
        if place in seen:
            passes.append([])
            seen.clear()
        seen.add(place)
        passes[-1].append(frame)
        ranks[times[place]].append(frame)
        times[place] += 1
    return passes if len(passes) == most else [ranks[rank] for rank in sorted(ranks)]


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
