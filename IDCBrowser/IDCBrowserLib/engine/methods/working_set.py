"""Answers the methods on working sets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.api import working_set as api
from IDCBrowserLib.api.values import ExportedLines, Nothing, Selection
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import NotFoundError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.selection.working_set import FilledSet

# More than a panel lists.
_MAX_UNRESOLVED = 150


@answers(api.OPEN)
def open_set(state: EngineState, params: api.OpenParameters, task: Task) -> api.WorkingSet:
    """Look up what the source names; it stays here until it is closed."""
    from IDCBrowserLib.selection import working_set
    from IDCBrowserLib.selection.drs import Drs

    catalog = state.catalog()
    with catalog.cancelled_by(task):
        if params.get("sources"):
            made = working_set.fill(catalog, params["sources"], task, Drs(state.network))
        else:
            made = working_set.fill_with_rows(catalog, _rows(state, params))
    state.sets[made.number] = made.unresolved
    for number in state.sets.keys() - catalog.sets.open_numbers():
        del state.sets[number]
    return _told(made)


@answers(api.CLOSE)
def close(state: EngineState, params: api.SetHandle, task: Task) -> Nothing:
    """Forget a set."""
    state.sets.pop(params["set"], None)
    state.catalog().sets.close(params["set"])
    return {}


@answers(api.EXPORT_UNRESOLVED)
def export_unresolved(state: EngineState, params: api.ExportUnresolvedParameters, task: Task) -> ExportedLines:
    """Write all lines that name nothing to a file."""
    from IDCBrowserLib.selection.rows_file import write_lines

    lines = state.sets.get(params["set"])
    if lines is None:
        raise NotFoundError("This working set is no longer open. Open the manifest or list again.")
    write_lines(Path(params["file"]), lines)
    return {"file": params["file"], "lines": len(lines)}


def _rows(state: EngineState, params: api.OpenParameters) -> list[Selection]:
    """Rows of the catalog by their ids."""
    if params.get("cart"):
        return state.picked({"cart": True})
    return [state.rows_of(params["rows"])]


def _told(made: FilledSet) -> api.WorkingSet:
    return {
        "set": made.number,
        "series": made.series,
        "revised": made.revised,
        "unresolved": [item.to_json() for item in made.unresolved[:_MAX_UNRESOLVED]],
        "unresolved_count": made.unresolved_count,
    }
