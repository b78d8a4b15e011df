"""Lists that outlive the program, in the host's settings: recent values, and values under names. Bounded, and damaged ones count as empty."""

from __future__ import annotations

import json
import operator
import time
from collections.abc import Callable
from typing import Generic, TypeGuard, TypeVar

from IDCBrowserLib.host_interface import Settings
from IDCBrowserLib.logic.base.settings_keys import load_list, save_list
from IDCBrowserLib.signal import Signal

MAX_NAME = 100
# A list of settings stays this short as JSON, whatever somebody saves.
_MAX_LIST_CHARACTERS = 1_000_000
_MAX_VALUE_CHARACTERS = 100_000
_SAVED_EVERY_S = 10.0

T = TypeVar("T")
# Whether what settings hold is such a value.
Check = Callable[[object], TypeGuard[T]]
Same = Callable[[T, T], bool]


class RecentValues(Generic[T]):
    """The last ``limit`` different values, newest first; of those that are the ``same`` the newest is kept. ``changed()``.

    Several in a row are written at once: settings are a file, and each writing keeps the window waiting. ``save`` before the program ends.
    """

    def __init__(
        self, settings: Settings, key: str, limit: int, is_valid: Check[T], same: Same[T] = operator.eq, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._key = key
        self._limit = limit
        self._is_valid = is_valid
        self._same = same
        self._clock = clock
        self._unsaved: list[T] | None = None
        self._saved_at = float("-inf")
        self.changed: Signal[[]] = Signal()

    def all(self) -> list[T]:
        """Newest first."""
        if self._unsaved is not None:
            return list(self._unsaved)
        return [value for value in load_list(self._settings, self._key) if self._is_valid(value)][: self._limit]

    def add(self, value: T, instead_of_newest: bool = False) -> None:
        """Put a value first, or in the place of the one that is; one that is too long to keep is passed over."""
        if len(json.dumps(value)) > _MAX_VALUE_CHARACTERS:
            return
        before = self.all()
        after = _bounded([value, *(other for other in before[int(instead_of_newest) :] if not self._same(other, value))][: self._limit])
        if after != before:
            self._unsaved = after
            if self._clock() - self._saved_at >= _SAVED_EVERY_S:
                self.save()
            self.changed.emit()

    def save(self) -> None:
        """Write what is not written yet."""
        if self._unsaved is not None:
            save_list(self._settings, self._key, self._unsaved)
            self._unsaved = None
            self._saved_at = self._clock()

    def clear(self) -> None:
        """Forget all."""
        self._unsaved = None
        save_list(self._settings, self._key, [])
        self.changed.emit()


class NamedValues(Generic[T]):
    """Values under names, in the order in which they were saved, at most ``limit``. ``changed()``."""

    def __init__(self, settings: Settings, key: str, limit: int, is_valid: Check[T]) -> None:
        self._settings = settings
        self._key = key
        self._limit = limit
        self._is_valid = is_valid
        self.changed: Signal[[]] = Signal()

    def all(self) -> dict[str, T]:
        """Value by name."""
        pairs = [pair for pair in load_list(self._settings, self._key) if isinstance(pair, list) and len(pair) == 2]
        return {name: value for name, value in pairs if isinstance(name, str) and name and self._is_valid(value)}

    def save(self, name: str, value: T) -> bool:
        """Keep a value, in the place of one with that name; False when it is too long or there are too many."""
        values = self.all()
        name = tidy_name(name)
        if not name or (name not in values and len(values) >= self._limit) or len(json.dumps(value)) > _MAX_VALUE_CHARACTERS:
            return False
        return self._write({**values, name: value})

    def rename(self, old: str, new: str) -> bool:
        """Another name for a value; False when that name is taken or empty."""
        values = self.all()
        new = tidy_name(new)
        if old not in values or not new or (new != old and new in values):
            return False
        return self._write({new if name == old else name: value for name, value in values.items()})

    def delete(self, name: str) -> None:
        """Forget a value."""
        self._write({other: value for other, value in self.all().items() if other != name})

    def _write(self, values: dict[str, T]) -> bool:
        pairs = [[name, value] for name, value in values.items()]
        if len(_bounded(pairs)) < len(pairs):
            return False
        save_list(self._settings, self._key, pairs)
        self.changed.emit()
        return True


def tidy_name(name: str) -> str:
    """A name without line breaks and blanks around it, not longer than ``MAX_NAME``."""
    return " ".join(name.split())[:MAX_NAME].strip()


def is_text(value: object) -> TypeGuard[str]:
    """For lists of texts."""
    return isinstance(value, str) and bool(value.strip())


def _bounded(values: list[T]) -> list[T]:
    """The first values that together are short enough."""
    total, kept = 0, []
    for value in values:
        total += len(json.dumps(value)) + 1
        if total > _MAX_LIST_CHARACTERS:
            break
        kept.append(value)
    return kept
