"""Add folders of DICOM files to the DICOM database and load their series into the scene. No Qt."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from IDCBrowserLib.api.selection import MAX_LOADED_SERIES
from IDCBrowserLib.api.store import SERIES_BELOW, ImportCounts, SeriesBelow
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind
from IDCBrowserLib.logic.downloads.download_base import DownloadBase, DownloadServices
from IDCBrowserLib.logic.downloads.download_parts import load_request
from IDCBrowserLib.logic.downloads.download_state import DownloadPhase

# A folder may contain thousands of files that are not DICOM; naming the first is enough.
_MAX_LEFT_OUT = 20
_P = DownloadPhase


class FolderImport(DownloadBase):
    """An entry of the download list that starts with the third step, the import."""

    def __init__(self, key: int, services: DownloadServices) -> None:
        super().__init__(key, services, load=True, first_step=3)

    def add_folders(self, folders: Sequence[str]) -> None:
        """Add folders of DICOM files to the database (linked, not copied) and load the series below each."""
        if len(folders) == 1:
            self.row = replace(self.row, label=folders[0], folder=folders[0])
            text = _("Adding {folder} to the DICOM database").format(folder=folders[0])
        else:
            self.row = replace(self.row, label=_("{count} folders").format(count=f"{len(folders):,}"))
            text = _("Adding {count} folders to the DICOM database").format(count=f"{len(folders):,}")
        self._enter(3, _P.ADDING, text)
        below = SERIES_BELOW({"database": self._host.store.folders()["database"], "folders": list(folders)})

        def imported(counts: ImportCounts) -> None:
            self.documents["import"] = counts
            for item in counts["left_out"][:_MAX_LEFT_OUT]:
                self.outcomes.add_note(os.path.basename(item["file"]), [_("Not added to the database: {reason}").format(reason=item["reason"])])
            self._run(lambda: self._client.ask(below, self._load_local, self._failed))

        self._run(lambda: self._host.store.import_files(folders, imported, self._failed, self._progress))

    def _load_local(self, found: SeriesBelow) -> None:
        series = found["series"]
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
