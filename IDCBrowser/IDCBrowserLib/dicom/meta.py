"""Where the data set of a file begins and how it is written (PS3.10 7.1, PS3.5 annex A)."""

from __future__ import annotations

from typing import NamedTuple

from IDCBrowserLib.dicom.problems import not_dicom
from IDCBrowserLib.dicom.scan import TagSelection, scan
from IDCBrowserLib.dicom.stream import Stream
from IDCBrowserLib.dicom.transfer_syntax import DEFLATED, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE
from IDCBrowserLib.dicom.vr import KNOWN

_PREAMBLE = 132
_CLASS = 0x00020002
_SYNTAX = 0x00020010
_META = TagSelection(frozenset((_CLASS, _SYNTAX)), 0x0002FFFF)


class DataSetStart(NamedTuple):
    """``position`` of the first element after the file meta information. ``transfer_syntax`` as stated, or as it was found where none is stated.

    ``implicit`` and ``big_endian``: how it is written; what a deflated one holds is explicit little endian. ``media_class``: Media Storage SOP
    Class UID (0002,0002).
    """

    position: int
    transfer_syntax: str
    implicit: bool
    big_endian: bool
    media_class: str


def find_data_set(stream: Stream) -> DataSetStart:
    """``stream`` is the file, or its beginning. Raises ``NotDicomError``, ``DamagedError``, ``ShortError``."""
    position = _first_group(stream)
    values: dict[int, bytes] = {}
    if stream.data[position : position + 2] == b"\x02\0":
        # File meta information is explicit little endian, whatever follows.
        values, position = scan(stream, position, _META)
    if position + 8 > len(stream.data):
        stream.ends("it ends before its data set begins")
    syntax = values.get(_SYNTAX, b"").rstrip(b" \0").decode("ascii", "replace")
    media_class = values.get(_CLASS, b"").rstrip(b" \0").decode("ascii", "replace")
    if syntax == DEFLATED:
        return DataSetStart(position, syntax, False, False, media_class)
    implicit, big_endian = _way_of_writing(stream, position, syntax)
    found = EXPLICIT_BIG if big_endian else IMPLICIT_LITTLE if implicit else EXPLICIT_LITTLE
    return DataSetStart(position, syntax or found, implicit, big_endian, media_class)


def _first_group(stream: Stream) -> int:
    """Where the first element stands: after the preamble and its mark, or at the very beginning of a file that lacks them."""
    data = stream.data
    if data[128:_PREAMBLE] == b"DICM":
        return _PREAMBLE
    for position in (0, _PREAMBLE) if not any(data[:128]) else (0,):
        head = data[position : position + 8]
        if head[:2] in (b"\x02\0", b"\x08\0"):
            length = int.from_bytes(head[4:], "little")
        elif head[:2] == b"\0\x08":
            length = int.from_bytes(head[4:], "big")
        else:
            continue
        if len(head) == 8 and (head[4:6] in KNOWN or position + 8 + length <= stream.size):
            return position
    raise not_dicom(stream.path)


def _way_of_writing(stream: Stream, position: int, syntax: str) -> tuple[bool, bool]:
    """(implicit, big endian). What the first element looks like overrules a transfer syntax that is absent or contradicts it."""
    head = stream.data[position : position + 8]
    if head == bytes(8):
        stream.damaged("zeros stand where its data set must begin")
    implicit = head[4:6] not in KNOWN
    # The groups of a data set begin with 0008, as files do whose first element says it the other way round.
    big_endian = head[0] == 0 and head[1] != 0 if not syntax else syntax == EXPLICIT_BIG and not implicit
    return implicit, big_endian
