"""What s5cmd is told, and how much at a time."""

from __future__ import annotations

from typing import Any

import pytest
from helpers.planned import planned

from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.listing import RemoteObject
from IDCBrowserLib.transfer.s5cmd.mover import LARGE, FileTransfer, Mover


class Told:
    """Takes the place of s5cmd."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, bool]] = []
        self.finished = 0
        self.ended: list[str] = []

    def feed(self, pairs: list[tuple[str, str]], in_one_piece: bool = False) -> None:
        self.pairs += [(source, in_one_piece) for source, _ in pairs]

    def finish(self) -> None:
        self.finished += 1

    def stop(self) -> None:
        self.ended.append("stop")

    def close(self) -> None:
        self.ended.append("close")


def _jobs(count: int, size: int) -> list[FileTransfer]:
    item = TransferItem(planned("u"), "")
    return [FileTransfer(item, RemoteObject(f"u/{n}.dcm", f"{n}.dcm", size, ""), f"s3://b/u/{n}.dcm") for n in range(count)]


def _mover(told: Any, window: int = 100) -> Mover:
    return Mover(window, lambda: told, large_window=4)


def test_few_large_files_move_at_once_and_the_next_when_one_is_through() -> None:
    told = Told()
    mover = _mover(told)
    mover.add(_jobs(6, LARGE))
    mover.feed()
    assert told.pairs == [(f"s3://b/u/{n}.dcm", True) for n in range(4)]
    assert mover.take("s3://b/u/2.dcm") is not None
    mover.feed()
    assert len(told.pairs) == 5


def test_more_large_files_move_at_once_when_they_take_long() -> None:
    now = [0.0]
    told = Told()
    mover = Mover(100, lambda: told, clock=lambda: now[0], large_window=8)  # type: ignore[arg-type,return-value]
    mover.add(_jobs(20, LARGE))
    mover.feed()
    assert len(told.pairs) == 4
    for moment in (1.0, 2.0):
        now[0] = moment
        mover.feed()
        assert len(told.pairs) == 4
    now[0] = 2.1
    mover.feed()
    assert told.pairs == [(f"s3://b/u/{n}.dcm", True) for n in range(8)]


def test_what_is_added_after_the_last_word_waits_for_the_next_s5cmd() -> None:
    first, second = Told(), Told()
    following = iter([first, second])
    mover = Mover(100, lambda: next(following))  # type: ignore[arg-type,return-value]
    one, other = _jobs(2, 10)
    mover.add([one])
    mover.feed(no_more=True)
    mover.add([other])
    mover.feed(no_more=True)
    assert (first.pairs, first.finished, mover.backlog) == ([(one.source, False)], 1, 1)
    assert mover.exited(second) == []  # type: ignore[arg-type]
    assert mover.exited(first) == [one]  # type: ignore[arg-type]
    mover.feed()
    assert (second.pairs, second.finished) == ([(other.source, False)], 1)


def test_what_is_repeated_later_counts_as_waiting_and_comes_in_its_time() -> None:
    now, told = [0.0], Told()
    mover = Mover(100, lambda: told, clock=lambda: now[0])  # type: ignore[arg-type,return-value]
    first, *later = _jobs(4, 10)
    mover.add(later[:2], 2.0)
    mover.add(later[2:], 1.0)
    mover.add([first])
    assert mover.backlog == 4
    for moment, count, left in ((0.9, 1, 3), (1.0, 2, 2), (1.9, 2, 2), (2.0, 4, 0)):
        now[0] = moment
        mover.feed()
        assert (len(told.pairs), mover.backlog) == (count, left)
    assert [source for source, _ in told.pairs] == [one.source for one in (first, later[2], later[0], later[1])]


def test_a_single_large_file_moves_in_parts_and_small_ones_all_together() -> None:
    told = Told()
    mover = _mover(told)
    mover.add(_jobs(1, LARGE))
    mover.feed()
    assert told.pairs == [("s3://b/u/0.dcm", False)]
    told = Told()
    mover = _mover(told, window=20)
    mover.add(_jobs(30, LARGE - 1))
    mover.feed()
    assert len(told.pairs) == 20
    assert mover.backlog == 10


@pytest.mark.parametrize(("moving", "added", "in_one_piece"), [(0, 3, False), (0, 4, True), (1, 2, False), (1, 3, True)])
def test_large_files_come_in_one_piece_when_they_fill_the_line(moving: int, added: int, in_one_piece: bool) -> None:
    told, files = Told(), _jobs(moving + added, LARGE)
    mover = _mover(told)
    mover.add(files[:moving])
    mover.feed()
    mover.add(files[moving:])
    mover.feed()
    assert told.pairs[moving:] == [(file.source, in_one_piece) for file in files[moving : moving + added]]


def test_with_few_places_for_large_files_no_more_move_than_there_are() -> None:
    told = Told()
    mover = Mover(100, lambda: told, large_window=2)  # type: ignore[arg-type,return-value]
    mover.add(_jobs(3, LARGE))
    mover.feed()
    assert len(told.pairs) == 2


def test_small_files_wait_behind_large_ones_and_both_count_for_the_window() -> None:
    told, large, small = Told(), _jobs(5, LARGE), _jobs(9, 10)[5:]
    mover = _mover(told, window=6)
    mover.add([*small[:1], *large, *small[1:]])
    mover.feed()
    assert [source for source, _ in told.pairs] == [small[0].source, *(one.source for one in large[:4])]
    mover.take(large[0].source)
    mover.feed()
    assert [source for source, _ in told.pairs[5:]] == [small[1].source, large[4].source]
    assert (len(mover.under_way), mover.backlog) == (6, 2)


def test_what_is_canceled_while_it_waits_is_not_asked_for() -> None:
    told, files = Told(), _jobs(3, 10)
    files[1].item = TransferItem(planned("v"), "", TransferState.CANCELLED)
    mover = _mover(told)
    mover.add(files)
    mover.feed()
    assert [source for source, _ in told.pairs] == [files[0].source, files[2].source] and mover.backlog == 0
    assert mover.take(files[1].source) is None and mover.take("s3://b/other") is None


def test_nothing_to_do_starts_nothing_and_the_last_word_is_said_once() -> None:
    started: list[Told] = []
    mover = Mover(100, lambda: started.append(Told()) or started[-1])  # type: ignore[arg-type,return-value,func-returns-value]
    mover.feed(no_more=True)
    mover.stop()
    mover.finish()
    assert mover.restart() == [] and started == []
    mover.add(_jobs(1, 10))
    mover.add(_jobs(2, 10)[1:], 600.0)
    mover.feed(no_more=True)
    assert started[0].finished == 0, "one is to be repeated"
    mover._delayed.clear()
    mover.feed(no_more=True)
    mover.feed(no_more=True)
    assert started[0].finished == 1


def test_after_a_restart_the_next_one_gets_what_the_former_had_not_finished() -> None:
    first, second = Told(), Told()
    following, files = iter([first, second]), _jobs(2, 10)
    mover = Mover(100, lambda: next(following))  # type: ignore[arg-type,return-value]
    mover.add(files)
    mover.feed(no_more=True)
    assert mover.runs(first) and not mover.runs(second)  # type: ignore[arg-type]
    assert mover.take(files[0].source) is files[0]
    assert mover.restart() == [files[1]] and first.ended == ["stop", "close"] and not mover.under_way
    mover.add([files[1]])
    mover.feed(no_more=True)
    assert (second.pairs, second.finished) == ([(files[1].source, False)], 1)
    assert mover.exited(first) == [] and list(mover.under_way) == [files[1].source]  # type: ignore[arg-type]
    mover.stop()
    assert second.ended == ["stop"]
    mover.finish()
    assert second.ended == ["stop", "close"] and not mover.runs(second)  # type: ignore[arg-type]
