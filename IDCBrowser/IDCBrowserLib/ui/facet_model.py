"""A Qt model of the values of one facet, with boxes to check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from IDCBrowserLib.ui.filters import Count, value_text
from IDCBrowserLib.ui.i18n import tr as _
from IDCBrowserLib.ui.qtbinding import Qt, QtCore

_DISPLAY = int(Qt.DisplayRole)
_TOOL_TIP = int(Qt.ToolTipRole)
_CHECK = int(Qt.CheckStateRole)
_ALIGNMENT = int(Qt.TextAlignmentRole)
# As numbers, since one binding has enumerations here and the other numbers.
_CHECKED = int(getattr(Qt.Checked, "value", Qt.Checked))
_UNCHECKED = int(getattr(Qt.Unchecked, "value", Qt.Unchecked))
_RIGHT = int(Qt.AlignRight) | int(Qt.AlignVCenter)


class FacetModel(QtCore.QAbstractTableModel):
    """Rows of (value, series). ``on_toggle(value)`` is called when a box is checked or unchecked; the rows change by ``show`` only."""

    def __init__(self, on_toggle: Callable[[Any], None], parent: Any = None) -> None:
        super().__init__(parent)
        self._on_toggle = on_toggle
        self._counts: list[Count] = []
        self._chosen: frozenset[Any] = frozenset()

    def show(self, counts: Sequence[Count], chosen: Sequence[Any]) -> None:
        """Other values, or other numbers of the same ones, which then keep their place and the cursor."""
        counts = list(counts)
        self._chosen = frozenset(chosen)
        if [value for value, _count in counts] == [value for value, _count in self._counts]:
            self._counts = counts
            if counts:
                self.dataChanged.emit(self.index(0, 0), self.index(len(counts) - 1, 1))
            return
        self.beginResetModel()
        self._counts = counts
        self.endResetModel()

    def value(self, row: int) -> Any:
        """The value of a row."""
        return self._counts[row][0]

    def row_of(self, value: Any) -> int:
        """The row of a value; -1 when it is not there."""
        return next((row for row, item in enumerate(self._counts) if item[0] == value), -1)

    def rowCount(self, parent: Any = QtCore.QModelIndex()) -> int:  # noqa: B008
        """Values."""
        return 0 if parent.isValid() else len(self._counts)

    def columnCount(self, parent: Any = QtCore.QModelIndex()) -> int:  # noqa: B008
        """Value and number of series."""
        return 0 if parent.isValid() else 2

    def data(self, index: Any, role: int = _DISPLAY) -> Any:
        """Text, box and alignment."""
        value, count = self._counts[index.row()]
        if role == _DISPLAY:
            return value_text(value) if index.column() == 0 else f"{count:,}"
        if role == _CHECK and index.column() == 0:
            return _CHECKED if value in self._chosen else _UNCHECKED
        if role == _TOOL_TIP and index.column() == 0:
            return value_text(value)
        return _RIGHT if role == _ALIGNMENT and index.column() == 1 else None

    def setData(self, index: Any, _value: Any, role: int = _CHECK) -> bool:
        """A box was clicked."""
        if role != _CHECK:
            return False
        self._on_toggle(self._counts[index.row()][0])
        return True

    def flags(self, index: Any) -> Any:
        """The first column has a box."""
        plain = Qt.ItemIsEnabled | Qt.ItemIsSelectable
        return plain | Qt.ItemIsUserCheckable if index.column() == 0 else plain

    def headerData(self, section: int, orientation: Any, role: int = _DISPLAY) -> Any:
        """Titles."""
        if orientation != Qt.Horizontal or role not in (_DISPLAY, _ALIGNMENT):
            return None
        if role == _ALIGNMENT:
            return _RIGHT if section == 1 else int(Qt.AlignLeft) | int(Qt.AlignVCenter)
        return (_("Value"), _("Series"))[section]
