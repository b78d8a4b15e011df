"""Prevents the removal of series that a download is writing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.store.status import SeriesPlace
from IDCBrowserLib.transfer.folders.journal import default_path
from IDCBrowserLib.transfer.jobs import job_store_beside


def written_to(folder: str) -> set[str]:
    """crdc_series_uuids that downloads of this or another program write to a folder, or are going to."""
    return job_store_beside(default_path()).being_written(Path(folder))


def refuse_what_is_written(places: Sequence[SeriesPlace], written: set[str]) -> None:
    """Raises ``InputError`` when any of these series is among them."""
    count = sum(not written.isdisjoint({place.crdc_series_uuid, *(older.crdc_series_uuid for older in place.older)}) for place in places)
    if count:
        raise InputError(f"{count:,} of these series belong to a download that is running or waiting; wait for it or cancel it, then remove them.")
