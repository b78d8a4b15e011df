"""A Qt model of the values of one facet, with boxes to check and boxes to exclude."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import Qt, QtCore

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOL_TIP = int(Qt.ItemDataRole.ToolTipRole)
_CHECK = int(Qt.ItemDataRole.CheckStateRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
# As numbers, since one binding has enumerations here and the other numbers.
_CHECKED = int(getattr(Qt.CheckState.Checked, "value", Qt.CheckState.Checked))
_UNCHECKED = int(getattr(Qt.CheckState.Unchecked, "value", Qt.CheckState.Unchecked))
_RIGHT = int(Qt.AlignmentFlag.AlignRight) | int(Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft) | int(Qt.AlignmentFlag.AlignVCenter)
VALUE, SERIES, NOT = range(3)


@dataclass(frozen=True)
class FacetRow:
    """``key`` is what the callbacks get; ``excluded`` is None for a row that cannot be excluded."""

    key: Any
    text: str
    series: int
    checked: bool = False
    excluded: bool | None = False


class FacetModel(QtCore.QAbstractTableModel):
    """Rows with a box before the value, and one under "Not". The callbacks are called when a box is clicked; the rows change by ``show`` only."""

    def __init__(self, on_toggle: Callable[[Any], None], on_exclude: Callable[[Any], None], parent: Any = None) -> None:
        super().__init__(parent)
        self._on_toggle = on_toggle
        self._on_exclude = on_exclude
        self._facet_rows: list[FacetRow] = []

    def show(self, rows: Sequence[FacetRow]) -> None:
        """Other values, or other numbers of the same ones, which then keep their place and the cursor."""
        rows = list(rows)
        if [row.key for row in rows] == [row.key for row in self._facet_rows]:
            self._facet_rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, NOT))
            return
        self.beginResetModel()
        self._facet_rows = rows
        self.endResetModel()

    def value(self, row: int) -> Any:
        """The key of a row."""
        return self._facet_rows[row].key

    def row_of(self, key: Any) -> int:
        """The row of a key; -1 when it is not there."""
        return next((number for number, row in enumerate(self._facet_rows) if row.key == key), -1)

    def rowCount(self, parent: Any = QtCore.QModelIndex()) -> int:  # noqa: B008
        """Values."""
        return 0 if parent.isValid() else len(self._facet_rows)

    def columnCount(self, parent: Any = QtCore.QModelIndex()) -> int:  # noqa: B008
        """Value, number of series, and the box that excludes."""
        return 0 if parent.isValid() else 3

    def data(self, index: Any, role: int = _DISPLAY) -> Any:
        """Text, boxes and alignment."""
        row, column = self._facet_rows[index.row()], index.column()
        if role == _DISPLAY:
            return (row.text, f"{row.series:,}", None)[column]
        if role == _CHECK:
            state = (row.checked, None, row.excluded)[column]
            return None if state is None else _CHECKED if state else _UNCHECKED
        if role == _TOOL_TIP:
            return (row.text, None, _("Exclude series with this value"))[column]
        return _RIGHT if role == _ALIGNMENT and column == SERIES else None

    def setData(self, index: Any, _value: Any, role: int = _CHECK) -> bool:
        """A box was clicked."""
        if role != _CHECK:
            return False
        act = self._on_exclude if index.column() == NOT else self._on_toggle
        act(self._facet_rows[index.row()].key)
        return True

    def flags(self, index: Any) -> Any:
        """Cells with a box can be checked."""
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return plain | Qt.ItemFlag.ItemIsUserCheckable if self.data(index, _CHECK) is not None else plain

    def headerData(self, section: int, orientation: Any, role: int = _DISPLAY) -> Any:
        """Titles."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _DISPLAY:
            return (_("Value"), _("Series"), _("Not"))[section]
        if role == _TOOL_TIP:
            return (None, _("Number of series with this value under the other filters"), _("Exclude series with this value"))[section]
        return (_LEFT, _RIGHT, _LEFT)[section] if role == _ALIGNMENT else None
