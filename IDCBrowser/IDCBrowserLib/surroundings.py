"""Clear sentences for failures of the surroundings (a full disk, no memory, a missing folder, closed output), wherever the program meets them.

Each place that turns what nobody foresaw into words asks here first: commands, the engine, its threads, the processes of a batch.
"""

from __future__ import annotations

import errno
import os
import sys

from IDCBrowserLib.errors import IDCBrowserError, InputError, NotFoundError, StorageError

_NO_MEMORY = "There is not enough memory for this. Close other programs, raise the limit (ulimit -v), or ask for less at once."
_REFUSED = "{where} cannot be used ({reason}). Change its permissions, or set IDC_BROWSER_HOME to another folder."
_BROKEN = "{where} cannot be read or written ({reason}). Check that the disk is there and works, then try again."
_OF_SYSTEM = {
    "ENOSPC EDQUOT": "there is no disk space left to write {where}. Free some space, then try again.",
    "EFBIG": "{where} would be larger than a file may be. Raise the limit (ulimit -f), or choose another disk.",
    "EMFILE ENFILE": "the system lets this program open too few files. Raise the limit (ulimit -n), then try again.",
    "ENOMEM": _NO_MEMORY,
    "EACCES EPERM EROFS": _REFUSED,
    # A disk that fails, or one on the network that went away.
    "EIO ESTALE ENOTCONN ENODEV ENXIO EHOSTDOWN": _BROKEN,
}
_SENTENCES = {getattr(errno, name): text for names, text in _OF_SYSTEM.items() for name in names.split() if hasattr(errno, name)}
# Of the loader, for a library that does not fit into the memory.
_NO_ROOM_FOR_LIBRARY = ("cannot allocate memory", "failed to map segment")


def explained(error: BaseException) -> IDCBrowserError | None:
    """A sentence for what is not a fault of the program: no disk space, memory or permission, too few open files or threads, too long a name,
    a disk that fails, a removed working folder; else None.
    """
    if isinstance(error, OSError):
        return _of_system(error)
    if isinstance(error, MemoryError) or _is("duckdb", "OutOfMemoryException", error):
        return StorageError(_NO_MEMORY)
    if isinstance(error, RuntimeError):
        return _of_python(str(error))
    if isinstance(error, ImportError):
        return _of_package(error)
    if _is("sqlite3", "OperationalError", error) or _is("sqlite3", "DatabaseError", error, exactly=True):
        return StorageError(f"A file of this program's own cannot be used ({error}). Check that the disk has room and works, then try again.")
    return None


def unforeseen(error: Exception) -> str:
    """What to say of an error that nobody foresaw: of the surroundings, or a defect."""
    known = explained(error)
    return str(known) if known is not None else f"Internal error ({type(error).__name__}: {error}). Please report it with the log."


def _of_system(error: OSError) -> IDCBrowserError | None:
    where = os.fsdecode(error.filename)[:300] if isinstance(error.filename, (str, bytes)) else ""
    if error.errno == errno.ENAMETOOLONG:
        return InputError(f"{where[:60]}... is longer than a name may be. Check it.")
    sentence = _SENTENCES.get(error.errno or 0, "")
    if sentence and (where or sentence is not _REFUSED):
        told = sentence.format(where=where or "a file", reason=error.strerror)
        return StorageError(told[0].upper() + told[1:])
    if isinstance(error, FileNotFoundError) and not _has_working_folder():
        return NotFoundError("The working folder no longer exists. Change to another folder, then run the command again.")
    return None


def _of_python(said: str) -> IDCBrowserError | None:
    if "can't start new thread" in said:
        return StorageError("The system lets this program start too few threads. Close other programs, or raise the limit (ulimit -u, ulimit -v).")
    if "home directory" in said:
        return InputError(
            "The home folder of a user is not known here. Set HOME or IDC_BROWSER_HOME to a folder of yours, and name no other user's with ~."
        )
    return None


def _of_package(error: ImportError) -> IDCBrowserError | None:
    if any(text in str(error).lower() for text in _NO_ROOM_FOR_LIBRARY):
        return StorageError(_NO_MEMORY)
    if (error.name or "").partition(".")[0] in ("IDCBrowserLib", ""):
        return None
    return StorageError(f"The package {error.name} cannot be loaded ({error}). Install IDC Browser and its packages again.")


def _is(module: str, kind: str, error: BaseException, exactly: bool = False) -> bool:
    """Whether it is of a class of a module that is imported where such errors come from, and not here."""
    found = getattr(sys.modules.get(module), kind, None)
    return isinstance(found, type) and (type(error) is found if exactly else isinstance(error, found))


def _has_working_folder() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return False
    return True
