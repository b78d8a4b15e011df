"""Where the frames of a SEG drawn on slide microscopy lie in its total pixel matrix (PS3.3 C.7.6.17.3)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.dicom.elements import Elements
from IDCBrowserLib.labelmap.seg.header import SegHeader

if TYPE_CHECKING:
    from numpy.typing import NDArray

# 1 x 1 tiles could claim as many as there are pixels.
_MOST_TILES = 2_000_000
_PER_FRAME = 0x52009230
_SHARED = 0x52009229


@dataclass(frozen=True)
class SlideTiles:
    """Of each frame, (F,): the ``segment`` that it shows (0 in a label map), ``row`` and ``column`` of its first pixel in the matrix, from 0.

    ``height`` and ``width`` are those of every tile, ``rows`` and ``columns`` those of the matrix; tiles may reach over its edge.
    """

    segment: NDArray[np.int32]
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    height: int
    width: int
    rows: int
    columns: int

    def within(self, rows: tuple[int, int], columns: tuple[int, int]) -> NDArray[np.int64]:
        """Frames of which these rows and columns (first, last + 1) show something."""
        vertical = (self.row < rows[1]) & (self.row + self.height > rows[0])
        horizontal = (self.column < columns[1]) & (self.column + self.width > columns[0])
        return np.flatnonzero(vertical & horizontal)

    def of_segments(self, frames: NDArray[np.int64], seg: SegHeader, numbers: Collection[int]) -> NDArray[np.int64]:
        """Those of ``frames`` that show these segments, in the order of their numbers; of a label map all."""
        if seg.kind == "LABELMAP":
            return frames
        shown = frames[np.isin(self.segment[frames], np.fromiter(numbers, np.int32))]
        return shown[np.argsort(self.segment[shown], kind="stable")]


def matrix_size(seg: SegHeader) -> tuple[int, int]:
    """Total Pixel Matrix Rows and Columns; 0 where they are not stated."""
    return seg.root.unsigned(0x00480007) or 0, seg.root.unsigned(0x00480006) or 0


def read_tiles(seg: SegHeader) -> SlideTiles:
    """Raises ``ConversionError`` for a tile whose place or segment is not stated, or that lies outside of the matrix."""
    root = seg.root
    rows, columns = matrix_size(seg)
    height, width, count = root.unsigned(0x00280010) or 0, root.unsigned(0x00280011) or 0, root.integer(0x00280008) or 1
    if height < 1 or width < 1 or not 1 <= count <= _MOST_TILES:
        sizes = f"{height}, {width} and {count}"
        root.stream.fail(f"Rows (0028,0010), Columns (0028,0011) and Number of Frames (0028,0008) are {sizes}; this is not possible.")
    is_full = root.text(0x00209311) == "TILED_FULL" or _PER_FRAME not in root
    places = _full_places(seg, count, height, width) if is_full else _stated_places(seg, count)
    segment, row, column = places.T
    outside = np.flatnonzero((row < 0) | (row >= rows) | (column < 0) | (column >= columns))
    if len(outside):
        first = int(outside[0])
        root.stream.fail(f"Frame {first + 1} is outside the image, at row {int(row[first]) + 1} and column {int(column[first]) + 1}.")
    return SlideTiles(segment.astype(np.int32), row, column, height, width, rows, columns)


def _stated_places(seg: SegHeader, count: int) -> NDArray[np.int64]:
    """(F, 3): segment, row and column as each frame states them."""
    found = []
    for frame, item in enumerate(seg.root.iterate_items(_PER_FRAME)):
        place = item.first(0x0048021A)
        if place is None:
            seg.root.stream.fail(f"Plane Position (Slide) Sequence (0048,021A) is missing for frame {frame + 1}, so its place is unknown.")
        row, column = place.signed_long(0x0048021F), place.signed_long(0x0048021E)
        if row is None or column is None:
            seg.root.stream.fail(
                f"Row or Column Position In Total Image Pixel Matrix (0048,021F), (0048,021E) is missing for frame {frame + 1}; its place is unknown."
            )
        found.append((_segment_of(seg, item), row - 1, column - 1))
    if len(found) != count:
        seg.root.stream.fail(f"Number of Frames (0028,0008) is {count}, but {len(found)} are described. The file is damaged.")
    if seg.kind != "LABELMAP":
        seg.check_described({segment for segment, _row, _column in found})
    return np.array(found, np.int64)


def _segment_of(seg: SegHeader, item: Elements) -> int:
    if seg.kind == "LABELMAP":
        return 0
    shared = seg.root.first(_SHARED)
    identification = item.first(0x0062000A) or (shared.first(0x0062000A) if shared is not None else None)
    number = identification.unsigned(0x0062000B) if identification is not None else None
    if number is None:
        seg.root.stream.fail("A frame has no Referenced Segment Number (0062,000B), so it belongs to no segment.")
    return number


def _full_places(seg: SegHeader, count: int, height: int, width: int) -> NDArray[np.int64]:
    """(F, 3) of TILED_FULL: tiles row by row, segment after segment."""
    rows, columns = matrix_size(seg)
    across, down = -(-columns // width), -(-rows // height)
    numbers = [0] if seg.kind == "LABELMAP" else list(seg.segments)
    if count != across * down * len(numbers):
        seg.root.stream.fail(f"Number of Frames (0028,0008) is {count} where {down} x {across} tiles of {len(numbers)} segments are required.")
    segment, row, column = np.meshgrid(numbers, np.arange(down) * height, np.arange(across) * width, indexing="ij")
    return np.column_stack([segment.ravel(), row.ravel(), column.ravel()]).astype(np.int64)
