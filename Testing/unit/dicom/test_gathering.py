"""Reads that run side by side: in order, some of them ahead, and all of them ended by the first that fails or by who no longer waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from IDCBrowserLib.dicom.gathering import Ahead, gather
from IDCBrowserLib.errors import CancelledError, TransferError
from IDCBrowserLib.task import Task


def counting(count: int) -> tuple[list[Callable[[], int]], list[int]]:
    begun: list[int] = []

    def job(number: int) -> Callable[[], int]:
        def run() -> int:
            begun.append(number)
            return number * 10

        return run

    return [job(number) for number in range(count)], begun


def test_results_are_taken_in_any_order_and_again() -> None:
    jobs, begun = counting(5)
    ahead = Ahead(jobs, Task())
    assert [ahead.take(number) for number in (0, 3, 3, 1, 4, 2, 0)] == [0, 30, 30, 10, 40, 20, 0]
    assert sorted(begun) == [0, 1, 2, 3, 4], "each runs once"


def test_only_the_next_ones_are_begun() -> None:
    jobs, begun = counting(100)
    ahead = Ahead(jobs, Task())
    ahead.take(0)
    assert ahead.take(15) == 150
    assert len(begun) < 40
    ahead.take(60)
    assert not set(begun) & set(range(31, 60)), "what was passed over is not begun for that"


def test_what_waits_while_another_read_fails_raises_the_same() -> None:
    """Else a network that fails looks like somebody who canceled, and nobody is told."""
    going, waits = threading.Event(), threading.Event()

    def slow() -> int:
        going.wait(20)
        return 1

    def fails() -> int:
        waits.wait(20)
        raise TransferError("The connection was reset.")

    ahead = Ahead([slow, fails], Task())
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(ahead.take, 0), pool.submit(ahead.take, 1)
        waits.set()
        for one in (second, first):
            with pytest.raises(TransferError, match="reset"):
                one.result(20)
        going.set()


@pytest.mark.parametrize("how", ["canceled", "stopped"])
def test_who_no_longer_waits_gets_nothing_more(how: str) -> None:
    going, task = threading.Event(), Task()
    ahead = Ahead([lambda: going.wait(20)], task)
    (task.cancel if how == "canceled" else ahead.stop)()
    with pytest.raises(CancelledError):
        ahead.take(0)
    going.set()


def test_all_of_them_come_in_order_or_the_first_failure() -> None:
    jobs, _begun = counting(20)
    assert gather(jobs, Task()) == [number * 10 for number in range(20)]

    def fails() -> int:
        raise TransferError("No network.")

    with pytest.raises(TransferError, match="No network"):
        gather([*jobs, fails], Task())
    task = Task()
    task.cancel()
    with pytest.raises(CancelledError):
        gather([lambda: threading.Event().wait(0.5)], task)
