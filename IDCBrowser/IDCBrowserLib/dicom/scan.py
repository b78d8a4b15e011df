"""Some elements of a data set by one quick walk, without a table of all of them.

Plain elements are passed over without a call and an object for each, since this is what an import of 100,000 files waits for; all others are
``elements``' matter.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from IDCBrowserLib.dicom.elements import MAX_ELEMENTS, UNDEFINED, Span, element_header, inner_stream, skip_items
from IDCBrowserLib.dicom.problems import damaged
from IDCBrowserLib.dicom.stream import Stream
from IDCBrowserLib.dicom.vr import SHORT

_MODALITY = 0x00080060
# Of an implicit element: it may turn out to be an explicit one, to claim more than there is, or to be a sequence.
_LONG_OR_ODD = 0xFFFF0001
_TOO_MANY = f"it has more than {MAX_ELEMENTS:,} elements beside each other"


@dataclass(frozen=True)
class TagSelection:
    """Which elements to keep, by tag (group << 16 | element), and after which one to stop; the last one may depend on the Modality."""

    tags: frozenset[int]
    last: int
    last_by_modality: Mapping[bytes, int] = field(default_factory=dict)

    def last_for(self, modality: bytes) -> int:
        """The tag after which nothing is wanted of an object of this Modality (0008,0060)."""
        return self.last_by_modality.get(modality.strip(b"\0 "), self.last)

    @cached_property
    def noticed(self) -> frozenset[int]:
        """With what a hole of zeros looks like."""
        return self.tags | {0}


def scan(stream: Stream, position: int, wanted: TagSelection) -> tuple[dict[int, bytes], int]:
    """The bytes of the wanted elements that are there, and where the first element stands behind the last wanted one.

    Raises ``DamagedError``, ``ShortError``.
    """
    return _scan_implicit(stream, position, wanted) if stream.implicit else _scan_explicit(stream, position, wanted)


def _scan_explicit(stream: Stream, position: int, wanted: TagSelection) -> tuple[dict[int, bytes], int]:
    values: dict[int, bytes] = {}
    data, read, keep, last = stream.data, stream.read_explicit, wanted.tags, wanted.last
    try:
        for _ in range(MAX_ELEMENTS):
            group, number, vr, length = read(data, position)
            tag = group << 16 | number
            if tag > last:
                return values, position
            if vr in SHORT:
                start = position + 8
                position = start + length
            else:
                start, position = _pass(stream, position)
            if tag in keep:
                # Where it is not all there, neither is the next element.
                values[tag] = data[start:position]
                if tag == _MODALITY:
                    last = wanted.last_for(values[tag])
    except struct.error:
        return values, _at_the_end(stream, position)
    raise damaged(stream.path, _TOO_MANY)


def _scan_implicit(stream: Stream, position: int, wanted: TagSelection) -> tuple[dict[int, bytes], int]:
    values: dict[int, bytes] = {}
    data, read, keep, last = stream.data, stream.read_implicit, wanted.noticed, wanted.last
    try:
        for _ in range(MAX_ELEMENTS):
            group, number, length = read(data, position)
            tag = group << 16 | number
            if tag > last:
                return values, position
            if length & _LONG_OR_ODD:
                start, position = _pass(stream, position)
            else:
                start = position + 8
                position = start + length
            if tag in keep:
                values[tag] = data[start:position]
                if tag == _MODALITY:
                    last = wanted.last_for(values[tag])
                elif not tag:
                    stream.damaged("zeros stand where an element must begin")
    except struct.error:
        return values, _at_the_end(stream, position)
    raise damaged(stream.path, _TOO_MANY)


def _pass(stream: Stream, position: int) -> Span:
    """Start and end of the value of any element."""
    _, vr, start, length = element_header(stream, position, stream.size)
    if length != UNDEFINED:
        return start, start + length
    return start, skip_items(inner_stream(stream, vr), start, stream.size)[1]


def _at_the_end(stream: Stream, position: int) -> int:
    """Where a data set properly ends."""
    if position != len(stream.data) or position != stream.size:
        stream.ends("it ends within its header")
    return position
