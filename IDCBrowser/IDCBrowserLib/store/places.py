"""The folders of all versions of a series below the download folder."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.store.status import OlderVersion, SeriesPlace, files_of
from IDCBrowserLib.transfer.folders.layout import series_directory
from IDCBrowserLib.transfer.folders.shared_stores import files_in_stores, shared_stores
from IDCBrowserLib.transfer.folders.versions import CompletedVersions

if TYPE_CHECKING:
    from IDCBrowserLib.selection.lookup import Lookup
    from IDCBrowserLib.selection.plan import PlannedSeries
    from IDCBrowserLib.store.database import Database


def places_of(lookup: Lookup, series_uids: Sequence[str], folder: str | None, stores: Sequence[Path] = ()) -> list[SeriesPlace]:
    """One place for each UID, in their order. Series that IDC does not have can only be looked up in the database; so is all without a folder.

    A series that is not below ``folder`` and lies whole in one of the shared ``stores`` has its place there.
    """
    uids = list(dict.fromkeys(series_uids))
    return _places(uids, lookup.series(uids), lookup.prior_of(uids), folder, stores)


def places_of_planned(lookup: Lookup, planned: Sequence[PlannedSeries], folder: str | None, stores: Sequence[Path] = ()) -> list[SeriesPlace]:
    """The same for series that were looked up already."""
    uids = [item.series_uid for item in planned]
    return _places(uids, {item.series_uid: item for item in planned}, lookup.prior_of(uids), folder, stores)


def directory_of(planned: PlannedSeries, folder: str) -> str:
    """Where a series lies, or would be downloaded to, below the ``folder``, relative to it; with ``/``."""
    recorded = _Directories(folder, [planned]).recorded(planned)
    return os.path.relpath(recorded, os.path.realpath(folder)).replace(os.sep, "/") if recorded else series_directory(planned, folder)


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


def _places(
    uids: Sequence[str],
    current: Mapping[str, PlannedSeries],
    prior: Mapping[str, Sequence[PlannedSeries]],
    folder: str | None,
    stores: Sequence[Path],
) -> list[SeriesPlace]:
    directories = _Directories(folder, [*current.values(), *(item for versions in prior.values() for item in versions)])
    return [_place(uid, current.get(uid), prior.get(uid, []), directories, stores) for uid in uids]


def _place(uid: str, planned: PlannedSeries | None, prior: Sequence[PlannedSeries], directories: _Directories, stores: Sequence[Path]) -> SeriesPlace:
    older = tuple(
        OlderVersion(item.crdc_series_uuid, directories.of(item), item.size_bytes)
        for item in prior
        if planned is None or item.crdc_series_uuid != planned.crdc_series_uuid
    )
    if planned is None:
        return SeriesPlace(uid, older=older)
    directory = directories.of(planned)
    if stores and directory is not None and not os.path.isdir(directory):
        shared = files_in_stores(planned, stores)
        directory = directory if shared is None else str(shared[0])
    return SeriesPlace(uid, directory, planned.instance_count, planned.crdc_series_uuid, planned.size_bytes, older)


class _Directories:
    """Where versions of series lie below a folder: where the usual layout has them, else where the record of downloads says that they were put."""

    def __init__(self, folder: str | None, versions: Sequence[PlannedSeries]) -> None:
        self._folder = folder or ""
        self._recorded: dict[str, str] = {}
        if folder:
            absent = [item.crdc_series_uuid for item in versions if not os.path.isdir(self._usual(item))]
            self._recorded = _recorded(absent, os.path.realpath(folder)) if absent else {}

    def of(self, item: PlannedSeries) -> str | None:
        """None without a folder."""
        return self.recorded(item) or self._usual(item) if self._folder else None

    def recorded(self, item: PlannedSeries) -> str:
        """The real path of the folder of another layout, "" where it lies or would lie in the usual one."""
        return self._recorded.get(item.crdc_series_uuid, "")

    def _usual(self, item: PlannedSeries) -> str:
        return os.path.join(self._folder, *series_directory(item, self._folder).split("/"))


def _recorded(uuids: Sequence[str], folder: str) -> dict[str, str]:
    """Folders of another layout that were completed below ``folder`` and are there; of several the one with most files."""
    places: dict[str, list[str]] = {}
    for uuid, place in CompletedVersions().folders_of(uuids):
        if place.startswith(folder.rstrip(os.sep) + os.sep) and os.path.isdir(place):
            places.setdefault(uuid, []).append(place)
    # Nothing is listed for the usual, which has one.
    return {uuid: found[0] if len(found) == 1 else max(sorted(found), key=_number_of_files) for uuid, found in places.items()}


def _number_of_files(folder: str) -> int:
    """As far as one may read it."""
    try:
        return sum(name.endswith(".dcm") for name in os.listdir(folder))
    except OSError:
        return 0
