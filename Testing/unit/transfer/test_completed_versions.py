"""Which version is complete where, read from the journal by those who must not wait or write."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from IDCBrowserLib.transfer.folders import versions as module
from IDCBrowserLib.transfer.folders.journal import Journal
from IDCBrowserLib.transfer.folders.versions import CompletedVersions


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal that knows 1,001 folders ("/0000" with "uuid-0000", ...)."""
    file = tmp_path / "journal.sqlite"
    Journal(file).close()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executemany("INSERT INTO completed VALUES (?, ?)", [(f"/{number:04}", f"uuid-{number:04}") for number in range(1001)])
    return file


@pytest.mark.parametrize("count", [0, 1, 2, 499, 500, 501, 1000, 1001])
def test_however_many_are_asked_for_each_is_found(path: Path, count: int) -> None:
    versions = CompletedVersions(path)
    folders, uuids = [f"/{number:04}" for number in range(count)], [f"uuid-{number:04}" for number in range(count)]
    assert versions.of([*folders, "/other"]) == dict(zip(folders, uuids, strict=True))
    assert sorted(versions.folders_of([*uuids, "other"])) == sorted(zip(uuids, folders, strict=True))


def test_a_folder_is_found_by_its_name_and_by_its_real_path(path: Path, tmp_path: Path) -> None:
    (tmp_path / "real" / "series").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    journal = Journal(path)
    journal.add(tmp_path / "real" / "series", [("a.dcm", 1, 1, "")])
    journal.complete(tmp_path / "real" / "series", "uuid", ["a.dcm"])
    journal.close()
    versions = CompletedVersions(path)
    named, real = str(tmp_path / "link" / "series"), str(tmp_path / "real" / "series")
    assert versions.of([named, real]) == {named: "uuid", real: "uuid"}
    assert [versions.names(folder) for folder in (named, real, "/0000")] == [{"a.dcm"}, {"a.dcm"}, frozenset()]


def test_the_journal_of_this_user_is_asked_unless_another_is_named_and_an_absent_one_is_not_made(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "default_path", lambda: path)
    assert CompletedVersions().of(["/0007"]) == {"/0007": "uuid-0007"}
    assert CompletedVersions(tmp_path / "none.sqlite").of(["/0007"]) == {}
    assert not (tmp_path / "none.sqlite").exists()
