"""The last stage: what has arrived is compared and put into its place, and a series ends when all of it is there."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.begun_transfer import BegunTransfer, remote

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.transfer.checker import Checker
from IDCBrowserLib.transfer.failure import Failure
from IDCBrowserLib.transfer.folders.folder import Folder
from IDCBrowserLib.transfer.folders.journal import Journal
from IDCBrowserLib.transfer.folders.series_folder import SeriesFolder
from IDCBrowserLib.transfer.item import TransferState
from IDCBrowserLib.transfer.listing import RemoteObject
from IDCBrowserLib.transfer.s5cmd.mover import FileTransfer


class Client:
    """A bucket that is asked whether its ETags are MD5s."""

    def __init__(self) -> None:
        self.says_md5 = True
        self.asked: list[tuple[str, str]] = []

    def etag_is_md5(self, bucket: str, key: str) -> bool:
        self.asked.append((bucket, key))
        return self.says_md5


class Refusing(SeriesFolder):
    """A folder of a series that takes nothing in, with these errors one after the other, and then does."""

    errors: list[Exception]

    def take_in(self, name: str, arrived: Folder, arrival: str, journal: Journal) -> os.stat_result:
        if self.errors:
            raise self.errors.pop(0)
        return super().take_in(name, arrived, arrival, journal)


class Arrived(BegunTransfer):
    """A series of two files of 4 bytes each, which have arrived."""

    def __init__(self, to: Path, journal: Path | None = None) -> None:
        super().__init__(to, count=1, journal=journal)
        self.client = Client()
        self.context.clients = {"aws": self.client}  # type: ignore[dict-item]
        self.wrong: list[tuple[str, Failure]] = []
        self.full: list[tuple[str, Callable[[], None]]] = []
        self.checker = Checker(
            self.context, lambda file, failure: self.wrong.append((file.remote.name, failure)), lambda *told: self.full.append(told)
        )
        self.item = self.items[0]
        self.work = self.listed(0, {"a.dcm": 4, "b.dcm": 4})
        self.context.change(self.item, TransferState.TRANSFERRING)
        self.work.open, self.work.committed, self.context.committed = 2, 8, 108
        self.files = [self.arrive(remote(0, name)) for name in self.work.sizes]

    def _tell_wrong(self, file: FileTransfer, failure: Failure) -> None:
        self.wrong.append((file.remote.name, failure))

    def arrive(self, of: RemoteObject, content: bytes = b"DICM") -> FileTransfer:
        file = FileTransfer(self.item, of, f"s3://b/{of.key}", "aws")
        (self.incoming.path / file.arrival).write_bytes(content)
        return file

    def refuse(self, *errors: Exception) -> None:
        folder = Refusing(self.incoming.top, "CT_0")
        object.__setattr__(folder, "errors", list(errors))
        self.work.folder = folder

    def place(self) -> Path:
        return Path(self.work.folder.path)

    def settle(self) -> None:
        """What was given to the threads so far has been told."""
        told = threading.Event()
        while self.checker.busy:
            threading.Event().wait(0.002)
        self.context.events.put(told.set)
        self.take_events(told.is_set)

    def close(self) -> None:
        self.checker.close()
        super().close()


@pytest.fixture
def arrived(tmp_path: Path) -> Iterator[Arrived]:
    found = Arrived(tmp_path)
    yield found
    found.close()


def test_a_series_is_being_verified_when_all_that_was_open_is_here_and_complete_when_it_is_in_place(tmp_path: Path) -> None:
    arrived = Arrived(tmp_path / "to", tmp_path / "journal.sqlite")
    assert not arrived.checker.busy
    arrived.checker.check(arrived.files[0])
    assert arrived.item.state is TransferState.TRANSFERRING
    arrived.settle()
    assert (arrived.work.open, arrived.work.checking, arrived.work.committed, arrived.context.committed) == (1, 0, 4, 104)
    assert (arrived.item.files_done, arrived.item.bytes_done, arrived.item.bytes_fetched) == (1, 4, 4)
    assert list(arrived.work.waiting) == ["b.dcm"] and arrived.item.state is TransferState.TRANSFERRING
    arrived.checker.check(arrived.files[1])
    assert arrived.item.state is TransferState.VERIFYING
    arrived.take_events(lambda: arrived.item.ended)
    assert arrived.item.state is TransferState.COMPLETE and arrived.item.size_only == 0
    assert {path.name: path.read_bytes() for path in arrived.place().iterdir()} == {"a.dcm": b"DICM", "b.dcm": b"DICM"}
    assert arrived.incoming.folder.names() == [] and arrived.context.committed == 100
    recorded = arrived.journal.owned(arrived.place())
    assert recorded["a.dcm"] == (4, (arrived.place() / "a.dcm").stat().st_mtime_ns, arrived.files[0].remote.md5)
    arrived.close()


def test_a_file_that_is_not_the_object_is_removed_and_told_and_the_series_goes_on(arrived: Arrived) -> None:
    for file in arrived.files:
        (arrived.incoming.path / file.arrival).write_bytes(b"DICN")
        arrived.checker.check(file)
    assert arrived.item.state is TransferState.VERIFYING
    arrived.take_events(lambda: len(arrived.wrong) == 2)
    assert sorted(arrived.wrong) == [(name, Failure("its content is not what the bucket states (MD5 differs)")) for name in ("a.dcm", "b.dcm")]
    assert arrived.item.state is TransferState.TRANSFERRING and (arrived.work.open, arrived.work.checking) == (2, 0)
    assert arrived.incoming.folder.names() == [] and not arrived.place().exists()
    assert arrived.client.asked[0][0] == "idc-open-data" and arrived.client.asked[0][1].startswith("uuid-0/")


@pytest.mark.parametrize(("md5", "says_md5", "counted", "recorded"), [("", True, 0, ""), ("0" * 32, False, 1, f"etag:{'0' * 32}")])
def test_what_could_only_be_compared_by_size_is_counted_once(md5: str, says_md5: bool, counted: int, recorded: str, arrived: Arrived) -> None:
    """What the listing states no MD5 of was counted when it was listed."""
    arrived.client.says_md5 = says_md5
    arrived.checker.check(arrived.arrive(remote(0, "a.dcm", md5=md5)))
    arrived.settle()
    assert arrived.item.size_only == counted and [entry[3] for entry in arrived.work.verified] == [recorded]


def test_what_does_not_fit_on_the_disk_is_checked_again_when_there_is_space(arrived: Arrived) -> None:
    arrived.refuse(OSError(errno.ENOSPC, "No space left"))
    arrived.checker.check(arrived.files[0])
    arrived.take_events(lambda: arrived.full)
    [(reason, again)] = arrived.full
    assert reason.startswith(f"The disk of {arrived.place()} is full") and (arrived.work.open, arrived.work.checking) == (2, 0)
    again()
    arrived.settle()
    assert arrived.work.open == 1 and (arrived.place() / "a.dcm").exists() and len(arrived.full) == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.EIO, "Input/output error", "a.dcm"), "a.dcm cannot be written (Input/output error)"),
        (StorageError("Somebody's link is there."), "Somebody's link is there."),
        (ValueError("odd"), "Internal error (ValueError: odd)"),
    ],
)
def test_what_else_the_disk_refuses_ends_the_series_with_a_sentence(error: Exception, said: str, arrived: Arrived) -> None:
    arrived.refuse(error)
    arrived.checker.check(arrived.files[0])
    arrived.take_events(lambda: arrived.item.ended)
    assert arrived.item.state is TransferState.FAILED and arrived.item.error.startswith(said)
    assert arrived.full == [] and arrived.item.missing == ["a.dcm", "b.dcm"]


@pytest.mark.parametrize("content", [b"DICM", b"DICN"])
@pytest.mark.parametrize("error", [None, OSError(errno.ENOSPC, "No space left"), OSError(errno.EIO, "Input/output error")])
def test_what_has_been_canceled_meanwhile_is_not_told_of(content: bytes, error: OSError | None, arrived: Arrived) -> None:
    (arrived.incoming.path / arrived.files[0].arrival).write_bytes(content)
    arrived.refuse(*([error] if error is not None else []))
    arrived.checker.check(arrived.files[0])
    while arrived.checker.busy:
        threading.Event().wait(0.002)
    arrived.context.cancel(arrived.item)
    arrived.settle()
    assert (arrived.wrong, arrived.full, arrived.item.files_done, arrived.item.error) == ([], [], 0, "")
    assert arrived.item.state is TransferState.CANCELLED
    # Its work is forgotten: what comes later is nobody's.
    arrived.checker.check(arrived.files[1])
    assert not arrived.checker.busy


def test_when_the_transfer_is_ending_nothing_more_is_put_in_place(arrived: Arrived) -> None:
    arrived.context.ending = True
    arrived.checker.check(arrived.files[0])
    arrived.settle()
    assert arrived.work.checking == 1 and not arrived.place().exists()


@pytest.mark.parametrize("what", ["deleted", "cut", "nothing", "canceled"])
def test_at_its_end_a_series_is_looked_through(what: str, arrived: Arrived) -> None:
    arrived.checker.check(arrived.files[0])
    arrived.checker.check(arrived.files[1])
    arrived.take_events(lambda: not arrived.work.open)
    assert arrived.work.checking == 1 and not arrived.item.ended
    while arrived.checker.busy:
        threading.Event().wait(0.002)
    if what == "canceled":
        arrived.context.cancel(arrived.item)
    elif what != "nothing":
        # Of the look before it has become true meanwhile, so look once more.
        arrived.work.checking -= 1
        (arrived.place() / "a.dcm").unlink() if what == "deleted" else (arrived.place() / "a.dcm").write_bytes(b"cut")
        arrived.context.events.get(timeout=20)
        arrived.checker.look_again(arrived.work)
    arrived.settle()
    wanted = {"nothing": TransferState.COMPLETE, "canceled": TransferState.CANCELLED}.get(what, TransferState.FAILED)
    assert arrived.item.state is wanted
    assert arrived.item.missing == (["a.dcm"] if wanted is TransferState.FAILED else [])
    assert arrived.work.looked is (what != "canceled") and arrived.item.files_done == (1 if wanted is TransferState.FAILED else 2)


def test_a_look_that_fails_ends_the_series_with_a_sentence(arrived: Arrived, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_folder: SeriesFolder, _sizes: object) -> list[str]:
        raise ValueError("odd")

    monkeypatch.setattr(SeriesFolder, "not_here", fail)
    arrived.checker.look_again(arrived.work)
    arrived.take_events(lambda: arrived.item.ended)
    assert arrived.item.error.startswith("Internal error (ValueError: odd)")
