"""The stored frames of a SEG that lies elsewhere: only those that are asked for are fetched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.dicom.frames_in_parts import FramesInParts, compressed_offsets, no_table
from IDCBrowserLib.dicom.in_parts import Parts
from IDCBrowserLib.dicom.transfer_syntax import EXPLICIT_BIG, NATIVE
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.seg.bit_layout import bit_layout
from IDCBrowserLib.labelmap.seg.pixels import check_pixels, check_stored
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EXTENDED_OFFSET_TABLE = 0x7FE00001


class PixelsInParts:
    """Of ``item``, whose header is that of ``file``; ``segments`` (F,) is the segment of each frame. ``prepare`` frames before their ``values``.

    Raises ``ConversionError`` for what can be read as a whole only, or is damaged.
    """

    def __init__(self, item: Parts, file: DicomFile, rows: int, columns: int, segments: NDArray[np.int32]) -> None:
        self._stream, self._shape = file.root.stream, (rows, columns)
        self._bits = check_pixels(file)
        assert file.pixels is not None
        self._compressed = file.transfer_syntax not in NATIVE and file.pixels.undefined
        if self._compressed:
            from IDCBrowserLib.dicom.encapsulated import EncapsulatedPixels

            offsets = compressed_offsets(item, file.pixels.start, file.root.raw(_EXTENDED_OFFSET_TABLE), len(segments))
            if offsets is None:
                raise no_table(item.label)
            self._frames = FramesInParts(item, *offsets, compressed=True)
            self._decoder = EncapsulatedPixels(file, rows, columns, self._bits, self._code)
            return
        if file.transfer_syntax == EXPLICIT_BIG:
            raise ConversionError(f"{item.label} is written in big endian and can be read as a whole only. Download it.")
        layout = bit_layout(file, rows * columns, segments)
        check_stored(file, rows, columns, len(segments), self._bits, layout)
        size = rows * columns * self._bits
        first = np.arange(len(segments), dtype=np.int64) * size if layout is None else layout.first
        self._shift = first % 8
        begin = file.pixels.start
        self._frames = FramesInParts(item, begin + first // 8, begin + (first + size + 7) // 8, compressed=False)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """(F,): how many bytes each frame takes."""
        return self._frames.sizes

    def bytes_of(self, frames: Sequence[int]) -> int:
        """How many bytes have to be fetched for these frames."""
        return self._frames.bytes_of(frames)

    def prepare(self, frames: Sequence[int], task: Task) -> None:
        """Begin to fetch them, in this order."""
        self._frames.prepare(frames, task)

    def values(self, frame: int) -> NDArray[Any]:
        """The stored values, (rows, columns). Raises ``ConversionError`` where the frame cannot be decoded, ``TransferError``."""
        if self._compressed:
            return self._decoder.values(frame)
        code, pixels = self._code(frame), self._shape[0] * self._shape[1]
        if self._bits == 1:
            shift = int(self._shift[frame])
            return np.unpackbits(np.frombuffer(code, np.uint8), bitorder="little")[shift : shift + pixels].reshape(self._shape)
        return np.frombuffer(code, "<u2" if self._bits == 16 else np.uint8).reshape(self._shape)

    def _code(self, frame: int) -> bytes:
        try:
            return self._frames.code(frame)
        except ValueError as error:
            self._stream.fail(f"Frame {frame + 1} of Pixel Data (7FE0,0010) cannot be decoded: {error}. Report it to whoever made the file.")
