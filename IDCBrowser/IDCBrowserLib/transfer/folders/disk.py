"""Free space and permissions of the disk, with clear error messages."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.transfer.failure import too_many_open_files
from IDCBrowserLib.transfer.folders.folder import NotAFileError
from IDCBrowserLib.wording import human_size

# Left free, so that the system itself does not run out of room.
RESERVE_BYTES = 100_000_000

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_TOO_MANY_FILES = frozenset({errno.EMFILE, errno.ENFILE})


class FullError(StorageError):
    """No space, or a quota that is used up."""


def free_bytes(folder: Path) -> int:
    """Room for this user where ``folder`` is or will be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def has_room(folder: Path, needed: int, keep_free: int = 0) -> bool:
    """Whether ``needed`` more bytes fit, and ``keep_free`` bytes stay free: at least a small reserve (1 % of a small disk)."""
    if needed <= 0:
        return True
    usage = shutil.disk_usage(folder)
    return needed <= usage.free - max(keep_free, min(RESERVE_BYTES, usage.total // 100))


def check_room(folder: Path, needed: int, keep_free: int = 0) -> None:
    """Raises ``StorageError`` when ``needed`` more bytes do not fit."""
    if not has_room(folder, needed, keep_free):
        usage = shutil.disk_usage(folder)
        kept = f", of which {human_size(keep_free)} are to stay free" if keep_free else ""
        raise StorageError(
            f"There is not enough disk space in {folder}: {human_size(needed)} needed, {human_size(usage.free)} free{kept}. "
            "Free some space, or choose another folder or fewer series."
        )


def storage_error(error: OSError, folder: Path) -> StorageError:
    """What the operating system said, as a sentence about the folder."""
    return full(folder) if error.errno in _FULL else StorageError(_sentence(error, folder))


def _sentence(error: OSError, folder: Path) -> str:
    where = error.filename or folder
    if isinstance(error, NotAFileError):
        return f"{where} is a link or folder where a file should go, and is not replaced; remove it."
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return f"Nothing can be written to {folder} (no permission); choose another folder or change its permissions."
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        return f"{where} is a file where a folder is needed; choose another folder or rename it."
    if isinstance(error, FileNotFoundError):
        return f"{where} is not there any more; start again, or choose another folder."
    reason = too_many_open_files().text if error.errno in _TOO_MANY_FILES else error.strerror or str(error)
    return f"{where} cannot be written ({reason}); choose another folder."


def full(folder: Path) -> FullError:
    """The disk ran full during the work."""
    return FullError(
        f"The disk of {folder} is full ({_free_text(folder)}); free some space and start again. Complete files are not downloaded again."
    )


def unusable(folder: Path, why: str) -> str:
    """The disk refuses what arrives; ``why`` is what s5cmd said of it."""
    if not folder.is_dir():
        return f"{folder} is not there any more; start again, or choose another folder."
    return f"Nothing can be written to {folder} ({why}); choose another folder or change its permissions."


def _free_text(folder: Path) -> str:
    try:
        return f"{human_size(shutil.disk_usage(folder).free)} free"
    except OSError:
        return "nobody knows how much is free"
