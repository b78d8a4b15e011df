"""One program at a time: a lock on an open file, which the system takes back when its program dies."""

from __future__ import annotations

import contextlib
import errno
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


def lock_byte(file: IO[bytes], position: int, shared: bool = False) -> bool:
    """Lock one byte of an open file, which need not be there, against other processes; False when another has it.

    Within one process such a lock holds nobody off, and closing any handle of the file gives it free (POSIX). Raises ``OSError`` where there are
    no locks.
    """
    try:
        if os.name == "nt":
            import msvcrt

            if shared:
                # There are no shared ones; a file that somebody has open cannot be removed anyway.
                return True
            file.seek(position)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.lockf(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB, 1, position)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise
    return True


def unlock_byte(file: IO[bytes], position: int) -> None:
    """Give it free."""
    with contextlib.suppress(OSError):
        if os.name == "nt":
            import msvcrt

            file.seek(position)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.lockf(file, fcntl.LOCK_UN, 1, position)
