"""The content tree of a structured report by one walk over its bytes (PS3.3 C.17.3).

A report on 100 segments has some 3,000 items and 50,000 elements. Nothing is passed over twice to find its end, and a code that has the bytes of
one seen before is that one. What is damaged is said once; whatever else can be read is read.
"""

from __future__ import annotations

import struct

from IDCBrowserLib.dicom.code import Code, read_code
from IDCBrowserLib.dicom.elements import (
    ITEM,
    ITEM_END,
    SEQUENCE_END,
    UNDEFINED,
    Element,
    Elements,
    element_header,
    inner_stream,
    iterate_items,
    skip_items,
    tag_text,
)
from IDCBrowserLib.dicom.stream import Stream
from IDCBrowserLib.dicom.vr import SHORT
from IDCBrowserLib.errors import DamagedError
from IDCBrowserLib.report import tags
from IDCBrowserLib.report.item import ContentItem
from IDCBrowserLib.report.values import Found, fill
from IDCBrowserLib.wording import human_count

# Deeper than any template of PS3.16; what lies below is left out.
MAX_DEPTH = 64
MAX_ITEMS = 1_000_000
_END_OF_SEQUENCE = {False: b"\xfe\xff\xdd\xe0\0\0\0\0", True: b"\xff\xfe\xe0\xdd\0\0\0\0"}
# Larger than any file: a length is looked at without being believed.
_ANYWHERE = 1 << 62


def read_content(header: Elements, position: int, end: int, notes: list[str]) -> ContentItem:
    """The root item of the data set whose elements stand between two positions; ``header`` for its character set. ``notes`` gets sentences.

    Never raises for damage.
    """
    walk = _Walk(header)
    root = ContentItem()
    try:
        walk.item(header.stream, position, end, False, 0, root)
    except DamagedError as error:
        walk.damaged(error)
    notes += walk.notes()
    return root


class _Walk:
    """Each method gives the position after what it read."""

    def __init__(self, header: Elements) -> None:
        self._header = header
        self._codes: dict[bytes, Code | None] = {}
        self._count = 0
        self._damage: list[str] = []
        self._too_deep = 0

    def damaged(self, error: DamagedError) -> None:
        """Remember what is wrong."""
        self._damage.append(error.reason)

    def notes(self) -> list[str]:
        """A sentence of each kind of problem."""
        notes = []
        if self._damage:
            more = f" (and {len(self._damage) - 1:,} more problems)" if len(self._damage) > 1 else ""
            notes.append(f"The report is {self._damage[0]}{more}; what can be read of it is shown.")
        if self._too_deep:
            parts = human_count(self._too_deep, "part below is", "parts below are")
            notes.append(f"Content is nested deeper than {MAX_DEPTH} levels; {parts} not shown.")
        if self._count > MAX_ITEMS:
            notes.append(f"The report has more than {MAX_ITEMS:,} content items; only the first ones are shown.")
        return notes

    def item(self, stream: Stream, position: int, end: int, undefined: bool, depth: int, item: ContentItem) -> int:
        """The elements of a content item, or of the data set that is the root."""
        found = Found()
        try:
            return self._elements(stream, position, end, undefined, depth, found, item)
        finally:
            fill(item, found, self._header)

    def _elements(self, stream: Stream, position: int, end: int, undefined: bool, depth: int, found: Found, item: ContentItem | None) -> int:
        data, read, implicit, plain, coded = stream.data, stream.read_explicit, stream.implicit, tags.PLAIN, tags.CODED
        while undefined or position < end:
            length = UNDEFINED
            if not implicit and position + 8 <= end:
                group, number, vr, length = read(data, position)
                start = position + 8
            if length != UNDEFINED and vr in SHORT and start + length <= end:
                tag = group << 16 | number
            else:
                tag, vr, start, length = self._head(stream, position, end)
            if tag in plain and length != UNDEFINED:
                position = start + length
                found.raw.setdefault(tag, data[start:position])
            elif tag in coded:
                code, position = self._code(stream, vr, start, length, end)
                found.codes.setdefault(tag, code)
            elif tag == tags.CONTENT_SEQUENCE and item is not None:
                position = self._content(inner_stream(stream, vr), start, length, end, depth + 1, item)
            elif tag in tags.ENTERED:
                position = self._first_item(inner_stream(stream, vr), start, length, end, depth + 1, found)
            elif tag == ITEM_END:
                return start
            elif length == UNDEFINED:
                position = skip_items(inner_stream(stream, vr), start, end)[1]
            else:
                position = start + length
        return position

    def _head(self, stream: Stream, position: int, end: int) -> tuple[int, bytes, int, int]:
        """As ``element_header``; a sequence that claims more than there is ends where its surroundings do."""
        try:
            return element_header(stream, position, end)
        except DamagedError as error:
            try:
                tag, vr, start, _ = element_header(stream, position, _ANYWHERE)
            except DamagedError:
                raise error from None
            if tag not in tags.SEQUENCES or start > end:
                raise
            self.damaged(error)
            return tag, vr, start, end - start

    def _content(self, stream: Stream, position: int, length: int, end: int, depth: int, parent: ContentItem) -> int:
        """A Content Sequence into ``parent.children``."""
        stop = end if length == UNDEFINED else position + length
        if depth > MAX_DEPTH or self._count > MAX_ITEMS:
            self._too_deep += depth > MAX_DEPTH
            return stop if length != UNDEFINED else skip_items(stream, position, end)[1]
        while position < stop or length == UNDEFINED:
            content, item_stop, is_open = self._item_head(stream, position, stop)
            if content < 0:
                return position + 8
            self._count += 1
            child = ContentItem()
            parent.children.append(child)
            if is_open:
                position = self.item(stream, content, stop, True, depth, child)
                continue
            try:
                self.item(stream, content, item_stop, False, depth, child)
            except DamagedError as error:
                self.damaged(error)
            position = item_stop
        return stop

    def _first_item(self, stream: Stream, position: int, length: int, end: int, depth: int, found: Found) -> int:
        """The elements of the first item of a sequence of values into ``found``."""
        stop = end if length == UNDEFINED else position + length
        if depth > MAX_DEPTH:
            return stop if length != UNDEFINED else skip_items(stream, position, end)[1]
        into = found
        while position < stop or length == UNDEFINED:
            content, item_stop, is_open = self._item_head(stream, position, stop)
            if content < 0:
                return position + 8
            position = self._elements(stream, content, stop if is_open else item_stop, is_open, depth, into, None)
            into = Found()
        return stop

    def _item_head(self, stream: Stream, position: int, end: int) -> tuple[int, int, bool]:
        """Where an item's content begins (-1: the sequence ends here) and ends, and whether its end is marked instead of stated."""
        try:
            group, number, length = stream.read_implicit(stream.data, position)
        except struct.error:
            stream.ends("it ends within a sequence")
        tag, start = group << 16 | number, position + 8
        if tag == SEQUENCE_END:
            return -1, start, False
        if tag != ITEM or start > end:
            stream.damaged(f"{tag_text(tag)} stands where a content item must begin")
        if length == UNDEFINED:
            return start, end, True
        if start + length > end:
            self._damage.append(f"damaged: a content item claims {length:,} bytes where {end - start:,} are left")
        return start, min(start + length, end), False

    def _code(self, stream: Stream, vr: bytes, start: int, length: int, end: int) -> tuple[Code | None, int]:
        """The first code of a code sequence. The same bytes, read from the beginning, end at the same place: they need no second look."""
        known = self._codes if stream is self._header.stream else {}
        data = stream.data
        stop = start + length if length != UNDEFINED else data.find(_END_OF_SEQUENCE[stream.big_endian], start, end)
        content = data[start : max(start, stop)]
        if content in known and stop >= 0:
            return known[content], stop if length != UNDEFINED else stop + 8
        spans: list[tuple[int, int]] = []
        inner = inner_stream(stream, vr)
        if length == UNDEFINED:
            found_stop, following = skip_items(inner, start, end, spans)
        else:
            found_stop = following = stop
            spans = _spans(inner, start, stop)
        code = read_code(Elements.parse(inner, *spans[0], self._header.charset)) if spans else None
        if found_stop == stop:
            known[content] = code
        return code, following


def _spans(stream: Stream, position: int, end: int) -> list[tuple[int, int]]:
    return list(iterate_items(stream, Element(0, b"SQ" if not stream.implicit else b"", position, end, end)))
