"""One program at a time fetches a series into a folder."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import pytest
from helpers.fault_proxy import Fault, fault_proxy, is_object
from helpers.planned import plan_of
from helpers.s3_server import S3Server

from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.control import TransferControl
from IDCBrowserLib.transfer.download import download
from IDCBrowserLib.transfer.folders import series_lock
from IDCBrowserLib.transfer.folders.folder import Folder
from IDCBrowserLib.transfer.folders.series_lock import NAME, SeriesLocks
from IDCBrowserLib.transfer.options import TransferOptions

ROOT = Path(__file__).resolve().parents[3]
_OTHER_PROGRAM = """
import sys
from IDCBrowserLib.transfer.folders.folder import Folder
from IDCBrowserLib.transfer.folders.series_lock import SeriesLocks
locks = SeriesLocks(Folder.at(sys.argv[1]))
for line in sys.stdin:
    word, uuid = line.split()
    print(locks.take(uuid) if word == "take" else locks.release(uuid), flush=True)
if sys.argv[2] == "close":
    locks.close()
"""


class Other:
    """Another program on the same folder."""

    def __init__(self, folder: Path, ending: str = "close") -> None:
        arguments = [sys.executable, "-c", _OTHER_PROGRAM, str(folder), ending]
        environment = {"PYTHONPATH": str(ROOT / "IDCBrowser")}
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)

    def ask(self, word: str, uuid: str) -> str:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{word} {uuid}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.communicate(timeout=60)


def test_what_one_program_fetches_the_other_does_not_and_the_file_goes_with_the_last(tmp_path: Path) -> None:
    with Folder.at(tmp_path) as top:
        locks, other = SeriesLocks(top), Other(tmp_path)
        assert locks.take("a") and other.ask("take", "b") == "True"
        assert other.ask("take", "a") == "False" and not locks.take("b")
        locks.release("a")
        assert other.ask("take", "a") == "True" and not locks.take("a")
        locks.close()
        assert (tmp_path / NAME).exists()
        other.end()
        assert list(tmp_path.iterdir()) == []


def test_a_program_that_dies_holds_nothing_any_more(tmp_path: Path) -> None:
    other = Other(tmp_path, "die")
    assert other.ask("take", "a") == "True"
    other.process.kill()
    other.end()
    with Folder.at(tmp_path) as top:
        locks = SeriesLocks(top)
        assert locks.take("a")
        locks.close()
    assert list(tmp_path.iterdir()) == []


def test_two_transfers_of_one_program_hold_each_other_off_as_well(tmp_path: Path) -> None:
    with Folder.at(tmp_path) as top:
        one, two = SeriesLocks(top), SeriesLocks(top)
        assert one.take("a") and one.take("a") and not two.take("a")
        one.release("a")
        assert not two.take("a")
        one.release("a")
        one.release("a")
        assert two.take("a")
        one.close()
        other = Other(tmp_path)
        assert other.ask("take", "a") == "False"
        other.end()
        two.close()


class Leaving(Folder):
    """The last one who used the lock file removes it at this moment, and another one may make it again."""

    is_made_again = False
    left = 3

    def change(self, name: str) -> IO[bytes]:
        if not self.left:
            return super().change(name)
        self.left -= 1
        if not self.is_made_again:
            self.remove(name)
            return super().change(name)
        file = super().change(name)
        self.remove(name)
        self.create(name).close()
        return file


@pytest.mark.parametrize("is_made_again", [False, True])
def test_a_lock_file_that_goes_at_this_moment_is_made_again(is_made_again: bool, tmp_path: Path) -> None:
    with Leaving.at(tmp_path) as leaving, Folder.at(tmp_path) as top:
        assert isinstance(leaving, Leaving)
        leaving.is_made_again = is_made_again
        one, two = SeriesLocks(leaving), SeriesLocks(top)
        assert one.take("a") and not two.take("a")
        one.close()
        assert two.take("a")
        two.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("first", [0, 1], ids=["none at all", "none of series"])
def test_where_a_disk_has_no_locks_a_series_is_fetched_twice_rather_than_never(first: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lock(_file: object, position: int, shared: bool = False) -> bool:
        if position >= first:
            raise OSError(errno.ENOLCK, "No locks available")
        return True

    monkeypatch.setattr(series_lock, "lock_byte", lock)
    with Folder.at(tmp_path) as top:
        locks = SeriesLocks(top)
        assert locks.take("a")
        locks.release("a")
        locks.close()


def test_a_transfer_waits_for_another_one_says_so_and_then_finds_the_files(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(3, seed=850)
    said: list[str] = []
    begun, waits = threading.Event(), threading.Event()

    def first_moves(progress: Progress) -> None:
        if any(entry["state"] == "transferring" for entry in progress.details["series"]):
            begun.set()

    def second_says(progress: Progress) -> None:
        said.append(progress.message)
        if "another download" in progress.message:
            waits.set()

    with fault_proxy(s3_server.url) as proxy:
        proxy.rule = lambda method, path, count: Fault(stall_s=60) if is_object(path) and not waits.is_set() else None
        options = TransferOptions(endpoint_url=proxy.url, jobs=4)
        reports = []
        first = threading.Thread(target=lambda: reports.append(download(plan_of(uuid), tmp_path, options, Task(first_moves), journal_path=None)))
        first.start()
        assert begun.wait(60)
        threading.Thread(target=lambda: (waits.wait(60), setattr(proxy, "rule", lambda method, path, count: None)), daemon=True).start()
        second = download(plan_of(uuid), tmp_path, options, Task(second_says), journal_path=None, control=TransferControl())
        first.join()
    assert [report.exit_code for report in (*reports, second)] == [0, 0]
    assert (reports[0].bytes_fetched, second.bytes_fetched) == (6000, 0)
    assert "Waiting for another download of the same series into this folder" in said
