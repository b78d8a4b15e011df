"""A row of buttons that goes on in further rows where it is narrow, so that none of them is cut."""

from __future__ import annotations

from collections.abc import Sequence

from IDCBrowserLib.qtbinding import QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import SPACING


class WrappedRow(QtWidgets.QWidget):
    """``parts`` from left to right, each as wide as it likes to be; ``growing`` takes the room that is left in its row."""

    def __init__(self, parts: Sequence[QtWidgets.QWidget], growing: QtWidgets.QWidget | None = None) -> None:
        super().__init__()
        self._parts = list(parts)
        self._growing = growing
        for part in self._parts:
            part.setParent(self)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(1)
        self._place()

    def event(self, event: QtCore.QEvent) -> bool:
        """A part that asks for another size, or is shown or hidden, has them placed anew."""
        if event.type() == QtCore.QEvent.Type.LayoutRequest:
            self._place()
        return bool(QtWidgets.QWidget.event(self, event))

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        """See Qt."""
        QtWidgets.QWidget.resizeEvent(self, event)
        self._place()

    def _place(self) -> None:
        width, top = int(self.property("width")), 0
        for line in _lines([_Part(part) for part in self._parts if not part.isHidden()], width):
            height = max(part.height for part in line)
            left, spare = 0, width - _width(line)
            for part in line:
                wide = min(part.width, width) + (max(0, spare) if part.widget is self._growing else 0)
                part.widget.setGeometry(QtCore.QRect(left, top + (height - part.height) // 2, wide, part.height))
                left += wide + SPACING
            top += height + SPACING
        self.setFixedHeight(max(0, top - SPACING))


class _Part:
    """A widget and the size it likes to have."""

    def __init__(self, widget: QtWidgets.QWidget) -> None:
        size = widget.property("sizeHint")
        self.widget = widget
        self.width = max(int(size.width()), int(widget.property("minimumWidth")))
        self.height = int(size.height())


def _lines(parts: Sequence[_Part], width: int) -> list[list[_Part]]:
    lines: list[list[_Part]] = []
    for part in parts:
        if lines and _width([*lines[-1], part]) <= width:
            lines[-1].append(part)
        else:
            lines.append([part])
    return lines


def _width(line: Sequence[_Part]) -> int:
    return sum(part.width + SPACING for part in line) - SPACING
