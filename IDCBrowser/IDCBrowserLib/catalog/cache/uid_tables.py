"""Makes the index of ``uid_blocks``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.catalog.cache.coded import run_starts
from IDCBrowserLib.catalog.cache.index_file import read_batches, read_coded
from IDCBrowserLib.catalog.cache.uid_blocks import BASE, BLOCK, CHARACTERS, RUN

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from numpy.typing import NDArray

_OTHER = "?"
# By byte of a text the number of its character.
_CODES = bytes(CHARACTERS.index(chr(byte)) if chr(byte) in CHARACTERS else BASE - 1 for byte in range(256))
# Of whole blocks of each level.
_READ = 20_000


def uid_tables(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> dict[str, pa.Table]:
    """Of the UIDs of ``series``, which ``files`` are: ``uid_runs``, for each run a bit per block of each level, from the lowest of the first byte
    on, and ``uid_begins`` likewise for the first run of each UID.
    """
    studies = read_coded(connection, files, ["StudyInstanceUID"])["StudyInstanceUID"]
    made = _Bits(len(studies.codes))
    starts = run_starts([studies.codes])
    made.add("studies", starts, studies.at(starts))
    first = 0
    for batch in read_batches(connection, files, ["SeriesInstanceUID"], _READ):
        made.add("series", np.arange(first, first + len(batch)), batch.column(0))
        first += len(batch)
    return {"uid_runs": made.runs(), "uid_begins": made.begins()}


class _Bits:
    """The bits of the blocks of ``count`` series: by level (bytes, runs)."""

    def __init__(self, count: int) -> None:
        self._bytes = {level: max(1, -(-count // (8 * block))) for level, block in BLOCK.items()}
        self._runs = {level: np.zeros((size, BASE**RUN), np.uint8) for level, size in self._bytes.items()}
        self._begins: dict[tuple[str, int], NDArray[np.uint8]] = {}

    def add(self, level: str, rows: NDArray[np.int64], uids: pa.Array) -> None:
        """UIDs of series or studies in these rows, which ascend."""
        offsets, runs = self._runs_of(uids)
        starts = run_starts([rows // BLOCK[level]])
        for start, end in zip(starts, np.append(starts[1:], len(rows)), strict=True):
            place, bit = divmod(int(rows[start]) // BLOCK[level], 8)
            # Those that reach into the next UID stand there too: a block more to look at is no mistake.
            there = np.zeros(BASE**RUN, np.uint8)
            there[runs[offsets[start] : offsets[end]]] = 1 << bit
            self._runs[level][place] |= there
            for run in np.unique(runs[offsets[start:end]]).tolist():
                self._begins.setdefault((level, run), np.zeros(self._bytes[level], np.uint8))[place] |= 1 << bit

    def _runs_of(self, uids: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
        """Where each UID begins, and the run that begins at each character of them all."""
        import pyarrow as pa

        _valid, places, data = uids.cast(pa.large_string()).buffers()
        offsets = np.frombuffer(places, np.int64, len(uids) + 1, 8 * uids.offset)
        text = bytes(data or b"")[offsets[0] : offsets[-1]] + _OTHER.encode() * RUN
        one = np.frombuffer(text.translate(_CODES), np.uint8)
        # Two characters, four, five: in the fewest bytes, and last as places of an array are given.
        two = one[:-1] * np.uint8(BASE) + one[1:]
        four = two[:-2] * np.uint16(BASE**2) + two[2:]
        return offsets - offsets[0], four[:-1] * np.intp(BASE) + one[4:]

    def runs(self) -> pa.Table:
        """Those that there are, with their bits."""
        import pyarrow as pa

        there = np.flatnonzero(np.logical_or.reduce([bits.any(axis=0) for bits in self._runs.values()]))
        blocks = {level: _binary(np.ascontiguousarray(bits[:, there].T)) for level, bits in self._runs.items()}
        return pa.table({"run": there.astype(np.int32), **blocks})

    def begins(self) -> pa.Table:
        """The first runs of UIDs as texts, with their bits."""
        import pyarrow as pa

        keys = sorted(self._begins)
        bits = pa.array([self._begins[key].tobytes() for key in keys], pa.binary())
        levels, texts = [level for level, _ in keys], [_text(run) for _, run in keys]
        return pa.table({"level": pa.array(levels, pa.string()), "begin": pa.array(texts, pa.string()), "blocks": bits})


def _binary(bits: NDArray[np.uint8]) -> pa.Array:
    """(n, bytes) as a column."""
    import pyarrow as pa

    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(bits.shape[1]), len(bits), [None, pa.py_buffer(bits)])


def _text(code: int) -> str:
    return "".join((CHARACTERS + _OTHER)[code // BASE**place % BASE] for place in reversed(range(RUN)))
