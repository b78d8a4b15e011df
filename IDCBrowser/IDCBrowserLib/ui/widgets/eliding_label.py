"""Labels of one line that take no more room than there is: one with a shorter text, one that is cut at its end."""

from __future__ import annotations

from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.cell_roles import LEFT
from IDCBrowserLib.ui.widgets.plain_tip import plain


class ElidingLabel(QtWidgets.QLabel):
    """Can shrink to nothing. The tool tip always has the full text."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._short = ""
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(1)

    def show_text(self, text: str, short: str) -> None:
        """Show ``text`` if it fits, else ``short`` if that fits, else nothing."""
        self._short = short
        self.setText(text)
        self.setToolTip(plain(text))

    def shown(self) -> str:
        """The text that fits the current width."""
        metrics, width = self.fontMetrics(), int(self.property("width"))
        texts = (str(self.property("text")), self._short)
        return next((text for text in texts if metrics.horizontalAdvance(text) <= width), "")

    def paintEvent(self, _event: QtGui.QPaintEvent) -> None:
        """See Qt."""
        painter = QtGui.QPainter(self)
        painter.drawText(self.property("rect"), LEFT, self.shown())
        painter.end()


class LineLabel(QtWidgets.QLabel):
    """One line, cut with "..." where it does not fit; the tool tip then has all of it. Asks for the width of its text, and yields all of it."""

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__(text)
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(1)

    def say(self, text: str) -> None:
        """Show another text."""
        if text != self.property("text"):
            self.setText(text)
            self.setToolTip(plain(text))

    def paintEvent(self, _event: QtGui.QPaintEvent) -> None:
        """See Qt."""
        painter = QtGui.QPainter(self)
        text = self.fontMetrics().elidedText(str(self.property("text")), Qt.TextElideMode.ElideRight, int(self.property("width")))
        painter.setPen(self.property("palette").color(self.foregroundRole()))
        painter.drawText(self.property("rect"), LEFT, text)
        painter.end()
