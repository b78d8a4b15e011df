"""One program at a time fetches a series into a folder: the other waits, and then finds the files there.

Locks on single bytes of one hidden file in the folder: a byte for each series, which the system gives free when a program dies. Such locks hold
between processes; within this one a table does. The file goes with the last transfer: everybody who uses it shares its first byte.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import IO

from IDCBrowserLib.file_lock import lock_byte, unlock_byte
from IDCBrowserLib.transfer.folders.folder import Folder

NAME = ".idc-browser-series.lock"
_PRESENCE = 0
_ATTEMPTS = 20

_table = threading.Lock()
_files: dict[tuple[int, int], _LockFile] = {}


@dataclass(eq=False)
class _LockFile:
    """The file as this process has it: opened once, since closing any of its handles would give all locks free."""

    file: IO[bytes]
    key: tuple[int, int]
    users: int = 0
    held: set[int] = field(default_factory=set)


class SeriesLocks:
    """Of one transfer into ``top``. Where the file system has no locks every series is free. Used from one thread."""

    def __init__(self, top: Folder) -> None:
        self._top = top
        self._file: _LockFile | None = None
        self._taken: Counter[str] = Counter()
        with contextlib.suppress(OSError), _table:
            self._file = _attach(top)

    def take(self, uuid: str) -> bool:
        """Whether nobody else fetches this series now; then nobody does until as many calls of ``release``."""
        if self._file is not None and not self._taken[uuid]:
            position = _position(uuid)
            with _table:
                if position in self._file.held or not _lock(self._file, position):
                    return False
                self._file.held.add(position)
        self._taken[uuid] += 1
        return True

    def release(self, uuid: str) -> None:
        """It has ended here."""
        if not self._taken[uuid]:
            return
        self._taken[uuid] -= 1
        if self._file is not None and not self._taken[uuid]:
            position = _position(uuid)
            with _table:
                self._file.held.discard(position)
                unlock_byte(self._file.file, position)

    def close(self) -> None:
        """Give everything free; the file goes when nobody else uses it."""
        for uuid, count in list(self._taken.items()):
            for _ in range(count):
                self.release(uuid)
        file, self._file = self._file, None
        if file is not None:
            with _table:
                _detach(self._top, file)


def _attach(top: Folder) -> _LockFile | None:
    """Raises ``OSError``."""
    for _ in range(_ATTEMPTS):
        with contextlib.suppress(FileNotFoundError):
            known = _files.get(_key(top.status(NAME)))
            if known is not None:
                known.users += 1
                return known
        with contextlib.suppress(FileExistsError):
            top.create(NAME).close()
        opened = _open(top)
        if opened is not None:
            _files[opened.key] = opened
            return opened
    return None


def _open(top: Folder) -> _LockFile | None:
    """None when the file goes at this moment, because its last user ends."""
    try:
        file = top.change(NAME)
    except FileNotFoundError:
        return None
    with contextlib.ExitStack() as on_failure:
        on_failure.callback(file.close)
        key = _key(os.fstat(file.fileno()))
        with contextlib.suppress(FileNotFoundError):
            if lock_byte(file, _PRESENCE, shared=True) and _key(top.status(NAME)) == key:
                on_failure.pop_all()
                return _LockFile(file, key, users=1)
    return None


def _detach(top: Folder, shared: _LockFile) -> None:
    shared.users -= 1
    if shared.users:
        return
    del _files[shared.key]
    with contextlib.suppress(OSError):
        if lock_byte(shared.file, _PRESENCE):
            top.remove(NAME)
    shared.file.close()


def _lock(shared: _LockFile, position: int) -> bool:
    try:
        return lock_byte(shared.file, position)
    except OSError:
        # No locks here: rather twice than never.
        return True


def _key(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _position(uuid: str) -> int:
    return 1 + int.from_bytes(hashlib.sha256(uuid.encode()).digest()[:6], "big")
