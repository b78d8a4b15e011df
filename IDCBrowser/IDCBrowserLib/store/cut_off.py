"""Detects truncated files without reading their pixels."""

from __future__ import annotations

from io import FileIO

from IDCBrowserLib.dicom.elements import FIRST_PIXELS, ITEM, Element, read_element
from IDCBrowserLib.dicom.first_elements import FirstElements
from IDCBrowserLib.dicom.pixel_size import ROWS, PixelSize
from IDCBrowserLib.dicom.problems import ShortError, cut_off
from IDCBrowserLib.dicom.scan import TagSelection, scan
from IDCBrowserLib.dicom.stream import Stream
from IDCBrowserLib.dicom.transfer_syntax import NATIVE

_BEFORE_PIXELS = TagSelection(frozenset(), FIRST_PIXELS - 1)


def check_not_cut_off(found: FirstElements, file: FileIO) -> None:
    """Raise ``DamagedError`` when the file is shorter than its pixels need, or ends within what it was deflated to.

    Needs the elements of ``pixel_size`` among the wanted ones.
    """
    if found.inflater is not None:
        found.inflater.allow(PixelSize.of(found.values, False).stored_bytes)
        found.inflater.check_end()
    elif ROWS in found.values:
        _check_pixels(found, file)


def _check_pixels(found: FirstElements, file: FileIO) -> None:
    stream = found.stream
    native = found.start.transfer_syntax in NATIVE
    try:
        pixels = _find_pixels(stream, found.end)
    except ShortError:
        needed = found.end + PixelSize.of(found.values, stream.big_endian).least_stored_bytes if native else 0
    else:
        is_open = pixels is not None and pixels.undefined and not native and not _ends_with_delimiter(file, stream.size)
        needed = _end_of_fragments(file, pixels.start, stream.size) if pixels is not None and is_open else 0
    if needed > stream.size:
        raise cut_off(stream.path, f"it has {stream.size:,} bytes and should have at least {needed:,}")


def _find_pixels(stream: Stream, position: int) -> Element | None:
    """The element of the pixels, which lies within the file; None when that properly ends without. ``ShortError``: not among what was read."""
    position = scan(stream, position, _BEFORE_PIXELS)[1]
    return read_element(stream, position, stream.size) if position != stream.size else None


def _ends_with_delimiter(file: FileIO, size: int) -> bool:
    file.seek(max(0, size - 8))
    return file.read(8) == b"\xfe\xff\xdd\xe0\0\0\0\0"


def _end_of_fragments(file: FileIO, position: int, size: int) -> int:
    """Where encapsulated pixels end according to their fragments (PS3.5 A.4): beyond the file when they are cut off."""
    while position + 8 <= size:
        file.seek(position)
        head = file.read(8) or b""
        position += 8
        if int.from_bytes(head[:2], "little") << 16 | int.from_bytes(head[2:4], "little") != ITEM:
            return position
        position += int.from_bytes(head[4:], "little")
    return max(position, size + 1)
