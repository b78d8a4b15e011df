"""What is in segmentations and structure sets, laid out in memory for filters, counts and search: one table per index, made when first needed.

A real seg_index names fifteen million segments by a few hundred names. As texts they do not fit the memory of the catalog; as numbers of names
(an ENUM of DuckDB) they take two bytes each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.filters import CONTENT, IMAGE_OF, content_rows, content_table, found_table, name_type

if TYPE_CHECKING:
    import duckdb

# What the search box finds: names by collection, as ``search_descriptions`` has descriptions.
_SEARCHED = (("SegmentedPropertyType", "segment"), ("AnatomicRegion", "region"), ("ROIName", "ROI"), ("AlgorithmName", "algorithm"))


def create_content(connection: duckdb.DuckDBPyConnection, index: str) -> None:
    """(Re)make the table of one index: ``row_no`` of the series and ``image_no`` of its image (NULL when IDC does not have it), and its columns."""
    columns = {column: (inside, kind) for column, (name, inside, kind) in CONTENT.items() if name == index}
    table = content_table(index)
    connection.execute(f"DROP TABLE IF EXISTS {table}")
    for column, (inside, kind) in columns.items():
        if kind == "list":
            connection.execute(f"DROP TYPE IF EXISTS {name_type(column)}")
            names = f"SELECT unnest({inside}) AS name FROM {index}"
            # An ENUM needs a value.
            query = f"SELECT name FROM ({names}) WHERE name IS NOT NULL UNION SELECT ''"
            connection.execute(f"CREATE TYPE {name_type(column)} AS ENUM ({query})")
    selected = ", ".join(
        f"list_distinct(TRY_CAST({inside} AS {name_type(column)}[])) AS {inside}" if kind == "list" else inside
        for column, (inside, kind) in columns.items()
    )
    connection.execute(f"CREATE OR REPLACE TABLE unplaced AS SELECT SeriesInstanceUID, {IMAGE_OF[index]} AS image, {selected} FROM {index}")
    connection.execute(
        f"CREATE TABLE {table} AS SELECT own.row_no::INTEGER AS row_no, images.row_no::INTEGER AS image_no, unplaced.* FROM unplaced "
        "JOIN (SELECT row_no, SeriesInstanceUID FROM series) AS own USING (SeriesInstanceUID) "
        "LEFT JOIN (SELECT row_no, SeriesInstanceUID FROM series) AS images ON images.SeriesInstanceUID = unplaced.image"
    )
    connection.execute("DROP TABLE unplaced")


def create_search_content(connection: duckdb.DuckDBPyConnection, indices: Sequence[str]) -> None:
    """(Re)make ``search_content`` (level, collection_id, text, plain, kind, column_name, n, id) of the indices whose tables are there."""
    parts = [
        f"SELECT collection_id, text::VARCHAR AS text, '{kind}' AS kind, '{column}' AS column_name, count(*) AS n, min(row_no) AS row_no FROM "
        f"(SELECT collection_id, row_no, {_each(column)} AS text FROM {content_table(CONTENT[column][0])} "
        "JOIN (SELECT row_no, collection_id FROM series) USING (row_no)) WHERE text IS NOT NULL GROUP BY collection_id, text"
        for column, kind in _SEARCHED
        if CONTENT[column][0] in indices
    ]
    connection.execute(
        "CREATE OR REPLACE TABLE search_content AS "
        "SELECT 'series' AS level, counted.collection_id, text, lower(text) AS plain, kind, column_name, n, "
        f"SeriesInstanceUID AS id FROM ({' UNION ALL '.join(parts)}) AS counted JOIN (SELECT row_no, SeriesInstanceUID FROM series) USING (row_no)"
    )


def _each(column: str) -> str:
    _index, inside, kind = CONTENT[column]
    return f"unnest({inside})" if kind == "list" else inside


def create_found(connection: duckdb.DuckDBPyConnection, index: str, filters: Mapping[str, Any]) -> None:
    """Evaluate the filters on an index, once for all questions that follow: the table ``found_table(index, filters)`` of series and images."""
    bindings = Bindings()
    query = f"SELECT DISTINCT number FROM ({content_rows(index, [], filters, bindings)}) WHERE number IS NOT NULL"
    ask(connection, f"CREATE OR REPLACE TABLE {found_table(index, filters)} AS {query}", bindings.values)


def drop_table(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Forget a table made here."""
    connection.execute(f"DROP TABLE IF EXISTS {name}")
