"""Tiles of a level that is on this computer: also without an offset table, and of a file that is cut off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.dicom_file import open_dicom
from IDCBrowserLib.dicom.fragments import Span, by_offsets, items_of, offsets_of
from IDCBrowserLib.dicom.odd_colors import native_bytes, odd_colors
from IDCBrowserLib.dicom.regular_file import open_regular
from IDCBrowserLib.dicom.transfer_syntax import DEFLATED, NATIVE
from IDCBrowserLib.dicom.with_pydicom import parse_dataset, problems_named
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.slide.levels import SlideImage
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


class FileTiles:
    """The ``TileSource`` of a file, which is open only while a tile is read: it may be moved or removed meanwhile. (One that is deflated would have
    to be inflated for each.)
    """

    def __init__(self, image: SlideImage) -> None:
        self._image = image
        self._file = open_dicom(image.path)
        if self._file.pixels is None:
            raise ConversionError(f"{image.path} has no pixel data; it is truncated. Download the series again.")
        with open_regular(image.path) as file:
            self._header = parse_dataset(file, image.path, stop_before_pixels=True)
        with problems_named(image.path):
            self.note = odd_colors(self._header, self._file.pixels.stop - self._file.pixels.start)
        self._frames = self._native_frames() if self._file.transfer_syntax in NATIVE else self._packed_frames()
        if self._file.transfer_syntax != DEFLATED:
            self._file = self._file.let_go()

    @property
    def header(self) -> Dataset:
        """See ``TileSource``."""
        return self._header

    def prepare(self, frames: Sequence[int], task: Task) -> None:
        """See ``TileSource``. Raises ``NotFoundError``, ``StorageError`` and ``DamagedError`` for a file that is gone or another one."""
        self._file.pixel_bytes()

    def code(self, frame: int) -> bytes:
        """See ``TileSource``."""
        fragments = self._frames[frame] if frame < len(self._frames) else []
        if not fragments:
            raise ValueError("the file is cut off")
        data = self._file.pixel_bytes()
        return b"".join(bytes(data[begin:end]) for begin, end in fragments)

    def _native_frames(self) -> list[list[Span]]:
        assert self._file.pixels is not None
        size = native_bytes(self._header, self._image.tile_rows * self._image.tile_columns)
        start, stop = self._file.pixels.start, self._file.pixels.stop
        return [[(start + frame * size, min(start + (frame + 1) * size, stop))] for frame in range(self._image.frames)]

    def _packed_frames(self) -> list[list[Span]]:
        """Without an offset table each fragment is a frame, as slides are written; frames that are cut off have no fragment, or are not there."""
        assert self._file.pixels is not None
        items, _ending = items_of(self._file.pixel_bytes(), self._file.pixels.start, self._file.pixels.stop)
        fragments = items[1:]
        offsets = offsets_of(self._file, items[0]) if items and len(fragments) != self._image.frames else []
        if len(offsets) == self._image.frames:
            return by_offsets(items, offsets)
        if len(fragments) > self._image.frames:
            raise ConversionError(
                f"{self._image.path} contains {len(fragments)} fragments for {self._image.frames} tiles, and no table states which belong together."
            )
        return [[fragment] for fragment in fragments]
