"""What a batch has to do, has done and could not do: an SQLite file in its folder, written before and after each item, that survives a crash.

One program at a time works on a ledger; a shard (``--shard 3/40``) has one of its own, so that shards on other machines need nothing of each other.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from IDCBrowserLib.batch.item import Item
from IDCBrowserLib.batch.made import make_below
from IDCBrowserLib.batch.steps import Wanted
from IDCBrowserLib.errors import InputError, NotFoundError, StorageError
from IDCBrowserLib.file_lock import lock_file
from IDCBrowserLib.safe_text import printable

# Of the batch's own files in its folder.
FOLDER = ".idc-browser-batch"
_ENDING = ".sqlite"
_VERSION = 1
WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS items (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, run INTEGER NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL, work TEXT NOT NULL, outputs TEXT NOT NULL DEFAULT '[]', kind TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
    seconds REAL NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS items_by_state ON items (run, state, number);
"""
_TIMEOUT_S = 0.5
_PAGE = 500
# What a damaged file makes of being read: SQLite's own complaints, text that is none, JSON of another shape.
_NOT_UNDERSTOOD = (sqlite3.Error, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)


class Row(NamedTuple):
    """An item as the ledger has it. ``outputs`` are receipts (paths below the batch's folder) with the files they speak of."""

    number: int
    state: str
    tries: int
    bytes: int
    item: Item
    outputs: list[dict[str, Any]]
    kind: str
    reason: str
    seconds: float


class Result(NamedTuple):
    """What became of an item. ``kind`` is the class of the error, "" for one that is done."""

    number: int
    outputs: list[dict[str, Any]]
    kind: str = ""
    reason: str = ""
    seconds: float = 0.0


def ledger_files(folder: Path) -> list[Path]:
    """The ledgers of a batch: its own, or those of its shards. Raises ``NotFoundError`` for a folder that is not one of a batch."""
    found = sorted((folder / FOLDER).glob(f"ledger*{_ENDING}"))
    if not found:
        raise NotFoundError(f"{folder} is not the folder of a batch. Give the folder of idc-browser batch SOURCE... --to DIR.")
    return found


def ledger_path(folder: Path, shard: str = "") -> Path:
    """Where the ledger of a batch, or of shard "3/40" of it, is kept."""
    return folder / FOLDER / f"ledger{'-' + shard.replace('/', '-of-') if shard else ''}{_ENDING}"


class Ledger:
    """``writing`` takes the lock: raises ``InputError`` while another program works on it, ``StorageError`` where it cannot be written.

    Whatever is asked of a damaged one raises ``StorageError``.
    """

    def __init__(self, path: Path, writing: bool = True) -> None:
        self._path = path
        self._lock: IO[bytes] | None = None
        if writing:
            self._take_lock()
        try:
            with self._reading():
                self._db = self._open(writing)
                if writing:
                    self._recover()
            self.run: int = self.about("run", 0, int)
        except BaseException:
            self._let_go()
            raise

    def _take_lock(self) -> None:
        try:
            make_below(self._path.parent.parent, self._path.parent)
            if self._path.is_symlink():
                raise OSError(f"{self._path.name} is a link")
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
            self._lock = os.fdopen(os.open(self._path.with_suffix(".lock"), flags, 0o666), "r+b")
        except OSError as error:
            raise StorageError(f"{self._path.parent} cannot be written ({error.strerror or error}). Choose another folder.") from error
        try:
            lock_file(self._lock, _TIMEOUT_S)
        except OSError:
            self._let_go()
            raise InputError(
                f"Another batch is running in {self._path.parent.parent}. Wait for it, give another folder, or divide the work with --shard I/N."
            ) from None

    def _open(self, writing: bool) -> sqlite3.Connection:
        if not writing:
            db = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=30.0)
        else:
            db = sqlite3.connect(self._path, timeout=30.0)
            # What is done must still be known after a power cut. The journal is the classic one, which network disks bear as well.
            db.execute("PRAGMA synchronous = FULL")
            db.executescript(_SCHEMA)
        version = db.execute("SELECT value FROM about WHERE name = 'version'").fetchone()
        if version is None and writing:
            with db:
                db.execute("INSERT INTO about VALUES ('version', ?)", (json.dumps(_VERSION),))
        elif version is not None and json.loads(version[0]) > _VERSION:
            db.close()
            raise InputError(f"{self._path} was written by a newer idc-browser. Update idc-browser.")
        return db

    def _recover(self) -> None:
        """Items of a program that died are waiting again; a death of the driver is not the item's fault."""
        with self._db:
            self._db.execute("UPDATE items SET state = ? WHERE state NOT IN (?, ?, ?)", (WAITING, WAITING, DONE, FAILED))

    # What is asked for

    def about(self, name: str, default: Any = None, of: Callable[[Any], Any] = lambda value: value) -> Any:
        """A value kept beside the items, as ``of`` understands it."""
        with self._reading():
            found = self._db.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
            return default if found is None else of(json.loads(found[0]))

    def keep(self, name: str, value: Any) -> None:
        """Keep a value beside the items."""
        with self._writing():
            self._db.execute("REPLACE INTO about VALUES (?, ?)", (name, json.dumps(value)))

    def plan(self, items: Iterable[Item], wanted: Wanted) -> None:
        """A new run over these items. One that is known keeps its state; a failed one whose failure may pass (network, disk) waits again."""
        self.run += 1
        with self._writing():
            self._db.execute("REPLACE INTO about VALUES ('run', ?), ('wanted', ?)", (json.dumps(self.run), json.dumps(wanted.to_json())))
            self._db.executemany(
                "INSERT INTO items (key, run, state, bytes, work) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET run = excluded.run, "
                "work = excluded.work, bytes = excluded.bytes",
                ((item.key(wanted), self.run, WAITING, item.size_bytes, json.dumps(item.to_json(), separators=(",", ":"))) for item in items),
            )
            self._db.execute(
                "UPDATE items SET state = ?, tries = 0 WHERE run = ? AND state = ? AND kind IN ('TransferError', 'StorageError', 'CatalogError')",
                (WAITING, self.run, FAILED),
            )

    def retry(self) -> int:
        """Failed items wait again; how many."""
        with self._writing():
            changed = self._db.execute(
                "UPDATE items SET state = ?, tries = 0, kind = '', reason = '' WHERE run = ? AND state = ?", (WAITING, self.run, FAILED)
            )
        return changed.rowcount

    def wanted(self) -> Wanted:
        """Steps and options of the last run."""
        wanted: Wanted = self.about("wanted", Wanted(()), Wanted.from_json)
        return wanted

    # What is done

    def start(self, numbers: Sequence[int]) -> None:
        """They are being worked on from now."""
        with self._writing():
            self._db.executemany("UPDATE items SET state = 'running' WHERE number = ?", [(number,) for number in numbers])

    def put_back(self, numbers: Iterable[int], tried: bool = False) -> None:
        """They wait again; ``tried`` counts what killed the process that worked on it."""
        with self._writing():
            self._db.executemany(
                "UPDATE items SET state = 'waiting', tries = tries + ? WHERE number = ?", [(int(tried), number) for number in numbers]
            )

    def grow(self, number: int, size_bytes: int) -> None:
        """It needs more disk space than was known."""
        with self._writing():
            self._db.execute("UPDATE items SET state = 'waiting', bytes = ? WHERE number = ?", (size_bytes, number))

    def end(self, results: Iterable[Result]) -> None:
        """Write down what became of items."""
        with self._writing():
            self._db.executemany(
                "UPDATE items SET state = ?, outputs = ?, kind = ?, reason = ?, seconds = ? WHERE number = ?",
                [
                    (FAILED if one.kind else DONE, json.dumps(one.outputs), one.kind, printable(one.reason), one.seconds, one.number)
                    for one in results
                ],
            )

    def rows(self, *states: str, all_runs: bool = False) -> Iterator[Row]:
        """Items of the last run in these states (of all without any), in their order; few are in memory at a time."""
        chosen = states or (WAITING, RUNNING, DONE, FAILED)
        marks = ", ".join("?" * len(chosen))
        last = 0
        while True:
            with self._reading():
                page = self._db.execute(
                    f"SELECT number, state, tries, bytes, work, outputs, kind, reason, seconds FROM items "
                    f"WHERE number > ? AND (run = ? OR ?) AND state IN ({marks}) ORDER BY number LIMIT {_PAGE}",
                    (last, self.run, all_runs, *chosen),
                ).fetchall()
            for values in page:
                with self._reading():
                    row = _row(*values)
                last = row.number
                yield row
            if len(page) < _PAGE:
                return

    def counts(self) -> dict[str, int]:
        """Items of the last run by state."""
        with self._reading():
            found = dict(self._db.execute("SELECT state, count(*) FROM items WHERE run = ? GROUP BY state", (self.run,)))
        return {state: found.get(state, 0) for state in (WAITING, RUNNING, DONE, FAILED)}

    def output_count(self) -> int:
        """Outputs of the items of the last run."""
        with self._reading():
            return int(self._db.execute("SELECT coalesce(sum(json_array_length(outputs)), 0) FROM items WHERE run = ?", (self.run,)).fetchone()[0])

    def pace(self) -> tuple[float, int]:
        """Seconds and number of the items that were done, of all runs: for an estimate."""
        with self._reading():
            seconds, count = self._db.execute("SELECT sum(seconds), count(*) FROM items WHERE state = ? AND seconds > 0", (DONE,)).fetchone()
            return float(seconds or 0.0), int(count)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except _NOT_UNDERSTOOD as error:
            reason = str(error) if isinstance(error, sqlite3.Error) else "it does not hold what the ledger of a batch holds"
            raise StorageError(
                f"{self._path} cannot be read ({reason}). Check the disk. If the file is damaged, remove it and start the batch again with the same "
                "command: outputs that are there are kept and not made again."
            ) from error

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with self._db:
                yield
        except sqlite3.Error as error:
            raise StorageError(f"{self._path} cannot be written ({error}). Free some disk space, then start the same command again.") from error

    def close(self) -> None:
        """Let go of file and lock."""
        self._db.close()
        self._let_go()

    def _let_go(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            # Its content says nothing; the lock of the open file does.
            lock.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _row(number: int, state: str, tries: int, size: int, work: str, outputs: str, kind: str, reason: str, seconds: float) -> Row:
    receipts = [{"step": str(one["step"]), "receipt": str(one["receipt"]), "files": dict(one["files"])} for one in json.loads(outputs)]
    return Row(number, str(state), int(tries), int(size), Item.from_json(json.loads(work)), receipts, str(kind), str(reason), float(seconds))


def outputs_are_there(folder: Path, outputs: Sequence[dict[str, Any]]) -> bool:
    """Whether every file of the receipts is on disk with the size it was written with."""
    for output in outputs:
        for name, size in output["files"].items():
            try:
                if os.stat(folder / name).st_size != size:
                    return False
            except OSError:
                return False
    return True
