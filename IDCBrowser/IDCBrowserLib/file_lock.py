"""One program at a time: a lock on an open file, which the system takes back when its program dies."""

from __future__ import annotations

import os
import time
from typing import IO

_PAUSE_S = 0.02


def lock_file(file: IO[bytes], timeout_s: float = 0.0) -> None:
    """Take the lock; raises ``OSError`` when somebody else has it, and still has it after ``timeout_s``.

    A short timeout is needed where others call ``is_locked``, which holds the lock for a moment, too.
    """
    end = time.monotonic() + timeout_s
    while True:
        try:
            _lock(file, shared=False)
            return
        except OSError:
            if time.monotonic() >= end:
                raise
        time.sleep(_PAUSE_S)


def is_locked(file: IO[bytes]) -> bool:
    """Whether somebody has the lock. ``file`` is open for reading and writing, and closed soon by the caller."""
    try:
        _lock(file, shared=True)
        return False
    except OSError:
        return True


def _lock(file: IO[bytes], shared: bool) -> None:
    if os.name == "nt":
        import msvcrt

        # There are no shared ones: two that ask at the same moment see each other.
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        return
    import fcntl

    fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
