"""What a search gives: hits with scores, and which of them fit a list in which no kind of hit crowds out the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from IDCBrowserLib.api.catalog import Hit as FoundHit

CASE_GROUP = "case_group"
# By how much collections come before cases, studies and series among hits that are as good.
_LEVEL_BONUS = {
    "collections": 5.0,
    "analysis_results": 4.0,
    "cases": 3.0,
    CASE_GROUP: 3.0,
    "studies": 2.0,
    "series": 1.0,
    "prior_series": 0.0,
}
# Of a list of twenty one kind takes six, unless it is the only one.
_SHARE = 0.3


@dataclass(frozen=True)
class Hit:
    """One thing found. ``label`` is what to show, ``description`` where it belongs, ``score`` 0 to 110, higher first.

    The level "case_group" stands for ``count`` cases of a collection, whose id is its ``id``; ``text`` finds just them in the table of its cases
    ("" when no text does).
    """

    level: str
    id: str
    label: str
    description: str
    collection_id: str
    score: float
    # Of a text that several share: what they have in common, as ``filters`` takes it.
    filters: dict[str, Any] = field(default_factory=dict)
    # "segment", "region", "ROI" or "algorithm" when it was found by the name of one.
    kind: str = ""
    count: int = 1
    text: str = ""

    def to_json(self) -> FoundHit:
        """All fields."""
        return {
            "level": self.level,
            "id": self.id,
            "label": self.label,
            "description": self.description,
            "collection_id": self.collection_id,
            "score": self.score,
            "filters": self.filters,
            "kind": self.kind,
            "count": self.count,
            "text": self.text,
        }

    @property
    def group(self) -> str:
        """With what it shares a part of the list."""
        return self.kind or ("cases" if self.level == CASE_GROUP else self.level)


def make_hit(level: str, row_id: str, score: float, label: str, description: str, collection_id: str, **further: Any) -> Hit:
    """A hit with the bonus of its level."""
    return Hit(level, row_id, label, description, collection_id, round(score + _LEVEL_BONUS[level], 2), **further)


def ranked(hits: Iterable[Hit]) -> list[Hit]:
    """Best first, each thing once."""
    best: dict[tuple[str, ...], Hit] = {}
    for hit in hits:
        # Several texts may be of the same series.
        key = (hit.level, hit.id, hit.kind, hit.label if hit.filters else "")
        if key not in best or best[key].score < hit.score:
            best[key] = hit
    return sorted(best.values(), key=lambda hit: (-hit.score, hit.level, -hit.count, hit.label.lower(), hit.id))


def share(hits: list[Hit], limit: int) -> list[Hit]:
    """At most ``limit`` of the ranked hits in the same order: the first of each group, then the second of each, and so on."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.group, []).append(hit)
    if len(groups) < 2:
        return hits[: max(0, limit)]
    most = min(max(1, round(limit * _SHARE)), max(map(len, groups.values())))
    taken = [hit for turn in range(most) for group in groups.values() for hit in group[turn : turn + 1]]
    kept = set(map(id, taken[: max(0, limit)]))
    return [hit for hit in hits if id(hit) in kept]


def left_out(hits: Iterable[Hit], kept: Iterable[Hit], not_fetched: Mapping[str, int | None]) -> dict[str, int | None]:
    """How many of each group are not in the list, None when nobody counted them. ``not_fetched`` are beyond ``hits``.

    A case is not missing where the list has the group that it is of.
    """
    kept = list(kept)
    shown, covered = set(map(id, kept)), {hit.id for hit in kept if hit.level == CASE_GROUP}
    counted: Counter[str] = Counter()
    grouped = {hit.id for hit in hits if hit.level == CASE_GROUP}
    for hit in hits:
        alone = hit.level == "cases" and hit.collection_id in grouped
        if id(hit) in shown or alone or hit.id in covered:
            continue
        counted[hit.group] += hit.count
    return {**counted, **{group: None if n is None else n + counted[group] for group, n in not_fetched.items() if n != 0}}
