"""Questions about the catalog, for the window. See the table in Resources/Decisions/0001-engine.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from IDCBrowserLib.catalog.columns import case_id
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task

# An engine that lives this long belongs to a window in use; a test or a script is gone before.
_CACHE_DELAY_S = 15.0


def info(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Release and counts."""
    return state.catalog().info()


def view(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Open a view; see ``Catalog.open_view``. The first one also has the cache made, while browsing already works."""
    catalog = state.catalog()
    catalog.prepare_cache(_CACHE_DELAY_S)
    return catalog.open_view(
        params["level"], params.get("parents"), filters=params.get("filters"), text=params.get("text") or "", order_by=params.get("order_by"),
    )


def page(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Rows of a view."""
    return {"rows": state.catalog().page(params["view"], params["offset"], params["limit"])}


def row_of(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Position of an id in a view."""
    return {"row": state.catalog().row_of(params["view"], params["id"])}


def close_view(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Forget a view."""
    state.catalog().close_view(params["view"])
    return {}


def details(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Everything known about one row."""
    return state.catalog().details(params["level"], params["id"])


def search(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Ranked hits."""
    return {"hits": state.catalog().search(params.get("text") or "", int(params.get("limit") or 50))}


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


def facets(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Value counts under filters."""
    return state.catalog().facets(params.get("filters"))


def related(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Series that belong together."""
    return state.catalog().related(params["id"])
