"""Refuses headers that a few megabytes make into millions of objects: pydicom makes one of each element and each item, and one of each value.

Nothing is looked at in the short headers that nearly all files have.
"""

from __future__ import annotations

import io
import mmap
from typing import BinaryIO

from IDCBrowserLib.dicom.elements import FIRST_PIXELS, Element, Elements, Stream, item_stream, iterate, iterate_items
from IDCBrowserLib.dicom.meta import find_data_set
from IDCBrowserLib.dicom.scan import TagSelection, scan
from IDCBrowserLib.dicom.transfer_syntax import DEFLATED

# Nothing in so many bytes takes longer than some seconds.
_SHORT = 1 << 20
# An enhanced MR of 20,000 frames has eight items and forty elements for each.
MOST_ITEMS = 250_000
MOST_ELEMENTS = 2_000_000
# Texts, or numbers as text, in one element. As many bytes hold fewer.
MOST_VALUES = 1 << 20
# Trees of reports are nested deepest.
MOST_LEVELS = 64
_TEXTS = frozenset((b"AE", b"AS", b"CS", b"DA", b"DS", b"DT", b"IS", b"LO", b"PN", b"SH", b"TM", b"UI"))
_BEFORE_PIXELS = TagSelection(frozenset(), FIRST_PIXELS - 1)


def check_header_size(path: str, file: BinaryIO | io.FileIO) -> None:
    """Raise ``DamagedError`` for a long header that would cost too much, or which makes no sense. Moves the position of ``file``."""
    if file.seek(0, io.SEEK_END) <= _SHORT:
        return
    data = file.getvalue() if isinstance(file, io.BytesIO) else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    stream = Stream(path, data)
    start = find_data_set(stream)
    if start.transfer_syntax == DEFLATED:
        return
    stream = stream.written(start.implicit, start.big_endian)
    end = scan(stream, start.position, _BEFORE_PIXELS)[1]
    if end > _SHORT:
        _Counter().count(stream, start.position, end, 0)


class _Counter:
    """Walks through everything, sequences of stated length included."""

    def __init__(self) -> None:
        self._items = self._elements = 0

    def count(self, stream: Stream, position: int, end: int, depth: int) -> None:
        if depth > MOST_LEVELS:
            stream.damaged(f"sequences are nested deeper than {MOST_LEVELS} levels")
        for element in iterate(stream, position, end):
            self._elements += 1
            if self._elements > MOST_ELEMENTS:
                stream.damaged(f"its header has more than {MOST_ELEMENTS:,} elements")
            if element.stop - element.start > MOST_VALUES and (element.vr in _TEXTS or not element.vr):
                _check_values(stream, element)
            if element.undefined or Elements(stream, {element.tag: element}).holds_items(element.tag):
                self._enter(stream, element, depth)

    def _enter(self, stream: Stream, element: Element, depth: int) -> None:
        inner = item_stream(stream, element)
        for start, stop in iterate_items(stream, element):
            self._items += 1
            if self._items > MOST_ITEMS:
                stream.damaged(f"its header has more than {MOST_ITEMS:,} items of sequences")
            self.count(inner, start, stop, depth + 1)


def _check_values(stream: Stream, element: Element) -> None:
    values = bytes(stream.data[element.start : element.stop]).count(b"\\") + 1
    if values > MOST_VALUES:
        stream.damaged(f"an element of its header has {values:,} values")
