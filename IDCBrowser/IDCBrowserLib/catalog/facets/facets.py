"""Value counts of the facet columns under filters, and what the filters leave. A facet ignores its own filter, so that values can be added to it."""

from __future__ import annotations

import functools
import operator
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.catalog import FacetBins, Totals
from IDCBrowserLib.api.working_set import WORKING_SET
from IDCBrowserLib.catalog import acquisition
from IDCBrowserLib.catalog.columns import COLLECTION_FILTERS, FACETS
from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.filters import (
    CONTENT,
    NUMBERS,
    STUDY_MODALITY,
    as_object,
    check_filter_column,
    content_rows,
    filter_conditions,
    is_set,
    set_number,
    set_table,
)
from IDCBrowserLib.catalog.number_bins import high_of
from IDCBrowserLib.catalog.value_rows import number_bins, value_counts

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    from numpy.typing import NDArray

    from IDCBrowserLib.catalog.cache.series_numbers import SeriesNumbers

Facets = dict[str, list[tuple[Any, int]]]
FilterValues = dict[str, Any]

_FEW_VALUES = frozenset({"SegmentedPropertyType", "SegmentedPropertyCategory", "AnatomicRegion"})
# Numbers of which each value is a bin of its own.
_SINGLE = frozenset({"age_years", "year"})
# As ``number_bins``; exact, unlike a logarithm.
_POWER = "(10 ** (length(value::VARCHAR) - 1))::BIGINT"
_LOW = f"CASE WHEN value <= 0 THEN 0 ELSE {_POWER} * CASE value // {_POWER} WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 3 THEN 2 WHEN 4 THEN 2 ELSE 5 END END"


def facets(connection: duckdb.DuckDBPyConnection, numbers: SeriesNumbers, filters: Mapping[str, Any] | None) -> Facets:
    """See ``Catalog.facets``."""
    chosen = _checked(filters)
    fits = _fits(connection, numbers, chosen)
    weights = numbers.weights(_rows_beyond(connection, numbers, chosen))
    counts: Facets = {}
    for column in (*FACETS, STUDY_MODALITY):
        others = [mask for name, mask in fits.items() if name != column]
        counts[column] = numbers.value_counts(column, weights * _all_of(others) if others else weights)
    return counts


def totals(connection: duckdb.DuckDBPyConnection, numbers: SeriesNumbers, filters: Mapping[str, Any] | None) -> Totals:
    """Series, studies, cases and bytes under all filters."""
    return numbers.totals(_rows(connection, numbers, _checked(filters)))


def content_facets(
    connection: duckdb.DuckDBPyConnection, filters: Mapping[str, Any] | None, limit: int, columns: Iterable[str] = tuple(CONTENT)
) -> Facets:
    """See ``Catalog.content_facets``."""
    chosen = _checked(filters)
    return {column: _content_counts(connection, column, chosen, limit) for column in columns}


def _content_counts(connection: duckdb.DuckDBPyConnection, column: str, chosen: FilterValues, limit: int) -> list[tuple[Any, int]]:
    """A series counts once for a value, however many segmentations say it."""
    index, inside, kind = CONTENT[column]
    bindings = Bindings()
    same, others = _split(chosen, index, column)
    rows = f"SELECT number, {inside} AS inside FROM ({content_rows(index, [inside], same, bindings)}) WHERE number IS NOT NULL"
    if others:
        rows += f" AND number IN (SELECT row_no FROM series {_where(filter_conditions(others, bindings))})"
    if kind == "list":
        rows = f"SELECT number, unnest(CASE WHEN coalesce(len(inside), 0) = 0 THEN [NULL] ELSE inside END) AS inside FROM ({rows})"
    counted = "count(DISTINCT number)"
    if column in _FEW_VALUES:
        # Fifteen million segments have a few hundred names: a bit per series and name takes less memory than the distinct pairs.
        bindings.values["top"] = _last_row(connection)
        counted = "bit_count(bitstring_agg(number, 0, $top))"
    values = f"SELECT inside AS value, {counted} AS n FROM ({rows}) GROUP BY inside"
    query = f"SELECT value, n FROM ({values}) ORDER BY n DESC, value::VARCHAR NULLS LAST LIMIT {bindings.add(limit)}"
    return [(row[0], int(row[1])) for row in ask(connection, query, bindings.values).fetchall()]


def _last_row(connection: duckdb.DuckDBPyConnection) -> int:
    row = ask(connection, "SELECT max(row_no) FROM series").fetchone()
    return int(row[0] or 0) if row else 0


def _split(chosen: FilterValues, index: str, column: str) -> tuple[FilterValues, FilterValues]:
    """The other filters on the index, and those on anything else."""
    same = {name: wanted for name, wanted in chosen.items() if name != column and name in CONTENT and CONTENT[name][0] == index}
    return same, {name: wanted for name, wanted in chosen.items() if name != column and name not in same}


def number_facet(connection: duckdb.DuckDBPyConnection, numbers: SeriesNumbers, column: str, filters: Mapping[str, Any] | None) -> FacetBins:
    """See ``Catalog.number_facet``."""
    chosen = _checked(filters)
    if column in CONTENT:
        return _content_bins(connection, column, chosen)
    rows = _rows(connection, numbers, {name: wanted for name, wanted in chosen.items() if name != column})
    return numbers.bins(column, rows, is_single=column in _SINGLE)


def _content_bins(connection: duckdb.DuckDBPyConnection, column: str, chosen: FilterValues) -> FacetBins:
    bindings = Bindings()
    index, inside, _kind = CONTENT[column]
    same, others = _split(chosen, index, column)
    within = f"AND number IN (SELECT row_no FROM series {_where(filter_conditions(others, bindings))})" if others else ""
    source = f"SELECT {inside} AS value FROM ({content_rows(index, [inside], same, bindings)}) WHERE number IS NOT NULL {within}"
    query = f"SELECT {_LOW} AS low, min(value), max(value), count(*) FROM ({source}) GROUP BY low ORDER BY low NULLS LAST"
    rows = ask(connection, query, bindings.values).fetchall()
    stated = [row for row in rows if row[0] is not None]
    return {
        "bins": [[int(row[0]), high_of(int(row[0])), int(row[3])] for row in stated],
        "min": int(stated[0][1]) if stated else None,
        "max": int(stated[-1][2]) if stated else None,
        "not_stated": sum(int(row[3]) for row in rows if row[0] is None),
    }


def acquisition_values(
    connection: duckdb.DuckDBPyConnection, column: str, filters: Mapping[str, Any] | None, here: Collection[str], limit: int
) -> list[tuple[Any, int]]:
    """See ``Catalog.content_facets``, of how images were acquired."""
    bindings = Bindings()
    return value_counts(connection, acquisition.each_value(column, here), rows_left(column, filters, bindings), bindings, limit)


def acquisition_bins(connection: duckdb.DuckDBPyConnection, column: str, filters: Mapping[str, Any] | None, here: Collection[str]) -> FacetBins:
    """See ``Catalog.number_facet``, of how images were acquired."""
    bindings = Bindings()
    return facet_bins(number_bins(connection, acquisition.each_value(column, here), rows_left(column, filters, bindings), bindings))


def facet_bins(rows: list[tuple[float | None, float | None, int]]) -> FacetBins:
    """As the engine tells them."""
    stated = [[low, high, count] for low, high, count in rows if low is not None and high is not None]
    return {
        "bins": stated,
        "min": stated[0][0] if stated else None,
        "max": stated[-1][1] if stated else None,
        "not_stated": sum(count for low, _high, count in rows if low is None),
    }


def collections_left(connection: duckdb.DuckDBPyConnection, filters: Mapping[str, Any]) -> list[str]:
    """The collections of the series that filters leave."""
    bindings = Bindings()
    query = f"SELECT DISTINCT collection_id FROM series {_where(filter_conditions(filters, bindings))}"
    return [str(row[0]) for row in ask(connection, query, bindings.values).fetchall()]


UNIT_OF = "unit_of"
# What is counted: the column of ``SeriesNumbers``.
UNITS = {"studies": "study", "cases": "of_case"}


def unit_counts(
    connection: duckdb.DuckDBPyConnection,
    numbers: SeriesNumbers,
    column: str,
    unit: str,
    filters: Mapping[str, Any] | None,
    here: Collection[str] = (),
    limit: int = 1000,
) -> list[tuple[Any, int]]:
    """(value, studies or cases) of a facet of texts under all other filters, most frequent first; ``here`` as of ``acquisition``."""
    bindings = Bindings()
    chosen = _checked(filters)
    # What is in segmentations: the filters on the same index are about the same segmentation.
    same, others = _split(chosen, CONTENT[column][0], column) if column in CONTENT else ({}, {**chosen})
    within = rows_left(column, others, bindings)
    numbers.show(connection, UNIT_OF, UNITS[unit])
    units = f"SELECT row_no, {UNITS[unit]} AS unit FROM {UNIT_OF}"
    if within:
        units += f" WHERE row_no IN ({within})"
    query = (
        f"SELECT value, count(DISTINCT unit) AS n FROM ({each_value(column, here, same, bindings)}) JOIN ({units}) USING (row_no) GROUP BY value "
        f"ORDER BY n DESC, value::VARCHAR NULLS LAST LIMIT {bindings.add(limit)}"
    )
    return [(row[0], int(row[1])) for row in ask(connection, query, bindings.values).fetchall()]


def each_value(column: str, here: Collection[str], same: FilterValues, bindings: Bindings) -> str:
    """A SELECT of row_no and ``value``: a row for each value that a series has."""
    if column in acquisition.ACQUISITION:
        return acquisition.each_value(column, here)
    if column == STUDY_MODALITY:
        return "SELECT row_no, unnest(study_modalities) AS value FROM series JOIN study_modalities USING (StudyInstanceUID)"
    if column in COLLECTION_FILTERS:
        return f"SELECT row_no, described.{column} AS value FROM series JOIN collections AS described USING (collection_id)"
    if column not in CONTENT:
        return f"SELECT row_no, {column} AS value FROM series"
    index, inside, kind = CONTENT[column]
    each = f"unnest(CASE WHEN coalesce(len({inside}), 0) = 0 THEN [NULL] ELSE {inside} END)" if kind == "list" else inside
    return f"SELECT number AS row_no, {each}::VARCHAR AS value FROM ({content_rows(index, [inside], same, bindings)}) WHERE number IS NOT NULL"


def rows_left(column: str, filters: Mapping[str, Any] | None, bindings: Bindings) -> str:
    """A SELECT of the rows that the filters on anything else than ``column`` leave; "" for all."""
    others = {name: wanted for name, wanted in _checked(filters).items() if name != column}
    return f"SELECT row_no FROM series {_where(filter_conditions(others, bindings))}" if others else ""


def _checked(filters: Mapping[str, Any] | None) -> FilterValues:
    return {check_filter_column(column): as_object(column, wanted) for column, wanted in (filters or {}).items() if is_set(wanted)}


def _is_on_cube(column: str) -> bool:
    return column in FACETS or column in COLLECTION_FILTERS or column == STUDY_MODALITY


def _where(conditions: list[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _all_of(masks: Sequence[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    return functools.reduce(operator.and_, masks)


def _fits(connection: duckdb.DuckDBPyConnection, numbers: SeriesNumbers, chosen: FilterValues) -> dict[str, NDArray[np.bool_]]:
    """For each filter on what the cube has, the rows of it that meet the filter."""
    bindings = Bindings()
    on_cube = {name: wanted for name, wanted in chosen.items() if _is_on_cube(name) and name != STUDY_MODALITY}
    fits = numbers.cube_masks(connection, {name: filter_conditions({name: wanted}, bindings)[0] for name, wanted in on_cube.items()}, bindings)
    if STUDY_MODALITY in chosen:
        # Checked as where the cube is not used.
        filter_conditions({STUDY_MODALITY: chosen[STUDY_MODALITY]}, Bindings())
        fits[STUDY_MODALITY] = numbers.of_studies(chosen[STUDY_MODALITY])
    return fits


def _rows_beyond(connection: duckdb.DuckDBPyConnection, numbers: SeriesNumbers, chosen: FilterValues) -> NDArray[np.bool_] | None:
    """The series that meet the filters on what the cube does not have; None where there are none such."""
    beyond = {name: wanted for name, wanted in chosen.items() if not _is_on_cube(name)}
    masks = [numbers.in_range(name, wanted) for name, wanted in beyond.items() if name in NUMBERS]
    if WORKING_SET in beyond:
        table = set_table(set_number(beyond[WORKING_SET]))
        masks.append(numbers.listed(ask(connection, f"SELECT number FROM {table}").fetchnumpy()["number"]))
    bindings = Bindings()
    rest = filter_conditions({name: wanted for name, wanted in beyond.items() if name not in NUMBERS and name != WORKING_SET}, bindings)
    if rest:
        masks.append(numbers.listed(ask(connection, f"SELECT row_no FROM series {_where(rest)}", bindings.values).fetchnumpy()["row_no"]))
    return _all_of(masks) if masks else None


def _rows(connection: duckdb.DuckDBPyConnection, numbers: SeriesNumbers, chosen: FilterValues) -> NDArray[np.bool_] | None:
    """The series that meet all filters; None for all series."""
    masks = list(_fits(connection, numbers, chosen).values())
    rows = _rows_beyond(connection, numbers, chosen)
    if not masks:
        return rows
    inside = numbers.in_cube(_all_of(masks))
    return inside if rows is None else inside & rows
