"""Copying files to another disk so that they appear there whole and verified or not at all; running it again goes on where it stopped."""

from __future__ import annotations

import hashlib
import os
import time
from typing import IO

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.folders.arriving import arrival_name
from IDCBrowserLib.transfer.folders.folder import Folder
from IDCBrowserLib.transfer.folders.incoming import Incoming
from IDCBrowserLib.transfer.listing import RemoteObject
from IDCBrowserLib.transfer.verify import md5_of

_CHUNK = 1 << 20
_MIN_TIME_S = 2.0
# In the place of a crdc_series_uuid in the record of what is arriving.
_MOVED = "moved"


class Copier:
    """``copy`` files one after the other; ``total`` bytes are expected. Progress in bytes, with speed and remaining time.

    They arrive in ``incoming``, a hidden folder at the destination.
    """

    def __init__(self, incoming: Incoming, total: int, task: Task) -> None:
        self._incoming = incoming
        self._task = task
        self._total = total
        self._done = 0
        self._copied = 0
        self._started = time.monotonic()

    def copy(self, source: Folder, name: str, target: Folder) -> None:
        """Make ``name`` in ``target`` hold what it holds in ``source``, with its times.

        Raises ``StorageError`` when it is there with another content, and ``OSError``.
        """
        status = source.status(name)
        if target.has(name):
            check_same(source, target, name, self._task)
            self._tell(status.st_size, 0)
            return
        arriving, arrival = self._incoming.folder, arrival_name(_MOVED, name)
        self._incoming.expect(_MOVED, [RemoteObject("", name, status.st_size, "")])
        with source.read(name) as reader, arriving.create(arrival) as writer:
            digest = self._write(reader, writer)
            writer.seek(0)
            if os.fstat(writer.fileno()).st_size != status.st_size or md5_of(writer, self._task.raise_if_cancelled) != digest:
                raise StorageError(f"{name} could not be copied to {target.path} without an error; check that disk, then try again.")
            if os.utime in os.supports_fd:
                os.utime(writer.fileno(), ns=(status.st_atime_ns, status.st_mtime_ns))
        if os.utime not in os.supports_fd:
            os.utime(os.path.join(arriving.path, arrival), ns=(status.st_atime_ns, status.st_mtime_ns))
        arriving.move(arrival, target, name)

    def _write(self, reader: IO[bytes], writer: IO[bytes]) -> str:
        digest = hashlib.md5(usedforsecurity=False)
        while data := reader.read(_CHUNK):
            self._task.raise_if_cancelled()
            digest.update(data)
            # Without a buffer a write may take a part only.
            view = memoryview(data)
            while view:
                view = view[writer.write(view) :]
            self._tell(len(data), len(data))
        os.fsync(writer.fileno())
        return digest.hexdigest()

    def _tell(self, done: int, copied: int) -> None:
        self._done += done
        self._copied += copied
        seconds = time.monotonic() - self._started
        speed = self._copied / seconds if seconds > 0 else 0.0
        left = (self._total - self._done) / speed if speed and seconds > _MIN_TIME_S else None
        details = {"bytes_per_second": speed} if speed else {}
        # Not more than 10 a second reach the host, except those with details.
        self._task.report(Progress("Copying", self._done, self._total, "B", seconds_left=left, details=details if left is not None else {}))


def check_same(source: Folder, target: Folder, name: str, task: Task) -> None:
    """Raises ``StorageError`` unless both have the same file; same size and time are enough, since a copy gets its time when it is verified."""
    one, other = source.status(name), target.status(name)
    if (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns):
        return
    if one.st_size != other.st_size or _digest(source, name, task) != _digest(target, name, task):
        path = os.path.join(target.path, name)
        raise StorageError(f"{path} is there already and is not the same as in {source.path}; remove one of them or choose another folder.")


def _digest(folder: Folder, name: str, task: Task) -> str:
    with folder.read(name) as file:
        return md5_of(file, task.raise_if_cancelled)
