"""A range of numbers: how they are distributed, with a handle and a box for each end."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.filter_choice import FilterChoice
from IDCBrowserLib.logic.base.state import FacetState
from IDCBrowserLib.logic.finding.facets import UNITS, number_text, value_text
from IDCBrowserLib.logic.settings.typed_number import parse_number, parse_size, unit_of
from IDCBrowserLib.qtbinding import QtCore, QtWidgets
from IDCBrowserLib.ui.finding.range_bars import Bars, bars_text
from IDCBrowserLib.ui.finding.range_end import RangeEnd
from IDCBrowserLib.ui.widgets.building_blocks import column, holder, label, row
from IDCBrowserLib.ui.widgets.plain_tip import plain

_PAUSE_MS = 150
_BARS_LINES = 4
_SIZE = "size_bytes"


class RangeEditor:
    """``on_range(low, high)`` when the user set another range (None: open), ``on_not_stated()`` when the box for empty values was clicked."""

    def __init__(self, on_range: Callable[[float | None, float | None], None], on_not_stated: Callable[[], None]) -> None:
        self._on_range = on_range
        self._on_not_stated = on_not_stated
        self._facet = FacetState()
        self._choice = FilterChoice()
        # Why what was typed is not used.
        self._problem = ""
        # The ends whose handles moved since the last range.
        self._moved: set[RangeEnd] = set()
        self._timer = QtCore.QTimer()
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._dragged)
        self.bars = Bars()
        self.bars.setObjectName("rangeBars")
        self._low = RangeEnd("rangeLow", _("From"), True, self.bars, self._typed, self._low_moved)
        self._high = RangeEnd("rangeHigh", _("To"), False, self.bars, self._typed, self._high_moved)
        self._not_stated = QtWidgets.QCheckBox("")
        self._not_stated.setObjectName("rangeNotStated")
        self._not_stated.setAccessibleName(_("Include series without a value"))
        self._not_stated.setToolTip(_("Also show series that have no value for this filter."))
        self._not_stated.clicked.connect(self._not_stated_clicked)
        self._note = label("rangeNote", "", True)
        self.bars.setMinimumHeight(_BARS_LINES * self._note.fontMetrics().height())
        layout = column([self.bars, row([self._low.line, self._high.line, None]), self._not_stated, self._note])
        layout.setStretch(0, 1)
        self.widget = holder(layout, "rangeEditor")
        self._order_keys()

    def disconnect(self) -> None:
        """Let go of what the timer calls; call it before the widget goes."""
        self._timer.stop()
        self._timer.timeout.disconnect(self._dragged)

    def _order_keys(self) -> None:
        """Both ends are typed one after the other; the handles follow."""
        way = [self._low.edit, self._high.edit, self._low.slider, self._high.slider, self._not_stated]
        for before, after in pairwise(way):
            QtWidgets.QWidget.setTabOrder(before, after)

    def show(self, facet: FacetState, choice: FilterChoice) -> None:
        """Draw the distribution and the range."""
        is_other = (facet.column, choice) != (self._facet.column, self._choice)
        self._facet, self._choice = facet, choice
        # Counts also arrive while somebody types; that must not be lost.
        if is_other:
            self._problem = ""
            self._low.write(self._number(choice.low))
            self._high.write(self._number(choice.high))
        bins = facet.bins
        first = next((number for number, item in enumerate(bins) if choice.low is None or item[1] >= choice.low), len(bins))
        last = next((number for number in range(len(bins) - 1, -1, -1) if choice.high is None or bins[number][0] <= choice.high), -1)
        self.bars.show_bars([count for _low, _high, count in bins], first if choice.low is not None or choice.high is not None else 0, last)
        self.bars.setToolTip(plain(bars_text(facet)))
        self.bars.setAccessibleName(bars_text(facet))
        self._low.place(len(bins), min(first, max(0, len(bins) - 1)))
        self._high.place(len(bins), max(0, last))
        self._low.suggest(self._number(bins[0][0] if bins else None))
        self._high.suggest(self._number(bins[-1][1] if bins else None))
        self._not_stated.setText(_("{value} ({count} series)").format(value=value_text(None), count=f"{facet.not_stated:,}"))
        self._not_stated.setChecked(None in choice.any_of)
        self._not_stated.setVisible(facet.not_stated > 0 or None in choice.any_of)
        self._draw_note()

    def _number(self, value: float | None) -> str:
        return "" if value is None else number_text(self._facet.column, value)

    def _draw_note(self) -> None:
        text = self._problem or self._facet.problem or ("" if self._facet.counted else _("Counting..."))
        self._note.setText(text)
        self._note.setVisible(bool(text))

    # Dragging

    def _low_moved(self, at: int) -> None:
        # An end stops at the other one.
        if at > self._high.at:
            self._low.stop_at(self._high.at)
        self._drag(self._low)

    def _high_moved(self, at: int) -> None:
        if at < self._low.at:
            self._high.stop_at(self._low.at)
        self._drag(self._high)

    def _drag(self, end: RangeEnd) -> None:
        self._moved.add(end)
        self._timer.start(_PAUSE_MS)

    def _dragged(self) -> None:
        """Only the ends that moved become those of a bin; one that was typed stays as it was."""
        bins, moved = self._facet.bins, self._moved
        self._moved = set()
        if not bins:
            return
        low, high = self._choice.low, self._choice.high
        if self._low in moved:
            low = bins[min(self._low.at, len(bins) - 1)][0] if self._low.at > 0 else None
        if self._high in moved:
            high = bins[min(self._high.at, len(bins) - 1)][1] if self._high.at < len(bins) - 1 else None
        self._on_range(low, high)

    # Typing

    def _typed(self) -> None:
        low, low_problem = self._end(self._low, self._choice.low, self._high)
        high, high_problem = self._end(self._high, self._choice.high, self._low)
        self._problem = low_problem or high_problem
        if not self._problem and low is not None and high is not None and low > high:
            self._problem = _('"From" must not be larger than "To".')
        if not self._problem and (low, high) != (self._choice.low, self._choice.high):
            self._on_range(low, high)
        self._draw_note()

    def _end(self, end: RangeEnd, before: float | None, other: RangeEnd) -> tuple[float | None, str]:
        """The number in a box, None when it is empty; and what is wrong with it."""
        text, shown = end.typed(), self._number(before)
        if text == shown:
            # It is rounded; nobody typed it.
            return before, ""
        if self._facet.column != _SIZE:
            value = parse_number(text.removesuffix(UNITS.get(self._facet.column, "")).strip()) if text else None
            return value, "" if value is not None or not text else _("Enter a number, such as 40.")
        # A number alone is meant in the unit in sight.
        unit = next(filter(None, map(unit_of, (shown, other.typed(), end.hint(), other.hint()))), "")
        value = parse_size(text, unit)
        return value, "" if value is not None or not text else _("Enter a size with its unit, such as 20 MB.")

    def _not_stated_clicked(self) -> None:
        self._on_not_stated()
