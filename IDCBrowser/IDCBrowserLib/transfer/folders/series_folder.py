"""The folder of a series, entered from the destination without following links."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from IDCBrowserLib.transfer.folders.folder import Folder, LinkError, is_file
from IDCBrowserLib.transfer.folders.journal import Journal

_ATTEMPTS = 3


@dataclass(frozen=True)
class SeriesFolder:
    """``relative`` ("a/b/c") below the destination ``top``, which is held open."""

    top: Folder
    relative: str

    @property
    def path(self) -> str:
        """As the journal names it."""
        return os.path.join(self.top.path, *self.relative.split("/"))

    def open(self) -> Folder:
        """Raises ``OSError`` when it is not there, ``LinkError`` when it is only through a link."""
        return self.top.below(self.relative)

    def not_here(self, sizes: Mapping[str, int]) -> list[str]:
        """Those of the files that are not there with these bytes."""
        try:
            folder = self.open()
        except (OSError, LinkError):
            return list(sizes)
        with folder:
            return [name for name, size in sizes.items() if not _is_here(folder, name, size)]

    def take_in(self, name: str, arrived: Folder, arrival: str, journal: Journal) -> os.stat_result:
        """Put a file that has arrived into its place, in one step; gives what it is like there. Folders are made as needed.

        Raises ``OSError`` and ``LinkError``.
        """
        for attempt in range(_ATTEMPTS):
            made: list[str] = []
            try:
                with self.top.make_below(self.relative, made) as folder:
                    arrived.replace(arrival, folder, name)
                    return folder.status(name)
            except FileNotFoundError:
                # Somebody cleans up empty folders at this moment.
                if attempt == _ATTEMPTS - 1 or not arrived.has(arrival):
                    raise
            finally:
                journal.claim_folders(made)
        raise AssertionError("unreachable")


def _is_here(folder: Folder, name: str, size: int) -> bool:
    try:
        status = folder.status(name)
    except OSError:
        return False
    return is_file(status) and status.st_size == size
