"""Opening a DICOM file (PS3.10): everything before its pixel data as ``Elements``, and where its pixel data lies."""

from __future__ import annotations

import mmap
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path

from IDCBrowserLib.dicom.elements import PIXEL_DATA, Element, Elements
from IDCBrowserLib.dicom.inflate import MOST_BYTES, Inflater
from IDCBrowserLib.dicom.meta import DataSetStart, find_data_set
from IDCBrowserLib.dicom.pixel_size import SIZE_TAGS, PixelSize
from IDCBrowserLib.dicom.problems import ShortError, damaged, not_dicom
from IDCBrowserLib.dicom.regular_file import open_regular, unreadable
from IDCBrowserLib.dicom.stream import Stream
from IDCBrowserLib.dicom.transfer_syntax import DEFLATED

_SOP_CLASS = 0x00080016
_FIRST_INFLATED = 1 << 20


@dataclass(frozen=True)
class DicomFile:
    """A file of ``size`` bytes. ``root`` holds everything before the pixel data; ``pixels`` is the Pixel Data element, or None."""

    path: str
    start: DataSetStart
    root: Elements
    pixels: Element | None
    size: int
    _inflater: Inflater | None = None

    @property
    def transfer_syntax(self) -> str:
        """As stated, or as it was found where none is stated."""
        return self.start.transfer_syntax

    @property
    def sop_class(self) -> str:
        """SOP Class UID (0008,0016); empty where it is not stated."""
        return self.root.text(_SOP_CLASS)

    @property
    def header_size(self) -> int:
        """Bytes before the pixel data, inflated."""
        return len(self.root.stream.data) if self.pixels is None else self.pixels.start

    @property
    def pixel_size(self) -> PixelSize:
        """What the header says about the size of the pixel data."""
        return PixelSize.of({tag: self.root.raw(tag) for tag in SIZE_TAGS}, self.root.stream.big_endian)

    def pixel_bytes(self) -> bytes | bytearray | mmap.mmap:
        """The bytes that ``pixels`` refers to. The pixel data of a deflated file are inflated here, as far as the header promises.

        Raises ``DamagedError`` where they are cut off or larger, or where the file has changed since it was let go.
        """
        if self.pixels is None or isinstance(self.root.stream.data, mmap.mmap):
            return self.root.stream.data
        inflater = self._inflater
        if inflater is None:
            with open_regular(self.path) as file:
                data = _map(self.path, file)
            if len(data) != self.size:
                raise damaged(self.path, "it has changed while it was used")
            if self.transfer_syntax != DEFLATED:
                return data
            inflater = _inflater(self.path, data, self.start)
            inflater.allow(self.pixel_size.stored_bytes)
        return inflater.up_to(self.pixels.stop)

    def let_go(self) -> DicomFile:
        """The same without the file being open: what is before the pixel data is copied, so that the file can be moved or removed meanwhile."""
        stream = self.root.stream
        if not isinstance(stream.data, mmap.mmap):
            return replace(self, _inflater=None)
        head = stream.data[: self.size if self.pixels is None else self.pixels.start]
        stream.data.close()
        copied = Stream(self.path, head, stream.implicit, stream.big_endian, self.size)
        return replace(self, root=Elements(copied, self.root.table, self.root.charset))


def opened(source: str | Path | DicomFile) -> DicomFile:
    """A file that may be open already."""
    return source if isinstance(source, DicomFile) else open_dicom(source)


def open_dicom(path: str | Path) -> DicomFile:
    """Map the file and read its top-level elements up to the pixel data.

    Raises ``NotDicomError``, ``DamagedError``, ``NotFoundError``, ``StorageError``.
    """
    name = str(path)
    with open_regular(name) as file:
        return map_dicom(name, file)


def map_dicom(name: str, file: FileIO) -> DicomFile:
    """As ``open_dicom``, of a file that is open; it can be closed afterwards."""
    data = _map(name, file)
    stream = Stream(name, data)
    start = find_data_set(stream)
    if start.transfer_syntax == DEFLATED:
        return inflate_header(name, start, len(data), _inflater(name, data, start))
    root, pixels = read_root(stream.written(start.implicit, start.big_endian), start.position)
    return DicomFile(name, start, root, pixels, len(data))


def _map(name: str, file: FileIO) -> mmap.mmap:
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError:
        # It was emptied since it was opened.
        raise not_dicom(name, "empty") from None
    except OSError as error:
        raise unreadable(name, error) from error


def read_root(stream: Stream, position: int, last_tag: int = PIXEL_DATA) -> tuple[Elements, Element | None]:
    """The elements before the pixel data, or up to ``last_tag``, and the Pixel Data element; raises ``ShortError`` where the stream is only the
    beginning of a file.
    """
    root = Elements.parse(stream, position, stream.size, last_tag=last_tag)
    return root, root.table.pop(PIXEL_DATA, None)


def _inflater(name: str, data: mmap.mmap, start: DataSetStart) -> Inflater:
    data.seek(start.position)
    return Inflater(name, data, len(data))


def inflate_header(name: str, start: DataSetStart, packed_size: int, inflater: Inflater) -> DicomFile:
    """Of a deflated file: inflate until the header is complete, doubling, and allow what it promises; the pixel data only when they are wanted."""
    size = _FIRST_INFLATED
    while True:
        # A copy of the header: the inflater's buffer grows later.
        head = bytes(inflater.up_to(size))
        # Elements may claim what the rest could hold; only the value of the pixel data may not be there yet.
        stream = Stream(name, head, size=len(head) if inflater.ended else MOST_BYTES)
        try:
            root, pixels = read_root(stream, 0)
        except ShortError:
            size *= 2
            continue
        found = DicomFile(name, start, root, pixels, packed_size, inflater)
        inflater.allow(found.pixel_size.stored_bytes)
        return found
