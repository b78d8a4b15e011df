"""The values that are chosen in one facet, and their form for the engine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from IDCBrowserLib.api.values import Filter, Value, Wanted


@dataclass(frozen=True)
class FilterChoice:
    """``any_of`` or ``all_of`` these values (None: "not stated"), ``none_of`` those, ``low`` to ``high``, both ends included.

    A range beside ``any_of`` means either: "40 to 60 or not stated".
    """

    any_of: tuple[Value, ...] = ()
    all_of: tuple[Value, ...] = ()
    none_of: tuple[Value, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def is_set(self) -> bool:
        """Whether it asks for anything."""
        return bool(self.any_of or self.all_of or self.none_of) or self.has_range

    @property
    def has_range(self) -> bool:
        """Whether one of the ends is set."""
        return self.low is not None or self.high is not None

    @property
    def included(self) -> tuple[Value, ...]:
        """The values that are checked."""
        return self.any_of or self.all_of

    @property
    def count(self) -> int:
        """How many things are chosen; a range is one."""
        return len(self.any_of) + len(self.all_of) + len(self.none_of) + int(self.has_range)

    def toggled(self, value: Value, all_of: bool = False) -> FilterChoice:
        """With the value checked, or without it."""
        values = self.included
        values = tuple(item for item in values if item != value) if value in values else (*values, value)
        others = tuple(item for item in self.none_of if item != value)
        return replace(self, any_of=() if all_of else values, all_of=values if all_of else (), none_of=others)

    def excluding(self, value: Value) -> FilterChoice:
        """With the value excluded, or not any more."""
        values = tuple(item for item in self.none_of if item != value) if value in self.none_of else (*self.none_of, value)
        return replace(
            self,
            any_of=tuple(item for item in self.any_of if item != value),
            all_of=tuple(item for item in self.all_of if item != value),
            none_of=values,
        )

    def for_engine(self) -> Filter:
        """As ``catalog.filters`` takes it: a list where that says it all."""
        if not (self.all_of or self.none_of or self.has_range):
            return list(self.any_of)
        wanted: Wanted = {}
        if self.any_of:
            wanted["any"] = list(self.any_of)
        if self.all_of:
            wanted["all"] = list(self.all_of)
        if self.none_of:
            wanted["none"] = list(self.none_of)
        if self.low is not None:
            wanted["min"] = self.low
        if self.high is not None:
            wanted["max"] = self.high
        return wanted


def parse_filter_choice(wanted: object) -> FilterChoice:
    """What ``for_engine`` gave, or somebody wrote; raises ``ValueError`` for another shape."""
    if isinstance(wanted, (str, int, float)) or wanted is None:
        wanted = (wanted,)
    if isinstance(wanted, (list, tuple)):
        return FilterChoice(_values(wanted))
    if not isinstance(wanted, Mapping) or not set(wanted) <= {"any", "all", "none", "min", "max"}:
        raise ValueError(f"{wanted!r} is not a filter")
    choice = FilterChoice(_values(wanted.get("any") or ()), _values(wanted.get("all") or ()), _values(wanted.get("none") or ()))
    return replace(choice, low=_number(wanted.get("min")), high=_number(wanted.get("max")))


def _values(values: object) -> tuple[Value, ...]:
    if not isinstance(values, (list, tuple)):
        raise ValueError(f"{values!r} are not values")
    return tuple(dict.fromkeys(_value(value) for value in values))


def _value(value: object) -> Value:
    if value is None or isinstance(value, str):
        return value
    # The infinite and what is none cannot be sent to the engine.
    if isinstance(value, (int, float)) and math.isfinite(value):
        return value
    raise ValueError(f"{value!r} is not a value")


def _number(value: object) -> float | None:
    if isinstance(value, (str, bool)):
        raise ValueError(f"{value!r} is not a number")
    number = _value(value)
    return None if number is None or isinstance(number, str) else number
