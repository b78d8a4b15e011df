"""Speed and time left: an estimate that counts down and follows the speed without jumping."""

from __future__ import annotations

import itertools
import random

import pytest

from IDCBrowserLib.transfer.meter import SpeedMeter
from IDCBrowserLib.wording import human_time_left


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _estimates(clock: Clock, speeds: list[float], total: float) -> list[float]:
    meter, done, estimates = SpeedMeter(clock), 0.0, []
    for speed in speeds:
        clock.now += 0.25
        done += speed * 0.25
        meter.update(int(done))
        left = meter.seconds_left(int(total - done))
        if left is not None:
            estimates.append(left)
    return estimates


def test_at_an_even_speed_it_counts_down(clock: Clock) -> None:
    estimates = _estimates(clock, [1e6] * 200, 1e8)
    assert estimates[-1] == pytest.approx(50.0, abs=0.5)
    assert all(later < earlier for earlier, later in itertools.pairwise(estimates[10:]))


def test_an_uneven_speed_does_not_make_it_jump(clock: Clock) -> None:
    chance = random.Random(3)
    speeds = [chance.choice([2e5, 1e6, 5e6]) for _ in range(400)]
    estimates = _estimates(clock, speeds, 1e9)[40:]
    steps = [abs(later - earlier) / earlier for earlier, later in itertools.pairwise(estimates)]
    assert max(steps) < 0.03, "of one report to the next, four times a second"


def test_a_lasting_change_of_speed_is_followed(clock: Clock) -> None:
    estimates = _estimates(clock, [1e6] * 100 + [1e5] * 200, 1e8)
    assert estimates[-1] == pytest.approx((1e8 - 25e6 - 5e6) / 1e5, rel=0.1)


def test_a_rest_is_no_slowness(clock: Clock) -> None:
    meter = SpeedMeter(clock)
    for number in range(1, 41):
        clock.now += 0.25
        meter.update(number * 250_000)
    meter.rest(10_000_000)
    assert meter.seconds_left(1_000_000) is None
    clock.now += 600.0
    meter.rest(10_000_000)
    clock.now += 1.0
    meter.update(11_000_000)
    assert meter.seconds_left(10_000_000) == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (41.6, "42 s"),
        (187.0, "3 min 10 s"),
        (1510.0, "25 min"),
        (7821.0, "2 h 10 min"),
        (100_000.0, "27 h 50 min"),
    ],
)
def test_an_estimate_is_no_finer_than_it_can_be(seconds: float, text: str) -> None:
    assert human_time_left(seconds) == text
