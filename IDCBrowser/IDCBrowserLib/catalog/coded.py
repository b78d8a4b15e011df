"""Columns of ``series`` as numbers: each text is compared once, and everything after that counts numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.catalog.connection import ask_for_batches

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from numpy.typing import NDArray

# Series that are decoded at once: less, and the columns of long texts take longer; more, and they take more memory.
_PART = 1 << 16
# Bits of a set that are held in one number.
_BITS = 62


@dataclass(frozen=True)
class Coded:
    """A column: for each row the place of its value among ``values``, -1 where it is empty. (n,) of the fewest bytes."""

    codes: NDArray[np.int16 | np.int32]
    values: list[Any]

    @property
    def column(self) -> tuple[NDArray[np.int16 | np.int32], int]:
        """As ``numbered`` takes it: numbers from 0 on (an empty value is the first), and how many there are."""
        return self.codes + self.codes.dtype.type(1), len(self.values) + 1


def read_texts(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], name: str) -> Coded:
    """A column of texts of ``series``, which ``files`` are, in the order of row_no."""
    chunks = _dictionaries(files, name)
    return coded(chunks if chunks is not None else _batches(connection, name))


def read_runs(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], name: str) -> tuple[NDArray[np.int32], int]:
    """Numbers from 0 on for the texts of such a column, and how many there are: of texts that are nearly all different but stand in runs.

    Only the first of each run is looked up among the others; an empty text is one like any other.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    firsts, starts, length, before = [], [], 0, None
    for part in _parts(connection, files, name):
        texts = part.fill_null("")
        differs = pc.indices_nonzero(pc.not_equal(texts.slice(1), texts.slice(0, len(texts) - 1))).to_numpy().astype(np.int64) + 1
        if len(texts) and texts[0] != before:
            differs = np.concatenate([[0], differs])
        firsts.append(texts.take(pa.array(differs)))
        starts.append(differs + length)
        length += len(texts)
        before = texts[len(texts) - 1] if len(texts) else before
    if not firsts:
        return np.zeros(0, np.int32), 0
    found = pa.chunked_array(firsts).dictionary_encode()
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in found.chunks])
    return np.repeat(codes, np.diff(np.append(np.concatenate(starts), length))), int(codes.max(initial=-1)) + 1


@contextmanager
def lean_memory() -> Iterator[None]:
    """What Arrow takes inside goes back to the system; its own pools keep a hundred megabytes for the next time."""
    import pyarrow as pa

    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


def coded(texts: pa.ChunkedArray) -> Coded:
    """Texts or numbers, perhaps coded already."""
    import pyarrow as pa

    if not pa.types.is_dictionary(texts.type):
        texts = texts.dictionary_encode()
    texts = texts.unify_dictionaries()
    if not texts.num_chunks:
        return Coded(np.zeros(0, np.int32), [])
    values = texts.chunk(0).dictionary.to_pylist()
    kind = np.int16 if len(values) < np.iinfo(np.int16).max else np.int32
    return Coded(np.concatenate([part.indices.fill_null(-1).to_numpy().astype(kind) for part in texts.chunks]), values)


def numbered(columns: Iterable[tuple[NDArray[Any], int]]) -> tuple[NDArray[np.int32], int]:
    """Which rows are alike in all columns: for each row the number of its kind, counted as they come, and how many kinds there are.

    A column is (n,) numbers from 0 on, and how many there are.
    """
    key: NDArray[np.int64] | None = None
    size = 1
    for numbers, count in columns:
        if key is None:
            key, size = numbers.astype(np.int64), count
            continue
        if size * count >= 1 << _BITS:
            key, size = _counted(key)
        key = key * count + numbers
        size *= count
    if key is None:
        raise ValueError("no columns")
    found, size = _counted(key)
    return found.astype(np.int32), size


def members(groups: NDArray[Any], values: NDArray[Any], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each value (0 to ``count`` - 1; less is none) of each group once, as two columns, sorted by both."""
    pairs = (groups.astype(np.int64) * count + values)[values >= 0]
    # Mostly in runs; sorting the rest is faster than looking each up.
    pairs = np.sort(pairs[np.flatnonzero(np.diff(pairs, prepend=-1))])
    pairs = pairs[np.flatnonzero(np.diff(pairs, prepend=-1))]
    return pairs // max(1, count), pairs % max(1, count)


def sets_of(groups: NDArray[Any], group_count: int, values: NDArray[Any], count: int) -> tuple[NDArray[np.int32], list[list[int]]]:
    """The set of values of each group, as its number, and the sets: ascending values, each below ``count``."""
    group, value = members(groups, values, count)
    words = []
    for low in range(0, max(1, count), _BITS):
        inside = (value >= low) & (value < low + _BITS)
        word = np.zeros(group_count, np.int64)
        np.add.at(word, group[inside], np.int64(1) << (value[inside] - low))
        words.append(_counted(word))
    numbers, kinds = numbered(words)
    first = np.zeros(kinds, np.int64)
    first[numbers[::-1]] = np.arange(group_count - 1, -1, -1)
    return numbers, [value[slice(*np.searchsorted(group, [one, one + 1]))].tolist() for one in first.tolist()]


def _counted(key: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    import pyarrow as pa

    found = pa.array(key).dictionary_encode()
    return found.indices.to_numpy().astype(np.int64), len(found.dictionary)


def _dictionaries(files: Sequence[Path], name: str) -> pa.ChunkedArray | None:
    """The column as the file has it, without a copy of each text."""
    import pyarrow.parquet as pq

    file = _file_of_texts(files, name)
    if file is None:
        return None
    file.close()
    with pq.ParquetFile(files[0], read_dictionary=[name]) as opened:
        return opened.read([name]).column(0)


def _parts(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], name: str) -> Iterable[pa.Array]:
    file = _file_of_texts(files, name)
    if file is None:
        yield from _batches(connection, name).chunks
        return
    with file:
        for batch in file.iter_batches(_PART, columns=[name]):
            yield batch.column(0)


def _file_of_texts(files: Sequence[Path], name: str) -> Any:
    """The open file, if there is one alone and its column needs no conversion; ``tables`` says what is done with others."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if len(files) != 1:
        return None
    try:
        file = pq.ParquetFile(files[0])
    except (OSError, pa.ArrowException):
        # DuckDB says what is wrong with it.
        return None
    if name in file.schema_arrow.names:
        kind = file.schema_arrow.field(name).type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return file
    file.close()
    return None


def _batches(connection: duckdb.DuckDBPyConnection, name: str) -> pa.ChunkedArray:
    import pyarrow as pa

    return pa.chunked_array([batch.column(0) for batch in ask_for_batches(connection, f"SELECT {name} FROM series")], pa.string())
