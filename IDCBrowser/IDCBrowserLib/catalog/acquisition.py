"""Filters on how images were acquired: slice thickness, tube voltage, echo time, tracer, ... from the side indices of their modalities.

Each series has one value or a list (echo times of a multi-echo series); a series counts for each value of its list. What several modalities have
(slice thickness) is one filter over the indices that are here; at least one of them has to be.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.extra_columns import EXTRA_COLUMNS, table_of
from IDCBrowserLib.catalog.value_rows import condition, found_name, is_empty, number_of
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
            if ACQUISITION[column].kind == "number" and not is_empty(value):
                number_of(column, value)
    return chosen


def create_found(connection: duckdb.DuckDBPyConnection, chosen: Mapping[str, Any], here: Collection[str]) -> None:
    """Evaluate the filters once for all questions that follow, as a table of ``number`` (row_no of series); their columns in ``here`` are there."""
    bindings = Bindings()
    parts = [_condition(column, wanted, here, bindings) for column, wanted in chosen.items()]
    query = f"SELECT row_no AS number FROM series WHERE {' AND '.join(parts)}"
    ask(connection, f"CREATE OR REPLACE TABLE {found_name(chosen)} AS {query}", bindings.values)


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
    source = each_value(column, here)
    # A series that is in none of the indices states nothing either.
    not_stated = f"row_no NOT IN (SELECT row_no FROM ({source}) WHERE value IS NOT NULL)"
    return condition(source, column, ACQUISITION[column].kind == "number", wanted, not_stated, bindings)
