"""Each SQLite file of the program whose schema holds bytes that are no UTF-8: a sentence, or a new file where nothing else is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.made_review import made_list

from IDCBrowserLib.batch.ledger import Ledger
from IDCBrowserLib.errors import InputError, StorageError, StoreError
from IDCBrowserLib.review.review_file import ReviewFile
from IDCBrowserLib.store.database import Database
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
