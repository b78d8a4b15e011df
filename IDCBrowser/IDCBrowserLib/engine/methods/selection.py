"""What the user picked: its size, the plan of a download, and the plan as a file for others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

# More than a panel lists; the totals count all of them.
_MAX_SERIES = 1000
_MAX_UNRESOLVED = 150


def summary(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Counts, bytes, licenses and modalities of what is taken of the union of ``selections`` and, with ``cart``, of the cart."""
    from IDCBrowserLib.selection.choice import Choice
    from IDCBrowserLib.selection.summary import summarize

    catalog = state.catalog()
    with catalog.cancelled_by(task):
        return summarize(catalog, _selections(state, params), Choice.of(params))


def plan(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Resolve sources, selections and with ``cart`` what is in the cart, or begin with the ``plan`` of a handle; it stays here under its handle.

    ``preset`` keeps a part of it; then ``with_references`` adds the images of derived series, ``with_derived`` what was derived from images.
    """
    from IDCBrowserLib.selection.choice import Choice, apply_choice, plan_selections
    from IDCBrowserLib.selection.resolve import resolve

    catalog, sources, selections, choice = state.catalog(), params.get("sources") or [], _selections(state, params), Choice.of(params)
    if params.get("plan"):
        made = apply_choice(catalog, state.plan(params["plan"]), choice, task)
    elif sources:
        made = apply_choice(catalog, resolve(catalog, sources, selections, task), choice, task)
    else:
        made = plan_selections(catalog, selections, choice, task)
    document = made.to_json(_MAX_SERIES)
    unresolved = document["unresolved"]
    return {**document, "unresolved": unresolved[:_MAX_UNRESOLVED], "unresolved_count": len(unresolved), "plan": state.keep_plan(made)}


def cite(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """What to cite for the ``plan`` of a handle: the document of ``idc-browser cite``."""
    from IDCBrowserLib.selection.citations import cite as cite_plan

    return cite_plan(state.catalog(), state.plan(params["plan"])).to_json()


def _selections(state: EngineState, params: dict[str, Any]) -> list[dict[str, Any]]:
    return [*(params.get("selections") or []), *(state.cart().state.selections() if params.get("cart") else [])]


def unresolved(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Lines of the plan of a handle that name nothing, from ``offset`` on: ``rows`` of source, line, text, reason; ``total`` of them."""
    lines = state.plan(params["plan"]).unresolved
    offset, limit = max(0, int(params.get("offset") or 0)), min(int(params.get("limit") or _MAX_SERIES), _MAX_SERIES)
    return {"rows": [list(item.to_json().values()) for item in lines[offset : offset + limit]], "total": len(lines)}


def export_unresolved(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Write all lines that name nothing to ``file`` (``.csv``, ``.tsv`` or ``.json``)."""
    from IDCBrowserLib.selection.rows_file import write_rows

    lines = state.plan(params["plan"]).unresolved
    write_rows(Path(params["file"]), ("source", "line", "text", "reason"), [list(item.to_json().values()) for item in lines])
    return {"file": str(params["file"]), "lines": len(lines)}


def export(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Write the plan of a handle to ``file`` in the ``form`` "aws", "gcs", "csv", "tsv", "json" or "lock"; without one its name tells which."""
    from IDCBrowserLib.selection.export import save

    if not params.get("file"):
        raise InputError("No file to write the selection to is given.")
    made = state.plan(params["plan"])
    save(made, Path(params["file"]), str(state.catalog().info()["idc_version"]), str(params.get("form") or ""))
    return {"file": str(params["file"]), "series_count": len(made.series)}
