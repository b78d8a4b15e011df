"""Resolves identifiers of any level, many at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.search import instances
from IDCBrowserLib.catalog.search.pasted import UUID, bare

if TYPE_CHECKING:
    import duckdb

ALL_CASES = "(SELECT DISTINCT collection_id, PatientID FROM series)"

Found = dict[str, list[tuple[str, str]]]

_UID = re.compile(r"[0-9]+(\.[0-9]+)+")


def identify(connection: duckdb.DuckDBPyConnection, texts: Iterable[str], cases: str = ALL_CASES) -> Found:
    """See ``Catalog.identify_many``. ``cases`` is a relation with every collection_id and PatientID once."""
    wanted = {text: bare(text) for text in texts}
    by_key: dict[str, list[str]] = {}
    for text, key in wanted.items():
        if key:
            by_key.setdefault(key, []).append(text)
    found: Found = {text: [] for text in wanted}
    for key, level, row_id in _look_up(connection, list(by_key), cases):
        for text in by_key[key]:
            if (level, row_id) not in found[text]:
                found[text].append((level, row_id))
    return found


def _look_up(connection: duckdb.DuckDBPyConnection, keys: Sequence[str], cases: str) -> list[tuple[str, str, str]]:
    """Rows of (key, level, id). What a text looks like decides which columns are read."""
    uuids = [key for key in keys if UUID.fullmatch(key)]
    uids = [key for key in keys if _UID.fullmatch(key)]
    hits = _by_uuid(connection, uuids) if uuids else []
    hits += _by_uid(connection, uids) if uids else []
    known = {hit[0] for hit in hits}
    # A PatientID may look like anything, even like a UID.
    rest = [key for key in keys if key not in known]
    return hits + (_by_name(connection, rest, cases) if rest else [])


def _by_uuid(connection: duckdb.DuckDBPyConnection, uuids: Sequence[str]) -> list[tuple[str, str, str]]:
    by_lower: dict[str, list[str]] = {}
    for key in uuids:
        by_lower.setdefault(key.lower(), []).append(key)
    found = _pairs(connection, "SELECT crdc_series_uuid, SeriesInstanceUID FROM series WHERE crdc_series_uuid IN ({})", by_lower)
    hits = [(key, "series", row_id) for uuid, row_id in found for key in by_lower[uuid.lower()]]
    known = {uuid for uuid, _ in found}
    # Earlier releases never share a uuid with the current one.
    missing = [uuid for uuid in by_lower if uuid not in known]
    if missing:
        query = "SELECT DISTINCT crdc_series_uuid, crdc_series_uuid FROM prior_versions WHERE crdc_series_uuid IN ({})"
        prior = _pairs(connection, query, missing)
        hits += [(key, "prior_series", row_id) for uuid, row_id in prior for key in by_lower[uuid.lower()]]
        missing = sorted(set(missing) - {uuid for uuid, _ in prior})
    of_instances = instances.by_uuid(connection, missing) if missing else []
    return hits + [(key, "series", row_id) for uuid, row_id in of_instances for key in by_lower[uuid]]


def _pairs(connection: duckdb.DuckDBPyConnection, query: str, texts: Iterable[str]) -> list[tuple[str, str]]:
    """Rows of a query with ``{}`` where the texts go."""
    bindings = Bindings()
    asked = bindings.add_texts(texts)
    return ask(connection, query.replace("{}", asked), bindings.values).fetchall()


def _by_uid(connection: duckdb.DuckDBPyConnection, uids: Sequence[str]) -> list[tuple[str, str, str]]:
    # One statement per level: joined by UNION ALL, with more than 25,000 hits, the threads of DuckDB 1.5 wait for each other for ever.
    hits = _hits(connection, "series", "SELECT SeriesInstanceUID, SeriesInstanceUID FROM series WHERE SeriesInstanceUID IN ({})", uids)
    hits += _hits(connection, "studies", "SELECT DISTINCT StudyInstanceUID, StudyInstanceUID FROM series WHERE StudyInstanceUID IN ({})", uids)
    missing = _without(uids, hits)
    if missing:
        # Gone from the current release: the newest version that had it.
        hits += _hits(
            connection,
            "prior_series",
            ("SELECT SeriesInstanceUID, max_by(crdc_series_uuid, max_idc_version) FROM prior_versions WHERE SeriesInstanceUID IN ({}) GROUP BY 1"),
            missing,
        )
        hits += _hits(
            connection,
            "prior_series",
            ("SELECT DISTINCT StudyInstanceUID, crdc_series_uuid FROM prior_versions WHERE StudyInstanceUID IN ({})"),
            missing,
        )
        missing = _without(missing, hits)
    of_instances = instances.by_uid(connection, missing) if missing else []
    return hits + [(uid, "series", row_id) for uid, row_id in of_instances]


def _hits(connection: duckdb.DuckDBPyConnection, level: str, query: str, uids: Sequence[str]) -> list[tuple[str, str, str]]:
    return [(uid, level, row_id) for uid, row_id in _pairs(connection, query, uids)]


def _without(uids: Sequence[str], hits: Sequence[tuple[str, str, str]]) -> list[str]:
    known = {uid for uid, _, _ in hits}
    return [uid for uid in uids if uid not in known]


def _by_name(connection: duckdb.DuckDBPyConnection, names: Sequence[str], cases: str) -> list[tuple[str, str, str]]:
    """Collections, analysis results and cases; letter case decides only between cases that differ in nothing else."""
    bindings = Bindings()
    rows: list[tuple[str, str, str]] = ask(
        connection,
        f"WITH asked(name) AS MATERIALIZED ({bindings.add_texts(names)}), "
        f"cases AS MATERIALIZED (SELECT collection_id, PatientID FROM {cases}) "
        "SELECT name, 'collections', collection_id FROM collections "
        "JOIN asked ON lower(name) IN (lower(collection_id), lower(collection_name)) "
        "UNION ALL SELECT name, 'analysis_results', analysis_result_id FROM analysis_results "
        "JOIN asked ON lower(name) = lower(analysis_result_id) "
        "UNION ALL SELECT name, 'cases', collection_id || '/' || PatientID FROM cases JOIN asked ON lower(name) = lower(PatientID) "
        "UNION ALL SELECT name, 'cases', collection_id || '/' || PatientID FROM cases "
        "JOIN asked ON lower(name) = lower(collection_id || '/' || PatientID)",
        bindings.values,
    ).fetchall()
    return [row for row in rows if not _is_beaten(row, rows)]


def _is_beaten(row: tuple[str, str, str], rows: Sequence[tuple[str, str, str]]) -> bool:
    name, level, row_id = row
    if level != "cases" or _is_exact(name, row_id):
        return False
    return any(other[0] == name and other[1] == "cases" and _is_exact(name, other[2]) for other in rows)


def _is_exact(name: str, row_id: str) -> bool:
    return name in (row_id, row_id.partition("/")[2])
