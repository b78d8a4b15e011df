"""Reads the elements of a file that the database needs."""

from __future__ import annotations

from dataclasses import dataclass

from IDCBrowserLib.dicom.first_elements import read_first_elements
from IDCBrowserLib.dicom.problems import not_dicom
from IDCBrowserLib.dicom.regular_file import open_regular, unreadable
from IDCBrowserLib.dicom.scan import TagSelection
from IDCBrowserLib.dicom.sop_classes import MEDIA_STORAGE_DIRECTORY
from IDCBrowserLib.store import tags
from IDCBrowserLib.store.cut_off import check_not_cut_off

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
    """The wanted elements of a file. Raises ``NotDicomError`` (also for a DICOMDIR), ``DamagedError``, ``NotFoundError``, ``StorageError``."""
    try:
        with open_regular(path) as file:
            found = read_first_elements(path, file, _WANTED)
            if found.start.media_class == MEDIA_STORAGE_DIRECTORY:
                raise not_dicom(path, "a DICOMDIR, an index of other files")
            check_not_cut_off(found, file)
    except OSError as error:
        raise unreadable(path, error) from error
    return Header(found.values, found.start.big_endian)
