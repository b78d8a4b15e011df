"""Answers the methods that resolve identifiers and locate rows."""

from __future__ import annotations

from collections.abc import Iterable

from IDCBrowserLib.api import finding as api
from IDCBrowserLib.catalog.columns import case_id
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task


@answers(api.IDENTIFY)
def identify(state: EngineState, params: api.IdentifyParameters, task: Task) -> api.Identified:
    """What each of several identifiers names."""
    return {"found": state.catalog().identify_many(params["texts"])}


@answers(api.LOCATE)
def locate(state: EngineState, params: api.LocateParameters, task: Task) -> api.Located:
    """The rows of every level above the given ones, and those themselves."""
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
