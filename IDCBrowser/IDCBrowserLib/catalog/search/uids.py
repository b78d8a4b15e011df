"""Studies and series by a part of their UID: the beginning of one of any length, or eight and more characters out of its middle or end."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.cache.derived import uid_code
from IDCBrowserLib.catalog.cache.row_groups import ROWS, RowGroups
from IDCBrowserLib.catalog.cache.uid_blocks import BLOCK, RUN, blocks_beginning, blocks_with
from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask, stop_if_cancelled

if TYPE_CHECKING:
    import duckdb

_COLUMNS = {"studies": ("StudyInstanceUID", "StudyDescription"), "series": ("SeriesInstanceUID", "SeriesDescription")}
# Shorter pieces are in the middle of thousands of UIDs and mean none of them.
_MIN_INSIDE = 8


@dataclass(frozen=True)
class FoundUid:
    """One study or series; ``description`` may be empty."""

    level: str
    uid: str
    collection_id: str
    patient_id: str
    description: str | None


def find(connection: duckdb.DuckDBPyConnection, wanted: str, limit: int, groups: RowGroups | None) -> list[FoundUid]:
    """At most ``limit`` of each level: first what begins so, in the order of the catalog. A whole UID finds itself alone.

    ``groups`` are the series of the cache, whose tables are there too; without them every UID is looked at.
    """
    if groups is None:
        return [row for level in _COLUMNS for row in _in_series(connection, level, "true", wanted, limit)]
    numbers = sorted(rows_of(connection, [wanted]))
    series = _whole(connection, "series", wanted, numbers, groups)
    if series:
        return series
    inside = blocks_with(connection, wanted) if len(wanted) >= RUN else {}
    studies = _whole(connection, "studies", wanted, numbers, groups) or _in_blocks(connection, "studies", wanted, limit, groups, inside)
    # Those of a study may begin like its own.
    return [*studies, *_in_blocks(connection, "series", wanted, limit, groups, inside)]


def _in_series(connection: duckdb.DuckDBPyConnection, level: str, place: str, wanted: str, limit: int) -> list[FoundUid]:
    """One look at the series of which the condition ``place`` holds."""
    column, description = _COLUMNS[level]
    fits = "contains" if _may_be_inside(wanted) else "starts_with"
    about = ", ".join(f"arg_min({name}, row_no)" for name in ("collection_id", "PatientID", description))
    query = (
        f"SELECT {column}, {about} FROM series WHERE {place} AND {fits}({column}, $text) "
        f"GROUP BY 1 ORDER BY {column} = $text DESC, starts_with({column}, $text) DESC, min(row_no) LIMIT $limit"
    )
    rows = ask(connection, query, {"text": wanted, "limit": limit}).fetchall()
    return [FoundUid(level, *row) for row in (rows[:1] if rows and rows[0][0] == wanted else rows)]


def _whole(connection: duckdb.DuckDBPyConnection, level: str, wanted: str, numbers: Sequence[int], groups: RowGroups) -> list[FoundUid]:
    """The one with just this UID, if it is in one of these rows, which ascend."""
    for number in numbers:
        uids = groups.texts(_COLUMNS[level][0], number // ROWS)
        if uids is None or number % ROWS >= len(uids):
            # What further files add, or cannot be read so. In the text, so that groups of rows that have none are not read.
            found = _in_series(connection, level, f"row_no IN ({', '.join(map(str, numbers))})", wanted, 1)
            return [row for row in found if row.uid == wanted]
        if uids[number % ROWS].as_py() == wanted:
            return _about(groups, level, {wanted: number}) or []
    return []


def _may_be_inside(wanted: str) -> bool:
    # "10." begins a DOI.
    return len(wanted) >= _MIN_INSIDE and not wanted.startswith("10.")


def _in_blocks(
    connection: duckdb.DuckDBPyConnection, level: str, wanted: str, limit: int, groups: RowGroups, inside: Mapping[str, Sequence[int]]
) -> list[FoundUid]:
    """As ``_in_series`` would find, in the blocks that may have it and in what further files add; ``inside`` is empty where that is too short."""
    begin = blocks_beginning(connection, level, wanted)
    found: dict[str, int] = {}
    if inside:
        begin = sorted(set(begin).intersection(inside[level]))
    is_read = _look(groups, level, begin, wanted, limit, found, is_begin=True)
    if inside and _may_be_inside(wanted):
        is_read = is_read and _look(groups, level, inside[level], wanted, limit, found, is_begin=False)
    about = _about(groups, level, found) if is_read else None
    if about is None:
        # Asked so, the file says itself what is wrong with it.
        return _in_series(connection, level, "true", wanted, limit)
    further = _further(connection)
    return [*about, *(_in_series(connection, level, further, wanted, limit) if further else ())][:limit]


def _look(groups: RowGroups, level: str, blocks: Iterable[int], wanted: str, limit: int, found: dict[str, int], is_begin: bool) -> bool:
    """Add UIDs of blocks with their first row until there are ``limit``; False where the blocks cannot be read."""
    import pyarrow.compute as pc

    fits = pc.starts_with if is_begin else pc.match_substring
    size = BLOCK[level]
    for group, those in itertools.groupby(blocks, lambda block: block * size // ROWS):
        if len(found) >= limit:
            break
        stop_if_cancelled()
        uids = groups.texts(_COLUMNS[level][0], group)
        if uids is None:
            return False
        for block in those:
            first = block * size - group * ROWS
            part = uids.slice(first, size)
            for row in pc.indices_nonzero(fits(part, wanted)).to_pylist():
                if len(found) < limit:
                    found.setdefault(part[row].as_py(), group * ROWS + first + row)
    return True


def _about(groups: RowGroups, level: str, found: Mapping[str, int]) -> list[FoundUid] | None:
    """What is told of the UIDs found in these rows."""
    names = ("collection_id", "PatientID", _COLUMNS[level][1])
    told: dict[int, list[Any]] = {}
    for group, rows in itertools.groupby(sorted(found.values()), lambda row: row // ROWS):
        table = groups.columns(names, group)
        if table is None:
            return None
        for row in rows:
            told[row] = [table.column(name)[row - group * ROWS].as_py() for name in names]
    return [FoundUid(level, uid, *told[row]) for uid, row in found.items()]


def _further(connection: duckdb.DuckDBPyConnection) -> str:
    """The condition on the series that further files add to those of the cache; "" where none does."""
    if not ask(connection, "SELECT 1 FROM duckdb_tables() WHERE table_name = 'extra_uid_codes'").fetchone():
        return ""
    row = ask(connection, "SELECT series FROM cached.complete").fetchone()
    return f"row_no >= {row[0]}" if row else ""


def rows_of(connection: duckdb.DuckDBPyConnection, uids: Sequence[str]) -> list[int]:
    """With a cache: ``row_no`` of the series with these UIDs, or of the first of each row of the studies; perhaps of others, so UIDs are compared."""
    bindings = Bindings()
    # One is compared in a third of the time that a list of one takes.
    if len(uids) == 1:
        condition = f"code = {uid_code(bindings.add(uids[0]) + '::VARCHAR')}"
    else:
        condition = f"code IN (SELECT {uid_code('uid')} FROM ({bindings.add_texts(uids)}) AS asked(uid))"
    return [row[0] for row in ask(connection, f"SELECT row_no FROM uid_codes WHERE {condition}", bindings.values).fetchall()]
