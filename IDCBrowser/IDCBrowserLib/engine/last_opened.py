"""Keeps the SEG or RTSTRUCT that was opened last, so that describing, checking memory, converting and drawing it share one reading."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IDCBrowserLib.dicom.dicom_file import DicomFile

# What is before the pixels; of an RTSTRUCT that is the whole file. A larger one is read again.
_MOST_BYTES = 64 << 20

FileState = tuple[str, int, int, int]


class LastOpened:
    """Holds bytes in memory, and no file open. From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: FileState | None = None
        self._file: DicomFile | None = None

    def open(self, path: str) -> DicomFile:
        """The file at ``path`` as it is now. Raises what ``open_dicom`` raises."""
        from IDCBrowserLib.dicom.dicom_file import open_dicom

        known = self.get(path)
        if known is not None:
            return known
        state = state_of(path)
        file = open_dicom(path)
        if file.header_size > _MOST_BYTES:
            return file
        file = file.let_go()
        with self._lock:
            self._state, self._file = state, file
        return file

    def get(self, path: str) -> DicomFile | None:
        """The file at ``path`` if it was opened last and has not changed since."""
        state = state_of(path)
        with self._lock:
            return self._file if state is not None and state == self._state else None


def state_of(path: str) -> FileState | None:
    """What changes with a file; None where there is none."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return path, status.st_size, status.st_mtime_ns, status.st_ino
