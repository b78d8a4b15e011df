"""The folder where files arrive before they are verified: hidden, inside the destination, and gone when the transfer ends.

Files move from there to their series folder in one rename, so a series folder never holds a half-written or wrong file. A lock file beside the folder
tells a crash from another program that is at work: it is locked before the folder is made and removed after it, and s5cmd inherits it, so a folder in
which an orphaned s5cmd still writes is left alone. The lock file is the folder's record as well: it names each object that may arrive, before it
does. After a crash the next transfer takes over what that record names, if it is whole, and removes the rest; what it does not name stays.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import uuid as uuids
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from IDCBrowserLib.file_lock import is_locked, lock_file
from IDCBrowserLib.transfer.folders.arriving import Arriving, arrival_name, arrived_bytes, arriving_in, read_record, record_of
from IDCBrowserLib.transfer.folders.disk import storage_error
from IDCBrowserLib.transfer.folders.folder import Folder, LinkError
from IDCBrowserLib.transfer.listing import RemoteObject

PREFIX = ".idc-browser-incoming-"
_LOCK_SUFFIX = ".lock"
_OLD_S = 3600.0


class Incoming:
    """Made at the start of a transfer, closed at its end. Raises ``StorageError`` when nothing can be written to the destination.

    ``top`` is the destination, held open. ``made`` are folders above it that had to be made, ``kept`` what a crash of another program left in such
    a folder and is not ours.
    """

    def __init__(self, destination: Path, takes_over: bool = True) -> None:
        self.name = f"{PREFIX}{uuids.uuid4().hex[:12]}"
        self.path = destination / self.name
        self.made = [path for path in (destination, *destination.parents) if not path.exists()]
        self.kept: list[str] = []
        self._record_lock = threading.Lock()
        try:
            destination.mkdir(parents=True, exist_ok=True)
            self.top = Folder.at(destination)
            self._lock: IO[bytes] = self.top.create(self.name + _LOCK_SUFFIX)
            lock_file(self._lock)
            self.top.make_folder(self.name, 0o700)
            self.folder = self.top.folder(self.name)
        except OSError as error:
            raise storage_error(error, destination) from error
        remove_old_locks(self.top)
        for leftover in leftovers(self.top) if takes_over else ():
            if leftover != self.name:
                self._take_over(leftover)

    @property
    def inherited(self) -> tuple[int, ...]:
        """File descriptor of the lock, for the child that has to hold it too (not on Windows, where locks are not inherited)."""
        return (self._lock.fileno(),) if os.name != "nt" else ()

    def expect(self, uuid: str, objects: Iterable[RemoteObject]) -> None:
        """These objects of a series may arrive from now on. Raises ``OSError``."""
        text = "".join(record_of(uuid, remote.name, remote.size) for remote in objects)
        with self._record_lock:
            self._lock.write(text.encode())

    def arrived_bytes(self) -> int:
        """What has arrived and is not in its place yet, half-written files included."""
        return arrived_bytes(self.folder)

    def drop_series(self, uuid: str) -> None:
        """Remove what arrived of a series and is not in place."""
        with contextlib.suppress(OSError):
            for name in self.folder.names():
                if name.startswith(arrival_name(uuid, "")):
                    self._remove(name)

    def close(self) -> None:
        """Remove the folder, and folders above it that were made for it and stayed empty."""
        with contextlib.suppress(OSError):
            for name in self.folder.names():
                self._remove(name)
        self.folder.close()
        self._lock.close()
        if self.top.remove_folder(self.name):
            with contextlib.suppress(OSError):
                self.top.remove(self.name + _LOCK_SUFFIX)
        self.top.close()
        for path in self.made:
            with contextlib.suppress(OSError):
                path.rmdir()

    def _remove(self, name: str) -> None:
        with contextlib.suppress(OSError):
            self.folder.remove(name)

    def _take_over(self, leftover: str) -> None:
        try:
            with abandoned(self.top, leftover) as found:
                if found is None:
                    return
                folder, arriving = found
                self.kept += [os.path.join(folder.path, name) for name in arriving.theirs]
                for (uuid, remote), name in arriving.whole.items():
                    self.expect(uuid, [RemoteObject("", remote[0], remote[1], "")])
                    folder.move(name, self.folder, name)
                for name in arriving.parts:
                    folder.remove(name)
            _remove_left(self.top, leftover)
        except (OSError, LinkError):
            # Not to be read, or changed meanwhile: the next transfer sees it.
            return


def leftovers(top: Folder) -> list[str]:
    """Names of folders where files arrive or arrived, of this and other programs."""
    return [name for name in top.names() if name.startswith(PREFIX) and not name.endswith(_LOCK_SUFFIX)]


@contextlib.contextmanager
def abandoned(top: Folder, name: str) -> Iterator[tuple[Folder, Arriving] | None]:
    """Such a folder and what is in it, while the block runs, if no program is at work in it; the orphaned s5cmd of a dead one counts as one.

    None when there is, or when no lock beside it says that the folder is ours. Raises ``OSError`` and ``LinkError``.
    """
    try:
        lock = top.change(name + _LOCK_SUFFIX)
    except FileNotFoundError:
        yield None
        return
    with lock:
        try:
            lock_file(lock)
        except OSError:
            yield None
            return
        with top.folder(name) as folder:
            yield folder, arriving_in(folder, read_record(lock))


def remove_arrived(top: Folder, name: str) -> Arriving | None:
    """Clean up after a program that died: removes what its record names, and the folder when it is empty then. Gives what was there."""
    with abandoned(top, name) as found:
        if found is None:
            return None
        folder, arriving = found
        for file in arriving.ours:
            folder.remove(file)
    _remove_left(top, name)
    return arriving


def remove_old_locks(top: Folder) -> None:
    """Locks whose folder is gone; young ones may belong to a program that is about to make its folder."""
    for name in top.names():
        if name.startswith(PREFIX) and name.endswith(_LOCK_SUFFIX) and not top.has(name.removesuffix(_LOCK_SUFFIX)):
            with contextlib.suppress(OSError):
                if abs(time.time() - top.status(name).st_mtime) > _OLD_S:
                    with top.change(name) as lock:
                        unused = not is_locked(lock)
                    if unused:
                        top.remove(name)


def _remove_left(top: Folder, name: str) -> None:
    if top.remove_folder(name):
        with contextlib.suppress(FileNotFoundError):
            top.remove(name + _LOCK_SUFFIX)
