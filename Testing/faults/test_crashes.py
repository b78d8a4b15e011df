"""Killed programs, full and read-only disks, two programs at once."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from helpers.arrived import arrived_files
from helpers.fault_proxy import Fault, FaultProxy, is_object
from helpers.planned import plan_of
from helpers.s3_server import S3Server
from helpers.small_disk import small_disk

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.download import download
from IDCBrowserLib.transfer.item import TransferState
from IDCBrowserLib.transfer.jobs import job_store_beside
from IDCBrowserLib.transfer.options import TransferOptions

_SCRIPT = Path(__file__).with_name("run_transfer.py")
# `make faults` sets 25.
MOMENTS = int(os.environ.get("IDC_BROWSER_FAULT_MOMENTS", "6"))


def _tree(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _placed(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in arrived_files(folder)}


def _options(url: str) -> TransferOptions:
    return TransferOptions(endpoint_url=url, jobs=4, retry_count=2, first_wait_s=0.05)


def _slow(proxy: FaultProxy) -> None:
    proxy.rule = lambda method, path, count: Fault(stall_s=0.1) if is_object(path) else None


@pytest.fixture(scope="module")
def uuids(s3_server: S3Server) -> list[str]:
    return [s3_server.put_series(6, 200_000, seed=2000 + number) for number in range(4)]


@pytest.fixture(scope="module")
def expected(s3_server: S3Server, uuids: list[str]) -> dict[str, bytes]:
    return {name: content for uuid in uuids for name, content in s3_server.files_of(uuid).items()}


def _start(url: str, to: Path, journal: Path, uuids: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(_SCRIPT), url, str(to), str(journal), *uuids], stdout=subprocess.PIPE)


def test_killing_the_whole_program_at_any_moment_loses_nothing(
    proxy: FaultProxy, uuids: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    chance = random.Random(7)
    journal = tmp_path / "journal.sqlite"
    partly = 0
    for moment in range(MOMENTS):
        to = tmp_path / f"to-{moment}"
        _slow(proxy)
        _kill_after(_start(proxy.url, to, journal, uuids), to, chance.randrange(len(expected)), 0.1 * chance.random())
        proxy.rule = lambda method, path, count: None
        placed = _placed(to)
        partly += 0 < len(placed) < len(expected)
        assert placed.items() <= expected.items()
        store = job_store_beside(journal)
        left = store.leftover()
        remembered = [(job.destination, [uuid for uuid, _ in job.series]) for job in left]
        assert remembered == [(to, uuids)] or (remembered == [] and len(placed) == len(expected))
        for job in left:
            store.forget(job.number)
        # The orphaned s5cmd ends by itself: its commands stop coming.
        report = download(plan_of(*uuids), to, _options(proxy.url), journal_path=journal)
        assert report.count(TransferState.COMPLETE) == len(uuids)
        assert store.leftover() == []
        _wait_for_orphans()
        download(plan_of(*uuids), to, _options(proxy.url), journal_path=journal)
        assert _tree(to) == expected
    assert partly, "no kill hit the middle of a transfer; the test shows nothing"


def _kill_after(process: subprocess.Popen[bytes], to: Path, files: int, seconds: float) -> None:
    """Kill it a little after so many files are in place; on a busy machine a moment told in seconds would miss the transfer."""
    assert process.stdout is not None
    process.stdout.readline()
    while process.poll() is None and len(arrived_files(to)) < files:
        time.sleep(0.01)
    time.sleep(seconds)
    process.kill()
    process.wait()
    process.stdout.close()


def _wait_for_orphans() -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end and any("s5cmd" in process.name() for process in psutil.process_iter() if _is_ours(process)):
        time.sleep(0.1)


def _is_ours(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return "to-" in process.cwd()
    return False


def test_killing_s5cmd_again_and_again_is_overcome(proxy: FaultProxy, uuids: list[str], expected: dict[str, bytes], tmp_path: Path) -> None:
    _slow(proxy)
    chance = random.Random(11)
    kills: list[int] = []
    for number in range((MOMENTS + 2) // 3):
        to = tmp_path / f"to-{number}"
        done = threading.Event()
        killer = threading.Thread(target=_kill_s5cmd, args=(done, random.Random(chance.random()), kills))
        killer.start()
        report = download(plan_of(*uuids), to, _options(proxy.url), journal_path=None)
        done.set()
        killer.join()
        assert report.count(TransferState.COMPLETE) == len(uuids), report.error
        assert _tree(to) == expected
    assert kills, "nothing was killed; the test shows nothing"


def _kill_s5cmd(done: threading.Event, chance: random.Random, kills: list[int]) -> None:
    """Three times, soon after each of its starts."""
    before = len(kills)
    while not done.is_set() and len(kills) < before + 3:
        done.wait(0.15 + chance.random() * 0.2)
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.Error):
                if "s5cmd" in child.name() and not done.is_set():
                    child.kill()
                    kills.append(child.pid)


def test_two_programs_on_one_folder_move_each_byte_once(proxy: FaultProxy, uuids: list[str], expected: dict[str, bytes], tmp_path: Path) -> None:
    _slow(proxy)
    to = tmp_path / "to"
    programs = [_start(proxy.url, to, tmp_path / "journal.sqlite", uuids) for _ in range(2)]
    for program in programs:
        program.communicate(timeout=60)
    assert [program.returncode for program in programs] == [0, 0]
    assert _tree(to) == expected
    # s5cmd asks for each object twice: HEAD and GET.
    assert {path: count for path, count in proxy.asked.items() if is_object(path) and count != 2} == {}


def test_cancel_at_any_moment_leaves_only_whole_files(proxy: FaultProxy, uuids: list[str], expected: dict[str, bytes], tmp_path: Path) -> None:
    _slow(proxy)
    for moment in range(MOMENTS):
        to = tmp_path / f"to-{moment}"
        task = Task()
        timer = threading.Timer(0.05 + 1.2 * moment / MOMENTS, task.cancel)
        timer.start()
        started = time.monotonic()
        download(plan_of(*uuids), to, _options(proxy.url), task, journal_path=None)
        timer.cancel()
        assert time.monotonic() - started < 20
        assert _tree(to).items() <= expected.items()


def test_a_disk_that_fills_up_is_named_and_completed_when_there_is_room(
    s3_server: S3Server, uuids: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "size=3m") as disk:
        filler = disk / "filler"

        def fill(progress: Progress) -> None:
            if progress.done and not filler.exists():
                with contextlib.suppress(OSError):
                    filler.write_bytes(b"x" * 3_000_000)

        with contextlib.suppress(StorageError):
            report = download(plan_of(*uuids), disk / "to", _options(s3_server.url), Task(fill), journal_path=None)
            assert report.storage or report.count(TransferState.COMPLETE) < len(uuids)
            assert "is full" in report.error or "not enough disk space" in report.error
        assert _tree(disk / "to").items() <= expected.items()
        filler.unlink(missing_ok=True)
        subprocess.run(["mount", "-o", "remount,size=20m", str(disk)], check=True)
        again = download(plan_of(*uuids), disk / "to", _options(s3_server.url), journal_path=None)
        assert again.count(TransferState.COMPLETE) == len(uuids), again.error
        assert _tree(disk / "to") == expected


def test_what_is_here_already_needs_no_room(s3_server: S3Server, uuids: list[str], expected: dict[str, bytes], tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=8m") as disk:
        download(plan_of(*uuids), disk / "to", _options(s3_server.url), journal_path=None)
        gone = next((disk / "to").rglob("*.dcm"))
        gone.unlink()
        # Room for two files of 200 kB, while the four series are 4.8 MB.
        (disk / "filler").write_bytes(b"x" * (shutil.disk_usage(disk).free - 500_000))
        again = download(plan_of(*uuids), disk / "to", _options(s3_server.url), journal_path=None)
        assert again.count(TransferState.COMPLETE) == len(uuids), again.error
        assert (again.bytes_fetched, _tree(disk / "to")) == (200_000, expected)


def test_a_full_disk_pauses_the_transfer_until_there_is_room(
    s3_server: S3Server, uuids: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "size=16m") as disk:
        filler = disk / "filler"
        filler.write_bytes(b"x" * 14_000_000)
        waited = []

        def make_room(progress: Progress) -> None:
            if "Waiting for disk space" in progress.message:
                waited.append(progress)
                if len(waited) == 2:
                    filler.unlink()

        options = TransferOptions(endpoint_url=s3_server.url, jobs=4, wait_for_room=True)
        report = download(plan_of(*uuids), disk / "to", options, Task(make_room), journal_path=None)
        assert len(waited) >= 2
        assert report.count(TransferState.COMPLETE) == len(uuids), report.error
        assert _tree(disk / "to") == expected


def test_a_read_only_disk_is_named(s3_server: S3Server, uuids: list[str], tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=3m,ro") as disk, pytest.raises(StorageError, match=r"Nothing can be written to .*disk"):
        download(plan_of(*uuids), disk, _options(s3_server.url), journal_path=None)


def test_a_clock_that_goes_back_makes_no_file_believed(s3_server: S3Server, uuids: list[str], expected: dict[str, bytes], tmp_path: Path) -> None:
    journal = tmp_path / "journal.sqlite"
    report = download(plan_of(*uuids), tmp_path / "to", _options(s3_server.url), journal_path=journal)
    path = tmp_path / "to" / report.items[0].directory / sorted(s3_server.files_of(uuids[0]))[0]
    path.write_bytes(b"y" * path.stat().st_size)
    os.utime(path, (0, 0))
    again = download(plan_of(*uuids), tmp_path / "to", _options(s3_server.url), journal_path=journal)
    assert again.bytes_fetched == 200_000
    assert _tree(tmp_path / "to") == expected


@pytest.mark.parametrize("content", [b"", b"no database at all", b"SQLite format 3\0" + b"\xff" * 500])
def test_a_damaged_journal_costs_nothing_but_time(
    content: bytes, s3_server: S3Server, uuids: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    journal = tmp_path / "journal.sqlite"
    journal.write_bytes(content)
    report = download(plan_of(*uuids), tmp_path / "to", _options(s3_server.url), journal_path=journal)
    assert report.count(TransferState.COMPLETE) == len(uuids)
    assert _tree(tmp_path / "to") == expected
