"""Columns as numbers of their values: each text is compared once, and everything after that counts numbers."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

# Bits of a set that are held in one number.
_BITS = 62


@dataclass(frozen=True)
class Coded:
    """A column: for each row the place of its value among ``texts`` (or numbers), -1 where it is empty. (n,) of the fewest bytes."""

    codes: NDArray[np.int16 | np.int32]
    texts: pa.Array

    @functools.cached_property
    def values(self) -> list[Any]:
        """The different values."""
        values: list[Any] = self.texts.to_pylist()
        return values

    @property
    def column(self) -> tuple[NDArray[np.int16 | np.int32], int]:
        """As ``numbered`` takes it: numbers from 0 on (an empty value is the first), and how many there are."""
        return self.codes + self.codes.dtype.type(1), len(self.texts) + 1

    def at(self, rows: NDArray[np.int64]) -> pa.Array:
        """The values of some rows."""
        import pyarrow as pa

        codes = self.codes[rows]
        return self.texts.take(pa.array(codes, mask=codes < 0))


def coded(column: pa.ChunkedArray) -> Coded:
    """Texts or numbers, perhaps coded already."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries()
    if not column.num_chunks:
        return Coded(np.zeros(0, np.int32), pa.array([], column.type.value_type))
    texts = column.chunk(0).dictionary
    kind = np.int16 if len(texts) < np.iinfo(np.int16).max else np.int32
    return Coded(np.concatenate([_indices(part.indices).astype(kind) for part in column.chunks]), texts)


def _indices(numbers: pa.Array) -> NDArray[np.int32]:
    """-1 where it is empty; Arrow's own way of saying so takes longer."""
    valid, values = numbers.buffers()
    found = np.frombuffer(values, np.int32, len(numbers), 4 * numbers.offset)
    if not numbers.null_count:
        return found
    bits = np.unpackbits(np.frombuffer(valid, np.uint8), count=numbers.offset + len(numbers), bitorder="little")
    return np.where(bits[numbers.offset :], found, np.int32(-1))


def numbered(columns: Iterable[tuple[NDArray[Any], int]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """For each row the number of its values in several columns, counted as they come, and the first row of each; fast where equal ones stand in runs.

    Each column is (n,) numbers from 0 on, and how many there are.
    """
    each = list(columns)
    starts = run_starts(numbers for numbers, _ in each)
    key, size = np.zeros(len(starts), np.int64), 1
    for numbers, count in each:
        if size * count >= 1 << _BITS:
            key, size = _alike(key)
        key = key * count + numbers[starts]
        size *= count
    found, _ = _alike(key)
    # Each new one has the next number.
    first = starts[np.flatnonzero(np.diff(np.maximum.accumulate(found), prepend=-1))]
    return repeated(found.astype(np.int32), starts, len(each[0][0])), first


def run_starts(columns: Iterable[NDArray[Any]]) -> NDArray[np.int64]:
    """Where a row differs from the one before it in any of the columns."""
    each = list(columns)
    changes = functools.reduce(np.logical_or, (numbers[1:] != numbers[:-1] for numbers in each))
    return np.concatenate([np.zeros(min(1, len(each[0])), np.int64), np.flatnonzero(changes) + 1])


def repeated(values: NDArray[Any], starts: NDArray[np.int64], count: int) -> NDArray[Any]:
    """Of values of runs those of all ``count`` rows."""
    return np.repeat(values, np.diff(np.append(starts, count)))


def _alike(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """The number of each value, counted as they come, and how many there are."""
    import pyarrow as pa

    found = pa.array(values).dictionary_encode()
    return found.indices.to_numpy().astype(np.int64), len(found.dictionary)


def members(groups: NDArray[Any], values: NDArray[Any], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each value (0 to ``count`` - 1; less is none) of each group once, as two columns, sorted by both."""
    starts = run_starts([groups, values])
    starts = starts[values[starts] >= 0]
    # Mostly in runs; sorting the rest is faster than looking each up.
    pairs = np.sort(groups[starts].astype(np.int64) * count + values[starts])
    pairs = pairs[np.flatnonzero(np.diff(pairs, prepend=-1))]
    return pairs // max(1, count), pairs % max(1, count)


def sets_of(groups: NDArray[Any], group_count: int, values: NDArray[Any], count: int) -> tuple[NDArray[np.int32], list[list[int]]]:
    """The set of values (0 to ``count`` - 1) of each group, as its number, and the sets: ascending values."""
    starts = run_starts([groups, values])
    group, value = groups[starts], values[starts]
    words = []
    for low in range(0, max(1, count), _BITS):
        inside = (value >= low) & (value < low + _BITS)
        word = np.zeros(group_count, np.int64)
        np.bitwise_or.at(word, group[inside], np.int64(1) << (value[inside] - low))
        words.append(word)
    numbers, first = numbered(map(_alike, words))
    chosen = [sum(int(word[one]) << place * _BITS for place, word in enumerate(words)) for one in first]
    return numbers, [[place for place in range(count) if bits >> place & 1] for bits in chosen]
