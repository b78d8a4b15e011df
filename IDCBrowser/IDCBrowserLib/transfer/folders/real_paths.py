"""Resolves links, so that each folder has one name in the records."""

from __future__ import annotations

import os


class RealPaths:
    """Remembers what it has looked up: many files share a folder, many folders the one above."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def folder(self, path: str) -> str:
        """The real path of the folder above, with this one's own name: a folder that is itself a link is not another one."""
        above, name = os.path.split(os.path.normpath(path))
        real = self._known.get(above)
        if real is None:
            real = self._known[above] = os.path.realpath(above)
        return os.path.join(real, name)
