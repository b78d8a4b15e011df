"""The elements a database needs, of one file."""

from __future__ import annotations

from dataclasses import dataclass

from IDCBrowserLib.dicom.lean_reader import DamagedError, HeaderError, TagSelection, UnusualEncodingError, read_lean
from IDCBrowserLib.store import tags
from IDCBrowserLib.store.cut_off import check_not_cut_off

__all__ = ["DamagedError", "Header", "HeaderError", "read_header"]

# Only radiotherapy objects have wanted elements beyond the pixel description.
_WANTED = TagSelection(
    tags.WANTED,
    tags.BITS_ALLOCATED,
    {b"RTIMAGE": tags.RT_IMAGE_DESCRIPTION, b"RTSTRUCT": tags.STRUCTURE_SET_NAME, b"RTPLAN": tags.RT_PLAN_NAME},
)


@dataclass(frozen=True)
class Header:
    """``values``: the bytes of each wanted element by tag; absent elements are absent."""

    values: dict[int, bytes]
    big_endian: bool = False


def read_header(path: str) -> Header:
    """The wanted elements of a file. Raises ``HeaderError`` for what is not DICOM, cut off, or a DICOMDIR."""
    try:
        header = read_lean(path, _WANTED)
        check_not_cut_off(header)
    except UnusualEncodingError:
        from IDCBrowserLib.store.pydicom_header import read_with_pydicom

        values, big_endian = read_with_pydicom(path)
        return Header(values, big_endian)
    except OSError as error:
        raise DamagedError(f"cannot be read ({error.strerror})") from error
    return Header(header.values)
