"""The files of downloaded series, listed without stopping the window."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence

_SLICE_S = 0.006

Defer = Callable[[Callable[[], None]], None]


class FileLister:
    """Lists ``*.dcm`` in folders, a few milliseconds at a time; ``defer`` runs a function soon. A folder that is gone has no files."""

    def __init__(
        self, folders: Sequence[str], on_done: Callable[[list[str]], None], defer: Defer, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._left = list(reversed(folders))
        self._files: list[str] = []
        self._on_done = on_done
        self._defer = defer
        self._clock = clock
        self._cancelled = False
        defer(self._go_on)

    def cancel(self) -> None:
        """Stop; ``on_done`` is not called any more."""
        self._cancelled = True

    def _go_on(self) -> None:
        end = self._clock() + _SLICE_S
        while self._left and not self._cancelled:
            self._files += dicom_files(self._left.pop())
            if self._clock() >= end:
                self._defer(self._go_on)
                return
        if not self._cancelled:
            self._on_done(self._files)


def dicom_files(folder: str) -> list[str]:
    """``*.dcm`` directly in a folder, sorted; files that s5cmd is still writing end otherwise."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.path for entry in entries if entry.name.endswith(".dcm"))
    except OSError:
        return []
