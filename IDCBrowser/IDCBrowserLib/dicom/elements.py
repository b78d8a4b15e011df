"""The DICOM reader (PS3.5 7): where elements lie, of which only those are looked at that are asked for.

A SEG has thousands of frames whose descriptions nest four deep; building an object for each takes longer than decoding the voxels. Here a data
set is a table of tag -> byte range, sequences are entered when asked for, and nothing is copied. Tags are integers, ``0x00280010``.
Errors are those of ``problems`` for bytes that make no sense, and ``ConversionError`` naming file and element for values that are none.

Parts may be written in another way than the data set they stand in: a sequence of VR UN is implicit little endian (PS3.5 6.2.2), and some
writers leave private sequences as they came, implicit within explicit or the reverse. An element that makes no sense in one way is read in the other.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

from IDCBrowserLib.dicom.charset import decode_text, guess_charset
from IDCBrowserLib.dicom.problems import ShortError
from IDCBrowserLib.dicom.stream import Buffer, Stream
from IDCBrowserLib.dicom.vr import LONG, SHORT
from IDCBrowserLib.safe_text import one_line

__all__ = ["Buffer", "Element", "Elements", "Stream", "item_stream", "iterate", "iterate_items", "parse_decimals", "read_element", "tag_text"]

ITEM = 0xFFFEE000
ITEM_END = 0xFFFEE00D
SEQUENCE_END = 0xFFFEE0DD
UNDEFINED = 0xFFFFFFFF
_NO_ITEM = -1
# Float, Double Float and plain Pixel Data.
FIRST_PIXELS = 0x7FE00008
PIXEL_DATA = 0x7FE00010
# No object comes near: what is beyond is damage, or made to keep a reader busy.
MAX_ELEMENTS = 100_000
# Elements of 32 bits that are read here; an implicit data set does not say so.
_LONG_NUMBERS = frozenset((0x00480006, 0x00480007, 0x0048021E, 0x0048021F))
_CHARSET = 0x00080005
# Characters.
_LONGEST_INTEGER = 12
_LONGEST_QUOTED = 40

Span = tuple[int, int]


class Element(NamedTuple):
    """Where a value lies: bytes ``start`` to ``stop``; the next element begins at ``next``. ``vr`` is empty when implicit.

    ``items``: the contents of the items of a sequence of undefined length, which had to be passed anyway to find its end.
    """

    tag: int
    vr: bytes
    start: int
    stop: int
    next: int
    undefined: bool = False
    items: list[Span] | None = None


def tag_text(tag: int) -> str:
    """A tag as DICOM writes it: ``(0028,0010)``."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def element_header(stream: Stream, position: int, end: int) -> tuple[int, bytes, int, int]:
    """Tag, VR, where the value starts and its length, which may be ``UNDEFINED``; a value of defined length lies before ``end``."""
    if position + 8 > end:
        stream.exceeds("it ends within an element", end)
    try:
        if stream.implicit:
            group, number, length = stream.read_implicit(stream.data, position)
            vr, start = b"", position + 8
            if length != UNDEFINED and (length & 1 or start + length > end):
                vr, start, length = _odd_implicit(stream, position, end)
        else:
            group, number, vr, length = stream.read_explicit(stream.data, position)
            start = position + 8
            if vr in LONG:
                length = stream.read_length(stream.data, start)[0]
                start += 4
            elif vr not in SHORT:
                vr, start, length = _odd_explicit(stream, position, end)
    except struct.error:
        stream.ends("it ends within an element")
    tag = group << 16 | number
    if start + length > end and length != UNDEFINED:
        _too_long(stream, f"element {tag_text(tag)}", length, start, end)
    if not tag:
        stream.damaged("zeros stand where an element must begin")
    return tag, vr, start, length


def _odd_explicit(stream: Stream, position: int, end: int) -> tuple[bytes, int, int]:
    """VR, start and length of an element of an explicit data set whose VR is none of the table."""
    group, number, vr, short = stream.read_explicit(stream.data, position)
    start, length = position + 8, stream.read_length(stream.data, position + 4)[0]
    if group == 0xFFFE:
        return b"", start, length
    if vr.isalpha() and vr.isupper():
        # A VR of the future has the long form (PS3.5 6.2); a damaged one may have either.
        return vr, *(_long_form(stream, position, end) or (start, short))
    if (group or number) and start + length > end and length != UNDEFINED:
        stream.damaged(f"element {tag_text(group << 16 | number)} has no value representation")
    return b"", start, length


def _odd_implicit(stream: Stream, position: int, end: int) -> tuple[bytes, int, int]:
    """VR, start and length of an element of an implicit data set whose length is odd or too large: it may be an explicit one."""
    _, _, vr, short = stream.read_explicit(stream.data, position)
    start, length = position + 8, stream.read_length(stream.data, position + 4)[0]
    if vr in SHORT and start + short <= end:
        return vr, start, short
    long = _long_form(stream, position, end) if vr in LONG else None
    return (b"", start, length) if long is None else (vr, *long)


def _long_form(stream: Stream, position: int, end: int) -> tuple[int, int] | None:
    """Start and length of an element with two reserved bytes and a length of 32 bits; None where it cannot be one."""
    start = position + 12
    if start > min(end, len(stream.data)) or stream.data[position + 6 : position + 8] != b"\0\0":
        return None
    length = stream.read_length(stream.data, position + 8)[0]
    return (start, length) if length == UNDEFINED or start + length <= end else None


def read_element(stream: Stream, position: int, end: int) -> Element:
    """The element that begins at ``position``; everything of it must lie before ``end``."""
    tag, vr, start, length = element_header(stream, position, end)
    if length != UNDEFINED:
        stop = start + length
        return Element(tag, vr, start, stop, stop)
    if FIRST_PIXELS <= tag <= PIXEL_DATA:
        return Element(tag, vr, start, end, end, True)
    spans: list[Span] = []
    stop, following = skip_items(inner_stream(stream, vr), start, end, spans)
    return Element(tag, vr, start, stop, following, True, spans)


def inner_stream(stream: Stream, vr: bytes) -> Stream:
    """How the items of a sequence of this VR are written."""
    if vr == b"UN":
        return stream.written(True, False)
    return stream.written(not vr, stream.big_endian)


def _too_long(stream: Stream, what: str, length: int, start: int, end: int) -> NoReturn:
    stream.exceeds(f"{what} claims {length:,} bytes where {max(0, end - start):,} are left", end)


def iterate(stream: Stream, position: int, end: int) -> Iterator[Element]:
    """The elements between two positions, without entering sequences."""
    for _ in range(MAX_ELEMENTS):
        if position >= end:
            return
        element = _plain_element(stream, position, end) or read_element(stream, position, end)
        yield element
        position = element.next
    stream.damaged(f"it has more than {MAX_ELEMENTS:,} elements beside each other")


def _plain_element(stream: Stream, position: int, end: int) -> Element | None:
    """What ``read_element`` gives for an element with nothing unusual, as nearly all are, in a third of the time; None for others."""
    if position + 12 > end:
        return None
    try:
        if stream.implicit:
            group, number, length = stream.read_implicit(stream.data, position)
            vr, start = b"", position + 8
        else:
            group, number, vr, length = stream.read_explicit(stream.data, position)
            start = position + 8
            if vr in LONG:
                length, start = stream.read_length(stream.data, start)[0], start + 4
            elif vr not in SHORT:
                return None
    except struct.error:
        return None
    stop: int = start + length
    # Undefined lengths are larger than any end.
    if stop > end or not group or (length & 1 and not vr):
        return None
    return tuple.__new__(Element, (group << 16 | number, vr, start, stop, stop, False, None))


def iterate_items(stream: Stream, element: Element) -> Iterator[Span]:
    """Begin and end of each item's content in a sequence element."""
    if element.items is not None:
        yield from element.items
        return
    stream = item_stream(stream, element)
    position, end = element.start, element.stop
    while position < end:
        content, stop, position = _read_item(stream, position, end)
        if content >= 0:
            yield content, stop


def item_stream(stream: Stream, element: Element) -> Stream:
    """How the items of a sequence are written."""
    return inner_stream(stream, element.vr)


def skip_items(stream: Stream, position: int, end: int, spans: list[Span] | None = None) -> Span:
    """For a sequence of undefined length: where its items end, and where the element after its delimiter begins. ``spans`` gets the items."""
    while True:
        content, stop, following = _read_item(stream, position, end)
        if content < 0:
            return position, following
        if spans is not None:
            spans.append((content, stop))
        position = following


def _read_item(stream: Stream, position: int, end: int) -> tuple[int, int, int]:
    """Content begin, content end, and where the next item begins; a begin of -1 says the sequence ends here."""
    start, length = _item_header(stream, position, end)
    if length == _NO_ITEM:
        return -1, start, start
    if length == UNDEFINED:
        stop = _skip_elements(stream, start, end)
        return start, stop, stop + 8
    return start, start + length, start + length


def _item_header(stream: Stream, position: int, end: int) -> tuple[int, int]:
    """Where the content of an item begins, and its length, which may be ``UNDEFINED``; ``_NO_ITEM`` where the sequence ends here."""
    start = position + 8
    if start > end:
        stream.exceeds("it ends within a sequence", end)
    try:
        group, number, length = stream.read_implicit(stream.data, position)
    except struct.error:
        stream.ends("it ends within a sequence")
    tag = group << 16 | number
    if tag == SEQUENCE_END:
        return start, _NO_ITEM
    if tag != ITEM:
        stream.damaged(f"{tag_text(tag)} stands where an item of a sequence must begin")
    if length != UNDEFINED and start + length > end:
        _too_long(stream, "an item of a sequence", length, start, end)
    return start, length


def _skip_elements(stream: Stream, position: int, end: int) -> int:
    """Where the delimiter of an item of undefined length stands. What is nested within is passed without a call for each level, however deep."""
    # How the items are written that are open, each within the one before.
    open_items = [stream]
    while True:
        tag, vr, start, length = element_header(open_items[-1], position, end)
        if length != UNDEFINED and tag != ITEM_END:
            position = start + length
            continue
        if tag != ITEM_END:
            open_items.append(inner_stream(open_items[-1], vr))
        elif len(open_items) == 1:
            return position
        position, is_open = _next_open(open_items[-1], start, end)
        if not is_open:
            open_items.pop()


def _next_open(stream: Stream, position: int, end: int) -> tuple[int, bool]:
    """Of the items of a sequence that come next the first of undefined length: where its content begins; else False, and where the sequence ends."""
    while True:
        start, length = _item_header(stream, position, end)
        if length in (_NO_ITEM, UNDEFINED):
            return start, length == UNDEFINED
        position = start + length


class Elements:
    """A data set: tag -> byte range. The readers of values give None (or "") for what is absent or empty."""

    __slots__ = ("charset", "stream", "table")

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
        found = Elements(stream, table, charset)
        if _CHARSET in table:
            found.charset = found.raw(_CHARSET).decode("ascii", "replace").strip(" \0")
        return found

    def __contains__(self, tag: int) -> bool:
        return tag in self.table

    def raw(self, tag: int) -> bytes:
        """The value's bytes; empty when absent."""
        element = self.table.get(tag)
        if element is None:
            return b""
        if element.stop > len(self.stream.data):
            raise ShortError
        return self.stream.data[element.start : element.stop]

    def text(self, tag: int) -> str:
        """Text without padding; several values stay joined by backslashes. Text of no declared character set is guessed, see ``Stream.guessed``."""
        return self.decoded(self.raw(tag))

    def decoded(self, raw: bytes) -> str:
        """Bytes of a value as text, by the character set of this data set, without padding."""
        if raw.isascii() and b"\x1b" not in raw:
            return raw.decode("ascii").strip(" \0\r\n")
        charset = self.charset
        if not charset:
            charset = guess_charset(raw)
            self.stream.guessed.add(charset)
        return decode_text(raw, charset).strip(" \0\r\n")

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
            self.stream.fail(f"Element {tag_text(tag)} holds {quoted(raw)} instead of a whole number.")

    def unsigned(self, tag: int) -> int | None:
        """The first value of a US or UL element."""
        raw = self.raw(tag)
        if not raw:
            return None
        if len(raw) < 2:
            self.stream.fail(f"Element {tag_text(tag)} is too short for a number.")
        vr = self.table[tag].vr
        size = 4 if len(raw) >= 4 and (vr in (b"UL", b"SL") or (not vr and tag in _LONG_NUMBERS)) else 2
        return int.from_bytes(raw[:size], "big" if self.stream.big_endian else "little")

    def signed_long(self, tag: int) -> int | None:
        """The first value of an SL element."""
        value = self.unsigned(tag)
        return value if value is None or value < 1 << 31 else value - (1 << 32)

    def unsigneds(self, tag: int) -> tuple[int, ...]:
        """All values of a US element."""
        raw = self.raw(tag)
        order = ">" if self.stream.big_endian else "<"
        return struct.unpack(f"{order}{len(raw) // 2}H", raw[: len(raw) // 2 * 2])

    def unsigned_long(self, tag: int) -> int:
        """The first value of a UL element, whose VR an implicit data set does not say; 0 where absent."""
        raw = self.raw(tag)
        return int.from_bytes(raw[:4], "big" if self.stream.big_endian else "little") if len(raw) >= 4 else 0

    def doubles(self, tag: int) -> tuple[float, ...]:
        """All values of an FD element."""
        raw = self.raw(tag)
        return struct.unpack(f"{'>' if self.stream.big_endian else '<'}{len(raw) // 8}d", raw[: len(raw) // 8 * 8])

    def holds_items(self, tag: int) -> bool:
        """Whether the element is a sequence that is not empty, also where no VR says so."""
        element = self.table[tag]
        if element.vr not in (b"SQ", b"UN", b""):
            return False
        stream = item_stream(self.stream, element)
        head = stream.data[element.start : min(element.stop, element.start + 4)]
        return head == (b"\xff\xfe\xe0\0" if stream.big_endian else b"\xfe\xff\0\xe0")

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


def quoted(raw: bytes) -> str:
    """The beginning of a value that makes no sense, for a message."""
    text = one_line(raw[:_LONGEST_QUOTED].decode("latin-1"))
    return f'"{text}{"..." if len(raw) > _LONGEST_QUOTED else ""}"'


def parse_decimals(stream: Stream, tag: int, raw: bytes, count: int) -> tuple[float, ...]:
    """Decimal strings (DS) as finite numbers, exactly ``count`` of them."""
    try:
        values = tuple(float(part) for part in raw.split(b"\\"))
    except ValueError:
        values = ()
    # An infinite or undefined number fails the comparison as well.
    if len(values) != count or not all(abs(value) < 1e15 for value in values):
        stream.fail(f"Element {tag_text(tag)} holds {quoted(raw)} where {count} number{'s' if count > 1 else ''} are required.")
    return values


def whole_numbers(text: str) -> tuple[int, ...]:
    """The values of an IS element of several, without those that are none or longer than such values may be (PS3.5 6.2)."""
    return tuple(int(part) for part in text.split("\\") if part.strip().isdecimal() and len(part) <= _LONGEST_INTEGER)
