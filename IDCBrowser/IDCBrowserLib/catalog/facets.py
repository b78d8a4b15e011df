"""Value counts of the facet columns under filters. A facet ignores its own filter, so that further values can be added to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.columns import COLLECTION_FILTERS, FACETS
from IDCBrowserLib.catalog.conditions import Bindings, Filters, check_filter_column, filter_conditions
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.derived import CUBE_COLUMNS

if TYPE_CHECKING:
    import duckdb

Facets = dict[str, list[tuple[Any, int]]]

def facets(connection: duckdb.DuckDBPyConnection, filters: Filters | None) -> Facets:
    """See ``Catalog.facets``."""
    chosen = {check_filter_column(column): values for column, values in (filters or {}).items() if values}
    table = _table_for(connection, chosen)
    return {column: _counts(connection, table, column, chosen) for column in FACETS}


def _table_for(connection: duckdb.DuckDBPyConnection, filters: Filters) -> str:
    """The cube, or a cube of just the series that meet the filters on columns it does not have."""
    beyond = {column: values for column, values in filters.items() if column not in (*CUBE_COLUMNS, *COLLECTION_FILTERS)}
    if not beyond:
        return "facet_cube"
    bindings = Bindings()
    where = " AND ".join(filter_conditions(beyond, bindings))
    columns = ", ".join(CUBE_COLUMNS)
    query = f"CREATE OR REPLACE TABLE filtered_cube AS SELECT {columns}, count(*) AS n FROM series WHERE {where} GROUP BY ALL"
    ask(connection, query, bindings.values)
    return "filtered_cube"


def _counts(connection: duckdb.DuckDBPyConnection, table: str, column: str, filters: Filters) -> list[tuple[Any, int]]:
    bindings = Bindings()
    others = {name: values for name, values in filters.items() if name != column and name in (*CUBE_COLUMNS, *COLLECTION_FILTERS)}
    conditions = filter_conditions(others, bindings)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    source = f"(SELECT * FROM {table} {where})"
    if column in COLLECTION_FILTERS:
        source += f" JOIN (SELECT collection_id, {column} FROM collections) USING (collection_id)"
    query = f"SELECT {column}, sum(n)::BIGINT AS n FROM {source} GROUP BY 1 ORDER BY n DESC, {column} NULLS LAST"
    return [(row[0], int(row[1])) for row in ask(connection, query, bindings.values).fetchall()]
