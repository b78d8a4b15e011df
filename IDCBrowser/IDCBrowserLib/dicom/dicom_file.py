"""Opening a DICOM file (PS3.10): where the data set begins, how it is encoded, where its pixel data lies."""

from __future__ import annotations

import mmap
import zlib
from dataclasses import dataclass
from pathlib import Path

from IDCBrowserLib.dicom.elements import Buffer, Element, Elements, Stream
from IDCBrowserLib.errors import ConversionError, InputError, NotFoundError, StorageError

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
NATIVE = (IMPLICIT_LITTLE, EXPLICIT_LITTLE, DEFLATED, EXPLICIT_BIG)
PIXEL_DATA = 0x7FE00010
_FIRST_INFLATED = 1 << 20


@dataclass(frozen=True)
class DicomFile:
    """An open file. ``root`` holds everything before the pixel data; ``pixels`` is the Pixel Data element, or None."""

    path: str
    transfer_syntax: str
    root: Elements
    pixels: Element | None
    _inflater: _Inflater | None = None

    @property
    def pixel_stream(self) -> Stream:
        """The stream that ``pixels`` refers to; for a deflated file this is where the pixel data are inflated."""
        if self._inflater is None or self.pixels is None:
            return self.root.stream
        return Stream(self.path, self._inflater.up_to(self.pixels.stop))


def open_dicom(path: str | Path, last_tag: int = PIXEL_DATA) -> DicomFile:
    """Map the file and read its top-level elements up to ``last_tag``. Raises ``ConversionError``, ``NotFoundError``, ``StorageError``."""
    name = str(path)
    data = _map(name)
    meta, start = _read_meta(name, data)
    syntax = meta.text(0x00020010) if meta else ""
    if syntax == DEFLATED:
        return _open_deflated(name, data, start, last_tag)
    implicit, big = _encoding(data, start, syntax)
    stream = Stream(name, data, implicit, big)
    root, pixels = _read_root(stream, start, len(data), last_tag)
    return DicomFile(name, syntax or (IMPLICIT_LITTLE if implicit else EXPLICIT_LITTLE), root, pixels)


def _map(name: str) -> Buffer:
    try:
        with open(name, "rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        raise NotFoundError(f"{name} does not exist. Check the path.") from None
    except IsADirectoryError:
        raise InputError(f"{name} is a folder. Give one DICOM file of a SEG or RTSTRUCT series.") from None
    except PermissionError as error:
        if Path(name).is_dir():
            raise InputError(f"{name} is a folder. Give one DICOM file of a SEG or RTSTRUCT series.") from None
        raise StorageError(f"{name} may not be read: {error.strerror}. Change its permissions.") from error
    except ValueError:
        raise ConversionError(f"{name} is empty or its name is no path. It is no DICOM file; download it again.") from None
    except OSError as error:
        raise StorageError(f"{name} cannot be read: {error.strerror}.") from error


def _read_meta(name: str, data: Buffer) -> tuple[Elements | None, int]:
    """The file meta information (group 2, always explicit little endian) and where the data set begins."""
    if bytes(data[128:132]) == b"DICM":
        start = 132
    elif bytes(data[:2]) in (b"\x02\0", b"\x08\0") and len(data) > 16:
        start = 0
    else:
        raise ConversionError(f"{name} is no DICOM file (it has no DICM mark). Give a SEG or RTSTRUCT file.")
    stream = Stream(name, data)
    end = start
    while bytes(data[end : end + 2]) == b"\x02\0":
        end = _next_element(stream, end)
    return (Elements.parse(stream, start, end) if end > start else None), end


def _next_element(stream: Stream, position: int) -> int:
    from IDCBrowserLib.dicom.elements import read_element

    return read_element(stream, position, len(stream.data)).next


def _encoding(data: Buffer, start: int, syntax: str) -> tuple[bool, bool]:
    """(implicit, big endian). What the first element looks like overrules a transfer syntax that is absent or contradicts it."""
    head = bytes(data[start : start + 6])
    looks_explicit = len(head) == 6 and head[4:6].isalpha() and head[4:6].isupper()
    if syntax == EXPLICIT_BIG and looks_explicit:
        return False, True
    if not syntax and looks_explicit and head[0] == 0:
        return False, True
    return not looks_explicit, False


def _read_root(stream: Stream, start: int, end: int, last_tag: int) -> tuple[Elements, Element | None]:
    root = Elements.parse(stream, start, end, last_tag=last_tag)
    return root, root.table.pop(PIXEL_DATA, None)


class _Inflater:
    """A deflated data set, inflated only as far as it was asked for."""

    def __init__(self, name: str, data: Buffer, start: int) -> None:
        self._name = name
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._left: bytes = bytes(data[start:])
        self.limit = len(self._left) * 1032 + 64
        self.done = bytearray()

    def up_to(self, size: int) -> bytearray:
        """At least the first ``size`` bytes; fewer only when the stream ends."""
        while len(self.done) < size and not self.ended:
            try:
                self.done += self._inflate.decompress(self._left, size - len(self.done))
            except zlib.error as error:
                raise ConversionError(f"{self._name}: The deflated data set is damaged ({error}). Download it again.") from error
            rest = self._inflate.unconsumed_tail
            if not rest and len(self.done) < size and not self._inflate.eof:
                raise ConversionError(f"{self._name}: The deflated data set ends too early. The file is truncated; download it again.")
            self._left = rest
        return self.done

    @property
    def ended(self) -> bool:
        return self._inflate.eof


def _open_deflated(name: str, data: Buffer, start: int, last_tag: int) -> DicomFile:
    """Inflate until the header is complete, doubling; the pixel data only when they are wanted."""
    inflater = _Inflater(name, data, start)
    size = _FIRST_INFLATED
    while True:
        # A copy of the header: the inflater's buffer grows later.
        head = bytes(inflater.up_to(size))
        # The elements may claim what deflate could possibly yield; the pixel data are checked against it here, not read.
        stream = Stream(name, head)
        try:
            root, pixels = _read_deflated_root(stream, inflater.limit, last_tag)
        except ConversionError:
            if inflater.ended:
                raise
            size *= 2
            continue
        return DicomFile(name, DEFLATED, root, pixels, inflater)


def _read_deflated_root(stream: Stream, limit: int, last_tag: int) -> tuple[Elements, Element | None]:
    from IDCBrowserLib.dicom.elements import read_element

    table: dict[int, Element] = {}
    position, end = 0, len(stream.data)
    while position < end:
        # Only the value of the pixel data may lie beyond what was inflated.
        is_pixels = bytes(stream.data[position : position + 4]) == b"\xe0\x7f\x10\0"
        element = read_element(stream, position, limit if is_pixels and position + 12 <= end else end)
        if element.tag > last_tag:
            break
        table.setdefault(element.tag, element)
        if element.tag == last_tag:
            break
        position = element.next
    root = Elements(stream, table)
    root.charset = root.text(0x00080005)
    return root, root.table.pop(PIXEL_DATA, None)
