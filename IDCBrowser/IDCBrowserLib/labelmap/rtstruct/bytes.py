"""The bytes of a structure set as a tree of element positions: what a DICOM library would parse value by value is only located.

A structure set of 20 MB is 4,000 Contour Data elements of text. Finding them takes milliseconds; their text is read by ``contour_text``.
Everything small (names, codes, references) is read through ``header``.
Encodings: DICOM PS3.5 7.1 (implicit and explicit VR, either byte order), 7.5 (sequences of defined and undefined length), PS3.5 A.5 (deflated).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from IDCBrowserLib.dicom.elements import Elements, Stream, read_element
from IDCBrowserLib.errors import ConversionError, NotFoundError, StorageError

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
ROI_CONTOUR_SEQUENCE = 0x30060039
CONTOUR_SEQUENCE = 0x30060040
CONTOUR_IMAGE_SEQUENCE = 0x30060016
CONTOUR_DATA = 0x30060050
_SEQUENCES = frozenset({ROI_CONTOUR_SEQUENCE, CONTOUR_SEQUENCE, CONTOUR_IMAGE_SEQUENCE})
_LONG_VRS = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
_SHORT_VRS = b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US"
_VRS = _LONG_VRS.union(_SHORT_VRS.split())
_ITEM = 0xFFFEE000
_ITEM_END = 0xFFFEE00D
_SEQUENCE_END = 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF
_MAX_DEPTH = 16
_LARGEST_INFLATED = 1 << 31


@dataclass(frozen=True)
class Encoding:
    """How elements are written: implicit VR or not, little endian or not."""

    implicit: bool
    little: bool


@dataclass(slots=True)
class Node:
    """One element: where its header starts, where its value lies (``start`` to ``end``), and its items if it is a sequence that was entered."""

    begin: int
    start: int
    end: int
    items: list[Item] | None = None


Item = dict[int, Node]
"""One item of a sequence: tag (group << 16 | element) to node."""


class DicomBytes:
    """A structure set in memory. ``elements`` maps the tags of the top level to nodes; sequences of contours are entered, others are skipped.

    Raises ``ConversionError`` naming the file when it is no DICOM data set or ends too early, ``NotFoundError`` when it is not there.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.data = _read(self.path)
        self.encoding, start = self._open()
        try:
            self.elements = _Parser(self.data, self.encoding).top_level(start)
        except _BrokenError as error:
            raise ConversionError(f"{self.path} is damaged or was cut short: {error}. Download it again.") from error

    def _open(self) -> tuple[Encoding, int]:
        data = self.data
        if data[128:132] != b"DICM":
            start = 132 if len(data) > 140 and data[:1] == b"\0" and not any(data[:128]) else 0
            encoding = _guess(data, start)
            if encoding is None:
                raise ConversionError(f"{self.path} is not a DICOM file. Give the file of an RT Structure Set.")
            return encoding, start
        syntax, start = _file_meta(data, self.path)
        if syntax == DEFLATED:
            self.data = _inflate(data[start:], self.path)
            start = 0
        return Encoding(implicit=syntax == IMPLICIT_LITTLE, little=syntax != EXPLICIT_BIG), start

    def header(self) -> Elements:
        """Everything but the contours. Raises ``ConversionError`` when its bytes do not make sense."""
        stream = Stream(str(self.path), self.data, self.encoding.implicit, not self.encoding.little)
        table = {tag: read_element(stream, node.begin, len(self.data)) for tag, node in self.elements.items() if tag != ROI_CONTOUR_SEQUENCE}
        found = Elements(stream, table)
        found.charset = found.raw(0x00080005).decode("ascii", "replace").strip(" \0")
        return found

    def roi_contour_items(self) -> list[Item]:
        """The items of the ROI Contour Sequence; empty when there is none."""
        node = self.elements.get(ROI_CONTOUR_SEQUENCE)
        return node.items or [] if node else []

    def text(self, item: Item, tag: int) -> str:
        """The value of a short text element, without padding; empty when absent."""
        node = item.get(tag)
        return self.data[node.start : node.end].strip(b" \0").decode("ascii", "replace") if node else ""

    def raw(self, item: Item, tag: int) -> bytes | None:
        """The bytes of a value, None when absent."""
        node = item.get(tag)
        return self.data[node.start : node.end] if node else None


class _BrokenError(Exception):
    """The bytes do not make sense; the message says where."""


class _Parser:
    """One walk over the bytes. Positions are absolute; ``end`` bounds what may be read."""

    def __init__(self, data: bytes, encoding: Encoding) -> None:
        self.data = data
        order = "<" if encoding.little else ">"
        self._implicit = struct.Struct(order + "HHI").unpack_from
        self._explicit = struct.Struct(order + "HH2sH").unpack_from
        self._length = struct.Struct(order + "I").unpack_from
        self._encoding = encoding

    def top_level(self, start: int) -> Item:
        item, _ = self._elements(start, len(self.data), 0, implicit=self._encoding.implicit, in_item=False, wanted=True)
        return item

    def _elements(self, position: int, end: int, depth: int, *, implicit: bool, in_item: bool, wanted: bool) -> tuple[Item, int]:
        """The elements up to ``end`` (or the item delimiter, when ``in_item``), and the position after them. Not ``wanted``: only skipped."""
        if depth > _MAX_DEPTH:
            raise _BrokenError(f"sequences are nested deeper than {_MAX_DEPTH} levels at byte {position}")
        found: Item = {}
        while position + 8 <= end:
            tag, vr, length, start = self._header(position, end, implicit)
            if tag == _ITEM_END and in_item:
                return found, start
            if length == _UNDEFINED or tag in _SEQUENCES:
                node, position = self._sequence((position, start, end), length, tag, depth, implicit=implicit or vr == b"UN", wanted=wanted)
            else:
                node = Node(position, start, start + length)
                position = start + length
                if position > end:
                    raise _BrokenError(f"element {_name(tag)} at byte {node.begin} says {length} bytes, but only {max(0, end - start)} are left")
            if wanted:
                found[tag] = node
        if in_item and end == len(self.data):
            raise _BrokenError("the last item has no end")
        if position != end and any(self.data[position:end]):
            raise _BrokenError(f"{end - position} bytes at byte {position} are no element")
        return found, end

    def _sequence(self, where: tuple[int, int, int], length: int, tag: int, depth: int, *, implicit: bool, wanted: bool) -> tuple[Node, int]:
        begin, start, end = where
        enter = wanted and tag in _SEQUENCES
        if length != _UNDEFINED and start + length > end:
            raise _BrokenError(f"sequence {_name(tag)} at byte {begin} says {length} bytes, but only {end - start} are left")
        last = end if length == _UNDEFINED else start + length
        items, after = self._items(start, last, tag, depth + 1, delimited=length == _UNDEFINED, implicit=implicit, wanted=enter)
        return Node(begin, start, after, items if enter else None), after

    def _items(self, position: int, end: int, tag: int, depth: int, *, delimited: bool, implicit: bool, wanted: bool) -> tuple[list[Item], int]:
        items: list[Item] = []
        while position + 8 <= end:
            group, element, length = self._implicit(self.data, position)
            found = group << 16 | element
            position += 8
            if found == _SEQUENCE_END:
                return items, position if delimited else end
            if found != _ITEM:
                raise _BrokenError(f"sequence {_name(tag)} holds {_name(found)} at byte {position - 8} where an item should be")
            if length != _UNDEFINED and position + length > end:
                raise _BrokenError(f"an item of sequence {_name(tag)} at byte {position - 8} says {length} bytes, but only {end - position} are left")
            last = end if length == _UNDEFINED else position + length
            item, position = self._elements(position, last, depth, implicit=implicit, in_item=length == _UNDEFINED, wanted=wanted)
            items.append(item)
        if delimited:
            raise _BrokenError(f"sequence {_name(tag)} has no end")
        return items, end

    def _header(self, position: int, end: int, implicit: bool) -> tuple[int, bytes, int, int]:
        """Tag, VR (empty for implicit), length and where the value starts."""
        if implicit:
            group, element, length = self._implicit(self.data, position)
            return group << 16 | element, b"", length, position + 8
        group, element, vr, short = self._explicit(self.data, position)
        tag = group << 16 | element
        if group == 0xFFFE:
            return tag, b"", self._length(self.data, position + 4)[0], position + 8
        if vr not in _LONG_VRS:
            if vr not in _VRS:
                raise _BrokenError(f"element {_name(tag)} at byte {position} has no value representation")
            return tag, vr, short, position + 8
        if position + 12 > end:
            raise _BrokenError(f"element {_name(tag)} at byte {position} is cut off")
        return tag, vr, self._length(self.data, position + 8)[0], position + 12


def walk(items: list[Item], tag: int) -> Iterator[Item]:
    """The items of the sequence ``tag`` in each of ``items``."""
    for item in items:
        node = item.get(tag)
        if node and node.items:
            yield from node.items


def _name(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no file {path}.") from error
    except IsADirectoryError as error:
        raise ConversionError(f"{path} is a folder. Give the file of an RT Structure Set.") from error
    except PermissionError as error:
        raise StorageError(f"{path} may not be read: {error.strerror}.") from error
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error}.") from error


def _file_meta(data: bytes, path: Path) -> tuple[str, int]:
    """Transfer Syntax UID and where the data set starts (PS3.10 7.1)."""
    position, syntax = 132, ""
    while position + 8 <= len(data) and data[position : position + 2] == b"\x02\x00":
        _, element, vr, length = struct.unpack_from("<HH2sH", data, position)
        start = position + 8
        if vr in _LONG_VRS:
            if position + 12 > len(data):
                break
            length, start = struct.unpack_from("<I", data, position + 8)[0], position + 12
        if start + length > len(data):
            raise ConversionError(f"{path} ends inside its file header. Download it again.")
        if element == 0x0010:
            syntax = data[start : start + length].strip(b" \0").decode("ascii", "replace")
        position = start + length
    if syntax:
        return syntax, position
    encoding = _guess(data, position)
    if encoding is None:
        raise ConversionError(f"{path} has no Transfer Syntax UID (0002,0010) and cannot be read without it. Download it again.")
    return (IMPLICIT_LITTLE if encoding.implicit else "1.2.840.10008.1.2.1" if encoding.little else EXPLICIT_BIG), position


def _guess(data: bytes, start: int) -> Encoding | None:
    """The encoding of a data set without file header, by its first element (group 0008); None when it looks like none."""
    head = data[start : start + 8]
    if len(head) < 8:
        return None
    explicit = head[4:6] in _VRS
    if head[:2] == b"\x08\x00":
        return Encoding(implicit=not explicit, little=True)
    if head[:2] == b"\x00\x08":
        return Encoding(implicit=not explicit, little=False)
    return None


def _inflate(data: bytes, path: Path) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = inflater.decompress(data, _LARGEST_INFLATED)
    except zlib.error as error:
        raise ConversionError(f"{path} cannot be inflated: {error}. Download it again.") from error
    if inflater.unconsumed_tail or not inflater.eof:
        raise ConversionError(f"{path} is cut short or inflates to more than 2 GB. Download it again.")
    return plain
