"""The folders of all versions of a series below the download folder."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.store.status import OlderVersion, SeriesPlace, files_of
from IDCBrowserLib.transfer.layout import series_directory
from IDCBrowserLib.transfer.shared_stores import files_in_stores, shared_stores

if TYPE_CHECKING:
    from IDCBrowserLib.selection.lookup import Lookup
    from IDCBrowserLib.selection.plan import PlannedSeries
    from IDCBrowserLib.store.database import Database


def places_of(lookup: Lookup, series_uids: Sequence[str], folder: str | None, stores: Sequence[Path] = ()) -> list[SeriesPlace]:
    """One place for each UID, in their order. Series that IDC does not have can only be looked up in the database; so is all without a folder.

    A series that is not below ``folder`` and lies whole in one of the shared ``stores`` has its place there.
    """
    uids = list(dict.fromkeys(series_uids))
    current, prior = lookup.series(uids), lookup.prior_of(uids)
    return [_place(uid, current.get(uid), prior.get(uid, []), folder, stores) for uid in uids]


def places_of_planned(lookup: Lookup, planned: Sequence[PlannedSeries], folder: str | None, stores: Sequence[Path] = ()) -> list[SeriesPlace]:
    """The same for series that were looked up already."""
    prior = lookup.prior_of([item.series_uid for item in planned])
    return [_place(item.series_uid, item, prior.get(item.series_uid, []), folder, stores) for item in planned]


def folder_of_series(lookup: Lookup, series_uids: Sequence[str], folder: str, database: Database) -> str:
    """The folder with the files of these series, or the one that all of their folders lie in; "" where none has files. Shared stores count."""
    with database.reading() as connection:
        known = files_of(connection, database, series_uids) if connection is not None else {}
    found = {os.path.dirname(path) for files in known.values() for path in files if os.path.exists(path)}
    for place in places_of(lookup, series_uids, folder, shared_stores()):
        directories = [place.directory, *(older.directory for older in place.older)]
        found |= {directory for directory in directories if directory is not None and os.path.isdir(directory)}
    return common_folder(found)


def common_folder(directories: Collection[str]) -> str:
    """The folder itself, or the one that all lie in; of folders on several disks the first, of none ""."""
    try:
        return os.path.commonpath(directories) if directories else ""
    except ValueError:
        return min(directories)


def _place(uid: str, planned: PlannedSeries | None, prior: Sequence[PlannedSeries], folder: str | None, stores: Sequence[Path]) -> SeriesPlace:
    older = tuple(
        OlderVersion(item.crdc_series_uuid, _directory(item, folder), item.size_bytes)
        for item in prior
        if planned is None or item.crdc_series_uuid != planned.crdc_series_uuid
    )
    if planned is None:
        return SeriesPlace(uid, older=older)
    directory = _directory(planned, folder)
    if stores and directory is not None and not os.path.isdir(directory):
        shared = files_in_stores(planned, stores)
        directory = directory if shared is None else str(shared[0])
    return SeriesPlace(uid, directory, planned.instance_count, planned.crdc_series_uuid, planned.size_bytes, older)


def _directory(planned: PlannedSeries, folder: str | None) -> str | None:
    return os.path.join(folder, *series_directory(planned, folder).split("/")) if folder else None
