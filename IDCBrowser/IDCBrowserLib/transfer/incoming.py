"""The folder where files arrive before they are verified: hidden, inside the destination, and gone when the transfer ends.

Files move from there to their series folder in one rename, so a series folder never holds a half-written or wrong file. After a crash the
next transfer takes over what arrived whole and removes the rest. A lock file beside the folder tells a crash from another program that is at
work: it is locked before the folder is made and removed after it, and s5cmd inherits it, so a folder in which an orphaned s5cmd still writes is
left alone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import uuid as uuids
from pathlib import Path
from typing import IO

from IDCBrowserLib.file_lock import is_locked, lock_file
from IDCBrowserLib.transfer.disk import storage_error

PREFIX = ".idc-browser-incoming-"
_LOCK_SUFFIX = ".lock"
_OLD_S = 3600.0


class Incoming:
    """Made at the start of a transfer, closed at its end. Raises ``StorageError`` when nothing can be written to the destination."""

    def __init__(self, destination: Path) -> None:
        self.folder = destination / f"{PREFIX}{uuids.uuid4().hex[:12]}"
        self._made = _missing_parents(destination)
        try:
            destination.mkdir(parents=True, exist_ok=True)
            self._lock: IO[bytes] = lock_path(self.folder).open("xb")
            lock_file(self._lock)
            self.folder.mkdir(mode=0o700)
        except OSError as error:
            raise storage_error(error, destination) from error
        _remove_old_locks(destination)
        for leftover in destination.glob(f"{PREFIX}*"):
            if leftover != self.folder and leftover.suffix != _LOCK_SUFFIX:
                self._take_over(leftover)

    @property
    def inherited(self) -> tuple[int, ...]:
        """File descriptor of the lock, for the child that has to hold it too (not on Windows, where locks are not inherited)."""
        return (self._lock.fileno(),) if os.name != "nt" else ()

    def series_folder(self, uuid: str) -> Path:
        """Where the files of a series arrive; made when it is not there."""
        path = self.folder / uuid
        try:
            path.mkdir(exist_ok=True)
        except OSError as error:
            raise storage_error(error, self.folder.parent) from error
        return path

    def drop_series(self, uuid: str) -> None:
        """Remove what arrived of a series and is not in place."""
        shutil.rmtree(self.folder / uuid, ignore_errors=True)

    def close(self) -> None:
        """Remove the folder, and folders above it that were made for it and stayed empty."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()
        lock_path(self.folder).unlink(missing_ok=True)
        for path in self._made:
            with contextlib.suppress(OSError):
                path.rmdir()

    def _take_over(self, leftover: Path) -> None:
        with contextlib.suppress(OSError):
            if leftover.is_symlink() or not is_abandoned(leftover):
                return
            for path in leftover.glob("*/*.dcm"):
                # Temporary names of s5cmd end in random letters after .dcm and stay behind.
                target = self.folder / path.parent.name
                target.mkdir(exist_ok=True)
                if path.is_file() and not path.is_symlink():
                    os.replace(path, target / path.name)
            shutil.rmtree(leftover, ignore_errors=True)
            lock_path(leftover).unlink(missing_ok=True)


def _missing_parents(folder: Path) -> list[Path]:
    """``folder`` and those above it that do not exist, the deepest first."""
    return [path for path in (folder, *folder.parents) if not path.exists()]


def lock_path(folder: Path) -> Path:
    """The lock beside an incoming folder."""
    return folder.with_name(folder.name + _LOCK_SUFFIX)


def _remove_old_locks(destination: Path) -> None:
    """Locks whose folder is gone; young ones may belong to a program that is about to make its folder."""
    for path in destination.glob(f"{PREFIX}*{_LOCK_SUFFIX}"):
        with contextlib.suppress(OSError):
            if not path.with_suffix("").exists() and abs(time.time() - path.stat().st_mtime) > _OLD_S:
                path.unlink()


def is_abandoned(folder: Path) -> bool:
    """Whether no program is at work in an incoming folder; the orphaned s5cmd of a dead one counts as one."""
    try:
        with lock_path(folder).open("r+b") as file:
            return not is_locked(file)
    except FileNotFoundError:
        return True
    except OSError:
        return False
