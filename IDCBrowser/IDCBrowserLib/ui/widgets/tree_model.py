"""A Qt model of rows with rows below them, which may be fetched when a row is opened. Sorts by the values of its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from IDCBrowserLib.logic.tables.columns import Column
from IDCBrowserLib.qtbinding import ModelIndex, Qt, QtCore
from IDCBrowserLib.ui.widgets.cell_roles import ALIGNMENT, DECORATION, DISPLAY, SIZE_HINT, TOOL_TIP, alignment, cell_value, header_value
from IDCBrowserLib.ui.widgets.icons import icon

WAITING = "..."

# Of all rows another one.
Key = tuple[str, ...]


@dataclass
class TreeRow:
    """``values`` by column, formatted by it; ``icon_name`` is shown in column ``icon_column``. ``below`` is None while not fetched."""

    key: Key
    values: Sequence[Any]
    icon_name: str = ""
    icon_column: int = 0
    tip: str = ""
    below: list[TreeRow] | None = field(default_factory=list)


class TreeModel(QtCore.QAbstractItemModel):
    """``show`` replaces all rows, ``fill`` gives a row those below it. ``row_at(index)`` is None for a row still on its way."""

    def __init__(self, columns: Sequence[Column], row_height: int, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._cell_size = QtCore.QSize(0, row_height)
        self._columns = tuple(columns)
        self._order: tuple[int, bool] | None = None
        self._set_rows([])

    def show_rows(self, rows: Sequence[TreeRow], columns: Sequence[Column] | None = None) -> None:
        """Other rows; ``columns`` are as many as before, with other titles or formats."""
        self.beginResetModel()
        self._columns = tuple(columns or self._columns)
        self._set_rows(list(rows))
        self.endResetModel()

    def fill(self, key: Key, rows: Sequence[TreeRow]) -> None:
        """The rows below that one have come."""
        number = self._by_key.get(key)
        if number is None:
            return
        index, row = self._index_of(number), self._rows[number]
        if row is not None:
            row.below = list(rows)
        if self._below[number]:
            self.beginRemoveRows(index, 0, len(self._below[number]) - 1)
            self._below[number] = []
            self.endRemoveRows()
        if rows:
            self.beginInsertRows(index, 0, len(rows) - 1)
            self._below[number] = self._add(self._sorted(rows), number)
            self.endInsertRows()

    def row_at(self, index: ModelIndex) -> TreeRow | None:
        """The row of an index."""
        return self._rows[index.internalId()] if index.isValid() else None

    def top_rows(self) -> list[TreeRow]:
        """Those without a row above, as sorted."""
        return [row for row in (self._rows[number] for number in self._below[0]) if row is not None]

    def index_of(self, key: Key) -> QtCore.QModelIndex:
        """Of the row with that key; invalid when it is not here."""
        number = self._by_key.get(key)
        return QtCore.QModelIndex() if number is None else self._index_of(number)

    def index(self, row: int, column: int, parent: ModelIndex = QtCore.QModelIndex()) -> QtCore.QModelIndex:  # noqa: B008
        """See Qt."""
        below = self._below[self._number(parent)]
        if not (0 <= row < len(below) and 0 <= column < len(self._columns)):
            return QtCore.QModelIndex()
        return self.createIndex(row, column, below[row])

    def parent(self, index: ModelIndex) -> QtCore.QModelIndex:  # type: ignore[override]  # objects have a parent() of another kind
        """See Qt."""
        return self._index_of(self._above[index.internalId()]) if index.isValid() else QtCore.QModelIndex()

    def rowCount(self, parent: ModelIndex = QtCore.QModelIndex()) -> int:  # noqa: B008
        """See Qt."""
        return 0 if parent.isValid() and parent.column() > 0 else len(self._below[self._number(parent)])

    def columnCount(self, parent: ModelIndex = QtCore.QModelIndex()) -> int:  # noqa: B008
        """See Qt."""
        return len(self._columns)

    def data(self, index: ModelIndex, role: int = DISPLAY) -> object:
        """Text, icon, tool tip and alignment of a cell."""
        column = self._columns[index.column()]
        row = self._rows[index.internalId()]
        if role in (ALIGNMENT, SIZE_HINT):
            return self._cell_size if role == SIZE_HINT else alignment(column.right)
        if row is None:
            return WAITING if role == DISPLAY and index.column() == 0 else None
        if role == DISPLAY:
            return column.format(row.values[index.column()])
        if role == DECORATION and row.icon_name and index.column() == row.icon_column:
            return icon(row.icon_name)
        return cell_value(role, row.tip) if role == TOOL_TIP else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> object:
        """Titles, their tool tips and alignment."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        return header_value(role, column.title, column.tip, column.right)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By the values of a column, at every level."""
        self._order = (column, order == Qt.SortOrder.DescendingOrder) if column >= 0 else None
        self.layoutAboutToBeChanged.emit()
        kept = [(index, index.internalId()) for index in self.persistentIndexList()]
        for number, below in self._below.items():
            rows = [self._rows[item] for item in below]
            if all(row is not None for row in rows):
                order_of = {id(row): item for row, item in zip(rows, below, strict=True)}
                self._below[number] = [order_of[id(row)] for row in self._sorted([row for row in rows if row is not None])]
        for index, number in kept:
            self.changePersistentIndex(index, self._index_of(number, index.column()))
        self.layoutChanged.emit()

    def _set_rows(self, rows: Sequence[TreeRow]) -> None:
        # Number 0 stands for what is above the top rows.
        self._rows: list[TreeRow | None] = [None]
        self._above: list[int] = [0]
        self._below: dict[int, list[int]] = {}
        self._by_key: dict[Key, int] = {}
        self._below[0] = self._add(self._sorted(rows), 0)

    def _add(self, rows: Sequence[TreeRow], above: int) -> list[int]:
        numbers = []
        for row in rows:
            number = self._new(row, above)
            self._by_key[row.key] = number
            numbers.append(number)
            self._below[number] = [self._new(None, number)] if row.below is None else self._add(self._sorted(row.below), number)
        return numbers

    def _new(self, row: TreeRow | None, above: int) -> int:
        self._rows.append(row)
        self._above.append(above)
        number = len(self._rows) - 1
        self._below[number] = []
        return number

    def _sorted(self, rows: Sequence[TreeRow]) -> list[TreeRow]:
        if self._order is None:
            return list(rows)
        column, descending = self._order
        return sorted(rows, key=lambda row: _sort_key(row.values[column]), reverse=descending)

    def _number(self, index: ModelIndex) -> int:
        return index.internalId() if index.isValid() else 0

    def _index_of(self, number: int, column: int = 0) -> QtCore.QModelIndex:
        if number == 0:
            return QtCore.QModelIndex()
        return self.createIndex(self._below[self._above[number]].index(number), column, number)


def _sort_key(value: Any) -> tuple[int, Any]:
    if isinstance(value, (int, float)):
        return 0, value
    return (1, str(value).casefold()) if value is not None else (2, "")
