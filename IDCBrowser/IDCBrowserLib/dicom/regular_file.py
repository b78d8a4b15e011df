"""Opening files for reading: regular files only, so that no reader waits for a pipe, a socket or a device."""

from __future__ import annotations

import os
import stat
from io import FileIO
from pathlib import Path

from IDCBrowserLib.dicom.problems import not_dicom
from IDCBrowserLib.errors import InputError, NotDicomError, NotFoundError, StorageError

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)
# Where a pipe took the place of the file between looking and opening, opening does not wait for its other end.
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def open_regular(path: str | Path) -> FileIO:
    """The file, unbuffered. Links are followed.

    Raises ``NotDicomError`` for a folder, a pipe, a socket or a device (none of which is opened) and for an empty file, as those below ``/proc``
    and ``/sys`` seem to be; ``NotFoundError``; ``StorageError`` for a file that may not or cannot be read.
    """
    name = os.fspath(path)
    try:
        # A device may do something when it is opened.
        _check(name, os.stat(name))
        descriptor = os.open(name, _FLAGS | _NONBLOCK)
    except FileNotFoundError:
        raise NotFoundError(f"{name} does not exist. Check the path.", "not there") from None
    except ValueError:
        raise not_dicom(name, "no path of a file") from None
    except OSError as error:
        raise unreadable(name, error) from error
    try:
        _check(name, os.fstat(descriptor))
        if _NONBLOCK:
            os.set_blocking(descriptor, True)
        return FileIO(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_regular(path: str | Path, most_bytes: int, advice: str) -> bytes:
    """All of a small file, such as one of JSON.

    Raises ``InputError`` with ``advice`` for what is none or larger, and what ``open_regular`` raises.
    """
    try:
        with open_regular(path) as file:
            data = file.read(most_bytes + 1)
    except NotDicomError as error:
        raise InputError(f"{path} is {error.reason}. {advice}", error.reason) from error
    except OSError as error:
        raise unreadable(os.fspath(path), error) from error
    if len(data) > most_bytes:
        raise InputError(f"{path} is larger than {most_bytes >> 20} MB. {advice}", "too large")
    return data


def unreadable(path: str, error: OSError) -> StorageError:
    """What the system says about a file that cannot be read."""
    why = error.strerror or str(error)
    advice = "Change its permissions." if isinstance(error, PermissionError) else "Check the disk or the network drive."
    return StorageError(f"{path} cannot be read: {why}. {advice}", f"unreadable ({why})")


def _check(name: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise not_dicom(name, _KINDS.get(stat.S_IFMT(status.st_mode), "no regular file"))
    if not status.st_size:
        raise not_dicom(name, "empty")
