"""Where things lie that the search box found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from IDCBrowserLib.catalog.columns import case_id
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task


def identify(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """What each of several identifiers names."""
    return {"found": state.catalog().identify_many(params.get("texts") or [])}


def locate(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """The rows of every level above the given ones, and those themselves: what to select in each table to come to them."""
    level, ids = params["level"], list(params["ids"])
    if level == "collections":
        return {"path": {"collections": ids}}
    if level == "cases":
        return {"path": {"collections": _each_once(case.partition("/")[0] for case in ids), "cases": ids}}
    columns = ("collection_id", "PatientID", "StudyInstanceUID")
    rows = state.catalog().series_rows([{"level": level, "ids": ids}], columns)
    path = {
        "collections": _each_once(row["collection_id"] for row in rows),
        "cases": _each_once(case_id(row["collection_id"], row["PatientID"]) for row in rows),
        "studies": _each_once(row["StudyInstanceUID"] for row in rows),
    }
    return {"path": {**path, "series": ids} if level == "series" else path}


def _each_once(ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(ids))
