"""The cart: what was put aside to download, kept between sessions."""

from __future__ import annotations

from typing import Any

from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

LEVELS = ("collections", "cases", "studies", "series")
# A larger file would take noticeably long to write at each change.
_MAX_SERIES = 200_000


def add(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Put in ``ids`` of a ``level``, or the series of ``selections`` (a filtered row stands for the series that it shows)."""
    cart = state.cart()
    for level, ids in _named(state, params):
        if len(getattr(cart.state, level)) + len(ids) > _MAX_SERIES:
            raise InputError(f"The cart holds at most {_MAX_SERIES:,} {level}; add whole collections instead.")
        cart.add(level, ids)
    return contents(state, {}, task)


def remove(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Take out ``ids`` of a ``level``, or the series of ``selections``; what is not in it is ignored."""
    for level, ids in _named(state, params):
        state.cart().remove(level, ids)
    return contents(state, {}, task)


def contents(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Number of ids per level in ``entries``, the first ``limit`` of them in ``ids``, and ``summary`` as of ``selection.summary``."""
    from IDCBrowserLib.selection.summary import summarize

    held = state.cart().state
    limit = int(params.get("limit", 1000))
    return {
        "entries": {level: len(getattr(held, level)) for level in LEVELS},
        "ids": {level: list(getattr(held, level)[:limit]) for level in LEVELS},
        "summary": summarize(state.catalog(), held.selections()),
    }


def clear(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Empty it."""
    state.cart().clear()
    return contents(state, {}, task)


def presets(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Names for ``preset`` of ``selection.plan`` with what they keep; ``modality:CT`` works for every modality."""
    from IDCBrowserLib.selection.presets import PRESETS

    return {"presets": [{"name": name, "text": text} for name, (text, _) in PRESETS.items()]}


def _named(state: EngineState, params: dict[str, Any]) -> list[tuple[str, list[str]]]:
    named: list[tuple[str, list[str]]] = []
    if params.get("ids"):
        if params.get("level") not in LEVELS:
            raise InputError(f"{params.get('level')!r} is no level; use one of: {', '.join(LEVELS)}.")
        named.append((params["level"], [str(value) for value in params["ids"]]))
    if params.get("selections"):
        named.append(("series", state.catalog().series_uids(params["selections"])))
    return named
