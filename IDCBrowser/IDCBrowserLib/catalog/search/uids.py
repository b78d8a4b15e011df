"""Studies and series by a part of their UID: the beginning of one of any length, or eight and more characters out of its middle or end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.derived import UID_HEAD, UID_TABLES, uid_code

if TYPE_CHECKING:
    import duckdb

_COLUMNS = {"studies": ("StudyInstanceUID", "StudyDescription"), "series": ("SeriesInstanceUID", "SeriesDescription")}
# Shorter pieces are in the middle of thousands of UIDs and mean none of them.
_MIN_INSIDE = 8
# Sorts after every character of a UID.
_AFTER = "~"
_PART = 20
# Each has at least one hit, and no more hits than this are shown.
_MOST_GROUPS = 200
_GROUPS = "(" + " UNION ALL ".join(f"SELECT * FROM {name}" for name in UID_TABLES) + ")"


@dataclass(frozen=True)
class FoundUid:
    """One study or series; ``description`` may be empty."""

    level: str
    uid: str
    collection_id: str
    patient_id: str
    description: str | None


def in_series(connection: duckdb.DuckDBPyConnection, wanted: str, limit: int) -> list[FoundUid]:
    """At most ``limit`` of each level, without a cache: every UID is looked at. A whole UID finds itself alone."""
    found: list[FoundUid] = []
    for level, (column, description) in _COLUMNS.items():
        select = f"SELECT {column}, min(collection_id), min(PatientID), min({description}) FROM series WHERE"
        # A whole UID is found several times faster than a part of one.
        rows = ask(connection, f"{select} {column} = $text GROUP BY 1", {"text": wanted}).fetchall()
        if not rows:
            fits = "contains" if _may_be_inside(wanted) else "starts_with"
            query = f"{select} {fits}({column}, $text) GROUP BY 1 ORDER BY starts_with({column}, $text) DESC, 1 LIMIT $limit"
            rows = ask(connection, query, {"text": wanted, "limit": limit}).fetchall()
        found += [FoundUid(level, *row) for row in rows]
    return found


def in_cache(connection: duckdb.DuckDBPyConnection, wanted: str, limit: int) -> list[FoundUid]:
    """The same with the tables of UIDs that the cache has."""
    whole = _whole(connection, wanted)
    if whole:
        return whole
    begin: dict[str, dict[str, int]] = {level: {} for level in _COLUMNS}
    for level, uid, number in _begin(connection, wanted):
        begin[level][uid] = number
    found = {level: {wanted: uids[wanted]} if wanted in uids else uids for level, uids in begin.items()}
    open_levels = [level for level, uids in found.items() if wanted not in uids and len(uids) < limit]
    if open_levels and _may_be_inside(wanted):
        for level, uid, number in _inside(connection, wanted, open_levels):
            if len(found[level]) < limit:
                found[level].setdefault(uid, number)
            elif all(len(found[name]) >= limit for name in open_levels):
                break
    return [row for level, uids in found.items() for row in _rows(connection, level, list(uids.values())[:limit])]


def _whole(connection: duckdb.DuckDBPyConnection, wanted: str) -> list[FoundUid]:
    """The series with just this UID; those of its study may begin like the study's own."""
    numbers = rows_of(connection, [wanted])
    return [row for row in _rows(connection, "series", numbers) if row.uid == wanted] if numbers else []


def _may_be_inside(wanted: str) -> bool:
    # "10." begins a DOI.
    return len(wanted) >= _MIN_INSIDE and not wanted.startswith("10.")


def _begin(connection: duckdb.DuckDBPyConnection, wanted: str) -> Iterator[tuple[str, str, int]]:
    """Level, UID and ``row_no`` of UIDs that begin so."""
    query = f"SELECT first FROM {_GROUPS} WHERE last >= $text AND first <= $end ORDER BY first LIMIT {_PART}"
    groups = _groups(connection, query, {"text": wanted, "end": wanted + _AFTER})
    return ((level, uid, number) for level, uid, number in _members(groups) if uid.startswith(wanted))


def _inside(connection: duckdb.DuckDBPyConnection, wanted: str, levels: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """Level, UID and ``row_no`` of UIDs that have it anywhere: in the head, in a tail, or across the two."""
    parts = ["contains(tails, $text)", "contains(head, $text)"]
    values: dict[str, object] = {"text": wanted}
    for cut in range(1, min(len(wanted), UID_HEAD)):
        values |= {f"a{cut}": wanted[:cut], f"b{cut}": " " + wanted[cut:]}
        parts.append(f"(suffix(head, $a{cut}) AND contains(tails, $b{cut}))")
    names = ", ".join(f"'{level}'" for level in levels)
    query = f"SELECT first FROM {_GROUPS} WHERE level IN ({names}) AND ({' OR '.join(parts)}) ORDER BY first LIMIT {_MOST_GROUPS}"
    groups = _groups(connection, query, values)
    return ((level, uid, number) for level, uid, number in _members(groups) if wanted in uid)


def _groups(connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, object]) -> duckdb.DuckDBPyConnection:
    """The groups whose ``first`` the query gives: the lists of numbers are read for these only."""
    firsts = [row[0] for row in ask(connection, query, values).fetchall()]
    return ask(
        connection,
        f"SELECT level, head, tails, row_nos FROM {_GROUPS} WHERE first IN (SELECT unnest($firsts::VARCHAR[])) ORDER BY first",
        {"firsts": firsts},
    )


def _members(groups: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, int]]:
    while rows := groups.fetchmany(_PART):
        for level, head, tails, row_nos in rows:
            for tail, number in zip(tails[1:].split(" "), row_nos, strict=True):
                yield level, head + tail, number


def _rows(connection: duckdb.DuckDBPyConnection, level: str, row_nos: list[int]) -> list[FoundUid]:
    column, description = _COLUMNS[level]
    select = f"SELECT row_no, {column}, collection_id, PatientID, {description} FROM"
    # The rows of the cache lie in order, and going to a position is several times faster than looking for a number.
    rows = ask(connection, f"{select} cached.series WHERE rowid IN (SELECT unnest($numbers))", {"numbers": row_nos}).fetchall()
    missing = sorted(set(row_nos) - {row[0] for row in rows})
    if missing:
        # What further files add is not in the cache.
        query = f"{select} series WHERE row_no BETWEEN $low AND $high AND row_no IN (SELECT unnest($numbers))"
        rows += ask(connection, query, {"low": missing[0], "high": missing[-1], "numbers": missing}).fetchall()
    wanted = set(row_nos)
    return [FoundUid(level, *row[1:]) for row in rows if row[0] in wanted]


def rows_of(connection: duckdb.DuckDBPyConnection, uids: Sequence[str]) -> list[int]:
    """With a cache: ``row_no`` of the series with these UIDs, or of the first of each row of the studies; perhaps of others, so UIDs are compared."""
    bindings = Bindings()
    # One is compared in a third of the time that a list of one takes.
    if len(uids) == 1:
        condition = f"code = {uid_code(bindings.add(uids[0]) + '::VARCHAR')}"
    else:
        condition = f"code IN (SELECT {uid_code('uid')} FROM ({bindings.add_texts(uids)}) AS asked(uid))"
    return [row[0] for row in ask(connection, f"SELECT row_no FROM uid_codes WHERE {condition}", bindings.values).fetchall()]
