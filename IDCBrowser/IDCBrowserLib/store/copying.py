"""Copying files to another disk so that they appear there whole and verified or not at all; running it again goes on where it stopped."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.file_lock import lock_file
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer import disk
from IDCBrowserLib.transfer.incoming import PREFIX, lock_path

_CHUNK = 1 << 20
_MIN_TIME_S = 2.0


class Copier:
    """``copy`` files one after the other; ``total`` bytes are expected. Progress in bytes, with speed and remaining time."""

    def __init__(self, destination: Path, total: int, task: Task) -> None:
        self._destination = destination
        self._task = task
        self._total = total
        self._done = 0
        self._copied = 0
        self._started = time.monotonic()

    @contextlib.contextmanager
    def workplace(self) -> Iterator[Path]:
        """Where files arrive: a hidden folder at the destination that goes at the end, with a lock that tells a crash from a program at work."""
        folder = self._destination / f"{PREFIX}{uuid.uuid4().hex[:12]}"
        with lock_path(folder).open("xb") as lock:
            with contextlib.suppress(OSError):
                lock_file(lock)
            folder.mkdir(mode=0o700)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        lock_path(folder).unlink(missing_ok=True)

    def copy(self, source: str, target: Path, workplace: Path) -> None:
        """Make ``target`` hold what ``source`` holds, with its times. Raises ``StorageError`` when it is there with another content."""
        status = os.stat(source)
        if target.exists():
            check_same(source, target, self._task)
            self._tell(status.st_size, 0)
            return
        arriving = workplace / "arriving"
        digest = self._write(source, arriving)
        if arriving.stat().st_size != status.st_size or _digest(arriving, self._task) != digest:
            raise StorageError(f"{source} could not be copied to {self._destination} without an error; check that disk, then try again.")
        os.utime(arriving, ns=(status.st_atime_ns, status.st_mtime_ns))
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(arriving, target)

    def _write(self, source: str, target: Path) -> str:
        digest = hashlib.md5(usedforsecurity=False)
        with open(source, "rb", buffering=0) as reader, target.open("wb") as writer:
            while data := reader.read(_CHUNK):
                self._task.raise_if_cancelled()
                digest.update(data)
                writer.write(data)
                self._tell(len(data), len(data))
            writer.flush()
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


def check_same(source: str, target: Path, task: Task) -> None:
    """Raises ``StorageError`` unless two files are the same; same size and time are enough, since a copy gets its time when it is verified."""
    one, other = os.stat(source), target.stat()
    if (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns):
        return
    if one.st_size != other.st_size or _digest(Path(source), task) != _digest(target, task):
        raise StorageError(f"{target} is there already and is not the same as {source}; remove one of them or choose another folder.")


def missing_bytes(pairs: Sequence[tuple[str, Path]]) -> int:
    """Of (source, target) what is still to be copied."""
    return sum(os.stat(source).st_size for source, target in pairs if not target.exists())


def as_storage_error(error: OSError, folder: Path) -> StorageError:
    """A failure while copying, as a sentence."""
    return disk.storage_error(error, folder)


def _digest(path: Path, task: Task) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb", buffering=0) as file:
        while data := file.read(_CHUNK):
            task.raise_if_cancelled()
            digest.update(data)
    return digest.hexdigest()
