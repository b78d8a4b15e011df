"""Frames of a file that lies elsewhere, each read when it is wanted: where they lie, and fetching them while others are decoded."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.dicom.fragments import Ending, items_of
from IDCBrowserLib.dicom.gathering import Ahead
from IDCBrowserLib.dicom.in_parts import Parts, read_exactly
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Offsets = NDArray[np.int64]

# Frames so near to each other are fetched at once: asking for another part takes as long. Long parts would be waited for before the first is decoded.
_GAP, _LONGEST = 1 << 14, 1 << 18


class FramesInParts:
    """Of ``item`` frame f is the bytes from ``first[f]`` to before ``last[f]``; of compressed ones the fragments with their item headers.

    ``prepare`` the frames that are wanted next, then ask for the ``code`` of each, from any thread. What was fetched and is wanted again is kept.
    """

    def __init__(self, item: Parts, first: Offsets, last: Offsets, compressed: bool) -> None:
        self._item = item
        self._first, self._last = first, last
        self._compressed = compressed
        self._codes: dict[int, bytes] = {}
        self._ahead: Ahead[bytes] | None = None
        # Of each frame that is fetched, the number of its part and where it lies in it.
        self._places: dict[int, tuple[int, int, int]] = {}

    @property
    def sizes(self) -> Offsets:
        """Bytes of each frame."""
        return self._last - self._first

    def bytes_of(self, frames: Iterable[int]) -> int:
        """How many bytes of these frames have to be fetched."""
        missing = np.array([frame for frame in frames if frame not in self._codes and frame < len(self._first)], np.int64)
        return int((self._last[missing] - self._first[missing]).sum())

    def prepare(self, frames: Sequence[int], task: Task) -> None:
        """Begin to fetch them, in this order; what was fetched before and is not wanted now is let go."""
        if self._ahead is not None:
            self._ahead.stop()
        self._codes = {frame: self._codes[frame] for frame in frames if frame in self._codes}
        parts: list[tuple[int, int]] = []
        self._places = {}
        for frame in frames:
            if frame in self._codes or frame >= len(self._first):
                continue
            begin, end = int(self._first[frame]), int(self._last[frame])
            if parts and 0 <= begin - parts[-1][1] <= _GAP and end - parts[-1][0] <= _LONGEST:
                parts[-1] = parts[-1][0], end
            else:
                parts.append((begin, end))
            self._places[frame] = len(parts) - 1, begin - parts[-1][0], end - parts[-1][0]
        self._ahead = Ahead([partial(read_exactly, self._item, *part) for part in parts], task)

    def code(self, frame: int) -> bytes:
        """The stored bytes of a frame. Raises ``ValueError`` where there are none, ``TransferError`` and ``CancelledError``."""
        stored = self._codes.get(frame)
        if stored is None:
            if self._ahead is None or frame not in self._places:
                raise ValueError("the file has fewer tiles than it states")
            part, begin, end = self._places[frame]
            stored = self._codes[frame] = self._ahead.take(part)[begin:end]
        return _joined(stored) if self._compressed else stored


def native_offsets(item: Parts, start: int, size: int, frames: int) -> tuple[Offsets, Offsets]:
    """Of uncompressed frames of ``size`` bytes from ``start`` on; those that lie in the file, the last may be cut off."""
    first = start + np.arange(min(frames, max(0, -(-(item.size - start) // size))), dtype=np.int64) * size
    return first, np.minimum(first + size, item.size)


def compressed_offsets(item: Parts, start: int, extended: bytes, frames: int) -> tuple[Offsets, Offsets] | None:
    """Of encapsulated frames, by the basic offset table at ``start`` or the ``extended`` one (7FE0,0001) (PS3.5 A.4); None where neither fits."""
    (size,) = struct.unpack("<I", read_exactly(item, start + 4, start + 8))
    begin = start + 8 + size
    table, form = (read_exactly(item, start + 8, begin), "I") if 0 < size <= 4 * frames else (extended, "Q")
    width = struct.calcsize(form)
    offsets = struct.unpack(f"<{len(table) // width}{form}", table[: len(table) // width * width])
    if len(offsets) != frames or any(after <= before for before, after in pairwise(offsets)) or begin + offsets[-1] >= item.size:
        return None
    first = begin + np.array(offsets, np.int64)
    return first, np.append(first[1:], item.size)


def no_table(label: str) -> ConversionError:
    """Of compressed frames that are found one after the other only."""
    return ConversionError(f"{label} has no table of its tiles. Download this level to look closer.")


def _joined(stored: bytes) -> bytes:
    """The fragments of a frame without their item headers."""
    fragments, ending = items_of(stored, 0, len(stored))
    if not fragments or ending is Ending.DAMAGED:
        raise ValueError("the table of tiles does not fit them")
    return b"".join(stored[begin:end] for begin, end in fragments)
