"""One search box: ranked hits over identifiers of every level, names, titles and descriptions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog import fuzzy
from IDCBrowserLib.catalog.columns import case_id
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.identify import tidy
from IDCBrowserLib.catalog.plain_text import plain_text

if TYPE_CHECKING:
    import duckdb

_MAX_TEXT = 300
_PER_KIND = 200
# Shorter runs of digits are in thousands of UIDs and mean a case.
_UID_PART = re.compile(r"[0-9.]{8,}|[0-9]+\.[0-9.]+")
_UUID_PART = re.compile(r"[0-9a-f-]{6,36}")

# Scores by what was hit. Within a group, collections come before cases, studies and series.
_EXACT, _PREFIX, _INSIDE, _DESCRIBED = 100.0, 80.0, 60.0, 40.0
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


def search(connection: duckdb.DuckDBPyConnection, text: str, limit: int, studies: str = "series") -> list[dict[str, Any]]:
    """See ``Catalog.search``. Needs the tables of ``derived.SEARCH_TABLES``; ``studies`` is a relation with every study."""
    wanted = tidy(text[:_MAX_TEXT]).lower()
    if not wanted:
        return []
    hits = [*_collections(connection, wanted), *_analysis_results(connection, wanted), *_cases(connection, wanted)]
    hits += _identifiers(connection, wanted, studies)
    hits += _descriptions(connection, wanted)
    best: dict[tuple[str, str], Hit] = {}
    for hit in hits:
        key = (hit.level, hit.id)
        if key not in best or best[key].score < hit.score:
            best[key] = hit
    ranked = sorted(best.values(), key=lambda hit: (-hit.score, hit.level, hit.label.lower(), hit.id))
    return [asdict(hit) for hit in ranked[:max(0, limit)]]


def _hit(level: str, row_id: str, score: float, *, label: str, description: str, collection_id: str) -> Hit:
    return Hit(level, row_id, label, description, collection_id, round(score + _LEVEL_BONUS[level], 2))


def _collections(connection: duckdb.DuckDBPyConnection, wanted: str) -> Iterable[Hit]:
    rows = ask(
        connection,
        "SELECT collection_id, collection_name, concat_ws(', ', cancer_types, tumor_locations, species), description, "
        "list_transform(sources, source -> concat_ws(' ', source.source_title, source.source_doi)) FROM collections"
    ).fetchall()
    dois = {row[0] for row in ask(connection, "SELECT collection_id FROM search_dois WHERE contains(doi, $text)", {"text": wanted}).fetchall()}
    for collection_id, name, about, description, titles in rows:
        score = fuzzy.name_score(wanted, (collection_id, name))
        score = max(score, fuzzy.text_score(wanted, " ".join([about or "", name or "", collection_id, *(titles or [])])) * _INSIDE)
        score = max(score, fuzzy.text_score(wanted, plain_text(description)) * _DESCRIBED)
        if collection_id in dois and len(wanted) > 6:
            score = max(score, _INSIDE)
        if score > 0:
            yield _hit("collections", collection_id, score, label=name or collection_id, description=about or "", collection_id=collection_id)


def _analysis_results(connection: duckdb.DuckDBPyConnection, wanted: str) -> Iterable[Hit]:
    rows = ask(connection, "SELECT analysis_result_id, analysis_result_title, source_DOI FROM analysis_results").fetchall()
    for result_id, title, doi in rows:
        score = max(fuzzy.name_score(wanted, (result_id,)), fuzzy.text_score(wanted, f"{result_id} {title} {doi}") * _INSIDE)
        if score > 0:
            yield _hit("analysis_results", result_id, score, label=result_id, description=plain_text(title), collection_id="")


def _cases(connection: duckdb.DuckDBPyConnection, wanted: str) -> Iterable[Hit]:
    rows = ask(
        connection,
        "WITH found AS (SELECT collection_id, PatientID, lower(PatientID) AS name, lower(collection_id || '/' || PatientID) AS full_name "
        "FROM search_cases) "
        "SELECT collection_id, PatientID, CASE WHEN name = $text OR full_name = $text THEN $exact "
        "WHEN starts_with(name, $text) OR starts_with(full_name, $text) THEN $prefix ELSE $inside END AS score FROM found "
        "WHERE contains(full_name, $text) AND (contains(name, $text) OR contains($text, '/')) "
        "ORDER BY score DESC, length(PatientID), PatientID, collection_id LIMIT $limit",
        {"text": wanted, "exact": _EXACT, "prefix": _PREFIX, "inside": _INSIDE, "limit": _PER_KIND},
    ).fetchall()
    return [
        _hit("cases", case_id(row[0], row[1]), row[2], label=row[1], description=f"case of {row[0]}", collection_id=row[0]) for row in rows
    ]


def _identifiers(connection: duckdb.DuckDBPyConnection, wanted: str, studies: str) -> list[Hit]:
    """Whole and partial UIDs and UUIDs of studies and series."""
    hits: list[Hit] = []
    if _UID_PART.fullmatch(wanted):
        hits += _uids(connection, wanted, "studies", studies)
        hits += _uids(connection, wanted, "series", "series")
    # Digits alone may be a part of either.
    if _UUID_PART.fullmatch(wanted) and any(character.isdigit() for character in wanted):
        hits += _uuids(connection, wanted)
    return hits


def _uids(connection: duckdb.DuckDBPyConnection, wanted: str, level: str, relation: str) -> list[Hit]:
    column, description = ("StudyInstanceUID", "StudyDescription") if level == "studies" else ("SeriesInstanceUID", "SeriesDescription")
    select = f"SELECT {column}, min(collection_id), min(PatientID), min({description}) FROM {relation} WHERE"
    # A whole UID is found several times faster than a part of one.
    rows = ask(connection, f"{select} {column} = $text GROUP BY 1", {"text": wanted}).fetchall()
    if not rows:
        query = f"{select} contains({column}, $text) GROUP BY 1 ORDER BY length({column}), 1 LIMIT $limit"
        rows = ask(connection, query, {"text": wanted, "limit": _PER_KIND}).fetchall()
    return [
        _hit(
            level, row[0], _how_much(wanted, row[0]), label=row[0], description=", ".join(part for part in (row[3], row[2], row[1]) if part),
            collection_id=row[1],
        ) for row in rows
    ]


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
    return [
        _hit(level, row[0], _how_much(wanted, row[1]), label=row[1], description=f"{about} of {row[2]}", collection_id=row[2]) for row in rows
    ]


def _descriptions(connection: duckdb.DuckDBPyConnection, wanted: str) -> list[Hit]:
    words = wanted.split()[:8]
    condition = " AND ".join(f"contains(lower(text), $w{index})" for index in range(len(words)))
    values: dict[str, Any] = {f"w{index}": word for index, word in enumerate(words)}
    rows = ask(
        connection,
        f"SELECT level, id, text, collection_id, n, starts_with(lower(text), $text) FROM search_descriptions WHERE {condition} "
        "ORDER BY lower(text) = $text DESC, 6 DESC, n DESC, text, collection_id LIMIT $limit", {**values, "text": wanted, "limit": _PER_KIND},
    ).fetchall()
    return [
        _hit(
            row[0], row[1], _DESCRIBED - (0.0 if row[5] else 10.0), label=row[2], description=f"{row[4]:,} {row[0]} of {row[3]}",
            collection_id=row[3],
        ) for row in rows
    ]


def _how_much(wanted: str, whole: str) -> float:
    """A whole identifier, its beginning or end (people paste the last digits), or its middle."""
    lower = whole.lower()
    if lower == wanted:
        return _EXACT
    return _PREFIX if lower.startswith(wanted) or lower.endswith(wanted) else _INSIDE
