"""Tables that are computed from ``series`` alone: stored in the cache, or made when first needed."""

from __future__ import annotations

from IDCBrowserLib.catalog.level_sql import level_query, order_clause

UUID_DIGITS = 8
# Where their rows begin in the tables of their levels: a study of two cases has a row for each.
_UID_ROWS = (
    "SELECT StudyInstanceUID AS uid, min(row_no) AS row_no FROM series GROUP BY collection_id, PatientID, StudyInstanceUID "
    "UNION ALL SELECT SeriesInstanceUID, row_no FROM series"
)


def uid_code(expression: str) -> str:
    """A number of a UID: in their order a million are searched in half a millisecond, which takes 20 among the UIDs themselves."""
    return f"(hash({expression}) & 4294967295)::UINTEGER"


def uuid_code(expression: str) -> str:
    """The first eight digits of a UUID as a number; NULL for another text."""
    return f"CASE WHEN length({expression}) >= {UUID_DIGITS} THEN TRY_CAST('0x' || left({expression}, {UUID_DIGITS}) AS UINTEGER) END"


# The rows of these levels without filters; too slow to make while somebody waits, so only the cache has them.
LEVEL_TABLES = {f"level_{level}": level for level in ("collections", "analysis_results", "cases", "studies")}
# A view wherever ``series`` is.
STUDY_MODALITIES = "SELECT StudyInstanceUID, list(DISTINCT Modality) AS study_modalities FROM series GROUP BY StudyInstanceUID"
SEARCH_TABLES = ("search_cases", "search_descriptions", "search_dois")

FULL_NAME = "lower(collection_id || '/' || PatientID) AS full_name"

# Column names by table, fixed so that parts from the cache and from further files can be put together.
QUERIES: dict[str, str] = {
    "search_cases": f"SELECT DISTINCT collection_id, PatientID, {FULL_NAME} FROM series",
    # Texts in small letters, and different studies, of what is left when equal ones were put together.
    "search_descriptions": (
        "SELECT 'series' AS level, collection_id, text, lower(text) AS plain, n, id FROM (SELECT collection_id, SeriesDescription AS text, "
        "count(*) AS n, arg_min(SeriesInstanceUID, row_no) AS id FROM series WHERE SeriesDescription IS NOT NULL GROUP BY ALL) UNION ALL "
        "SELECT 'studies', collection_id, text, lower(text), count(*), arg_min(uid, first_row) FROM (SELECT collection_id, StudyDescription AS text, "
        "StudyInstanceUID AS uid, min(row_no) AS first_row FROM series WHERE StudyDescription IS NOT NULL GROUP BY ALL) GROUP BY collection_id, text"
    ),
    "uid_codes": f"SELECT {uid_code('uid')} AS code, row_no::INTEGER AS row_no FROM ({_UID_ROWS}) ORDER BY code",
    "uuid_codes": f"SELECT {uuid_code('crdc_series_uuid')} AS code, row_no::INTEGER AS row_no FROM series ORDER BY code NULLS LAST",
    "search_dois": "SELECT DISTINCT lower(source_DOI) AS doi, collection_id FROM series WHERE source_DOI IS NOT NULL",
    **{table: f"{level_query(level, [])} {order_clause(level, None)}" for table, level in LEVEL_TABLES.items()},
}
