"""Deleting series: those of their files that this program downloaded, and the rows of these. What is the user's stays, with its rows."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from IDCBrowserLib.api.storage import Removed
from IDCBrowserLib.store.database import Database, transaction
from IDCBrowserLib.store.status import SeriesPlace, files_of
from IDCBrowserLib.store.writing import remove_empty, update_counts, update_study_counts
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.folders.journal import open_journal
from IDCBrowserLib.transfer.folders.owned import Content, OwnedFiles
from IDCBrowserLib.transfer.folders.real_paths import RealPaths

# One transaction for so many: quick, and a crash leaves little between files and rows.
_BATCH = 20
_MAX_NAMED = 200


@dataclass(frozen=True)
class RemovalTarget:
    """A series to remove. Without ``directories`` all of it, wherever it lies; with them only what lies there."""

    series_uid: str
    directories: tuple[str, ...] = ()
    everywhere: bool = True

    @classmethod
    def of(cls, place: SeriesPlace) -> RemovalTarget:
        """Every version of a series."""
        folders = (place.directory, *(older.directory for older in place.older))
        return cls(place.series_uid, tuple(folder for folder in folders if folder is not None))


@dataclass
class RemoveReport:
    """``series`` counts those of which something went. ``kept`` names the user's files (folders with a slash) that stay, ``failed`` those that could
    not be deleted, with the reason; both name at most 200, ``kept_count`` and ``failed_count`` count all.
    """

    series: int = 0
    files: int = 0
    bytes: int = 0
    kept: list[str] = field(default_factory=list)
    kept_count: int = 0
    failed: list[list[str]] = field(default_factory=list)
    failed_count: int = 0

    def to_json(self) -> Removed:
        """All fields."""
        return {
            "series": self.series,
            "files": self.files,
            "bytes": self.bytes,
            "kept": self.kept,
            "kept_count": self.kept_count,
            "failed": self.failed,
            "failed_count": self.failed_count,
        }

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

    def add(self, directory: str, content: Content) -> None:
        """What became of a folder."""
        self.files += len(content.ours)
        self.bytes += content.bytes
        for name in content.theirs:
            self.keep(os.path.join(directory, name))
        for name, reason in content.failed.items():
            self.fail(os.path.join(directory, name), reason)


def remove_series(
    database: Database | None,
    folder: str | Path,
    chosen: Sequence[RemovalTarget],
    task: Task | None = None,
    dry_run: bool = False,
    journal_path: Path | None = None,
) -> RemoveReport:
    """Delete those files of series below ``folder`` that are this program's (``transfer.owned``), and the rows of these.

    With ``dry_run`` only says what it would do. Without a database (Slicer's, whose rows Slicer itself removes) the files alone.
    Files and rows go in one transaction for a few series: a crash leaves rows of files that are gone, which the next removal takes.
    Raises ``StoreError`` for the database; files that cannot be deleted are named in the report.
    """
    task = task or Task()
    report, step = RemoveReport(), "Looking" if dry_run else "Removing"
    with open_journal(journal_path) as journal:
        owned = OwnedFiles(folder, journal, task.raise_if_cancelled)
        act = owned.look if dry_run else owned.remove
        for start in range(0, len(chosen), _BATCH):
            task.raise_if_cancelled()
            task.report(Progress(step, start, len(chosen), "series"))
            with _rows_of(database, chosen[start : start + _BATCH], dry_run) as rows:
                for item in chosen[start : start + _BATCH]:
                    gone = _Removal(item, rows.paths.get(item.series_uid, []), owned).run(act, report)
                    rows.gone[item.series_uid] = gone
        if not dry_run:
            owned.prune()
    task.report(Progress(step, len(chosen), len(chosen), "series"))
    return report


def forgotten_and_kept(
    database: Database, folder: str | Path, chosen: Sequence[RemovalTarget], journal_path: Path | None = None
) -> tuple[list[str], list[str]]:
    """For a host that forgets whole series: those of which rows are to go, and the files of them whose rows are to stay and which are there."""
    forgotten, kept = [], []
    with open_journal(journal_path) as journal, _rows_of(database, chosen, True) as rows:
        owned = OwnedFiles(folder, journal)
        for item in chosen:
            paths = rows.paths.get(item.series_uid, [])
            gone = _Removal(item, paths, owned).run(owned.look, RemoveReport())
            if gone:
                forgotten.append(item.series_uid)
                kept += [path for path in paths if path not in gone and os.path.exists(path)]
    return forgotten, kept


class _Removal:
    """One series: in its own folders all that is ours, elsewhere only what the database says of it. ``paths`` are those of its rows."""

    def __init__(self, item: RemovalTarget, paths: Sequence[str], owned: OwnedFiles) -> None:
        self._owned = owned
        self._real = RealPaths()
        self._folders: dict[str, set[str] | None] = dict.fromkeys(map(self._real.folder, item.directories))
        self._paths = [path for path in paths if item.everywhere or self._real.folder(os.path.dirname(path)) in self._folders]
        for path in self._paths:
            names = self._folders.setdefault(self._real.folder(os.path.dirname(path)), set())
            if names is not None:
                names.add(os.path.basename(path))

    def run(self, act: Callable[[str, set[str] | None], Content], report: RemoveReport) -> set[str]:
        """Gives the paths of rows whose files went, or had gone before."""
        gone: set[tuple[str, str]] = set()
        went = 0
        for folder, names in self._folders.items():
            content = act(folder, names)
            report.add(folder, content)
            went += len(content.ours)
            gone.update((folder, name) for name in (*content.ours, *content.gone))
        rows = {path for path in self._paths if (self._real.folder(os.path.dirname(path)), os.path.basename(path)) in gone}
        report.series += bool(rows or went)
        return rows


@dataclass
class _Rows:
    """``paths`` that the database has of each series; ``gone`` are filled in: those whose rows are to go."""

    paths: dict[str, list[str]]
    gone: dict[str, set[str]] = field(default_factory=dict)


@contextmanager
def _rows_of(database: Database | None, batch: Sequence[RemovalTarget], dry_run: bool) -> Iterator[_Rows]:
    """Rows of some series; what was put into ``gone`` is deleted at the end unless ``dry_run``."""
    uids = [item.series_uid for item in batch]
    if database is None or not database.main_file.exists():
        yield _Rows({})
    elif dry_run:
        with database.reading() as connection:
            yield _Rows(files_of(connection, database, uids) if connection is not None else {})
    else:
        with database.writing() as (main, cache), transaction(main):
            rows = _Rows(files_of(main, database, uids))
            yield rows
            gone = list(_forget(main, database, rows.gone))
            with transaction(cache):
                cache.executemany("DELETE FROM TagCache WHERE SOPInstanceUID = ?", gone)


def _forget(main: sqlite3.Connection, database: Database, gone: dict[str, set[str]]) -> Iterable[tuple[str]]:
    """Delete those rows; gives the SOPInstanceUIDs."""
    studies: set[str] = set()
    instances: list[tuple[str]] = []
    for uid, paths in gone.items():
        if not paths:
            continue
        rows = main.execute("SELECT SOPInstanceUID, Filename FROM Images WHERE SeriesInstanceUID = ?", (uid,)).fetchall()
        instances += [(sop,) for sop, name in rows if database.resolve(name or "") in paths]
        studies.update(study for (study,) in main.execute("SELECT StudyInstanceUID FROM Series WHERE SeriesInstanceUID = ?", (uid,)))
    main.executemany("DELETE FROM Images WHERE SOPInstanceUID = ?", instances)
    uids = [uid for uid, paths in gone.items() if paths]
    remove_empty(main, uids)
    update_counts(main, uids)
    update_study_counts(main, studies)
    return instances
