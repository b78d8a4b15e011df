"""A rate limit shared by all connections."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# After a pause so much of a second may come at once; more would be felt on the line.
_BURST_S = 0.1
_MAX_CHUNK = 65536
_CHUNKS_PER_S = 20


class Throttle:
    """``rate`` in bytes per second, more than 0. Used from many threads, which are served in the order in which they come."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._rate = rate
        # When everything that was taken so far has passed at the rate.
        self._through = clock()

    def set_rate(self, rate: float) -> None:
        """Another rate from now on."""
        with self._lock:
            self._rate = rate

    @property
    def chunk(self) -> int:
        """So many bytes at a time make an even flow."""
        return max(1024, min(_MAX_CHUNK, int(self._rate / _CHUNKS_PER_S)))

    def take(self, size: int) -> float:
        """Seconds to wait before ``size`` bytes may go on."""
        with self._lock:
            now = self._clock()
            self._through = max(self._through, now - _BURST_S) + size / self._rate
            return max(0.0, self._through - now)
