"""Opening the two files of a ctkDICOM database, and what can go wrong with them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from IDCBrowserLib.errors import StoreError
from IDCBrowserLib.safe_text import one_line
from IDCBrowserLib.sqlite_errors import DAMAGE, Trouble, trouble_of
from IDCBrowserLib.store.schema import SCHEMA_VERSION, TAG_CACHE_TABLE, create_tables

MAIN_FILE = "ctkDICOM.sql"
TAG_CACHE_FILE = "ctkDICOMTagCache.sql"

# How long to wait while another process (Slicer, a second import) writes.
BUSY_TIMEOUT_S = 30.0


class Database:
    """The DICOM database in ``folder``. ``writing`` creates it; ``reading`` gives None where there is none."""

    def __init__(self, folder: str | Path, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.folder = Path(os.path.abspath(folder))
        self._busy_timeout_s = busy_timeout_s

    @property
    def main_file(self) -> Path:
        """``ctkDICOM.sql``."""
        return self.folder / MAIN_FILE

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection for questions to the main file; None where there is no database yet. Raises ``StoreError``."""
        if not self.main_file.exists():
            yield None
            return
        # Not mode=ro: after a crash the first reader has to roll the half-done transaction back. SQLite itself falls back to reading only.
        with self._errors(), closing(sqlite3.connect(f"{self.main_file.as_uri()}?mode=rw", uri=True, timeout=self._busy_timeout_s)) as connection:
            version = _version(connection)
            if version is None:
                yield None
                return
            self._check(version)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
        """Connections to the main file and the tag cache, both in autocommit mode; creates what is missing. Raises ``StoreError``."""
        with self._errors():
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(
                    f"The folder {self.folder} for the DICOM database cannot be made ({error.strerror}). Choose a folder you may write to."
                ) from error
            with closing(self._connect(MAIN_FILE)) as main, closing(self._connect(TAG_CACHE_FILE)) as cache:
                self._create(main)
                # The cache can always be made again from the files; ctkDICOM does the same.
                cache.execute("PRAGMA synchronous = OFF")
                cache.execute(TAG_CACHE_TABLE)
                yield main, cache

    def resolve(self, filename: str) -> str:
        """The absolute path of ``Images.Filename``: files that Slicer copied are stored relative to the database folder."""
        return filename if os.path.isabs(filename) else os.path.join(self.folder, filename)

    def _connect(self, name: str) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / name, timeout=self._busy_timeout_s, isolation_level=None)

    def _create(self, main: sqlite3.Connection) -> None:
        if (version := _version(main)) is None:
            # Two processes may get here at once: the second waits, then finds the tables.
            with transaction(main):
                version = _version(main)
                if version is None:
                    create_tables(main)
                    version = SCHEMA_VERSION
        self._check(version)

    def _check(self, version: str) -> None:
        if version != SCHEMA_VERSION:
            raise StoreError(
                f"The DICOM database in {self.folder} has schema version {version or 'unknown'}; this program works with {SCHEMA_VERSION} "
                "(3D Slicer 5.12). Choose another folder, or let Slicer update the database first."
            )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise StoreError(self._explain(error)) from error
        except DAMAGE as error:
            raise StoreError(self._explain_damage(error)) from error

    def _explain(self, error: sqlite3.OperationalError) -> str:
        trouble = trouble_of(error)
        if trouble is Trouble.BUSY:
            return f"The DICOM database in {self.folder} is in use by another program. Wait until it has finished, then try again."
        if trouble is Trouble.READ_ONLY:
            return f"The DICOM database in {self.folder} cannot be written. Check the permissions of the folder, or choose another one."
        if trouble is Trouble.FULL:
            return f"The disk of the DICOM database {self.folder} is full. Free some space, then try again."
        return f"The DICOM database in {self.folder} cannot be used ({one_line(str(error))}). Choose another folder."

    def _explain_damage(self, error: Exception) -> str:
        cache = self.folder / TAG_CACHE_FILE
        if _is_damaged(cache):
            remedy = f"It holds only copies of what is in the images: close Slicer, delete this file (not {MAIN_FILE}), then try again."
            return f"{cache} is damaged ({error}). {remedy}"
        remedy = "Choose another folder, or move this file away and import the images again."
        return f"{self.main_file} is damaged or not a DICOM database ({error}). {remedy}"


def _is_damaged(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)])
    except sqlite3.OperationalError:
        return False
    except DAMAGE:
        return True


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. The write lock is taken at once, so that two processes wait for each other instead of failing half way."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> str | None:
    """The schema version; None in an empty file, "" in a database of something else."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "SchemaInfo" not in tables:
        return "" if tables else None
    row = connection.execute("SELECT Version FROM SchemaInfo").fetchone()
    return str(row[0]) if row else ""
