"""Where series are, computed from the disk, the database and the journal of transfers; nothing is remembered that could be wrong later."""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from IDCBrowserLib.store.database import Database
from IDCBrowserLib.transfer.folders.versions import CompletedVersions

_CHUNK = 500
# IDC states the size of a prior version in MB with two digits, that of the current one exactly.
_ROUNDING_BYTES = 5_001


class Status(str, Enum):
    """As ``host.interface.SeriesStatus``: whole and imported, whole on disk, incomplete, not here at all, or here in a version that IDC replaced."""

    ABSENT = "absent"
    PARTIAL = "partial"
    ON_DISK = "on disk"
    IN_DATABASE = "in database"
    OUTDATED = "older version"


@dataclass(frozen=True)
class OlderVersion:
    """A version that an earlier IDC release held, and the folder it is downloaded to."""

    crdc_series_uuid: str
    directory: str | None
    size_bytes: int


@dataclass(frozen=True)
class SeriesPlace:
    """What the catalog knows of a series: the folder it is downloaded to, how many instances it has (None: unknown), which version and how many
    bytes the current one is ("" and 0: IDC has none), and the versions before it.
    """

    series_uid: str
    directory: str | None = None
    instance_count: int | None = None
    crdc_series_uuid: str = ""
    size_bytes: int = 0
    older: tuple[OlderVersion, ...] = ()


def series_files(database: Database, series_uid: str) -> list[str]:
    """Absolute paths of the instances of a series in the database, sorted; files that are gone from the disk are left out."""
    with database.reading() as connection:
        if connection is None:
            return []
        disk = _Disk()
        return sorted(path for path in files_of(connection, database, [series_uid])[series_uid] if disk.has(path))


def series_status(database: Database, places: Sequence[SeriesPlace], journal: Path | None = None) -> dict[str, Status]:
    """Status by SeriesInstanceUID. A series counts as in the database only while all of its files are there.

    It counts as an older version when what is here is not what IDC holds now: the files lie in a folder of a prior version, or a transfer wrote down
    that it completed another one there, or (downloaded by another program) their bytes add up to a prior version instead of the current one.
    """
    disk, completed = _Disk(), CompletedVersions(journal)
    with database.reading() as connection:
        known = files_of(connection, database, [place.series_uid for place in places]) if connection is not None else {}
    return {place.series_uid: _status(place, known.get(place.series_uid, []), disk, completed) for place in places}


def is_older(place: SeriesPlace, directory: str, files: int, size_bytes: int, completed: CompletedVersions) -> bool:
    """Whether ``files`` of a series with that many bytes in a folder are of a version that IDC has replaced."""
    if not place.older or not place.crdc_series_uuid or not files:
        return False
    if any(older.directory == directory for older in place.older):
        return True
    stated = completed.of([directory]).get(directory)
    if stated is not None:
        return stated != place.crdc_series_uuid
    if size_bytes == place.size_bytes:
        return False
    return any(abs(size_bytes - older.size_bytes) < _ROUNDING_BYTES for older in place.older) and files >= (place.instance_count or 1) // 2


def _status(place: SeriesPlace, imported: Sequence[str], disk: _Disk, completed: CompletedVersions) -> Status:
    found = _by_count(place, imported, disk)
    if not place.older:
        return found
    if place.crdc_series_uuid == "":
        # Removed from IDC: what is here of it is its last version.
        return found if found is not Status.ABSENT or not _downloaded_older(place, disk) else Status.ON_DISK
    if found in (Status.ABSENT, Status.PARTIAL) and _downloaded_older(place, disk):
        return Status.OUTDATED
    files = [path for path in imported if disk.has(path)] or (disk.dicom(place.directory) if place.directory else [])
    folders = {os.path.dirname(path) for path in files}
    if len(folders) != 1:
        return found
    folder = folders.pop()
    if not is_older(place, folder, len(files), disk.size(files), completed):
        return found if found is not Status.IN_DATABASE or _are_of_version(folder, files, completed) else Status.ON_DISK
    return Status.OUTDATED


def _by_count(place: SeriesPlace, imported: Sequence[str], disk: _Disk) -> Status:
    present = sum(disk.has(path) for path in imported)
    expected = place.instance_count
    if imported and present == len(imported) and (expected is None or present >= expected):
        return Status.IN_DATABASE
    downloaded = len(disk.dicom(place.directory)) if place.directory else 0
    if max(present, downloaded) == 0:
        return Status.ABSENT
    if expected is None:
        return Status.PARTIAL if present < len(imported) else Status.ON_DISK
    return Status.ON_DISK if max(present, downloaded) >= expected else Status.PARTIAL


def _downloaded_older(place: SeriesPlace, disk: _Disk) -> bool:
    return any(older.directory is not None and disk.dicom(older.directory) for older in place.older)


def _are_of_version(folder: str, files: Sequence[str], completed: CompletedVersions) -> bool:
    """False when the transfer that completed the folder knows these files are of another version, which lie beside the new ones."""
    names = completed.names(folder) if completed.of([folder]) else frozenset()
    return not names or all(os.path.basename(path) in names for path in files)


def files_of(connection: sqlite3.Connection, database: Database, series_uids: Sequence[str]) -> dict[str, list[str]]:
    """Absolute paths that the database has of these series, whether they are there or not."""
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

    def dicom(self, folder: str) -> list[str]:
        return [os.path.join(folder, name) for name in self._list(folder) if name.endswith(".dcm")]

    def size(self, paths: Sequence[str]) -> int:
        total = 0
        for path in paths:
            try:
                total += os.stat(path).st_size
            except OSError:
                continue
        return total

    def _list(self, folder: str) -> frozenset[str]:
        names = self._names.get(folder)
        if names is None:
            try:
                names = frozenset(entry.name for entry in os.scandir(folder) if entry.is_file())
            except OSError:
                names = frozenset()
            self._names[folder] = names
        return names
