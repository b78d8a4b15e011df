"""Show "Counting..." only when the answer takes noticeably long; a text that changes twice at each click flickers."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.qtbinding import QtCore

_DELAY_MS = 150


class DelayedNotice:
    """Calls ``show`` once when the time between ``wait`` and ``end`` exceeds 150 ms. ``close`` it with the panel that it belongs to."""

    def __init__(self, show: Callable[[], None]) -> None:
        self._show = show
        self._timer = QtCore.QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DELAY_MS)
        self._timer.timeout.connect(show)

    def wait(self) -> None:
        """A request was sent. With several in a row, the delay counts from the first."""
        if not self._timer.isActive():
            self._timer.start()

    def end(self) -> None:
        """The answer is here; no notice is needed."""
        self._timer.stop()

    def close(self) -> None:
        """Let go of ``show``: in PythonQt a connected timer and what it calls would hold each other for ever."""
        self._timer.stop()
        self._timer.timeout.disconnect(self._show)
