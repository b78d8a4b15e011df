"""Value counts of the facet columns under filters, and what the filters leave. A facet ignores its own filter, so that values can be added to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.catalog import FacetBins, Totals
from IDCBrowserLib.api.working_set import WORKING_SET
from IDCBrowserLib.catalog import acquisition
from IDCBrowserLib.catalog.columns import COLLECTION_FILTERS, FACETS
from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.derived import CUBE_COLUMNS
from IDCBrowserLib.catalog.filters import (
    CONTENT,
    NUMBERS,
    STUDY_MODALITY,
    as_object,
    check_filter_column,
    content_rows,
    filter_conditions,
    is_set,
    set_condition,
    values_condition,
)
from IDCBrowserLib.catalog.level_sql import TOTAL_BYTES

if TYPE_CHECKING:
    import duckdb

Facets = dict[str, list[tuple[Any, int]]]
FilterValues = dict[str, Any]

_FEW_VALUES = frozenset({"SegmentedPropertyType", "SegmentedPropertyCategory", "AnatomicRegion"})
# Numbers of which each value is a bin of its own.
_SINGLE = frozenset({"age_years", "year"})
# Exact, unlike a logarithm.
_POWER = "(10 ** (length(value::VARCHAR) - 1))::BIGINT"
_LOW = f"CASE WHEN value <= 0 THEN 0 ELSE {_POWER} * CASE value // {_POWER} WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 3 THEN 2 WHEN 4 THEN 2 ELSE 5 END END"


def facets(connection: duckdb.DuckDBPyConnection, filters: Mapping[str, Any] | None, is_cached: bool) -> Facets:
    """See ``Catalog.facets``. ``is_cached``: whether ``facet_series`` is there."""
    chosen = _checked(filters)
    table = _table_for(connection, chosen, is_cached)
    free = [column for column in FACETS if column not in chosen]
    counts = _free_counts(connection, table, free, chosen)
    return {column: counts[column] if column in counts else _counts(connection, table, column, chosen) for column in (*FACETS, STUDY_MODALITY)}


def totals(connection: duckdb.DuckDBPyConnection, filters: Mapping[str, Any] | None, is_cached: bool) -> Totals:
    """Series, studies, cases and bytes under all filters."""
    chosen = _checked(filters)
    bindings = Bindings()
    if is_cached:
        conditions = _series_conditions(chosen, bindings)
        on_cube = _cube_conditions(chosen, bindings)
        if on_cube:
            conditions.append(f"cube_id IN (SELECT cube_id FROM facet_cube WHERE {' AND '.join(on_cube)})")
        # Bits: as exact as counting distinct numbers, in half the time.
        names = "count(*), bit_count(bitstring_agg(study_no, 0, $top)), bit_count(bitstring_agg(case_no, 0, $top)), sum(size_bytes)::BIGINT"
        top = connection.execute("SELECT max(row_no) FROM facet_series").fetchone()
        bindings.values["top"] = int(top[0] or 0) if top else 0
        query = f"SELECT {names} FROM facet_series {_where(conditions)}"
    else:
        names = f"count(*), count(DISTINCT StudyInstanceUID), count(DISTINCT (collection_id, PatientID)), {TOTAL_BYTES}"
        query = f"SELECT {names} FROM series {_where(filter_conditions(chosen, bindings))}"
    row = ask(connection, query, bindings.values).fetchone()
    series, studies, cases, size = (int(value or 0) for value in row or (0, 0, 0, 0))
    return {"series": series, "studies": studies, "cases": cases, "bytes": size}


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


def number_facet(connection: duckdb.DuckDBPyConnection, column: str, filters: Mapping[str, Any] | None, is_cached: bool) -> FacetBins:
    """See ``Catalog.number_facet``."""
    chosen = _checked(filters)
    bindings = Bindings()
    source = _numbers(column, chosen, bindings, is_cached)
    low = "value" if column in _SINGLE else _LOW
    query = f"SELECT {low} AS low, min(value), max(value), count(*) FROM ({source}) GROUP BY low ORDER BY low NULLS LAST"
    rows = ask(connection, query, bindings.values).fetchall()
    stated = [row for row in rows if row[0] is not None]
    return {
        "bins": [[int(row[0]), _high(int(row[0]), column), int(row[3])] for row in stated],
        "min": int(stated[0][1]) if stated else None,
        "max": int(stated[-1][2]) if stated else None,
        "not_stated": sum(int(row[3]) for row in rows if row[0] is None),
    }


def acquisition_values(
    connection: duckdb.DuckDBPyConnection, column: str, filters: Mapping[str, Any] | None, here: Collection[str], limit: int
) -> list[tuple[Any, int]]:
    """See ``Catalog.content_facets``, of how images were acquired."""
    bindings = Bindings()
    return acquisition.value_counts(connection, column, _others(column, filters, bindings), bindings, here, limit)


def acquisition_bins(connection: duckdb.DuckDBPyConnection, column: str, filters: Mapping[str, Any] | None, here: Collection[str]) -> FacetBins:
    """See ``Catalog.number_facet``, of how images were acquired."""
    bindings = Bindings()
    rows = acquisition.number_bins(connection, column, _others(column, filters, bindings), bindings, here)
    stated = [[low, high, count] for low, high, count in rows if low is not None]
    return {
        "bins": stated,
        "min": stated[0][0] if stated else None,
        "max": stated[-1][1] if stated else None,
        "not_stated": sum(count for low, _high, count in rows if low is None),
    }


# What is counted: its number in ``facet_series`` where the catalog is laid out, and what tells one apart in the index.
UNITS = {"studies": ("study_no", "StudyInstanceUID"), "cases": ("case_no", "(collection_id, PatientID)")}


def unit_counts(
    connection: duckdb.DuckDBPyConnection,
    column: str,
    unit: str,
    filters: Mapping[str, Any] | None,
    is_cached: bool,
    here: Collection[str] = (),
    limit: int = 1000,
) -> list[tuple[Any, int]]:
    """(value, studies or cases) of a facet of texts under all other filters, most frequent first; ``here`` as of ``acquisition``."""
    number, identity = UNITS[unit]
    bindings = Bindings()
    chosen = _checked(filters)
    # What is in segmentations: the filters on the same index are about the same segmentation.
    same, others = _split(chosen, CONTENT[column][0], column) if column in CONTENT else ({}, {**chosen})
    within = _others(column, others, bindings)
    units = f"SELECT row_no, {number} AS unit FROM facet_series" if is_cached else f"SELECT row_no, {identity} AS unit FROM series"
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


def _others(column: str, filters: Mapping[str, Any] | None, bindings: Bindings) -> str:
    """A SELECT of the rows that the other filters leave; "" for all."""
    others = {name: wanted for name, wanted in _checked(filters).items() if name != column}
    return f"SELECT row_no FROM series {_where(filter_conditions(others, bindings))}" if others else ""


def _numbers(column: str, chosen: FilterValues, bindings: Bindings, is_cached: bool) -> str:
    """A SELECT of the ``value`` of each series that all other filters leave."""
    if column in CONTENT:
        index, inside, _kind = CONTENT[column]
        same, others = _split(chosen, index, column)
        within = f"AND number IN (SELECT row_no FROM series {_where(filter_conditions(others, bindings))})" if others else ""
        return f"SELECT {inside} AS value FROM ({content_rows(index, [inside], same, bindings)}) WHERE number IS NOT NULL {within}"
    others = {name: wanted for name, wanted in chosen.items() if name != column}
    if not is_cached:
        return f"SELECT ({NUMBERS[column]}) AS value FROM series {_where(filter_conditions(others, bindings))}"
    conditions = _series_conditions(others, bindings)
    on_cube = _cube_conditions(others, bindings)
    if on_cube:
        conditions.append(f"cube_id IN (SELECT cube_id FROM facet_cube WHERE {' AND '.join(on_cube)})")
    return f"SELECT {column} AS value FROM facet_series {_where(conditions)}"


def _high(low: int, column: str) -> int:
    """The largest number of the bin that begins at ``low``: bins of sizes and counts begin at 0, 1, 2, 5, 10, 20, 50 ..."""
    if column in _SINGLE or low == 0:
        return low
    return low * 5 // 2 - 1 if str(low)[0] == "2" else low * 2 - 1


def _checked(filters: Mapping[str, Any] | None) -> FilterValues:
    return {check_filter_column(column): as_object(column, wanted) for column, wanted in (filters or {}).items() if is_set(wanted)}


def _is_on_cube(column: str) -> bool:
    return column in CUBE_COLUMNS or column in COLLECTION_FILTERS or column == STUDY_MODALITY


def _where(conditions: list[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _cube_conditions(chosen: FilterValues, bindings: Bindings, without: str = "") -> list[str]:
    """Conditions on ``facet_cube``."""
    parts = filter_conditions(
        {name: wanted for name, wanted in chosen.items() if name not in (without, STUDY_MODALITY) and _is_on_cube(name)}, bindings
    )
    if STUDY_MODALITY in chosen and without != STUDY_MODALITY:
        # Checked where the cube is not used, too.
        filter_conditions({STUDY_MODALITY: chosen[STUDY_MODALITY]}, Bindings())
        for key, form in (("any", "list_has_any({}, {})"), ("all", "list_has_all({}, {})"), ("none", "NOT list_has_any({}, {})")):
            values = [str(value) for value in chosen[STUDY_MODALITY].get(key) or []]
            if values:
                parts.append(form.format("study_modalities", bindings.add(values)))
    return parts


def _series_conditions(chosen: FilterValues, bindings: Bindings) -> list[str]:
    """Conditions on ``facet_series``: its numbers, and for everything else that the cube does not have, the numbers of the rows."""
    beyond = {name: wanted for name, wanted in chosen.items() if not _is_on_cube(name)}
    parts = [values_condition(name, name, "BIGINT", wanted, bindings) for name, wanted in beyond.items() if name in NUMBERS]
    if WORKING_SET in beyond:
        parts.append(set_condition(beyond[WORKING_SET]))
    rest = filter_conditions({name: wanted for name, wanted in beyond.items() if name not in NUMBERS and name != WORKING_SET}, bindings)
    return [*parts, f"row_no IN (SELECT row_no FROM series {_where(rest)})"] if rest else parts


def _table_for(connection: duckdb.DuckDBPyConnection, chosen: FilterValues, is_cached: bool) -> str:
    """The cube, or a cube of just the series that meet the filters on what it does not have."""
    beyond = {name: wanted for name, wanted in chosen.items() if not _is_on_cube(name)}
    if not beyond:
        return "facet_cube"
    bindings = Bindings()
    columns = ", ".join((*CUBE_COLUMNS, "study_modalities"))
    if is_cached:
        counted = f"SELECT cube_id, count(*) AS n FROM facet_series {_where(_series_conditions(beyond, bindings))} GROUP BY 1"
        query = f"SELECT {columns}, counted.n FROM ({counted}) AS counted JOIN facet_cube USING (cube_id)"
    else:
        query = (
            f"SELECT {columns}, count(*) AS n FROM (SELECT * FROM series {_where(filter_conditions(beyond, bindings))}) "
            "JOIN study_modalities USING (StudyInstanceUID) GROUP BY ALL"
        )
    ask(connection, f"CREATE OR REPLACE TABLE filtered_cube AS {query}", bindings.values)
    return "filtered_cube"


def _free_counts(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str], chosen: FilterValues) -> Facets:
    """The facets without a filter of their own: all filters hold for each of them, so that one pass counts them all."""
    if not columns:
        return {}
    bindings = Bindings()
    source = f"(SELECT * FROM {table} {_where(_cube_conditions(chosen, bindings))})"
    described = ", ".join(["collection_id", *(column for column in columns if column in COLLECTION_FILTERS)])
    source += f" JOIN (SELECT {described} FROM collections) USING (collection_id)"
    names = ", ".join(columns)
    sets = ", ".join(f"({column})" for column in columns)
    query = f"SELECT grouping_id({names}), sum(n)::BIGINT, {names} FROM {source} GROUP BY GROUPING SETS ({sets})"
    counts: Facets = {column: [] for column in columns}
    # A set is named by a bit for each column that is not in it, the first column highest.
    every = (1 << len(columns)) - 1
    places = {every ^ (1 << (len(columns) - 1 - number)): number for number in range(len(columns))}
    for row in ask(connection, query, bindings.values).fetchall():
        number = places[row[0]]
        counts[columns[number]].append((row[2 + number], int(row[1])))
    return {column: sorted(values, key=lambda pair: (-pair[1], pair[0] is None, pair[0])) for column, values in counts.items()}


def _counts(connection: duckdb.DuckDBPyConnection, table: str, column: str, chosen: FilterValues) -> list[tuple[Any, int]]:
    bindings = Bindings()
    source = f"(SELECT * FROM {table} {_where(_cube_conditions(chosen, bindings, without=column))})"
    value = column
    if column in COLLECTION_FILTERS:
        source += f" JOIN (SELECT collection_id, {column} FROM collections) USING (collection_id)"
    elif column == STUDY_MODALITY:
        value = "unnest(study_modalities)"
    query = f"SELECT value, sum(n)::BIGINT AS n FROM (SELECT {value} AS value, n FROM {source}) GROUP BY 1 ORDER BY n DESC, value NULLS LAST"
    return [(row[0], int(row[1])) for row in ask(connection, query, bindings.values).fetchall()]
