"""Measures the transfer speed and estimates the time left."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

# The speed is that of the last seconds: what was before says nothing about what is left.
_WINDOW_S = 8.0
# The time left follows the speed a little later, so that it counts down instead of jumping about.
_SETTLE_S = 2.0
# What was so wrong is not followed slowly.
_FAR_OFF = 3.0


class SpeedMeter:
    """Bytes per second from the first byte on, and the time left. Under a limit (``limit``, bytes per second, 0 for none) no more is expected."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, limit: float = 0.0) -> None:
        self.limit = limit
        self._clock = clock
        self._samples: deque[tuple[float, int]] = deque()
        self._shown: float | None = None
        self._shown_at = 0.0

    def update(self, total_bytes: int) -> None:
        """Tell how much has come since the start."""
        now = self._clock()
        if len(self._samples) == 1 and total_bytes <= self._samples[0][1]:
            # Nothing has come yet: time until the first byte does not count as slow.
            self._samples.clear()
        self._samples.append((now, total_bytes))
        while len(self._samples) > 2 and now - self._samples[1][0] >= _WINDOW_S:
            self._samples.popleft()

    def rest(self, total_bytes: int) -> None:
        """Nothing is to move now: what comes later is measured from here, and the time until then does not count as slow."""
        self._samples = deque([(self._clock(), total_bytes)])
        self._shown = None

    @property
    def bytes_per_second(self) -> float:
        """0 until something has come."""
        if len(self._samples) < 2:
            return 0.0
        (start, first), (end, last) = self._samples[0], self._samples[-1]
        return max(0.0, (last - first) / (end - start)) if end > start else 0.0

    def seconds_left(self, remaining_bytes: int) -> float | None:
        """None while nothing moves and no limit says how it will."""
        speed = self.bytes_per_second
        if self.limit:
            speed = min(speed or self.limit, self.limit)
        if speed <= 0:
            return None
        now, left = self._clock(), max(0.0, remaining_bytes / speed)
        passed = now - self._shown_at
        expected = self._shown - passed if self._shown is not None else 0.0
        if expected > 0 and 1 / _FAR_OFF < left / expected < _FAR_OFF:
            left = expected * math.exp((1 - math.exp(-passed / _SETTLE_S)) * math.log(left / expected))
        self._shown, self._shown_at = left, now
        return left
