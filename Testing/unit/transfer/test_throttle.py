"""The rate that holds for all who take from it."""

from __future__ import annotations

import pytest

from IDCBrowserLib.transfer.s5cmd.throttle import Throttle


class Clock:
    """Goes when somebody waits."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("takers", [1, 8, 64])
@pytest.mark.parametrize("rate", [50_000.0, 1e6, 1e8])
def test_over_ten_seconds_the_rate_holds_however_many_take(rate: float, takers: int) -> None:
    clock = Clock()
    throttle = Throttle(rate, clock)
    ready = [clock.now] * takers
    passed = 0
    while min(ready) < 110.0:
        taker = ready.index(min(ready))
        clock.now = max(clock.now, ready[taker])
        ready[taker] = clock.now + throttle.take(throttle.chunk)
        passed += throttle.chunk if ready[taker] <= 110.0 else 0
    assert passed == pytest.approx(10 * rate, rel=0.05)


def test_what_was_not_used_in_a_pause_does_not_come_in_a_flood() -> None:
    clock = Clock()
    throttle = Throttle(1e6, clock)
    clock.now += 3600
    free = 0
    while not throttle.take(10_000):
        free += 10_000
    assert 90_000 <= free <= 100_000


def test_another_rate_holds_from_then_on() -> None:
    clock = Clock()
    throttle = Throttle(1e6, clock)
    throttle.set_rate(1e5)
    throttle.take(100_000)
    assert throttle.take(100_000) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("rate", "chunk"), [(1.0, 1024), (20_480.0, 1024), (20_500.0, 1025), (1_310_700.0, 65_535), (1_310_720.0, 65_536), (1e9, 65_536)]
)
def test_a_chunk_is_a_twentieth_of_a_second_within_limits(rate: float, chunk: int) -> None:
    assert Throttle(rate, Clock()).chunk == chunk
