"""Keeps what the headers of the images say that were read last: showing a series, its voxels and what was drawn on it share one reading."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.engine.last_opened import FileState, state_of

if TYPE_CHECKING:
    from IDCBrowserLib.task import Task
    from IDCBrowserLib.volume.frames import LeftOut
    from IDCBrowserLib.volume.image_grid import ImageGrid
    from IDCBrowserLib.volume.read_grids import Images

# A frame takes about a kilobyte.
_MOST_FILES = 20_000

Read = tuple[tuple["ImageGrid", ...], "Sequence[LeftOut]"]


class LastImages:
    """From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: tuple[FileState, ...] = ()
        self._read: Read | None = None

    def read(self, files: Sequence[str], task: Task) -> Read:
        """As ``read_grids_and_rest`` reads the files as they are now. Raises as that."""
        from IDCBrowserLib.volume.read_grids import read_grids_and_rest

        known = self._known(files)
        if known is not None:
            return known
        state = _states_of(files)
        read = read_grids_and_rest(files, task)
        if state is not None:
            with self._lock:
                self._state, self._read = state, read
        return read

    def images(self, files: Sequence[str]) -> Images:
        """What is known of the files, else the files."""
        from IDCBrowserLib.volume.read_grids import ReadImages

        known = self._known(files)
        return files if known is None else ReadImages(known[0])

    def _known(self, files: Sequence[str]) -> Read | None:
        with self._lock:
            state, read = self._state, self._read
        return read if read is not None and [path for path, *_ in state] == list(files) and state == _states_of(files) else None


def _states_of(files: Sequence[str]) -> tuple[FileState, ...] | None:
    """None where one is missing, or there are too many."""
    if len(files) > _MOST_FILES:
        return None
    states = [state_of(path) for path in files]
    return None if None in states else tuple(state for state in states if state is not None)
