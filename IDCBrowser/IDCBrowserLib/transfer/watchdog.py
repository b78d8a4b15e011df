"""Detects connections that are stalled or almost stalled, which report no error themselves."""

from __future__ import annotations

import time
from collections.abc import Callable

from IDCBrowserLib.transfer.folders.arriving import arrived_bytes
from IDCBrowserLib.transfer.folders.folder import Folder

# Bytes per second, of all files under way together. What brings less is not going to end.
LEAST_RATE = 100


class Watchdog:
    """``stalled`` is True once less than ``LEAST_RATE`` has come for ``limit_s``; the folder is looked at only after half of that without a sign."""

    def __init__(self, limit_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit_s = limit_s
        self._clock = clock
        self._last = clock()
        self._arrived: int | None = None

    def sign(self) -> None:
        """A file has come, or nothing is expected."""
        self._last, self._arrived = self._clock(), None

    def stalled(self, folder: Folder) -> bool:
        """Ask this a few times a second while files are under way in ``folder``."""
        now = self._clock()
        if now - self._last < self._limit_s / 2:
            return False
        arrived = arrived_bytes(folder)
        if self._arrived is None:
            self._arrived = arrived
        elif abs(arrived - self._arrived) >= LEAST_RATE * (now - self._last):
            self._last, self._arrived = now, arrived
        if now - self._last < self._limit_s:
            return False
        self.sign()
        return True
