"""A widget that tells when it comes into sight and goes out of it, so that nothing is asked for what nobody sees."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.qtbinding import QtGui, QtWidgets


class SeenWidget(QtWidgets.QWidget):
    """``on_seen(bool)``."""

    def __init__(self, on_seen: Callable[[bool], None]) -> None:
        super().__init__()
        self._on_seen = on_seen

    def showEvent(self, event: QtGui.QShowEvent) -> None:
        """See Qt."""
        QtWidgets.QWidget.showEvent(self, event)
        self._on_seen(True)

    def hideEvent(self, event: QtGui.QHideEvent) -> None:
        """See Qt."""
        QtWidgets.QWidget.hideEvent(self, event)
        self._on_seen(False)
