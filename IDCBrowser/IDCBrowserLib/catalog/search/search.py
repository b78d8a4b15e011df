"""The search behind the search box: ranked matches over identifiers, names, titles and descriptions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.catalog import Found
from IDCBrowserLib.catalog.cache.derived import UUID_DIGITS
from IDCBrowserLib.catalog.cache.row_groups import RowGroups
from IDCBrowserLib.catalog.columns import case_id
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.search import instances, uids
from IDCBrowserLib.catalog.search.codes import code_in, meanings_of
from IDCBrowserLib.catalog.search.near_ids import near_cases, near_uids
from IDCBrowserLib.catalog.search.near_names import near_names
from IDCBrowserLib.catalog.search.pasted import bare
from IDCBrowserLib.catalog.search.search_cases import find_cases
from IDCBrowserLib.catalog.search.search_hits import Hit, left_out, make_hit, ranked, share
from IDCBrowserLib.catalog.search.search_names import Names
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    import duckdb

_MAX_TEXT = 300
_PER_KIND = 200
# UUIDs that are none have no place by which they are found.
_MOST_PLACES = 5000
_DESCRIPTION_COLUMN = "CASE level WHEN 'series' THEN 'SeriesDescription' ELSE 'StudyDescription' END"
# Shorter runs of digits are in thousands of UIDs and mean a case.
_UID_PART = re.compile(r"[0-9.]{8,}|[0-9]+\.[0-9.]+")
# No description has one.
_UID_ONLY = re.compile(r"[0-9]+(\.[0-9]+){3,}\.?")
# The beginning of a UUID: 8-4-4-4-12 digits.
_UUID_PART = re.compile(r"[0-9a-f]{6,8}|[0-9a-f]{8}-[0-9a-f-]{0,27}")

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# Scores by what was hit; the three of texts are for the text itself, its beginning and its inside. Names of collections and analysis results count
# up to 100, their titles 60 (``search_names``). A segment, region or ROI is named by few words, so its name says more than a description.
_EXACT, _PREFIX, _INSIDE = 100.0, 80.0, 60.0
_NAMED, _DESCRIBED = (72.0, 66.0, 50.0), (58.0, 55.0, 40.0)
_NEARLY = 30.0
# A name with a mistake says more than a word inside a description, but not more than the word itself.
_NEARLY_NAMED = 45.0
# From here on something is named so that no mistake need be looked for.
_NAMED_SURELY = 58.0
_NEAR = 10
_ONE = {"studies": "study", "series": "series"}


def search(connection: duckdb.DuckDBPyConnection, text: str, limit: int, names: Names, groups: RowGroups | None, has_content: bool) -> Found:
    """See ``Catalog.find``. Needs the tables of ``derived.SEARCH_TABLES``, those of the cache when ``groups`` of it are given, and
    ``content.create_search_content`` when ``has_content``.
    """
    wanted = bare(text[:_MAX_TEXT]).lower()
    if not wanted:
        return {"hits": [], "more": {}}
    not_fetched: dict[str, int | None] = {}
    hits = [make_hit(*found) for found in names.find(connection, wanted)]
    if names.stands_in(connection, "search_cases", "full_name", [wanted]):
        hits += find_cases(connection, wanted)
    hits += _identifiers(connection, wanted, groups, limit, not_fetched)
    if not _UID_ONLY.fullmatch(wanted) and names.stands_in(connection, "search_descriptions", "plain", _words(wanted)):
        hits += _texts(connection, wanted, "search_descriptions", not_fetched)
    if has_content:
        hits += _texts(connection, wanted, "search_content", not_fetched)
        hits += _coded(connection, wanted)
    if all(hit.score < _NAMED_SURELY for hit in hits):
        hits += [*(_nearly(connection, wanted) if not hits else ()), *_nearly_named(connection, wanted, has_content)]
    hits = ranked(hits)
    kept = share(hits, limit)
    return {"hits": [hit.to_json() for hit in kept], "more": left_out(hits, kept, not_fetched)}


def _identifiers(
    connection: duckdb.DuckDBPyConnection, wanted: str, groups: RowGroups | None, limit: int, not_fetched: dict[str, int | None]
) -> list[Hit]:
    """Whole and partial UIDs and UUIDs of studies and series."""
    hits: list[Hit] = []
    if _UID_PART.fullmatch(wanted):
        most = min(limit, _PER_KIND)
        for found in uids.find(connection, wanted, most, groups):
            about = ", ".join(part for part in (found.description, found.patient_id, found.collection_id) if part)
            hits.append(make_hit(found.level, found.uid, _how_much(wanted, found.uid), found.uid, about, found.collection_id))
        levels = [hit.level for hit in hits]
        not_fetched.update({level: None for level in set(levels) if levels.count(level) >= most})
        hits = hits or _of_instances(connection, instances.by_uid(connection, [wanted])) or _of_earlier_releases(connection, wanted)
    # Digits alone may be a part of either.
    if _UUID_PART.fullmatch(wanted) and any(character.isdigit() for character in wanted):
        hits += _uuids(connection, wanted, groups is not None)
    return hits


def _uuids(connection: duckdb.DuckDBPyConnection, wanted: str, has_codes: bool) -> list[Hit]:
    """Series whose crdc_series_uuid begins so; those of earlier releases when none of this one does."""
    values = {"text": wanted, "limit": _PER_KIND}
    place = _place_of_uuids(connection, wanted) if has_codes else "true"
    query = (
        "SELECT SeriesInstanceUID, crdc_series_uuid, collection_id FROM series "
        f"WHERE {place} AND starts_with(crdc_series_uuid, $text) ORDER BY row_no LIMIT $limit"
    )
    level, about, rows = "series", "series", ask(connection, query, values).fetchall()
    if not rows:
        query = (
            "SELECT crdc_series_uuid, crdc_series_uuid, min(collection_id) FROM prior_versions WHERE starts_with(crdc_series_uuid, $text) "
            "GROUP BY ALL LIMIT $limit"
        )
        level, about, rows = "prior_series", "series of an earlier release", ask(connection, query, values).fetchall()
    if not rows and _UUID.fullmatch(wanted):
        return _of_instances(connection, instances.by_uuid(connection, [wanted]))
    return [
        make_hit(level, row[0], _how_much(wanted, row[1]), label=row[1], description=f"{about} of {row[2]}", collection_id=row[2]) for row in rows
    ]


def _place_of_uuids(connection: duckdb.DuckDBPyConnection, wanted: str) -> str:
    """The condition on row_no of the series whose UUIDs may begin so (lower case, six digits or more); needs the cache."""
    digits = wanted[:UUID_DIGITS]
    ends = {"low": int(digits.ljust(UUID_DIGITS, "0"), 16), "high": int(digits.ljust(UUID_DIGITS, "f"), 16)}
    query = "SELECT row_no FROM uuid_codes WHERE code BETWEEN $low AND $high UNION ALL SELECT row_no FROM uuid_codes WHERE code IS NULL"
    numbers = sorted(row[0] for row in ask(connection, query, ends).fetchall())
    if len(numbers) > _MOST_PLACES:
        return "true"
    # Between the first and the last: what lies elsewhere is not read.
    return f"row_no BETWEEN {numbers[0]} AND {numbers[-1]} AND row_no IN ({', '.join(map(str, numbers))})" if numbers else "false"


def _of_earlier_releases(connection: duckdb.DuckDBPyConnection, uid: str) -> list[Hit]:
    """The newest version of a series that is in the current release no more."""
    query = (
        "SELECT max_by(crdc_series_uuid, max_idc_version), max_by(collection_id, max_idc_version), max(max_idc_version) "
        "FROM prior_versions WHERE SeriesInstanceUID = $uid GROUP BY SeriesInstanceUID"
    )
    rows = ask(connection, query, {"uid": uid}).fetchall()
    return [
        make_hit("prior_series", uuid, _EXACT, uid, f"series of {collection_id}, removed after release {last}", collection_id)
        for uuid, collection_id, last in rows
    ]


def _nearly(connection: duckdb.DuckDBPyConnection, wanted: str) -> list[Hit]:
    """When nothing is named so: what is named nearly so."""
    if _UID_PART.fullmatch(wanted):
        found = near_uids(connection, wanted, _NEAR)
        return [make_hit(level, uid, _NEARLY, uid, f"{patient_id}, {collection}", collection) for level, uid, patient_id, collection in found]
    cases = near_cases(connection, wanted.rpartition("/")[2], _NEAR)
    return [
        make_hit("cases", case_id(collection_id, patient_id), _NEARLY, patient_id, f"case of {collection_id}", collection_id)
        for collection_id, patient_id in cases
    ]


def _of_instances(connection: duckdb.DuckDBPyConnection, pairs: Sequence[tuple[str, str]]) -> list[Hit]:
    """The series of instances that were named whole."""
    hits = []
    for key, uid in pairs:
        row = ask(connection, "SELECT PatientID, collection_id FROM series WHERE SeriesInstanceUID = $uid", {"uid": uid}).fetchone()
        patient_id, collection_id = row or ("", "")
        hits.append(make_hit("series", uid, _EXACT, key, f"instance of a series of {patient_id}, {collection_id}", collection_id))
    return hits


def _words(wanted: str) -> list[str]:
    return wanted.split()[:8]


def _texts(connection: duckdb.DuckDBPyConnection, wanted: str, table: str, not_fetched: dict[str, int | None]) -> list[Hit]:
    """Studies and series that share a text: a description, or a segment or ROI name. One hit for all of a collection."""
    words = _words(wanted)
    has_kinds = table == "search_content"
    kind, column = ("kind", "column_name") if has_kinds else ("''", _DESCRIPTION_COLUMN)
    condition = " AND ".join(f"contains(plain, $w{index})" for index in range(len(words)))
    values: dict[str, Any] = {f"w{index}": word for index, word in enumerate(words)}
    rows = ask(
        connection,
        "SELECT level, id, text, collection_id, n, CASE WHEN plain = $text THEN 0 WHEN starts_with(plain, $text) THEN 1 ELSE 2 END AS fit, "
        f"{kind}, {column}, count(*) OVER (PARTITION BY level, {kind}) FROM {table} WHERE {condition} "
        f"ORDER BY fit, n DESC, text, collection_id LIMIT $limit",
        {**values, "text": wanted, "limit": _PER_KIND},
    ).fetchall()
    scores = _NAMED if has_kinds else _DESCRIBED
    fetched = Counter(row[6] or row[0] for row in rows)
    for row in rows:
        group = row[6] or row[0]
        if not_fetched.get(group, 0) is not None:
            not_fetched[group] = row[8] - fetched[group]
    return [
        _named_hit(level, row_id, scores[fit], name, n, kind, column, collection_id)
        for level, row_id, name, collection_id, n, fit, kind, column, _total in rows
    ]


def _shared_by(level: str, number: int, kind: str, collection_id: str) -> str:
    counted = human_count(number, _ONE[level], level)
    return f"{counted} with this {kind} of {collection_id}" if kind else f"{counted} of {collection_id}"


def _coded(connection: duckdb.DuckDBPyConnection, wanted: str) -> list[Hit]:
    """Segments and regions by a code of SNOMED. Digits alone are taken for one only where they mean something that is there."""
    code = code_in(wanted)
    meanings = meanings_of(code) if code else []
    return [replace(hit, description=f"{hit.description} ({code})") for hit in _exact_names(connection, meanings, _NAMED[0])]


def _nearly_named(connection: duckdb.DuckDBPyConnection, wanted: str, has_content: bool) -> list[Hit]:
    """What is in segmentations and structure sets by a name with a letter or two wrong; else descriptions."""
    names = near_names(connection, wanted, "search_content") if has_content else []
    if names:
        return _exact_names(connection, names, _NEARLY_NAMED)
    hits: list[Hit] = []
    for name in near_names(connection, wanted, "search_descriptions"):
        hits += _texts(connection, name, "search_descriptions", {})[:_NEAR]
    return [replace(hit, score=min(hit.score, _NEARLY)) for hit in hits]


def _exact_names(connection: duckdb.DuckDBPyConnection, names: Sequence[str], score: float) -> list[Hit]:
    """One hit for each kind and collection that has a name of these (lower case)."""
    if not names:
        return []
    rows = ask(
        connection,
        "SELECT level, id, text, collection_id, n, kind, column_name FROM search_content WHERE plain IN (SELECT unnest($names)) "
        "ORDER BY n DESC, text, collection_id LIMIT $limit",
        {"names": list(names), "limit": _PER_KIND},
    ).fetchall()
    return [_named_hit(level, row_id, score, name, n, kind, column, collection) for level, row_id, name, collection, n, kind, column in rows]


def _named_hit(level: str, row_id: str, score: float, name: str, n: int, kind: str, column: str, collection_id: str) -> Hit:
    filters = {column: [name], "collection_id": [collection_id]} if n > 1 else {}
    return make_hit(level, row_id, score, name, _shared_by(level, n, kind, collection_id), collection_id, kind=kind, count=1, filters=filters)


def _how_much(wanted: str, whole: str) -> float:
    """A whole identifier, its beginning or end (people paste the last digits), or its middle."""
    lower = whole.lower()
    if lower == wanted:
        return _EXACT
    return _PREFIX if lower.startswith(wanted) or lower.endswith(wanted) else _INSIDE
