"""A progress bar in the cell of a table, in the colors of the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from IDCBrowserLib.qtbinding import ModelIndex, QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.downloads.download_models import FRACTION_ROLE
from IDCBrowserLib.ui.widgets.cell_roles import CENTER

if TYPE_CHECKING:
    from IDCBrowserLib.ui.widgets.painted_option import PaintedOption

_INSET = 3


class BarDelegate(QtWidgets.QStyledItemDelegate):
    """Draws ``FRACTION_ROLE`` as a bar with the text of the cell over it; a negative one as the text alone."""

    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: ModelIndex) -> None:
        """See ``QStyledItemDelegate``."""
        fraction = index.data(FRACTION_ROLE)
        if fraction is None or fraction < 0:
            QtWidgets.QStyledItemDelegate.paint(self, painter, option, index)
            return
        colors, cell_rect = cast("PaintedOption", option).palette, cast("PaintedOption", option).rect
        rect = QtCore.QRect(cell_rect.x() + _INSET, cell_rect.y() + _INSET, cell_rect.width() - 2 * _INSET, cell_rect.height() - 2 * _INSET)
        done_rect = QtCore.QRect(rect.x(), rect.y(), int(rect.width() * fraction), rect.height())
        painter.save()
        painter.fillRect(rect, colors.color(QtGui.QPalette.ColorRole.Base))
        painter.fillRect(done_rect, colors.color(QtGui.QPalette.ColorRole.Highlight))
        painter.setPen(colors.color(QtGui.QPalette.ColorRole.Mid))
        painter.drawRect(rect)
        self._write(painter, rect, done_rect, str(index.data()), colors)
        painter.restore()

    def _write(self, painter: QtGui.QPainter, rect: QtCore.QRect, done_rect: QtCore.QRect, text: str, colors: QtGui.QPalette) -> None:
        """In the color that stands out, on each part of the bar."""
        rest = QtCore.QRect(done_rect.x() + done_rect.width(), rect.y(), rect.width() - done_rect.width(), rect.height())
        for part, color in ((done_rect, QtGui.QPalette.ColorRole.HighlightedText), (rest, QtGui.QPalette.ColorRole.Text)):
            painter.setClipRect(part)
            painter.setPen(colors.color(color))
            painter.drawText(rect, CENTER, text)
