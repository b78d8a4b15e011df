"""Walking through a download folder: what lies in each folder, without following links and without reading files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.folders.incoming import PREFIX as INCOMING
from IDCBrowserLib.transfer.folders.series_lock import NAME as SERIES_LOCKS

# Of transfers that are under way.
_OWN_LOCKS = (f"{INCOMING}", SERIES_LOCKS)


@dataclass(frozen=True)
class FolderContent:
    """Directly in a folder: DICOM files (``*.dcm``) and others, with bytes; ``folders`` are the names of those below; ``error`` if unreadable."""

    path: str
    files: int = 0
    bytes: int = 0
    others: int = 0
    other_bytes: int = 0
    folders: tuple[str, ...] = ()
    error: str = ""


class Walker:
    """Remembers each folder by its modification time, which changes when files come, go or are renamed: a second walk looks at folders only."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, FolderContent]] = {}

    def forget(self) -> None:
        """Look at every file again."""
        self._known.clear()

    def walk(self, top: str, task: Task, skip: tuple[str, ...] = ()) -> Iterator[FolderContent]:
        """``top`` and every folder below it; names at the top that start with one of ``skip`` are passed over. Reports files found so far."""
        waiting, found, folders = [top], 0, 0
        while waiting:
            task.raise_if_cancelled()
            content = self._look(waiting.pop())
            found += content.files + content.others
            folders += 1
            if folders % 50 == 0:
                task.report(Progress("Looking", found, None, "files"))
            names = [name for name in content.folders if content.path != top or not name.startswith(skip)] if skip else content.folders
            waiting += [os.path.join(content.path, name) for name in reversed(names)]
            yield content
        task.report(Progress("Looking", found, None, "files"))

    def _look(self, path: str) -> FolderContent:
        try:
            time = os.stat(path).st_mtime_ns
            known = self._known.get(path)
            if known is not None and known[0] == time:
                return known[1]
            content = _content(path)
        except OSError as error:
            return FolderContent(path, error=error.strerror or str(error))
        self._known[path] = (time, content)
        return content


def _content(path: str) -> FolderContent:
    files = size = others = other_size = 0
    folders = []
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
                continue
            if entry.name.startswith(_OWN_LOCKS):
                continue
            try:
                length = entry.stat(follow_symlinks=False).st_size
            except OSError:
                # It vanished meanwhile.
                continue
            if entry.name.endswith(".dcm") and entry.is_file(follow_symlinks=False):
                files, size = files + 1, size + length
            else:
                others, other_size = others + 1, other_size + length
    return FolderContent(path, files, size, others, other_size, tuple(sorted(folders)))


def tree_size(top: str, task: Task, without: tuple[str, ...] = ()) -> tuple[int, int]:
    """Files and bytes below a folder, leaving out the folders ``without``; (0, 0) when it is not there."""
    files = size = 0
    walker, waiting = Walker(), [top]
    while waiting:
        task.raise_if_cancelled()
        content = walker._look(waiting.pop())
        files, size = files + content.files + content.others, size + content.bytes + content.other_bytes
        waiting += [path for name in content.folders if (path := os.path.join(content.path, name)) not in without]
    return files, size
