"""In which blocks of series a piece of a UID may be: an index of the runs of five characters that stand in the UIDs of each block (``uid_tables``).

A million series have a thousand blocks; a piece of twelve digits has eight runs, and hardly a block has all of them by chance.
"""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.connection import ask

if TYPE_CHECKING:
    import duckdb

# Series in a block: of the fewer studies larger ones do as well.
BLOCK = {"studies": 2500, "series": 1000}
RUN = 5
CHARACTERS = "0123456789."
# What else there is stands for one more character, which no piece of a UID has.
BASE = len(CHARACTERS) + 1
# The last ones of a long piece: more tell little more, and a UID ends in what is its own.
_MOST_RUNS = 12


def blocks_with(connection: duckdb.DuckDBPyConnection, piece: str) -> dict[str, list[int]]:
    """By level the numbers of blocks, ascending: all that have ``piece`` (digits and dots, at least ``RUN``) in a UID, and perhaps others."""
    runs = sorted({_code(piece[place : place + RUN]) for place in range(len(piece) - RUN + 1)[-_MOST_RUNS:]})
    # Each of its own: a list of them is looked up in twice the time.
    query = " UNION ALL ".join(f"SELECT {', '.join(BLOCK)} FROM cached.uid_runs WHERE run = {run}" for run in runs)
    found = ask(connection, query).fetchall()
    if len(found) < len(runs):
        return {level: [] for level in BLOCK}
    each = ((int.from_bytes(bits, "little") for bits in column) for column in zip(*found, strict=True))
    return {level: _numbers(functools.reduce(operator.and_, column)) for level, column in zip(BLOCK, each, strict=True)}


def blocks_beginning(connection: duckdb.DuckDBPyConnection, level: str, piece: str) -> list[int]:
    """Those that may have a UID of series or studies that begins with ``piece`` (digits and dots, at least one)."""
    query = "SELECT blocks FROM cached.uid_begins WHERE level = $level AND starts_with(begin, $text)"
    either = 0
    for row in ask(connection, query, {"level": level, "text": piece[:RUN]}).fetchall():
        either |= int.from_bytes(row[0], "little")
    return _numbers(either)


def _numbers(bits: int) -> list[int]:
    return [number for number, bit in enumerate(reversed(f"{bits:b}")) if bit == "1"]


def _code(run: str) -> int:
    code = 0
    for character in run:
        code = code * BASE + CHARACTERS.index(character)
    return code
