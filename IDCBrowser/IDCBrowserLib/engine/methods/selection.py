"""Answers the methods on selections and plans."""

from __future__ import annotations

from pathlib import Path

from IDCBrowserLib.api import selection as api
from IDCBrowserLib.api.values import ExportedLines, Nothing
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.content import content_of
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

# More than a panel lists; the totals count all of them.
_MAX_SERIES = 1000
_MAX_UNRESOLVED = 150


@answers(api.SUMMARY)
def summary(state: EngineState, params: api.SummaryParameters, task: Task) -> api.Summary:
    """Counts, bytes, licenses and modalities of what is taken."""
    from IDCBrowserLib.selection.summary import summarize

    catalog = state.catalog()
    with catalog.cancelled_by(task):
        return summarize(catalog, state.picked(params), content_of(state, params.get("content") or {}, task))


@answers(api.PLAN)
def plan(state: EngineState, params: api.PlanParameters, task: Task) -> api.Plan:
    """Resolve sources, selections and with ``cart`` what is in the cart, or begin with an earlier plan; it stays here under its handle."""
    from IDCBrowserLib.selection.drs import Drs
    from IDCBrowserLib.selection.plan_content import apply_content, plan_selections
    from IDCBrowserLib.selection.resolve import resolve

    catalog, sources, selections = state.catalog(), params.get("sources") or [], state.picked(params)
    content = content_of(state, params.get("content") or {}, task)
    if params.get("plan"):
        made = apply_content(catalog, state.plans.get(params["plan"]), content, task)
    elif sources:
        made = apply_content(catalog, resolve(catalog, sources, selections, task, Drs(state.network)), content, task)
    else:
        made = plan_selections(catalog, selections, content, task)
    document = made.to_json(_MAX_SERIES)
    unresolved = document["unresolved"]
    task.raise_if_cancelled()
    handle = state.plans.keep(made, len(made.series))
    return {**document, "unresolved": unresolved[:_MAX_UNRESOLVED], "unresolved_count": len(unresolved), "plan": handle}


@answers(api.CLOSE_PLAN)
def close_plan(state: EngineState, params: api.PlanHandle, task: Task) -> Nothing:
    """Forget a plan."""
    state.plans.close(params["plan"])
    return {}


@answers(api.EXPORT_UNRESOLVED)
def export_unresolved(state: EngineState, params: api.ExportUnresolvedParameters, task: Task) -> ExportedLines:
    """Write all lines that name nothing to a file."""
    from IDCBrowserLib.selection.rows_file import write_lines

    lines = state.plans.get(params["plan"]).unresolved
    write_lines(Path(params["file"]), lines)
    return {"file": params["file"], "lines": len(lines)}


@answers(api.EXPORT)
def export(state: EngineState, params: api.ExportParameters, task: Task) -> api.ExportedSeries:
    """Write a plan to a file."""
    from IDCBrowserLib.cohort.shared_folder import write_shared
    from IDCBrowserLib.selection.export import save

    if not params.get("file"):
        raise InputError("No file to write the selection to is given.")
    made = state.plans.get(params["plan"])
    if params.get("form") == "folder":
        write_shared(state.catalog(), made, Path(params["file"]))
        return {"file": params["file"], "series_count": len(made.series)}
    save(made, Path(params["file"]), state.catalog().info()["idc_version"], params.get("form") or "")
    return {"file": params["file"], "series_count": len(made.series)}


@answers(api.CITE)
def cite(state: EngineState, params: api.PlanHandle, task: Task) -> api.Cited:
    """What to cite for a plan."""
    from IDCBrowserLib.selection import citations

    cited = citations.cite(state.catalog(), state.plans.get(params["plan"]))
    return {"methods": cited.methods(), "references": cited.references(), "text": cited.describe(), "bibtex": cited.bibtex()}
