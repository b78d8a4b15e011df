"""A Qt model of rows that are all here, as texts; for tables that are looked at and copied."""

from __future__ import annotations

from collections.abc import Sequence

from IDCBrowserLib.qtbinding import ModelIndex, Qt, QtCore
from IDCBrowserLib.ui.widgets.cell_roles import ALIGNMENT, DISPLAY, TOOL_TIP, alignment, cell_value, header_value


class TextRowsModel(QtCore.QAbstractTableModel):
    """``right`` are the numbers of the columns with numbers."""

    def __init__(self, titles: Sequence[str], right: Sequence[int] = (), parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._titles = tuple(titles)
        self._right = frozenset(right)
        self._texts: list[tuple[str, ...]] = []

    def show_rows(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Other rows."""
        self.beginResetModel()
        self._titles, self._texts = tuple(titles), [tuple(row) for row in rows]
        self.endResetModel()

    def titles(self) -> tuple[str, ...]:
        """Of the columns."""
        return self._titles

    def rowCount(self, parent: ModelIndex = QtCore.QModelIndex()) -> int:  # noqa: B008
        """See Qt."""
        return 0 if parent.isValid() else len(self._texts)

    def columnCount(self, parent: ModelIndex = QtCore.QModelIndex()) -> int:  # noqa: B008
        """See Qt."""
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: ModelIndex, role: int = DISPLAY) -> object:
        """Texts, and where they stand."""
        if role == ALIGNMENT:
            return alignment(index.column() in self._right)
        return cell_value(role, self._texts[index.row()][index.column()]) if role in (DISPLAY, TOOL_TIP) else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> object:
        """Titles."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._titles):
            return None
        return header_value(role, self._titles[section], "", section in self._right)
