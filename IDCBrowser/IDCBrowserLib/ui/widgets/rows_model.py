"""A Qt model over ``PagedRows``: the number of rows is known at once, cells fill as they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from IDCBrowserLib.logic.base.state import Ranges, merge_ranges
from IDCBrowserLib.logic.tables.columns import STATUS, Column
from IDCBrowserLib.logic.tables.paged_rows import PagedRows
from IDCBrowserLib.qtbinding import ModelIndex, Qt, QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.cell_roles import ALIGNMENT, DECORATION, DISPLAY, TOOL_TIP, alignment, cell_value, header_value

_WAITING = "..."


@dataclass(frozen=True)
class StatusCell:
    """What the status column shows for a series: text, the icon beside it, and a sentence as tool tip."""

    text: str
    icon: QtGui.QIcon
    tip: str = ""


class RowsModel(QtCore.QAbstractTableModel):
    """Shows ``columns`` of ``rows``; sorts nothing, since only the engine has all rows.

    ``status_of(uid of the series or study)`` gives the cells of the status column; call ``status_changed`` when it would answer differently.
    """

    def __init__(
        self, rows: PagedRows, columns: Sequence[Column], status_of: Callable[[str], StatusCell] | None = None, parent: QtCore.QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._rows = rows
        self._columns = tuple(columns)
        self._status_of = status_of
        # What the rows of the table are: series name their study too.
        self._status_key = "SeriesInstanceUID" if "SeriesInstanceUID" in {column.key for column in columns} else "StudyInstanceUID"
        self._names_status = True
        self._total = rows.total
        rows.changed.connect(self._reset)
        rows.arrived.connect(self._filled)

    def disconnect_rows(self) -> None:
        """Stop listening; call it before the model goes."""
        self._rows.changed.disconnect(self._reset)
        self._rows.arrived.disconnect(self._filled)

    def rowCount(self, parent: ModelIndex = QtCore.QModelIndex()) -> int:  # noqa: B008
        """Rows of the view; a table has no children."""
        return 0 if parent.isValid() else self._total

    def columnCount(self, parent: ModelIndex = QtCore.QModelIndex()) -> int:  # noqa: B008
        """Columns shown."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: ModelIndex, role: int = DISPLAY) -> object:
        """Text, icon, tool tip and alignment of a cell."""
        column = self._columns[index.column()]
        if role == ALIGNMENT:
            return alignment(column.right)
        if role not in (DISPLAY, TOOL_TIP, DECORATION) or (role == DECORATION and column.key != STATUS):
            return None
        row = self._rows.row(index.row())
        if row is None:
            return _WAITING if role == DISPLAY else None
        if column.key == STATUS:
            cell = self._status(row)
            return None if cell is None else {DISPLAY: cell.text, DECORATION: cell.icon, TOOL_TIP: cell_value(TOOL_TIP, cell.tip)}[role]
        value = column.format(self._rows.value(row, column.key))
        if role == TOOL_TIP and column.explain is not None:
            return cell_value(role, column.explain(self._rows.value(row, column.key)))
        return cell_value(role, value) if role == DISPLAY or len(value) > column.width else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> object:
        """Titles, their tool tips and alignment."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if column.key == STATUS:
            return header_value(role, column.title if self._names_status else "", column.tip, column.right)
        return header_value(role, column.title, column.tip, column.right)

    def name_status(self, on: bool) -> None:
        """Whether the column of icons has a title."""
        self._names_status = on

    def status_changed(self) -> None:
        """Draw the status column again."""
        keys = [column.key for column in self._columns]
        if STATUS in keys and self._total:
            column = keys.index(STATUS)
            self.dataChanged.emit(self.index(0, column), self.index(self._total - 1, column))

    def text_rows(self, ranges: Ranges) -> list[list[str]]:
        """Cells of rows that are here, as shown; for the clipboard."""
        lines = []
        for first, last in ranges:
            for number in range(first, last + 1):
                row = self._rows.loaded_row(number)
                if row is not None:
                    lines.append([self._cell_text(row, column) for column in self._columns])
        return lines

    def _cell_text(self, row: Sequence[Any], column: Column) -> str:
        if column.key != STATUS:
            return column.format(self._rows.value(row, column.key))
        cell = self._status(row)
        return cell.text if cell is not None else ""

    def _status(self, row: Sequence[Any]) -> StatusCell | None:
        return self._status_of(str(self._rows.value(row, self._status_key))) if self._status_of is not None else None

    def _reset(self) -> None:
        self.beginResetModel()
        self._total = self._rows.total
        self.endResetModel()

    def _filled(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self._columns) - 1))


def selected_ranges(selection_model: QtCore.QItemSelectionModel) -> Ranges:
    """Selected rows without touching each of them."""
    selection = selection_model.property("selection")
    # PySide6 gives a QItemSelection; a binding that turns lists into tuples may give a tuple of ranges.
    parts = [selection.at(number) for number in range(selection.count())] if hasattr(selection, "at") else selection
    return merge_ranges([(part.top(), part.bottom()) for part in parts])


def select_rows(view: QtWidgets.QAbstractItemView, ranges: Ranges) -> None:
    """Select exactly these rows of a table view and bring the first to the middle."""
    hint = QtWidgets.QAbstractItemView.ScrollHint.PositionAtCenter
    model = view.model()
    selection = QtCore.QItemSelection()
    last_column = model.columnCount() - 1
    for first, last in ranges:
        selection.select(model.index(first, 0), model.index(last, last_column))
    selection_model = view.selectionModel()
    flags = QtCore.QItemSelectionModel.SelectionFlag.ClearAndSelect | QtCore.QItemSelectionModel.SelectionFlag.Rows
    if ranges:
        selection_model.setCurrentIndex(model.index(ranges[0][0], 0), QtCore.QItemSelectionModel.SelectionFlag.NoUpdate)
        view.scrollTo(model.index(ranges[0][0], 0), hint)
    selection_model.select(selection, flags)
