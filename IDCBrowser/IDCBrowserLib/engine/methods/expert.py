"""Answers the methods for the user's SQL queries. They have lanes of their own, so that a long query delays no click."""

from __future__ import annotations

from pathlib import Path

from IDCBrowserLib.api import expert as api
from IDCBrowserLib.api.catalog import PageParameters, Rows
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.query_results import QueryResult
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

FIRST_ROWS = 200
_MAX_PAGE = 10_000


@answers(api.TABLES)
def tables(state: EngineState, params: api.MeasurementsFile, task: Task) -> api.Tables:
    """What can be asked, a file of measurements first, and the limits."""
    from IDCBrowserLib.catalog.expert import sql
    from IDCBrowserLib.catalog.expert.measurements_file import describe_measurements
    from IDCBrowserLib.catalog.expert.sql_tables import describe

    limits = sql.Limits()
    measured = [describe_measurements(Path(params["measurements"]), task)] if params.get("measurements") else []
    return {
        "tables": [*measured, *describe(state.catalog().table_files())],
        "limits": {"rows": limits.rows, "seconds": limits.seconds, "memory_mb": limits.memory_mb},
    }


@answers(api.RUN)
def run(state: EngineState, params: api.RunParameters, task: Task) -> api.Result:
    """Run a query; its rows stay here."""
    from IDCBrowserLib.catalog.expert import sql
    from IDCBrowserLib.catalog.expert.measurements_file import with_measurements

    usual = sql.Limits()
    limits = sql.Limits(params.get("limit") or usual.rows, params.get("seconds") or usual.seconds, usual.memory_mb)
    files = state.catalog().table_files()
    if params.get("measurements"):
        files = with_measurements(files, Path(params["measurements"]))
    answer = sql.run(files, params["query"], task, limits)
    result = QueryResult(answer.columns, answer.rows, answer.cut)
    return {
        "view": state.results.keep(result),
        "columns": answer.columns,
        "total": len(answer.rows),
        "cut": answer.cut,
        "seconds": answer.seconds,
        "subject": result.subject[0] if result.subject else "",
        "rows": result.rows[:FIRST_ROWS],
    }


@answers(api.CLOSE)
def close(state: EngineState, params: api.ResultHandle, task: Task) -> Nothing:
    """Forget a result."""
    state.results.close(params["view"])
    return {}


@answers(api.PAGE)
def page(state: EngineState, params: PageParameters, task: Task) -> Rows:
    """Rows of a result."""
    first = max(0, params["offset"])
    return {"rows": state.results.get(params["view"]).rows[first : first + max(0, min(params["limit"], _MAX_PAGE))]}


@answers(api.SORT)
def sort(state: EngineState, params: api.SortParameters, task: Task) -> Rows:
    """Sort a result by a column."""
    result = state.results.get(params["view"])
    result.sort(params["column"], params["descending"])
    return {"rows": result.rows[:FIRST_ROWS]}


@answers(api.IDS)
def ids(state: EngineState, params: api.IdsParameters, task: Task) -> api.Ids:
    """What rows name: series by SeriesInstanceUID."""
    level, found = state.results.get(params["view"]).ids(params["ranges"])
    catalog = state.catalog()
    if level == "series":
        known = catalog.identify_many(found)
        named = [next((row_id for kind, row_id in known[text] if kind == "series"), "") for text in found]
        return {"level": level, "ids": [text for text in named if text], "missing": named.count("")}
    return {"level": level, "ids": found, "missing": 0}


@answers(api.SAVE)
def save(state: EngineState, params: api.SaveParameters, task: Task) -> api.Saved:
    """Write a result to a file; its name tells the form."""
    from IDCBrowserLib.selection.rows_file import write_rows

    if not params["file"]:
        raise InputError("No file to write the result to is given.")
    result = state.results.get(params["view"])
    write_rows(Path(params["file"]), [name for name, _ in result.columns], result.rows)
    return {"file": params["file"], "rows": len(result.rows)}


@answers(api.CHART)
def chart(state: EngineState, params: api.ChartParameters, task: Task) -> api.Chart:
    """A result as bars."""
    from IDCBrowserLib.catalog.expert import chart as drawn

    result = state.results.get(params["view"])
    return drawn.chart(result.columns, result.rows, params.get("label"), params.get("value") or "")
