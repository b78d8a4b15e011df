"""The loop of a transfer: what it does at each turn, with stages that do nothing by themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.begun_transfer import BegunTransfer

from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer import run as module
from IDCBrowserLib.transfer.control import TransferControl
from IDCBrowserLib.transfer.folders.incoming import Incoming
from IDCBrowserLib.transfer.folders.journal import Journal
from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.options import TransferOptions
from IDCBrowserLib.transfer.run import TransferRun

COMPLETE = (TransferState.LISTING, TransferState.VERIFYING, TransferState.COMPLETE)


class Stage:
    """Takes the place of the lister and of the fetcher: what it is, and what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.is_done = self.is_idle = self.wants_more = True
        self.waits = False

    def __getattr__(self, name: str) -> object:
        return lambda *arguments, **options: self.told.append(" ".join([name, *map(str, [*arguments, *options.values()])]))


class Running:
    """A transfer of two series that nobody moves."""

    def __init__(self, to: Path, monkeypatch: pytest.MonkeyPatch, wait_for_room: bool = False) -> None:
        self.lister, self.fetcher = Stage(), Stage()
        monkeypatch.setattr(module, "Lister", lambda *_: self.lister)
        monkeypatch.setattr(module, "Fetcher", lambda *_: self.fetcher)
        monkeypatch.setattr(module, "_TICK_S", 0.0)
        begun = BegunTransfer(to / "items")
        begun.close()
        self.items = begun.items
        self.said: list[Progress] = []
        self.task, self.control = Task(self.said.append), TransferControl()
        self.incoming, self.journal = Incoming(to), Journal(None)
        options = TransferOptions(wait_for_room=wait_for_room)
        self.run = TransferRun(self.items, to, self.incoming, options=options, task=self.task, journal=self.journal, program=to, control=self.control)
        self.context = self.run._context

    def end(self, item: TransferItem, *states: TransferState) -> None:
        for state in states:
            self.context.change(item, state)

    def close(self) -> None:
        self.run.close()
        self.incoming.close()


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    found = Running(tmp_path, monkeypatch)
    yield found
    found.close()


def test_a_transfer_in_which_nobody_works_any_more_is_ended_and_said(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    running.run.run()
    assert running.run.stopped_because.startswith("internal error (nothing is running any more); please report it")
    assert [item.state for item in running.items] == [TransferState.FAILED] * 2 and not running.run.disk_failed
    assert "nothing is running, though 2 series have not ended" in caplog.text


@pytest.mark.parametrize("why", ["listing", "moving", "paused", "no space"])
def test_a_transfer_that_works_or_rests_is_not_ended(why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running(tmp_path, monkeypatch, wait_for_room=True)
    running.lister.is_done = why != "listing"
    running.fetcher.is_idle = why != "moving"
    if why == "paused":
        running.control.pause()
    elif why == "no space":
        running.context.no_space("The disk is full.")
    for _ in range(60):
        running.run._notice_standstill()
    assert running.run.stopped_because == ""
    running.lister.is_done = running.fetcher.is_idle = True
    running.control.resume()
    running.context.space.reason = ""
    for _ in range(50):
        running.run._notice_standstill()
    assert running.run.stopped_because == "", "it is counted from here"
    running.run._notice_standstill()
    assert running.run.stopped_because != ""
    running.close()


def test_after_all_series_have_ended_nothing_is_called_a_standstill(running: Running) -> None:
    for item in running.items:
        running.end(item, TransferState.CANCELLED)
    for _ in range(60):
        running.run._notice_standstill()
    assert running.run.stopped_because == ""


@pytest.mark.parametrize(("why", "state"), [("cancel", TransferState.CANCELLED), ("stop", TransferState.FAILED), ("end", TransferState.COMPLETE)])
def test_the_loop_ends_with_a_cancel_a_stop_or_the_last_series(why: str, state: TransferState, running: Running) -> None:
    running.fetcher.is_idle = False

    def happen() -> None:
        if why == "cancel":
            running.task.cancel()
        elif why == "stop":
            running.context.stop("The disk is full.", disk_failed=True)
        else:
            for item in running.items:
                running.end(item, *COMPLETE)
                item.completed = time.monotonic()

    running.context.events.put(happen)
    running.run.run()
    assert [item.state for item in running.items] == [state] * 2 and running.run.disk_failed is (why == "stop")
    assert ("stop" in running.fetcher.told) is (why == "cancel"), "s5cmd is stopped at once"
    running.run.close()
    assert running.context.ending and f"close {why != 'end'}" in running.fetcher.told and "close" in running.lister.told
    told = {one["crdc_series_uuid"]: one["state"] for said in running.said for one in said.details["series"]}
    assert told == {"uuid-0": state.value, "uuid-1": state.value}, "whatever was told before, at the end all is"


def test_while_it_is_paused_nothing_moves_and_that_is_said(running: Running) -> None:
    running.control.pause()
    running.run._move()
    running.run._tick()
    assert running.fetcher.told == ["go_on_when_there_is_space", "halt", "watch"] and running.lister.told == []
    assert (running.said[-1].message, running.said[-1].details["held"]) == ("Paused", "paused")
    running.control.resume()
    running.run._move()
    assert running.lister.told == ["start"] and running.fetcher.told[-1] == "feed True"


def test_without_space_nothing_moves_and_the_reason_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running(tmp_path, monkeypatch, wait_for_room=True)
    running.context.no_space("The disk is full.")
    running.run._move()
    running.run._tick()
    assert running.fetcher.told[:2] == ["go_on_when_there_is_space", "halt"]
    assert (running.said[-1].message, running.said[-1].details["held"]) == ("The disk is full. Waiting for disk space.", "room")
    running.close()


@pytest.mark.parametrize(("waits", "is_idle", "says"), [(True, True, True), (True, False, False), (False, True, False)])
def test_only_who_has_nothing_else_to_do_says_that_it_waits_for_another_download(waits: bool, is_idle: bool, says: bool, running: Running) -> None:
    running.lister.waits, running.fetcher.is_idle = waits, is_idle
    running.run._tick()
    assert running.said[-1].message.startswith("Waiting for another download" if says else "0 of 2 series")
    running.run._tick()
    assert len(running.said) == 1, "the next report is not due yet"


def test_further_series_are_listed_only_when_little_waits(running: Running) -> None:
    running.fetcher.wants_more = running.lister.is_done = False
    running.run._move()
    assert running.lister.told == [] and running.fetcher.told[-1] == "feed False"


def test_series_that_are_canceled_by_either_name_make_way_and_ended_ones_stay(running: Running) -> None:
    running.end(running.items[1], *COMPLETE)
    arrived = [running.incoming.path / f"{name}_a.dcm" for name in ("uuid-0", "uuid-1")]
    for path in arrived:
        path.touch()
    running.run._cancel_series(set())
    assert "drop_ended" not in running.fetcher.told
    running.run._cancel_series({"uuid-1", running.items[0].series.series_uid})
    assert [item.state for item in running.items] == [TransferState.CANCELLED, TransferState.COMPLETE]
    assert "drop_ended" in running.fetcher.told and [path.exists() for path in arrived] == [False, True]


def test_a_limit_is_told_once_and_none_is_told_as_well(running: Running) -> None:
    running.run._limit(None)
    assert running.fetcher.told == []
    running.run._limit(0.0)
    running.run._limit(1e6)
    assert running.fetcher.told == ["limit 0.0", "limit 1000000.0"]


@pytest.mark.parametrize(("ago_s", "is_cancelled", "noticed"), [(2.0, False, True), (0.5, False, False), (2.0, True, False)])
def test_what_was_complete_for_a_while_is_looked_at_once_more(ago_s: float, is_cancelled: bool, noticed: bool, running: Running) -> None:
    for item in running.items:
        running.context.progress.set_total(item, 1, 4)
        running.context.progress.add_done(item, 4, fetched=True)
        running.end(item, *COMPLETE)
        item.keep_files({"a.dcm": 4})
        item.completed -= ago_s
    here = Path(running.incoming.top.path) / "CT_1" / "a.dcm"
    here.parent.mkdir()
    here.write_bytes(b"DICM")
    if is_cancelled:
        running.task.cancel()
    running.run.run()
    assert [item.state for item in running.items] == [TransferState.FAILED if noticed else TransferState.COMPLETE, TransferState.COMPLETE]
    assert running.items[0].missing == (["a.dcm"] if noticed else []) and running.items[0].files_done == (0 if noticed else 1)


@pytest.mark.parametrize("is_link", [True, False])
def test_a_folder_named_through_a_link_above_is_adopted_and_one_that_is_a_link_is_not(
    is_link: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopted: list[tuple[str, str]] = []
    monkeypatch.setattr(Journal, "adopt", lambda self, named, real: adopted.append((named, real)))
    (tmp_path / "to").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "to", target_is_directory=True)
    Running(tmp_path / ("link" if is_link else "to"), monkeypatch).close()
    assert adopted == ([] if is_link else [(str(tmp_path / "to"), str(tmp_path / "to"))])


def test_who_is_told_of_complete_series_and_what_room_is_waited_for(running: Running) -> None:
    told: list[TransferItem] = []
    running.run.on_complete(told.append)
    running.context.on_complete(running.items[0])
    assert told == [running.items[0]]
    running.run.wait_for_room(10**18)
    assert "not enough disk space" in running.run.stopped_because and running.run.disk_failed
