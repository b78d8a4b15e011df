"""Answers the method that makes a preview."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from IDCBrowserLib.api import preview as api
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import NotFoundError, StorageError
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.task import Task

# Whoever walks through a table with the arrow keys asks the network for nothing.
_SETTLE_S = 0.08


@answers(api.SERIES)
def series(state: EngineState, params: api.SeriesParameters, task: Task) -> api.Picture:
    """Of files that are here, else of one object that is fetched."""
    from IDCBrowserLib import paths
    from IDCBrowserLib.preview.cache import PictureCache
    from IDCBrowserLib.preview.series import preview
    from IDCBrowserLib.selection.lookup import Lookup
    from IDCBrowserLib.transfer.options import TransferOptions

    _wait(task)
    uid = params["series"]
    planned = Lookup(state.catalog()).series([uid]).get(uid)
    if planned is None:
        raise NotFoundError("This series is not in the catalog.")
    options = TransferOptions(
        provider=params.get("provider") or "aws",
        endpoint_url=params.get("endpoint_url") or None,
        gcs_endpoint_url=params.get("gcs_endpoint_url") or None,
        network=state.network,
    ).checked()
    files: Sequence[str | Path] = params.get("files") or _downloaded(planned, params.get("folder") or "")
    found = preview(planned, options, PictureCache(paths.cache_folder() / "previews"), task, files)
    return {"file": str(found.file or ""), "description": found.description}


def _wait(task: Task) -> None:
    from threading import Event

    stopped = Event()
    task.on_cancel(stopped.set)
    stopped.wait(_SETTLE_S)
    task.raise_if_cancelled()


def _downloaded(planned: PlannedSeries, folder: str) -> list[Path]:
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
