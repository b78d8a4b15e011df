"""What is replaced within a moment is not called old meanwhile: texts that change twice at each click flicker."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.qtbinding import QtCore

_PATIENCE_MS = 150


class Patience:
    """``wait`` when the answer is on its way, ``end`` when it is here; ``say`` is called once that takes longer than a person would notice."""

    def __init__(self, say: Callable[[], None]) -> None:
        self._timer = QtCore.QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PATIENCE_MS)
        self._timer.timeout.connect(say)

    def wait(self) -> None:
        """Begin, unless that was done: many questions in a row count from the first."""
        if not self._timer.isActive():
            self._timer.start()

    def end(self) -> None:
        """Nothing has to be said."""
        self._timer.stop()
