"""The distribution of numbers, with the part that is inside a range marked."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import FacetState
from IDCBrowserLib.logic.finding.facets import UNITS, number_text
from IDCBrowserLib.qtbinding import QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.finding.range_handle import WIDTH, RangeHandle


class Bars(QtWidgets.QWidget):
    """A histogram with the two handles of a range; bars inside the range are in the color of selections, those outside are outlines. Taller ones have
    more series, as the tool tip says.
    """

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._heights: list[int] = []
        self._inside = (0, -1)
        self.low, self.high = RangeHandle(True, self), RangeHandle(False, self)

    def resizeEvent(self, _event: QtGui.QResizeEvent) -> None:
        """See Qt."""
        self.low.follow()
        self.high.follow()

    def show_bars(self, heights: list[int], first: int, last: int) -> None:
        """One bar for each number; ``first`` to ``last`` are in the range."""
        self._heights = heights
        self._inside = (first, last)
        self.repaint()

    def paintEvent(self, _event: QtGui.QPaintEvent) -> None:
        """Draw the bars."""
        painter = QtGui.QPainter(self)
        palette = self.property("palette")
        wide, high = int(self.property("width")) - WIDTH, int(self.property("height")) - 1
        begin = WIDTH // 2
        most = max(self._heights, default=0)
        for number, count in enumerate(self._heights):
            left, right = begin + number * wide // len(self._heights), begin + (number + 1) * wide // len(self._heights)
            tall = max(1, count * high // most) if count and most else 0
            inside = self._inside[0] <= number <= self._inside[1]
            rect = QtCore.QRect(left, high - tall, max(1, right - left - 1), tall)
            if inside:
                painter.fillRect(rect, palette.color(QtGui.QPalette.ColorRole.Highlight))
            elif tall:
                painter.setPen(palette.color(QtGui.QPalette.ColorRole.Mid))
                painter.drawRect(rect)
        painter.setPen(palette.color(QtGui.QPalette.ColorRole.Mid))
        painter.drawLine(begin, high, begin + wide, high)
        painter.setPen(palette.color(QtGui.QPalette.ColorRole.WindowText))
        for handle in (self.low, self.high):
            at = int(handle.property("x")) + WIDTH // 2
            painter.drawLine(at, 0, at, high)
        painter.end()


def bars_text(facet: FacetState) -> str:
    """The distribution in words."""
    if not facet.bins:
        return _("No series has a value.")
    most = max(facet.bins, key=lambda item: item[2])
    text = _("From {low} to {high}; most series ({count}) at {place}.")
    unit = f" {UNITS[facet.column]}" if facet.column in UNITS else ""
    return text.format(
        low=number_text(facet.column, facet.bins[0][0]),
        high=number_text(facet.column, facet.bins[-1][1]) + unit,
        count=f"{most[2]:,}",
        place=number_text(facet.column, most[0]) + unit,
    )
