"""One program at a time: a lock on an open file, which the system takes back when its program dies."""

from __future__ import annotations

import os
from typing import IO


def lock_file(file: IO[bytes]) -> None:
    """Take the lock; raises ``OSError`` when somebody else has it."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        return
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
