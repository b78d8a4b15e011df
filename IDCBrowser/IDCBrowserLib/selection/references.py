"""Adding the images that segmentations, structure sets and the like are drawn on, and what was derived from an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.related import DERIVED_MODALITIES, IT_REFERS_TO, REFERS_TO_IT, SAME_STUDY
from IDCBrowserLib.selection.lookup import Lookup
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.task import Progress, Task

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

# Series looked up in one pass over the catalog; between passes a cancel is noticed.
_AT_ONCE = 500


def with_references(catalog: Catalog, plan: Plan, task: Task, derived: bool = False) -> Plan:
    """``plan`` and the series its derived series refer to; with ``derived`` also what refers to its images.

    Where no index states the reference, every image of the study is taken, since one of them is it; ``warnings`` says so.
    """
    planned = {item.series_uid for item in plan.series}
    wanted: dict[str, None] = {}
    warnings = dict.fromkeys(plan.warnings)
    guessed = 0
    start = [item for item in plan.series if derived or item.modality in DERIVED_MODALITIES]
    for item in start:
        if item.idc_version is not None:
            warnings[f"What the prior version {item.crdc_series_uuid} refers to is not known; add its images yourself."] = None
    start = [item for item in start if item.idc_version is None]
    for first in range(0, len(start), _AT_ONCE):
        task.raise_if_cancelled()
        task.report(Progress("Looking up references", first, len(start), "series"))
        part = start[first:first + _AT_ONCE]
        related = catalog.related_many([item.series_uid for item in part])
        for item in part:
            known = related.get(item.series_uid)
            rows = _relevant(known["series"], item.modality in DERIVED_MODALITIES, derived) if known else []
            guessed += any(row["relation"] == SAME_STUDY for row in rows)
            wanted.update((str(row["SeriesInstanceUID"]), None) for row in rows if row["SeriesInstanceUID"] not in planned)
    if guessed:
        warnings[f"For {guessed:,} of the series no index names the images, so those of the study were added."] = None
    found = Lookup(catalog).series(list(wanted))
    added = tuple(found[uid] for uid in wanted if uid in found)
    return Plan((*plan.series, *added), plan.unresolved, tuple(warnings))


def _relevant(rows: list[dict[str, object]], from_derived: bool, derived: bool) -> list[dict[str, object]]:
    relations = {IT_REFERS_TO, SAME_STUDY} if from_derived else set()
    if derived:
        relations |= {REFERS_TO_IT, SAME_STUDY}
    return [row for row in rows if row["relation"] in relations]


def images_of_study(catalog: Catalog, series_uid: str) -> list[str]:
    """SeriesInstanceUIDs of the images in the study of a derived series, or of those an index names as its images."""
    return [str(row["SeriesInstanceUID"]) for row in _relevant(catalog.related(series_uid)["series"], True, False)]
