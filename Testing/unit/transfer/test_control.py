"""Pausing, and cancelling single series."""

from __future__ import annotations

import threading
from pathlib import Path

from helpers.fault_proxy import Fault, fault_proxy, is_object
from helpers.planned import plan_of
from helpers.s3_server import S3Server

from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.control import TransferControl
from IDCBrowserLib.transfer.download import download
from IDCBrowserLib.transfer.item import TransferState
from IDCBrowserLib.transfer.options import TransferOptions
from IDCBrowserLib.transfer.s5cmd import process as s5cmd_process


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_one_series_is_cancelled_and_the_others_complete(s3_server: S3Server, tmp_path: Path) -> None:
    uuids = [s3_server.put_series(files=4, seed=300 + number) for number in range(3)]
    slow = uuids[0]
    control, asked = TransferControl(), threading.Event()

    def cancel_slow(progress: Progress) -> None:
        if any(entry["crdc_series_uuid"] == slow and entry["state"] == "transferring" for entry in progress.details["series"]):
            threading.Timer(0.2, control.cancel_series, [[slow]]).start()

    def rule(method: str, path: str, count: int) -> Fault | None:
        if slow not in path:
            asked.wait(60)
        elif is_object(path):
            asked.set()
            # Longer than the test may take: without the cancel it would not end in time, and the series would be complete.
            return Fault(stall_s=600.0)
        return None

    with fault_proxy(s3_server.url) as proxy:
        proxy.rule = rule
        # One at a time: what is canceled has to make way.
        options = TransferOptions(endpoint_url=proxy.url, jobs=1)
        report = download(plan_of(*uuids), tmp_path, options, Task(cancel_slow), journal_path=None, control=control)
        proxy.rule = lambda method, path, count: None
    assert [item.state for item in report.items] == [TransferState.CANCELLED, TransferState.COMPLETE, TransferState.COMPLETE]
    assert _files(tmp_path) == set(s3_server.files_of(uuids[1])) | set(s3_server.files_of(uuids[2]))


def test_a_paused_transfer_moves_nothing_and_completes_after_resume(s3_server: S3Server, tmp_path: Path) -> None:
    uuids = [s3_server.put_series(files=3, seed=310 + number) for number in range(2)]
    control = TransferControl()
    control.pause()
    notes: list[str] = []

    def resume_later(progress: Progress) -> None:
        notes.append(progress.message)
        if len(notes) == 3:
            assert _files(tmp_path / "to" / "test_collection") == set()
            control.resume()

    options = TransferOptions(endpoint_url=s3_server.url, jobs=8)
    report = download(plan_of(*uuids), tmp_path / "to", options, Task(resume_later), journal_path=None, control=control)
    assert notes[:3] == ["Paused", "Paused", "Paused"]
    assert report.count(TransferState.COMPLETE) == 2


def test_what_is_asked_of_a_transfer_is_taken_up_once_and_at_once() -> None:
    control, woken = TransferControl(), list[int]()
    control.on_change(lambda: woken.append(1))
    assert (control.take_limit(), control.take_cancelled()) == (None, set())
    control.limit(0.0)
    control.cancel_series(["1.2", "uuid"])
    assert [control.is_cancelled(*names) for names in (("1.2", "x"), ("x", "uuid"), ("x", "y"))] == [True, True, False]
    assert (control.take_limit(), control.take_cancelled()) == (0.0, {"1.2", "uuid"})
    assert (control.take_limit(), control.take_cancelled()) == (None, set())
    control.pause()
    assert control.paused
    control.resume()
    assert not control.paused and len(woken) == 4


def test_a_limit_that_is_set_meanwhile_holds_from_then_on(s3_server: S3Server, tmp_path: Path) -> None:
    control, through_relay = TransferControl(), list[bool]()
    control.limit(200_000.0)

    def look(progress: Progress) -> None:
        through_relay.append(any(thread.name == "relay" for thread in threading.enumerate()))

    uuid = s3_server.put_series(files=2, size=50_000, seed=321)
    report = download(plan_of(uuid), tmp_path, TransferOptions(endpoint_url=s3_server.url), Task(look), journal_path=None, control=control)
    assert report.items[0].state is TransferState.COMPLETE and any(through_relay)


def test_pausing_in_the_middle_loses_nothing(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(files=12, seed=320)
    control = TransferControl()
    paused, running = [], []

    def pause_once(progress: Progress) -> None:
        if progress.details["held"] == "paused":
            running.append(len(s5cmd_process._running))
            if len(running) == 3:
                control.resume()
        if not paused and any(entry["state"] == "transferring" for entry in progress.details["series"]):
            paused.append(True)
            threading.Timer(0.3, control.pause).start()

    with fault_proxy(s3_server.url) as proxy:
        proxy.rule = lambda method, path, count: Fault(stall_s=0.3) if is_object(path) else None
        report = download(
            plan_of(uuid), tmp_path, TransferOptions(endpoint_url=proxy.url, jobs=2), Task(pause_once), journal_path=None, control=control
        )
    assert report.items[0].state is TransferState.COMPLETE
    assert running[1:] == [0, 0], "s5cmd rests from the first report on"
    assert _files(tmp_path) == set(s3_server.files_of(uuid))
