"""The SQLite file of the journal: its tables, opening it, and what an earlier version of this program wrote."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
from pathlib import Path

from IDCBrowserLib.sqlite_errors import DAMAGE, ERRORS, Trouble, trouble_of

logger = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS verified (
    folder TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, md5 TEXT NOT NULL,
    boot TEXT NOT NULL, uptime REAL NOT NULL, PRIMARY KEY (folder, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS completed (folder TEXT PRIMARY KEY, crdc_series_uuid TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS places ON completed (crdc_series_uuid);
CREATE INDEX IF NOT EXISTS unsettled ON verified (boot, uptime) WHERE boot != '';
CREATE TABLE IF NOT EXISTS claimed (
    folder TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, md5 TEXT NOT NULL, PRIMARY KEY (folder, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS made (folder TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_VERSION = 2
# collection_id/PatientID/StudyInstanceUID/Modality_SeriesInstanceUID
_LEVELS = 4
_PATIENCE_S = 5.0


def open_file(path: Path) -> sqlite3.Connection | None:
    """A connection for several threads; None, with a word in the log, when there can be none. A damaged file is put aside."""
    end = time.monotonic() + _PATIENCE_S
    problem: Exception
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return _connect(path)
        except sqlite3.OperationalError as error:
            # In use, or not ours to write: it may be good.
            problem = error
            if trouble_of(error) is not Trouble.BUSY or time.monotonic() > end:
                break
        except DAMAGE as error:
            # Damaged or of a newer program.
            problem = error
            with contextlib.suppress(OSError, *ERRORS):
                path.replace(path.with_suffix(".damaged"))
                return _connect(path)
            break
        except OSError as error:
            problem = error
            break
        time.sleep(0.05)
    logger.warning("The record of downloads %s cannot be used (%s); what is downloaded now cannot be removed later.", path, problem)
    return None


def folder_key(folder: str | Path) -> str | bytes:
    """SQLite holds UTF-8, which the name of a folder on Linux need not be."""
    text = str(folder)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")
    return text


def make_private(path: Path) -> None:
    """What somebody downloads is nobody else's business: an SQLite file, and those that it makes beside it, are for its owner alone."""
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)


def _connect(path: Path) -> sqlite3.Connection:
    make_private(path)
    connection = sqlite3.connect(path, timeout=5.0, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError("another version")
        of_former_program = version == _VERSION and not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'made'").fetchone()
        connection.executescript(_SCHEMA)
        if of_former_program:
            _claim_former_folders(connection)
        connection.execute(f"PRAGMA user_version = {_VERSION}")
    except ERRORS:
        connection.close()
        raise
    return connection


def _claim_former_folders(connection: sqlite3.Connection) -> None:
    """A journal of before folders were written down: those of the series that it names, and above them up to the collection, count as made."""
    folders: set[str] = set()
    for (folder,) in connection.execute("SELECT folder FROM verified UNION SELECT folder FROM completed").fetchall():
        path = str(folder)
        for _ in range(_LEVELS if _is_of_layout(path) else 1):
            folders.add(path)
            path = os.path.dirname(path)
    with connection:
        connection.executemany("INSERT OR IGNORE INTO made VALUES (?)", [(folder,) for folder in folders])


def _is_of_layout(folder: str) -> bool:
    """Whether it ends in StudyInstanceUID/Modality_SeriesInstanceUID."""
    above, leaf = os.path.split(folder)
    uids = (os.path.basename(above), leaf.partition("_")[2].partition("_v")[0])
    return all("." in uid and uid.replace(".", "").isdigit() for uid in uids)
