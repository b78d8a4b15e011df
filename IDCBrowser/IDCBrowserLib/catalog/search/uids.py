"""Studies and series by a part of their UID: the beginning of one of any length, or eight and more characters out of its middle or end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.derived import UIDS_PER_BLOCK, uid_code
from IDCBrowserLib.catalog.uid_blocks import blocks_with

if TYPE_CHECKING:
    import duckdb

_COLUMNS = {"studies": ("StudyInstanceUID", "StudyDescription"), "series": ("SeriesInstanceUID", "SeriesDescription")}
# Shorter pieces are in the middle of thousands of UIDs and mean none of them.
_MIN_INSIDE = 8
# Sorts after every character of a UID.
_AFTER = "~"
# So many blocks are read at once.
_PART = 8
# By level: ``row_no`` by UID.
_Found = dict[str, dict[str, int]]


@dataclass(frozen=True)
class FoundUid:
    """One study or series; ``description`` may be empty."""

    level: str
    uid: str
    collection_id: str
    patient_id: str
    description: str | None


@dataclass(frozen=True)
class Help:
    """What there is to find UIDs: ``uid_codes`` of whole ones, and the blocks of ``uid_blocks``; without either every UID is looked at."""

    has_codes: bool
    has_blocks: bool


def find(connection: duckdb.DuckDBPyConnection, wanted: str, limit: int, given: Help) -> list[FoundUid]:
    """At most ``limit`` of each level; a whole UID finds itself alone."""
    whole = _whole(connection, wanted) if given.has_codes else []
    return whole or (_in_blocks if given.has_blocks else _in_series)(connection, wanted, limit)


def _in_series(connection: duckdb.DuckDBPyConnection, wanted: str, limit: int) -> list[FoundUid]:
    fits = "contains" if _may_be_inside(wanted) else "starts_with"
    found: list[FoundUid] = []
    for level, (column, description) in _COLUMNS.items():
        query = f"SELECT {column}, min(collection_id), min(PatientID), min({description}) FROM series WHERE {fits}({column}, $text) "
        query += f"GROUP BY 1 ORDER BY starts_with({column}, $text) DESC, 1 LIMIT $limit"
        rows = ask(connection, query, {"text": wanted, "limit": limit}).fetchall()
        # One that is just so comes first.
        found += [FoundUid(level, *row) for row in (rows[:1] if rows and rows[0][0] == wanted else rows)]
    return found


def _in_blocks(connection: duckdb.DuckDBPyConnection, wanted: str, limit: int) -> list[FoundUid]:
    found: _Found = {level: {} for level in _COLUMNS}
    _add_beginning(connection, wanted, found, limit)
    begin = {level: {wanted: uids[wanted]} if wanted in uids else uids for level, uids in found.items()}
    open_levels = {level: uids for level, uids in begin.items() if wanted not in uids and len(uids) < limit}
    if open_levels and _may_be_inside(wanted):
        _add_inside(connection, wanted, open_levels, limit)
    return [row for level, uids in begin.items() for row in _rows(connection, level, list(uids.values())[:limit])]


def _whole(connection: duckdb.DuckDBPyConnection, wanted: str) -> list[FoundUid]:
    """The series with just this UID; those of its study may begin like the study's own."""
    numbers = rows_of(connection, [wanted])
    return [row for row in _rows(connection, "series", numbers) if row.uid == wanted] if numbers else []


def _may_be_inside(wanted: str) -> bool:
    # "10." begins a DOI.
    return len(wanted) >= _MIN_INSIDE and not wanted.startswith("10.")


def _add_beginning(connection: duckdb.DuckDBPyConnection, wanted: str, found: _Found, limit: int) -> None:
    """UIDs that begin so."""
    # Each has a dot before its third character.
    if "." in wanted or not _may_be_inside(wanted):
        for level in found:
            query = "SELECT block FROM cached_uids.uid_blocks WHERE level = $level AND last >= $text AND first <= $end ORDER BY block LIMIT $limit"
            # Sorted: what begins alike is in neighboring blocks.
            values = {"level": level, "text": wanted, "end": wanted + _AFTER, "limit": 1 + -(-limit // UIDS_PER_BLOCK)}
            blocks = [row[0] for row in ask(connection, query, values).fetchall()]
            _add(connection, found, _cached(blocks), "starts_with", wanted)
        _add(connection, found, _further(connection), "starts_with", wanted)


def _add_inside(connection: duckdb.DuckDBPyConnection, wanted: str, found: _Found, limit: int) -> None:
    """UIDs that have it anywhere, of each level until there are ``limit``."""
    blocks = blocks_with(connection, wanted)
    for level, uids in found.items():
        ends = ask(connection, "SELECT min(block), max(block) FROM cached_uids.uid_blocks WHERE level = $level", {"level": level}).fetchone()
        first, last = ends if ends is not None and ends[0] is not None else (0, -1)
        those = [block for block in blocks if first <= block <= last]
        for start in range(0, len(those), _PART):
            if len(uids) >= limit:
                break
            _add(connection, {level: uids}, _cached(those[start : start + _PART]), "contains", wanted)
    _add(connection, found, _further(connection), "contains", wanted)


def _cached(blocks: Sequence[int]) -> list[str]:
    # One by one: of a list every block would be read.
    return [f"cached_uids.search_uids WHERE block = {block} AND" for block in blocks]


def _further(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What further files add is not in the cache."""
    name = "extra_search_uids"
    return [f"{name} WHERE"] if ask(connection, f"SELECT 1 FROM duckdb_tables() WHERE table_name = '{name}'").fetchone() else []


def _add(connection: duckdb.DuckDBPyConnection, found: _Found, sources: Sequence[str], fits: str, wanted: str) -> None:
    if sources:
        query = " UNION ALL ".join(f"SELECT level, uid, row_no FROM {source} {fits}(uid, $text)" for source in sources)
        for level, uid, number in sorted(ask(connection, query, {"text": wanted}).fetchall()):
            if level in found:
                found[level].setdefault(uid, number)


def _rows(connection: duckdb.DuckDBPyConnection, level: str, row_nos: list[int]) -> list[FoundUid]:
    column, description = _COLUMNS[level]
    # In the text, so that groups of rows that have none are not read.
    place = f"row_no IN ({', '.join(map(str, row_nos))})" if row_nos else "false"
    rows = ask(connection, f"SELECT {column}, collection_id, PatientID, {description} FROM series WHERE {place}").fetchall()
    return [FoundUid(level, *row) for row in rows]


def rows_of(connection: duckdb.DuckDBPyConnection, uids: Sequence[str]) -> list[int]:
    """With a cache: ``row_no`` of the series with these UIDs, or of the first of each row of the studies; perhaps of others, so UIDs are compared."""
    bindings = Bindings()
    # One is compared in a third of the time that a list of one takes.
    if len(uids) == 1:
        condition = f"code = {uid_code(bindings.add(uids[0]) + '::VARCHAR')}"
    else:
        condition = f"code IN (SELECT {uid_code('uid')} FROM ({bindings.add_texts(uids)}) AS asked(uid))"
    return [row[0] for row in ask(connection, f"SELECT row_no FROM uid_codes WHERE {condition}", bindings.values).fetchall()]
