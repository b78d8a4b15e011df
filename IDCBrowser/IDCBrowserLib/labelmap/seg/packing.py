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
        # Bit per voxel: belongs to more than one segment.
        self._shared = np.zeros(slices * self.bytes_per_slice, np.uint8) if merged else None

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
        if self._shared is not None:
            return 0, self._cover(self._shared, label, runs)
        for layer in range(len(self._words) + 1):
            if layer == len(self._words):
                self._add_layer()
            voxels = self._try_layer(self._words[layer], label, runs)
            if voxels >= 0:
                return layer, voxels
        raise AssertionError("unreachable: a new layer is empty")

    def overlapping_voxels(self) -> int:
        """Voxels of more than one segment; only of ``merged`` layers."""
        assert self._shared is not None
        return int(_BIT_COUNT[self._shared[np.flatnonzero(self._shared)]].sum())

    def _cover(self, shared: NDArray[np.uint8], label: NDArray[np.uint64], runs: Iterable[Run]) -> int:
        words, voxels = self._words[0], 0
        written = self._ones * label
        for run in runs:
            where, values = self._nonzero(run)
            index = values.astype(np.intp)
            present, added = words.take(where, axis=0), written.take(index, axis=0)
            if present.any():
                full = self._full[index]
                shared[where] |= self._set_voxels(present & full)
                added |= present & ~full
            words[where] = added
            voxels += _count(index)
        return voxels

    def _set_voxels(self, words: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """A byte of bits for each eight voxels: which are not 0."""
        voxels = np.ascontiguousarray(words).view(self._dtype).reshape(-1, 8)
        return np.packbits(voxels != 0, axis=1, bitorder="little").reshape(-1)

    def _try_layer(self, words: NDArray[np.uint64], label: NDArray[np.uint64], runs: Iterable[Run]) -> int:
        """Voxels written, or -1 when the layer holds another segment there (then nothing of this one stays)."""
        voxels = 0
        written = self._ones * label
        for number, run in enumerate(runs):
            where, values = self._nonzero(run)
            # Indices of another type would be converted at each use.
            index = values.astype(np.intp)
            present, added = words.take(where, axis=0), written.take(index, axis=0)
            if present.any():
                if np.bitwise_and(present, self._full[index]).any():
                    self._erase(words, islice(runs, number))
                    return -1
                added |= present
            words[where] = added
            voxels += _count(index)
        return voxels

    def _erase(self, words: NDArray[np.uint64], runs: Iterable[Run]) -> None:
        for run in runs:
            where, values = self._nonzero(run)
            words[where] &= ~self._full[values]

    def _nonzero(self, run: Run) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Indices into the words of a layer, and the bytes of the mask that belong there; only bytes with voxels."""
        where, values = nonzero_bytes(run.packed)
        first = int(run.slices[0])
        if int(run.slices[-1]) - first == len(run.slices) - 1 and (np.diff(run.slices) == 1).all():
            return where + first * self.bytes_per_slice, values
        shift = (run.slices - np.arange(len(run.slices))) * self.bytes_per_slice
        return where + shift[where // self.bytes_per_slice], values


def nonzero_bytes(packed: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Indices of bytes that are not 0, and those bytes. Most are 0: whole words are passed over first.

    Words at addresses that are no multiples of 8 would be copied by numpy, so the first and last bytes are looked at singly.
    """
    lead = min(-packed.__array_interface__["data"][0] % 8, len(packed))
    stop = lead + (len(packed) - lead) // 8 * 8
    words = packed[lead:stop].view(np.uint64)
    found = np.flatnonzero(words != 0)
    content = words[found].view(np.uint8)
    inside = np.flatnonzero(content)
    where, values = (found * 8 + lead)[inside >> 3] + (inside & 7), content[inside]
    ends = np.concatenate([np.arange(lead), np.arange(stop, len(packed))])
    ends = ends[packed[ends] != 0]
    return (np.concatenate([where, ends]), np.concatenate([values, packed[ends]])) if len(ends) else (where, values)


def _count(values: NDArray[np.intp]) -> int:
    """How many bits are set in bytes."""
    return int(np.bincount(values, minlength=256) @ _BIT_COUNT)


def pack(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """A mask as packed bytes, the last byte padded with 0."""
    return np.packbits(mask.reshape(-1), bitorder="little")
