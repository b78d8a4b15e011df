"""Each SQLite file of the program whose schema holds bytes that are no UTF-8: a sentence, or a new file where nothing else is lost."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from helpers.made_review import made_list

from IDCBrowserLib.batch.ledger import Ledger
from IDCBrowserLib.errors import InputError, StorageError, StoreError
from IDCBrowserLib.review.review_file import ReviewFile
from IDCBrowserLib.sqlite_errors import Trouble, trouble_of
from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.status import series_files
from IDCBrowserLib.transfer.folders.journal import open_journal
from IDCBrowserLib.transfer.jobs import job_store_beside
from IDCBrowserLib.transfer.options import TransferOptions


def damage(path: Path) -> None:
    """The statement that made a table reads otherwise: what SQLite says of it names the word that it does not know."""
    content = path.read_bytes()
    changed = content.replace(b"CREATE TABLE", b"CR\xdaATE TABLE", 1)
    assert changed != content
    path.write_bytes(changed)


def test_a_review_list(tmp_path: Path) -> None:
    path = made_list(tmp_path / "a.idcreview", 2)
    damage(path)
    before = path.read_bytes()
    with pytest.raises((InputError, StorageError), match=r"a\.idcreview"):
        ReviewFile(path)
    assert path.read_bytes() == before


def test_the_ledger_of_a_batch(tmp_path: Path) -> None:
    path = tmp_path / "batch" / "ledger.sqlite"
    Ledger(path).close()
    damage(path)
    for writing in (True, False):
        with pytest.raises(StorageError, match="cannot be read"):
            Ledger(path, writing)


def test_the_journal_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.touch()
    with open_journal(path) as journal:
        journal.claim_folders([str(tmp_path)])
    damage(path)
    with open_journal(path) as journal:
        journal.claim_folders([str(tmp_path)])
    assert path.with_suffix(".damaged").exists() and path.exists()


def test_interrupted_transfers(tmp_path: Path) -> None:
    store = job_store_beside(tmp_path / "journal.sqlite")
    number = store.add([], tmp_path, TransferOptions())
    assert number is not None
    (path,) = tmp_path.glob("*.sqlite")
    damage(path)
    assert store.leftover() == [] and store.being_written(tmp_path) == set()


def test_the_dicom_database(tmp_path: Path) -> None:
    database = Database(tmp_path)
    with database.writing():
        pass
    damage(database.main_file)
    with pytest.raises(StoreError, match=r"is damaged or not a DICOM database|cannot be used"), database.writing():
        pass


def raised(statement: str, path: Path, **options: object) -> sqlite3.Error:
    with contextlib.closing(sqlite3.connect(path, timeout=0, **options)) as connection, pytest.raises(sqlite3.Error) as caught:  # type: ignore[call-overload]
        connection.executescript(statement)
    return caught.value


def without_code(error: sqlite3.Error) -> sqlite3.Error:
    """As Python 3.10 raises it."""
    return type(error)(*error.args)


def test_words_of_tables_and_columns_are_no_trouble_of_the_disk(tmp_path: Path) -> None:
    """Such as a file of another program with a column "fullname"."""
    for name in ("full_names", "locked", "busy_days", "readonly"):
        error = raised(f"SELECT * FROM {name}", tmp_path / "x.sqlite")
        assert name in str(error) and trouble_of(error) is trouble_of(without_code(error)) is Trouble.NONE


def test_what_the_surroundings_have_to_do_with_it_is_told_by_code_or_whole_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN EXCLUSIVE")
        found = {Trouble.BUSY: raised("INSERT INTO t VALUES (1)", path)}
    found[Trouble.FULL] = raised("PRAGMA max_page_count = 1; INSERT INTO t VALUES (zeroblob(100000))", path)
    found[Trouble.READ_ONLY] = raised("PRAGMA query_only = 0; INSERT INTO t VALUES (1)", f"file:{path}?mode=ro", uri=True)  # type: ignore[arg-type]
    for trouble, error in found.items():
        assert trouble_of(error) is trouble_of(without_code(error)) is trouble, error
    assert trouble_of(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "full")) is Trouble.NONE


def test_a_dicom_database_of_a_strange_form_is_not_called_full(tmp_path: Path) -> None:
    database = Database(tmp_path)
    with database.writing():
        pass
    with contextlib.closing(sqlite3.connect(database.main_file)) as connection:
        connection.executescript("DROP TABLE Images; CREATE VIEW Images AS SELECT full_name AS Filename, '1.2' AS SeriesInstanceUID FROM Patients")
    with pytest.raises(StoreError) as caught:
        series_files(database, "1.2")
    assert "full_name" in str(caught.value) and "The disk" not in str(caught.value)
