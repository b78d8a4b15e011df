"""Tiles of a level that lies in a bucket, read by range: the header once, then only the tiles that are wanted."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.fragments import Ending, items_of
from IDCBrowserLib.dicom.transfer_syntax import DEFLATED, NATIVE
from IDCBrowserLib.dicom.with_pydicom import problems_named
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.preview.gathering import gather
from IDCBrowserLib.preview.heads import Head, read_head
from IDCBrowserLib.preview.limits import MAX_OBJECT_BYTES, TooLargeError
from IDCBrowserLib.preview.objects import SeriesObject
from IDCBrowserLib.slide.levels import SlideImage
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_UNDEFINED = 0xFFFFFFFF
# So many pixels a side and so many tiles a level at most; whole slides have a tenth of that.
_LARGEST, _MOST_TILES = 1 << 20, 4_000_000


class BucketTiles:
    """The ``TileSource`` of an object of a series, and the ``image`` that it is. Without a table of its tiles it cannot be read by range.

    Raises ``TransferError``, and ``ConversionError`` for what is damaged, no level, or has no such table.
    """

    def __init__(self, item: SeriesObject) -> None:
        self._item = item
        head = read_head(item)
        self._header = head.dataset
        with problems_named(item.label):
            self.image = _image(item, self._header)
            self._spans = self._find(head)
        self._codes: dict[int, bytes] = {}

    @property
    def header(self) -> Dataset:
        """See ``TileSource``."""
        return self._header

    def prepare(self, frames: Sequence[int], task: Task) -> None:
        """Fetch them side by side; what was fetched before and is not wanted now is let go."""
        self._codes = {frame: code for frame, code in self._codes.items() if frame in frames}
        missing = [frame for frame in frames if frame not in self._codes and frame < len(self._spans)]
        size = sum(stop - start for start, stop in (self._spans[frame] for frame in missing))
        if size > MAX_OBJECT_BYTES:
            raise TooLargeError(size)
        found = gather([partial(self._item.read, *self._spans[frame]) for frame in missing], task)
        self._codes.update(zip(missing, found, strict=True))

    def code(self, frame: int) -> bytes:
        """See ``TileSource``."""
        if frame not in self._codes:
            raise ValueError("the file has fewer tiles than it states")
        stored = self._codes[frame]
        return stored if self._is_native else _joined(stored)

    def _find(self, head: Head) -> list[tuple[int, int]]:
        """Where each tile lies in the object; of compressed ones with their item headers."""
        item, frames = self._item, self.image.frames
        big, implicit = head.data[head.pixels : head.pixels + 1] == b"\x7f", self._header.is_implicit_VR
        syntax = str(self._header.file_meta.TransferSyntaxUID)
        self._is_native = syntax in NATIVE
        length_at = head.pixels + (4 if implicit else 8)
        if head.pixels < 0 or syntax == DEFLATED:
            raise ConversionError(f"{item.label} can only be read as a whole. Download this level to look closer.")
        (length,) = struct.unpack(">I" if big else "<I", item.read(length_at, length_at + 4))
        start = length_at + 4
        if self._is_native:
            size = self.image.tile_rows * self.image.tile_columns * int(self._header.SamplesPerPixel) * int(self._header.BitsAllocated) // 8
            return [(start + frame * size, min(start + (frame + 1) * size, item.size)) for frame in range(frames) if start + frame * size < item.size]
        if length != _UNDEFINED:
            raise ConversionError(f"{item.label} is damaged: its compressed pixels state a length.")
        (size,) = struct.unpack("<I", item.read(start + 4, start + 8))
        first = start + 8 + size
        table, form = (item.read(start + 8, first), "I") if 0 < size <= 4 * frames else (bytes(self._header.get("ExtendedOffsetTable") or b""), "Q")
        width = struct.calcsize(form)
        offsets = struct.unpack(f"<{len(table) // width}{form}", table[: len(table) // width * width])
        if len(offsets) != frames or any(after <= before for before, after in pairwise(offsets)) or first + offsets[-1] >= item.size:
            raise ConversionError(f"{item.label} has no table of its tiles. Download this level to look closer.")
        return [(first + begin, first + end) for begin, end in zip(offsets, (*offsets[1:], item.size - first), strict=True)]


def _joined(stored: bytes) -> bytes:
    """The fragments of a tile without their item headers."""
    fragments, ending = items_of(stored, 0, len(stored))
    if not fragments or ending is Ending.DAMAGED:
        raise ValueError("the table of tiles does not fit them")
    return b"".join(stored[begin:end] for begin, end in fragments)


def _image(item: SeriesObject, header: Dataset) -> SlideImage:
    rows, columns = int(header.TotalPixelMatrixRows), int(header.TotalPixelMatrixColumns)
    tile_rows, tile_columns, frames = int(header.Rows), int(header.Columns), int(header.get("NumberOfFrames") or 1)
    if not (
        min(tile_rows, tile_columns, rows, columns) > 0 and max(tile_rows, tile_columns, rows, columns) <= _LARGEST and 0 < frames <= _MOST_TILES
    ):
        raise ConversionError(f"{item.label} states an impossible size: {columns} x {rows} pixels in {frames} tiles.")
    # Only its pixels are wanted: where it lies on the glass is known from the level that is shown.
    place = (0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    return SlideImage(item.label, str(header.SOPInstanceUID), "VOLUME", rows, columns, tile_rows, tile_columns, frames, (1.0, 1.0), *place, "")
