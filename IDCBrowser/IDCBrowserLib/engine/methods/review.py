"""Answers the methods on review lists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.api import review as api
from IDCBrowserLib.api.selection import MAX_LOADED_SERIES
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Progress, Task

if TYPE_CHECKING:
    from IDCBrowserLib.selection.plan import Plan

# Shown to a person who makes a list.
_MAX_UNRESOLVED = 20
_MAX_ENTRIES = 200_000


@answers(api.MAKE)
def make(state: EngineState, params: api.MakeParameters, task: Task) -> api.Made:
    """Look up what is to be judged, with its annotations and images, and write the list."""
    from IDCBrowserLib.catalog.selection_scope import SelectionScope
    from IDCBrowserLib.review.ahead import MOST_AHEAD
    from IDCBrowserLib.review.entries import UNITS, make_entries
    from IDCBrowserLib.review.form import form_of
    from IDCBrowserLib.review.review_file import ReviewFile, Settings
    from IDCBrowserLib.selection.references import with_related

    if params["unit"] not in UNITS or not 0 <= params["ahead"] <= MOST_AHEAD or params["cap_bytes"] < 0:
        raise InputError(f"An entry is one of {', '.join(UNITS)}; at most {MOST_AHEAD} of them are fetched ahead.")
    settings = Settings(
        params["name"].strip()[:200] or Path(params["file"]).stem, form_of(params["form"]), params["blinded"], params["ahead"], params["cap_bytes"]
    )
    catalog = state.catalog()
    with catalog.cancelled_by(task):
        named = _plan(state, params["source"], task)
        plan = with_related(catalog, named, task, SelectionScope({}, True, True))
        references = catalog.references_of([item.series_uid for item in plan.series])
    entries = make_entries(plan.series, UNITS[UNITS.index(params["unit"])], references)
    if len(entries) > _MAX_ENTRIES:
        raise InputError(f"{len(entries):,} entries are more than a list holds ({_MAX_ENTRIES:,}). Choose fewer.")
    task.raise_if_cancelled()
    task.report(Progress("Writing the list"))
    ReviewFile.create(Path(params["file"]), settings, entries)
    return {
        "file": params["file"],
        "entries": len(entries),
        "large_entries": sum(len(entry.series) > MAX_LOADED_SERIES for entry in entries),
        "most_series": max((len(entry.series) for entry in entries), default=0),
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
