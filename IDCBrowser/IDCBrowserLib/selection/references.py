"""Adding the images that segmentations, structure sets and the like are drawn on, and what was derived from an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.related import DERIVED_MODALITIES, IT_REFERS_TO, SAME_STUDY
from IDCBrowserLib.catalog.selection_scope import Guesses, SelectionScope
from IDCBrowserLib.selection.lookup import Lookup
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.task import Progress, Task

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

# Beyond these, how many there are tells enough.
_MAX_NAMED = 20


def with_related(catalog: Catalog, plan: Plan, task: Task, scope: SelectionScope) -> Plan:
    """``plan`` and what belongs to its series: ``scope.references`` and ``scope.derived``; ``warnings`` say what is not sure.

    Where neither an index nor the object states a reference, every image (or derived series) of the study is taken, since one of them is it.
    """
    if not scope.adds:
        return plan
    task.report(Progress("Looking up related series"))
    prior = [item for item in plan.series if item.is_prior and (scope.derived or item.modality in DERIVED_MODALITIES)]
    planned = [item.series_uid for item in plan.series if not item.is_prior]
    uids, guesses = catalog.related_uids(planned, scope)
    task.raise_if_cancelled()
    there = {item.series_uid for item in prior}
    added = tuple(item for uid, item in Lookup(catalog).series(uids).items() if uid not in there)
    warnings = dict.fromkeys((*plan.warnings, *_prior_warnings([item.crdc_series_uuid for item in prior]), *added_warnings(guesses)))
    joined = getattr(plan.series, "with_more", None)
    series = joined(added) if joined is not None else (*plan.series, *added)
    return Plan(series, plan.unresolved, tuple(warnings))


def added_warnings(guesses: Guesses) -> tuple[str, ...]:
    """What to tell the user of what is not sure."""
    warnings = []
    if guesses.images:
        which = f" ({', '.join(guesses.named)})" if guesses.named else ""
        verb = "refers" if guesses.images == 1 else "refer"
        warnings.append(f"It is not known which images {guesses.images:,} of the series{which} {verb} to, so all images of the study were added.")
    if guesses.derived:
        warnings.append(
            f"{guesses.derived:,} series derived from images of the same studies were added; which images they refer to is known after the download."
        )
    return tuple(warnings)


def images_of_study(catalog: Catalog, series_uid: str) -> list[str]:
    """SeriesInstanceUIDs of the images in the study of a derived series, or of those an index names as its images."""
    return [
        str(row["SeriesInstanceUID"])
        for row in catalog.related(series_uid)["series"]
        if row["relation"] in (IT_REFERS_TO, SAME_STUDY) and row["Modality"] not in DERIVED_MODALITIES
    ]


def _prior_warnings(uuids: list[str]) -> list[str]:
    warnings = [f"The images that the prior version {uuid} refers to are not known. Add them yourself." for uuid in uuids[:_MAX_NAMED]]
    if len(uuids) > _MAX_NAMED:
        warnings.append(f"The same is true for {len(uuids) - _MAX_NAMED:,} more prior versions.")
    return warnings
