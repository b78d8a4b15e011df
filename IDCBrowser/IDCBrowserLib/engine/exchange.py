"""The folder through which large results go to the host: raw arrays that it maps. It goes with the engine; one that a killed engine left is removed
by the next, which knows it by its lock and takes only files that an engine writes.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import IO

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.file_lock import is_locked, lock_file
from IDCBrowserLib.transfer.folders.disk import storage_error
from IDCBrowserLib.transfer.folders.folder import Folder, is_file

_PREFIX = "idc-browser-"
_LOCK = ".lock"
_BLOCK = 1 << 22
_ARRAY = re.compile(r"[0-9]{1,18}\.raw")


class ExchangeFolder:
    """Made at once, in the folder for temporary files; ``path`` is where."""

    def __init__(self) -> None:
        remove_abandoned(Path(tempfile.gettempdir()))
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock: IO[bytes] | None = None
        with contextlib.suppress(OSError):
            self._lock = (self.path / _LOCK).open("xb")
            lock_file(self._lock)

    def close(self) -> None:
        """Remove it."""
        if self._lock is not None:
            self._lock.close()
        with contextlib.suppress(OSError, StorageError), Folder.at(self.path.parent) as top:
            _remove(top, self.path.name)


def take_room(path: Path, size: int, times: int = 1) -> None:
    """A new file of ``size`` zeros that has its room on the disk: writing to a mapped file that has none would end the process.

    ``times``: so many times its size has to be free. Raises ``StorageError``.
    """
    try:
        if shutil.disk_usage(path.parent).free < times * size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with path.open("xb") as file:
            _allocate(file, size)
    except OSError as error:
        raise storage_error(error, path.parent) from error


def _allocate(file: IO[bytes], size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(file.fileno(), 0, size)
            return
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
    # Not every disk does it, and not every system has it.
    for begin in range(0, size, _BLOCK):
        file.write(bytes(min(_BLOCK, size - begin)))


def remove_abandoned(where: Path) -> None:
    """Folders of engines that were killed."""
    with contextlib.suppress(OSError, StorageError), Folder.at(where) as top:
        for name in top.names():
            if name.startswith(_PREFIX):
                with contextlib.suppress(OSError, StorageError):
                    if _is_abandoned(top, name):
                        _remove(top, name)


def _is_abandoned(top: Folder, name: str) -> bool:
    """Whether a folder is of this user, and no engine holds its lock; without a lock it is none of ours."""
    if hasattr(os, "getuid") and top.status(name).st_uid != os.getuid():
        return False
    with top.folder(name) as folder, folder.change(_LOCK) as lock:
        return not is_locked(lock)


def _remove(top: Folder, name: str) -> None:
    with top.folder(name) as folder:
        for file in folder.names():
            if _ARRAY.fullmatch(file) and is_file(folder.status(file)):
                folder.remove(file)
        if folder.names() == [_LOCK]:
            folder.remove(_LOCK)
    top.remove_folder(name)
