"""Tables that follow from ``series`` alone: what the cache keeps ready, or what is made when first needed."""

from __future__ import annotations

from IDCBrowserLib.catalog.columns import COLLECTION_FILTERS, FACETS
from IDCBrowserLib.catalog.level_sql import level_query, order_clause

CUBE_COLUMNS = tuple(column for column in FACETS if column not in COLLECTION_FILTERS)

# The rows of these levels without filters; too slow to make while somebody waits, so only the cache has them.
LEVEL_TABLES = ("level_collections", "level_cases", "level_studies")
FACET_TABLES = ("facet_cube",)
SEARCH_TABLES = ("search_cases", "search_descriptions", "search_dois")

# Column names by table, fixed so that parts from the cache and from further files can be put together.
QUERIES: dict[str, str] = {
    # The facet columns have few combinations (5,275 in v25 for a million series): counted once, every later question is about those.
    "facet_cube": f"SELECT {', '.join(CUBE_COLUMNS)}, count(*) AS n FROM series GROUP BY ALL",
    "search_cases": "SELECT DISTINCT collection_id, PatientID FROM series",
    "search_descriptions": (
        "SELECT 'series' AS level, collection_id, SeriesDescription AS text, count(*) AS n, min(SeriesInstanceUID) AS id "
        "FROM series WHERE SeriesDescription IS NOT NULL GROUP BY ALL UNION ALL "
        "SELECT 'studies', collection_id, StudyDescription, count(DISTINCT StudyInstanceUID), min(StudyInstanceUID) "
        "FROM series WHERE StudyDescription IS NOT NULL GROUP BY ALL"
    ),
    "search_dois": "SELECT DISTINCT lower(source_DOI) AS doi, collection_id FROM series WHERE source_DOI IS NOT NULL",
    **{
        table: f"{level_query(table.removeprefix('level_'), [])} {order_clause(table.removeprefix('level_'), None)}" for table in LEVEL_TABLES
    },
}
