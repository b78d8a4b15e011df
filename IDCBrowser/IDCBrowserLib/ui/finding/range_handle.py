"""A handle on a histogram: a slider that stands at the edge of its bin, dragged by the mouse and moved by the keys of any slider."""

from __future__ import annotations

from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.mouse_place import mouse_place

WIDTH = 13
_KNOB = 9


class RangeHandle(QtWidgets.QSlider):
    """The ``lower`` one stands at the left edge of its bin in the lower half of the histogram, the other one at the right edge in the upper half: so
    both can be grasped where they meet. A child of the histogram; ``follow`` puts it to its place.
    """

    def __init__(self, lower: bool, parent: QtWidgets.QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._lower = lower
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.valueChanged.connect(self._value_changed)

    def follow(self) -> None:
        """To the edge of its bin."""
        above = self.parentWidget()
        if above is None:
            return
        room = max(1, int(above.property("width")) - WIDTH)
        bins = int(self.property("maximum")) + 1
        edge = int(self.property("value")) + (0 if self._lower else 1)
        half = int(above.property("height")) // 2
        self.setGeometry(QtCore.QRect(edge * room // bins, half if self._lower else 0, WIDTH, half))
        above.update()

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        """See Qt."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)

    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        """To the edge that is nearest to the mouse."""
        above = self.parentWidget()
        if not self.isSliderDown() or above is None:
            return
        bins = int(self.property("maximum")) + 1
        room = max(1, int(above.property("width")) - WIDTH)
        edge = round((int(self.property("x")) + mouse_place(event).x() - WIDTH / 2) * bins / room)
        self.setValue(max(0, min(bins - 1, edge - (0 if self._lower else 1))))

    def mouseReleaseEvent(self, _event: QtGui.QMouseEvent) -> None:
        """See Qt."""
        self.setSliderDown(False)

    def paintEvent(self, _event: QtGui.QPaintEvent) -> None:
        """A line and a knob, which is filled while it has the keyboard."""
        painter = QtGui.QPainter(self)
        palette = self.property("palette")
        high = int(self.property("height"))
        ink = palette.color(QtGui.QPalette.ColorRole.WindowText)
        middle = WIDTH // 2
        painter.setPen(ink)
        painter.drawLine(middle, 0, middle, high)
        knob = QtCore.QRect(middle - _KNOB // 2, high - _KNOB - 1 if self._lower else 0, _KNOB, _KNOB)
        painter.fillRect(knob, ink if self.hasFocus() else palette.color(QtGui.QPalette.ColorRole.Button))
        painter.drawRect(knob)
        painter.end()

    def _value_changed(self, _value: int) -> None:
        self.follow()
