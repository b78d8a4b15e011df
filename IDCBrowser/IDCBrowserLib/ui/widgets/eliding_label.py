"""A label that gives way where there is little room: it shows less, but never half a number."""

from __future__ import annotations

from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.cell_roles import LEFT


class GivingLabel(QtWidgets.QLabel):
    """``show_text`` sets the text and what is shown of it where the whole does not fit; the tool tip has the whole."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._short = ""
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(1)

    def show_text(self, text: str, short: str) -> None:
        """Show it, or ``short``, or nothing, as there is room."""
        self._short = short
        self.setText(text)
        self.setToolTip(text)

    def shown(self) -> str:
        """What is to be seen."""
        metrics, room = self.fontMetrics(), int(self.property("width"))
        texts = (str(self.property("text")), self._short)
        return next((text for text in texts if metrics.horizontalAdvance(text) <= room), "")

    def paintEvent(self, _event: QtGui.QPaintEvent) -> None:
        """See Qt."""
        painter = QtGui.QPainter(self)
        painter.drawText(self.property("rect"), LEFT, self.shown())
        painter.end()
