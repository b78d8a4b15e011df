"""A person keeps the mouse where it is: no button moves by itself."""

from __future__ import annotations

from typing import Any

from IDCBrowserLib.qtbinding import QtCore
from told.look import buttons_of


class Watch:
    """Where the buttons in sight of some widgets were, and which of them was seen somewhere else since; ``gone`` those that are seen no more."""

    def __init__(self, window: Any, *roots: Any) -> None:
        self._window, self._roots = window, roots
        self._before = self._places()
        self.moved: dict[str, tuple[Any, Any]] = {}
        self.gone: set[str] = set()

    def look(self) -> None:
        """Now."""
        now = self._places()
        for name, place in self._before.items():
            if name not in now:
                self.gone.add(name)
            elif now[name] != place:
                self.moved[name] = (place, now[name])

    def _places(self) -> dict[str, tuple[int, int]]:
        """Upper left corners in the window."""
        corners = {name: part.mapTo(self._window, QtCore.QPoint(0, 0)) for root in self._roots for name, part in buttons_of(root).items()}
        return {name: (corner.x(), corner.y()) for name, corner in corners.items()}
