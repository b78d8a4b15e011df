"""Readable forms of values in the index files."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

Row = Mapping[str, Any]
# A row of an index -> what is shown of it, "" for nothing.
Shown = Callable[[Row], str]

_MOST_VALUES = 30
_AGE_UNITS = {"Y": "years", "M": "months", "W": "weeks", "D": "days"}
_SEXES = {"M": "Male", "F": "Female", "O": "Other"}


def text(value: Any) -> str:
    """Anything; lists with commas, "" for nothing and for what is not a number."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        parts = list(dict.fromkeys(part for part in map(text, value) if part))
        more = f" and {len(parts) - _MOST_VALUES} more" if len(parts) > _MOST_VALUES else ""
        return ", ".join(parts[:_MOST_VALUES]) + more
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.5g}"
    return " ".join(str(value).split())


def plain(column: str, unit: str = "") -> Shown:
    """A column, with its unit."""
    return lambda row: _with_unit(text(row.get(column)), unit)


def pair(first: str, second: str, unit: str = "") -> Shown:
    """Two columns as "512 x 512"; one alone where the other is empty."""
    return lambda row: _with_unit(" x ".join(part for part in (text(row.get(first)), text(row.get(second))) if part), unit)


def extent(lowest: str, highest: str, unit: str) -> Shown:
    """Two columns as "100 to 300 mA"; one number where they are equal."""
    return lambda row: _with_unit(" to ".join(dict.fromkeys(part for part in (text(row.get(lowest)), text(row.get(highest))) if part)), unit)


def scaled(column: str, factor: float, unit: str) -> Shown:
    """A column in another unit than it is stored in; several values with commas."""

    def shown(row: Row) -> str:
        value = row.get(column)
        values = value if isinstance(value, (list, tuple)) else [value]
        return _with_unit(text([number * factor for number in values if isinstance(number, (int, float))]), unit)

    return shown


def age(value: Any) -> str:
    """An age string (PS3.5 6.2, AS): "060Y" as "60 years"; anything else as it is."""
    said = text(value)
    number, unit = said[:-1], said[-1:]
    if number.isdigit() and unit in _AGE_UNITS:
        return f"{int(number)} {_AGE_UNITS[unit] if int(number) != 1 else _AGE_UNITS[unit][:-1]}"
    return said


def sex(value: Any) -> str:
    """DICOM's codes in words."""
    return _SEXES.get(text(value), text(value))


def _with_unit(said: str, unit: str) -> str:
    return f"{said} {unit}" if said and unit else said
