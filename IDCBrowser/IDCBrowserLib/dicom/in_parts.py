"""The head of a DICOM file that lies elsewhere and is read in parts: its beginning, as many bytes as its header takes."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from IDCBrowserLib.dicom.dicom_file import DicomFile, open_dicom, read_root
from IDCBrowserLib.dicom.elements import PIXEL_DATA
from IDCBrowserLib.dicom.meta import find_data_set
from IDCBrowserLib.dicom.problems import ShortError
from IDCBrowserLib.dicom.stream import Stream
from IDCBrowserLib.dicom.transfer_syntax import DEFLATED
from IDCBrowserLib.errors import ConversionError, TransferError
from IDCBrowserLib.wording import human_size

_SERIES = 0x0020000E
_FIRST = 1 << 16
# That of a SEG grows with its frames; the longest of IDC have some 20 MB.
_MOST = 128 << 20


class Parts(Protocol):
    """A file of ``size`` bytes, ``label`` for messages."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def label(self) -> str:
        """Its name."""

    @property
    def series_uid(self) -> str:
        """The SeriesInstanceUID that it is to state; "" where it may state any."""

    def read(self, start: int, stop: int) -> bytes:
        """Bytes ``start`` to ``stop``."""


def read_exactly(item: Parts, start: int, stop: int) -> bytes:
    """Bytes ``start`` to ``stop``; raises ``TransferError`` where another number of bytes came."""
    data = item.read(start, stop)
    if len(data) != stop - start:
        raise TransferError(f"{len(data):,} bytes of {item.label} came where {stop - start:,} were asked for. Try again.")
    return data


def read_header(item: Parts, here: str | Path = "", last_tag: int = PIXEL_DATA, begun: bytes = b"") -> tuple[DicomFile, bytes]:
    """Everything before the pixel data, and the bytes that were read for it. ``here`` is its path where it is on this computer. With an earlier
    ``last_tag`` only the elements up to that one are read, and there is no pixel data element. ``begun`` are the first bytes, where they were read.

    Raises ``ConversionError`` for deflated files elsewhere, which can be read as a whole only, and headers of absurd length; ``NotDicomError``,
    ``DamagedError``, ``TransferError``, also for an object of another series than the one that was asked for.
    """
    data = begun or read_exactly(item, 0, min(_FIRST, item.size))
    while True:
        try:
            stream = Stream(item.label, data, size=item.size)
            start = find_data_set(stream)
            if start.transfer_syntax == DEFLATED:
                if here:
                    return open_dicom(here), data
                raise ConversionError(f"{item.label} is deflated and can be read as a whole only. Download it.")
            root, pixels = read_root(stream.written(start.implicit, start.big_endian), start.position, last_tag)
            if any(element.stop > len(data) for element in root.table.values()):
                raise ShortError
            check_series(item, root.text(_SERIES))
            return DicomFile(item.label, start, root, pixels, item.size), data
        except ShortError:
            if len(data) >= _MOST:
                raise ConversionError(f"{item.label} has a header of more than {human_size(_MOST)}. Download it.") from None
        data += read_exactly(item, len(data), min(4 * len(data), item.size))


def check_series(item: Parts, stated: str) -> None:
    """Raises ``TransferError`` for an object that states another SeriesInstanceUID than the one that was asked for."""
    if item.series_uid and stated and stated != item.series_uid:
        raise TransferError(f"{item.label} is of another series ({stated[:64]}) than the one asked for ({item.series_uid}), and is not used.")
