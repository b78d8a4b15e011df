"""Filters, counts and bins over a *source*: a SELECT of ``row_no`` and ``value``, a row for each value of a series, which counts for each."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.errors import InputError

if TYPE_CHECKING:
    import duckdb

# Bins end at these times a power of ten, so that what people ask for ("at most 1.25 mm") is the end of one.
_STEPS = "[1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]"
_POWER = "pow(10, floor(log10(value) + 1e-12))"
BIN = f"CASE WHEN value <= 0 THEN value ELSE {_POWER} * list_min(list_filter({_STEPS}, lambda step: step >= value / {_POWER} - 1e-9)) END"


def condition(source: str, column: str, is_number: bool, wanted: Mapping[str, Any], not_stated: str, bindings: Bindings) -> str:
    """That the values of a series are what ``wanted`` says of ``column``; ``not_stated`` is the condition of those without one."""
    values = f"SELECT row_no FROM ({source}) WHERE"
    stated = f"row_no IN ({values} value IS NOT NULL)"
    either = [f"row_no IN ({values} {one})" for one in _wanted(column, is_number, wanted, "any", bindings)]
    if any(is_empty(value) for value in wanted.get("any") or ()):
        either.append(not_stated)
    parts = [f"({' OR '.join(either)})"] if either else []
    for value in wanted.get("all") or ():
        parts += [f"row_no IN ({values} {one})" for one in _wanted(column, is_number, {"any": [value]}, "any", bindings)] or [not_stated]
    excluded = {"any": wanted.get("none") or []}
    parts += [f"row_no NOT IN ({values} {one})" for one in _wanted(column, is_number, excluded, "any", bindings)]
    if any(is_empty(value) for value in wanted.get("none") or ()):
        parts.append(stated)
    return f"({' AND '.join(parts) or 'true'})"


def found_name(chosen: Mapping[str, Any]) -> str:
    """The table with what filters in their long form leave: the same name for the same filters."""
    said = json.dumps({column: dict(wanted) for column, wanted in chosen.items()}, sort_keys=True, default=str)
    return f"found_{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:20]}"


def value_counts(connection: duckdb.DuckDBPyConnection, source: str, within: str, bindings: Bindings, limit: int) -> list[tuple[Any, int]]:
    """(value, series) of texts, most frequent first, of the series whose ``row_no`` is in the SELECT ``within``, everywhere if empty."""
    query = (
        f"SELECT value, count(DISTINCT row_no) AS n FROM ({source}) {_of(within)} GROUP BY value "
        f"ORDER BY n DESC, value NULLS LAST LIMIT {bindings.add(limit)}"
    )
    return [(row[0], int(row[1])) for row in ask(connection, query, bindings.values).fetchall()]


def number_bins(connection: duckdb.DuckDBPyConnection, source: str, within: str, bindings: Bindings) -> list[tuple[float | None, float | None, int]]:
    """(smallest, largest, series) of the numbers of each bin in ascending order; None for both where nothing is stated."""
    query = (
        f"SELECT min(value), max(value), count(DISTINCT row_no) FROM (SELECT row_no, value, {BIN} AS bin FROM ({source}) "
        f"{_of(within)}) GROUP BY bin ORDER BY bin NULLS LAST"
    )
    return [(row[0], row[1], int(row[2])) for row in ask(connection, query, bindings.values).fetchall()]


def is_empty(value: Any) -> bool:
    """Whether a value of a filter stands for "not stated"."""
    return value is None or value == ""


def number_of(column: str, value: Any) -> float:
    """A value of a filter on numbers; raises ``InputError`` for anything else."""
    with numbers_expected(column, value):
        number = float(value)
        if math.isnan(number):
            # In SQL it is greater than all numbers, elsewhere neither greater nor less.
            raise ValueError
        return number


@contextlib.contextmanager
def numbers_expected(column: str, value: object) -> Iterator[None]:
    """Makes what is no number, or a greater one than there can be, an ``InputError``."""
    try:
        yield
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"The column {column} contains numbers; {str(value)!r} is not a number.") from error


def _of(within: str) -> str:
    return f"WHERE row_no IN ({within})" if within else ""


def _wanted(column: str, is_number: bool, wanted: Mapping[str, Any], key: str, bindings: Bindings) -> list[str]:
    """Conditions on ``value``, one of which has to hold."""
    values = [value for value in wanted.get(key) or () if not is_empty(value)]
    typed: Sequence[Any] = [number_of(column, value) if is_number else str(value) for value in values]
    made = [f"value IN (SELECT unnest({bindings.add(list(typed))}))"] if typed else []
    ends = [
        f"value {sign} {bindings.add(number_of(column, wanted[end]))}" for end, sign in (("min", ">="), ("max", "<=")) if wanted.get(end) is not None
    ]
    return [*made, f"({' AND '.join(ends)})"] if ends else made
