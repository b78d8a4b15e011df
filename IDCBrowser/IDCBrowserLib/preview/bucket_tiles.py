"""Tiles of a level that lies in a bucket, read by range: the header once, then only the tiles that are wanted."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.frames_in_parts import FramesInParts, compressed_offsets, native_offsets, no_table
from IDCBrowserLib.dicom.in_parts import read_exactly
from IDCBrowserLib.dicom.odd_colors import native_bytes, odd_colors
from IDCBrowserLib.dicom.transfer_syntax import DEFLATED, NATIVE
from IDCBrowserLib.dicom.with_pydicom import problems_named
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.preview.heads import Head, read_head
from IDCBrowserLib.preview.limits import MAX_OBJECT_BYTES, TooLargeError
from IDCBrowserLib.preview.objects import SeriesObject
from IDCBrowserLib.slide.levels import SlideImage, check_samples
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
        head = read_head(item)
        self.note = ""
        self._header = head.dataset
        with problems_named(item.label):
            self.image = _image(item, self._header)
            self._frames = self._find(item, head)

    @property
    def header(self) -> Dataset:
        """See ``TileSource``."""
        return self._header

    def prepare(self, frames: Sequence[int], task: Task) -> None:
        """Begin to fetch them. Raises ``TooLargeError``."""
        size = self._frames.bytes_of(frames)
        if size > MAX_OBJECT_BYTES:
            raise TooLargeError(size)
        self._frames.prepare(frames, task)

    def code(self, frame: int) -> bytes:
        """See ``TileSource``."""
        return self._frames.code(frame)

    def _find(self, item: SeriesObject, head: Head) -> FramesInParts:
        """Where each tile lies in the object."""
        frames, header = self.image.frames, self._header
        big, implicit = head.data[head.pixels : head.pixels + 1] == b"\x7f", header.is_implicit_VR
        syntax = str(header.file_meta.TransferSyntaxUID)
        length_at = head.pixels + (4 if implicit else 8)
        if head.pixels < 0 or syntax == DEFLATED:
            raise ConversionError(f"{item.label} can only be read as a whole. Download this level to look closer.")
        (length,) = struct.unpack(">I" if big else "<I", read_exactly(item, length_at, length_at + 4))
        start = length_at + 4
        if syntax in NATIVE:
            self.note = odd_colors(header, length)
            size = native_bytes(header, self.image.tile_rows * self.image.tile_columns)
            return FramesInParts(item, *native_offsets(item, start, size, frames), compressed=False)
        if length != _UNDEFINED:
            raise ConversionError(f"{item.label} is damaged: its compressed pixels state a length.")
        offsets = compressed_offsets(item, start, bytes(header.get("ExtendedOffsetTable") or b""), frames)
        if offsets is None:
            raise no_table(item.label)
        return FramesInParts(item, *offsets, compressed=True)


def _image(item: SeriesObject, header: Dataset) -> SlideImage:
    rows, columns = int(header.TotalPixelMatrixRows), int(header.TotalPixelMatrixColumns)
    tile_rows, tile_columns, frames = int(header.Rows), int(header.Columns), int(header.get("NumberOfFrames") or 1)
    if not (
        min(tile_rows, tile_columns, rows, columns) > 0 and max(tile_rows, tile_columns, rows, columns) <= _LARGEST and 0 < frames <= _MOST_TILES
    ):
        raise ConversionError(f"{item.label} states an impossible size: {columns} x {rows} pixels in {frames} tiles.")
    check_samples(item.label, int(header.get("SamplesPerPixel", 1)))
    # Only its pixels are wanted: where it lies on the glass is known from the level that is shown.
    place = (0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    return SlideImage(item.label, str(header.SOPInstanceUID), "VOLUME", rows, columns, tile_rows, tile_columns, frames, (1.0, 1.0), *place, "")
