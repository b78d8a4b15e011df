"""What this program put on the disk, kept in SQLite outside the download folder: which files are its own, and which of them were verified.

It serves two questions. *Need this file be read again?* An entry of ``verified`` is believed only while size, modification time and the MD5 that the
bucket states are the same as when the file was verified; it never makes a file complete that is not there. *May this file be deleted or moved?* What
``verified`` or ``claimed`` names is ours (``owned.py`` says when); ``claimed`` holds what is about to come, and what a newer version has replaced.

What was written shortly before a power cut may be lost although its size and time are right. So an entry belongs to the run of the operating
system in which it was made, and is believed after the next start only when that run went on for ``SETTLED_S`` after it: by then the system has
written the file out. The others are read again (Resources/Decisions/0008-transfers.md, 0014-users-files.md).

Folders are named by their real paths (``Folder.path``), so that a link that leads elsewhere later names nothing.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from IDCBrowserLib import paths
from IDCBrowserLib.sqlite_errors import ERRORS, Trouble, trouble_of
from IDCBrowserLib.transfer.folders import boot
from IDCBrowserLib.transfer.folders.journal_file import folder_key, open_file

logger = logging.getLogger(__name__)

# Systems write what programs have written after half a minute (Linux: dirty_expire_centisecs), a slow disk with much memory takes longer.
SETTLED_S = 900.0

# Of a folder without files of ours.
_FORGET_VERSION = "DELETE FROM completed WHERE folder = ? AND NOT EXISTS (SELECT 1 FROM verified WHERE verified.folder = completed.folder)"
# Of a file that is verified.
_UNCLAIM = (
    "DELETE FROM claimed WHERE folder = ? AND name = ? AND EXISTS "
    "(SELECT 1 FROM verified WHERE verified.folder = claimed.folder AND verified.name = claimed.name)"
)

# name -> (size, mtime_ns, md5)
Entries = dict[str, tuple[int, int, str]]


class Record(NamedTuple):
    """A file of ours as it was put in place. ``mtime_ns`` 0: not known; ``md5`` "": the bucket states none."""

    size: int
    mtime_ns: int
    md5: str


def default_path() -> Path:
    """Where the journal of this user lies; ``IDC_BROWSER_STATE`` names another folder for it alone."""
    folder = os.environ.get("IDC_BROWSER_STATE")
    if folder:
        return Path(folder) / "transfers.sqlite"
    return paths.data_folder() / "transfers.sqlite"


def move_record_path() -> Path:
    """Beside it: the record of a move of the download folder, see ``store.move_record``."""
    return default_path().with_name("move.json")


class Journal:
    """Safe to use from several threads and programs. One that cannot be used costs time, and what is downloaded then counts as the user's own."""

    def __init__(self, path: Path | None, boot_id: str = "", uptime: Callable[[], float] = boot.uptime_s) -> None:
        self._lock = threading.RLock()
        self._connection = open_file(path) if path is not None else None
        self._boot = boot_id or boot.boot_id()
        self._uptime = uptime
        # What another program at work has kept from being written; it is tried again with the next.
        self._waiting: list[tuple[str, Sequence[tuple[object, ...]]]] = []
        self._settle()

    # What was verified

    def entries(self, folder: str | Path) -> Entries:
        """What was verified in a folder and can be believed."""
        return self._verified(folder, "boot IN ('', ?)")

    def doubtful(self, folder: str | Path) -> Entries:
        """What was verified in a folder but perhaps lost since, because the computer started again soon after."""
        return self._verified(folder, "boot NOT IN ('', ?)")

    def add(self, folder: str | Path, entries: Iterable[tuple[str, int, int, str]]) -> None:
        """Remember verified files of a folder: (name, size, mtime_ns, md5)."""
        rows = [(folder_key(folder), *entry, self._boot, self._uptime()) for entry in entries]
        with self._lock:
            self._write("REPLACE INTO verified VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            self._write("DELETE FROM claimed WHERE folder = ? AND name = ?", [row[:2] for row in rows])
        self._settle()

    def complete(self, folder: str | Path, crdc_series_uuid: str, names: Iterable[str]) -> None:
        """A version of a series lies whole in a folder; ``names`` are its files. Files of other versions there stay ours, without being verified."""
        kept, place = set(names), folder_key(folder)
        with self._lock:
            others = [(place, name) for (name,) in self._ask("SELECT name FROM verified WHERE folder = ?", (place,)) if name not in kept]
            self._write("REPLACE INTO claimed SELECT folder, name, size, md5 FROM verified WHERE folder = ? AND name = ?", others)
            self._write("DELETE FROM verified WHERE folder = ? AND name = ?", others)
            self._write("REPLACE INTO completed VALUES (?, ?)", [(place, crdc_series_uuid)])

    # What is ours

    def claim(self, folder: str | Path, files: Iterable[tuple[str, int, str]]) -> None:
        """Files that may come to lie in a folder from now on: (name, size, md5). What is there of another size or content does not become ours."""
        self._write("REPLACE INTO claimed VALUES (?, ?, ?, ?)", [(folder_key(folder), *file) for file in files])

    def claim_folders(self, folders: Iterable[str]) -> None:
        """Folders that this program made."""
        self._write("INSERT OR IGNORE INTO made VALUES (?)", [(folder_key(folder),) for folder in folders])

    def owned(self, folder: str | Path) -> dict[str, Record]:
        """What is ours in a folder, by name."""
        place = (folder_key(folder),)
        found = {name: Record(size, 0, md5) for name, size, md5 in self._ask("SELECT name, size, md5 FROM claimed WHERE folder = ?", place)}
        found.update((name, Record(*values)) for name, *values in self._ask("SELECT name, size, mtime_ns, md5 FROM verified WHERE folder = ?", place))
        return found

    def made(self, folder: str | Path) -> bool:
        """Whether this program made a folder."""
        return bool(self._ask("SELECT 1 FROM made WHERE folder = ?", (folder_key(folder),)))

    def completed(self, folder: str | Path) -> str:
        """crdc_series_uuid of the version that was completed in a folder, or ""."""
        return next((uuid for (uuid,) in self._ask("SELECT crdc_series_uuid FROM completed WHERE folder = ?", (folder_key(folder),))), "")

    def forget(self, folder: str | Path, names: Iterable[str]) -> None:
        """Files that are no longer there."""
        gone = [(folder_key(folder), name) for name in names]
        with self._lock:
            for table in ("verified", "claimed"):
                self._write(f"DELETE FROM {table} WHERE folder = ? AND name = ?", gone)
            self._write(_FORGET_VERSION, [(folder_key(folder),)])

    def forget_folder(self, folder: str | Path) -> None:
        """A folder that is no longer there."""
        with self._lock:
            for table in ("made", "completed"):
                self._write(f"DELETE FROM {table} WHERE folder = ?", [(folder_key(folder),)])

    def copied(self, files: Iterable[tuple[str, str, str]]) -> None:
        """Files lie elsewhere as well, with their sizes and times: (name, folder before, folder now). The record of before stays."""
        rows = [(folder_key(now), folder_key(before), name) for name, before, now in files]
        with self._lock:
            self._write("REPLACE INTO claimed SELECT ?, name, size, md5 FROM claimed WHERE folder = ? AND name = ?", rows)
            self._write("REPLACE INTO verified SELECT ?, name, size, mtime_ns, md5, boot, uptime FROM verified WHERE folder = ? AND name = ?", rows)
            self._write(_UNCLAIM, [(now, name) for now, _, name in rows])
            folders = list(dict.fromkeys((now, before) for now, before, _ in rows))
            self._write("REPLACE INTO completed SELECT ?, crdc_series_uuid FROM completed WHERE folder = ?", folders)

    def adopt(self, named: str, real: str) -> None:
        """Take over what an earlier version wrote down of a folder under the name that the user gave, whose real path is another one."""
        if named != real:
            first, behind = folder_key(named + os.sep), folder_key(named + chr(ord(os.sep) + 1))
            with self._lock:
                for table in ("verified", "completed", "made"):
                    self._write(
                        f"UPDATE OR REPLACE {table} SET folder = ? || substr(folder, ?) WHERE folder > ? AND folder < ?",
                        [(folder_key(real), len(named) + 1, first, behind)],
                    )

    # The file

    def _verified(self, folder: str | Path, condition: str) -> Entries:
        rows = self._ask(f"SELECT name, size, mtime_ns, md5 FROM verified WHERE folder = ? AND {condition}", (folder_key(folder), self._boot))
        return {name: (size, mtime_ns, md5) for name, size, mtime_ns, md5 in rows}

    def _settle(self) -> None:
        """What was written long ago in this run of the system is on the disk."""
        limit = (self._boot, self._uptime() - SETTLED_S)
        self._write("UPDATE verified SET boot = '' WHERE boot != '' AND boot = ? AND uptime < ?", [limit])

    def _ask(self, query: str, values: Sequence[object]) -> list[Any]:
        with self._lock, contextlib.suppress(*ERRORS):
            if self._connection is not None:
                return self._connection.execute(query, values).fetchall()
        return []

    def _write(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        with self._lock:
            if self._connection is None or not rows:
                return
            self._waiting.append((statement, rows))
            try:
                with self._connection:
                    for waiting in self._waiting:
                        self._connection.executemany(*waiting)
            except ERRORS as error:
                if trouble_of(error) is Trouble.BUSY:
                    return
                logger.warning("The record of downloads cannot be written (%s); what is downloaded now cannot be removed later.", error)
            self._waiting.clear()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None:
                self._settle()
                self._connection.close()
                self._connection = None


@contextlib.contextmanager
def open_journal(path: Path | None = None) -> Iterator[Journal]:
    """The journal of this user, or another one, for the duration of a block; it is not made when there is none."""
    path = path or default_path()
    journal = Journal(path if path.exists() else None)
    try:
        yield journal
    finally:
        journal.close()
