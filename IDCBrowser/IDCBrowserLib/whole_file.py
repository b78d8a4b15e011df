"""Writes files completely or not at all, with the permissions of the user's other files."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from IDCBrowserLib.errors import StorageError

# What this process is writing: it goes with it when that ends by force.
_unfinished: set[Path] = set()

FOR_OTHERS = 0o666  # less the user's umask
FOR_NOBODY_ELSE = 0o600


@contextmanager
def part_of(path: Path, advice: str = "choose another folder", below: Path | None = None) -> Iterator[Path]:
    """A name beside ``path`` that nobody has, for a library that opens its file itself; the file takes the place of ``path`` when the block ends.

    It has the permissions of the file that it replaces. It leaves nothing when the block fails. ``below`` is another folder of the same disk for
    that name: what a kill leaves is then not beside the user's files. Raises ``StorageError`` when it cannot be written.
    """
    if not path.name or "\0" in str(path):
        raise StorageError(f"{str(path)!r} is not a name for a file; {advice}.")
    check_takes_files(path, advice)
    part = (below or path.parent) / f".{path.name[:100]}-{secrets.token_hex(6)}.part"
    try:
        with unfinished(part):
            yield part
            check_takes_files(path, advice)
            _keep_rights(path, part)
            os.replace(part, path)
    except (OSError, UnicodeEncodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise StorageError(f"{path} cannot be written ({reason}); {advice}.") from error
    finally:
        with suppress(OSError):
            os.unlink(part)


def check_takes_files(path: Path, advice: str = "choose another folder") -> None:
    """Raise ``StorageError`` where a pipe, a device, a socket or a write-protected file has that name: none is replaced, however much one may."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        # Not there, which is as it should be, or told when it is written.
        return
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise StorageError(f"{path} is a pipe, a device or a socket, which no file can replace; {advice}.")
    if stat.S_ISREG(mode) and not os.access(path, os.W_OK):
        raise StorageError(f"{path} is write-protected and is not replaced; change its permissions, or choose another name.")


def _keep_rights(path: Path, part: Path) -> None:
    """What takes the place of a file is its owner's, and who may read that may read this, and nobody else; what nobody else may read stays so."""
    if os.name == "nt":
        return
    with suppress(OSError):
        before = os.stat(path)
        # Only root can give a file to others.
        with suppress(PermissionError):
            os.chown(part, before.st_uid, before.st_gid)
        if stat.S_IMODE(os.stat(part).st_mode) & 0o077:
            os.chmod(part, stat.S_IMODE(before.st_mode) & 0o777)


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """A file or folder of ours that the caller removes or renames: ``remove_unfinished`` removes it where the program ends within the block."""
    _unfinished.add(path)
    try:
        yield path
    finally:
        _unfinished.discard(path)


@contextmanager
def part_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """A new folder, below ``parent`` or where the system has such ones, that goes with all that is in it when the block ends."""
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        with unfinished(made):
            yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def remove_unfinished() -> None:
    """For a program that ends by force, whatever its threads are doing."""
    for path in list(_unfinished):
        with suppress(OSError):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _open_new(part: Path, mode: int) -> int:
    return os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)


@contextmanager
def whole_file(
    path: Path, mode: int = FOR_OTHERS, advice: str = "choose another folder", forced: bool = True, below: Path | None = None
) -> Iterator[IO[str]]:
    """A text file (UTF-8, line ends as written) that takes the place of ``path`` when the block ends, and leaves nothing when it fails.

    ``forced``: to the disk before, so that a power cut leaves the one or the other; that takes milliseconds, which thousands of files add up.
    Raises ``StorageError`` when it cannot be written.
    """
    with part_of(path, advice, below) as part, os.fdopen(_open_new(part, mode), "w", encoding="utf-8", newline="") as file:
        yield file
        file.flush()
        if forced:
            os.fsync(file.fileno())


@contextmanager
def whole_binary_file(path: Path) -> Iterator[IO[bytes]]:
    """The same for bytes that a format writes. Large files are not forced to the disk."""
    with part_of(path, "choose another folder or free some disk space") as part, os.fdopen(_open_new(part, FOR_OTHERS), "w+b") as file:
        yield file


def whole_bytes(path: Path, pieces: Iterable[bytes], mode: int = FOR_OTHERS, advice: str = "choose another folder") -> None:
    """The same for bytes, piece by piece."""
    with part_of(path, advice) as part, os.fdopen(_open_new(part, mode), "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def free_name(path: Path) -> Path:
    """``path``, or ``name-2.ending`` and so on where that is somebody's."""
    found, number = path, 1
    while os.path.lexists(found):
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found


def write_whole(path: Path, text: str, mode: int = FOR_OTHERS) -> None:
    """Write a text file. Raises ``StorageError``."""
    with whole_file(path, mode) as file:
        file.write(text)
