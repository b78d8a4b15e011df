"""Which files were verified, kept in SQLite outside the download folder, so that a second run need not read them again.

An entry is believed only while size, modification time and the MD5 that the bucket states are the same as when the file was verified; it never
makes a file complete that is not there.

What was written shortly before a power cut may be lost although its size and time are right. So an entry belongs to the run of the operating
system in which it was made, and is believed after the next start only when that run went on for ``SETTLED_S`` after it: by then the system has
written the file out. The others are read again (Resources/Decisions/0008-transfers.md).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from IDCBrowserLib import paths
from IDCBrowserLib.transfer import boot

_SCHEMA = """
CREATE TABLE IF NOT EXISTS verified (
    folder TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, md5 TEXT NOT NULL,
    boot TEXT NOT NULL, uptime REAL NOT NULL, PRIMARY KEY (folder, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS completed (folder TEXT PRIMARY KEY, crdc_series_uuid TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS unsettled ON verified (boot, uptime) WHERE boot != '';
"""
_VERSION = 2
# Systems write what programs have written after half a minute (Linux: dirty_expire_centisecs), a slow disk with much memory takes longer.
SETTLED_S = 900.0

# name -> (size, mtime_ns, md5)
Entries = dict[str, tuple[int, int, str]]


def default_path() -> Path:
    """Where the journal of this user lies; ``IDC_BROWSER_STATE`` names another folder for it alone."""
    folder = os.environ.get("IDC_BROWSER_STATE")
    if folder:
        return Path(folder) / "transfers.sqlite"
    return paths.data_folder() / "transfers.sqlite"


class Journal:
    """Safe to use from several threads and programs. A journal that cannot be used only costs time: files are then read again."""

    def __init__(self, path: Path | None, boot_id: str = "", uptime: Callable[[], float] = boot.uptime_s) -> None:
        self._lock = threading.Lock()
        self._connection = _open(path) if path is not None else None
        self._boot = boot_id or boot.boot_id()
        self._uptime = uptime
        self._settle()

    def entries(self, folder: Path) -> Entries:
        """What was verified in a folder and can be believed."""
        return self._select(folder, "boot IN ('', ?)")

    def doubtful(self, folder: Path) -> Entries:
        """What was verified in a folder but perhaps lost since, because the computer started again soon after."""
        return self._select(folder, "boot NOT IN ('', ?)")

    def add(self, folder: Path, entries: Iterable[tuple[str, int, int, str]]) -> None:
        """Remember verified files of a folder: (name, size, mtime_ns, md5)."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._connection is not None:
                rows = [(str(folder), *entry, self._boot, self._uptime()) for entry in entries]
                self._connection.executemany("REPLACE INTO verified VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
                self._connection.commit()
        self._settle()

    def complete(self, folder: Path, crdc_series_uuid: str, names: Iterable[str]) -> None:
        """A version of a series lies whole in a folder; ``names`` are its files. What was verified there of other versions is forgotten."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._connection is not None:
                kept = set(names)
                known = self._connection.execute("SELECT name FROM verified WHERE folder = ?", (str(folder),))
                others = [(str(folder), name) for (name,) in known if name not in kept]
                self._connection.executemany("DELETE FROM verified WHERE folder = ? AND name = ?", others)
                self._connection.execute("REPLACE INTO completed VALUES (?, ?)", (str(folder), crdc_series_uuid))
                self._connection.commit()

    def moved(self, folders: Iterable[tuple[str, str]]) -> None:
        """Verified files lie elsewhere now, with their sizes and times: (folder before, folder now)."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._connection is not None:
                pairs = [(now, before) for before, now in folders]
                self._connection.executemany("UPDATE OR REPLACE verified SET folder = ? WHERE folder = ?", pairs)
                self._connection.executemany("UPDATE OR REPLACE completed SET folder = ? WHERE folder = ?", pairs)
                self._connection.commit()

    def _select(self, folder: Path, condition: str) -> Entries:
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._connection is not None:
                query = f"SELECT name, size, mtime_ns, md5 FROM verified WHERE folder = ? AND {condition}"
                rows = self._connection.execute(query, (str(folder), self._boot))
                return {name: (size, mtime_ns, md5) for name, size, mtime_ns, md5 in rows}
        return {}

    def _settle(self) -> None:
        """What was written long ago in this run of the system is on the disk."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._connection is not None:
                limit = (self._boot, self._uptime() - SETTLED_S)
                self._connection.execute("UPDATE verified SET boot = '' WHERE boot != '' AND boot = ? AND uptime < ?", limit)
                self._connection.commit()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def _open(path: Path) -> sqlite3.Connection | None:
    connection = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = _connect(path)
    except sqlite3.DatabaseError:
        # Damaged or of a newer program: it holds nothing that cannot be found out again.
        with contextlib.suppress(OSError, sqlite3.Error):
            path.replace(path.with_suffix(".damaged"))
            connection = _connect(path)
    except OSError:
        return None
    return connection


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5.0, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError("another version")
        connection.executescript(_SCHEMA)
        connection.execute(f"PRAGMA user_version = {_VERSION}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
