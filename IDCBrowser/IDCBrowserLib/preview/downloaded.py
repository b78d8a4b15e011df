"""The files of a series on this computer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.errors import StorageError

if TYPE_CHECKING:
    from IDCBrowserLib.selection.plan import PlannedSeries


def downloaded(planned: PlannedSeries, folder: str) -> list[Path]:
    """Its files in the download folder, in whatever layout they were downloaded, if all of them are there."""
    from IDCBrowserLib.preview.objects import files_below
    from IDCBrowserLib.store.places import directory_of
    from IDCBrowserLib.transfer.folders.folder import Folder

    if not folder:
        return []
    try:
        with Folder.at(folder) as top, top.below(directory_of(planned, folder)) as own:
            found = files_below(Path(own.path))
    except (OSError, StorageError):
        return []
    return found if found and len(found) >= (planned.instance_count or 1) else []


def files_here(planned: PlannedSeries, database: str, folder: str) -> list[Path]:
    """Its files that are in the DICOM database, else all of those in the download folder; either may be "" for none."""
    from IDCBrowserLib.store.database import Database
    from IDCBrowserLib.store.status import series_files

    known = series_files(Database(database), planned.series_uid) if database else []
    return [Path(path) for path in known] or downloaded(planned, folder)
