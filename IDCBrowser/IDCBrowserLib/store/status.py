"""Where series are, computed from the disk and the database together; nothing is remembered that could be wrong later."""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from IDCBrowserLib.store.database import Database

_CHUNK = 500


class Status(str, Enum):
    """As ``host.interface.SeriesStatus``: whole and imported, whole on disk, incomplete, or not here at all."""

    ABSENT = "absent"
    PARTIAL = "partial"
    ON_DISK = "on disk"
    IN_DATABASE = "in database"


@dataclass(frozen=True)
class SeriesPlace:
    """What the catalog knows of a series: the folder it is downloaded to, and how many instances it has (None: unknown)."""

    series_uid: str
    directory: str | None = None
    instance_count: int | None = None


def series_files(database: Database, series_uid: str) -> list[str]:
    """Absolute paths of the instances of a series in the database, sorted; files that are gone from the disk are left out."""
    with database.reading() as connection:
        if connection is None:
            return []
        disk = _Disk()
        return sorted(path for path in _files_of(connection, database, [series_uid])[series_uid] if disk.has(path))


def series_status(database: Database, places: Sequence[SeriesPlace]) -> dict[str, Status]:
    """Status by SeriesInstanceUID. A series counts as in the database only while all of its files are there."""
    disk = _Disk()
    with database.reading() as connection:
        known = _files_of(connection, database, [place.series_uid for place in places]) if connection is not None else {}
    return {place.series_uid: _status(place, known.get(place.series_uid, []), disk) for place in places}


def _status(place: SeriesPlace, imported: Sequence[str], disk: _Disk) -> Status:
    present = sum(disk.has(path) for path in imported)
    expected = place.instance_count
    if imported and present == len(imported) and (expected is None or present >= expected):
        return Status.IN_DATABASE
    downloaded = disk.count_dicom(place.directory) if place.directory else 0
    if max(present, downloaded) == 0:
        return Status.ABSENT
    if expected is None:
        return Status.PARTIAL if present < len(imported) else Status.ON_DISK
    return Status.ON_DISK if max(present, downloaded) >= expected else Status.PARTIAL


def _files_of(connection: sqlite3.Connection, database: Database, series_uids: Sequence[str]) -> dict[str, list[str]]:
    files: dict[str, list[str]] = defaultdict(list)
    for uids in _chunks(series_uids):
        marks = ",".join("?" * len(uids))
        rows = connection.execute(f"SELECT SeriesInstanceUID, Filename FROM Images WHERE SeriesInstanceUID IN ({marks})", uids)
        for uid, filename in rows:
            files[uid].append(database.resolve(filename or ""))
    return files


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


class _Disk:
    """Lists each folder once: asking for every file of a series one by one takes many times longer."""

    def __init__(self) -> None:
        self._names: dict[str, frozenset[str]] = {}

    def has(self, path: str) -> bool:
        folder, name = os.path.split(path)
        return name in self._list(folder)

    def count_dicom(self, folder: str) -> int:
        return sum(name.endswith(".dcm") for name in self._list(folder))

    def _list(self, folder: str) -> frozenset[str]:
        names = self._names.get(folder)
        if names is None:
            try:
                names = frozenset(entry.name for entry in os.scandir(folder) if entry.is_file())
            except OSError:
                names = frozenset()
            self._names[folder] = names
        return names
