"""How wide the columns of measurements are, so that the values are in sight in a narrow panel as well."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.qtbinding import QtGui, QtWidgets


class WidthHolder(QtWidgets.QWidget):
    """Holds a layout and tells ``on_width`` whenever it has another width."""

    def __init__(self, layout: QtWidgets.QBoxLayout, on_width: Callable[[], None]) -> None:
        super().__init__()
        self._on_width = on_width
        self._told = -1
        self.setLayout(layout)

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        """See ``QWidget``."""
        QtWidgets.QWidget.resizeEvent(self, event)
        if event.size().width() != self._told:
            self._told = event.size().width()
            self._on_width()


def fitted(wanted: Sequence[int], values: range, least: int, room: int) -> list[int]:
    """Widths of columns that want so many pixels each: those before ``values`` give way, the widest first, until ``values`` end within ``room``.
    None of them becomes narrower than ``least``.
    """
    before = list(wanted[: values.start])
    left = room - sum(wanted[values.start : values.stop])
    if sum(before) <= left:
        return list(wanted)
    cap = max(before, default=0)
    while cap > least and sum(min(width, cap) for width in before) > left:
        cap -= 1
    return [*(min(width, max(cap, least)) for width in before), *wanted[values.start :]]
