"""Transfers that wait or have begun, kept in SQLite until they have ended, so that a crash, a power loss or a quit does not lose them.

A job whose program is alive holds a lock; one without is left over, and ``leftover`` gives what it takes to begin it again. What has arrived by
then is found on the disk, so only what was asked for is kept here.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import IO, Any

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.file_lock import is_locked, lock_file
from IDCBrowserLib.selection.buckets import KNOWN_BUCKET
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.sqlite_errors import ERRORS
from IDCBrowserLib.transfer.folders.journal_file import folder_key, make_private
from IDCBrowserLib.transfer.item import TransferItem
from IDCBrowserLib.transfer.options import TransferOptions

logger = logging.getLogger(__name__)

# Whoever looks whether a job is alive has its lock for a moment.
_TIMEOUT_S = 0.5
_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT NOT NULL, options TEXT NOT NULL, begun REAL NOT NULL);
CREATE TABLE IF NOT EXISTS job_series (
    job INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, position INTEGER NOT NULL, crdc_series_uuid TEXT NOT NULL, instances TEXT NOT NULL,
    PRIMARY KEY (job, position)
) WITHOUT ROWID;
"""
# Of later versions of this program; a file of an earlier one gets them added.
_ADDED_COLUMNS = {"about": "TEXT NOT NULL DEFAULT '{}'", "place": "REAL NOT NULL DEFAULT 0"}


@dataclass(frozen=True)
class SavedJob:
    """A transfer that did not end. ``series`` are (crdc_series_uuid, instance uuids or nothing for all).

    ``begun`` is in seconds since 1970, 0 for one that only waited. ``about`` is what whoever asked for it wants to know again, JSON-able.
    """

    number: int
    destination: Path
    options: TransferOptions
    series: tuple[tuple[str, tuple[str, ...]], ...]
    begun: float = 0.0
    about: dict[str, Any] = field(default_factory=dict)

    def sources(self) -> list[str]:
        """What to plan again: each version by its crdc_series_uuid, single instances by their address."""
        return [
            source
            for uuid, instances in self.series
            for source in ([f"s3://{KNOWN_BUCKET}/{uuid}/{instance}.dcm" for instance in instances] or [uuid])
        ]


class JobStore:
    """``path`` is a file of its own; a store that cannot be used remembers nothing and says so by giving None."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextlib.contextmanager
    def running(self, items: Sequence[TransferItem], destination: Path, options: TransferOptions) -> Iterator[None]:
        """Remember a transfer while the block runs; forget it at its end unless the program died in it."""
        held = self.hold(self.add([item.series for item in items], destination, options))
        try:
            yield
        finally:
            # Ended, whatever the outcome: its report was given. Only a program that died leaves its job behind.
            held.forget()

    def hold(self, number: int | None) -> HeldJob:
        """Keep a job for this program from now on, so that no other takes it for left over; None for one that could not be written down."""
        return HeldJob(self, number, self._lock_path(number) if number is not None else None)

    def leftover(self) -> list[SavedJob]:
        """Transfers whose program ended before them, in their order."""
        with contextlib.suppress(*ERRORS, OSError), contextlib.closing(self._connect()) as connection:
            rows = connection.execute("SELECT id, destination, options, begun, about FROM jobs ORDER BY place, id").fetchall()
            found = (self._saved(connection, *row) for row in rows if not self._is_alive(row[0]))
            return [job for job in found if job is not None]
        return []

    def being_written(self, destination: Path) -> set[str]:
        """crdc_series_uuids of transfers into a folder whose programs are alive."""
        with contextlib.suppress(*ERRORS, OSError), contextlib.closing(self._connect()) as connection:
            jobs = connection.execute("SELECT id, destination FROM jobs").fetchall()
            alive = [number for number, folder in jobs if _same(Path(os.fsdecode(folder)), destination) and self._is_alive(number)]
            return {uuid for number in alive for (uuid,) in connection.execute("SELECT crdc_series_uuid FROM job_series WHERE job = ?", (number,))}
        return set()

    def moved(self, before: Path, now: Path) -> None:
        """Interrupted transfers into a folder go on in another one."""
        with contextlib.suppress(*ERRORS, OSError), contextlib.closing(self._connect()) as connection, connection:
            connection.execute("UPDATE jobs SET destination = ? WHERE destination = ?", (folder_key(now), folder_key(before)))

    def forget(self, number: int) -> None:
        """Drop a job."""
        with contextlib.suppress(*ERRORS, OSError), contextlib.closing(self._connect()) as connection, connection:
            connection.execute("DELETE FROM jobs WHERE id = ?", (number,))

    def arrange(self, numbers: Sequence[int]) -> None:
        """The order of jobs from now on."""
        with contextlib.suppress(*ERRORS, OSError), contextlib.closing(self._connect()) as connection, connection:
            connection.executemany("UPDATE jobs SET place = ? WHERE id = ?", enumerate(numbers))

    def begin(self, number: int) -> None:
        """A job that waited has begun."""
        with contextlib.suppress(*ERRORS, OSError), contextlib.closing(self._connect()) as connection, connection:
            connection.execute("UPDATE jobs SET begun = ? WHERE id = ?", (time.time(), number))

    def add(
        self,
        series: Sequence[PlannedSeries],
        destination: Path,
        options: TransferOptions,
        *,
        about: Mapping[str, Any] | None = None,
        waiting: bool = False,
        number: int | None = None,
    ) -> int | None:
        """Write a job down; its number, or None when that is not possible. ``number`` was its number before, if it had one."""
        with contextlib.suppress(*ERRORS, OSError), contextlib.closing(self._connect()) as connection, connection:
            # Proxy and certificates are those of the moment; a proxy's password is not for a file that outlives the transfer.
            kept = {name: value for name, value in asdict(options).items() if name != "network"}
            values = (number, folder_key(destination), json.dumps(kept), 0.0 if waiting else time.time(), json.dumps(dict(about or {})))
            number = connection.execute(
                "INSERT INTO jobs (id, destination, options, begun, about, place) "
                "VALUES (?, ?, ?, ?, ?, (SELECT COALESCE(MAX(place), 0) + 1 FROM jobs))",
                values,
            ).lastrowid
            connection.executemany(
                "INSERT INTO job_series VALUES (?, ?, ?, ?)",
                ((number, position, item.crdc_series_uuid, " ".join(item.instances)) for position, item in enumerate(series)),
            )
            return number
        return None

    def _saved(
        self, connection: sqlite3.Connection, number: int, destination: str | bytes, options: str, begun: float, about: str
    ) -> SavedJob | None:
        """None for a damaged row, which nobody can begin again."""
        rows = connection.execute("SELECT crdc_series_uuid, instances FROM job_series WHERE job = ? ORDER BY position", (number,))
        try:
            series = tuple((str(uuid), tuple(str(instances).split())) for uuid, instances in rows)
            return SavedJob(number, Path(os.fsdecode(destination)), _options(options), series, float(begun), dict(json.loads(about)))
        except (InputError, ValueError, TypeError):
            logger.warning("the record of download %d is damaged and passed over", number, exc_info=True)
            return None

    def _is_alive(self, number: int) -> bool:
        try:
            with self._lock_path(number).open("r+b") as lock:
                return is_locked(lock)
        except FileNotFoundError:
            return False
        except OSError:
            return True

    def _lock_path(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.stem}-{number}.lock")

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        make_private(self._path)
        connection = sqlite3.connect(self._path, timeout=5.0)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executescript(_SCHEMA)
        there = {row[1] for row in connection.execute("PRAGMA table_info(jobs)")}
        for name, kind in _ADDED_COLUMNS.items():
            if name not in there:
                connection.execute(f"ALTER TABLE jobs ADD COLUMN {name} {kind}")
        return connection


class HeldJob:
    """A job of this program. ``release`` leaves it to be found as left over, ``forget`` drops it; both may be called twice."""

    def __init__(self, store: JobStore, number: int | None, lock_path: Path | None) -> None:
        self.number = number
        self._store = store
        self._lock_path = lock_path
        self._lock: IO[bytes] | None = None
        if lock_path is not None:
            with contextlib.suppress(OSError):
                self._take(lock_path)

    @property
    def is_ours(self) -> bool:
        """False when another program has it, or when it could not be written down."""
        return self._lock is not None

    def _take(self, lock_path: Path) -> None:
        lock = lock_path.open("ab")
        try:
            lock_file(lock, _TIMEOUT_S)
        except OSError:
            lock.close()
            raise
        self._lock = lock

    def begin(self) -> None:
        """It waits no longer."""
        if self.number is not None:
            self._store.begin(self.number)

    def release(self) -> None:
        """This program ends before it."""
        lock, self._lock = self._lock, None
        if lock is not None and self._lock_path is not None:
            lock.close()
            self._lock_path.unlink(missing_ok=True)

    def forget(self) -> None:
        """It has ended."""
        if self.number is not None:
            self._store.forget(self.number)
        self.release()


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _options(text: str) -> TransferOptions:
    """As they were; what another version of this program knew besides is left out."""
    known = {field.name for field in fields(TransferOptions)} - {"network"}
    return TransferOptions(**{name: value for name, value in dict(json.loads(text)).items() if name in known}).checked()


def job_store_beside(journal_path: Path) -> JobStore:
    """The jobs that belong to a journal."""
    return JobStore(journal_path.with_name(f"{journal_path.stem}-jobs.sqlite"))
