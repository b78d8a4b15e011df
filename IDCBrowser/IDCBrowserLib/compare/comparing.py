"""Compares all segments of two or more segmentations, pair by pair."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from IDCBrowserLib.compare.masks import Masks, grid_of
from IDCBrowserLib.compare.matching import Match, match
from IDCBrowserLib.compare.measures import Measures, dice, measure
from IDCBrowserLib.compare.one_grid import Compared
from IDCBrowserLib.labelmap.types import Segment
from IDCBrowserLib.task import Progress, Task


@dataclass(frozen=True)
class Pair:
    """Two segments taken for one structure, in segmentations ``a`` and ``b`` (names)."""

    a: str
    b: str
    match: Match
    measures: Measures
    part: str = ""


@dataclass(frozen=True)
class Total:
    """Of two segmentations: all their matched segments together. ``mean_dice`` is over segments whose Dice is defined, nan without any."""

    a: str
    b: str
    segments: int
    volume_a: float
    volume_b: float
    dice: float
    mean_dice: float
    part: str = ""


@dataclass(frozen=True)
class Unmatched:
    """A segment of ``name`` that has no counterpart in ``other``."""

    name: str
    other: str
    segment: Segment
    part: str = ""


@dataclass(frozen=True)
class Comparison:
    """Figures for every pair of segmentations, and what could not be paired; ``notes`` are sentences for the user."""

    pairs: tuple[Pair, ...] = ()
    totals: tuple[Total, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def with_more(self, other: Comparison) -> Comparison:
        """Both together."""
        return Comparison(
            self.pairs + other.pairs, self.totals + other.totals, self.unmatched + other.unmatched, tuple(dict.fromkeys(self.notes + other.notes))
        )


def compare(compared: Sequence[Compared], by_hand: Sequence[tuple[int, int]] = (), task: Task | None = None, part: str = "") -> Comparison:
    """Each segmentation with each later one; all are on one grid (``on_one_grid``). ``by_hand``: pairs of numbers of the first two."""
    task = task or Task()
    masks = [Masks(one.labelmap) for one in compared]
    found = Comparison(notes=tuple(_notes(compared)))
    for a, b in itertools.combinations(range(len(compared)), 2):
        task.raise_if_cancelled()
        of_two = _compare_two((compared[a], compared[b]), (masks[a], masks[b]), by_hand if (a, b) == (0, 1) else (), task, part)
        found = found.with_more(of_two)
    return found


def _compare_two(
    compared: tuple[Compared, Compared], masks: tuple[Masks, Masks], by_hand: Sequence[tuple[int, int]], task: Task, part: str
) -> Comparison:
    a, b = compared
    uneven = next((one.labelmap for one in compared if one.labelmap.slice_thicknesses), a.labelmap)
    grid = grid_of(uneven)
    matches, left_a, left_b = match(a.labelmap.segments, b.labelmap.segments, by_hand)

    def one(pair: Match) -> Measures:
        task.raise_if_cancelled()
        return measure(masks[0].of(pair.a), masks[1].of(pair.b), grid)

    pairs = []
    for done, (pair, measures) in enumerate(zip(matches, _side_by_side(one, matches), strict=True), 1):
        task.report(Progress(f"Comparing {a.short_name} and {b.short_name}", done, len(matches), "segments"))
        pairs.append(Pair(a.name, b.name, pair, measures, part))
    unmatched = [Unmatched(a.name, b.name, segment, part) for segment in left_a] + [Unmatched(b.name, a.name, segment, part) for segment in left_b]
    return Comparison(tuple(pairs), (_total(a.name, b.name, pairs, part),), tuple(unmatched))


def _side_by_side(work: Callable[[Match], Measures], matches: Sequence[Match]) -> Iterator[Measures]:
    """In order. numpy and scipy let other threads run while they work."""
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        yield from pool.map(work, matches)


def _total(a: str, b: str, pairs: Sequence[Pair], part: str) -> Total:
    volume_a = sum(pair.measures.volume_a for pair in pairs)
    volume_b = sum(pair.measures.volume_b for pair in pairs)
    common = sum(pair.measures.common_volume for pair in pairs)
    defined = [pair.measures.dice for pair in pairs if not math.isnan(pair.measures.dice)]
    mean = sum(defined) / len(defined) if defined else math.nan
    return Total(a, b, len(pairs), volume_a, volume_b, dice(volume_a, volume_b, common), mean, part)


def _notes(compared: Sequence[Compared]) -> Iterator[str]:
    for one, other in itertools.combinations(compared, 2):
        uid = one.labelmap.source.sop_instance_uid
        if (uid and uid == other.labelmap.source.sop_instance_uid) or one.name == other.name:
            yield f"{one.short_name} and {other.short_name} are the same segmentation."
    if any(one.labelmap.slice_thicknesses for one in compared):
        yield "Slices differ in thickness: volumes and Dice count each as thick as it is, distances take them as evenly spaced."
