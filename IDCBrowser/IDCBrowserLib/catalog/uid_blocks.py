"""In which blocks of the cache's sorted UIDs a piece of a UID may be: an index of the runs of five characters that stand in each block.

A million UIDs have a thousand blocks; a piece of twelve digits has eight runs, and hardly a block has all of them by chance.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.connection import ask

if TYPE_CHECKING:
    import duckdb

RUN = 5
# The last ones of a long piece: more tell little more, and a UID ends in what is its own.
_MOST_RUNS = 12
_CHARACTERS = "0123456789."
# What else there is stands for one more character, which no piece of a UID has.
_BASE = len(_CHARACTERS) + 1
# That are read at once.
_BLOCKS = 64


def index_blocks(connection: duckdb.DuckDBPyConnection, database: str) -> None:
    """Of ``search_uids`` in ``database`` make ``uid_blocks``, the first and last UID of each block, and ``uid_runs``: for each
    run a bit per block, from the lowest of the first byte on.
    """
    import numpy as np
    import pyarrow as pa

    ends = "SELECT level, block, min(uid) AS first, max(uid) AS last"
    connection.execute(f"CREATE TABLE {database}.uid_blocks AS {ends} FROM {database}.search_uids GROUP BY level, block ORDER BY level, block")
    codes = np.full(256, _BASE - 1, np.uint32)
    codes[[ord(character) for character in _CHARACTERS]] = np.arange(len(_CHARACTERS))
    columns: list[np.ndarray] = []
    last = connection.execute(f"SELECT max(block) FROM {database}.search_uids").fetchall()[0][0]
    number = 0
    # All at once they would not fit into the memory that building may take.
    for first in range(0, 0 if last is None else last + 1, _BLOCKS):
        some = f"{database}.search_uids WHERE block >= {first} AND block < {first + _BLOCKS}"
        for (text,) in connection.execute(f"SELECT string_agg(uid, ' ') FROM {some} GROUP BY block ORDER BY block").fetchall():
            if number % 8 == 0:
                columns.append(np.zeros(_BASE**RUN, np.uint8))
            found = codes[np.frombuffer(text.encode(), np.uint8)]
            runs = found[: max(0, len(found) - RUN + 1)].copy()
            for place in range(1, RUN):
                runs *= _BASE
                runs += found[place : place + len(runs)]
            columns[-1][runs] |= 1 << number % 8
            number += 1
    there = np.flatnonzero(functools.reduce(np.bitwise_or, columns)) if columns else np.zeros(0, np.int64)
    bits = np.zeros((len(there), max(1, len(columns))), np.uint8)
    while columns:
        # Each goes as soon as it was copied.
        column = columns.pop()
        bits[:, len(columns)] = column[there]
    made = pa.table(
        {
            "run": there.astype(np.int32),
            "blocks": pa.FixedSizeBinaryArray.from_buffers(pa.binary(bits.shape[1]), len(there), [None, pa.py_buffer(bits)]),
        }
    )
    connection.register("made_uid_runs", made)
    connection.execute(f"CREATE TABLE {database}.uid_runs AS SELECT * FROM made_uid_runs")
    connection.unregister("made_uid_runs")


def blocks_with(connection: duckdb.DuckDBPyConnection, piece: str) -> list[int]:
    """Numbers of the blocks that may have ``piece`` (digits and dots, at least ``RUN``) in a UID, ascending; all that have it are among them."""
    runs = sorted({_code(piece[place : place + RUN]) for place in range(len(piece) - RUN + 1)[-_MOST_RUNS:]})
    # Each of its own: a list of them is looked up in twice the time.
    query = " UNION ALL ".join(f"SELECT blocks FROM cached_uids.uid_runs WHERE run = {run}" for run in runs)
    found = [int.from_bytes(row[0], "little") for row in ask(connection, query).fetchall()]
    if len(found) < len(runs):
        return []
    common = found[0]
    for bits in found:
        common &= bits
    return [number for number, bit in enumerate(reversed(f"{common:b}")) if bit == "1"]


def _code(run: str) -> int:
    code = 0
    for character in run:
        code = code * _BASE + _CHARACTERS.index(character)
    return code
