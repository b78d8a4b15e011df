"""Boxes in the cells of a table that are checked by a click anywhere in the cell."""

from __future__ import annotations

from typing import cast

from IDCBrowserLib.qtbinding import ModelIndex, Qt, QtCore, QtGui, QtWidgets


class CellBoxes(QtWidgets.QStyledItemDelegate):
    """A click on the text does what one on the box does, and a double click does it once; keys do as ever."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_second = False

    def editorEvent(self, event: QtCore.QEvent, model: QtCore.QAbstractItemModel, option: QtWidgets.QStyleOptionViewItem, index: ModelIndex) -> bool:
        """See ``QStyledItemDelegate``."""
        kind = event.type()
        if kind not in (QtCore.QEvent.Type.MouseButtonPress, QtCore.QEvent.Type.MouseButtonDblClick, QtCore.QEvent.Type.MouseButtonRelease):
            return bool(QtWidgets.QStyledItemDelegate.editorEvent(self, event, model, option, index))
        if cast("QtGui.QMouseEvent", event).button() != Qt.MouseButton.LeftButton or index.data(Qt.ItemDataRole.CheckStateRole) is None:
            return False
        if kind == QtCore.QEvent.Type.MouseButtonRelease:
            is_second, self._is_second = self._is_second, False
            return is_second or bool(model.setData(index, None, Qt.ItemDataRole.CheckStateRole))
        self._is_second = kind == QtCore.QEvent.Type.MouseButtonDblClick
        # The press is left to the table, which moves the cursor.
        return self._is_second
