"""Answers the methods on the cart. How much is in it: ``selection.summary`` with ``cart``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from IDCBrowserLib.api import cart as api
from IDCBrowserLib.api.values import NamedRows, Nothing, Selection, ViewRows
from IDCBrowserLib.api.working_set import WORKING_SET
from IDCBrowserLib.engine.answers import answers
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


@answers(api.ADD)
def add(state: EngineState, params: api.AddParameters, task: Task) -> api.Added:
    """Put rows in; those of a filtered view stand for the series that they show, and stay so."""
    named = _named(state, params["selections"])
    wanted = {level: sum(len(item["ids"]) for item in named if item["level"] == level) for level in LEVELS}
    cart = state.cart()
    for level, number in wanted.items():
        if number and cart.state.count(level) + number > _MAX_IDS:
            raise InputError(f"The cart can contain at most {_MAX_IDS:,} {level}; add whole collections, cases or studies instead.")
    # What cannot be saved is in the cart all the same, until the program ends.
    new = cart.add_all(named)
    return {**contents(state, {}, task), "added": new, "asked": sum(wanted.values())}


@answers(api.REMOVE)
def remove(state: EngineState, params: api.RemoveParameters, task: Task) -> api.State:
    """Take entries out, or everything that lies in ``collections``; what is not in it is ignored."""
    gone = _named(state, params.get("selections") or [])
    for collection_id in params.get("collections") or []:
        gone += [{**item, "ids": state.catalog().picked_in(item, collection_id)} for item in _inside(state)]
    state.cart().remove_all(gone)
    return contents(state, {}, task)


@answers(api.LIST)
def contents(state: EngineState, params: Nothing, task: Task) -> api.State:
    """How many entries there are."""
    cart = state.cart()
    held = cart.state
    return {"count": held.count(), "entries": {level: held.count(level) for level in LEVELS}, "can_undo": cart.can_undo}


@answers(api.GROUPS)
def groups(state: EngineState, params: Nothing, task: Task) -> api.Groups:
    """By collection; and what lies in several, and what this release does not have."""
    held, catalog = state.cart().state, state.catalog()
    beside = [item for item in held.selections() if item["level"] == _BESIDE]
    with catalog.cancelled_by(task):
        found, number = catalog.picked_groups(_inside(state))
        results = _described(catalog.picked_rows(beside, None, 0, _MAX_PAGE), beside)
        unknown = _unknown(catalog, held.parts) if number + len(results) < held.count() else []
    return {**contents(state, {}, task), "groups": found, "beside": results, "unknown": unknown[:_MAX_PAGE], "unknown_count": len(unknown)}


@answers(api.ROWS)
def rows(state: EngineState, params: api.RowsParameters, task: Task) -> api.EntryRows:
    """Entries of a collection."""
    selections, catalog = _inside(state), state.catalog()
    with catalog.cancelled_by(task):
        found = catalog.picked_rows(selections, params["collection"], max(0, params["offset"]), max(0, min(params["limit"], _MAX_PAGE)))
        return {"rows": _described(found, selections)}


@answers(api.CLEAR)
def clear(state: EngineState, params: Nothing, task: Task) -> api.State:
    """Empty it."""
    state.cart().clear()
    return contents(state, {}, task)


@answers(api.UNDO)
def undo(state: EngineState, params: Nothing, task: Task) -> api.State:
    """Take the last change back."""
    state.cart().undo()
    return contents(state, {}, task)


def _inside(state: EngineState) -> list[NamedRows]:
    return [item for item in state.cart().state.selections() if item["level"] != _BESIDE]


def _described(rows: Sequence[dict[str, Any]], selections: Sequence[NamedRows]) -> list[api.EntryRow]:
    return [
        cast(
            api.EntryRow,
            {
                **{name: value for name, value in row.items() if name != "part"},
                "level": selections[row["part"]]["level"],
                "filters": selections[row["part"]].get("filters", {}),
            },
        )
        for row in rows
    ]


def _named(state: EngineState, selections: Sequence[Selection]) -> list[NamedRows]:
    """By ids, which mean the same for longer than a view lives."""
    named: list[NamedRows] = []
    for selection in selections:
        if "view" in selection:
            named += _lasting(state.catalog(), selection)
        elif selection.get("level") in LEVELS:
            named.append(selection)
        else:
            raise InputError(f"{selection.get('level')!r} is not a level; use one of: {', '.join(LEVELS)}.")
    return named


def _lasting(catalog: Catalog, selection: ViewRows) -> list[NamedRows]:
    level, ids, filters = catalog.selected_ids(selection)
    if WORKING_SET in filters:
        # The set is gone at the next start: what is in it is named.
        level, ids, filters = "series", catalog.series_uids(selection), {}
        if len(ids) > _MAX_IDS:
            raise InputError(f"The cart can contain at most {_MAX_IDS:,} series; add fewer rows of the working set.")
    said = [(level, ids)] if len(ids) <= _FEW else catalog.said_shorter(level, ids, filters)
    # A series is itself, under whichever filters it was seen.
    return [{"level": name, "ids": some, "filters": filters if name != "series" else {}} for name, some in said]


def _unknown(catalog: Catalog, parts: tuple[CartPart, ...]) -> list[api.Entry]:
    missing = catalog.picked_unknown([part.selection() for part in parts])
    return [
        {"level": part.level, "id": row_id, "filters": part.selection().get("filters", {})}
        for part, ids in zip(parts, missing, strict=True)
        for row_id in ids
    ]
