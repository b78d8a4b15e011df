"""The tables of a review list, and how its file is opened: by one program at a time, never one of a newer version."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from IDCBrowserLib.errors import IDCBrowserError, InputError, NotFoundError, StorageError
from IDCBrowserLib.safe_text import one_line
from IDCBrowserLib.sqlite_errors import ERRORS, Trouble, trouble_of

VERSION = 1
# "IDCR", at a fixed place in the head of the file: it is told from other SQLite files.
_APPLICATION = 0x49444352
_TABLES = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE items (number INTEGER PRIMARY KEY, name TEXT NOT NULL, collection TEXT NOT NULL, patient TEXT NOT NULL, series TEXT NOT NULL,
    head TEXT NOT NULL DEFAULT '{}');
CREATE TABLE readers (name TEXT PRIMARY KEY, place INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE segments (item INTEGER NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, code TEXT NOT NULL, series TEXT NOT NULL,
    object TEXT NOT NULL, class TEXT NOT NULL, number INTEGER NOT NULL, image TEXT NOT NULL, PRIMARY KEY (item, key)) WITHOUT ROWID;
CREATE TABLE answers (reader TEXT NOT NULL, item INTEGER NOT NULL, segment TEXT NOT NULL, question TEXT NOT NULL, value TEXT NOT NULL,
    changed TEXT NOT NULL, PRIMARY KEY (reader, item, segment, question)) WITHOUT ROWID;
CREATE TABLE visits (reader TEXT NOT NULL, item INTEGER NOT NULL, seconds REAL NOT NULL, PRIMARY KEY (reader, item)) WITHOUT ROWID;
CREATE TABLE fetched (computer TEXT NOT NULL, series TEXT NOT NULL, item INTEGER NOT NULL, bytes INTEGER NOT NULL,
    PRIMARY KEY (computer, series)) WITHOUT ROWID;
CREATE TABLE corrections (reader TEXT NOT NULL, item INTEGER NOT NULL, series TEXT NOT NULL, path TEXT NOT NULL,
    PRIMARY KEY (reader, item, series)) WITHOUT ROWID;
"""


def make_tables(connection: sqlite3.Connection) -> None:
    """In a new file."""
    connection.executescript(f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {VERSION}; BEGIN; {_TABLES} COMMIT;")


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """What SQLite says, as a sentence about the file."""
    try:
        yield
    except ERRORS as error:
        raise _error(path, error) from error
    except OverflowError as error:
        raise InputError(f"{path}: the list has no entry of a number that large.") from error


def connect(path: Path, is_new: bool = False) -> sqlite3.Connection:
    """The file, locked for this program until it is closed. One that ``is_new``, and empty, is left without tables.

    Raises ``NotFoundError``, ``StorageError``, and ``InputError`` for other files, newer versions and files that another program has open.
    """
    if not path.is_file():
        raise NotFoundError(f"{path} is not a review list: {'it is not a file' if path.exists() else 'there is no such file'}.")
    if not is_new and not path.stat().st_size:
        # SQLite would make a file of its own of it.
        raise InputError(f"{path} is not a review list of IDC Browser: it is empty.")
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise StorageError(f"{path} cannot be written. Check the permissions of the file and its folder, or copy it elsewhere.")
    with told(path):
        # The threads of the engine take turns.
        connection = sqlite3.connect(path, timeout=0.2, isolation_level=None, check_same_thread=False)
    try:
        with told(path):
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
            if not is_new:
                _check(path, connection)
    except IDCBrowserError:
        connection.close()
        raise
    return connection


def _check(path: Path, connection: sqlite3.Connection) -> None:
    application, version = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
    if application != _APPLICATION:
        raise InputError(f"{path} is not a review list of IDC Browser.")
    others = [str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index')").fetchall()]
    if others:
        # A view may take for ever to read, and a trigger write what nobody asked for.
        raise InputError(f"{path} is not a review list of IDC Browser: it has views or triggers ({one_line(', '.join(others))[:80]}).")
    if version > VERSION:
        raise InputError(f"{path} was written by a newer version of IDC Browser. Update IDC Browser to open it; nothing was changed.")


def _error(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> IDCBrowserError:
    trouble, text = trouble_of(error), str(error)
    if trouble is Trouble.BUSY:
        return InputError(f"{path} is open in another program. Close the list there first.")
    if trouble is Trouble.FULL:
        return StorageError(f"The disk of {path} is full. Free some disk space; what was answered before is kept.")
    if isinstance(error, sqlite3.OperationalError) and "no such" not in text:
        return StorageError(f"{path} cannot be used ({one_line(text)}). Check disk and permissions.")
    return InputError(f"{path} is damaged or is not a review list ({one_line(text)}). Use a copy of it.")
