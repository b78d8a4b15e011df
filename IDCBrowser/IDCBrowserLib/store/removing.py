"""Forgetting series: their rows, and those of their files that this program downloaded."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.store.database import Database, transaction
from IDCBrowserLib.store.status import SeriesPlace
from IDCBrowserLib.store.writing import remove_empty, update_study_counts
from IDCBrowserLib.task import Progress, Task


@dataclass
class RemoveReport:
    """``series`` counts those that had rows or files; ``kept`` lists files that were only forgotten, since they lie outside the download folder."""

    series: int = 0
    files: int = 0
    bytes: int = 0
    kept: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """All fields."""
        return dict(vars(self))


def remove_series(database: Database, folder: str | Path, places: Sequence[SeriesPlace], task: Task | None = None) -> RemoveReport:
    """Delete the rows of these series, and those of their files that lie below ``folder``, links resolved. Files elsewhere are never touched.

    The rows go first: a crash in between leaves files that a new import finds again, rather than rows that lead nowhere.
    Raises ``StoreError`` for the database, ``StorageError`` naming the file that cannot be deleted.
    """
    task = task or Task()
    report = RemoveReport()
    root = os.path.realpath(folder)
    for number, place in enumerate(places):
        task.raise_if_cancelled()
        task.report(Progress("Removing", number, len(places), "series"))
        files = _forget(database, place.series_uid) if database.main_file.exists() else []
        files += [path for path in _downloaded(place.directory) if path not in files]
        if files:
            report.series += 1
        for path in files:
            _delete(path, root, report)
        _prune({os.path.dirname(os.path.realpath(path)) for path in files}, root)
    return report


def _forget(database: Database, series_uid: str) -> list[str]:
    with database.writing() as (main, cache):
        with transaction(main):
            rows = main.execute("SELECT SOPInstanceUID, Filename FROM Images WHERE SeriesInstanceUID = ?", (series_uid,)).fetchall()
            studies = _studies_of(main, series_uid)
            main.execute("DELETE FROM Images WHERE SeriesInstanceUID = ?", (series_uid,))
            remove_empty(main, [series_uid])
            update_study_counts(main, studies)
        with transaction(cache):
            cache.executemany("DELETE FROM TagCache WHERE SOPInstanceUID = ?", [(sop_uid,) for sop_uid, _ in rows])
    return [database.resolve(filename) for _, filename in rows if filename]


def _studies_of(main: sqlite3.Connection, series_uid: str) -> list[str]:
    return [uid for (uid,) in main.execute("SELECT StudyInstanceUID FROM Series WHERE SeriesInstanceUID = ?", (series_uid,))]


def _downloaded(directory: str | None) -> list[str]:
    """Files of a series folder that were never imported."""
    if not directory or not os.path.isdir(directory):
        return []
    with os.scandir(directory) as entries:
        return sorted(entry.path for entry in entries if entry.name.endswith(".dcm") and entry.is_file(follow_symlinks=False))


def _delete(path: str, root: str, report: RemoveReport) -> None:
    if not os.path.lexists(path):
        return
    if not os.path.realpath(path).startswith(root + os.sep):
        report.kept.append(path)
        return
    try:
        size = os.path.getsize(path)
        os.remove(path)
    except OSError as error:
        raise StorageError(f"{path} cannot be deleted ({error.strerror}). Check its permissions, or delete it by hand.") from error
    report.files += 1
    report.bytes += size


def _prune(folders: set[str], root: str) -> None:
    """Remove folders that became empty, up to the download folder itself."""
    for start in folders:
        folder = start
        while folder.startswith(root + os.sep):
            with contextlib.suppress(OSError):
                os.rmdir(folder)
            folder = os.path.dirname(folder)
