"""Counts of series, studies and cases by the values of columns: the figures of a summary, for tables and charts.

A figure that a chart's bars filter by has ``low`` and ``high`` of each row: as a range of the filter in ``RANGES`` they leave that row's series.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.cohort import Figure, FigureRow
from IDCBrowserLib.catalog import acquisition
from IDCBrowserLib.catalog.conditions import Bindings, Filters
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.facets.facets import each_value
from IDCBrowserLib.catalog.filters import CONTENT, NUMBERS, filter_conditions
from IDCBrowserLib.catalog.series import series_condition
from IDCBrowserLib.catalog.value_rows import BIN
from IDCBrowserLib.catalog.views import Views
from IDCBrowserLib.errors import InputError

if TYPE_CHECKING:
    import duckdb

# Figures whose rows are values of a column of the index.
_COLUMNS = {
    "collection_id": "collection_id",
    "Modality": "Modality",
    "BodyPartExamined": "BodyPartExamined",
    "Manufacturer": "Manufacturer",
    "ManufacturerModelName": "ManufacturerModelName",
    "license_short_name": "license_short_name",
    "analysis_result_id": "analysis_result_id",
    "PatientSex": "PatientSex",
    "first_idc_version": "series_init_idc_version",
}
# Figures whose rows are ranges of numbers, and the filter that takes them. Ages stand in decades of years, those below two years are mostly given in
# months or days; sizes in powers of ten.
RANGES = {"age_decade": "age_years", "study_year": "year", "study_period": "year", "series_size": "size_bytes", "slice_thickness": "SliceThickness"}
# Figures that side indices have, and their column there.
BESIDE = {"slice_thickness": "SliceThickness", "segments": "SegmentedPropertyType"}
# What a summary has unless it is asked for less.
FIGURES = (*_COLUMNS, "age_decade", "study_year", "study_period", "series_size", *BESIDE)
# More values of a kind than people look at; segments have the most, some hundreds.
MAX_ROWS = 1000
_PERIODS = (1, 2, 5, 10)
_MAX_PERIODS = 14
_TOTALS = (
    "count(*) AS series, count(DISTINCT collection_id) AS collections, count(DISTINCT of_case) AS cases, "
    "count(DISTINCT study) AS studies, coalesce(sum(instanceCount), 0)::BIGINT AS instances, coalesce(sum(size_bytes), 0)::BIGINT AS total_bytes"
)
# 64 bits tell 200,000 studies apart, and are compared faster than their UIDs.
_SCOPE = (
    f"row_no, hash(StudyInstanceUID) AS study, hash(collection_id, PatientID) AS of_case, instanceCount, {NUMBERS['size_bytes']} AS size_bytes, "
    f"{NUMBERS['age_years']} AS age_years, {NUMBERS['year']} AS year, {', '.join(_COLUMNS.values())}"
)
_UNITS = "count(DISTINCT study), count(DISTINCT of_case)"
_EACH_ONCE = f"count(*), {_UNITS}"
# Where a series has several values.
_EACH_OFTEN = f"count(DISTINCT row_no), {_UNITS}"
# Exact, unlike a logarithm.
_POWER = "CASE WHEN size_bytes <= 0 THEN 0 ELSE (10 ** (length(size_bytes::VARCHAR) - 1))::BIGINT END"


def check_figures(names: Sequence[str]) -> tuple[str, ...]:
    """The names themselves, each once; raises ``InputError`` for an unknown one."""
    for name in names:
        if name not in FIGURES:
            raise InputError(f"There is no figure {name!r}; use some of: {', '.join(FIGURES)}.")
    return tuple(dict.fromkeys(names))


def indices_of(figure: str) -> list[str]:
    """The side indices, any of which has a figure; none for one of the index itself."""
    column = BESIDE.get(figure, "")
    return [CONTENT[column][0]] if column in CONTENT else acquisition.indices_of(column) if column else []


def count(
    connection: duckdb.DuckDBPyConnection,
    views: Views,
    filters: Filters | None,
    which: Sequence[Any] | None,
    figures: Sequence[str],
    acquired: Collection[str],
) -> dict[str, Any]:
    """See ``Catalog.counts``. ``figures`` are those whose side indices are here; ``acquired``: the columns of ``acquisition`` that are."""
    bindings = Bindings()
    parts = filter_conditions(filters, bindings)
    if which is not None:
        parts.append(series_condition(connection, views, list(which), bindings))
    where = f"WHERE {' AND '.join(parts)}" if parts else ""
    ask(connection, f"CREATE TEMP TABLE counted AS SELECT {_SCOPE} FROM series {where}", bindings.values)
    totals = ask(connection, f"SELECT {_TOTALS} FROM counted")
    names = [column[0] for column in totals.description or []]
    document: dict[str, Any] = dict(zip(names, totals.fetchone() or (), strict=True))
    document["by"] = {name: _figure(connection, name, acquired) for name in figures}
    return document


def _figure(connection: duckdb.DuckDBPyConnection, name: str, acquired: Collection[str]) -> Figure:
    if name in _COLUMNS:
        return _values(connection, f"SELECT {_COLUMNS[name]} AS value, {_EACH_ONCE} FROM counted")
    if name == "segments":
        bindings = Bindings()
        each = each_value(BESIDE[name], (), {}, bindings)
        # A series without segments is not one whose segments are not stated.
        query = f"SELECT value, {_EACH_OFTEN} FROM ({each}) JOIN counted USING (row_no) WHERE value IS NOT NULL"
        return _values(connection, query, bindings.values)
    if name == "slice_thickness":
        each = f"SELECT *, {BIN} AS bin FROM ({each_value(BESIDE[name], acquired, {}, Bindings())}) JOIN counted USING (row_no)"
        return _binned(connection, f"SELECT bin, min(value), max(value), {_EACH_OFTEN} FROM ({each}) GROUP BY bin ORDER BY bin NULLS LAST")
    if name == "series_size":
        query = f"SELECT {_POWER} AS low, {_EACH_ONCE} FROM counted GROUP BY low ORDER BY low NULLS LAST"
        rows = ask(connection, query).fetchall()
        return [_row(low, None if low is None else max(0, 10 * low - 1), counts) for low, *counts in rows]
    if name == "age_decade":
        return _steps(connection, "age_years", 10)
    return _steps(connection, "year", 1 if name == "study_year" else _period(connection))


def _values(connection: duckdb.DuckDBPyConnection, query: str, values: Any = None) -> Figure:
    rows = ask(connection, f"{query} GROUP BY 1 ORDER BY 2 DESC, 1 NULLS LAST LIMIT {MAX_ROWS}", values or {}).fetchall()
    return [
        {"value": None if value is None else str(value), "low": None, "high": None, "series": series, "studies": studies, "cases": cases}
        for value, series, studies, cases in rows
    ]


def _steps(connection: duckdb.DuckDBPyConnection, column: str, width: int) -> Figure:
    query = f"SELECT {column} // {width} * {width} AS low, {_EACH_ONCE} FROM counted GROUP BY 1 ORDER BY 1 NULLS LAST"
    return [_row(low, None if low is None else low + width - 1, counts) for low, *counts in ask(connection, query).fetchall()]


def _binned(connection: duckdb.DuckDBPyConnection, query: str) -> Figure:
    return [_row(low, high, counts) for _bin, low, high, *counts in ask(connection, query).fetchall()]


def _period(connection: duckdb.DuckDBPyConnection) -> int:
    """So many years as make a few rows of them."""
    row = ask(connection, "SELECT min(year), max(year) FROM counted").fetchone()
    if row is None or row[0] is None:
        return 1
    return next((width for width in _PERIODS if row[1] // width - row[0] // width < _MAX_PERIODS), _PERIODS[-1])


def _row(low: float | None, high: float | None, counts: Sequence[int]) -> FigureRow:
    series, studies, cases = counts
    text = None if low is None or high is None else f"{low:g}" if low == high else f"{low:.12g}-{high:.12g}"
    return {"value": text, "low": low, "high": high, "series": series, "studies": studies, "cases": cases}
