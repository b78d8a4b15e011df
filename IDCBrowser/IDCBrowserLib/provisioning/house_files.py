"""What a wheelhouse is filled with. Files and links in its folder that its own list does not name are somebody's, and stay as they are."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from IDCBrowserLib.catalog.files.fetching import digest
from IDCBrowserLib.dicom.regular_file import read_regular
from IDCBrowserLib.errors import IDCBrowserError, InputError, StorageError
from IDCBrowserLib.whole_file import part_of

LIST = "wheelhouse.json"
_MOST_BYTES = 64 << 20
_AGAIN = "make the wheelhouse again."


class Entry(NamedTuple):
    """A file of the list; ``path`` is relative, with ``/``."""

    path: str
    bytes: int
    sha256: str


def read_list(folder: Path) -> tuple[dict[str, Any], list[Entry]]:
    """The document and its files. Raises ``InputError`` for one that is damaged or leads outside."""
    path = folder / LIST
    try:
        document = json.loads(read_regular(path, _MOST_BYTES, _AGAIN.capitalize()))
        entries = [Entry(str(entry["path"]), int(entry["bytes"]), str(entry["sha256"])) for entry in document["files"]]
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise InputError(f"{path} cannot be read; {_AGAIN}") from error
    for entry in entries:
        if PurePosixPath(entry.path).is_absolute() or ".." in PurePosixPath(entry.path).parts or any(sign in entry.path for sign in "\\:\0"):
            raise InputError(f"{path} names {entry.path!r}, which is not inside the wheelhouse; it is not used.")
    return document, entries


def is_whole(file: Path, entry: Entry) -> bool:
    """Whether a file is there as the list states it: no link, with that content."""
    try:
        status = os.lstat(file)
        return stat.S_ISREG(status.st_mode) and status.st_size == entry.bytes and digest(file) == entry.sha256
    except (OSError, ValueError):
        return False


class HouseFiles:
    """Fills ``folder``. Raises ``StorageError`` for a list of another kind, which is somebody's file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._listed: dict[str, Entry] = {}
        if os.path.lexists(folder / LIST):
            try:
                self._listed = {entry.path: entry for entry in read_list(folder)[1]}
            except IDCBrowserError as error:
                raise StorageError(f"{folder / LIST} is not the list of a wheelhouse, and is kept. Move it, or choose another folder.") from error

    def make_folder(self, relative: str) -> Path:
        """A folder with those above it, of which none may be a link. Raises ``StorageError``, ``OSError``."""
        made = self._folder
        made.mkdir(parents=True, exist_ok=True)
        for name in PurePosixPath(relative).parts:
            made /= name
            if not os.path.lexists(made):
                made.mkdir()
            elif not stat.S_ISDIR(os.lstat(made).st_mode):
                raise StorageError(f"{made} is a link or a file, and only folders are written to. Remove it, or choose another folder.")
        return made

    def copy(self, source: Path, relative: str) -> None:
        """``source`` as ``relative``, whole or not at all. Raises ``StorageError`` for somebody's file of that name, ``OSError``."""
        target = self.make_folder(PurePosixPath(relative).parent.as_posix()) / PurePosixPath(relative).name
        if os.path.lexists(target):
            if is_whole(target, Entry(relative, source.stat().st_size, digest(source))):
                return
            if relative not in self._listed or not is_whole(target, self._listed[relative]):
                raise StorageError(f"{target} was not written by idc-browser wheelhouse, or was changed since, and is kept. Move or rename it.")
        with part_of(target) as part:
            shutil.copyfile(source, part)

    def remove_others(self, below: str, kept: set[str]) -> None:
        """What a former version wrote below a folder and this one does not; folders that become empty go as well."""
        for relative, entry in self._listed.items():
            file = self._folder / relative
            if relative.startswith(f"{below}/") and relative not in kept and not self._has_links(relative) and is_whole(file, entry):
                file.unlink()
                with contextlib.suppress(OSError):
                    file.parent.rmdir()

    def _has_links(self, relative: str) -> bool:
        folder = self._folder
        for name in PurePosixPath(relative).parts[:-1]:
            folder /= name
            if folder.is_symlink():
                return True
        return False
