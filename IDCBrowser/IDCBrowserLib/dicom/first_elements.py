"""A few elements from the first kilobytes of a file, however it is written."""

from __future__ import annotations

import os
from io import FileIO
from typing import NamedTuple

from IDCBrowserLib.dicom.inflate import MOST_BYTES, Inflater
from IDCBrowserLib.dicom.meta import DataSetStart, find_data_set
from IDCBrowserLib.dicom.problems import ShortError, damaged
from IDCBrowserLib.dicom.scan import TagSelection, scan
from IDCBrowserLib.dicom.stream import Stream
from IDCBrowserLib.dicom.transfer_syntax import DEFLATED

# Read in steps; no header is longer than the last one.
_READS = (16 << 10, 512 << 10, 8 << 20, 128 << 20)


class FirstElements(NamedTuple):
    """``values``: the bytes of each wanted element that is there. ``stream`` is what was read, inflated where it was deflated.

    ``end``: where reading stopped in it. ``inflater`` of a deflated file.
    """

    start: DataSetStart
    values: dict[int, bytes]
    stream: Stream
    end: int
    inflater: Inflater | None = None


def read_first_elements(path: str, file: FileIO, wanted: TagSelection) -> FirstElements:
    """The wanted elements of an open file. Raises ``NotDicomError``, ``DamagedError``, ``OSError``."""
    size = os.fstat(file.fileno()).st_size
    data = b""
    for most in _READS:
        data += _read(file, min(most, size) - len(data))
        if len(data) < min(most, size):
            # It has become shorter meanwhile.
            size = len(data)
        stream = Stream(path, data, size=size)
        try:
            start = find_data_set(stream)
            if start.transfer_syntax == DEFLATED:
                return _deflated(path, file, size, start, wanted)
            stream = stream.written(start.implicit, start.big_endian)
            values, end = scan(stream, start.position, wanted)
            return FirstElements(start, values, stream, end)
        except ShortError:
            continue
    raise damaged(path, f"its header has more than {_READS[-1] >> 20} MB")


def _read(file: FileIO, size: int) -> bytes:
    """All of them, unless the file ends before: a network drive may give less at a time."""
    data = file.read(size) or b""
    while len(data) < size and (more := file.read(size - len(data))):
        data += more
    return data


def _deflated(path: str, file: FileIO, size: int, start: DataSetStart, wanted: TagSelection) -> FirstElements:
    """Inflates no more than the wanted elements need."""
    file.seek(start.position)
    inflater = Inflater(path, file, size)
    for most in _READS:
        data = bytes(inflater.up_to(most))
        stream = Stream(path, data, size=len(data) if inflater.ended else MOST_BYTES)
        try:
            values, end = scan(stream, 0, wanted)
            return FirstElements(start, values, stream, end, inflater)
        except ShortError:
            continue
    raise damaged(path, f"its header has more than {_READS[-1] >> 20} MB")
