"""Identifiers that differ from a typed one by a letter or two: wrong, missing, too many, or swapped with its neighbor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.columns import case_id
from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.search.mistakes import MAX_LENGTH, MIN_LENGTH, most_mistakes, shares_a_piece

if TYPE_CHECKING:
    import duckdb

_MIN_UID_LENGTH = 20
# A mistake is either in the last digits of a UID or before them.
_TAIL = 10
_UID_COLUMNS = {"studies": "StudyInstanceUID", "series": "SeriesInstanceUID"}


def near_ids(connection: duckdb.DuckDBPyConnection, text: str, limit: int) -> list[str]:
    """See ``Catalog.near_ids``."""
    wanted = text.strip().lower()
    cases = near_cases(connection, wanted.rpartition("/")[2], limit)
    return [case_id(*case) for case in cases] or [uid for _level, uid, _patient_id, _collection in near_uids(connection, wanted, limit)]


def near_cases(connection: duckdb.DuckDBPyConnection, wanted: str, limit: int) -> list[tuple[str, str]]:
    """(collection_id, PatientID) of the nearest. ``wanted`` is lower case, a PatientID alone. Needs ``search_cases``."""
    if not MIN_LENGTH <= len(wanted) <= MAX_LENGTH or not any(character.isdigit() for character in wanted):
        return []
    most = most_mistakes(wanted)
    bindings = Bindings()
    shares = shares_a_piece("lower(PatientID)", wanted, most, bindings)
    return ask(
        connection,
        "WITH near AS (SELECT collection_id, PatientID, damerau_levenshtein(lower(PatientID), $text) AS mistakes "
        f"FROM search_cases WHERE abs(length(PatientID) - length($text)) <= $most AND {shares}) "
        "SELECT collection_id, PatientID FROM near WHERE mistakes BETWEEN 1 AND $most QUALIFY mistakes = min(mistakes) OVER () "
        "ORDER BY PatientID, collection_id LIMIT $limit",
        {"text": wanted, "most": most, "limit": limit, **bindings.values},
    ).fetchall()


def near_uids(connection: duckdb.DuckDBPyConnection, wanted: str, limit: int) -> list[tuple[str, str, str, str]]:
    """(level, UID, PatientID, collection_id) of studies and series whose UID differs by one digit or dot."""
    if not _MIN_UID_LENGTH <= len(wanted) <= MAX_LENGTH:
        return []
    found: list[tuple[str, str, str, str]] = []
    for level, column in _UID_COLUMNS.items():
        query = (
            f"SELECT '{level}', {column}, min(PatientID), min(collection_id) FROM series "
            f"WHERE (starts_with({column}, $head) OR suffix({column}, $tail)) AND damerau_levenshtein({column}, $text) = 1 "
            f"GROUP BY {column} ORDER BY {column} LIMIT $limit"
        )
        found += ask(connection, query, {"head": wanted[:-_TAIL], "tail": wanted[-_TAIL:], "text": wanted, "limit": limit}).fetchall()
    return found
