"""Adds files to the database by reference, without copying them."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from IDCBrowserLib.api import store as api
from IDCBrowserLib.errors import ConversionError, DamagedError, NotFoundError, StorageError
from IDCBrowserLib.store.database import Database, transaction
from IDCBrowserLib.store.header import read_header
from IDCBrowserLib.store.rows import Instance, instance_of
from IDCBrowserLib.store.writing import Writer
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.folders.incoming import PREFIX as INCOMING

# A batch is one transaction: large enough to be quick, small enough that others seldom wait and that cancelling loses little.
_BATCH = 500
_OBJECT = re.compile(r".*[/\\][0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.dcm", re.DOTALL)


@dataclass(frozen=True)
class LeftOut:
    """A file that was not imported; ``reason`` completes "left out: "."""

    file: str
    reason: str

    def to_json(self) -> api.LeftOut:
        """Both."""
        return {"file": self.file, "reason": self.reason}


@dataclass
class ImportReport:
    """What the given files hold, whether added now or already there. ``added`` and ``unchanged`` count instances.

    ``damaged`` counts those of ``left_out`` that are DICOM but cut off, damaged or unreadable; the others do not belong in a database.
    """

    patients: int = 0
    studies: int = 0
    series: int = 0
    instances: int = 0
    added: int = 0
    unchanged: int = 0
    damaged: int = 0
    left_out: list[LeftOut] = field(default_factory=list)

    def to_json(self) -> api.ImportReport:
        """The document of ``idc-browser import --json``."""
        return {
            "patients": self.patients,
            "studies": self.studies,
            "series": self.series,
            "instances": self.instances,
            "added": self.added,
            "unchanged": self.unchanged,
            "damaged": self.damaged,
            "left_out": [item.to_json() for item in self.left_out],
        }


@dataclass
class _Seen:
    """Everything met during one import. ``instances`` maps each SOP Instance UID to its file."""

    instances: dict[str, str] = field(default_factory=dict)
    series: set[str] = field(default_factory=set)


def import_files(database: Database, sources: Sequence[str | Path], task: Task | None = None) -> ImportReport:
    """Link the DICOM files among ``sources`` (files or folders, searched to the bottom) in the database.

    Files that are already there and have not changed since are not read again. Every batch is one transaction: after a cancel, a crash or an error
    the database holds what was finished before. Raises ``NotFoundError`` for a source that does not exist, ``StoreError`` for the database.
    """
    task = task or Task()
    report, seen = ImportReport(), _Seen()
    files = _nameable(_list_files(sources, database, report, task), report)
    with database.writing() as (main, cache):
        for start in range(0, len(files), _BATCH):
            batch = files[start : start + _BATCH]
            known = _known_files(main, batch)
            instances = list(_read_batch(batch, known, seen, report, _Counter(task, start, len(files))))
            if instances:
                Writer(main, cache).write(instances)
        task.report(Progress("Importing", len(files), len(files), "files"))
        report.instances = len(seen.instances)
        report.series, report.studies, report.patients = _count_parents(main, seen.series)
    return report


@dataclass(frozen=True)
class _Counter:
    task: Task
    before: int
    total: int

    def at(self, number: int) -> None:
        self.task.raise_if_cancelled()
        if number % 25 == 0:
            self.task.report(Progress("Importing", self.before + number, self.total, "files"))


def _list_files(sources: Iterable[str | Path], database: Database, report: ImportReport, task: Task) -> list[str]:
    files: dict[str, None] = {}
    for source in sources:
        path = os.path.abspath(source)
        if os.path.isdir(path):
            files.update((name, None) for name in _files_below(path, os.path.realpath(database.folder), report, task))
        elif os.path.lexists(path):
            files[path] = None
        else:
            raise NotFoundError(f"{source} does not exist.")
    return list(files)


def _files_below(top: str, own: str, report: ImportReport, task: Task) -> Iterator[str]:
    """All files below a folder, sorted; links to folders are followed once. The database's own files in folder ``own`` are passed over."""

    def unreadable(error: OSError) -> None:
        report.left_out.append(LeftOut(str(error.filename), f"a folder that cannot be read ({error.strerror})"))
        report.damaged += 1

    visited: set[str] = set()
    for folder, folders, names in os.walk(top, onerror=unreadable, followlinks=True):
        task.raise_if_cancelled()
        real = os.path.realpath(folder)
        if real in visited:
            folders.clear()
            continue
        visited.add(real)
        # What is still arriving there is incomplete.
        folders[:] = sorted(name for name in folders if not name.startswith(INCOMING))
        for name in sorted(names):
            if real != own or not name.startswith("ctkDICOM"):
                yield os.path.join(folder, name)


def _nameable(files: Sequence[str], report: ImportReport) -> list[str]:
    """Names as Qt writes them, with slashes on Windows too. The database holds UTF-8, which a name on Linux need not be."""
    names = []
    for path in files:
        try:
            path.encode()
        except UnicodeEncodeError:
            report.left_out.append(LeftOut(os.fsencode(path).decode("utf-8", "replace"), "its name is not valid UTF-8; rename it"))
            report.damaged += 1
        else:
            names.append(path if os.sep == "/" else path.replace(os.sep, "/"))
    return names


def _known_files(main: sqlite3.Connection, files: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """Filename -> (time of its import, SOP Instance UID, Series Instance UID) for those files that the database has."""
    marks = ",".join("?" * len(files))
    rows = main.execute(f"SELECT Filename, InsertTimestamp, SOPInstanceUID, SeriesInstanceUID FROM Images WHERE Filename IN ({marks})", files)
    return {name: (time, sop, series) for name, time, sop, series in rows}


def _read_batch(
    files: Sequence[str], known: dict[str, tuple[str, str, str]], seen: _Seen, report: ImportReport, counter: _Counter
) -> Iterator[Instance]:
    for number, path in enumerate(files):
        counter.at(number)
        entry = known.get(path)
        try:
            if entry is not None and _is_unchanged(path, entry[0]):
                _claim(entry[1], path, seen, report)
                seen.series.add(entry[2])
                report.unchanged += 1
                continue
            instance = instance_of(path, read_header(path))
            _claim(instance.sop_instance_uid, path, seen, report)
        except (ConversionError, NotFoundError, StorageError) as error:
            report.left_out.append(LeftOut(path, error.reason))
            report.damaged += isinstance(error, (DamagedError, NotFoundError, StorageError))
            continue
        seen.series.add(instance.series_uid)
        report.added += 1
        yield instance


def _claim(sop_uid: str, path: str, seen: _Seen, report: ImportReport) -> None:
    """Note the file of an instance. Raises ``ConversionError`` when another file has it already, unless that is an older version from IDC."""
    other = seen.instances.get(sop_uid)
    if other is not None:
        if not _replaces(path, other):
            raise ConversionError(f"{path} is the same instance as {other}; only one can be in the database.", f"the same instance as {other}")
        report.left_out.append(LeftOut(other, f"an older version of {path}"))
    seen.instances[sop_uid] = path


def _replaces(path: str, other: str) -> bool:
    """Whether a file is a newer version of the same instance: both are named as IDC names objects, and this one came into the folder later."""
    try:
        if _OBJECT.fullmatch(path) is None or _OBJECT.fullmatch(other) is None or os.path.dirname(path) != os.path.dirname(other):
            return False
        return os.stat(path).st_mtime_ns > os.stat(other).st_mtime_ns
    except OSError:
        return False


def _is_unchanged(path: str, imported: str) -> bool:
    """Whether the file was last modified before it was imported: the rule of ctkDICOM."""
    try:
        return os.stat(path).st_mtime < datetime.fromisoformat(imported).timestamp()
    except (OSError, ValueError):
        return False


def _count_parents(main: sqlite3.Connection, series_uids: set[str]) -> tuple[int, int, int]:
    with transaction(main):
        main.execute("CREATE TEMP TABLE IF NOT EXISTS Touched (SeriesInstanceUID PRIMARY KEY)")
        main.execute("DELETE FROM Touched")
        main.executemany("INSERT INTO Touched VALUES (?)", [(uid,) for uid in series_uids])
    row = main.execute(
        "SELECT COUNT(*), COUNT(DISTINCT Studies.StudyInstanceUID), COUNT(DISTINCT PatientsUID) FROM Touched "
        "JOIN Series USING (SeriesInstanceUID) JOIN Studies USING (StudyInstanceUID)"
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])
