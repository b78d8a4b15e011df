"""Numbers in the cells of a table with a bar behind them, in the colors of the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from IDCBrowserLib.qtbinding import ModelIndex, QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.cell_roles import USER

if TYPE_CHECKING:

    class _Option(Protocol):
        """What ``QStyleOptionViewItem`` has and PySide6's types leave out."""

        palette: QtGui.QPalette
        rect: QtCore.QRect


# Of 255: the number stays readable on it, selected or not.
_STRENGTH = 70


class CountBars(QtWidgets.QStyledItemDelegate):
    """Draws the fraction that a cell gives for ``USER`` as a bar from the right."""

    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: ModelIndex) -> None:
        """See ``QStyledItemDelegate``."""
        fraction = index.data(USER)
        if fraction:
            rect = cast("_Option", option).rect
            wide = max(1, int(rect.width() * float(fraction)))
            color = QtGui.QColor(cast("_Option", option).palette.color(QtGui.QPalette.ColorRole.Highlight))
            color.setAlpha(_STRENGTH)
            painter.fillRect(QtCore.QRect(rect.x() + rect.width() - wide, rect.y() + 1, wide, rect.height() - 2), color)
        QtWidgets.QStyledItemDelegate.paint(self, painter, option, index)
