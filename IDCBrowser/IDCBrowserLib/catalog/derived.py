"""Tables that are computed from ``series`` alone: stored in the cache, or made when first needed."""

from __future__ import annotations

from IDCBrowserLib.catalog.columns import COLLECTION_FILTERS, FACETS
from IDCBrowserLib.catalog.filters import NUMBERS
from IDCBrowserLib.catalog.level_sql import level_query, order_clause

# Sorted and in blocks: a part of a UID is looked for in the few that may have it (``uid_blocks``).
UIDS_PER_BLOCK = 1024
_UIDS = " UNION ALL ".join(
    f"SELECT '{level}' AS level, {column} AS uid, min(row_no) AS row_no FROM series GROUP BY {column}"
    for level, column in (("studies", "StudyInstanceUID"), ("series", "SeriesInstanceUID"))
)
# Where their rows begin in the tables of their levels: a study of two cases has a row for each.
_UID_ROWS = (
    "SELECT StudyInstanceUID AS uid, min(row_no) AS row_no FROM series GROUP BY collection_id, PatientID, StudyInstanceUID "
    "UNION ALL SELECT SeriesInstanceUID, row_no FROM series"
)


def uid_code(expression: str) -> str:
    """A number of a UID: in their order a million are searched in half a millisecond, which takes 20 among the UIDs themselves."""
    return f"(hash({expression}) & 4294967295)::UINTEGER"


CUBE_COLUMNS = tuple(column for column in FACETS if column not in COLLECTION_FILTERS)
_CUBE_KEY = f"{', '.join(CUBE_COLUMNS)}, study_modalities"

# The rows of these levels without filters; too slow to make while somebody waits, so only the cache has them.
LEVEL_TABLES = ("level_collections", "level_analysis_results", "level_cases", "level_studies")
FACET_TABLES = ("facet_cube",)
FACET_SERIES = "facet_series"
# A view wherever ``series`` is.
STUDY_MODALITIES = (
    "SELECT StudyInstanceUID, list_sort(list(DISTINCT Modality)) AS study_modalities, min(row_no) AS study_no FROM series GROUP BY StudyInstanceUID"
)
SEARCH_TABLES = ("search_cases", "search_descriptions", "search_dois")

# Column names by table, fixed so that parts from the cache and from further files can be put together.
QUERIES: dict[str, str] = {
    # The facet columns have few combinations (6,290 in v25 for a million series): counted once, every later question is about those.
    "facet_cube": (
        f"SELECT hash(({_CUBE_KEY})) AS cube_id, {_CUBE_KEY}, count(*) AS n FROM series JOIN study_modalities USING (StudyInstanceUID) GROUP BY ALL"
    ),
    # What the totals and ranges need of each series, as numbers. A study or case is named by the first of its rows.
    "facet_series": (
        f"SELECT row_no::INTEGER AS row_no, hash(({_CUBE_KEY})) AS cube_id, study_no::INTEGER AS study_no, case_no::INTEGER AS case_no, "
        f"coalesce({NUMBERS['size_bytes']}, 0) AS size_bytes, instanceCount, ({NUMBERS['year']})::SMALLINT AS year, "
        f"({NUMBERS['age_years']})::SMALLINT AS age_years FROM series JOIN study_modalities USING (StudyInstanceUID) "
        "JOIN (SELECT collection_id, PatientID, min(row_no) AS case_no FROM series GROUP BY ALL) USING (collection_id, PatientID) ORDER BY row_no"
    ),
    "search_cases": "SELECT DISTINCT collection_id, PatientID, lower(collection_id || '/' || PatientID) AS full_name FROM series",
    "search_descriptions": (
        "SELECT 'series' AS level, collection_id, SeriesDescription AS text, lower(SeriesDescription) AS plain, count(*) AS n, "
        "min(SeriesInstanceUID) AS id FROM series WHERE SeriesDescription IS NOT NULL GROUP BY ALL UNION ALL "
        "SELECT 'studies', collection_id, StudyDescription, lower(StudyDescription), count(DISTINCT StudyInstanceUID), "
        "min(StudyInstanceUID) FROM series WHERE StudyDescription IS NOT NULL GROUP BY ALL"
    ),
    "search_uids": (
        f"SELECT ((row_number() OVER () - 1) // {UIDS_PER_BLOCK})::INTEGER AS block, level, uid, row_no::INTEGER AS row_no "
        f"FROM (SELECT * FROM ({_UIDS}) ORDER BY level, uid)"
    ),
    "uid_codes": f"SELECT {uid_code('uid')} AS code, row_no::INTEGER AS row_no FROM ({_UID_ROWS}) ORDER BY code",
    "search_dois": "SELECT DISTINCT lower(source_DOI) AS doi, collection_id FROM series WHERE source_DOI IS NOT NULL",
    **{table: f"{level_query(table.removeprefix('level_'), [])} {order_clause(table.removeprefix('level_'), None)}" for table in LEVEL_TABLES},
}
