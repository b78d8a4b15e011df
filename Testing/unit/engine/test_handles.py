"""What the engine keeps for the window, and when it lets go of it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from IDCBrowserLib.engine.handles import Handles
from IDCBrowserLib.engine.recent import Recent
from IDCBrowserLib.errors import NotFoundError


def test_what_is_kept_is_found_by_its_number_until_it_is_closed() -> None:
    kept: Handles[str] = Handles(3, "Gone; open it again.")
    one, two = kept.keep("one"), kept.keep("two")
    assert (kept.get(one), kept.get(two), len(kept)) == ("one", "two", 2)
    kept.close(one)
    kept.close(one)
    with pytest.raises(NotFoundError, match="open it again"):
        kept.get(one)
    assert kept.get(two) == "two"


def test_what_belongs_to_it_goes_with_it_when_it_is_closed_and_when_there_are_too_many() -> None:
    gone: list[str] = []
    kept: Handles[str] = Handles(2, "Gone.", gone_with=gone.append)
    numbers = [kept.keep(name) for name in ("one", "two", "three")]
    assert gone == ["one"]
    kept.close(numbers[2])
    kept.close(numbers[2])
    assert gone == ["one", "three"]


def test_of_too_many_the_one_goes_that_was_not_used_longest() -> None:
    kept: Handles[int] = Handles(3, "Gone.")
    numbers = [kept.keep(value) for value in range(3)]
    kept.get(numbers[0])
    numbers.append(kept.keep(3))
    assert len(kept) == 3
    assert [kept.get(numbers[index]) for index in (0, 2, 3)] == [0, 2, 3]
    with pytest.raises(NotFoundError):
        kept.get(numbers[1])


@pytest.mark.parametrize(("weight", "left"), [(5, 2), (6, 1)])
def test_heavy_ones_are_fewer(weight: float, left: int) -> None:
    kept: Handles[str] = Handles(8, "Gone.", most_weight=10)
    for name in "abcd":
        last = kept.keep(name, weight)
    assert len(kept) == left
    assert kept.get(last) == "d"


def test_one_that_is_too_heavy_is_kept_alone() -> None:
    kept: Handles[str] = Handles(8, "Gone.", most_weight=10)
    kept.keep("light", 1)
    assert kept.get(kept.keep("heavy", 1000)) == "heavy"
    assert len(kept) == 1


@pytest.mark.parametrize("number", [None, "1", 1.5, [], -1, 0])
def test_what_is_no_number_of_anything_is_told(number: object) -> None:
    kept: Handles[str] = Handles(3, "Gone.")
    kept.keep("one")
    with pytest.raises(NotFoundError, match="Gone"):
        kept.get(number)


def test_a_number_of_an_engine_that_died_means_nothing_in_the_next() -> None:
    first: Handles[str] = Handles(3, "Gone.")
    old = [first.keep("a") for _ in range(3)]
    time.sleep(0.01)  # an engine takes longer to start
    second: Handles[str] = Handles(3, "Gone.")
    numbers = [second.keep("b") for _ in range(3)]
    assert set(old).isdisjoint(numbers)


def test_what_takes_long_to_make_holds_up_only_what_is_new() -> None:
    recent: Recent[str] = Recent(2)
    assert recent.get("one", lambda: "1") == "1"
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> str:
        begun.set()
        go_on.wait(30)
        return "2"

    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(recent.get, "two", slowly)
        assert begun.wait(30)
        quick = threads.submit(recent.get, "one", lambda: "made again")
        try:
            assert quick.result(5) == "1"
        finally:
            go_on.set()
        assert slow.result(30) == "2"
    assert recent.get("two", lambda: "made again") == "2"


def test_the_one_that_was_not_used_longest_is_made_again() -> None:
    recent: Recent[str] = Recent(2)
    for key in ("one", "two", "one", "three"):
        recent.get(key, lambda: "first")
    assert [recent.get(key, lambda: "again") for key in ("one", "three", "two")] == ["first", "first", "again"]
