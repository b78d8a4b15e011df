"""Which images the SEG and RTSTRUCT of Slicer's DICOM database were drawn on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slicer import ctkDICOMDatabase

SOP_CLASS_UID = "0008,0016"


def referenced_series(path: str) -> tuple[str, ...]:
    """Series UIDs that a SEG or RTSTRUCT names. Raises ``IDCBrowserError`` for a file that cannot be read."""
    try:
        status = os.stat(path)
    except OSError:
        return _read(path, 0, 0)
    return _read(path, status.st_mtime_ns, status.st_size)


def image_series(database: ctkDICOMDatabase, path: str) -> str:
    """The first of them that the database has; "" where it has none. Raises as ``referenced_series``."""
    return next((uid for uid in referenced_series(path) if len(database.filesForSeries(uid, 1))), "")


def files_of(database: ctkDICOMDatabase, series_uids: Sequence[str]) -> list[str]:
    """All files of these series."""
    return [str(file) for uid in series_uids for file in database.filesForSeries(uid)]


# Every plugin is asked about the same file, and again when it is loaded.
@lru_cache(maxsize=256)
def _read(path: str, _changed: int, _size: int) -> tuple[str, ...]:
    from IDCBrowserLib.labelmap.convert import describe

    return tuple(describe(path)["referenced_series_uids"])
