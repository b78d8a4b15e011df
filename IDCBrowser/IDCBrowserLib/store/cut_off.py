"""Noticing a file that ends too early, without reading its pixels."""

from __future__ import annotations

from IDCBrowserLib.dicom import lean_reader
from IDCBrowserLib.dicom.lean_reader import DamagedError, HeaderError, LeanHeader, ShortError
from IDCBrowserLib.store import tags

_FLOAT_PIXELS, _PIXELS = 0x7FE00008, 0x7FE00010


def check_not_cut_off(header: LeanHeader) -> None:
    """Raise ``DamagedError`` when the file is shorter than its pixels need. Needs Rows, Columns, Bits Allocated... among the wanted elements."""
    if tags.ROWS not in header.values:
        return
    native = header.syntax in (lean_reader.IMPLICIT_LITTLE, lean_reader.EXPLICIT_LITTLE)
    found = _find_pixels(header)
    if found is not None and found[1] != lean_reader.UNDEFINED:
        needed = found[0] + found[1]
    elif found is None and header.is_whole:
        raise DamagedError("cut off within its header")
    elif found is None and native:
        needed = header.end + _least_pixel_bytes(header.values)
    else:
        needed = 0 if native or found is None or _ends_with_delimiter(header) else _end_of_fragments(header, found[0])
    if needed > header.size:
        raise DamagedError(f"cut off: it has {header.size:,} bytes and should have at least {needed:,}")


def _find_pixels(header: LeanHeader) -> tuple[int, int] | None:
    """Start and length of the pixel data, if its header lies within what was read; (size, 0) when the file properly ends without pixels."""
    position = header.end
    try:
        while position != header.size:
            element = lean_reader.read_element(header.data, position, header.implicit)
            if _FLOAT_PIXELS <= element[0] <= _PIXELS:
                return element[3], element[2]
            position = lean_reader.next_element(header.data, element, header.implicit)
    except (ShortError, HeaderError, RecursionError):
        return None
    return header.size, 0


def _least_pixel_bytes(values: dict[int, bytes]) -> int:
    """What uncompressed pixels need at least (chroma-subsampled color needs two of three bytes)."""
    rows, columns, bits = (int.from_bytes(values.get(tag, b""), "little") for tag in (tags.ROWS, tags.COLUMNS, tags.BITS_ALLOCATED))
    samples = min(2, int.from_bytes(values.get(tags.SAMPLES_PER_PIXEL, b"\1"), "little"))
    try:
        frames = int(values.get(tags.NUMBER_OF_FRAMES, b"1").strip(b"\0 ") or 1)
    except ValueError:
        frames = 1
    return rows * columns * samples * bits * frames // 8


def _ends_with_delimiter(header: LeanHeader) -> bool:
    with open(header.path, "rb", buffering=0) as stream:
        stream.seek(max(0, header.size - 8))
        return stream.read(8) == b"\xfe\xff\xdd\xe0\0\0\0\0"


def _end_of_fragments(header: LeanHeader, position: int) -> int:
    """Where encapsulated pixels end according to their fragments (PS3.5 A.4): beyond the file when they are cut off."""
    with open(header.path, "rb") as stream:
        while position + 8 <= header.size:
            stream.seek(position)
            tag, length, _ = lean_reader.read_item(stream.read(8), 0)
            position += 8
            if tag != lean_reader.ITEM:
                return position
            position += length
    return max(position, header.size + 1)
