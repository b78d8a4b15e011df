"""A move whose program is killed is put right at the next start: nothing is lost, and database and files agree."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import killed_move
from helpers.dicom_files import ROOT, image, save
from helpers.recorded import record

from IDCBrowserLib.engine.latest_inventory import LatestInventory
from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.importing import import_files
from IDCBrowserLib.store.move_record import MoveRecord, put_right
from IDCBrowserLib.store.moving import Move
from IDCBrowserLib.store.status import series_files
from IDCBrowserLib.transfer.folders.journal import move_record_path, open_journal

UIDS = [f"{ROOT}.{number}" for number in (1, 2)]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does")


class Downloads:
    """Two series of three files, recorded and imported; a file of the user's beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.to, self.database = folder / "downloads", folder / "other", Database(folder / "database")
        for series, uid in enumerate(UIDS, 1):
            directory = self.folder / "c" / "p" / f"CT_{uid}"
            for number in range(1, 4):
                save(image(series, number), directory / f"{number}.dcm")
            record([directory], self.folder)
        import_files(self.database, [self.folder])
        move_record_path().parent.mkdir(exist_ok=True)
        (self.folder / "c" / "mine.txt").write_text("mine")
        self.before = self.content(self.folder)

    def content(self, folder: Path) -> dict[str, bytes]:
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def kill_at(self, step: str) -> None:
        arguments = [str(self.folder), str(self.database.folder), str(self.to), step]
        assert subprocess.run([sys.executable, killed_move.__file__, *arguments], check=False).returncode == -9


@pytest.fixture
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Downloads:
    monkeypatch.setenv("IDC_BROWSER_STATE", str(tmp_path / "state"))
    return Downloads(tmp_path)


@pytest.mark.parametrize("step", range(6))
def test_a_move_killed_between_its_files_is_taken_back(downloads: Downloads, step: int) -> None:
    downloads.kill_at(str(step))
    assert len(list(downloads.folder.rglob("*.dcm"))) == 6 - step
    assert "All files are in" in put_right()
    assert downloads.content(downloads.folder) == downloads.before
    assert downloads.content(downloads.to) == {}
    assert [len(series_files(downloads.database, uid)) for uid in UIDS] == [3, 3]
    assert put_right() == "" and not move_record_path().exists()


@pytest.mark.parametrize("step", ["arrived", "followed", "left"])
def test_a_move_killed_after_its_last_file_is_finished_and_says_which_folder_to_choose(downloads: Downloads, step: str) -> None:
    downloads.kill_at(step)
    assert f"Choose {downloads.to} as the download folder" in put_right()
    assert downloads.content(downloads.folder) == {"c/mine.txt": b"mine"}
    assert {**downloads.content(downloads.to), "c/mine.txt": b"mine"} == downloads.before
    files = [path for uid in UIDS for path in series_files(downloads.database, uid)]
    assert len(files) == 6 and all(path.startswith(str(downloads.to)) for path in files)
    with open_journal() as journal:
        assert len(journal.owned(downloads.to / "c" / "p" / f"CT_{UIDS[0]}")) == 3


def test_what_came_to_the_old_place_meanwhile_is_not_overwritten(downloads: Downloads) -> None:
    downloads.kill_at("4")
    name = next(name for name in downloads.before if not (downloads.folder / name).exists())
    (downloads.folder / name).parent.mkdir(parents=True, exist_ok=True)
    (downloads.folder / name).write_bytes(b"new")
    put_right()
    assert (downloads.folder / name).read_bytes() == b"new"
    assert downloads.content(downloads.to) == {name: downloads.before[name]}


def test_a_move_of_a_living_program_is_left_alone(downloads: Downloads) -> None:
    move = MoveRecord(Move(downloads.folder, downloads.to, {}, renamed=True), "")
    assert put_right() == "" and move_record_path().exists()
    move.end()
    assert not move_record_path().exists()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"source": 1, "destination": 2, "files": [], "renamed": 0, "arrived": 0}', "\\0"])
def test_a_damaged_record_is_named_and_kept_aside(downloads: Downloads, content: str) -> None:
    move_record_path().write_text(content)
    assert "Look into both folders" in put_right()
    assert downloads.content(downloads.folder) == downloads.before
    assert not move_record_path().exists() and move_record_path().with_suffix(".damaged").exists()


def test_a_move_that_waits_for_its_end_is_put_right_once_its_engine_has_closed(downloads: Downloads) -> None:
    downloads.to.mkdir()
    move = Move(downloads.folder, downloads.to, {}, renamed=True)
    inventory = LatestInventory()
    inventory.keep_move(move, MoveRecord(move, ""))
    assert put_right() == "", "its program lives"
    inventory.close()
    assert "All files are in" in put_right()
