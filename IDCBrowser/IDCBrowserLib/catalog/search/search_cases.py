"""Cases for the search box: those with just this id, and for each collection all whose ids contain the text, as one hit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.columns import case_id
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.search.search_hits import CASE_GROUP, Hit, make_hit

if TYPE_CHECKING:
    import duckdb

_EXACT = 100.0
# What is typed without a digit is a word: names and descriptions with it come first. With one it may be the beginning of a case id.
_WORD_BEGINS, _WORD_INSIDE, _ID_BEGINS, _ID_INSIDE = 30.0, 25.0, 52.0, 36.0
# So few of a collection are named one by one.
_FEW = 3
_PER_COLLECTION = 20
_MOST_COLLECTIONS = 200
_LENGTH_DIGITS = 3


def find_cases(connection: duckdb.DuckDBPyConnection, wanted: str) -> list[Hit]:
    """Cases by id, or by collection_id/id. ``wanted`` is lower case."""
    rows = ask(
        connection,
        # The conditions on what is stored go before anything is computed of them.
        "WITH found AS (SELECT collection_id, PatientID, lower(PatientID) AS name, full_name FROM search_cases WHERE contains(full_name, $text)), "
        "fitting AS (SELECT *, CASE WHEN name = $text OR full_name = $text THEN 0 "
        "WHEN starts_with(name, $text) OR starts_with(full_name, $text) THEN 1 ELSE 2 END AS fit FROM found "
        "WHERE contains(name, $text) OR contains($text, '/')) "
        # Shorter ids first: their length goes before them, in fixed width.
        "SELECT collection_id, min(fit), count(*), min(PatientID), max(PatientID), "
        f"min(fit::VARCHAR || lpad(length(PatientID)::VARCHAR, {_LENGTH_DIGITS}, '0') || PatientID, {_PER_COLLECTION}) "
        "FROM fitting GROUP BY collection_id, fit = 0 ORDER BY 2, 3 DESC, 1 LIMIT $limit",
        {"text": wanted, "limit": _MOST_COLLECTIONS},
    ).fetchall()
    hits: list[Hit] = []
    for collection_id, fit, count, first, last, cases in rows:
        if fit > 0 and count > _FEW:
            hits.append(_group(wanted, collection_id, _score(wanted, fit), count, (first, last)))
        if count <= _FEW or _has_digit(wanted):
            hits += [_case(wanted, collection_id, text) for text in cases]
    return hits


def _case(wanted: str, collection_id: str, text: str) -> Hit:
    fit, patient_id = int(text[0]), text[1 + _LENGTH_DIGITS :]
    score = _EXACT if fit == 0 else _score(wanted, fit)
    return make_hit("cases", case_id(collection_id, patient_id), score, patient_id, f"case of {collection_id}", collection_id)


def _group(wanted: str, collection_id: str, score: float, count: int, ends: tuple[str, str]) -> Hit:
    alike = _beginning(*ends)
    name = wanted.rpartition("/")[2]
    begins = name in alike.lower()
    # The filter above the cases also looks at the collection's name.
    texts = [text for text in ((alike.lower(), name) if begins else (name,)) if text and text not in collection_id.lower()]
    return make_hit(
        CASE_GROUP,
        collection_id,
        score,
        f"{alike}..." if begins else f"...{name}...",
        f"{count:,} cases of {collection_id}",
        collection_id,
        count=count,
        text=texts[0] if texts else "",
    )


def _score(wanted: str, fit: int) -> float:
    if _has_digit(wanted):
        return _ID_BEGINS if fit == 1 else _ID_INSIDE
    return _WORD_BEGINS if fit == 1 else _WORD_INSIDE


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _beginning(first: str, last: str) -> str:
    """What the first and the last of sorted texts begin with, and so do all between."""
    length = next((number for number, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), min(len(first), len(last)))
    return first[:length]
