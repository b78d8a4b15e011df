"""Bit-packed masks written into label layers, eight voxels at a time, zero bytes skipped.

A frame is a row of bytes, the first pixel in the lowest bit (PS3.5 8.1.1). A layer of type uint8 is looked at as one uint64 per eight voxels, so
that a byte of the mask becomes one word of the layer through a table of 256 entries; wider types take two or four words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")
_BIT_COUNT = _BITS.sum(axis=1).astype(np.int64)


@dataclass(frozen=True)
class Run:
    """Frames of one segment: ``packed`` holds their bytes end to end, frame n of them on slice ``slices[n]``."""

    packed: NDArray[np.uint8]
    slices: NDArray[np.int64]


class PackedLayers:
    """Label layers of ``slices`` x ``pixels`` voxels, filled segment by segment from packed masks."""

    def __init__(self, slices: int, pixels: int, dtype: np.dtype[Any], *, merged: bool = False) -> None:
        """``merged``: one layer, in which a segment added later covers earlier ones."""
        self._slices = slices
        self._pixels = pixels
        self._dtype = np.dtype(dtype)
        self.bytes_per_slice = (pixels + 7) // 8
        # For each byte: the words with 1 in each voxel that is set, and the words with all bits of those voxels set.
        ones = _BITS.astype(self._dtype)
        self._words_per_byte = self._dtype.itemsize
        self._ones = self._table(ones)
        self._full = self._table(ones * self._dtype.type(np.iinfo(self._dtype).max))
        self._words: list[NDArray[np.uint64]] = []
        self._add_layer()
        # Bit per voxel: belongs to a segment; belongs to more than one.
        self._claimed = np.zeros((2, slices * self.bytes_per_slice), np.uint8) if merged else None

    def _table(self, voxels: NDArray[Any]) -> NDArray[np.uint64]:
        """(256, 8) voxels as words: (256,) where one word holds eight voxels, which is faster to index than (256, n)."""
        words = np.ascontiguousarray(voxels).view(np.uint64)
        return words.reshape(256) if self._words_per_byte == 1 else words

    def _add_layer(self) -> None:
        size = self._slices * self.bytes_per_slice
        self._words.append(np.zeros(size if self._words_per_byte == 1 else (size, self._words_per_byte), np.uint64))

    def arrays(self, rows: int, columns: int) -> tuple[NDArray[Any], ...]:
        """The layers as (k, j, i)."""
        found = []
        for words in self._words:
            flat = words.view(self._dtype).reshape(self._slices, self.bytes_per_slice * 8)
            if self._pixels % 8:
                flat = np.ascontiguousarray(flat[:, : self._pixels])
            found.append(flat.reshape(self._slices, rows, columns))
        return tuple(found)

    def add(self, label_value: int, runs: Iterable[Run]) -> tuple[int, int]:
        """Write a segment into the first layer where it meets no other. No two runs may share a slice. Gives (layer, voxels)."""
        label = np.array([label_value], np.uint64)
        if self._claimed is not None:
            return 0, self._cover(self._claimed, label, runs)
        for layer in range(len(self._words) + 1):
            if layer == len(self._words):
                self._add_layer()
            voxels = self._try_layer(self._words[layer], label, runs)
            if voxels >= 0:
                return layer, voxels
        raise AssertionError("unreachable: a new layer is empty")

    def overlapping_voxels(self) -> int:
        """Voxels of more than one segment; only of ``merged`` layers."""
        assert self._claimed is not None
        return sum(int(_BIT_COUNT[part].sum()) for part in np.array_split(self._claimed[1], self._slices))

    def _cover(self, claimed: NDArray[np.uint8], label: NDArray[np.uint64], runs: Iterable[Run]) -> int:
        words, voxels = self._words[0], 0
        for run in runs:
            where, values = self._nonzero(run)
            claimed[1][where] |= claimed[0][where] & values
            claimed[0][where] |= values
            words[where] = words[where] & ~self._full[values] | self._ones[values] * label
            voxels += int(_BIT_COUNT[values].sum())
        return voxels

    def _try_layer(self, words: NDArray[np.uint64], label: NDArray[np.uint64], runs: Iterable[Run]) -> int:
        """Voxels written, or -1 when the layer holds another segment there (then nothing of this one stays)."""
        voxels = 0
        for number, run in enumerate(runs):
            where, values = self._nonzero(run)
            if not len(where):
                continue
            present = words[where]
            if np.bitwise_and(present, self._full[values]).any():
                self._erase(words, islice(runs, number))
                return -1
            present |= self._ones[values] * label
            words[where] = present
            voxels += int(_BIT_COUNT[values].sum())
        return voxels

    def _erase(self, words: NDArray[np.uint64], runs: Iterable[Run]) -> None:
        for run in runs:
            where, values = self._nonzero(run)
            words[where] &= ~self._full[values]

    def _nonzero(self, run: Run) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Indices into the words of a layer, and the bytes of the mask that belong there; only bytes with voxels."""
        where = nonzero_bytes(run.packed)
        values = run.packed[where]
        first = int(run.slices[0])
        if int(run.slices[-1]) - first == len(run.slices) - 1 and (np.diff(run.slices) == 1).all():
            return where + first * self.bytes_per_slice, values
        shift = (run.slices - np.arange(len(run.slices))) * self.bytes_per_slice
        return where + shift[where // self.bytes_per_slice], values


def nonzero_bytes(packed: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Indices of bytes that are not 0. Most are: whole words are passed over first."""
    if len(packed) % 8:
        return np.flatnonzero(packed != 0)
    words = np.flatnonzero(packed.view(np.uint64) != 0)
    candidates = (words[:, None] * 8 + np.arange(8)).reshape(-1)
    return np.asarray(candidates[packed[candidates] != 0])


def pack(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """A mask as packed bytes, the last byte padded with 0."""
    return np.packbits(mask.reshape(-1), bitorder="little")
