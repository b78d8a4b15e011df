"""Frames of a stack as files that the window reads, of bounded size together."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IDCBrowserLib.preview.stack import SeriesStack
    from IDCBrowserLib.task import Task

_MAX_BYTES = 64_000_000


class FrameFiles:
    """``read`` gives the file of a frame and what it shows; those not looked at for longest go."""

    def __init__(self, stack: SeriesStack, new_path: Callable[[], Path]) -> None:
        self.stack = stack
        self._new_path = new_path
        self._files: OrderedDict[int, tuple[Path, str, int]] = OrderedDict()

    def read(self, number: int, task: Task) -> tuple[Path, str]:
        """Raises as ``SeriesStack.picture``."""
        from IDCBrowserLib.preview.picture import to_pnm

        if number not in self._files:
            picture = self.stack.picture(number, task)
            content, path = to_pnm(picture), self._new_path()
            path.write_bytes(content)
            self._files[number] = (path, picture.description, len(content))
        self._files.move_to_end(number)
        while len(self._files) > 1 and sum(size for _path, _text, size in self._files.values()) > _MAX_BYTES:
            self._unlink(self._files.popitem(last=False)[1][0])
        return self._files[number][:2]

    def remove(self) -> None:
        """All of them."""
        while self._files:
            self._unlink(self._files.popitem()[1][0])

    def _unlink(self, path: Path) -> None:
        with contextlib.suppress(OSError):
            path.unlink()
