"""Add a folder of DICOM files to the DICOM database and load its series into the scene. No Qt."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace

from IDCBrowserLib.api.store import ImportCounts, StoredSeries
from IDCBrowserLib.host_interface import Cancellable, OnError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind
from IDCBrowserLib.logic.downloads.download_base import MAX_LOADED_SERIES, DownloadBase, DownloadServices
from IDCBrowserLib.logic.downloads.download_parts import load_request
from IDCBrowserLib.logic.downloads.download_state import DownloadPhase

# A folder may contain thousands of files that are not DICOM; naming the first is enough.
_MAX_LEFT_OUT = 20
_P = DownloadPhase

# (folder, on_done with the series, on_error) -> handle to cancel it
SeriesBelow = Callable[[str, Callable[[Sequence[StoredSeries]], None], OnError], Cancellable]


class FolderImport(DownloadBase):
    """An entry of the download list that starts with the third step, the import."""

    def __init__(self, key: int, services: DownloadServices) -> None:
        super().__init__(key, services, load=True, first_step=3)

    def add_folder(self, folder: str, series_below: SeriesBelow) -> None:
        """Add a folder of DICOM files to the database (linked, not copied) and load its series, which ``series_below`` lists."""
        self.row = replace(self.row, label=folder, folder=folder)
        self._enter(3, _P.ADDING, _("Adding {folder} to the DICOM database").format(folder=folder))

        def imported(counts: ImportCounts) -> None:
            self.documents["import"] = counts
            for item in counts["left_out"][:_MAX_LEFT_OUT]:
                self.outcomes.add_note(os.path.basename(item["file"]), [_("Not added to the database: {reason}").format(reason=item["reason"])])
            self._run(lambda: series_below(folder, self._load_local, self._failed))

        self._run(lambda: self._host.store.import_files([folder], imported, self._failed, self._progress))

    def _load_local(self, series: Sequence[StoredSeries]) -> None:
        if not series:
            self._end(_P.FAILED, Kind.WARNING, _("This folder contains no DICOM series."))
            return
        self._show(series=len(series))
        if len(series) > MAX_LOADED_SERIES:
            text = _("Added {count} series to the DICOM database. They are too many to load at once (at most {limit}).")
            self._end(_P.FINISHED, Kind.WARNING, text.format(count=f"{len(series):,}", limit=MAX_LOADED_SERIES))
            return
        self._series = [load_request(item) for item in series]
        self.outcomes.name(self._series)
        self._load_series(self._series)
