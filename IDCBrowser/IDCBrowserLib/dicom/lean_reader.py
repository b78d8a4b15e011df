"""A few elements from the first kilobytes of a file: many times faster than building a data set.

Covers explicit and implicit VR little endian, which is nearly everything (PS3.5 7 and PS3.10 7).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from struct import Struct

IMPLICIT_LITTLE = b"1.2.840.10008.1.2"
EXPLICIT_LITTLE = b"1.2.840.10008.1.2.1"
UNDEFINED = 0xFFFFFFFF
ITEM = 0xFFFEE000

_ITEM_END, _SEQUENCE_END = 0xFFFEE00D, 0xFFFEE0DD
_MODALITY = 0x00080060
_TRANSFER_SYNTAX = 0x00020010
_BIG_ENDIAN_OR_DEFLATED = {b"1.2.840.10008.1.2.2", b"1.2.840.10008.1.2.1.99"}
# How a file without preamble may start: group 2 or 8, in either byte order.
_FIRST_GROUPS = {b"\x02\x00", b"\x08\x00", b"\x00\x02", b"\x00\x08"}
_DICOMDIR = b"1.2.840.10008.1.3.10"

_FIRST_READ = 16 << 10
_SECOND_READ = 512 << 10

_LONG_FORM = frozenset((b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UN", b"UT", b"UC", b"UR", b"SV", b"UV"))
_VR_LETTERS = frozenset(range(ord("A"), ord("Z") + 1))

_SHORT_ELEMENT = Struct("<HH2sH")
_IMPLICIT_ELEMENT = Struct("<HHI")
_LENGTH = Struct("<I")


class HeaderError(Exception):
    """The file cannot be used; the text says why, as the end of a sentence: "left out: ..."."""


class DamagedError(HeaderError):
    """The file is DICOM, but cut off, damaged or unreadable."""


class UnusualEncodingError(HeaderError):
    """Big endian, deflated, without preamble, or mislabeled: not read here."""

    def __init__(self) -> None:
        super().__init__("in an unusual encoding")


class ShortError(Exception):
    """The buffer ends before the element does."""


@dataclass(frozen=True)
class TagSelection:
    """Which elements to keep, by tag (group << 16 | element), and after which one to stop; the last one may depend on the Modality."""

    tags: frozenset[int]
    last: int
    last_by_modality: Mapping[bytes, int] = field(default_factory=dict)


@dataclass(frozen=True)
class LeanHeader:
    """``values``: the bytes of each wanted element that is there. ``data`` is what was read of the file, ``end`` where parsing stopped in it."""

    path: str
    size: int
    syntax: bytes
    values: dict[int, bytes]
    data: bytes
    end: int

    @property
    def implicit(self) -> bool:
        """Whether elements have no VR."""
        return self.syntax == IMPLICIT_LITTLE

    @property
    def is_whole(self) -> bool:
        """Whether ``data`` is the whole file."""
        return len(self.data) == self.size


def read_lean(path: str, wanted: TagSelection) -> LeanHeader:
    """The wanted elements of a file. Raises ``HeaderError`` for what is not DICOM, cut off, a DICOMDIR, or in an unusual encoding."""
    try:
        with open(path, "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            data = b""
            for more in (_FIRST_READ, _SECOND_READ, size):
                data += file.read(more)
                try:
                    syntax, start = _start(data)
                    parse = _implicit if syntax == IMPLICIT_LITTLE else _explicit
                    values, end = parse(data, start, wanted, len(data) == size)
                    return LeanHeader(path, size, syntax, values, data, end)
                except ShortError:
                    if len(data) >= size:
                        break
    except OSError as error:
        raise DamagedError(f"cannot be read ({error.strerror})") from error
    except RecursionError as error:
        raise DamagedError("damaged (sequences nested too deeply)") from error
    raise DamagedError("cut off within its header")


def _start(data: bytes) -> tuple[bytes, int]:
    """The transfer syntax, and where the data set starts."""
    if data[128:132] != b"DICM":
        raise UnusualEncodingError if data[:2] in _FIRST_GROUPS else HeaderError("not a DICOM file")
    syntax, start = _meta(data)
    if syntax in _BIG_ENDIAN_OR_DEFLATED:
        raise UnusualEncodingError
    # Some writers state one encoding and use the other.
    looks_explicit = len(data) >= start + 6 and data[start + 4] in _VR_LETTERS and data[start + 5] in _VR_LETTERS
    if looks_explicit == (syntax == IMPLICIT_LITTLE) and len(data) >= start + 8:
        raise UnusualEncodingError
    return syntax, start


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
                raise ShortError
            length, start = _LENGTH.unpack_from(data, start)[0], start + 4
        if group << 16 | element == _TRANSFER_SYNTAX:
            syntax = data[start : start + length].rstrip(b"\0 ")
        elif element == 2 and data[start : start + length].rstrip(b"\0 ") == _DICOMDIR:
            raise HeaderError("a DICOMDIR, an index of other files")
        position = start + length
    raise ShortError


def _explicit(data: bytes, position: int, wanted: TagSelection, is_whole: bool) -> tuple[dict[int, bytes], int]:
    values: dict[int, bytes] = {}
    keep, unpack, size, last = wanted.tags, _SHORT_ELEMENT.unpack_from, len(data), wanted.last
    while position + 8 <= size:
        group, element, vr, length = unpack(data, position)
        tag = group << 16 | element
        if tag > last:
            return values, position
        start = position + 8
        if vr in _LONG_FORM:
            if start + 4 > size:
                raise ShortError
            length, start = _LENGTH.unpack_from(data, start)[0], start + 4
        if length == UNDEFINED:
            position = skip_items(data, start, vr == b"UN")
            continue
        position = start + length
        if tag in keep:
            if position > size:
                raise ShortError
            values[tag] = data[start:position]
            if tag == _MODALITY:
                last = wanted.last_by_modality.get(data[start:position].strip(b"\0 "), last)
    return values, _at_the_end(position, size, is_whole)


def _implicit(data: bytes, position: int, wanted: TagSelection, is_whole: bool) -> tuple[dict[int, bytes], int]:
    values: dict[int, bytes] = {}
    keep, unpack, size, last = wanted.tags, _IMPLICIT_ELEMENT.unpack_from, len(data), wanted.last
    while position + 8 <= size:
        group, element, length = unpack(data, position)
        tag = group << 16 | element
        if tag > last:
            return values, position
        start = position + 8
        if length == UNDEFINED:
            position = skip_items(data, start, True)
            continue
        position = start + length
        if tag in keep:
            if position > size:
                raise ShortError
            values[tag] = data[start:position]
            if tag == _MODALITY:
                last = wanted.last_by_modality.get(data[start:position].strip(b"\0 "), last)
    return values, _at_the_end(position, size, is_whole)


def _at_the_end(position: int, size: int, is_whole: bool) -> int:
    """An object without pixels may simply end; one byte too few or too many in the file means that it was cut."""
    if not is_whole or position != size:
        raise ShortError
    return position


def skip_items(data: bytes, position: int, implicit: bool) -> int:
    """Past a sequence of undefined length, nested ones included."""
    while True:
        tag, length, position = read_item(data, position)
        if tag == _SEQUENCE_END:
            return position
        if tag != ITEM:
            raise DamagedError("damaged (a sequence holds something that is no item)")
        position = _skip_elements(data, position, implicit) if length == UNDEFINED else position + length


def read_item(data: bytes, position: int) -> tuple[int, int, int]:
    """Tag, length and start of the value of an item, or of any element without VR. Raises ``ShortError``."""
    if position + 8 > len(data):
        raise ShortError
    group, element, length = _IMPLICIT_ELEMENT.unpack_from(data, position)
    return group << 16 | element, length, position + 8


def read_element(data: bytes, position: int, implicit: bool) -> tuple[int, bytes, int, int]:
    """Tag, VR (b"" where there is none), length and start of the value. Raises ``ShortError``."""
    tag, length, start = read_item(data, position)
    if implicit or tag >> 16 == ITEM >> 16:
        return tag, b"", length, start
    vr, length = data[position + 4 : position + 6], int.from_bytes(data[position + 6 : position + 8], "little")
    if vr in _LONG_FORM:
        if start + 4 > len(data):
            raise ShortError
        length, start = _LENGTH.unpack_from(data, start)[0], start + 4
    return tag, vr, length, start


def next_element(data: bytes, element: tuple[int, bytes, int, int], implicit: bool) -> int:
    """Where the element after one from ``read_element`` starts."""
    _, vr, length, start = element
    return skip_items(data, start, implicit or vr == b"UN") if length == UNDEFINED else start + length


def _skip_elements(data: bytes, position: int, implicit: bool) -> int:
    """Past an item of undefined length, its delimiter included."""
    while True:
        element = read_element(data, position, implicit)
        if element[0] == _ITEM_END:
            return element[3]
        position = next_element(data, element, implicit)
