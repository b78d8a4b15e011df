"""One list of files on its way into Slicer's DICOM database.

Signatures (ctkDICOMIndexer.h, CTK Libs/DICOM/Core): ``setDatabase(db)``, property ``backgroundImportEnabled`` (its setter is no slot, so Python
has only the property), ``addListOfFiles(files, copyFile)``, slot ``cancel()``, signals ``progress(int)`` and
``indexingComplete(int,int,int,int)``, delivered in the main thread; its destructor waits for its thread.
``ctkDICOMDatabase.instanceForFile(path)`` (ctkDICOMDatabase.h).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from IDCBrowserLib.api.store import ImportCounts, LeftOut
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import OnProgress
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.task import Progress

if TYPE_CHECKING:
    import ctk
    from slicer import ctkDICOMDatabase

_SLICE_S = 0.006

# An indexer must outlive the signal that says it has ended, also when nobody waits for it any more.
_RUNNING: set[SlicerImport] = set()


class SlicerImport:
    """Starts at once. Afterwards the database is asked for every file, a few milliseconds at a time, since ctk does not name what it left out."""

    def __init__(self, database: ctkDICOMDatabase, files: list[str], on_done: Callable[[ImportCounts], object], on_progress: OnProgress) -> None:
        import ctk

        self._database = database
        # As Qt writes them on every system; the database compares texts.
        self._files = [path.replace(os.sep, "/") for path in files]
        self._on_done = on_done
        self._on_progress = on_progress
        self._counts = (0, 0, 0, 0)
        self._left = list(reversed(self._files))
        self._not_there: list[str] = []
        self.is_over = False
        _RUNNING.add(self)
        indexer = ctk.ctkDICOMIndexer()
        self._indexer: ctk.ctkDICOMIndexer | None = indexer
        indexer.setDatabase(database)
        indexer.setProperty("backgroundImportEnabled", True)
        indexer.progress.connect(self._progressed)
        indexer.indexingComplete.connect(self._complete)
        indexer.addListOfFiles(self._files, False)

    def cancel(self) -> None:
        """Stop after the file being read; what is in the database stays there. ``on_done`` is not called any more."""
        self.is_over = True
        if self._indexer is not None:
            self._indexer.cancel()

    def _progressed(self, percent: int) -> None:
        if not self.is_over:
            done = percent / 100 * len(self._files)
            self._on_progress(Progress(_("Adding to the DICOM database"), done, len(self._files), "files"))

    def _complete(self, patients: int, studies: int, series: int, instances: int) -> None:
        self._counts = patients, studies, series, instances
        if self._indexer is not None:
            self._indexer.progress.disconnect(self._progressed)
            self._indexer.indexingComplete.disconnect(self._complete)
        # Not here: the indexer is still emitting.
        QtCore.QTimer.singleShot(0, self._go_on)

    def _go_on(self) -> None:
        self._indexer = None
        end = time.monotonic() + _SLICE_S
        if not self._database.isOpen:
            # Closed meanwhile: what cannot be found is not there.
            self._not_there += self._left
            self._left = []
        while self._left and not self.is_over:
            self._check(self._left.pop())
            if time.monotonic() >= end:
                QtCore.QTimer.singleShot(0, self._go_on)
                return
        _RUNNING.discard(self)
        if not self.is_over:
            self.is_over = True
            patients, studies, series, instances = self._counts
            left_out: list[LeftOut] = [{"file": path, "reason": self._reason(path)} for path in self._not_there]
            self._on_done({"patients": patients, "studies": studies, "series": series, "instances": instances, "left_out": left_out})

    def _check(self, path: str) -> None:
        if not self._database.instanceForFile(path):
            self._not_there.append(path)

    def _reason(self, path: str) -> str:
        if not os.path.exists(path):
            return _("the file no longer exists")
        if len(self._not_there) == len(self._files) and len(self._files) > 1:
            return _("Slicer's DICOM database accepted none of the files: it may be read-only, full, or on a disconnected drive")
        if _is_deflated(path):
            return _("it is compressed by Deflate, which this Slicer cannot read; IDC Browser can, from the file")
        return _("Slicer's DICOM database did not accept it: it is not a DICOM file, or the database already has the same instance from another file")


def _is_deflated(path: str) -> bool:
    """Which Slicer reads where its DCMTK was built with zlib."""
    from IDCBrowserLib.dicom.dicom_file import open_dicom
    from IDCBrowserLib.dicom.transfer_syntax import DEFLATED

    try:
        return open_dicom(path).transfer_syntax == DEFLATED
    except IDCBrowserError:
        return False
