"""Buttons side by side, in as many rows as their texts need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from IDCBrowserLib.ui.qtbinding import QtWidgets
from IDCBrowserLib.ui.widgets import SPACING


class ButtonRows(QtWidgets.QWidget):
    """``fold`` is to be called when a button was shown or hidden. Tells the height of its rows; any width is enough for it."""

    def __init__(self, buttons: Sequence[Any], parent: Any = None) -> None:
        super().__init__(parent)
        self._buttons = list(buttons)
        for button in self._buttons:
            button.setParent(self)
        self.setSizePolicy(QtWidgets.QSizePolicy.Ignored, QtWidgets.QSizePolicy.Fixed)
        self.fold()

    def resizeEvent(self, _event: Any) -> None:
        """Another width."""
        self.fold()

    def fold(self) -> None:
        """Place the buttons; those that are hidden leave no gap."""
        wide, left, top, high = int(self.property("width")), 0, 0, 0
        for button in self._buttons:
            if button.isHidden():
                continue
            size = button.property("sizeHint")
            if left and left + size.width() > wide:
                left, top = 0, top + high + SPACING
            high = size.height()
            button.setGeometry(left, top, min(size.width(), wide), high)
            left += size.width() + SPACING
        self.setFixedHeight(top + high)
