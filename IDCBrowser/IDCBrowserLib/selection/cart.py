"""The cart: what the user has put aside to download, kept between sessions.

It holds identifiers, not rows: what a collection contains is asked when the cart is opened, and a view does not survive the program.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.signal import Signal

_LEVELS = ("collections", "cases", "studies", "series")
_VERSION = 1


@dataclass(frozen=True)
class CartState:
    """Ids per level, in the order in which they were added."""

    collections: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    studies: tuple[str, ...] = ()
    series: tuple[str, ...] = ()

    def selections(self) -> list[dict[str, Any]]:
        """As selections of the engine's methods."""
        return [{"level": level, "ids": list(getattr(self, level))} for level in _LEVELS if getattr(self, level)]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it."""
        return not self.selections()


class Cart:
    """``changed`` is emitted with the new state. With ``path`` the state survives; a damaged file is put aside and the cart starts empty."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.state = _load(path) if path is not None else CartState()
        self.changed = Signal()

    def add(self, level: str, ids: Iterable[str]) -> None:
        """Put rows of a level in; what is there stays once."""
        self._set(replace(self.state, **{level: tuple(dict.fromkeys((*getattr(self.state, level), *ids)))}))

    def remove(self, level: str, ids: Iterable[str]) -> None:
        """Take rows of a level out; unknown ones are ignored."""
        gone = set(ids)
        self._set(replace(self.state, **{level: tuple(value for value in getattr(self.state, level) if value not in gone)}))

    def clear(self) -> None:
        """Empty it."""
        self._set(CartState())

    def _set(self, state: CartState) -> None:
        if state == self.state:
            return
        self.state = state
        if self._path is not None:
            _save(self._path, state)
        self.changed.emit(state)


def _load(path: Path) -> CartState:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return CartState(**{level: _texts(document[level]) for level in _LEVELS})
    except FileNotFoundError:
        return CartState()
    except (OSError, ValueError, KeyError, TypeError):
        with suppress(OSError):
            path.replace(path.with_suffix(".damaged"))
        return CartState()


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise TypeError("a list is expected")
    return tuple(str(value) for value in values)


def _save(path: Path, state: CartState) -> None:
    document = {"version": _VERSION, **{level: list(getattr(state, level)) for level in _LEVELS}}
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(document), encoding="utf-8")
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise StorageError(f"The cart cannot be saved in {path} ({error.strerror or error}); it is kept until the program ends.") from error
