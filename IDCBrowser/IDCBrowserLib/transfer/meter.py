"""How fast it goes and how long it still takes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

_WINDOW_S = 8.0
# An estimate follows the speed slowly: after so many seconds about two thirds of a change show.
_SETTLE_S = 10.0


class SpeedMeter:
    """Bytes per second over the last seconds, and a time left that counts down instead of jumping about."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._samples: deque[tuple[float, int]] = deque([(clock(), 0)])
        self._end: float | None = None
        self._estimated = 0.0

    def update(self, total_bytes: int) -> None:
        """Tell how much has come since the start."""
        now = self._clock()
        self._samples.append((now, total_bytes))
        while len(self._samples) > 2 and now - self._samples[0][0] > _WINDOW_S:
            self._samples.popleft()

    def rest(self, total_bytes: int) -> None:
        """Nothing is to move now: what comes later is measured from here, and the time until then does not count as slow."""
        self._samples = deque([(self._clock(), total_bytes)])
        self._end = None

    @property
    def bytes_per_second(self) -> float:
        """0 until something has come."""
        (start, first), (end, last) = self._samples[0], self._samples[-1]
        return max(0.0, (last - first) / (end - start)) if end > start else 0.0

    def seconds_left(self, remaining_bytes: int) -> float | None:
        """None while nothing moves."""
        speed = self.bytes_per_second
        now = self._clock()
        if speed <= 0:
            return None
        end = now + remaining_bytes / speed
        if self._end is None:
            self._end = end
        else:
            # The moment of the end moves by a part of the difference: all of it for the last seconds, when a wrong one would be noticed.
            share = min(1.0, (now - self._estimated) / max(0.001, min(_SETTLE_S, end - now)))
            self._end += share * (end - self._end)
        self._estimated = now
        return max(0.0, self._end - now)
