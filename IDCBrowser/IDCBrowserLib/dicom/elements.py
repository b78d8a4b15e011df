"""A small DICOM reader (PS3.5 7.1) that maps the file and looks only at what is asked for.

A SEG has thousands of frames whose descriptions nest four deep; building an object for each takes longer than decoding the voxels. Here a data
set is a table of tag -> byte range, sequences are entered when asked for, and the file is mapped, not read. Tags are integers, ``0x00280010``.
All errors are ``ConversionError`` that name file and element.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from IDCBrowserLib.dicom.charset import decode_text
from IDCBrowserLib.errors import ConversionError

Buffer = bytes | bytearray | mmap.mmap | memoryview

ITEM = 0xFFFEE000
ITEM_END = 0xFFFEE00D
SEQUENCE_END = 0xFFFEE0DD
UNDEFINED = 0xFFFFFFFF
_LONG_VRS = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"))
# Elements of 32 bits that we read; an implicit data set does not say so.
_LONG_NUMBERS = frozenset((0x00480006, 0x00480007, 0x0048021E, 0x0048021F))
_MAX_DEPTH = 16


@dataclass(frozen=True)
class Stream:
    """Bytes of a data set and how they are encoded. ``path`` is for messages."""

    path: str
    data: Buffer
    implicit: bool = False
    big_endian: bool = False

    def fail(self, reason: str) -> NoReturn:
        """Raise the ``ConversionError`` of this file."""
        raise ConversionError(f"{self.path}: {reason}")


class Element(NamedTuple):
    """Where a value lies: bytes ``start`` to ``stop``; the next element begins at ``next``. ``vr`` is empty when implicit."""

    tag: int
    vr: bytes
    start: int
    stop: int
    next: int
    undefined: bool = False


def tag_text(tag: int) -> str:
    """A tag as DICOM writes it: ``(0028,0010)``."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


_HEADERS = {False: struct.Struct("<HHI"), True: struct.Struct(">HHI")}
_EXPLICIT = {False: struct.Struct("<HH2sH"), True: struct.Struct(">HH2sH")}
_LENGTH = {False: struct.Struct("<I"), True: struct.Struct(">I")}


def read_element(stream: Stream, position: int, end: int, depth: int = 0) -> Element:
    """The element that begins at ``position``; everything of it must lie before ``end``."""
    if position + 8 > end:
        stream.fail("The file ends within an element. It is damaged or was not transferred completely; download it again.")
    if stream.implicit:
        group, number, length = _HEADERS[stream.big_endian].unpack_from(stream.data, position)
        vr, start = b"", position + 8
    else:
        group, number, vr, length = _EXPLICIT[stream.big_endian].unpack_from(stream.data, position)
        start = position + 8
        if group == 0xFFFE:
            length = _LENGTH[stream.big_endian].unpack_from(stream.data, position + 4)[0]
        elif vr in _LONG_VRS:
            if position + 12 > end:
                stream.fail(f"The file ends within element {tag_text(group << 16 | number)}. Download it again.")
            length = _LENGTH[stream.big_endian].unpack_from(stream.data, position + 8)[0]
            start = position + 12
        elif not (65 <= vr[0] <= 90 and 65 <= vr[1] <= 90):
            stream.fail(f"Element {tag_text(group << 16 | number)} has no value representation. The file is damaged; download it again.")
    tag = group << 16 | number
    if length == UNDEFINED:
        if tag >= 0x7FE00008 and group == 0x7FE0:
            return Element(tag, vr, start, end, end, True)
        inner = stream if vr != b"UN" else Stream(stream.path, stream.data, True, False)
        stop, following = _skip_sequence(inner, start, end, depth + 1)
        return Element(tag, vr, start, stop, following, True)
    stop = start + length
    if stop > end:
        stream.fail(
            f"Element {tag_text(tag)} claims {length:,} bytes where {end - start:,} are left. The file is damaged or truncated; download it again."
        )
    return Element(tag, vr, start, stop, stop)


def iterate(stream: Stream, position: int, end: int, depth: int = 0) -> Iterator[Element]:
    """The elements between two positions, without entering sequences."""
    while position < end:
        element = read_element(stream, position, end, depth)
        yield element
        position = element.next


def iterate_items(stream: Stream, element: Element) -> Iterator[tuple[int, int]]:
    """Begin and end of each item's content in a sequence element."""
    stream = item_stream(stream, element)
    position, end = element.start, element.stop
    while position < end:
        content, stop, position = _read_item(stream, position, end, 1)
        if content >= 0:
            yield content, stop


def item_stream(stream: Stream, element: Element) -> Stream:
    """How the items of a sequence are encoded: a sequence of VR UN is implicit little endian (PS3.5 6.2.2)."""
    return Stream(stream.path, stream.data, True, False) if element.vr == b"UN" else stream


def _read_item(stream: Stream, position: int, end: int, depth: int) -> tuple[int, int, int]:
    """Content begin, content end, and where the next item begins; a begin of -1 says the sequence ends here."""
    if depth > _MAX_DEPTH:
        stream.fail(f"Sequences nest deeper than {_MAX_DEPTH}; the file is damaged.")
    if position + 8 > end:
        stream.fail("The file ends within a sequence. It is damaged or was not transferred completely; download it again.")
    group, number, length = _HEADERS[stream.big_endian].unpack_from(stream.data, position)
    tag, start = group << 16 | number, position + 8
    if tag == SEQUENCE_END:
        return -1, start, start
    if tag != ITEM:
        stream.fail(f"Found {tag_text(tag)} where an item of a sequence must begin; the file is damaged.")
    if length != UNDEFINED:
        if start + length > end:
            stream.fail(f"An item of a sequence claims {length:,} bytes where {end - start:,} are left; the file is damaged or truncated.")
        return start, start + length, start + length
    position = start
    while True:
        if position + 8 > end:
            stream.fail("The file ends within an item of a sequence. It is damaged or was not transferred completely; download it again.")
        group, number = _HEADERS[stream.big_endian].unpack_from(stream.data, position)[:2]
        if group << 16 | number == ITEM_END:
            return start, position, position + 8
        position = read_element(stream, position, end, depth).next


def _skip_sequence(stream: Stream, position: int, end: int, depth: int) -> tuple[int, int]:
    """For a sequence of undefined length: where its items end, and where the element after its delimiter begins."""
    while True:
        content, _, following = _read_item(stream, position, end, depth)
        if content < 0:
            return position, following
        position = following


class Elements:
    """A data set: tag -> byte range. The readers of values give None (or "") for what is absent or empty."""

    def __init__(self, stream: Stream, table: dict[int, Element], charset: str = "") -> None:
        self.stream = stream
        self.table = table
        self.charset = charset

    @staticmethod
    def parse(stream: Stream, position: int, end: int, charset: str = "", last_tag: int = 0xFFFFFFFF) -> Elements:
        """Read the elements up to ``last_tag``; Specific Character Set (0008,0005) replaces ``charset``."""
        table: dict[int, Element] = {}
        for element in iterate(stream, position, end):
            if element.tag > last_tag:
                break
            table.setdefault(element.tag, element)
            if element.tag == last_tag:
                break
        found = Elements(stream, table)
        found.charset = found.raw(0x00080005).decode("ascii", "replace").strip(" \0") if 0x00080005 in table else charset
        return found

    def __contains__(self, tag: int) -> bool:
        return tag in self.table

    def raw(self, tag: int) -> bytes:
        """The value's bytes; empty when absent."""
        element = self.table.get(tag)
        return b"" if element is None else bytes(self.stream.data[element.start : element.stop])

    def text(self, tag: int) -> str:
        """Text without padding; several values stay joined by backslashes."""
        return decode_text(self.raw(tag), self.charset).strip(" \0\r\n")

    def floats(self, tag: int, count: int) -> tuple[float, ...] | None:
        """``count`` finite numbers of a DS element; None when absent or empty."""
        raw = self.raw(tag).strip(b" \0")
        return parse_decimals(self.stream, tag, raw, count) if raw else None

    def integer(self, tag: int) -> int | None:
        """An IS element (digits as text)."""
        raw = self.raw(tag).strip(b" \0")
        if not raw:
            return None
        try:
            return int(raw)
        except ValueError:
            self.stream.fail(f"Element {tag_text(tag)} holds {raw[:40]!r} where a whole number must stand.")

    def unsigned(self, tag: int) -> int | None:
        """The first value of a US, UL or SL element; negative ones come out as huge."""
        raw = self.raw(tag)
        if not raw:
            return None
        if len(raw) < 2:
            self.stream.fail(f"Element {tag_text(tag)} is too short for a number.")
        vr = self.table[tag].vr
        size = 4 if len(raw) >= 4 and (vr in (b"UL", b"SL") or (not vr and tag in _LONG_NUMBERS)) else 2
        return int.from_bytes(raw[:size], "big" if self.stream.big_endian else "little")

    def unsigneds(self, tag: int) -> tuple[int, ...]:
        """All values of a US element."""
        raw = self.raw(tag)
        order = ">" if self.stream.big_endian else "<"
        return struct.unpack(f"{order}{len(raw) // 2}H", raw[: len(raw) // 2 * 2])

    def items(self, tag: int) -> list[Elements]:
        """The items of a sequence; empty when absent."""
        return list(self.iterate_items(tag))

    def iterate_items(self, tag: int) -> Iterator[Elements]:
        """The items of a sequence, one at a time."""
        element = self.table.get(tag)
        if element is None:
            return
        stream = item_stream(self.stream, element)
        for start, stop in iterate_items(self.stream, element):
            yield Elements.parse(stream, start, stop, self.charset)

    def first(self, tag: int) -> Elements | None:
        """The first item of a sequence, or None."""
        return next(self.iterate_items(tag), None)


def parse_decimals(stream: Stream, tag: int, raw: bytes, count: int) -> tuple[float, ...]:
    """Decimal strings (DS) as finite numbers, exactly ``count`` of them."""
    try:
        values = tuple(float(part) for part in raw.split(b"\\"))
    except ValueError:
        values = ()
    # An infinite or undefined number fails the comparison as well.
    if len(values) != count or not all(abs(value) < 1e15 for value in values):
        stream.fail(f"Element {tag_text(tag)} holds {raw[:80]!r} where {count} number{'s' if count > 1 else ''} must stand.")
    return values
