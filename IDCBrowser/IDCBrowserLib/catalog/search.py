"""One search box: ranked hits over identifiers of every level, names, titles and descriptions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog import instances, uids
from IDCBrowserLib.catalog.columns import case_id
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.identify import tidy
from IDCBrowserLib.catalog.search_names import Names
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    import duckdb

_MAX_TEXT = 300
_PER_KIND = 200
_DESCRIPTION_COLUMN = "CASE level WHEN 'series' THEN 'SeriesDescription' ELSE 'StudyDescription' END"
# Shorter runs of digits are in thousands of UIDs and mean a case.
_UID_PART = re.compile(r"[0-9.]{8,}|[0-9]+\.[0-9.]+")
# The beginning of a UUID: 8-4-4-4-12 digits.
_UUID_PART = re.compile(r"[0-9a-f]{6,8}|[0-9a-f]{8}-[0-9a-f-]{0,27}")

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# Scores by what was hit. Within a group, collections come before cases, studies and series.
_EXACT, _PREFIX, _INSIDE, _DESCRIBED = 100.0, 80.0, 60.0, 40.0
_ONE = {"studies": "study", "series": "series"}
_LEVEL_BONUS = {"collections": 5.0, "analysis_results": 4.0, "cases": 3.0, "studies": 2.0, "series": 1.0, "prior_series": 0.0}


@dataclass(frozen=True)
class Hit:
    """One thing found. ``label`` is what to show, ``description`` where it belongs, ``score`` 0 to 110, higher first."""

    level: str
    id: str
    label: str
    description: str
    collection_id: str
    score: float
    # Of a text that several share: what they have in common, as ``filters`` takes it.
    filters: dict[str, Any] = field(default_factory=dict)


def search(connection: duckdb.DuckDBPyConnection, text: str, limit: int, names: Names, is_cached: bool, has_content: bool) -> list[dict[str, Any]]:
    """See ``Catalog.search``. Needs the tables of ``derived.SEARCH_TABLES``, ``derived.UID_TABLES`` when ``is_cached``,
    ``content.create_search_content`` when ``has_content``."""
    wanted = tidy(text[:_MAX_TEXT]).lower()
    if not wanted:
        return []
    hits = [_hit(*found) for found in names.find(connection, wanted)]
    hits += _cases(connection, wanted)
    hits += _identifiers(connection, wanted, is_cached, limit)
    hits += _texts(connection, wanted, "search_descriptions", "{count} of {collection}")
    if has_content:
        hits += _texts(connection, wanted, "search_content", "{count} with this {kind} of {collection}")
    best: dict[tuple[str, str], Hit] = {}
    for hit in hits:
        key = (hit.level, hit.id)
        if key not in best or best[key].score < hit.score:
            best[key] = hit
    ranked = sorted(best.values(), key=lambda hit: (-hit.score, hit.level, hit.label.lower(), hit.id))
    return [asdict(hit) for hit in ranked[:max(0, limit)]]


def _hit(
    level: str, row_id: str, score: float, label: str, description: str, collection_id: str, filters: dict[str, Any] | None = None
) -> Hit:
    return Hit(level, row_id, label, description, collection_id, round(score + _LEVEL_BONUS[level], 2), filters or {})


def _cases(connection: duckdb.DuckDBPyConnection, wanted: str) -> list[Hit]:
    rows = ask(
        connection,
        # The plain column comes first: most rows go before anything is computed of them.
        "WITH found AS (SELECT collection_id, PatientID, lower(PatientID) AS name, full_name FROM search_cases WHERE contains(full_name, $text)) "
        "SELECT collection_id, PatientID, CASE WHEN name = $text OR full_name = $text THEN $exact "
        "WHEN starts_with(name, $text) OR starts_with(full_name, $text) THEN $prefix ELSE $inside END AS score FROM found "
        "WHERE contains(name, $text) OR contains($text, '/') "
        "ORDER BY score DESC, length(PatientID), PatientID, collection_id LIMIT $limit",
        {"text": wanted, "exact": _EXACT, "prefix": _PREFIX, "inside": _INSIDE, "limit": _PER_KIND},
    ).fetchall()
    return [
        _hit("cases", case_id(row[0], row[1]), row[2], label=row[1], description=f"case of {row[0]}", collection_id=row[0]) for row in rows
    ]


def _identifiers(connection: duckdb.DuckDBPyConnection, wanted: str, is_cached: bool, limit: int) -> list[Hit]:
    """Whole and partial UIDs and UUIDs of studies and series."""
    hits: list[Hit] = []
    if _UID_PART.fullmatch(wanted):
        seek = uids.in_cache if is_cached else uids.in_series
        for found in seek(connection, wanted, min(limit, _PER_KIND)):
            about = ", ".join(part for part in (found.description, found.patient_id, found.collection_id) if part)
            hits.append(_hit(
                found.level, found.uid, _how_much(wanted, found.uid), label=found.uid, description=about, collection_id=found.collection_id))
        hits = hits or _of_instances(connection, instances.by_uid(connection, [wanted]))
    # Digits alone may be a part of either.
    if _UUID_PART.fullmatch(wanted) and any(character.isdigit() for character in wanted):
        hits += _uuids(connection, wanted)
    return hits


def _uuids(connection: duckdb.DuckDBPyConnection, wanted: str) -> list[Hit]:
    """Series whose crdc_series_uuid begins so; those of earlier releases when none of this one does."""
    values = {"text": wanted, "limit": _PER_KIND}
    query = "SELECT SeriesInstanceUID, crdc_series_uuid, collection_id FROM series WHERE starts_with(crdc_series_uuid, $text) LIMIT $limit"
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
        _hit(level, row[0], _how_much(wanted, row[1]), label=row[1], description=f"{about} of {row[2]}", collection_id=row[2]) for row in rows
    ]


def _of_instances(connection: duckdb.DuckDBPyConnection, pairs: Sequence[tuple[str, str]]) -> list[Hit]:
    """The series of instances that were named whole."""
    hits = []
    for key, uid in pairs:
        row = ask(connection, "SELECT PatientID, collection_id FROM series WHERE SeriesInstanceUID = $uid", {"uid": uid}).fetchone()
        patient_id, collection_id = row or ("", "")
        hits.append(_hit("series", uid, _EXACT, key, f"instance of a series of {patient_id}, {collection_id}", collection_id))
    return hits


def _texts(connection: duckdb.DuckDBPyConnection, wanted: str, table: str, about: str) -> list[Hit]:
    """Studies and series that share a text: a description, or a segment or ROI name. One hit for all of a collection."""
    words = wanted.split()[:8]
    kind, column = ("kind", "column_name") if table == "search_content" else ("''", _DESCRIPTION_COLUMN)
    condition = " AND ".join(f"contains(plain, $w{index})" for index in range(len(words)))
    values: dict[str, Any] = {f"w{index}": word for index, word in enumerate(words)}
    rows = ask(
        connection,
        f"SELECT level, id, text, collection_id, n, starts_with(plain, $text), {kind}, {column} FROM {table} WHERE {condition} "
        "ORDER BY plain = $text DESC, 6 DESC, n DESC, text, collection_id LIMIT $limit", {**values, "text": wanted, "limit": _PER_KIND},
    ).fetchall()
    return [
        _hit(
            row[0], row[1], _DESCRIBED - (0.0 if row[5] else 10.0), label=row[2],
            description=about.format(count=human_count(row[4], _ONE[row[0]], row[0]), kind=row[6], collection=row[3]),
            collection_id=row[3], filters={row[7]: [row[2]], "collection_id": [row[3]]} if row[4] > 1 else {},
        ) for row in rows
    ]


def _how_much(wanted: str, whole: str) -> float:
    """A whole identifier, its beginning or end (people paste the last digits), or its middle."""
    lower = whole.lower()
    if lower == wanted:
        return _EXACT
    return _PREFIX if lower.startswith(wanted) or lower.endswith(wanted) else _INSIDE
