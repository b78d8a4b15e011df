"""Counts of the values of clinical attributes under filters, and how their numbers are distributed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.catalog import FacetBins
from IDCBrowserLib.catalog.clinical.laid_out import CASES, LaidOut
from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.facets.facets import UNIT_OF, UNITS, facet_bins, rows_left

if TYPE_CHECKING:
    import duckdb

    from IDCBrowserLib.catalog.cache.series_numbers import SeriesNumbers

# Nobody knows beforehand how the numbers are distributed.
_MOST_BINS = 30


def clinical_values(
    connection: duckdb.DuckDBPyConnection, numbers: SeriesNumbers, one: LaidOut, column: str, unit: str, filters: Mapping[str, Any] | None, limit: int
) -> tuple[list[tuple[Any, int]], int]:
    """The ``limit`` most frequent values of a clinical attribute of texts under all other filters, and how many more there are."""
    bindings = Bindings()
    if unit == "studies":
        numbers.show(connection, UNIT_OF, UNITS[unit])
    cases = _cases(unit, column, filters, bindings)
    counted = f"SELECT value, {_counted(unit)} AS n FROM {one.table} JOIN ({cases}) USING (case_no) GROUP BY value"
    rows = ask(connection, f"SELECT value, n, count(*) OVER () FROM ({counted}) ORDER BY n DESC, value NULLS LAST LIMIT {limit:d}", bindings.values)
    found = rows.fetchall()
    return [(row[0], int(row[1])) for row in found], int(found[0][2]) - len(found) if found else 0


def clinical_bins(connection: duckdb.DuckDBPyConnection, one: LaidOut, column: str, filters: Mapping[str, Any] | None) -> FacetBins:
    """How the numbers of a clinical attribute are distributed under all other filters, which leave the ends of the bins where they are."""
    row = ask(connection, f"SELECT min(value), max(value), count(DISTINCT value) FROM {one.table}").fetchone()
    low, high, distinct = row if row is not None and row[0] is not None else (0.0, 0.0, 0)
    bin_of = "value" if distinct <= _MOST_BINS else f"floor(value / {_round_width(high / _MOST_BINS - low / _MOST_BINS)!r})"
    bindings = Bindings()
    # A case with several values in a bin counts once.
    each = f"SELECT case_no, {bin_of} AS bin, min(value) AS low, max(value) AS high FROM {one.table} GROUP BY ALL"
    cases = _cases("series", column, filters, bindings)
    query = f"SELECT min(low), max(high), {_counted('series')} FROM ({each}) JOIN ({cases}) USING (case_no) GROUP BY bin ORDER BY bin NULLS LAST"
    return facet_bins([(found[0], found[1], int(found[2])) for found in ask(connection, query, bindings.values).fetchall()])


def _cases(unit: str, column: str, filters: Mapping[str, Any] | None, bindings: Bindings) -> str:
    """A SELECT of ``case_no`` and what ``_counted`` needs, of what all other filters leave."""
    within = rows_left(column, filters, bindings)
    left = f"SELECT row_no, case_no FROM {CASES} {f'WHERE row_no IN ({within})' if within else ''}"
    if unit != "studies":
        return f"SELECT case_no, count(*) AS n FROM ({left}) GROUP BY case_no"
    # A study may be of two cases.
    return f"SELECT DISTINCT case_no, {UNITS[unit]} AS unit FROM ({left}) JOIN {UNIT_OF} USING (row_no)"


def _counted(unit: str) -> str:
    """Of a value of several cases."""
    return {"series": "sum(n)::BIGINT", "cases": "count(*)", "studies": "count(DISTINCT unit)"}[unit]


def _round_width(width: float) -> float:
    """1, 2 or 5 times a power of ten, at least that wide."""
    power = 10.0 ** math.floor(math.log10(width))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= width * (1 - 1e-9))
