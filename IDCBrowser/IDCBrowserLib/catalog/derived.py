"""Tables that are computed from ``series`` alone: stored in the cache, or made when first needed."""

from __future__ import annotations

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


# The rows of these levels without filters; too slow to make while somebody waits, so only the cache has them.
LEVEL_TABLES = ("level_collections", "level_analysis_results", "level_cases", "level_studies")
# A view wherever ``series`` is.
STUDY_MODALITIES = "SELECT StudyInstanceUID, list(DISTINCT Modality) AS study_modalities FROM series GROUP BY StudyInstanceUID"
SEARCH_TABLES = ("search_cases", "search_descriptions", "search_dois")

# Column names by table, fixed so that parts from the cache and from further files can be put together.
QUERIES: dict[str, str] = {
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
