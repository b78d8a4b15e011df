"""Waiting for a full disk to have space again: seldom looking, and more seldom when the disk says that it has space and then has none (quotas)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from IDCBrowserLib.transfer.folders import disk

_LEAST_BYTES = 10_000_000
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
# Who comes back sooner has been told wrong.
_AGAIN_S = 60.0


class SpaceWait:
    """``reason`` is why nothing moves, "" while it does."""

    def __init__(self, folder: Path, keep_free: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self.reason = ""
        self._folder = folder
        self._keep_free = keep_free
        self._clock = clock
        self._needed = 0
        self._pause_s = _FIRST_PAUSE_S
        self._ended = float("-inf")
        self._next_look = 0.0

    def begin(self, reason: str, needed: int = 0) -> None:
        """The disk is full; ``needed`` bytes have to fit before it goes on."""
        now = self._clock()
        if not self.reason:
            again = now - self._ended < _AGAIN_S
            self._pause_s = min(_LONGEST_PAUSE_S, 2 * self._pause_s) if again else _FIRST_PAUSE_S
            self._next_look = now + self._pause_s
        self.reason = f"{reason} Waiting for disk space."
        self._needed = max(self._needed, needed)

    def is_over(self, committed: int) -> bool:
        """Whether it ends now: so many bytes that are to come fit again. Ask often; the disk is asked seldom."""
        if not self.reason or self._clock() < self._next_look:
            return False
        self._next_look = self._clock() + self._pause_s
        try:
            if not disk.has_room(self._folder, max(_LEAST_BYTES, committed, self._needed), self._keep_free):
                return False
        except OSError:
            # The folder is gone: what comes next says it.
            pass
        self.reason, self._needed, self._ended = "", 0, self._clock()
        return True
