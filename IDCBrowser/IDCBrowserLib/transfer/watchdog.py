"""Notices that nothing arrives any more: a connection that hangs tells nobody."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

# What the folders in which files arrive look like; it changes with every byte that comes.
Picture = frozenset[tuple[str, int, int]]


class Watchdog:
    """``stalled`` is True once nothing has changed for ``limit_s``. Folders are looked at only after half of that without another sign."""

    def __init__(self, limit_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit_s = limit_s
        self._clock = clock
        self._last = clock()
        self._picture: Picture | None = None

    def sign(self) -> None:
        """Something has come, or nothing is expected."""
        self._last, self._picture = self._clock(), None

    def stalled(self, folders: Callable[[], Iterable[Path]]) -> bool:
        """Ask this a few times a second while files are under way in ``folders``."""
        now = self._clock()
        if now - self._last < self._limit_s / 2:
            return False
        picture = _picture(folders())
        if self._picture is not None and picture != self._picture:
            self._last = now
        self._picture = picture
        if now - self._last < self._limit_s:
            return False
        self.sign()
        return True


def _picture(folders: Iterable[Path]) -> Picture:
    seen = set()
    for folder in folders:
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    # s5cmd writes parts at their places: a file of full length may still be filled.
                    seen.add((entry.path, status.st_mtime_ns, getattr(status, "st_blocks", status.st_size)))
    return frozenset(seen)
