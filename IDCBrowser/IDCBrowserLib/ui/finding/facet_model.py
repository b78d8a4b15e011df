"""A Qt model of the values of one facet, with boxes to check and boxes to exclude."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from IDCBrowserLib.api.values import Value
from IDCBrowserLib.i18n import local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import ModelIndex, Qt, QtCore
from IDCBrowserLib.ui.widgets.cell_roles import ALIGNMENT, CHECK, CHECKED, DISPLAY, RIGHT, TOOL_TIP, UNCHECKED, USER, cell_value, header_value

VALUE, SERIES, NOT = range(3)


@dataclass(frozen=True)
class FacetRow:
    """``key`` is what the callbacks get; ``excluded`` is None for a row that cannot be excluded; the ``tip`` of one without is its text."""

    key: Value
    text: str
    series: int
    checked: bool = False
    excluded: bool | None = False
    tip: str = ""


class FacetModel(QtCore.QAbstractTableModel):
    """Rows with a box before the value, and one under "Not". The callbacks are called when a box is clicked; the rows change by ``show`` only."""

    def __init__(self, on_toggle: Callable[[Value], None], on_exclude: Callable[[Value], None], parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._on_toggle = on_toggle
        self._on_exclude = on_exclude
        self._facet_rows: list[FacetRow] = []
        self._most = 0
        self._counted = _("Series")

    def show(self, rows: Sequence[FacetRow]) -> None:
        """Other values, or other numbers of the same ones, which then keep their place and the cursor."""
        rows = list(rows)
        self._most = max((row.series for row in rows), default=0)
        if [row.key for row in rows] == [row.key for row in self._facet_rows]:
            self._facet_rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, NOT))
            return
        self.beginResetModel()
        self._facet_rows = rows
        self.endResetModel()

    def count_in(self, heading: str) -> None:
        """What stands above the counts."""
        if heading != self._counted:
            self._counted = heading
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, SERIES, SERIES)

    def value(self, row: int) -> Value:
        """The key of a row."""
        return self._facet_rows[row].key

    def row_of(self, key: Value) -> int:
        """The row of a key; -1 when it is not there."""
        return next((number for number, row in enumerate(self._facet_rows) if row.key == key), -1)

    def rowCount(self, parent: ModelIndex = QtCore.QModelIndex()) -> int:  # noqa: B008
        """Values."""
        return 0 if parent.isValid() else len(self._facet_rows)

    def columnCount(self, parent: ModelIndex = QtCore.QModelIndex()) -> int:  # noqa: B008
        """Value, number of series, and the box that excludes."""
        return 0 if parent.isValid() else 3

    def data(self, index: ModelIndex, role: int = DISPLAY) -> object:
        """Text, boxes and alignment; for ``USER`` which part of the most frequent value's series a value has."""
        row, column = self._facet_rows[index.row()], index.column()
        if role == DISPLAY:
            return (row.text, local_number(f"{row.series:,}"), None)[column]
        if role == CHECK:
            state = (row.checked, None, row.excluded)[column]
            return None if state is None else CHECKED if state else UNCHECKED
        if role == USER:
            return row.series / self._most if column == SERIES and self._most else None
        if role == TOOL_TIP:
            return (cell_value(role, row.tip or row.text), None, _("Exclude series with this value"))[column]
        return RIGHT if role == ALIGNMENT and column == SERIES else None

    def setData(self, index: ModelIndex, _value: object, role: int = CHECK) -> bool:
        """A box was clicked."""
        if role != CHECK:
            return False
        act = self._on_exclude if index.column() == NOT else self._on_toggle
        act(self._facet_rows[index.row()].key)
        return True

    def flags(self, index: ModelIndex) -> Qt.ItemFlag:
        """Cells with a box can be checked."""
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return plain | Qt.ItemFlag.ItemIsUserCheckable if self.data(index, CHECK) is not None else plain

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> object:
        """Titles."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        title = (_("Value"), self._counted, _("Not"))[section]
        tip = ("", _("How many have this value under the other filters"), _("Exclude series with this value"))[section]
        return header_value(role, title, tip, section == SERIES)
