"""Relations of series as their objects tell them, where no index does: also those through others, as of a dose through its plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

Row = Mapping[str, Any]
# What refers to what, by SeriesInstanceUID.
References = Mapping[str, Collection[str]]
# A dose is of a plan, that of a structure set, and that is drawn on an image.
_MOST_STEPS = 3


class Told(NamedTuple):
    """What objects of a series say: ``series`` that they refer to, ``objects`` (SOPInstanceUIDs) that they refer to without saying of which series,
    and which objects they are themselves. ``is_whole``: all of them were read.
    """

    series: Sequence[str] = ()
    objects: Sequence[str] = ()
    own: Sequence[str] = ()
    is_whole: bool = True


def placed(told: Mapping[str, Told]) -> dict[str, list[str]]:
    """What refers to what: objects named without their series are looked for among those that were read."""
    series_of = {sop: uid for uid, one in told.items() for sop in one.own}
    found: dict[str, list[str]] = {}
    for uid, one in told.items():
        named = dict.fromkeys((*one.series, *(series_of[sop] for sop in one.objects if sop in series_of)))
        found[uid] = [other for other in named if other != uid]
    return found


def reached(start: str, references: References, through: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The series that ``start`` refers to, each with those between; only from ``through`` it goes on."""
    found: dict[str, tuple[str, ...]] = {}
    front: list[tuple[str, tuple[str, ...]]] = [(start, ())]
    for _ in range(_MOST_STEPS):
        following = []
        for uid, between in front:
            for other in references.get(uid, ()):
                if other != start and other not in found:
                    found[other] = between
                    if other in through:
                        following.append((other, (*between, other)))
        front = following
    return found


def turned(references: References) -> dict[str, list[str]]:
    """By series what refers to it."""
    found: dict[str, list[str]] = {}
    for uid, others in references.items():
        for other in others:
            found.setdefault(other, []).append(uid)
    return found


def is_unsure(told: Told | None, references: Iterable[str]) -> bool:
    """Whether an object may refer to more than is known: it was not read, not all of it, or what it names was not found."""
    return told is None or not told.is_whole or (bool(told.objects) and not list(references))
