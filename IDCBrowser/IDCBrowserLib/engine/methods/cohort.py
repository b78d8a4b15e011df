"""Answers the methods on a cohort."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from IDCBrowserLib.api import cohort as api
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.api.values import Selection
    from IDCBrowserLib.catalog.catalog import Catalog
    from IDCBrowserLib.selection.plan import Plan

# More rows than these are counted, not listed.
_MAX_LISTED = 10_000


@answers(api.COUNTS)
def counts(state: EngineState, params: api.CountsParameters, task: Task) -> api.Counts:
    """Figures of a cohort."""
    from IDCBrowserLib.catalog.facets.counting import FIGURES

    catalog = state.catalog()
    with catalog.cancelled_by(task):
        return catalog.counts(params.get("filters"), _which(state, params), params.get("figures") or FIGURES)


@answers(api.CHECK)
def check(state: EngineState, params: api.CheckParameters, task: Task) -> api.Checked:
    """Compare a lock file with the release in use."""
    from IDCBrowserLib.cohort.shared_folder import check_shared

    catalog = state.catalog()
    with catalog.cancelled_by(task):
        found = check_shared(catalog, Path(params["path"]))
    lists = {name: found[name] for name in ("revised", "gone", "unknown")}
    return cast(api.Checked, {**found, **_listed(lists)})


@answers(api.CHANGES)
def changes(state: EngineState, params: api.ChangesParameters, task: Task) -> api.Changes:
    """Compare a cohort with a release."""
    from IDCBrowserLib.cohort import changes as compared

    catalog = state.catalog()
    with catalog.cancelled_by(task):
        plan, whole = _plan(state, params, task), _whole_collections(catalog, state.picked(params))
        found = compared.changes(catalog, plan, whole, params["release"])
    lists = {name: found[name] for name in ("added", "revised", "removed")}
    return cast(api.Changes, {**found, **_listed(lists)})


def _listed(lists: dict[str, list[Any]]) -> dict[str, Any]:
    return {**{name: rows[:_MAX_LISTED] for name, rows in lists.items()}, "counts": {name: len(rows) for name, rows in lists.items()}}


def _which(state: EngineState, params: api.Cohort) -> list[Selection] | None:
    """None for all of IDC."""
    if not any(kind in params for kind in ("selections", "cart", "plan")):
        return None
    picked = state.picked(params)
    if "plan" in params:
        picked.append({"level": "series", "ids": [one.series_uid for one in state.plans.get(params["plan"]).series if not one.is_prior]})
    return picked


def _plan(state: EngineState, params: api.Cohort, task: Task) -> Plan:
    from IDCBrowserLib.selection.plan_content import PlanContent, plan_selections

    catalog = state.catalog()
    if "plan" in params:
        return state.plans.get(params["plan"])
    which = _which(state, params)
    everything: list[Selection] = [{"level": "collections", "ids": catalog.collection_ids()}]
    return plan_selections(catalog, everything if which is None else which, PlanContent(), task)


def _whole_collections(catalog: Catalog, selections: Sequence[Selection]) -> list[str]:
    """Those of which everything is meant: what was removed from them belongs to the cohort, whoever the patient was."""
    whole: list[str] = []
    for selection in selections:
        if "view" in selection:
            level, ids, filters = catalog.selected_ids(selection)
        else:
            level, ids, filters = selection["level"], list(selection["ids"]), selection.get("filters", {})
        if level == "collections" and not filters:
            whole += ids
    return whole
