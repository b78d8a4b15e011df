"""Which questions go first: counts and hits, then rows, then what is said about the selected row once it rests."""

from __future__ import annotations

import threading
import time

from IDCBrowserLib.api.method import Rank
from IDCBrowserLib.api.methods import METHODS
from IDCBrowserLib.engine.precedence import REST_S, Precedence
from IDCBrowserLib.task import Task

_SOON_S = 0.02
_LONG_S = 5.0


class Waiting:
    """Somebody who waits for a turn in a thread of their own."""

    def __init__(self, precedence: Precedence, rank: Rank) -> None:
        self.task = Task()
        self.has_turn = threading.Event()
        precedence.announce(rank)
        self._thread = threading.Thread(target=self._wait, args=(precedence, rank))
        self._thread.start()

    def _wait(self, precedence: Precedence, rank: Rank) -> None:
        precedence.wait(rank, self.task)
        self.has_turn.set()
        precedence.end(rank)

    def got_it(self) -> bool:
        return self.has_turn.wait(_LONG_S)

    def join(self) -> None:
        self._thread.join(_LONG_S)


def test_a_question_alone_has_its_turn_at_once() -> None:
    for rank in Rank:
        assert Waiting(Precedence(), rank).got_it()


def test_rows_wait_for_the_counts_and_then_come() -> None:
    precedence = Precedence(clock=lambda: 0.0)
    precedence.announce(Rank.FIRST)
    rows = Waiting(precedence, Rank.NEXT)
    assert not rows.has_turn.wait(_SOON_S)
    precedence.end(Rank.FIRST)
    assert rows.got_it()


def test_questions_of_one_rank_do_not_wait_for_each_other() -> None:
    precedence = Precedence(clock=lambda: 0.0)
    for rank in Rank:
        precedence.announce(rank)
        # With a clock that stands still it would never give up.
        if rank is Rank.FIRST:
            assert Waiting(precedence, rank).got_it()
        precedence.end(rank)


def test_details_wait_until_the_rows_have_rested_and_a_movement_goes_on_meanwhile() -> None:
    now = [0.0]
    precedence = Precedence(clock=lambda: now[0])
    for _ in range(3):
        precedence.announce(Rank.NEXT)
        precedence.end(Rank.NEXT)
    details = Waiting(precedence, Rank.LATER)
    now[0] += REST_S / 2
    precedence.announce(Rank.NEXT)
    assert not details.has_turn.wait(_SOON_S)
    precedence.end(Rank.NEXT)
    assert not details.has_turn.wait(_SOON_S)
    now[0] += REST_S * 2
    precedence.announce(Rank.LATER)
    precedence.end(Rank.LATER)
    assert details.got_it()


def test_nobody_waits_for_ever() -> None:
    precedence = Precedence()
    precedence.announce(Rank.FIRST)
    waiting = [Waiting(precedence, rank) for rank in (Rank.NEXT, Rank.LATER)]
    assert all(one.got_it() for one in waiting)


def test_who_is_cancelled_while_waiting_does_not_wait_on() -> None:
    precedence = Precedence(clock=lambda: 0.0)
    precedence.announce(Rank.FIRST)
    details = Waiting(precedence, Rank.LATER)
    assert not details.has_turn.wait(_SOON_S)
    details.task.cancel()
    assert details.got_it()


def test_a_wait_takes_no_longer_than_the_rest_it_is_for() -> None:
    precedence = Precedence()
    precedence.announce(Rank.NEXT)
    precedence.end(Rank.NEXT)
    began = time.monotonic()
    details = Waiting(precedence, Rank.LATER)
    assert details.got_it()
    assert time.monotonic() - began >= REST_S / 2


def test_no_lane_has_questions_of_two_ranks() -> None:
    """What waits would hold up what others wait for. Those without a rank neither wait nor are waited for."""
    ranks: dict[str, set[Rank]] = {}
    for method in METHODS.values():
        if method.rank is not None:
            ranks.setdefault(method.lane, set()).add(method.rank)
    assert all(len(found) == 1 for found in ranks.values())
    waiting = {lane for lane, found in ranks.items() if found == {Rank.LATER}}
    assert not [name for name, method in METHODS.items() if method.lane in waiting and method.rank is None]
