"""Whether Slicer's DICOM database can be used, Slicer's own way to make or open it, and being told when it changes.

Signatures: ``DICOMFileDialog.createDefaultDatabase()`` (Modules/Scripted/DICOM/DICOM.py: makes a database beside one of another schema, and
shows the DICOM module when it cannot), signals ``databaseChanged()``, ``opened()``, ``closed()``, ``closeDatabase()``,
property ``lastError`` (ctkDICOMDatabase.h).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtCore

if TYPE_CHECKING:
    from slicer import ctkDICOMDatabase

logger = logging.getLogger(__name__)

# An import emits databaseChanged many times in a row.
_PAUSE_MS = 400
_MODULE = "IDCBrowser"


class DatabaseWatch:
    """Calls ``on_change`` once after changes of the database have paused; ``close`` disconnects."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        import slicer

        self._on_change = on_change
        self._timer = QtCore.QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(on_change)
        self._database = slicer.app.dicomDatabase()
        if self._database is not None:
            self._database.databaseChanged.connect(self._changed)
            self._database.opened.connect(self._changed)
            self._database.closed.connect(self._changed)

    def close(self) -> None:
        """Nothing stays connected."""
        self._timer.stop()
        self._timer.timeout.disconnect(self._on_change)
        if self._database is not None:
            self._database.databaseChanged.disconnect(self._changed)
            self._database.opened.disconnect(self._changed)
            self._database.closed.disconnect(self._changed)
            self._database = None

    def _changed(self) -> None:
        if not self._timer.isActive():
            self._timer.start()


def open_database() -> ctkDICOMDatabase | None:
    """Slicer's database; None while it is not open, or when its file was moved or deleted meanwhile, which CTK does not notice."""
    import slicer

    database = slicer.app.dicomDatabase()
    return database if database is not None and database.isOpen and not _is_gone(database) else None


def _is_gone(database: ctkDICOMDatabase) -> bool:
    return not database.isInMemory and not os.path.isfile(str(database.databaseFilename))


def why_not_open() -> str:
    """A sentence while the database is not open, else ""."""
    import slicer

    if open_database() is not None:
        return ""
    database = slicer.app.dicomDatabase()
    if database is not None and was_taken_away():
        text = _("Slicer's DICOM database was moved or deleted while it was open: {file} is missing. Put it back, or create a new one.")
        return text.format(file=database.databaseFilename)
    reason = str(database.lastError).strip() if database is not None else ""
    text = _("Slicer's DICOM database is not open. Downloads are stored on disk, but cannot be loaded until a database is open.")
    return f"{text} ({reason})" if reason else text


def close_if_gone() -> None:
    """Slicer makes no other database while it believes to have one; for whoever asks for another one, not by itself: a drive may come back."""
    import slicer

    database = slicer.app.dicomDatabase()
    if database is not None and was_taken_away():
        database.closeDatabase()


def was_taken_away() -> bool:
    """Whether Slicer believes to have a database whose file was moved or deleted."""
    import slicer

    database = slicer.app.dicomDatabase()
    return database is not None and bool(database.isOpen) and _is_gone(database)


def create_or_open() -> bool:
    """Slicer's own way; comes back to this module when it worked."""
    import slicer

    try:
        from DICOM import DICOMFileDialog

        made = bool(DICOMFileDialog.createDefaultDatabase())
        if made:
            slicer.util.selectModule(_MODULE)
    except (AttributeError, ImportError, RuntimeError):
        # Without a main window the DICOM module has no browser to make a database with; it may also be switched off.
        logger.exception("The DICOM database could not be opened.")
        return False
    return made
