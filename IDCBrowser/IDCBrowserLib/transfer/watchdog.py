"""Notices that nothing arrives any more, or hardly anything: a connection that hangs or drips tells nobody."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from IDCBrowserLib.transfer.folder import Folder

# Bytes per second, of all files under way together. What brings less is not going to end.
LEAST_RATE = 100
_BLOCK = 4096


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
        arrived = _arrived(folder)
        if self._arrived is None:
            self._arrived = arrived
        elif abs(arrived - self._arrived) >= LEAST_RATE * (now - self._last):
            self._last, self._arrived = now, arrived
        if now - self._last < self._limit_s:
            return False
        self.sign()
        return True


def _arrived(folder: Folder) -> int:
    """Bytes that are in the files of a folder."""
    total = 0
    with contextlib.suppress(OSError):
        for name in folder.names():
            with contextlib.suppress(OSError):
                status = folder.status(name)
                # s5cmd writes parts at their places: a file of full length may still be filled.
                total += min(status.st_size, getattr(status, "st_blocks", status.st_size) * 512 + _BLOCK)
    return total
