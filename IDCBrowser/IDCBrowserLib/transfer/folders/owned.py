"""Which files below a download folder are this program's, and doing away with them: the one place that decides it.

A file is ours when the journal names it, at that place, as a regular file of the recorded size. Where its time is another than recorded, or none is,
its MD5 decides if one is known. Everything else is the user's (Resources/Decisions/0014-users-files.md).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from pathlib import Path

from IDCBrowserLib.transfer.folders.folder import Folder, LinkError, is_file, is_folder
from IDCBrowserLib.transfer.folders.journal import Journal, Record
from IDCBrowserLib.transfer.verify import md5_of

_MD5 = re.compile(r"[0-9a-f]{32}")


@dataclass
class Content:
    """What lies in a folder: ``ours`` with bytes, ``theirs`` (folders with a slash at the end), and ``gone``: recorded, but not there any more.

    After removing, ``ours`` are those that went, and ``failed`` those that did not, with the reason.
    """

    ours: dict[str, int] = field(default_factory=dict)
    theirs: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """Of ours."""
        return sum(self.ours.values())


class OwnedFiles:
    """Below ``top``, the folder that the user named; folders are given by paths below it.

    ``go_on`` is called while MD5s are computed and may raise to stop.
    """

    def __init__(self, top: str | Path, journal: Journal, go_on: Callable[[], None] = lambda: None) -> None:
        self._named = os.path.abspath(top)
        self._real = os.path.realpath(top)
        self._journal = journal
        self._go_on = go_on
        self._touched: set[str] = set()
        if not os.path.islink(self._named):
            journal.adopt(self._named, self._real)

    def place(self, directory: str) -> str | None:
        """The folder as the journal names it; None for one that is not below the top."""
        relative = self._relative(directory)
        return None if relative is None else os.path.join(self._real, *relative.split("/"))

    def look(self, directory: str, names: Container[str] | None = None) -> Content:
        """What of a folder, or of ``names`` in it, is whose. Outside of the top nothing is ours."""
        return self._each(directory, names, lambda folder, name: None)

    def remove(self, directory: str, names: Container[str] | None = None) -> Content:
        """Delete what is ours of it; ``prune`` takes the folders afterwards."""
        content = self._each(directory, names, lambda folder, name: folder.remove(name))
        place = self.place(directory)
        if place is not None:
            self._journal.forget(place, [*content.ours, *content.gone])
            self._touched.add(place)
        return content

    def prune(self) -> None:
        """Remove the folders from which something was removed, and those above, that this program made and that are empty."""
        touched, self._touched = self._touched, set()
        for place in sorted(touched, key=len, reverse=True):
            self.remove_empty(place)

    def remove_empty(self, directory: str) -> bool:
        """Remove a folder and those above it, as far as they are empty and made by this program. Whether the first one went."""
        place = self.place(directory)
        first = True
        while place is not None and place != self._real and self._journal.made(place):
            if not self._remove_folder(place):
                return not first
            self._journal.forget_folder(place)
            place, first = os.path.dirname(place), False
        return not first

    def _remove_folder(self, place: str) -> bool:
        above, name = os.path.split(place)
        try:
            with Folder.at(self._real) as top:
                if above == self._real:
                    return top.remove_folder(name)
                with top.below(os.path.relpath(above, self._real).replace(os.sep, "/")) as folder:
                    return folder.remove_folder(name)
        except FileNotFoundError:
            return True
        except (OSError, LinkError):
            return False

    def _each(self, directory: str, names: Container[str] | None, act: Callable[[Folder, str], None]) -> Content:
        content, relative = Content(), self._relative(directory)
        if relative is None:
            content.theirs = _visible(directory, names)
            return content
        records = self._journal.owned(os.path.join(self._real, *relative.split("/")))
        if names is not None:
            records = {name: record for name, record in records.items() if name in names}
        try:
            with Folder.at(self._real) as top, top.below(relative) as folder:
                self._sort(folder, records, names, act, content)
        except FileNotFoundError:
            content.gone = list(records)
        except (OSError, LinkError):
            # It cannot be entered without following a link, or not at all.
            content.theirs = _visible(directory, names)
        return content

    def _sort(
        self, folder: Folder, records: dict[str, Record], names: Container[str] | None, act: Callable[[Folder, str], None], content: Content
    ) -> None:
        here = folder.names()
        content.gone = sorted(records.keys() - set(here))
        for name in here:
            if names is not None and name not in names:
                continue
            try:
                status = folder.status(name)
                if name in records and is_ours(folder, name, records[name], self._go_on):
                    act(folder, name)
                    content.ours[name] = status.st_size
                else:
                    content.theirs.append(f"{name}/" if is_folder(status) else name)
            except FileNotFoundError:
                content.gone += [name] if name in records else []
            except OSError as error:
                content.failed[name] = error.strerror or str(error)

    def _relative(self, directory: str) -> str | None:
        path = os.path.abspath(directory)
        for candidate in (path, os.path.realpath(path)):
            for top in (self._named, self._real):
                if os.path.normcase(candidate).startswith(os.path.normcase(top).rstrip(os.sep) + os.sep):
                    return os.path.relpath(candidate, top).replace(os.sep, "/")
        return None


def is_ours(folder: Folder, name: str, record: Record, go_on: Callable[[], None]) -> bool:
    """Whether the thing of that name is the file that the record means. Raises ``OSError``."""
    status = folder.status(name)
    if not is_file(status) or status.st_size != record.size:
        return False
    if not _MD5.fullmatch(record.md5) or status.st_mtime_ns == record.mtime_ns:
        return True
    with folder.read(name) as file:
        return md5_of(file, go_on) == record.md5


def _visible(directory: str, names: Container[str] | None) -> list[str]:
    """Names in a folder that is none of ours; only looked at."""
    try:
        return sorted(name for name in os.listdir(directory) if names is None or name in names)
    except OSError:
        return []
