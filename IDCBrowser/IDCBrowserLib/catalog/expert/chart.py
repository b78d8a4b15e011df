"""Rows of a query as bars: which column labels them and which number they show is guessed from the columns, and can be chosen otherwise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from IDCBrowserLib.api.expert import Chart, ChartBar, is_number
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.rounding import round_step

ROWS, MEAN, SUM = "rows", "mean", "sum"
MAX_BARS = 40
_BINS = 12
# Numbers that name something: nobody wants their mean.
_NAMES = ("uid", "uuid", "id", "number", "version")


def chart(columns: Sequence[Sequence[str]], rows: Sequence[Sequence[Any]], label: int | None = None, value: str = "") -> Chart:
    """``label``: the number of a column; ``value``: "rows", "mean:N" or "sum:N" of column N. What is not given is guessed.

    Raises ``InputError`` for a column that is not there or has no numbers.
    """
    if not columns:
        raise InputError("The result has no columns, so there is nothing to draw.")
    used = _label(columns, rows) if label is None else label
    if not 0 <= used < len(columns):
        raise InputError("The result has no such column.")
    shown = value or _value(columns, rows, used)
    how, column = _checked(columns, shown)
    keys = [row[used] for row in rows]
    if is_number(columns[used][1]) and len({key for key in keys if _is_finite(key)}) > MAX_BARS:
        groups, ordered = _binned(keys, rows), True
    else:
        groups, ordered = _grouped(keys, rows), is_number(columns[used][1])
    bars = [bar for bar in (_bar(text, members, how, column) for text, members in groups) if bar is not None]
    if not ordered and how == ROWS:
        bars.sort(key=lambda bar: -bar["value"])
    is_single = how != ROWS and all(len(members) == 1 for _text, members in groups)
    return {"label": used, "value": shown, "bars": bars[:MAX_BARS], "more": max(0, len(bars) - MAX_BARS), "single": is_single}


def _label(columns: Sequence[Sequence[str]], rows: Sequence[Sequence[Any]]) -> int:
    """The first column of texts whose values repeat or are few; else the first column."""
    for number, (_name, kind) in enumerate(columns):
        if not is_number(kind) and (len(rows) <= MAX_BARS or len({str(row[number]) for row in rows}) < len(rows)):
            return number
    return 0


def _value(columns: Sequence[Sequence[str]], rows: Sequence[Sequence[Any]], label: int) -> str:
    """The first column of numbers where each label stands once; else how many rows there are of each."""
    if len({str(row[label]) for row in rows}) == len(rows) <= MAX_BARS:
        for number, (name, kind) in enumerate(columns):
            if number != label and is_number(kind) and not name.lower().endswith(_NAMES):
                return f"{MEAN}:{number}"
    return ROWS


def _checked(columns: Sequence[Sequence[str]], value: str) -> tuple[str, int]:
    how, _colon, number = value.partition(":")
    if how == ROWS and not number:
        return ROWS, 0
    if how not in (MEAN, SUM) or not number.isdecimal() or int(number) >= len(columns) or not is_number(columns[int(number)][1]):
        raise InputError(f"{value!r} is nothing that bars can show; use rows, mean:N or sum:N, where N is a column of numbers.")
    return how, int(number)


def _grouped(keys: Sequence[Any], rows: Sequence[Sequence[Any]]) -> list[tuple[str | None, list[Sequence[Any]]]]:
    found: dict[Any, list[Sequence[Any]]] = {}
    for key, row in zip(keys, rows, strict=True):
        found.setdefault(None if key is None or key == "" else key if isinstance(key, (int, float, str)) else str(key), []).append(row)
    if all(isinstance(key, (int, float)) for key in found if key is not None):
        found = {key: found[key] for key in sorted(found, key=lambda key: (key is None, key if key is not None else 0))}
    return [(None if key is None else _text(key), members) for key, members in found.items()]


def _binned(keys: Sequence[Any], rows: Sequence[Sequence[Any]]) -> list[tuple[str | None, list[Sequence[Any]]]]:
    """About a dozen ranges of a width that people count in."""
    numbers = [float(key) for key in keys if _is_finite(key)]
    low, high = min(numbers), max(numbers)
    width = round_step(high / _BINS - low / _BINS or 1.0)
    found: dict[int, list[Sequence[Any]]] = {}
    empty: list[Sequence[Any]] = []
    for key, row in zip(keys, rows, strict=True):
        (found.setdefault(math.floor(float(key) / width), []) if _is_finite(key) else empty).append(row)
    made: list[tuple[str | None, list[Sequence[Any]]]] = [
        (f"{_text(number * width)} to {_text((number + 1) * width)}", found[number]) for number in sorted(found)
    ]
    return [*made, (None, empty)] if empty else made


def _is_finite(key: Any) -> bool:
    return isinstance(key, (int, float)) and math.isfinite(key)


def _bar(label: str | None, members: Sequence[Sequence[Any]], how: str, column: int) -> ChartBar | None:
    if how == ROWS:
        return {"label": label, "value": float(len(members))}
    numbers = [float(row[column]) for row in members if _is_finite(row[column])]
    if not numbers:
        return None
    return {"label": label, "value": sum(numbers) / (len(numbers) if how == MEAN else 1)}


def _text(key: float | str) -> str:
    return f"{key:.10g}" if isinstance(key, float) else str(key)
