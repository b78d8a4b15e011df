"""Restores the last session: filters, selected rows and scroll positions."""

from __future__ import annotations

import contextlib
import json

from IDCBrowserLib.api.clinical import is_clinical
from IDCBrowserLib.host_interface import Settings
from IDCBrowserLib.logic.base.state import ALL_LEVELS, TOPS
from IDCBrowserLib.logic.finding.facets import facet_titles
from IDCBrowserLib.logic.finding.filters import Filters
from IDCBrowserLib.logic.tables.columns import STATUS, columns_of
from IDCBrowserLib.logic.tables.shelf import Shelf
from IDCBrowserLib.logic.tables.tables import Tables

PLACE_KEY = "Place"
_MAX_IDS = 20


def save_place(settings: Settings, tables: Tables, filters: Filters, shelf: Shelf) -> None:
    """Remember it; a selection of many rows is not worth looking for again, and nothing below it."""
    selected: dict[str, list[str]] = {}
    for level in tables.levels:
        ids = tables.selected_ids(level) or ()
        if not 0 < len(ids) <= _MAX_IDS:
            break
        selected[level] = list(ids)
    rows = {level: tables.first_rows.get(level, 0) for level in tables.levels}
    orders = {level: list(order) for level in ALL_LEVELS if (order := tables.state(level).order) is not None}
    place = {
        "top": tables.top,
        "level": shelf.level,
        "selected": selected,
        "rows": rows,
        "orders": orders,
        "filters": filters.chosen_for_engine(),
    }
    settings.set_value(PLACE_KEY, json.dumps(place, separators=(",", ":")))


def restore_place(settings: Settings, tables: Tables, filters: Filters, shelf: Shelf) -> None:
    """Go there; what is damaged or gone is passed over."""
    try:
        place = json.loads(settings.value(PLACE_KEY, "{}"))
    except ValueError:
        place = {}
    if not isinstance(place, dict):
        place = {}
    path = {level: _texts(ids) for level, ids in _items(place.get("selected"))}
    rows = {level: row for level, row in _items(place.get("rows")) if type(row) is int and 0 <= row < 10**9}
    if place.get("top") == TOPS[1]:
        path.setdefault(TOPS[1], [])
    else:
        path.pop(TOPS[1], None)
    for level, order in _items(place.get("orders")):
        _restore_order(level, order, tables)
    tables.reveal(path, rows)
    if isinstance(place.get("level"), str):
        shelf.want(place["level"])
    _restore_filters(place.get("filters"), filters)


def _restore_order(level: str, order: object, tables: Tables) -> None:
    known = [column.key for column in columns_of(level) if column.key != STATUS and not column.needs]
    if isinstance(order, list) and len(order) == 2 and isinstance(order[1], bool) and order[0] in known:
        tables.restore_order(level, order[0], order[1])


def _restore_filters(chosen: object, filters: Filters) -> None:
    if isinstance(chosen, dict):
        known = facet_titles()
        with contextlib.suppress(ValueError):
            filters.choose({column: wanted for column, wanted in chosen.items() if column in known or is_clinical(column)})


def _items(value: object) -> list[tuple[str, object]]:
    return [item for item in value.items() if item[0] in ALL_LEVELS] if isinstance(value, dict) else []


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str) and item][:_MAX_IDS] if isinstance(value, list) else []
