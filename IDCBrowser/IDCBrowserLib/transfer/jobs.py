"""Transfers that have begun, kept in SQLite until they have ended, so that a crash or a power loss does not lose them.

A job whose program is alive holds a lock; one without is left over, and ``leftover`` gives what it takes to begin it again. What has arrived by
then is found on the disk, so only what was asked for is kept here.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from IDCBrowserLib.selection.buckets import KNOWN_BUCKET
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.transfer.incoming import lock_file
from IDCBrowserLib.transfer.item import TransferItem
from IDCBrowserLib.transfer.options import TransferOptions

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT NOT NULL, options TEXT NOT NULL, begun REAL NOT NULL);
CREATE TABLE IF NOT EXISTS job_series (
    job INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, position INTEGER NOT NULL, crdc_series_uuid TEXT NOT NULL, instances TEXT NOT NULL,
    PRIMARY KEY (job, position)
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class SavedJob:
    """A transfer that did not end. ``series`` are (crdc_series_uuid, instance uuids or nothing for all).

    ``begun`` is in seconds since 1970.
    """

    number: int
    destination: Path
    options: TransferOptions
    series: tuple[tuple[str, tuple[str, ...]], ...]
    begun: float = 0.0

    def sources(self) -> list[str]:
        """What to plan again: each version by its crdc_series_uuid, single instances by their address."""
        return [
            source for uuid, instances in self.series
            for source in ([f"s3://{KNOWN_BUCKET}/{uuid}/{instance}.dcm" for instance in instances] or [uuid])
        ]


class JobStore:
    """``path`` is a file of its own; a store that cannot be used remembers nothing and says so by giving None."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextlib.contextmanager
    def running(self, items: Sequence[TransferItem], destination: Path, options: TransferOptions) -> Iterator[None]:
        """Remember a transfer while the block runs; forget it at its end unless the program died in it."""
        number = self.add([item.series for item in items], destination, options)
        if number is None:
            yield
            return
        with self._lock_path(number).open("wb") as lock:
            with contextlib.suppress(OSError):
                lock_file(lock)
            try:
                yield
            finally:
                # Ended, whatever the outcome: its report was given. Only a program that died leaves its job behind.
                self.forget(number)
        self._lock_path(number).unlink(missing_ok=True)

    def leftover(self) -> list[SavedJob]:
        """Transfers whose program died, the oldest first."""
        with contextlib.suppress(sqlite3.Error, OSError), contextlib.closing(self._connect()) as connection:
            rows = connection.execute("SELECT id, destination, options, begun FROM jobs ORDER BY id").fetchall()
            return [self._saved(connection, *row) for row in rows if not self._is_alive(row[0])]
        return []

    def forget(self, number: int) -> None:
        """Drop a job."""
        with contextlib.suppress(sqlite3.Error, OSError), contextlib.closing(self._connect()) as connection, connection:
            connection.execute("DELETE FROM jobs WHERE id = ?", (number,))

    def add(self, series: Sequence[PlannedSeries], destination: Path, options: TransferOptions) -> int | None:
        """Write a job down; its number, or None when that is not possible."""
        with contextlib.suppress(sqlite3.Error, OSError), contextlib.closing(self._connect()) as connection, connection:
            values = (str(destination), json.dumps(asdict(options)), time.time())
            number = connection.execute("INSERT INTO jobs (destination, options, begun) VALUES (?, ?, ?)", values).lastrowid
            connection.executemany(
                "INSERT INTO job_series VALUES (?, ?, ?, ?)",
                ((number, position, item.crdc_series_uuid, " ".join(item.instances)) for position, item in enumerate(series)),
            )
            return number
        return None

    def _saved(self, connection: sqlite3.Connection, number: int, destination: str, options: str, begun: float) -> SavedJob:
        rows = connection.execute("SELECT crdc_series_uuid, instances FROM job_series WHERE job = ? ORDER BY position", (number,))
        series = tuple((uuid, tuple(instances.split())) for uuid, instances in rows)
        return SavedJob(number, Path(destination), _options(options), series, begun)

    def _is_alive(self, number: int) -> bool:
        try:
            with self._lock_path(number).open("r+b") as lock:
                lock_file(lock)
                return False
        except FileNotFoundError:
            return False
        except OSError:
            return True

    def _lock_path(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.stem}-{number}.lock")

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=5.0)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executescript(_SCHEMA)
        return connection


def _options(text: str) -> TransferOptions:
    """As they were; what another version of this program knew besides is left out."""
    known = {field.name for field in fields(TransferOptions)}
    return TransferOptions(**{name: value for name, value in json.loads(text).items() if name in known})


def job_store_beside(journal_path: Path) -> JobStore:
    """The jobs that belong to a journal."""
    return JobStore(journal_path.with_name(f"{journal_path.stem}-jobs.sqlite"))

