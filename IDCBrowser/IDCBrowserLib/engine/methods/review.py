"""Answers the methods on review lists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.api import review as api
from IDCBrowserLib.api.selection import MAX_LOADED_SERIES
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.selection.plan import Plan

# Shown to a person who makes a list.
_MAX_UNRESOLVED = 20


@answers(api.MAKE)
def make(state: EngineState, params: api.MakeParameters, task: Task) -> api.Made:
    """Look up what is to be judged, with its annotations and images, and write the list."""
    from IDCBrowserLib.review.form import form_of
    from IDCBrowserLib.review.new_list import make_list
    from IDCBrowserLib.review.review_file import Settings

    name = params["name"].strip()[:200] or Path(params["file"]).stem
    settings = Settings(name, form_of(params["form"]), params["blinded"], params["ahead"], params["cap_bytes"])
    catalog = state.catalog()
    with catalog.cancelled_by(task):
        named = _plan(state, params["source"], task)
    made = make_list(catalog, named, Path(params["file"]), settings, params["unit"], task)
    plan = made.plan
    return {
        "file": params["file"],
        "entries": len(made.entries),
        "large_entries": made.larger_than(MAX_LOADED_SERIES),
        "most_series": made.most_series,
        "unresolved": [item.to_json() for item in plan.unresolved[:_MAX_UNRESOLVED]],
        "unresolved_count": len(plan.unresolved),
        "warnings": list(plan.warnings),
    }


def _plan(state: EngineState, source: api.Source, task: Task) -> Plan:
    from IDCBrowserLib.selection.lookup import Lookup
    from IDCBrowserLib.selection.plan import Plan
    from IDCBrowserLib.selection.resolve import resolve

    catalog = state.catalog()
    if source.get("sources"):
        return resolve(catalog, source["sources"], task=task)
    selections = state.picked(source)
    if "rows" in source:
        selections.append(state.rows_of(source["rows"]))
    return Plan(Lookup(catalog).selected(selections))


@answers(api.OPEN)
def open_list(state: EngineState, params: api.ListFile, task: Task) -> api.Opened:
    """See ``review.desk``, as for all below."""
    return state.desk.open(params)


@answers(api.CLOSE)
def close(state: EngineState, params: Nothing, task: Task) -> Nothing:
    """Other programs may have it now."""
    return state.desk.close(params)


@answers(api.BEGIN)
def begin(state: EngineState, params: api.Reader, task: Task) -> api.Begun:
    """A reader, new or known."""
    return state.desk.begin(params)


@answers(api.ENTRY)
def entry(state: EngineState, params: api.EntryParameters, task: Task) -> api.Entry:
    """One entry with what the reader said about it."""
    return state.desk.entry(params)


@answers(api.ANSWER)
def answer(state: EngineState, params: api.AnswerParameters, task: Task) -> api.Progress:
    """Keep what a reader says."""
    return state.desk.answer(params)


@answers(api.SPENT)
def spent(state: EngineState, params: api.SpentParameters, task: Task) -> Nothing:
    """Add to the time."""
    return state.desk.spent(params)


@answers(api.SEEN)
def seen(state: EngineState, params: api.SeenParameters, task: Task) -> Nothing:
    """Keep what an entry turned out to hold."""
    return state.desk.seen(params)


@answers(api.NEXT)
def next_entry(state: EngineState, params: api.NextParameters, task: Task) -> api.Next:
    """The next entry without answers."""
    return state.desk.next(params)


@answers(api.AHEAD)
def ahead(state: EngineState, params: api.PlaceInList, task: Task) -> api.Ahead:
    """What to fetch and what to remove."""
    return state.desk.ahead(params)


@answers(api.FETCHING)
def fetching(state: EngineState, params: api.FetchingParameters, task: Task) -> Nothing:
    """These are the list's."""
    return state.desk.fetching(params)


@answers(api.REMOVED)
def removed(state: EngineState, params: api.SeriesUids, task: Task) -> Nothing:
    """These are not here any more."""
    return state.desk.removed(params)


@answers(api.CORRECTION)
def correction(state: EngineState, params: api.CorrectionParameters, task: Task) -> api.CorrectionPath:
    """Where to write a corrected segmentation."""
    return state.desk.correction(params)


@answers(api.CORRECTED)
def corrected(state: EngineState, params: api.CorrectedParameters, task: Task) -> Nothing:
    """It was written."""
    return state.desk.corrected(params)


@answers(api.AGREEMENT)
def agreement(state: EngineState, params: Nothing, task: Task) -> api.Agreement:
    """Of all readers."""
    return state.desk.agreement(params)


@answers(api.EXPORT)
def export(state: EngineState, params: api.ListFile, task: Task) -> api.Exported:
    """All answers."""
    return state.desk.export(params)
