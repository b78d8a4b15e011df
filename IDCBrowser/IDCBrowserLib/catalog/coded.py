"""Columns of ``series`` as numbers: each text is compared once, and everything after that counts numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.catalog.connection import ask_for_batches

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from numpy.typing import NDArray

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


def alike(values: NDArray[Any]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """For each row the number of its value, counted as values come, and the first row of each value; fast where equal ones stand in runs."""
    starts = np.flatnonzero(np.concatenate([np.ones(min(1, len(values)), np.bool_), values[1:] != values[:-1]]))
    _, index, inverse = np.unique(values[starts], return_index=True, return_inverse=True)
    order = np.argsort(index)
    numbers = np.empty(len(order), np.int32)
    numbers[order] = np.arange(len(order))
    return np.repeat(numbers[inverse], np.diff(np.append(starts, len(values)))), starts[index[order]]


def numbered(columns: Iterable[tuple[NDArray[Any], int]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """``alike`` of rows in several columns, each (n,) numbers from 0 on, and how many there are."""
    key: NDArray[np.int64] | None = None
    size = 1
    for numbers, count in columns:
        if key is None:
            key, size = numbers.astype(np.int64), count
            continue
        if size * count >= 1 << _BITS:
            codes, first = alike(key)
            key, size = codes.astype(np.int64), len(first)
        key = key * count + numbers
        size *= count
    if key is None:
        raise ValueError("no columns")
    return alike(key)


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
        codes, first = alike(word)
        words.append((codes, len(first)))
    numbers, first = numbered(words)
    return numbers, [value[slice(*np.searchsorted(group, [one, one + 1]))].tolist() for one in first.tolist()]


def _dictionaries(files: Sequence[Path], name: str) -> pa.ChunkedArray | None:
    """The column of a file alone that needs no conversion, without a copy of each text; ``tables`` says what is done with others."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if len(files) != 1:
        return None
    try:
        with pq.ParquetFile(files[0], read_dictionary=[name]) as file:
            kind = file.schema_arrow.field(name).type if name in file.schema_arrow.names else pa.null()
            is_text = pa.types.is_dictionary(kind) and (pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type))
            return file.read([name]).column(0) if is_text else None
    except (OSError, pa.ArrowException):
        # DuckDB says what is wrong with it.
        return None


def _batches(connection: duckdb.DuckDBPyConnection, name: str) -> pa.ChunkedArray:
    import pyarrow as pa

    return pa.chunked_array([batch.column(0) for batch in ask_for_batches(connection, f"SELECT {name} FROM series")], pa.string())
