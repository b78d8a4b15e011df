"""Filters on how images were acquired: slice thickness, tube voltage, echo time, tracer, ... from the side indices of their modalities.

Each series has one value or a list (echo times of a multi-echo series); a series counts for each value of its list. What several modalities have
(slice thickness) is one filter over the indices that are here; at least one of them has to be.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.extra_columns import EXTRA_COLUMNS, table_of
from IDCBrowserLib.errors import InputError

if TYPE_CHECKING:
    import duckdb


class AcquisitionFilter(NamedTuple):
    """``columns`` of ``extra_columns``; ``kind`` "number" or "text"."""

    columns: tuple[str, ...]
    kind: str


def _kind(name: str) -> str:
    return "number" if EXTRA_COLUMNS[name].kind.startswith("DOUBLE") else "text"


ACQUISITION: dict[str, AcquisitionFilter] = {
    **{name: AcquisitionFilter((name,), _kind(name)) for name in EXTRA_COLUMNS},
    "SliceThickness": AcquisitionFilter(("CT_SliceThickness", "MR_SliceThickness", "PT_SliceThickness"), "number"),
    "PixelSpacing": AcquisitionFilter(("CT_PixelSpacing", "MR_PixelSpacing", "PT_PixelSpacing"), "number"),
}
# Bins end at these times a power of ten, so that what people ask for ("at most 1.25 mm") is the end of one.
_STEPS = "[1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]"
_POWER = "pow(10, floor(log10(value) + 1e-12))"
BIN = f"CASE WHEN value <= 0 THEN value ELSE {_POWER} * list_min(list_filter({_STEPS}, lambda step: step >= value / {_POWER} - 1e-9)) END"


def indices_of(column: str) -> list[str]:
    """The side indices that have the values of a filter, that of CT first."""
    return list(dict.fromkeys(EXTRA_COLUMNS[name].side_index for name in ACQUISITION[column].columns))


def chosen_of(filters: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The filters of this kind, in their long form, among ``filters`` in their long form; raises ``InputError`` for a range of texts or an "all"."""
    chosen = {column: wanted for column, wanted in filters.items() if column in ACQUISITION}
    for column, wanted in chosen.items():
        has_range = wanted.get("min") is not None or wanted.get("max") is not None
        if has_range and ACQUISITION[column].kind == "text":
            raise InputError(f"The column {column} contains text; a range needs numbers.")
        if wanted.get("all"):
            raise InputError(f'"all" is not for {column}.')
        for value in (*(wanted.get("any") or ()), *(wanted.get("none") or ())):
            if ACQUISITION[column].kind == "number" and not _is_empty(value):
                _number(column, value)
    return chosen


def found_name(chosen: Mapping[str, Any]) -> str:
    """The table with what these filters leave: the same name for the same filters."""
    said = json.dumps({column: dict(wanted) for column, wanted in chosen.items()}, sort_keys=True, default=str)
    return f"found_{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:20]}"


def create_found(connection: duckdb.DuckDBPyConnection, chosen: Mapping[str, Any], here: Collection[str]) -> None:
    """Evaluate the filters once for all questions that follow, as a table of ``number`` (row_no of series); their columns in ``here`` are there."""
    bindings = Bindings()
    parts = [_condition(column, wanted, here, bindings) for column, wanted in chosen.items()]
    query = f"SELECT row_no AS number FROM series WHERE {' AND '.join(parts)}"
    ask(connection, f"CREATE OR REPLACE TABLE {found_name(chosen)} AS {query}", bindings.values)


def value_counts(connection: duckdb.DuckDBPyConnection, column: str, within: str, bindings: Bindings, here: Collection[str], limit: int) -> list[Any]:
    """(value, series) of texts, most frequent first, of the series whose ``row_no`` is in the SELECT ``within``, everywhere if empty."""
    query = (
        f"SELECT value, count(DISTINCT row_no) AS n FROM ({each_value(column, here)}) {_of(within)} GROUP BY value "
        f"ORDER BY n DESC, value NULLS LAST LIMIT {bindings.add(limit)}"
    )
    return [(row[0], int(row[1])) for row in ask(connection, query, bindings.values).fetchall()]


def number_bins(connection: duckdb.DuckDBPyConnection, column: str, within: str, bindings: Bindings, here: Collection[str]) -> list[Any]:
    """(smallest, largest, series) of the numbers of each bin in ascending order; None for both where nothing is stated."""
    query = (
        f"SELECT min(value), max(value), count(DISTINCT row_no) FROM (SELECT row_no, value, {BIN} AS bin FROM ({each_value(column, here)}) "
        f"{_of(within)}) GROUP BY bin ORDER BY bin NULLS LAST"
    )
    return [(row[0], row[1], int(row[2])) for row in ask(connection, query, bindings.values).fetchall()]


def _of(within: str) -> str:
    return f"WHERE row_no IN ({within})" if within else ""


def each_value(column: str, here: Collection[str]) -> str:
    """A SELECT of row_no and ``value``, a row for each value of a series."""
    return " UNION ALL ".join(
        f"SELECT row_no, {_each(name)} AS value FROM {table_of(EXTRA_COLUMNS[name].side_index)}"
        for name in ACQUISITION[column].columns
        if name in here
    )


def _each(name: str) -> str:
    kind = EXTRA_COLUMNS[name].kind
    if kind.endswith("[]"):
        return f"unnest(CASE WHEN coalesce(len({name}), 0) = 0 THEN [NULL] ELSE {name} END)"
    return f"{name}::VARCHAR" if kind == "BOOLEAN" else name


def _condition(column: str, wanted: Mapping[str, Any], here: Collection[str], bindings: Bindings) -> str:
    values = f"SELECT row_no FROM ({each_value(column, here)}) WHERE"
    stated = f"row_no IN ({values} value IS NOT NULL)"
    either = [f"row_no IN ({values} {condition})" for condition in _wanted(column, wanted, "any", bindings)]
    if any(_is_empty(value) for value in wanted.get("any") or ()):
        either.append(f"NOT {stated}")
    parts = [f"({' OR '.join(either)})"] if either else []
    excluded = {"any": wanted.get("none") or []}
    parts += [f"row_no NOT IN ({values} {condition})" for condition in _wanted(column, excluded, "any", bindings)]
    if any(_is_empty(value) for value in wanted.get("none") or ()):
        parts.append(stated)
    return f"({' AND '.join(parts) or 'true'})"


def _wanted(column: str, wanted: Mapping[str, Any], key: str, bindings: Bindings) -> list[str]:
    """Conditions on ``value``, one of which has to hold."""
    is_number = ACQUISITION[column].kind == "number"
    values = [value for value in wanted.get(key) or () if not _is_empty(value)]
    typed: Sequence[Any] = [_number(column, value) if is_number else str(value) for value in values]
    made = [f"value IN (SELECT unnest({bindings.add(list(typed))}))"] if typed else []
    ends = [
        f"value {sign} {bindings.add(_number(column, wanted[end]))}" for end, sign in (("min", ">="), ("max", "<=")) if wanted.get(end) is not None
    ]
    return [*made, f"({' AND '.join(ends)})"] if ends else made


def _is_empty(value: Any) -> bool:
    return value is None or value == ""


def _number(column: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise InputError(f"The column {column} contains numbers; {str(value)!r} is not a number.") from error
