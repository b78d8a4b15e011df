"""Slicer's DICOM database as the store of the panels.

Signatures: ctkDICOMIndexer (CTK 5056664a, Libs/DICOM/Core/ctkDICOMIndexer.h): ``setDatabase(db)``, ``addListOfFiles(files, copyFile)``,
``cancel()``, ``setBackgroundImportEnabled(bool)``, signals ``progress(int)`` and ``indexingComplete(int,int,int,int)``, delivered in the main thread.
ctkDICOMDatabase (ctkDICOMDatabase.h of the same commit): ``filesForSeries(uid, hits)``, ``instanceForFile(path)``,
``removeSeries(uid, clearCachedTags, cleanup)``, property ``isOpen``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from IDCBrowserLib.errors import StoreError
from IDCBrowserLib.host.interface import Cancellable, OnError, OnProgress, SeriesStatus
from IDCBrowserLib.task import Progress


class Done:
    """Work that ended before it was returned."""

    def cancel(self) -> None:
        """There is nothing left to stop."""


class SlicerStore:
    """``DicomStore`` on ``slicer.dicomDatabase``. Files are linked, not copied; importing runs in ctk's own threads."""

    def __init__(self, download_folder: Callable[[], str]) -> None:
        self._download_folder = download_folder

    def import_files(
        self, files: Sequence[str], on_done: Callable[[Mapping[str, Any]], None], on_error: OnError, on_progress: OnProgress
    ) -> Cancellable:
        """See ``DicomStore``. ctk says nothing of files it leaves out, so they are found by asking the database afterwards."""
        database = self._open_database(on_error)
        if database is None or not files:
            if database is not None:
                on_done({"patients": 0, "studies": 0, "series": 0, "instances": 0, "left_out": []})
            return Done()
        return _Import(database, list(files), on_done, on_progress)

    def series_status(self, series_uids: Sequence[str], on_done: Callable[[Mapping[str, SeriesStatus]], None], on_error: OnError) -> Cancellable:
        """See ``DicomStore``."""
        database = self._open_database(on_error)
        if database is not None:
            on_done({uid: _status(database, uid) for uid in series_uids})
        return Done()

    def series_files(self, series_uid: str, on_done: Callable[[Sequence[str]], None], on_error: OnError) -> Cancellable:
        """See ``DicomStore``."""
        database = self._open_database(on_error)
        if database is not None:
            on_done([str(path) for path in database.filesForSeries(series_uid)])
        return Done()

    def remove_series(self, series_uids: Sequence[str], on_done: Callable[[Mapping[str, Any]], None], on_error: OnError) -> Cancellable:
        """See ``DicomStore``. Only files below the download folder are deleted; others belong to the user."""
        database = self._open_database(on_error)
        if database is not None:
            counts = {"series": 0, "files": 0, "bytes": 0}
            for uid in series_uids:
                files = [str(path) for path in database.filesForSeries(uid)]
                if database.removeSeries(uid):
                    counts["series"] += 1
                    self._delete(files, counts)
            on_done(counts)
        return Done()

    def _delete(self, files: Sequence[str], counts: dict[str, int]) -> None:
        folder = Path(self._download_folder()).resolve()
        for name in files:
            path = Path(name).resolve()
            if folder in path.parents and path.is_file():
                size = path.stat().st_size
                path.unlink()
                counts["files"] += 1
                counts["bytes"] += size

    def _open_database(self, on_error: OnError) -> Any:
        import slicer

        # slicer.dicomDatabase exists only after startup has completed.
        database = getattr(slicer, "dicomDatabase", None)
        if database is None or not database.isOpen:
            on_error(StoreError("Slicer's DICOM database is not open. Open the DICOM module once and create or choose a database, then try again."))
            return None
        return database


class _Import:
    """One list of files on its way into the database."""

    def __init__(self, database: Any, files: list[str], on_done: Callable[[Mapping[str, Any]], None], on_progress: OnProgress) -> None:
        import ctk

        self._database = database
        self._files = files
        self._on_done = on_done
        self._on_progress = on_progress
        self._over = False
        self._indexer = ctk.ctkDICOMIndexer()
        self._indexer.setDatabase(database)
        self._indexer.setBackgroundImportEnabled(True)
        self._indexer.progress.connect(self._progressed)
        self._indexer.indexingComplete.connect(self._complete)
        self._indexer.addListOfFiles(files, False)

    def cancel(self) -> None:
        """Stop after the file being read; what is in the database stays there."""
        self._over = True
        self._indexer.cancel()

    def _progressed(self, percent: int) -> None:
        if not self._over:
            self._on_progress(Progress("Adding to the DICOM database", percent / 100 * len(self._files), len(self._files), "files"))

    def _complete(self, patients: int, studies: int, series: int, instances: int) -> None:
        if self._over:
            return
        self._over = True
        left_out = [
            {"file": path, "reason": "Slicer's DICOM database did not accept it"} for path in self._files if not self._database.instanceForFile(path)
        ]
        self._on_done({"patients": patients, "studies": studies, "series": series, "instances": instances, "left_out": left_out})


def _status(database: Any, series_uid: str) -> SeriesStatus:
    """In the database only counts while the files are there."""
    files = database.filesForSeries(series_uid, 1)
    if len(files) == 0:
        return SeriesStatus.ABSENT
    return SeriesStatus.IN_DATABASE if os.path.exists(str(files[0])) else SeriesStatus.PARTIAL
