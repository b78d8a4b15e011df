"""The cart: what was put aside to download, kept between sessions. What it weighs: ``selection.summary`` with ``cart``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.cart import LEVELS, CartPart
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

# A larger file would take noticeably long to write at each change.
_MAX_IDS = 200_000
_BESIDE = "analysis_results"
# More rows than these are said in fewer words where whole rows above them were meant.
_FEW = 200
_MAX_PAGE = 1000


def add(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Put in ``ids`` of a ``level``, or what ``selections`` mean: rows of a filtered view stand for the series that they show, and stay so."""
    named = _named(state, params)
    wanted = {level: sum(len(item["ids"]) for item in named if item["level"] == level) for level in LEVELS}
    cart = state.cart()
    for level, number in wanted.items():
        if number and cart.state.count(level) + number > _MAX_IDS:
            raise InputError(f"The cart holds at most {_MAX_IDS:,} {level}; add whole collections, cases or studies instead.")
    # What cannot be saved is in the cart all the same, until the program ends.
    new = cart.add_all(named)
    return {**contents(state, {}, task), "added": new, "asked": sum(wanted.values())}


def remove(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Take out ``ids`` of a ``level``, what ``selections`` mean, or everything that lies in ``collections``; what is not in it is ignored."""
    gone = _named(state, params)
    for collection_id in params.get("collections") or []:
        gone += [{**item, "ids": state.catalog().picked_in(item, collection_id)} for item in _inside(state)]
    state.cart().remove_all(gone)
    return contents(state, {}, task)


def contents(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Number of entries in ``count`` and per level in ``entries``; ``can_undo``."""
    cart = state.cart()
    held = cart.state
    return {"count": held.count(), "entries": {level: held.count(level) for level in LEVELS}, "can_undo": cart.can_undo}


def groups(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """``groups`` of what lies in collections as ``Catalog.picked_groups`` gives them; ``beside``: analysis results, which lie in several, as rows;
    ``unknown``: entries of which this release of IDC has nothing.
    """
    held, catalog = state.cart().state, state.catalog()
    beside = [item for item in held.selections() if item["level"] == _BESIDE]
    with catalog.cancelled_by(task):
        found, number = catalog.picked_groups(_inside(state))
        results = _described(catalog.picked_rows(beside, None, 0, _MAX_PAGE), beside)
        unknown = _unknown(catalog, held.parts) if number + len(results) < held.count() else []
    return {**contents(state, {}, task), "groups": found, "beside": results, "unknown": unknown[:_MAX_PAGE], "unknown_count": len(unknown)}


def rows(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """``limit`` entries of ``collection`` from ``offset`` on: as ``Catalog.picked_rows``, with ``level`` and ``filters`` instead of the part."""
    selections, catalog = _inside(state), state.catalog()
    limit = min(int(params.get("limit") or _MAX_PAGE), _MAX_PAGE)
    with catalog.cancelled_by(task):
        return {"rows": _described(catalog.picked_rows(selections, str(params["collection"]), int(params.get("offset") or 0), limit), selections)}


def clear(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Empty it."""
    state.cart().clear()
    return contents(state, {}, task)


def undo(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Take the last change back."""
    state.cart().undo()
    return contents(state, {}, task)


def presets(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Names for ``preset`` of ``selection.plan`` with what they keep; ``modality:CT`` works for every modality."""
    from IDCBrowserLib.selection.presets import PRESETS

    return {"presets": [{"name": name, "text": text} for name, (text, _) in PRESETS.items()]}


def _inside(state: EngineState) -> list[dict[str, Any]]:
    return [item for item in state.cart().state.selections() if item["level"] != _BESIDE]


def _described(rows: list[dict[str, Any]], selections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            **{name: value for name, value in row.items() if name != "part"},
            "level": selections[row["part"]]["level"],
            "filters": selections[row["part"]].get("filters", {}),
        }
        for row in rows
    ]


def _named(state: EngineState, params: dict[str, Any]) -> list[dict[str, Any]]:
    named: list[dict[str, Any]] = []
    if params.get("ids"):
        if params.get("level") not in LEVELS:
            raise InputError(f"{params.get('level')!r} is no level; use one of: {', '.join(LEVELS)}.")
        named.append({"level": params["level"], "ids": [str(value) for value in params["ids"]], "filters": params.get("filters")})
    for selection in params.get("selections") or []:
        named += _lasting(state.catalog(), selection)
    return named


def _lasting(catalog: Catalog, selection: dict[str, Any]) -> list[dict[str, Any]]:
    """A selection by ids that means the same for longer than its view lives."""
    if "view" not in selection:
        return [dict(selection)]
    level, ids, filters = catalog.selected_ids(selection)
    said = [(level, ids)] if len(ids) <= _FEW else catalog.said_shorter(level, ids, filters)
    # A series is itself, under whichever filters it was seen.
    return [{"level": name, "ids": some, "filters": filters if name != "series" else {}} for name, some in said]


def _unknown(catalog: Catalog, parts: tuple[CartPart, ...]) -> list[dict[str, Any]]:
    missing = catalog.picked_unknown([part.selection() for part in parts])
    return [
        {"level": part.level, "id": row_id, "filters": part.selection().get("filters", {})}
        for part, ids in zip(parts, missing, strict=True)
        for row_id in ids
    ]
