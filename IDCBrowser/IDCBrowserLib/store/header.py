"""The few elements a database needs, read from the first kilobytes of a file: many times faster than building a data set.

Covers explicit and implicit VR little endian, which is nearly everything (PS3.5 7 and PS3.10 7); the rest is left to pydicom.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from struct import Struct

from IDCBrowserLib.store import tags

IMPLICIT_LITTLE = b"1.2.840.10008.1.2"
EXPLICIT_LITTLE = b"1.2.840.10008.1.2.1"
_LEFT_TO_PYDICOM = {b"1.2.840.10008.1.2.2", b"1.2.840.10008.1.2.1.99"}
# How a file without preamble may start: group 2 or 8, in either byte order.
_FIRST_GROUPS = {b"\x02\x00", b"\x08\x00", b"\x00\x02", b"\x00\x08"}
_DICOMDIR = b"1.2.840.10008.1.3.10"

_FIRST_READ = 16 << 10
_SECOND_READ = 512 << 10

_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_FLOAT_PIXELS, _PIXELS = 0x7FE00008, 0x7FE00010
_TRANSFER_SYNTAX = 0x00020010
_LONG_FORM = frozenset((b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UN", b"UT", b"UC", b"UR", b"SV", b"UV"))
_VR_LETTERS = frozenset(range(ord("A"), ord("Z") + 1))

_SHORT_ELEMENT = Struct("<HH2sH")
_IMPLICIT_ELEMENT = Struct("<HHI")
_LENGTH = Struct("<I")

# Where the wanted elements end; only radiotherapy objects have some further on.
_LAST_WANTED = {b"RTIMAGE": tags.RT_IMAGE_DESCRIPTION, b"RTSTRUCT": tags.STRUCTURE_SET_NAME, b"RTPLAN": tags.RT_PLAN_NAME}


class HeaderError(Exception):
    """The file cannot be taken into a database; the text says why, as the end of a sentence: "left out: ..."."""


class DamagedError(HeaderError):
    """The file is DICOM, but cut off, damaged or unreadable."""


@dataclass(frozen=True)
class Header:
    """``values``: the bytes of each wanted element by tag; absent elements are absent."""

    values: dict[int, bytes]
    big_endian: bool = False


@dataclass(frozen=True)
class _File:
    path: str
    size: int
    syntax: bytes


class _ShortError(Exception):
    """The buffer ends before the element does."""


def read_header(path: str) -> Header:
    """The wanted elements of a file. Raises ``HeaderError`` for what is not DICOM, cut off, or a DICOMDIR."""
    try:
        with open(path, "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            data = b""
            for more in (_FIRST_READ, _SECOND_READ, size):
                data += file.read(more)
                try:
                    return _parse(path, data, size)
                except _ShortError:
                    if len(data) >= size:
                        break
    except OSError as error:
        raise DamagedError(f"cannot be read ({error.strerror})") from error
    raise DamagedError("cut off within its header")


def _parse(path: str, data: bytes, size: int) -> Header:
    if data[128:132] != b"DICM":
        if data[:2] not in _FIRST_GROUPS:
            raise HeaderError("not a DICOM file")
        return _with_pydicom(path)
    syntax, start = _meta(data)
    if syntax in _LEFT_TO_PYDICOM:
        return _with_pydicom(path)
    implicit = syntax == IMPLICIT_LITTLE
    # Some writers state one encoding and use the other.
    looks_explicit = len(data) >= start + 6 and data[start + 4] in _VR_LETTERS and data[start + 5] in _VR_LETTERS
    if looks_explicit == implicit and len(data) >= start + 8:
        return _with_pydicom(path)
    values, end = (_implicit if implicit else _explicit)(data, start, len(data) == size)
    if tags.ROWS in values:
        _check_pixels(_File(path, size, syntax), values, data, end)
    return Header(values)


def _meta(data: bytes) -> tuple[bytes, int]:
    """The transfer syntax, and where the data set starts."""
    position, syntax = 132, b""
    while position + 8 <= len(data):
        group, element, vr, length = _SHORT_ELEMENT.unpack_from(data, position)
        if group != 2:
            return syntax or EXPLICIT_LITTLE, position
        start = position + 8
        if vr in _LONG_FORM:
            if start + 4 > len(data):
                raise _ShortError
            length, start = _LENGTH.unpack_from(data, start)[0], start + 4
        if group << 16 | element == _TRANSFER_SYNTAX:
            syntax = data[start : start + length].rstrip(b"\0 ")
        elif element == 2 and data[start : start + length].rstrip(b"\0 ") == _DICOMDIR:
            raise HeaderError("a DICOMDIR, an index of other files")
        position = start + length
    raise _ShortError


def _explicit(data: bytes, position: int, is_whole: bool) -> tuple[dict[int, bytes], int]:
    values: dict[int, bytes] = {}
    wanted, unpack, size, last = tags.WANTED, _SHORT_ELEMENT.unpack_from, len(data), tags.BITS_ALLOCATED
    while position + 8 <= size:
        group, element, vr, length = unpack(data, position)
        tag = group << 16 | element
        if tag > last:
            return values, position
        start = position + 8
        if vr in _LONG_FORM:
            if start + 4 > size:
                raise _ShortError
            length, start = _LENGTH.unpack_from(data, start)[0], start + 4
        if length == _UNDEFINED:
            position = _skip_items(data, start, vr == b"UN")
            continue
        position = start + length
        if tag in wanted:
            if position > size:
                raise _ShortError
            values[tag] = data[start:position]
            if tag == tags.MODALITY:
                last = _LAST_WANTED.get(data[start:position].strip(b"\0 "), last)
    return values, _at_the_end(position, size, is_whole)


def _implicit(data: bytes, position: int, is_whole: bool) -> tuple[dict[int, bytes], int]:
    values: dict[int, bytes] = {}
    wanted, unpack, size, last = tags.WANTED, _IMPLICIT_ELEMENT.unpack_from, len(data), tags.BITS_ALLOCATED
    while position + 8 <= size:
        group, element, length = unpack(data, position)
        tag = group << 16 | element
        if tag > last:
            return values, position
        start = position + 8
        if length == _UNDEFINED:
            position = _skip_items(data, start, True)
            continue
        position = start + length
        if tag in wanted:
            if position > size:
                raise _ShortError
            values[tag] = data[start:position]
            if tag == tags.MODALITY:
                last = _LAST_WANTED.get(data[start:position].strip(b"\0 "), last)
    return values, _at_the_end(position, size, is_whole)


def _at_the_end(position: int, size: int, is_whole: bool) -> int:
    """An object without pixels may simply end; one byte too few or too many in the file means that it was cut."""
    if not is_whole or position != size:
        raise _ShortError
    return position


def _skip_items(data: bytes, position: int, implicit: bool) -> int:
    """Past a sequence of undefined length, nested ones included."""
    while True:
        tag, length, position = _item(data, position)
        if tag == _SEQUENCE_END:
            return position
        if tag != _ITEM:
            raise DamagedError("damaged (a sequence holds something that is no item)")
        position = _skip_elements(data, position, implicit) if length == _UNDEFINED else position + length


def _item(data: bytes, position: int) -> tuple[int, int, int]:
    if position + 8 > len(data):
        raise _ShortError
    group, element, length = _IMPLICIT_ELEMENT.unpack_from(data, position)
    return group << 16 | element, length, position + 8


def _skip_elements(data: bytes, position: int, implicit: bool) -> int:
    """Past an item of undefined length, its delimiter included."""
    while True:
        tag, length, start = _item(data, position)
        if tag == _ITEM_END:
            return start
        vr = b""
        if not implicit:
            vr = data[position + 4 : position + 6]
            length = int.from_bytes(data[position + 6 : position + 8], "little")
            if vr in _LONG_FORM:
                if start + 4 > len(data):
                    raise _ShortError
                length, start = _LENGTH.unpack_from(data, start)[0], start + 4
        position = _skip_items(data, start, implicit or vr == b"UN") if length == _UNDEFINED else start + length


def _check_pixels(file: _File, values: dict[int, bytes], data: bytes, position: int) -> None:
    """Notice a download that stopped among the pixels, as far as that can be seen without reading them."""
    native = file.syntax in (IMPLICIT_LITTLE, EXPLICIT_LITTLE)
    found = _find_pixels(data, position, file.size, file.syntax == IMPLICIT_LITTLE)
    if found is not None and found[1] != _UNDEFINED:
        needed = found[0] + found[1]
    elif found is None and len(data) == file.size:
        raise DamagedError("cut off within its header")
    elif found is None and native:
        needed = position + _least_pixel_bytes(values)
    else:
        needed = 0 if native or _ends_with_delimiter(file) or found is None else _end_of_fragments(file, found[0])
    if needed > file.size:
        raise DamagedError(f"cut off: it has {file.size:,} bytes and should have at least {needed:,}")


def _find_pixels(data: bytes, position: int, size: int, implicit: bool) -> tuple[int, int] | None:
    """Start and length of the pixel data, if its header lies within the buffer; (size, 0) when the file properly ends before them."""
    try:
        while True:
            if position == size:
                return size, 0
            tag, length, start = _item(data, position)
            vr = b""
            if not implicit:
                vr, length = data[position + 4 : position + 6], int.from_bytes(data[position + 6 : position + 8], "little")
                if vr in _LONG_FORM:
                    if start + 4 > len(data):
                        return None
                    length, start = _LENGTH.unpack_from(data, start)[0], start + 4
            if _FLOAT_PIXELS <= tag <= _PIXELS:
                return start, length
            position = _skip_items(data, start, implicit or vr == b"UN") if length == _UNDEFINED else start + length
    except (_ShortError, HeaderError):
        return None


def _least_pixel_bytes(values: dict[int, bytes]) -> int:
    """What uncompressed pixels need at least (chroma-subsampled color needs two of three bytes)."""
    rows, columns, bits = (int.from_bytes(values.get(tag, b""), "little") for tag in (tags.ROWS, tags.COLUMNS, tags.BITS_ALLOCATED))
    samples = min(2, int.from_bytes(values.get(tags.SAMPLES_PER_PIXEL, b"\1"), "little"))
    try:
        frames = int(values.get(tags.NUMBER_OF_FRAMES, b"1").strip(b"\0 ") or 1)
    except ValueError:
        frames = 1
    return rows * columns * samples * bits * frames // 8


def _ends_with_delimiter(file: _File) -> bool:
    with open(file.path, "rb", buffering=0) as stream:
        stream.seek(max(0, file.size - 8))
        return stream.read(8) == b"\xfe\xff\xdd\xe0\0\0\0\0"


def _end_of_fragments(file: _File, position: int) -> int:
    """Where encapsulated pixels end according to their fragments (PS3.5 A.4): beyond the file when they are cut off."""
    with open(file.path, "rb") as stream:
        while position + 8 <= file.size:
            stream.seek(position)
            tag, length, _ = _item(stream.read(8), 0)
            position += 8
            if tag != _ITEM:
                return position
            position += length
    return max(position, file.size + 1)


def _with_pydicom(path: str) -> Header:
    """Big endian, deflated, no preamble, or not DICOM at all."""
    from IDCBrowserLib.store.pydicom_header import read_with_pydicom

    return read_with_pydicom(path)
