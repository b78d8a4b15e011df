"""Compressed pixel data as they lie in a file: items, offset tables, and which fragments make a frame (PS3.5 A.4)."""

from __future__ import annotations

import mmap
import struct
from bisect import bisect_right
from collections.abc import Callable, Sequence
from enum import Enum

from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.dicom.elements import ITEM, SEQUENCE_END

_EXTENDED_OFFSET_TABLE = 0x7FE00001
# Begin and end in the file.
Span = tuple[int, int]


class Ending(Enum):
    """How the items end: with their delimiter, before it, or with an item that makes no sense or is cut off."""

    WHOLE = "whole"
    CUT_OFF = "cut off"
    DAMAGED = "damaged"


def items_of(data: bytes | bytearray | mmap.mmap, position: int, end: int) -> tuple[list[Span], Ending]:
    """The content of every whole item, that of the basic offset table first."""
    found: list[Span] = []
    while position + 8 <= end:
        group, number, length = struct.unpack_from("<HHI", data, position)
        tag = group << 16 | number
        if tag == SEQUENCE_END:
            return found, Ending.WHOLE
        if tag != ITEM or position + 8 + length > end:
            return found, Ending.DAMAGED
        found.append((position + 8, position + 8 + length))
        position += 8 + length
    return found, Ending.CUT_OFF


def offsets_of(file: DicomFile, table: Span) -> list[int]:
    """From the basic or the extended offset table, ascending; empty where there is none."""
    return basic_offsets(file.pixel_bytes(), table) or extended_offsets(file.root.raw(_EXTENDED_OFFSET_TABLE))


def basic_offsets(data: bytes | bytearray | mmap.mmap, table: Span) -> list[int]:
    """The content of the first item, ascending."""
    raw = bytes(data[table[0] : table[1]])
    return sorted(struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4]))


def extended_offsets(raw: bytes) -> list[int]:
    """Extended Offset Table (7FE0,0001), ascending."""
    return sorted(struct.unpack(f"<{len(raw) // 8}Q", raw[: len(raw) // 8 * 8]))


def grouped(items: Sequence[Span], frames: int, offsets: Callable[[], Sequence[int]]) -> list[list[Span]] | None:
    """The fragments of each frame: one each, all of one frame, or by the table; None where none of these fits."""
    fragments = items[1:]
    if len(fragments) == frames:
        return [[fragment] for fragment in fragments]
    if frames == 1 and fragments:
        return [list(fragments)]
    table = offsets()
    found = by_offsets(items, table) if len(table) == frames < len(fragments) else []
    return found if found and all(found) and sum(map(len, found)) == len(fragments) else None


def by_offsets(items: Sequence[Span], offsets: Sequence[int]) -> list[list[Span]]:
    """The fragments of each frame that the offset table names; of a file that is cut off some have none."""
    grouped: list[list[Span]] = [[] for _ in offsets]
    for begin, end in items[1:]:
        number = bisect_right(offsets, begin - 8 - items[0][1]) - 1
        if number >= 0:
            grouped[number].append((begin, end))
    return grouped
