"""A column of status icons: their text is for screen readers, the clipboard and the tool tip."""

from __future__ import annotations

from IDCBrowserLib.qtbinding import QtCore, QtWidgets


class StatusDelegate(QtWidgets.QStyledItemDelegate):
    """Draws the icon of a cell without its text."""

    def displayText(self, _value: object, _locale: QtCore.QLocale | QtCore.QLocale.Language) -> str:
        """See Qt."""
        return ""
