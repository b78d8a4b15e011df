"""Questions about the catalog, for the window. See the table in Resources/Decisions/0001-engine.md."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

# An engine that lives this long belongs to a window in use; a test or a script is gone before.
_CACHE_DELAY_S = 15.0


@contextlib.contextmanager
def _asked(state: EngineState, task: Task) -> Iterator[Catalog]:
    """The catalog, whose questions end when the request is cancelled: a superseded search does not hold up the next."""
    catalog = state.catalog()
    with catalog.cancelled_by(task):
        yield catalog


def info(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Release and counts."""
    return {**state.catalog().info(), "release_problem": state.release_problem}


def view(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Open a view; see ``Catalog.open_view``. The first one also has the cache made, while browsing already works."""
    with _asked(state, task) as catalog:
        catalog.prepare_cache(_CACHE_DELAY_S)
        return catalog.open_view(
            params["level"],
            params.get("parents"),
            filters=params.get("filters"),
            text=params.get("text") or "",
            order_by=params.get("order_by"),
            further=params.get("further") or (),
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
    with _asked(state, task) as catalog:
        return catalog.details(params["level"], params["id"])


def search(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """See ``Catalog.find``; ``missing_indices`` are not here, so that nothing of what they say was found."""
    from IDCBrowserLib.catalog.search.instances import INSTANCE_INDEX
    from IDCBrowserLib.catalog.side_tables import SIDE_TYPES

    with _asked(state, task) as catalog:
        found = catalog.find(params.get("text") or "", int(params.get("limit") or 50))
        return {**found, "missing_indices": catalog.missing_indices([*SIDE_TYPES, INSTANCE_INDEX])}


def facets(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Value counts under filters, and ``totals``: the series, studies, cases and bytes they leave.

    With ``content`` also what the side indices say; ``missing_indices`` are those that are not here.
    """
    filters = params.get("filters")
    with _asked(state, task) as catalog:
        answer: dict[str, Any] = {**catalog.facets(filters), "totals": catalog.totals(filters), "missing_indices": catalog.missing_indices()}
        return {**answer, "content": catalog.content_facets(filters)} if params.get("content") else answer


def facet_details(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """One facet that is counted only while it is looked at: ``values`` of a text, or ``bins`` of a number (see ``Catalog.number_facet``).

    Instead ``missing_index`` when that is not here.
    """
    from IDCBrowserLib.catalog.filters import CONTENT, NUMBERS, check_filter_column

    column, filters = check_filter_column(params["column"]), params.get("filters")
    with _asked(state, task) as catalog:
        missing = catalog.missing_indices([CONTENT[column][0]]) if column in CONTENT else []
        if missing:
            return {"missing_index": missing[0]}
        if column in NUMBERS or CONTENT[column][2] == "number":
            return catalog.number_facet(column, filters)
        return {"values": catalog.content_facets(filters, columns=[column])[column]}


def related(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Series that belong together."""
    with _asked(state, task) as catalog:
        return catalog.related(params["id"])


def side_indices(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Which side indices are here."""
    return {"indices": state.catalog().side_indices()}


def fetch_side_index(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Get one; ``from`` is an address or a folder, IDC's own when it is not given."""
    path = state.catalog().fetch_side_index(params["name"], task, params.get("from") or "", state.network)
    return {"name": params["name"], "path": str(path), "bytes": path.stat().st_size}


def rows(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Rows of ranges of a view, of some columns."""
    with _asked(state, task) as catalog:
        return {"rows": catalog.rows(params["view"], params["ranges"], params.get("columns"))}


def save_table(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """A view as a CSV file."""
    path = Path(params["file"])
    with _asked(state, task) as catalog:
        count = catalog.save_table(params["view"], path, task, params.get("columns") or (), params.get("ranges"))
    return {"file": str(path), "rows": count, "bytes": path.stat().st_size}
