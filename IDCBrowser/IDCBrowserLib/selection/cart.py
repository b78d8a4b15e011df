"""The cart: what the user has put aside to download, kept between sessions.

It holds identifiers, not series: what a collection contains is asked when the cart is looked at. An identifier may carry the filters under which it
was put in; it then stands for the series of that row which they leave.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IDCBrowserLib.api.values import NamedRows
from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.whole_file import FOR_NOBODY_ELSE, whole_file

LEVELS = ("collections", "analysis_results", "cases", "studies", "series")
_VERSION = 2
_UNSAVED = "it is kept until the program ends"


@dataclass(frozen=True)
class CartPart:
    """Rows of one level under the same filters; ``filters`` as JSON with sorted keys, "{}" for none."""

    level: str
    ids: tuple[str, ...]
    filters: str = "{}"

    def selection(self) -> NamedRows:
        """As a selection of the engine's methods."""
        selection: NamedRows = {"level": self.level, "ids": list(self.ids)}
        filters = json.loads(self.filters)
        if filters:
            selection["filters"] = filters
        return selection


@dataclass(frozen=True)
class CartState:
    """Parts in the order in which they were first put in; each level and filters once, each id once."""

    parts: tuple[CartPart, ...] = ()

    def selections(self) -> list[NamedRows]:
        """As selections of the engine's methods, one per part."""
        return [part.selection() for part in self.parts]

    def count(self, level: str = "") -> int:
        """Entries of a level, or of all."""
        return sum(len(part.ids) for part in self.parts if level in ("", part.level))

    def holds(self, level: str, ids: Iterable[str], filters: str = "{}") -> int:
        """How many of these are in it, under these filters."""
        there = next((set(part.ids) for part in self.parts if (part.level, part.filters) == (level, filters)), set())
        return sum(1 for row_id in ids if row_id in there)


class Cart:
    """``changed`` is emitted with the new state. With ``path`` the state survives; a damaged file is put aside and the cart starts empty.

    Programs may share the file: each looks whether another one has written it before it reads or changes the state.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._state = CartState()
        self._before: CartState | None = None
        self.changed: Signal[CartState] = Signal()
        self.refresh()

    @property
    def state(self) -> CartState:
        """What is in it now."""
        self.refresh()
        return self._state

    @property
    def can_undo(self) -> bool:
        """Whether ``undo`` has something to take back."""
        return self._before is not None

    def refresh(self) -> None:
        """Read what another program has written."""
        if self._path is not None and _stamp(self._path) != self._stamp:
            self._stamp = _stamp(self._path)
            self._state, self._before = _load(self._path), None

    def add(self, level: str, ids: Iterable[str], filters: Mapping[str, Any] | None = None) -> int:
        """Put rows of a level in, and say how many are new; what is there stays once."""
        before = self.state.count()
        self._change(_with(self._state, level, ids, filters_text(filters)))
        return self._state.count() - before

    def add_all(self, selections: Iterable[Mapping[str, Any]]) -> int:
        """``add`` for several at once, taken back by one ``undo``."""
        state = before = self.state
        for item in selections:
            state = _with(state, item["level"], item["ids"], filters_text(item.get("filters")))
        self._change(state)
        return state.count() - before.count()

    def remove(self, level: str, ids: Iterable[str], filters: Mapping[str, Any] | None = None) -> None:
        """Take rows out; unknown ones are ignored."""
        self.remove_all([{"level": level, "ids": ids, "filters": filters}])

    def remove_all(self, selections: Iterable[Mapping[str, Any]]) -> None:
        """``remove`` for several at once."""
        gone: dict[tuple[str, str], set[str]] = {}
        for item in selections:
            gone.setdefault((item["level"], filters_text(item.get("filters"))), set()).update(item["ids"])
        parts = (
            CartPart(part.level, tuple(row_id for row_id in part.ids if row_id not in gone.get((part.level, part.filters), ())), part.filters)
            for part in self.state.parts
        )
        self._change(CartState(tuple(part for part in parts if part.ids)))

    def clear(self) -> None:
        """Empty it."""
        self._change(CartState())

    def undo(self) -> None:
        """Take the last change back; once more brings it about again. Nothing without a change in this session."""
        self.refresh()
        if self._before is not None:
            self._change(self._before)

    def _change(self, state: CartState) -> None:
        if state == self._state:
            return
        self._before, self._state = self._state, state
        if self._path is not None:
            _save(self._path, state)
            self._stamp = _stamp(self._path)
        self.changed.emit(state)


def filters_text(filters: Mapping[str, Any] | None) -> str:
    """Filters as a text that is the same for the same filters."""
    return json.dumps(dict(filters or {}), sort_keys=True, separators=(",", ":"))


def _with(state: CartState, level: str, ids: Iterable[str], filters: str) -> CartState:
    parts = {(part.level, part.filters): part for part in state.parts}
    held = parts.get((level, filters), CartPart(level, (), filters)).ids
    parts[level, filters] = CartPart(level, tuple(dict.fromkeys((*held, *ids))), filters)
    return CartState(tuple(part for part in parts.values() if part.ids))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size


def _load(path: Path) -> CartState:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return CartState(tuple(_part(item) for item in document["parts"]))
    except FileNotFoundError:
        return CartState()
    except (OSError, ValueError, KeyError, TypeError):
        with suppress(OSError):
            path.replace(path.with_suffix(".damaged"))
        return CartState()


def _part(item: Any) -> CartPart:
    ids, filters = item["ids"], item.get("filters") or {}
    if item["level"] not in LEVELS or not isinstance(ids, list) or not isinstance(filters, dict):
        raise TypeError("a level, a list and an object are expected")
    return CartPart(item["level"], tuple(str(value) for value in ids), filters_text(filters))


def _save(path: Path, state: CartState) -> None:
    document = {"version": _VERSION, "parts": state.selections()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"The cart cannot be saved in {path} ({error.strerror or error}); {_UNSAVED}.") from error
    with whole_file(path, FOR_NOBODY_ELSE, _UNSAVED) as file:
        json.dump(document, file)
