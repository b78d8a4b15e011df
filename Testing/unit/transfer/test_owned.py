"""Which files are ours: what the record names, there, as it was. Everything else stays."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from helpers.recorded import record

from IDCBrowserLib.transfer.folders import owned as owned_module
from IDCBrowserLib.transfer.folders.folder import Folder
from IDCBrowserLib.transfer.folders.journal import Journal, Record
from IDCBrowserLib.transfer.folders.owned import OwnedFiles, is_ours

LEAF = "collection/case/1.2.3/CT_1.2.3.4"


class Shelf:
    """A download folder with a series of three files, and its journal."""

    def __init__(self, folder: Path) -> None:
        self.top = folder / "downloads"
        self.series = self.top / LEAF
        self.series.mkdir(parents=True)
        for number in range(3):
            (self.series / f"{number}.dcm").write_bytes(b"x" * (10 + number))
        self.journal_path = folder / "transfers.sqlite"
        record([self.series], self.top, self.journal_path)
        self.journal = Journal(self.journal_path)
        self.theirs = folder / "theirs"
        self.theirs.mkdir()

    @property
    def owned(self) -> OwnedFiles:
        return OwnedFiles(self.top, self.journal)

    def remove(self) -> tuple[list[str], list[str]]:
        owned = self.owned
        content = owned.remove(str(self.series))
        owned.prune()
        return sorted(content.ours), content.theirs

    def names(self) -> list[str]:
        return sorted(path.name for path in self.series.iterdir())


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.journal.close()


def test_what_the_record_names_goes_with_the_folders_that_were_made(shelf: Shelf) -> None:
    assert shelf.remove() == (["0.dcm", "1.dcm", "2.dcm"], [])
    assert list(shelf.top.iterdir()) == []
    assert shelf.journal.owned(shelf.series) == {} and not shelf.journal.made(shelf.series)


def test_files_of_the_user_in_a_series_folder_stay_and_are_named(shelf: Shelf) -> None:
    (shelf.series / "mine.dcm").write_bytes(b"mine")
    (shelf.series / "notes.txt").write_text("mine")
    (shelf.series / "more").mkdir()
    assert shelf.remove() == (["0.dcm", "1.dcm", "2.dcm"], ["mine.dcm", "more/", "notes.txt"])
    assert shelf.names() == ["mine.dcm", "more", "notes.txt"]


def test_of_a_folder_some_names_can_be_looked_at_and_removed(shelf: Shelf) -> None:
    (shelf.series / "mine.dcm").write_bytes(b"mine")
    (shelf.series / "2.dcm").unlink()
    content = shelf.owned.look(str(shelf.series), {"1.dcm", "2.dcm", "mine.dcm", "other.dcm"})
    assert (content.ours, content.theirs, content.gone) == ({"1.dcm": 11}, ["mine.dcm"], ["2.dcm"])
    assert list(shelf.owned.remove(str(shelf.series), {"1.dcm"}).ours) == ["1.dcm"]
    assert shelf.names() == ["0.dcm", "mine.dcm"]
    outside = shelf.owned.look(str(shelf.series.parents[4]), {"theirs"})
    assert (outside.ours, outside.theirs) == ({}, ["theirs"])


def test_a_file_of_ours_that_was_changed_is_the_users(shelf: Shelf) -> None:
    (shelf.series / "0.dcm").write_bytes(b"another size")
    (shelf.series / "1.dcm").write_bytes(b"y" * 11)
    os.utime(shelf.series / "1.dcm", (1, 1))
    assert shelf.remove() == (["2.dcm"], ["0.dcm", "1.dcm"])


def test_another_content_of_the_same_size_and_another_time_is_the_users(shelf: Shelf) -> None:
    """Whichever of the two MD5s comes first in the alphabet."""
    for letter in b"abcdefgh":
        (shelf.series / "1.dcm").write_bytes(bytes([letter]) * 11)
        os.utime(shelf.series / "1.dcm", (1, 1))
        assert shelf.owned.look(str(shelf.series), {"1.dcm"}).theirs == ["1.dcm"]


@pytest.mark.parametrize(
    ("error", "gone", "failed"),
    [
        (FileNotFoundError(2, "gone"), ["1.dcm"], {}),
        (OSError(5, "Input/output error"), [], {"1.dcm": "Input/output error"}),
        (OSError("odd"), [], {"1.dcm": "odd"}),
    ],
)
def test_what_goes_or_cannot_be_read_at_this_moment_is_told(
    error: OSError, gone: list[str], failed: dict[str, str], shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(folder: Folder, name: str, record: Record, go_on: Callable[[], None]) -> bool:
        if name == "1.dcm":
            raise error
        return is_ours(folder, name, record, go_on)

    monkeypatch.setattr(owned_module, "is_ours", look)
    (shelf.series / "mine.dcm").write_bytes(b"mine")
    content = shelf.owned.remove(str(shelf.series))
    assert (list(content.ours), content.theirs, content.gone, content.failed) == (["0.dcm", "2.dcm"], ["mine.dcm"], gone, failed)
    assert set(shelf.journal.owned(shelf.series)) == ({"1.dcm"} if failed else set())


def test_a_folder_that_nobody_can_look_into_has_nothing_of_ours(shelf: Shelf) -> None:
    content = shelf.owned.look(str(shelf.theirs / "none"))
    assert (content.ours, content.theirs, content.gone) == ({}, [], [])


def test_empty_folders_that_were_made_go_as_far_up_as_they_are_empty(shelf: Shelf) -> None:
    for path in shelf.series.iterdir():
        path.unlink()
    (shelf.series.parents[1] / "mine.txt").touch()
    assert shelf.owned.remove_empty(str(shelf.series)), "the first one went"
    assert [path.name for path in shelf.top.rglob("*")] == ["collection", "case", "mine.txt"]
    assert not shelf.owned.remove_empty(str(shelf.series.parents[1])), "it is not empty"
    assert not shelf.owned.remove_empty(str(shelf.top)) and not shelf.owned.remove_empty(str(shelf.theirs))
    (shelf.series.parents[1] / "mine.txt").unlink()
    shelf.series.parents[1].rmdir()
    assert shelf.owned.remove_empty(str(shelf.series.parents[1])), "somebody else removed it already"
    assert list(shelf.top.iterdir()) == [] and not shelf.journal.made(shelf.series.parents[1])


def test_an_empty_folder_behind_a_link_is_not_removed(shelf: Shelf) -> None:
    for path in shelf.series.iterdir():
        path.unlink()
    case = shelf.series.parents[1]
    case.rename(shelf.theirs / "moved")
    case.symlink_to(shelf.theirs / "moved", target_is_directory=True)
    assert not shelf.owned.remove_empty(str(shelf.series))
    assert (shelf.theirs / "moved" / "1.2.3" / "CT_1.2.3.4").is_dir()


def test_another_time_alone_does_not_make_a_file_the_users(shelf: Shelf) -> None:
    for path in shelf.series.iterdir():
        os.utime(path, (1, 1))
    assert shelf.remove() == (["0.dcm", "1.dcm", "2.dcm"], [])


def test_a_link_or_folder_or_pipe_of_a_recorded_name_is_not_ours(shelf: Shelf) -> None:
    target = shelf.theirs / "0.dcm"
    target.write_bytes(b"x" * 10)
    for name in ("0.dcm", "1.dcm", "2.dcm"):
        (shelf.series / name).unlink()
    (shelf.series / "0.dcm").symlink_to(target)
    (shelf.series / "1.dcm").mkdir()
    os.mkfifo(shelf.series / "2.dcm")
    assert shelf.remove() == ([], ["0.dcm", "1.dcm/", "2.dcm"])
    assert target.exists() and len(shelf.names()) == 3


@pytest.mark.parametrize("level", range(5), ids=["top", "collection", "case", "study", "series"])
def test_a_folder_that_became_a_link_to_the_very_same_files_is_not_entered(shelf: Shelf, level: int) -> None:
    folder = Path(shelf.top, *LEAF.split("/")[:level])
    folder.rename(shelf.theirs / "moved")
    folder.symlink_to(shelf.theirs / "moved", target_is_directory=True)
    ours, _theirs = shelf.remove()
    assert ours == []
    assert len(list((shelf.theirs / "moved").rglob("*.dcm"))) == 3
    assert folder.is_symlink()


def test_a_folder_outside_is_never_ours(shelf: Shelf) -> None:
    (shelf.theirs / "0.dcm").write_bytes(b"x" * 10)
    shelf.journal.add(shelf.theirs, [("0.dcm", 10, (shelf.theirs / "0.dcm").stat().st_mtime_ns, "")])
    content = shelf.owned.remove(str(shelf.theirs))
    assert (content.ours, content.theirs) == ({}, ["0.dcm"])
    assert (shelf.theirs / "0.dcm").exists()


def test_a_copy_of_the_download_folder_is_the_users(shelf: Shelf) -> None:
    shelf.top.rename(shelf.theirs / "copy")
    owned = OwnedFiles(shelf.theirs / "copy", shelf.journal)
    assert owned.remove(str(shelf.theirs / "copy" / LEAF)).ours == {}


def test_folders_that_the_user_made_stay_though_they_are_empty(tmp_path: Path, shelf: Shelf) -> None:
    with closing(sqlite3.connect(shelf.journal_path)) as connection, connection:
        connection.execute("DELETE FROM made WHERE folder = ?", (str(shelf.top / "collection"),))
    shelf.remove()
    assert [path.name for path in shelf.top.rglob("*")] == ["collection"]
    (shelf.top / "mine").mkdir()
    assert not shelf.owned.remove_empty(str(shelf.top / "mine")) and (shelf.top / "mine").is_dir()


def test_what_is_claimed_before_it_comes_is_ours_when_a_crash_left_it(shelf: Shelf) -> None:
    for name, content in (("a.dcm", b"whole"), ("b.dcm", b"other"), ("c.dcm", b"long")):
        (shelf.series / name).write_bytes(content)
    shelf.journal.claim(shelf.series, [("a.dcm", 5, "6b83563c85f3b2a7b0f8f4f4bbf8d1f2"), ("b.dcm", 5, ""), ("c.dcm", 3, "")])
    # "a.dcm" has the size, but not the content that was listed.
    assert shelf.remove() == (["0.dcm", "1.dcm", "2.dcm", "b.dcm"], ["a.dcm", "c.dcm"])


def test_what_a_newer_version_replaced_stays_ours(shelf: Shelf) -> None:
    shelf.journal.complete(shelf.series, "new", ["1.dcm", "2.dcm"])
    assert set(shelf.journal.owned(shelf.series)) == {"0.dcm", "1.dcm", "2.dcm"}
    assert shelf.remove() == (["0.dcm", "1.dcm", "2.dcm"], [])


def test_what_is_recorded_and_gone_is_told_and_forgotten(shelf: Shelf) -> None:
    (shelf.series / "1.dcm").unlink()
    content = shelf.owned.remove(str(shelf.series))
    assert (sorted(content.ours), content.gone) == (["0.dcm", "2.dcm"], ["1.dcm"])
    assert shelf.owned.look(str(shelf.series)).gone == []


def test_looking_deletes_nothing(shelf: Shelf) -> None:
    before = shelf.names()
    assert shelf.owned.look(str(shelf.series)).bytes == 33
    assert shelf.names() == before


def _former_journal(path: Path, folder: Path) -> None:
    """As the version before this one wrote it: no claims, no folders."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(
            "CREATE TABLE verified (folder TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, md5 TEXT NOT NULL,"
            " boot TEXT NOT NULL, uptime REAL NOT NULL, PRIMARY KEY (folder, name)) WITHOUT ROWID;"
            "CREATE TABLE completed (folder TEXT PRIMARY KEY, crdc_series_uuid TEXT NOT NULL) WITHOUT ROWID; PRAGMA user_version = 2;"
        )
        for file in folder.iterdir():
            status = file.stat()
            connection.execute("INSERT INTO verified VALUES (?, ?, ?, ?, '', '', 0)", (str(folder), file.name, status.st_size, status.st_mtime_ns))


def test_what_the_journal_of_an_earlier_version_names_stays_removable_with_its_folders(shelf: Shelf) -> None:
    former = shelf.journal_path.with_name("former.sqlite")
    _former_journal(former, shelf.series)
    (shelf.series / "mine.dcm").write_bytes(b"mine")
    journal = Journal(former)
    owned = OwnedFiles(shelf.top, journal)
    content = owned.remove(str(shelf.series))
    assert (sorted(content.ours), content.theirs) == (["0.dcm", "1.dcm", "2.dcm"], ["mine.dcm"])
    (shelf.series / "mine.dcm").unlink()
    owned.prune()
    assert list(shelf.top.iterdir()) == []
    journal.close()


def test_an_earlier_version_named_folders_through_links_above_and_they_are_found_again(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "home").symlink_to(tmp_path, target_is_directory=True)
    named = tmp_path / "home" / "downloads"
    former = shelf.journal_path.with_name("former.sqlite")
    _former_journal(former, named / LEAF)
    journal = Journal(former)
    owned = OwnedFiles(named, journal)
    assert len(owned.remove(str(named / LEAF)).ours) == 3
    owned.prune()
    assert list(shelf.top.iterdir()) == []
    journal.close()


def test_a_link_that_the_user_named_as_download_folder_works_until_it_leads_elsewhere(shelf: Shelf, tmp_path: Path) -> None:
    named = tmp_path / "named"
    named.symlink_to(shelf.top, target_is_directory=True)
    assert len(OwnedFiles(named, shelf.journal).look(str(named / LEAF)).ours) == 3
    shelf.top.rename(tmp_path / "elsewhere")
    named.unlink()
    named.symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert OwnedFiles(named, shelf.journal).look(str(named / LEAF)).ours == {}


@pytest.mark.skipif(os.name == "nt" or os.uname().sysname == "Darwin", reason="names of files are Unicode here")
def test_folders_whose_names_are_no_utf_8_are_recorded_as_well(shelf: Shelf) -> None:
    series = Path(os.fsdecode(os.fsencode(shelf.top) + b"/caf\xe9"))
    series.mkdir()
    (series / "0.dcm").write_bytes(b"x")
    record([series], shelf.top, shelf.journal_path)
    assert list(shelf.owned.remove(str(series)).ours) == ["0.dcm"]


def test_the_record_is_readable_by_its_owner_only(shelf: Shelf) -> None:
    assert shelf.journal_path.stat().st_mode & 0o077 == 0
