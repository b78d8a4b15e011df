"""Forgetting series: their rows, and those of their files that this program downloaded."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from IDCBrowserLib.store.database import Database, transaction
from IDCBrowserLib.store.status import SeriesPlace, files_of
from IDCBrowserLib.store.writing import remove_empty, update_counts, update_study_counts
from IDCBrowserLib.task import Progress, Task

# One transaction for so many: quick, and a crash leaves little between rows and files.
_BATCH = 20
_MAX_NAMED = 200


@dataclass(frozen=True)
class Chosen:
    """A series to remove. Without ``directories`` all of it, wherever it lies; with them only what lies there."""

    series_uid: str
    directories: tuple[str, ...] = ()
    everywhere: bool = True

    @classmethod
    def of(cls, place: SeriesPlace) -> Chosen:
        """Every version of a series."""
        folders = (place.directory, *(older.directory for older in place.older))
        return cls(place.series_uid, tuple(folder for folder in folders if folder is not None))


@dataclass
class RemoveReport:
    """``series`` counts those that have rows or files; ``kept`` names files that are only forgotten, since they lie outside the download folder
    or are links, ``failed`` those that could not be deleted, with the reason; both name at most 200, ``kept_count`` and ``failed_count`` count all.
    """

    series: int = 0
    files: int = 0
    bytes: int = 0
    kept: list[str] = field(default_factory=list)
    kept_count: int = 0
    failed: list[list[str]] = field(default_factory=list)
    failed_count: int = 0

    def to_json(self) -> dict[str, Any]:
        """All fields."""
        return dict(vars(self))

    def keep(self, path: str) -> None:
        """A file that stays."""
        self.kept_count += 1
        if self.kept_count <= _MAX_NAMED:
            self.kept.append(path)

    def fail(self, path: str, reason: str) -> None:
        """A file that should have gone."""
        self.failed_count += 1
        if self.failed_count <= _MAX_NAMED:
            self.failed.append([path, reason])


def remove_series(
    database: Database | None, folder: str | Path, chosen: Sequence[Chosen], task: Task | None = None, dry_run: bool = False
) -> RemoveReport:
    """Delete the rows of series, and those of their files that lie below ``folder``; nothing elsewhere is touched and no link is followed.

    With ``dry_run`` only says what it would do. Without a database (Slicer's, whose rows Slicer itself removes) the files below ``folder`` alone.
    The rows go first: a crash in between leaves files that a new import finds again, rather than rows that lead nowhere.
    Raises ``StoreError`` for the database; files that cannot be deleted are named in the report.
    """
    task = task or Task()
    report, deleter = RemoveReport(), Deleter(folder, dry_run)
    for start in range(0, len(chosen), _BATCH):
        task.raise_if_cancelled()
        task.report(Progress("Looking" if dry_run else "Removing", start, len(chosen), "series"))
        batch = chosen[start : start + _BATCH]
        for files in _files_of(database, batch, dry_run):
            report.series += bool(files)
            deleter.delete(files, report)
    deleter.prune()
    task.report(Progress("Looking" if dry_run else "Removing", len(chosen), len(chosen), "series"))
    return report


def forgotten_and_kept(database: Database, chosen: Sequence[Chosen]) -> tuple[list[str], list[str]]:
    """Series that have rows which are to go, and the files of them whose rows are to stay and which are there."""
    with database.reading() as connection:
        known = files_of(connection, database, [item.series_uid for item in chosen]) if connection is not None else {}
    meant: dict[str, set[str]] = {}
    for item in chosen:
        meant.setdefault(item.series_uid, set()).update(path for path in known.get(item.series_uid, ()) if _is_meant(item, path))
    gone = [uid for uid, paths in meant.items() if paths]
    return gone, [path for uid in gone for path in known[uid] if path not in meant[uid] and os.path.exists(path)]


def _files_of(database: Database | None, batch: Sequence[Chosen], dry_run: bool) -> list[list[str]]:
    """The files of each, in the database or beside it; their rows are gone afterwards unless ``dry_run``."""
    rows: dict[str, list[str]] = {}
    if database is not None and database.main_file.exists():
        rows = _listed(database, batch) if dry_run else _forget(database, batch)
    found = []
    for item in batch:
        files = dict.fromkeys(rows.get(item.series_uid, ()))
        for directory in item.directories:
            files.update(dict.fromkeys(_downloaded(directory)))
        found.append(list(files))
    return found


def _listed(database: Database, batch: Sequence[Chosen]) -> dict[str, list[str]]:
    with database.reading() as connection:
        if connection is None:
            return {}
        known = files_of(connection, database, [item.series_uid for item in batch])
    return {item.series_uid: [path for path in known.get(item.series_uid, ()) if _is_meant(item, path)] for item in batch}


def _forget(database: Database, batch: Sequence[Chosen]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    gone: list[tuple[str]] = []
    with database.writing() as (main, cache):
        with transaction(main):
            studies: set[str] = set()
            for item in batch:
                rows = main.execute("SELECT SOPInstanceUID, Filename FROM Images WHERE SeriesInstanceUID = ?", (item.series_uid,)).fetchall()
                meant = [(sop, path) for sop, name in rows if _is_meant(item, path := database.resolve(name or ""))]
                found.setdefault(item.series_uid, []).extend(path for _, path in meant)
                studies.update(_studies_of(main, item.series_uid))
                gone += [(sop,) for sop, _ in meant]
            main.executemany("DELETE FROM Images WHERE SOPInstanceUID = ?", gone)
            uids = [item.series_uid for item in batch]
            remove_empty(main, uids)
            update_counts(main, uids)
            update_study_counts(main, studies)
        with transaction(cache):
            cache.executemany("DELETE FROM TagCache WHERE SOPInstanceUID = ?", gone)
    return found


def _is_meant(item: Chosen, path: str) -> bool:
    return item.everywhere or os.path.dirname(path) in item.directories


def _studies_of(main: sqlite3.Connection, series_uid: str) -> list[str]:
    return [uid for (uid,) in main.execute("SELECT StudyInstanceUID FROM Series WHERE SeriesInstanceUID = ?", (series_uid,))]


def _downloaded(directory: str) -> list[str]:
    """Files of a series folder, imported or not."""
    try:
        with os.scandir(directory) as entries:
            return sorted(entry.path for entry in entries if entry.name.endswith(".dcm") and entry.is_file(follow_symlinks=False))
    except OSError:
        return []


class Deleter:
    """Deletes files below a folder, and afterwards the folders that became empty by that, up to the folder itself."""

    def __init__(self, folder: str | Path, dry_run: bool = False) -> None:
        self._root = os.path.realpath(folder)
        self._dry_run = dry_run
        self._inside: dict[str, bool] = {}

    def delete(self, paths: Iterable[str], report: RemoveReport) -> None:
        """Files that are not there are passed over; those outside, and links, are kept."""
        for path in paths:
            try:
                status = os.lstat(path)
                if not self._is_inside(os.path.dirname(path)) or os.path.islink(path):
                    report.keep(path)
                    continue
                if not self._dry_run:
                    os.remove(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                report.fail(path, error.strerror or str(error))
                continue
            report.files += 1
            report.bytes += status.st_size

    def prune(self) -> None:
        """Remove folders that became empty."""
        for touched in () if self._dry_run else self._touched():
            folder = touched
            while folder.startswith(self._root + os.sep):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
                folder = os.path.dirname(folder)

    def _touched(self) -> Iterator[str]:
        yield from (os.path.realpath(folder) for folder, inside in self._inside.items() if inside)

    def _is_inside(self, folder: str) -> bool:
        known = self._inside.get(folder)
        if known is None:
            known = self._inside[folder] = f"{os.path.realpath(folder)}{os.sep}".startswith(self._root.rstrip(os.sep) + os.sep)
        return known
