"""Clear sentences for failures of the operating system (full disk, missing folder, closed output), wherever a command meets them."""

from __future__ import annotations

import errno
import os

from IDCBrowserLib.errors import IDCBrowserError, InputError, NotFoundError, StorageError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_TOO_MANY_FILES = frozenset({errno.EMFILE, errno.ENFILE})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def explained(error: OSError) -> IDCBrowserError | None:
    """A sentence for what is not a fault of the program: a full disk, no permission, too few open files, too long a name,
    a removed working folder; else None."""
    where = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else ""
    if error.errno in _FULL:
        return StorageError(f"There is no disk space left{f' to write {where}' if where else ''}. Free some space, then run the command again.")
    if error.errno in _TOO_MANY_FILES:
        return StorageError("The system lets this program open too few files. Raise the limit (ulimit -n), then run the command again.")
    if error.errno == errno.ENAMETOOLONG:
        return InputError(f"{where[:60]}... is longer than a name may be. Check it.")
    if error.errno in _REFUSED and where:
        return StorageError(f"{where} cannot be used ({error.strerror}). Change its permissions, or set IDC_BROWSER_HOME to another folder.")
    if isinstance(error, FileNotFoundError) and not _has_working_folder():
        return NotFoundError("The working folder no longer exists. Change to another folder, then run the command again.")
    return None


def _has_working_folder() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return False
    return True
