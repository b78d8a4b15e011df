"""Room and permission on the disk, in sentences."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.wording import human_size

# Left free, so that the system itself does not run out of room.
RESERVE_BYTES = 100_000_000

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FULL_TEXTS = ("no space left", "disk quota exceeded", "not enough space", "disk is full")


def is_full(text: str) -> bool:
    """Whether a message of s5cmd says that the disk is full."""
    lowered = text.lower()
    return any(part in lowered for part in _FULL_TEXTS)


def free_bytes(folder: Path) -> int:
    """Room for this user where ``folder`` is or will be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def has_room(folder: Path, needed: int) -> bool:
    """Whether ``needed`` more bytes fit and a small reserve stays free (1 % of a small disk)."""
    if needed <= 0:
        return True
    usage = shutil.disk_usage(folder)
    return needed <= usage.free - min(RESERVE_BYTES, usage.total // 100)


def check_room(folder: Path, needed: int) -> None:
    """Raises ``StorageError`` when ``needed`` more bytes do not fit."""
    if not has_room(folder, needed):
        usage = shutil.disk_usage(folder)
        raise StorageError(
            f"There is not enough room in {folder}: {human_size(needed)} are still to come and {human_size(usage.free)} are free; "
            "free some space, choose another folder or fewer series."
        )


def storage_error(error: OSError, folder: Path) -> StorageError:
    """What the operating system said, as a sentence about the folder."""
    if error.errno in _FULL:
        return full(folder)
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return StorageError(f"Nothing can be written to {folder} (no permission); choose another folder or change its permissions.")
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        return StorageError(f"{error.filename or folder} is a file where a folder is needed; choose another folder or rename it.")
    return StorageError(f"{error.filename or folder} cannot be written ({error.strerror or error}); choose another folder.")


def full(folder: Path) -> StorageError:
    """The disk ran full during the work."""
    return StorageError(
        f"The disk of {folder} is full ({human_size(shutil.disk_usage(folder).free)} free); free some space and start again: "
        "what is already there is not fetched twice."
    )
