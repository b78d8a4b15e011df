"""What the stages of a transfer share: when a series ends, why, and what a full disk and a cancel do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.begun_transfer import BegunTransfer

from IDCBrowserLib.errors import CancelledError
from IDCBrowserLib.network import Network
from IDCBrowserLib.transfer.context import SeriesWork
from IDCBrowserLib.transfer.failure import Failure
from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.listing import RemoteObject
from IDCBrowserLib.transfer.options import TransferOptions
from IDCBrowserLib.transfer.s5cmd.mover import FileTransfer


class Begun(BegunTransfer):
    """A transfer of two series, the first of which is listed: 2 files, of 500 bytes each."""

    def __init__(self, to: Path, options: TransferOptions, **values: Any) -> None:
        super().__init__(to, options, journal=to / "journal.sqlite", **values)
        self.work = self.listed(0, {"a.dcm": 500, "b.dcm": 500})
        self.work.waiting = {}
        self.context.change(self.items[0], TransferState.VERIFYING)


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Begun]:
    found = Begun(tmp_path, TransferOptions(provider="auto"), instance_count=2, gcs_bucket="of-google")
    yield found
    found.close()


@pytest.mark.parametrize(("waits", "is_cancelled", "pauses"), [(True, False, True), (False, False, False), (True, True, False), (False, True, False)])
def test_a_full_disk_is_waited_for_where_that_is_wanted_and_nobody_cancelled(waits: bool, is_cancelled: bool, pauses: bool, tmp_path: Path) -> None:
    begun = Begun(tmp_path, TransferOptions(wait_for_room=waits))
    if is_cancelled:
        begun.task.cancel()
    begun.context.no_space("The disk is full.", 10)
    assert bool(begun.context.space.reason) is pauses
    assert (begun.context.stopped_because, begun.context.disk_failed) == (("", False) if pauses else ("The disk is full.", True))
    begun.close()


def test_a_series_is_complete_when_nothing_is_open_and_its_folder_was_looked_through(begun: Begun) -> None:
    looked: list[SeriesWork] = []
    told: list[TransferItem] = []
    begun.context.look_again, begun.context.on_complete = looked.append, told.append
    for name in ("open", "checking"):
        setattr(begun.work, name, 1)
        begun.context.end_if_done(begun.work)
        setattr(begun.work, name, 0)
    assert looked == []
    begun.context.end_if_done(begun.work)
    assert looked == [begun.work] and not begun.work.item.ended
    begun.work.looked = True
    begun.context.end_if_done(begun.work)
    begun.context.end_if_done(begun.work)
    assert told == [begun.items[0]] and begun.items[0].state is TransferState.COMPLETE
    assert begun.items[0].files() == begun.work.sizes and begun.journal.completed(begun.work.folder.path) == "uuid-0"


@pytest.mark.parametrize(
    ("expected", "instances", "is_short"), [(2, (), False), (3, (), True), (1, (), False), (None, (), False), (3, ("a", "b"), False)]
)
def test_a_bucket_that_holds_less_than_the_index_states_is_no_complete_series(
    expected: int | None, instances: tuple[str, ...], is_short: bool, tmp_path: Path
) -> None:
    begun = Begun(tmp_path, TransferOptions(), instance_count=expected, instances=instances)
    begun.work.looked = True
    begun.context.end_if_done(begun.work)
    assert begun.items[0].state is (TransferState.FAILED if is_short else TransferState.COMPLETE)
    assert begun.items[0].error.startswith("the bucket contains 2 of the 3 files" if is_short else "")
    # Of single instances nobody can say that the version lies whole.
    assert bool(begun.journal.completed(begun.work.folder.path)) is not (is_short or bool(instances))
    begun.close()


def test_a_series_of_which_files_failed_says_which(begun: Begun) -> None:
    remote = RemoteObject("uuid-0/b.dcm", "b.dcm", 500, "")
    begun.work.failed = [FileTransfer(begun.items[0], remote, "s3://b/uuid-0/b.dcm", "aws", failure=Failure("the server failed"))]
    begun.work.waiting, begun.work.verified = {"b.dcm": None}, [("a.dcm", 500, 1, "")]
    begun.work.committed = begun.context.committed = 500
    begun.context.end_if_done(begun.work)
    assert begun.items[0].missing == ["b.dcm"] and "1 of 2 files are missing (the server failed): b.dcm" in begun.items[0].error
    assert begun.context.committed == 0 and list(begun.journal.owned(begun.work.folder.path)) == ["a.dcm"]


@pytest.mark.parametrize(("why", "state"), [("", TransferState.CANCELLED), ("The disk is full.", TransferState.FAILED)])
def test_what_has_not_ended_ends_with_the_transfer(why: str, state: TransferState, begun: Begun) -> None:
    begun.work.waiting = {"b.dcm": None}
    begun.context.stop(why)
    begun.context.end_rest()
    assert [(item.state, item.error, item.missing) for item in begun.items] == [(state, why, ["b.dcm"]), (state, why, [])]
    begun.context.end_rest()


def test_files_that_went_are_taken_back_and_named(begun: Begun) -> None:
    for name in begun.work.sizes:
        begun.context.progress.add_done(begun.items[0], begun.work.sizes[name], fetched=True)
    begun.context.say_gone(begun.items[0], begun.work.sizes, ["b.dcm"])
    assert (begun.items[0].files_done, begun.items[0].bytes_done, begun.items[0].missing) == (1, 500, ["b.dcm"])
    assert begun.items[0].error == "1 of 2 files were deleted or changed meanwhile: b.dcm; download it again"


def test_a_provider_that_is_down_or_has_no_bucket_is_not_asked(begun: Begun) -> None:
    assert begun.context.providers_of(begun.items[0]) == ["aws", "gcs"]
    begun.context.down["aws"] = "It does not answer."
    assert begun.context.providers_of(begun.items[0]) == ["gcs"]
    begun.items[0].series = begun.items[0].series._replace(gcs_bucket=None)
    assert begun.context.providers_of(begun.items[0]) == []


@pytest.mark.parametrize(
    ("provider", "failure", "proxy", "said"),
    [
        ("aws", Failure("the server failed"), "http://me:secret@proxy:1", "(the server failed, through the proxy http://proxy:1)"),
        ("aws", Failure("the server failed"), "none", "(the server failed)"),
        ("", Failure("the server failed"), "http://me:secret@proxy:1", "(the server failed)"),
        ("aws", None, "none", "(no reason given)"),
    ],
)
def test_the_proxy_that_stood_between_is_named(provider: str, failure: Failure | None, proxy: str, said: str, tmp_path: Path) -> None:
    begun = Begun(tmp_path, TransferOptions(network=Network(proxy)))
    begun.work.failed = [FileTransfer(begun.items[0], RemoteObject("uuid-0/b.dcm", "b.dcm", 500, ""), "s3://b/k", provider, failure=failure)]
    begun.context.end_if_done(begun.work)
    assert begun.items[0].error.startswith(f"1 of 2 files are missing {said}: b.dcm")
    begun.close()


def test_who_sleeps_wakes_by_itself_and_not_before(begun: Begun) -> None:
    started = time.monotonic()
    begun.context.wait(0.06)
    assert time.monotonic() - started >= 0.06


@pytest.mark.parametrize("how", ["cancel", "end"])
def test_who_sleeps_wakes_when_the_transfer_ends(how: str, begun: Begun) -> None:
    begun.context.wait(0.0)
    begun.context.go_on()
    if how == "cancel":
        begun.task.cancel()
    else:
        begun.context.ending = True
    with pytest.raises(CancelledError):
        begun.context.wait(600.0)
    begun.context.wait(0.0)
