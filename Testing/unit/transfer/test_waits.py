"""What must not be waited for: whatever nobody foresaw ends its series with a sentence, and only a full disk is waited for."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from helpers.fault_proxy import Fault, fault_proxy
from helpers.planned import plan_of, planned
from helpers.s3_server import S3Server

from IDCBrowserLib.errors import CancelledError, StorageError, TransferError
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.stall_timeout import Heartbeat, StalledError, with_stall_timeout
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer import checker, lister
from IDCBrowserLib.transfer.download import download
from IDCBrowserLib.transfer.folders import disk
from IDCBrowserLib.transfer.folders.folder import NotAFileError
from IDCBrowserLib.transfer.folders.space_wait import SpaceWait
from IDCBrowserLib.transfer.item import TransferState
from IDCBrowserLib.transfer.options import TransferOptions
from IDCBrowserLib.transfer.s5cmd import process as s5cmd_process
from IDCBrowserLib.transfer.s5cmd.binary import find_s5cmd
from IDCBrowserLib.transfer.s5cmd.process import S5cmd
from IDCBrowserLib.transfer.workers import Workers


def _options(server: S3Server, **changes: Any) -> TransferOptions:
    return TransferOptions(endpoint_url=server.url, jobs=4, retry_count=0, first_wait_s=0.01, **changes)


@pytest.mark.parametrize("module", [lister, checker], ids=["listing", "checking"])
def test_what_nobody_foresaw_in_a_thread_ends_its_series_and_is_in_the_log(
    module: Any, s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = s3_server.put_series(2, seed=800), s3_server.put_series(2, seed=801)
    name = "prepare" if module is lister else "compare"
    real = getattr(module, name)

    def broken(*arguments: Any, **options: Any) -> Any:
        if bad in str(arguments):
            raise ZeroDivisionError("nobody foresaw this")
        return real(*arguments, **options)

    monkeypatch.setattr(module, name, broken)
    report = download(plan_of(bad, good), tmp_path, _options(s3_server, wait_for_room=True), journal_path=None)
    assert [item.state for item in report.items] == [TransferState.FAILED, TransferState.COMPLETE]
    assert "Internal error (ZeroDivisionError: nobody foresaw this)" in report.items[0].error
    assert "Traceback" in caplog.text and "nobody foresaw this" in caplog.text


@pytest.mark.parametrize("wait_for_room", [False, True])
@pytest.mark.parametrize("thing", ["folder", "link"])
def test_what_stands_in_the_place_of_a_file_is_named_and_stays_and_other_series_come(
    thing: str, wait_for_room: bool, s3_server: S3Server, tmp_path: Path
) -> None:
    bad, good = s3_server.put_series(2, seed=802), s3_server.put_series(2, seed=803)
    name = min(s3_server.files_of(bad))
    place = tmp_path / "to" / "test_collection" / "Patient-1" / "1.2.826.0.1.3680043.1.1" / "CT_1.2.826.0.1.3680043.2.1" / name
    mine = tmp_path / "mine.dcm"
    mine.write_bytes(b"mine")
    place.parent.mkdir(parents=True)
    place.mkdir() if thing == "folder" else place.symlink_to(mine)
    report = download(plan_of(bad, good), tmp_path / "to", _options(s3_server, wait_for_room=wait_for_room), journal_path=None)
    assert [item.state for item in report.items] == [TransferState.FAILED, TransferState.COMPLETE]
    assert f"{name} is not a file but a link or folder, which is not replaced; remove it" in report.items[0].error
    assert mine.read_bytes() == b"mine" and (place.is_symlink() or place.is_dir())


def test_a_link_that_appears_while_files_arrive_is_not_followed(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(4, 50_000, seed=804)
    to, theirs = tmp_path / "to", tmp_path / "theirs"
    theirs.mkdir()

    def swap(progress: Progress) -> None:
        if any(entry["state"] == "transferring" for entry in progress.details["series"]) and not (to / "test_collection").is_symlink():
            shutil.rmtree(to / "test_collection", ignore_errors=True)
            (to / "test_collection").symlink_to(theirs, target_is_directory=True)

    slow = _options(s3_server, limit_rate=100_000.0)
    report = download(plan_of(uuid), to, slow, Task(swap), journal_path=None)
    assert report.items[0].state is TransferState.FAILED and "test_collection is a link" in report.items[0].error
    assert list(theirs.iterdir()) == []


def test_a_connection_on_which_nothing_comes_is_begun_anew(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(2, seed=807)
    silent = min(s3_server.files_of(uuid))
    with fault_proxy(s3_server.url) as proxy:
        # Longer than the test may take.
        proxy.rule = lambda method, path, count: Fault(stall_s=600.0) if silent in path and method == "GET" and not count else None
        options = TransferOptions(endpoint_url=proxy.url, jobs=4, retry_count=0, first_wait_s=0.01, stall_s=0.5)
        report = download(plan_of(uuid), tmp_path, options, journal_path=None)
        assert report.items[0].state is TransferState.COMPLETE
        proxy.rule = lambda method, path, count: Fault(stall_s=600.0) if silent in path and method == "GET" else None
        (tmp_path / report.items[0].directory / silent).unlink()
        report = download(plan_of(uuid), tmp_path, options, journal_path=None)
        assert "1 of 2 files are missing (hardly anything arrived for 0.5 s)" in report.items[0].error
        proxy.rule = lambda method, path, count: None


def test_a_target_that_is_removed_is_said_and_nobody_has_to_reinstall_anything(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(4, 50_000, seed=805)
    to = tmp_path / "to"

    def remove(progress: Progress) -> None:
        if any(entry["state"] == "transferring" for entry in progress.details["series"]):
            shutil.rmtree(to, ignore_errors=True)

    report = download(plan_of(uuid), to, _options(s3_server, wait_for_room=True, limit_rate=100_000.0), Task(remove), journal_path=None)
    assert report.items[0].state is TransferState.FAILED
    assert "is not there any more" in report.items[0].error and "reinstall" not in report.items[0].error


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are Unicode elsewhere")
def test_a_folder_whose_name_is_no_utf_8_is_no_problem(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(2, seed=806)
    to = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    for _ in range(2):
        report = download(plan_of(uuid), to, _options(s3_server), journal_path=tmp_path / "journal.sqlite")
        assert report.items[0].state is TransferState.COMPLETE, report.describe()
    assert report.bytes_fetched == 0


def test_a_variable_that_names_no_file_of_certificates_ends_the_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    report = download(Plan((planned("a" * 8),)), tmp_path, TransferOptions(endpoint_url="https://127.0.0.1:9"), journal_path=None)
    assert "The variable REQUESTS_CA_BUNDLE does not name a certificate file" in report.items[0].error


def test_a_disk_that_is_said_to_have_space_and_has_none_is_asked_ever_more_seldom(tmp_path: Path) -> None:
    now = [100.0]
    wait = SpaceWait(tmp_path, clock=lambda: now[0])
    pauses = []
    for _ in range(8):
        wait.begin("The disk is full.")
        begun = now[0]
        while not wait.is_over(0):
            now[0] += 0.1
        pauses.append(round(now[0] - begun))
        now[0] += 1
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    now[0] += 100
    wait.begin("The disk is full.")
    assert "Waiting for disk space" in wait.reason
    now[0] += 1.1
    assert wait.is_over(0) and wait.reason == ""


@pytest.mark.parametrize(("after_s", "pause_s"), [(59.9, 2.0), (60.0, 1.0)])
def test_who_comes_back_within_a_minute_was_told_wrong(after_s: float, pause_s: float, tmp_path: Path) -> None:
    now = [100.0]
    wait = SpaceWait(tmp_path, clock=lambda: now[0])
    wait.begin("The disk is full.")
    now[0] += 1.0
    assert wait.is_over(0)
    now[0] += after_s
    wait.begin("The disk is full.")
    now[0] += pause_s - 0.05
    assert not wait.is_over(0)
    now[0] += 0.1
    assert wait.is_over(0)


def test_a_disk_has_space_again_when_all_that_is_to_come_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, asked, fits = [100.0], list[int](), [False]
    monkeypatch.setattr(disk, "has_room", lambda _folder, needed, _kept: asked.append(needed) or fits[0])
    wait = SpaceWait(tmp_path, clock=lambda: now[0])
    assert not wait.is_over(0), "nothing is waited for"
    wait.begin("The disk is full.", 30_000_000)
    wait.begin("The disk is full.", 20_000_000)
    for committed in (0, 40_000_000):
        now[0] += 1.0
        assert not wait.is_over(committed)
        assert not wait.is_over(committed), "the disk is asked seldom"
    now[0] += 1.0
    fits[0] = True
    assert wait.is_over(0)
    wait.begin("The disk is full.")
    now[0] += 2.0
    assert wait.is_over(0)
    assert asked == [30_000_000, 40_000_000, 30_000_000, 10_000_000], "what was needed before is forgotten"


def test_disk_space_that_is_to_stay_free_is_not_used_and_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free, now = [300 * 10**9], [100.0]
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(total=10**12, free=free[0]))
    assert disk.has_room(tmp_path, 100 * 10**9, 200 * 10**9) and not disk.has_room(tmp_path, 100 * 10**9 + 1, 200 * 10**9)
    with pytest.raises(StorageError, match="300 GB free, of which 200 GB are to stay free"):
        disk.check_room(tmp_path, 150 * 10**9, 200 * 10**9)
    wait = SpaceWait(tmp_path, 200 * 10**9, lambda: now[0])
    wait.begin("The disk is full.", 150 * 10**9)
    now[0] += 2
    assert not wait.is_over(0)
    free[0], now[0] = 350 * 10**9, now[0] + 60
    assert wait.is_over(0)


@pytest.mark.parametrize(("total", "reserve"), [(10**9, 10**7), (50 * disk.RESERVE_BYTES, disk.RESERVE_BYTES // 2), (10**15, disk.RESERVE_BYTES)])
def test_a_reserve_of_a_hundredth_of_a_small_disk_stays_free(total: int, reserve: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(total=total, free=total // 2))
    assert disk.has_room(tmp_path, total // 2 - reserve)
    assert not disk.has_room(tmp_path, total // 2 - reserve + 1)
    assert disk.has_room(tmp_path, 0)
    with pytest.raises(StorageError, match="There is not enough disk space"):
        disk.check_room(tmp_path, total // 2)


def test_nothing_needs_no_room_even_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(total=10**12, free=0))
    assert disk.has_room(tmp_path, 0) and disk.has_room(tmp_path, -1)
    assert not disk.has_room(tmp_path, 1)


def test_workers_are_waited_for_so_long_and_no_longer() -> None:
    workers, under_way, go_on, done = Workers(1, "test"), threading.Event(), threading.Event(), list[int]()

    def slow() -> None:
        under_way.set()
        go_on.wait(60)
        done.append(1)

    workers.submit(slow, lambda error: None)
    workers.submit(lambda: done.append(2), lambda error: None)
    assert under_way.wait(60)
    assert [thread.daemon for thread in threading.enumerate() if thread.name == "test-0"] == [True]
    workers.close(0.3)
    assert done == [] and workers.busy
    go_on.set()
    workers.close(30)
    assert done == [1] and not workers.busy, "what waited was dropped"


def test_no_more_threads_work_than_wanted_and_none_that_is_not_needed() -> None:
    workers, go_on = Workers(2, "counted"), threading.Event()
    begun = [threading.Event() for _ in range(3)]

    def work(number: int) -> None:
        begun[number].set()
        go_on.wait(60)

    def threads() -> int:
        return sum(thread.name.startswith("counted-") for thread in threading.enumerate())

    assert not workers.busy
    for number in range(3):
        workers.submit(lambda number=number: work(number), lambda error: None)  # type: ignore[misc]
        assert threads() == min(2, number + 1) and workers.busy
    assert begun[0].wait(60) and begun[1].wait(60) and not begun[2].is_set()
    go_on.set()
    while workers.busy:
        time.sleep(0.001)
    assert begun[2].is_set()
    done = threading.Event()
    workers.submit(done.set, lambda error: None)
    assert done.wait(60) and threads() == 2
    workers.close(30)
    assert threads() == 0 and not workers.busy


def test_a_folder_that_is_gone_is_not_waited_for(tmp_path: Path) -> None:
    now = [100.0]
    wait = SpaceWait(tmp_path / "gone", clock=lambda: now[0])
    wait.begin("The disk is full.")
    now[0] += 1.0
    assert wait.is_over(0)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.EACCES, "denied", "f"), "Nothing can be written to {folder} (no permission)"),
        (OSError(errno.EROFS, "read-only", "f"), "Nothing can be written to {folder} (no permission)"),
        (OSError(errno.EEXIST, "exists", "f"), "f is a file where a folder is needed"),
        (OSError(errno.ENOTDIR, "no folder"), "{folder} is a file where a folder is needed"),
        (OSError(errno.ENOENT, "gone", "f"), "f is not there any more"),
        (OSError(errno.ENOENT, "gone"), "{folder} is not there any more"),
        (NotAFileError(errno.ELOOP, "is not a file", "f"), "f is a link or folder where a file should go, and is not replaced"),
        (OSError(errno.EIO, "Input/output error", "f"), "f cannot be written (Input/output error)"),
        (OSError(errno.EMFILE, "too many", "f"), "f cannot be written (too many files are open at once"),
        (OSError(errno.ENFILE, "too many", "f"), "f cannot be written (too many files are open at once"),
        (OSError("odd"), "{folder} cannot be written (odd)"),
    ],
)
def test_what_the_disk_says_names_the_file_else_the_folder(error: OSError, said: str, tmp_path: Path) -> None:
    assert str(disk.storage_error(error, tmp_path)).startswith(said.format(folder=tmp_path))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_only_a_disk_without_space_counts_as_full(number: int, tmp_path: Path) -> None:
    assert isinstance(disk.storage_error(OSError(number, "x"), tmp_path), disk.FullError)
    for other in (errno.EIO, errno.EACCES, errno.EROFS, errno.ENOENT, errno.EISDIR, errno.EMFILE):
        assert not isinstance(disk.storage_error(OSError(other, os.strerror(other)), tmp_path), disk.FullError)


def test_what_the_disk_refuses_to_s5cmd_is_told_from_a_folder_that_is_gone(tmp_path: Path) -> None:
    assert disk.unusable(tmp_path, "read-only").startswith(f"Nothing can be written to {tmp_path} (read-only); choose another folder")
    assert disk.unusable(tmp_path / "gone", "read-only").startswith(f"{tmp_path / 'gone'} is not there any more")


def test_the_space_of_a_folder_that_is_not_there_yet_is_that_of_the_one_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = {tmp_path: 7_000_000}
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(total=10**12, free=free[path]))
    assert disk.free_bytes(tmp_path / "a" / "b") == disk.free_bytes(tmp_path) == 7_000_000
    assert "is full (7.0 MB free)" in str(disk.full(tmp_path))

    def fail(path: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(shutil, "disk_usage", fail)
    assert "is full (nobody knows how much is free)" in str(disk.full(tmp_path))


def _s5cmd(program: Path, folder: Path) -> None:
    S5cmd(program, "http://127.0.0.1:9", folder, jobs=1, retry_count=0, on_file=print, on_exit=print, environment={}).close()


def test_why_s5cmd_does_not_start_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TransferError, match="reinstall it"):
        _s5cmd(tmp_path / "none", tmp_path)
    with pytest.raises(StorageError, match="is not there any more"):
        _s5cmd(find_s5cmd(), tmp_path / "gone" / "incoming")

    def too_many(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(subprocess, "Popen", too_many)
    with pytest.raises(TransferError, match=r"ulimit -n"):
        _s5cmd(find_s5cmd(), tmp_path)


def test_every_s5cmd_ends_at_once_when_the_program_does(tmp_path: Path) -> None:
    ended = threading.Event()
    running = S5cmd(
        find_s5cmd(),
        "http://127.0.0.1:9",
        tmp_path,
        jobs=1,
        retry_count=0,
        on_file=print,
        on_exit=lambda *_said: ended.set(),
        environment={},
    )
    assert not ended.wait(0.2)
    threads = [thread.daemon for thread in threading.enumerate() if thread.name.startswith("s5cmd-")]
    assert len(threads) >= 3 and all(threads), "they keep no program alive"
    s5cmd_process.kill_all()
    assert ended.wait(30)
    running.close()


def test_a_command_for_s5cmd_holds_nothing_but_names(tmp_path: Path) -> None:
    running = S5cmd(find_s5cmd(), "http://127.0.0.1:9", tmp_path, jobs=1, retry_count=0, on_file=print, on_exit=print, environment={})
    for source, destination in (("s3://b/*", "a"), ("s3://b/a'", "a"), ("s3://b/a", "../a"), ("s3://b/a\nrm", "a"), ("s3://b/a", "-a"), ("/a", "a")):
        with pytest.raises(AssertionError, match="is not a command"):
            running.feed([(source, destination)])
    running.close()


def test_whoever_waits_patiently_gets_the_answer_the_error_or_gives_up() -> None:
    silence = threading.Event()

    def nothing() -> None:
        pass

    def slow_but_alive(heartbeat: Heartbeat) -> str:
        for _ in range(5):
            silence.wait(0.1)
            heartbeat()
        return "done"

    def cancelled() -> None:
        raise CancelledError

    def dripping(heartbeat: Heartbeat) -> str:
        while True:
            silence.wait(0.01)
            heartbeat(1)

    assert with_stall_timeout(slow_but_alive, 0.3, nothing) == "done"
    with pytest.raises(StalledError):
        with_stall_timeout(dripping, 0.3, nothing)
    with pytest.raises(ZeroDivisionError):
        with_stall_timeout(lambda heartbeat: 1 // 0, 1.0, nothing)
    with pytest.raises(StalledError):
        with_stall_timeout(lambda heartbeat: silence.wait(60), 0.2, nothing)
    with pytest.raises(CancelledError):
        with_stall_timeout(lambda heartbeat: silence.wait(60), 60.0, cancelled)
    silence.set()
