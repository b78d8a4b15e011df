"""Speed and time left: an estimate that counts down and follows the speed without jumping."""

from __future__ import annotations

import itertools
import math
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
    assert max(steps) < 0.06, "of one report to the next, four times a second"


def test_a_lasting_change_of_speed_is_followed(clock: Clock) -> None:
    estimates = _estimates(clock, [1e6] * 100 + [1e5] * 200, 1e8)
    assert estimates[-1] == pytest.approx((1e8 - 25e6 - 5e6) / 1e5, rel=0.1)


def _right_after_10_s(clock: Clock, speeds: list[float], total: float, limit: float = 0.0, since: float = 0.0) -> None:
    """From 10 s after the first byte (or ``since``) on the time left is right within a factor of 1.5, given that the last speed lasts."""
    meter, done = SpeedMeter(clock, limit), 0.0
    begun, first = clock.now, 0.0
    for speed in speeds:
        clock.now += 0.25
        done += speed * 0.25
        first = first or (clock.now if done else 0.0)
        meter.update(int(done))
        left = meter.seconds_left(int(total - done))
        if first and clock.now - max(first, begun + since) > 10:
            assert left is not None
            assert 1 / 1.5 < left / ((total - done) / speeds[-1]) < 1.5


def test_a_slow_beginning_is_forgotten_after_10_s(clock: Clock) -> None:
    _right_after_10_s(clock, [0.0] * 60 + [1e7] * 200, 5.4e9)
    _right_after_10_s(clock, [1e4] * 8 + [1e7] * 200, 5.4e9)


@pytest.mark.parametrize("speeds", [(1e7, 1e6), (1e6, 1e7), (1e5, 1e7), (1e7, 0.0, 1e7), (1e7, 1e4, 1e7)])
def test_another_speed_is_known_after_10_s(speeds: tuple[float, ...], clock: Clock) -> None:
    trace = [speed for speed in speeds for _ in range(160)]
    _right_after_10_s(clock, trace, 1e10, since=40.0 * (len(speeds) - 1))


def test_a_limit_is_known_before_the_first_byte_and_never_exceeded(clock: Clock) -> None:
    meter = SpeedMeter(clock, 1e6)
    meter.update(0)
    assert meter.seconds_left(60_000_000) == pytest.approx(60.0)
    # What servers send ahead comes faster than the limit, for a moment.
    _right_after_10_s(clock, [2e7] * 2 + [1e6] * 200, 1e9, limit=1e6)
    meter = SpeedMeter(clock)
    for number in range(40):
        clock.now += 0.25
        meter.update(number * 2_500_000)
    meter.limit = 1e6
    for _ in range(40):
        clock.now += 0.25
        left = meter.seconds_left(100_000_000)
    assert left == pytest.approx(100.0, rel=0.1)


def test_a_total_that_is_known_late_is_followed_at_once(clock: Clock) -> None:
    meter = SpeedMeter(clock, 1e6)
    meter.update(0)
    assert meter.seconds_left(1000) == pytest.approx(0.001)
    for number in range(1, 5):
        clock.now += 0.25
        meter.update(number * 250_000)
        left = meter.seconds_left(20_000_000 - number * 250_000)
    assert left == pytest.approx(19.0, rel=0.05)


def test_what_lies_there_at_the_beginning_did_not_come_now(clock: Clock) -> None:
    meter = SpeedMeter(clock)
    meter.update(1_000_000_000)
    clock.now += 0.25
    meter.update(1_000_000_000)
    clock.now += 0.25
    meter.update(1_001_000_000)
    assert meter.bytes_per_second == pytest.approx(4e6)


@pytest.mark.parametrize("ratio", [2.99, 2.0, 1.0, 0.5, 0.34])
def test_the_estimate_follows_the_speed_within_two_seconds_by_two_thirds(ratio: float, clock: Clock) -> None:
    meter = SpeedMeter(clock, 1e6)
    assert meter.seconds_left(100_000_000) == pytest.approx(100.0)
    clock.now += 2.0
    assert meter.seconds_left(round(98e6 * ratio)) == pytest.approx(98.0 * ratio ** (1 - math.exp(-1.0)))


@pytest.mark.parametrize("ratio", [3.0, 10.0, 0.33, 0.0])
def test_an_estimate_that_was_three_times_wrong_is_forgotten_at_once(ratio: float, clock: Clock) -> None:
    meter = SpeedMeter(clock, 1e6)
    meter.seconds_left(100_000_000)
    clock.now += 2.0
    assert meter.seconds_left(round(98e6 * ratio)) == pytest.approx(98.0 * ratio)


def test_an_estimate_that_has_run_out_begins_anew(clock: Clock) -> None:
    meter = SpeedMeter(clock, 1e6)
    meter.seconds_left(1_000_000)
    for passed, left in ((1.0, 2_000_000), (5.0, 3_000_000), (0.5, -1)):
        clock.now += passed
        assert meter.seconds_left(left) == pytest.approx(max(0.0, left / 1e6))


@pytest.mark.parametrize(("since", "speed"), [(1, 875_000.0), (7, 125_000.0), (8, 0.0), (9, 0.0)])
def test_the_speed_is_that_of_the_last_eight_seconds(since: int, speed: float, clock: Clock) -> None:
    meter = SpeedMeter(clock)
    for number in range(20 + since):
        clock.now += 1.0
        meter.update(min(number, 19) * 1_000_000)
    assert meter.bytes_per_second == pytest.approx(speed)


def test_before_two_moments_are_known_there_is_no_speed_and_none_at_one_moment(clock: Clock) -> None:
    meter = SpeedMeter(clock)
    assert meter.bytes_per_second == 0.0
    meter.update(0)
    assert meter.bytes_per_second == 0.0 and meter.seconds_left(10) is None
    meter.update(1000)
    assert meter.bytes_per_second == 0.0
    clock.now += 2.0
    meter.update(1500)
    assert meter.bytes_per_second == pytest.approx(750.0) and meter.seconds_left(1500) == pytest.approx(2.0)
    clock.now += 1.0
    meter.update(0)
    assert meter.bytes_per_second == 0.0, "what was taken back is no speed"


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
