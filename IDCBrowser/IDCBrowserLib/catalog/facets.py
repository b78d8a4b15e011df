"""Value counts of the facet columns under filters, and what the filters leave. A facet ignores its own filter, so that values can be added to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

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
    filter_conditions,
    is_set,
    values_condition,
)
from IDCBrowserLib.catalog.level_sql import TOTAL_BYTES

if TYPE_CHECKING:
    import duckdb

Facets = dict[str, list[tuple[Any, int]]]
Wanted = dict[str, Any]

_TOTALS = ("series", "studies", "cases", "bytes")


def facets(connection: duckdb.DuckDBPyConnection, filters: Mapping[str, Any] | None, is_cached: bool) -> Facets:
    """See ``Catalog.facets``. ``is_cached``: whether ``facet_series`` is there."""
    chosen = _checked(filters)
    table = _table_for(connection, chosen, is_cached)
    return {column: _counts(connection, table, column, chosen) for column in (*FACETS, STUDY_MODALITY)}


def totals(connection: duckdb.DuckDBPyConnection, filters: Mapping[str, Any] | None, is_cached: bool) -> dict[str, int]:
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
    return {name: int(value or 0) for name, value in zip(_TOTALS, row or (0,) * len(_TOTALS), strict=True)}


def content_facets(connection: duckdb.DuckDBPyConnection, filters: Mapping[str, Any] | None, limit: int) -> Facets:
    """See ``Catalog.content_facets``."""
    chosen = _checked(filters)
    return {column: _content_counts(connection, column, chosen, limit) for column in CONTENT}


def _content_counts(connection: duckdb.DuckDBPyConnection, column: str, chosen: Wanted, limit: int) -> list[tuple[Any, int]]:
    index, inside, kind = CONTENT[column]
    bindings = Bindings()
    conditions = filter_conditions({name: wanted for name, wanted in chosen.items() if name != column}, bindings)
    only = f"WHERE SeriesInstanceUID IN (SELECT SeriesInstanceUID FROM series {_where(conditions)})" if conditions else ""
    value = f"unnest(list_distinct({inside}))" if kind == "list" else inside
    query = (
        f"SELECT value, count(*) AS n FROM (SELECT {value} AS value FROM {index} {only}) GROUP BY 1 "
        f"ORDER BY n DESC, value NULLS LAST LIMIT {bindings.add(limit)}"
    )
    return [(row[0], int(row[1])) for row in ask(connection, query, bindings.values).fetchall()]


def _checked(filters: Mapping[str, Any] | None) -> Wanted:
    return {check_filter_column(column): as_object(column, wanted) for column, wanted in (filters or {}).items() if is_set(wanted)}


def _is_on_cube(column: str) -> bool:
    return column in CUBE_COLUMNS or column in COLLECTION_FILTERS or column == STUDY_MODALITY


def _where(conditions: list[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _cube_conditions(chosen: Wanted, bindings: Bindings, without: str = "") -> list[str]:
    """Conditions on ``facet_cube``."""
    parts = filter_conditions(
        {name: wanted for name, wanted in chosen.items() if name not in (without, STUDY_MODALITY) and _is_on_cube(name)}, bindings)
    if STUDY_MODALITY in chosen and without != STUDY_MODALITY:
        # Checked where the cube is not used, too.
        filter_conditions({STUDY_MODALITY: chosen[STUDY_MODALITY]}, Bindings())
        for key, form in (("any", "list_has_any({}, {})"), ("all", "list_has_all({}, {})"), ("none", "NOT list_has_any({}, {})")):
            values = [str(value) for value in chosen[STUDY_MODALITY].get(key) or []]
            if values:
                parts.append(form.format("study_modalities", bindings.add(values)))
    return parts


def _series_conditions(chosen: Wanted, bindings: Bindings) -> list[str]:
    """Conditions on ``facet_series``: its numbers, and for everything else that the cube does not have, the numbers of the rows."""
    beyond = {name: wanted for name, wanted in chosen.items() if not _is_on_cube(name)}
    parts = [values_condition(name, name, "BIGINT", wanted, bindings) for name, wanted in beyond.items() if name in NUMBERS]
    rest = filter_conditions({name: wanted for name, wanted in beyond.items() if name not in NUMBERS}, bindings)
    return [*parts, f"row_no IN (SELECT row_no FROM series {_where(rest)})"] if rest else parts


def _table_for(connection: duckdb.DuckDBPyConnection, chosen: Wanted, is_cached: bool) -> str:
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


def _counts(connection: duckdb.DuckDBPyConnection, table: str, column: str, chosen: Wanted) -> list[tuple[Any, int]]:
    bindings = Bindings()
    source = f"(SELECT * FROM {table} {_where(_cube_conditions(chosen, bindings, without=column))})"
    value = column
    if column in COLLECTION_FILTERS:
        source += f" JOIN (SELECT collection_id, {column} FROM collections) USING (collection_id)"
    elif column == STUDY_MODALITY:
        value = "unnest(study_modalities)"
    query = f"SELECT value, sum(n)::BIGINT AS n FROM (SELECT {value} AS value, n FROM {source}) GROUP BY 1 ORDER BY n DESC, value NULLS LAST"
    return [(row[0], int(row[1])) for row in ask(connection, query, bindings.values).fetchall()]
