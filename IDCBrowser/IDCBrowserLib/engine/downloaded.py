"""The files of a series in the download folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.errors import StorageError

if TYPE_CHECKING:
    from IDCBrowserLib.selection.plan import PlannedSeries


def downloaded(planned: PlannedSeries, folder: str) -> list[Path]:
    """Its files in the download folder, if all of them are there."""
    from IDCBrowserLib.preview.objects import files_below
    from IDCBrowserLib.transfer.folder import Folder
    from IDCBrowserLib.transfer.layout import series_directory

    if not folder:
        return []
    try:
        with Folder.at(folder) as top, top.below(series_directory(planned, folder)) as own:
            found = files_below(Path(own.path))
    except (OSError, StorageError):
        return []
    return found if found and len(found) >= (planned.instance_count or 1) else []
