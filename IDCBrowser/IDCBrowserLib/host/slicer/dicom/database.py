"""Slicer's DICOM database as the store of the panels.

Signatures (ctkDICOMDatabase.h, CTK Libs/DICOM/Core): ``filesForSeries(uid, hits)``, ``removeSeries(uid)``, properties ``isOpen``, ``isInMemory``,
``databaseDirectory``. ``slicer.app.dicomDatabase()`` (Base/QTCore/qSlicerCoreApplication.h) is there before startup has completed, the alias
``slicer.dicomDatabase`` is not (``initializeDICOMDatabase`` in Modules/Scripted/DICOM/DICOM.py).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from IDCBrowserLib.api.storage import Chosen, Moved, Removed
from IDCBrowserLib.api.store import ImportCounts
from IDCBrowserLib.api.values import Folders
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import StoreError
from IDCBrowserLib.host.engine_store import EngineStore
from IDCBrowserLib.host.slicer.dicom.database_state import create_or_open, open_database
from IDCBrowserLib.host.slicer.dicom.importing import SlicerImport
from IDCBrowserLib.host.slicer.dicom.storage import SlicerMove, SlicerRemoval
from IDCBrowserLib.host_interface import Cancellable, OnError, OnProgress, SeriesStatus

NOT_OPEN = 'Slicer\'s DICOM database is not open. Press "Create or open the DICOM database" in the module panel of IDC Browser, then try again.'
FILES_GONE = "The DICOM database names files that are not there any more: {file}. Connect the drive, or download the series again."


class FinishedWork:
    """Work that ended before it was returned."""

    def cancel(self) -> None:
        """There is nothing left to stop."""


class SlicerStore:
    """``DicomStore`` on Slicer's database. Files are linked, not copied; importing runs in ctk's own threads.

    Questions about many series are answered by the engine, which reads the same SQLite file and looks at the disk. ``asked`` are the series whose
    status was asked for, so that it can be asked again when the database has changed; ``has_tried`` says that ``prepare`` tried to make a database.
    """

    def __init__(self, client: EngineClient, download_folder: Callable[[], str]) -> None:
        self._client = client
        self._download_folder = download_folder
        self._reader = EngineStore(client, self._readable_folder, download_folder)
        self._imports: list[SlicerImport] = []
        self.has_tried = False
        self.asked: set[str] = set()

    def engine_database(self) -> str:
        """See ``DicomStore``; Slicer's own database is written by Slicer alone."""
        return ""

    def prepare(self) -> None:
        """See ``DicomStore``: Slicer's own way, as when files are imported in its DICOM module. Tried once; the module panel has a button for it."""
        if self.has_tried or open_database() is not None:
            return
        self.has_tried = True
        create_or_open()

    def import_files(
        self, files: Sequence[str], on_done: Callable[[ImportCounts], object], on_error: OnError, on_progress: OnProgress
    ) -> Cancellable:
        """See ``DicomStore``. ctk says nothing of files it leaves out, so they are found by asking the database afterwards."""
        database = open_database()
        if database is None:
            on_error(StoreError(NOT_OPEN))
            return FinishedWork()
        if not files:
            on_done({"patients": 0, "studies": 0, "series": 0, "instances": 0, "left_out": []})
            return FinishedWork()
        self._imports = [work for work in self._imports if not work.is_over]
        work = SlicerImport(database, list(files), on_done, on_progress)
        self._imports.append(work)
        return work

    def series_status(self, series_uids: Sequence[str], on_done: Callable[[Mapping[str, SeriesStatus]], object], on_error: OnError) -> Cancellable:
        """See ``DicomStore``; without an open database the disk alone answers."""
        self.asked.update(series_uids)
        return self._reader.series_status(series_uids, on_done, on_error)

    def series_files(self, series_uid: str, on_done: Callable[[Sequence[str]], object], on_error: OnError) -> Cancellable:
        """See ``DicomStore``."""
        database = open_database()
        if database is None:
            on_error(StoreError(NOT_OPEN))
        else:
            files = [str(path) for path in database.filesForSeries(series_uid)]
            if files and not os.path.exists(files[0]):
                on_error(StoreError(FILES_GONE.format(file=files[0])))
            else:
                on_done(files)
        return FinishedWork()

    def remove(self, chosen: Chosen, on_done: Callable[[Removed], object], on_error: OnError, on_progress: OnProgress) -> Cancellable:
        """See ``DicomStore``. Only files below the download folder are deleted; others belong to the user and are listed as ``kept``."""
        database = open_database()
        if database is None:
            on_error(StoreError(NOT_OPEN))
            return FinishedWork()
        return SlicerRemoval(self._client, database, {**self.folders(), **chosen}, on_done, on_error, on_progress)

    def move(self, to: str, keep_free: int, on_done: Callable[[Moved], object], on_error: OnError, on_progress: OnProgress) -> Cancellable:
        """See ``DicomStore``."""
        database = open_database()
        if database is None:
            on_error(StoreError(NOT_OPEN))
            return FinishedWork()
        return SlicerMove(self._client, database, {**self.folders(), "to": to, "keep_free": keep_free}, on_done, on_error, on_progress)

    def folders(self) -> Folders:
        """See ``DicomStore``."""
        return self._reader.folders()

    def close(self) -> None:
        """Stop running imports; what they have added stays."""
        for work in self._imports:
            work.cancel()
        self._imports.clear()

    def _readable_folder(self) -> str:
        database = open_database()
        if database is None or database.isInMemory:
            # A folder that has no database: the engine then looks at the disk alone.
            return os.path.join(self._download_folder(), ".no-database")
        return str(database.databaseDirectory)
