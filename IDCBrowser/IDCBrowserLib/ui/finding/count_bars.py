"""Numbers in the cells of a table with a bar behind them, in the colors of the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from IDCBrowserLib.qtbinding import ModelIndex, QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.cell_roles import USER

if TYPE_CHECKING:
    from IDCBrowserLib.ui.widgets.painted_option import PaintedOption

# Of 255: the number stays readable on it, selected or not.
_STRENGTH = 70


class CountBars(QtWidgets.QStyledItemDelegate):
    """Draws the fraction that a cell gives for ``USER`` as a bar from the right."""

    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: ModelIndex) -> None:
        """See ``QStyledItemDelegate``."""
        fraction = index.data(USER)
        if fraction:
            rect = cast("PaintedOption", option).rect
            wide = max(1, int(rect.width() * float(fraction)))
            color = QtGui.QColor(cast("PaintedOption", option).palette.color(QtGui.QPalette.ColorRole.Highlight))
            color.setAlpha(_STRENGTH)
            painter.fillRect(QtCore.QRect(rect.x() + rect.width() - wide, rect.y() + 1, wide, rect.height() - 2), color)
        QtWidgets.QStyledItemDelegate.paint(self, painter, option, index)
