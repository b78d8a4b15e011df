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
    """Counts, bytes, licenses and modalities of the union of selections."""
    from IDCBrowserLib.selection.summary import summarize

    return summarize(state.catalog(), params.get("selections") or [])


def plan(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Resolve sources, selections and with ``cart`` what is in the cart; the plan stays here under its handle.

    ``preset`` keeps a part of it; ``with_references`` then adds the images of derived series, ``with_derived`` also what was derived from images.
    """
    from IDCBrowserLib.selection.resolve import resolve

    catalog = state.catalog()
    selections = [*(params.get("selections") or []), *(state.cart().state.selections() if params.get("cart") else [])]
    made = resolve(catalog, params.get("sources") or [], selections, task)
    if params.get("preset"):
        from IDCBrowserLib.selection.presets import apply_preset

        made = apply_preset(made, params["preset"])
    if params.get("with_references") or params.get("with_derived"):
        from IDCBrowserLib.selection.references import with_references

        made = with_references(catalog, made, task, derived=bool(params.get("with_derived")))
    document = made.to_json(_MAX_SERIES)
    unresolved = document["unresolved"]
    return {**document, "unresolved": unresolved[:_MAX_UNRESOLVED], "unresolved_count": len(unresolved), "plan": state.keep_plan(made)}


def cite(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """What to cite for the ``plan`` of a handle: the document of ``idc-browser cite``."""
    from IDCBrowserLib.selection.citations import cite as cite_plan

    return cite_plan(state.catalog(), state.plan(params["plan"])).to_json()


def export(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Write the plan of a handle to ``file``; its name tells the form: ``.s5cmd``, ``_gcs.s5cmd``, ``.csv``, ``.tsv``, ``.json``, ``.lock.json``."""
    from IDCBrowserLib.selection.export import save

    if not params.get("file"):
        raise InputError("No file to write the selection to is given.")
    made = state.plan(params["plan"])
    save(made, Path(params["file"]), str(state.catalog().info()["idc_version"]))
    return {"file": str(params["file"]), "series_count": len(made.series)}
