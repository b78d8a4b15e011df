"""A progress bar in the cell of a table, in the colors of the palette."""

from __future__ import annotations

from typing import Any

from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.downloads.download_models import FRACTION_ROLE

_INSET = 3


class BarDelegate(QtWidgets.QStyledItemDelegate):
    """Draws ``FRACTION_ROLE`` as a bar with the text of the cell over it; a negative one as the text alone."""

    def paint(self, painter: Any, option: Any, index: Any) -> None:
        """See ``QStyledItemDelegate``."""
        fraction = index.data(FRACTION_ROLE)
        if fraction is None or fraction < 0:
            QtWidgets.QStyledItemDelegate.paint(self, painter, option, index)
            return
        colors = option.palette
        rect = QtCore.QRect(option.rect.x() + _INSET, option.rect.y() + _INSET, option.rect.width() - 2 * _INSET, option.rect.height() - 2 * _INSET)
        done_rect = QtCore.QRect(rect.x(), rect.y(), int(rect.width() * fraction), rect.height())
        painter.save()
        painter.fillRect(rect, colors.color(QtGui.QPalette.ColorRole.Base))
        painter.fillRect(done_rect, colors.color(QtGui.QPalette.ColorRole.Highlight))
        painter.setPen(colors.color(QtGui.QPalette.ColorRole.Mid))
        painter.drawRect(rect)
        self._write(painter, rect, done_rect, str(index.data()), colors)
        painter.restore()

    def _write(self, painter: Any, rect: Any, done_rect: Any, text: str, colors: Any) -> None:
        """In the color that stands out, on each part of the bar."""
        rest = QtCore.QRect(done_rect.x() + done_rect.width(), rect.y(), rect.width() - done_rect.width(), rect.height())
        for part, color in ((done_rect, QtGui.QPalette.ColorRole.HighlightedText), (rest, QtGui.QPalette.ColorRole.Text)):
            painter.setClipRect(part)
            painter.setPen(colors.color(color))
            painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), text)
