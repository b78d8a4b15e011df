"""What the user picked: its size, and the plan of a download."""

from __future__ import annotations

from typing import Any

from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task

# More than a panel lists; the totals count all of them.
_MAX_SERIES = 1000
_MAX_UNRESOLVED = 500


def summary(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Counts, bytes, licenses and modalities of the union of selections."""
    from IDCBrowserLib.selection.summary import summarize

    return summarize(state.catalog(), params.get("selections") or [])


def plan(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Resolve sources and selections; the plan stays here under its handle."""
    from IDCBrowserLib.selection.resolve import resolve

    catalog = state.catalog()
    made = resolve(catalog, params.get("sources") or [], params.get("selections") or [], task)
    if params.get("with_references"):
        from IDCBrowserLib.selection.references import with_references

        made = with_references(catalog, made, task)
    document = made.to_json(_MAX_SERIES)
    unresolved = document["unresolved"]
    return {**document, "unresolved": unresolved[:_MAX_UNRESOLVED], "unresolved_count": len(unresolved), "plan": state.keep_plan(made)}
