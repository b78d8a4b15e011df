"""Makes a review list of what was planned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.selection_scope import SelectionScope
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.review.ahead import MOST_AHEAD
from IDCBrowserLib.review.answers import Item
from IDCBrowserLib.review.entries import UNITS, make_entries
from IDCBrowserLib.review.review_file import ReviewFile, Settings
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.selection.references import with_related
from IDCBrowserLib.task import Progress, Task

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

_MAX_ENTRIES = 200_000


@dataclass(frozen=True)
class NewList:
    """Its ``entries``, and the ``plan`` of all their series."""

    entries: tuple[Item, ...]
    plan: Plan

    def larger_than(self, series: int) -> int:
        """How many entries have more series than that."""
        return sum(len(entry.series) > series for entry in self.entries)

    @property
    def most_series(self) -> int:
        """Of the largest entry."""
        return max((len(entry.series) for entry in self.entries), default=0)


def make_list(catalog: Catalog, named: Plan, file: Path, settings: Settings, unit: str, task: Task) -> NewList:
    """What was named with its annotations and images, one entry for each ``unit`` (of ``UNITS``), written to a new ``file``.

    Raises ``InputError`` for what makes no list, and where the file is there already; ``StorageError``.
    """
    if unit not in UNITS or not 0 <= settings.ahead <= MOST_AHEAD or settings.cap_bytes < 0:
        raise InputError(f"An entry is one of {', '.join(UNITS)}; at most {MOST_AHEAD} of them are fetched ahead.")
    with catalog.cancelled_by(task):
        plan = with_related(catalog, named, task, SelectionScope({}, True, True))
        references = catalog.references_of([item.series_uid for item in plan.series])
    entries = make_entries(plan.series, UNITS[UNITS.index(unit)], references)
    if len(entries) > _MAX_ENTRIES:
        raise InputError(f"{len(entries):,} entries are more than a list holds ({_MAX_ENTRIES:,}). Choose fewer.")
    task.raise_if_cancelled()
    task.report(Progress("Writing the list"))
    ReviewFile.create(file, settings, entries)
    return NewList(tuple(entries), plan)
