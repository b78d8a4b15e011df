"""A range of numbers: how they are distributed, a slider and a box for each end."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from IDCBrowserLib.ui.facets import number_text, value_text
from IDCBrowserLib.ui.filter_choice import Choice
from IDCBrowserLib.ui.i18n import tr as _
from IDCBrowserLib.ui.qtbinding import Qt, QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.state import FacetState
from IDCBrowserLib.ui.widgets import column, holder, label, row

_PAUSE_MS = 150
_BARS_LINES = 3
_NUMBER = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kKMGT]?)i?[bB]?\s*")
_UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}


class Bars(QtWidgets.QWidget):
    """A histogram; bars inside the range are in the color of selections, and taller ones have more series, as the tool tip says."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._heights: list[int] = []
        self._inside = (0, -1)

    def show_bars(self, heights: list[int], first: int, last: int) -> None:
        """One bar for each number; ``first`` to ``last`` are in the range."""
        self._heights = heights
        self._inside = (first, last)
        self.repaint()

    def paintEvent(self, _event: Any) -> None:
        """Draw the bars."""
        painter = QtGui.QPainter(self)
        palette = self.property("palette")
        wide, high = self.property("width"), self.property("height") - 1
        most = max(self._heights, default=0)
        for number, count in enumerate(self._heights):
            left, right = number * wide // len(self._heights), (number + 1) * wide // len(self._heights)
            tall = max(1, count * high // most) if count and most else 0
            inside = self._inside[0] <= number <= self._inside[1]
            color = palette.color(QtGui.QPalette.Highlight if inside else QtGui.QPalette.Mid)
            painter.fillRect(QtCore.QRect(left, high - tall, max(1, right - left - 1), tall), color)
        painter.setPen(palette.color(QtGui.QPalette.Mid))
        painter.drawLine(0, high, wide, high)
        painter.end()


class RangeEditor:
    """``on_range(low, high)`` when the user set another range (None: open), ``on_not_stated()`` when the box for empty values was clicked."""

    def __init__(self, on_range: Callable[[float | None, float | None], None], on_not_stated: Callable[[], None]) -> None:
        self._on_range = on_range
        self._on_not_stated = on_not_stated
        self._facet = FacetState()
        self._choice = Choice()
        self._timer = QtCore.QTimer()
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._dragged)
        self.bars = Bars()
        self.bars.setObjectName("rangeBars")
        self._low, self._high = self._make_edit("rangeLow", _("From")), self._make_edit("rangeHigh", _("To"))
        self._low_slider, self._high_slider = self._make_slider("rangeLowSlider", _("From")), self._make_slider("rangeHighSlider", _("To"))
        self._not_stated = QtWidgets.QCheckBox("")
        self._not_stated.setObjectName("rangeNotStated")
        self._not_stated.setAccessibleName(_("Series that do not state it as well"))
        self._not_stated.setToolTip(_("Also show series that do not state the number."))
        self._not_stated.clicked.connect(self._not_stated_clicked)
        self._note = label("rangeNote", "", True)
        self.bars.setMinimumHeight(_BARS_LINES * self._low.fontMetrics().height())
        lines = [row([self._line_title(_("From"), self._low), self._low, self._low_slider]),
                 row([self._line_title(_("To"), self._high), self._high, self._high_slider])]
        layout = column([self.bars, *lines, self._not_stated, self._note])
        layout.setStretch(0, 1)
        self.widget = holder(layout, "rangeEditor")

    def show(self, facet: FacetState, choice: Choice) -> None:
        """Draw the distribution and the range."""
        self._facet, self._choice = facet, choice
        bins = facet.bins
        first = next((number for number, item in enumerate(bins) if choice.low is None or item[1] >= choice.low), len(bins))
        last = next((number for number in range(len(bins) - 1, -1, -1) if choice.high is None or bins[number][0] <= choice.high), -1)
        self.bars.show_bars([count for _low, _high, count in bins], first if choice.low is not None or choice.high is not None else 0, last)
        self.bars.setToolTip(_bars_text(facet))
        self.bars.setAccessibleName(_bars_text(facet))
        self._place(self._low_slider, len(bins), min(first, max(0, len(bins) - 1)))
        self._place(self._high_slider, len(bins), max(0, last))
        for edit, value, end in ((self._low, choice.low, bins[0][0] if bins else None), (self._high, choice.high, bins[-1][1] if bins else None)):
            edit.setText("" if value is None else number_text(facet.column, value))
            edit.setPlaceholderText("" if end is None else number_text(facet.column, end))
        self._not_stated.setText(_("{value} ({count} series)").format(value=value_text(None), count=f"{facet.not_stated:,}"))
        self._not_stated.setChecked(None in choice.any_of)
        self._not_stated.setVisible(facet.not_stated > 0 or None in choice.any_of)
        self._note.setText("" if facet.counted else _("Counting ..."))
        self._note.setVisible(not facet.counted)

    def _make_edit(self, name: str, title: str) -> Any:
        edit = QtWidgets.QLineEdit()
        edit.setObjectName(name)
        edit.setAccessibleName(title)
        edit.setToolTip(_("A number; for sizes also with a unit, such as 20 MB. Empty leaves this end open."))
        edit.setMaxLength(30)
        edit.setMaximumWidth(12 * edit.fontMetrics().averageCharWidth())
        edit.editingFinished.connect(self._typed)
        return edit

    def _make_slider(self, name: str, title: str) -> Any:
        slider = QtWidgets.QSlider(Qt.Horizontal)
        slider.setObjectName(name)
        slider.setAccessibleName(title)
        slider.setToolTip(_("Drag, or use the arrow keys."))
        slider.valueChanged.connect(self._moved)
        return slider

    def _line_title(self, text: str, buddy: Any) -> Any:
        made = QtWidgets.QLabel(text)
        made.setMinimumWidth(made.fontMetrics().horizontalAdvance(_("From") + " "))
        made.setBuddy(buddy)
        return made

    def _place(self, slider: Any, count: int, value: int) -> None:
        blocked = slider.blockSignals(True)
        slider.setRange(0, max(0, count - 1))
        slider.setEnabled(count > 1)
        if not slider.isSliderDown():
            slider.setValue(value)
        slider.blockSignals(blocked)

    def _moved(self, _value: int) -> None:
        self._timer.start(_PAUSE_MS)

    def _dragged(self) -> None:
        bins = self._facet.bins
        if not bins:
            return
        first, last = int(self._low_slider.property("value")), int(self._high_slider.property("value"))
        low = bins[min(first, len(bins) - 1)][0] if first > 0 else None
        high = bins[min(last, len(bins) - 1)][1] if last < len(bins) - 1 else None
        self._on_range(low, high)

    def _typed(self) -> None:
        ends = [self._end(self._low, self._choice.low), self._end(self._high, self._choice.high)]
        if any(end is False for end in ends):
            self._note.setText(_("Write a number, such as 40, or a size, such as 20 MB."))
            self._note.show()
        elif ends != [self._choice.low, self._choice.high]:
            self._on_range(ends[0], ends[1])

    def _end(self, edit: Any, before: float | None) -> Any:
        """The number in a box, None when it is empty, False when it is none."""
        text = edit.property("text").strip()
        if before is not None and text == number_text(self._facet.column, before):
            # What is shown is rounded; nobody typed it.
            return before
        return parse_number(text) if text else None

    def _not_stated_clicked(self) -> None:
        self._on_not_stated()


def parse_number(text: str) -> float | bool:
    """A number with thousands separators or a unit of size; False for anything else."""
    found = _NUMBER.fullmatch(text.replace(",", ""))
    return float(found.group(1)) * _UNITS[found.group(2).lower()] if found else False


def _bars_text(facet: FacetState) -> str:
    if not facet.bins:
        return _("No series states it.")
    most = max(facet.bins, key=lambda item: item[2])
    text = _("From {low} to {high}; most series ({count}) at {place}.")
    return text.format(
        low=number_text(facet.column, facet.bins[0][0]), high=number_text(facet.column, facet.bins[-1][1]), count=f"{most[2]:,}",
        place=number_text(facet.column, most[0]))
