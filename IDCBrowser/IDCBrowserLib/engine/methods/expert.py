"""Queries of the user in SQL. They have lanes of their own: a minute of computing there holds up no click."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from IDCBrowserLib.engine.query_results import QueryResult
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

FIRST_ROWS = 200
_MAX_PAGE = 10_000


def tables(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """What can be asked: the tables, those that are not here without columns; and the ``limits``."""
    from IDCBrowserLib.catalog.expert import sql

    limits = sql.Limits()
    return {
        "tables": sql.describe(state.catalog().table_files()),
        "limits": {"rows": limits.rows, "seconds": limits.seconds, "memory_mb": limits.memory_mb},
    }


def run(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Run ``query`` with at most ``limit`` rows and ``seconds``; its rows stay here under their handle."""
    from IDCBrowserLib.catalog.expert import sql

    usual = sql.Limits()
    limits = sql.Limits(int(params.get("limit") or usual.rows), float(params.get("seconds") or usual.seconds), usual.memory_mb)
    answer = sql.run(state.catalog().table_files(), str(params.get("query") or ""), task, limits)
    result = QueryResult(answer.columns, answer.rows, answer.cut)
    return {
        "view": state.query_results.keep(result),
        "columns": [list(column) for column in answer.columns],
        "total": len(answer.rows),
        "cut": answer.cut,
        "seconds": answer.seconds,
        "subject": result.subject[0] if result.subject else "",
        "rows": result.rows[:FIRST_ROWS],
    }


def page(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Rows of a result."""
    first = max(0, int(params["offset"]))
    return {"rows": state.query_results.get(params["view"]).rows[first : first + min(int(params["limit"]), _MAX_PAGE)]}


def sort(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Sort a result by the number of a ``column``; gives its first rows."""
    result = state.query_results.get(params["view"])
    result.sort(int(params["column"]), bool(params.get("descending")))
    return {"rows": result.rows[:FIRST_ROWS]}


def ids(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """What the rows of ``ranges`` (all without) name: ``level`` and ``ids``, series by SeriesInstanceUID; and how many of them IDC does not have."""
    level, found = state.query_results.get(params["view"]).ids(params.get("ranges"))
    catalog = state.catalog()
    if level == "series":
        known = catalog.identify_many(found)
        named = [next((row_id for kind, row_id in known[text] if kind == "series"), "") for text in found]
        return {"level": level, "ids": [text for text in named if text], "missing": named.count("")}
    return {"level": level, "ids": found, "missing": 0}


def save(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Write a result to ``file``; its name tells the form: ``.csv``, ``.tsv`` or ``.json``."""
    from IDCBrowserLib.selection.rows_file import write_rows

    if not params.get("file"):
        raise InputError("No file to write the result to is given.")
    result = state.query_results.get(params["view"])
    write_rows(Path(params["file"]), [name for name, _ in result.columns], result.rows)
    return {"file": str(params["file"]), "rows": len(result.rows)}
