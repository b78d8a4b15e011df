"""One chart in the window: a click or Enter on a bar filters by it, arrows go from bar to bar, and a screen reader reads the bar out."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.charts.bars import Bar, Chart, bar_text
from IDCBrowserLib.logic.charts.drawing import Drawing, draw_chart
from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui, QtWidgets, number_of
from IDCBrowserLib.ui.charts.painting import Colors, measure_with, paint
from IDCBrowserLib.ui.widgets.mouse_place import mouse_place
from IDCBrowserLib.ui.widgets.plain_tip import plain

_FRAME = 1
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -5, Qt.Key.Key_PageDown: 5, Qt.Key.Key_Home: -10_000, Qt.Key.Key_End: 10_000}
_ACT = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class ChartView(QtWidgets.QWidget):
    """``on_bar(chart, bar)`` when one is chosen; None where bars only show. Its height follows from its width and bars: ``height_for``."""

    def __init__(self, on_bar: Callable[[Chart, Bar], None] | None) -> None:
        super().__init__()
        self._on_bar = on_bar
        self._chart = Chart("", "")
        self._unit = ""
        self._drawing = Drawing(0, 0)
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    @property
    def chart(self) -> Chart:
        """What is shown."""
        return self._chart

    @property
    def current(self) -> int:
        """The number of the bar that keys are at."""
        return self._current

    def show_chart(self, chart: Chart, unit: str) -> None:
        """Another chart, or other numbers; ``unit`` as of ``bar_text``."""
        if chart.key != self._chart.key:
            self._current = 0
        self._chart, self._unit = chart, unit
        self._current = max(0, min(self._current, len(chart.bars) - 1))
        self.setObjectName(f"chart_{chart.key}")
        self.setAccessibleName(chart.title)
        self._place(int(self.property("width")))
        self._say()
        self.update()

    def height_for(self, width: int) -> int:
        """Pixels."""
        return int(self._draw(width).height) + 2 * _FRAME

    def rect_of(self, number: int) -> QtCore.QRect:
        """Where a bar with its texts is."""
        top, height = self._drawing.rows[number]
        return QtCore.QRect(0, int(top), int(self.property("width")), int(height))

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        """See Qt."""
        self._place(int(event.size().width()))

    def changeEvent(self, event: QtCore.QEvent) -> None:
        """Another font."""
        QtWidgets.QWidget.changeEvent(self, event)
        if event.type() == QtCore.QEvent.Type.FontChange:
            self._place(int(self.property("width")))

    def paintEvent(self, _event: QtGui.QPaintEvent) -> None:
        """See Qt."""
        painter = QtGui.QPainter(self)
        palette = self.property("palette")
        role = QtGui.QPalette.ColorRole
        if self._chart.bars and self.hasFocus():
            frame = self.rect_of(self._current)
            painter.fillRect(frame, palette.color(role.AlternateBase))
            painter.setPen(palette.color(role.WindowText))
            painter.drawRect(QtCore.QRect(frame.x(), frame.y(), frame.width() - 1, frame.height() - 1))
        paint(painter, self._drawing, self.property("font"), Colors(palette.color(role.WindowText), palette.color(role.Highlight)))
        painter.end()

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        """A click on a bar, or anywhere in its line."""
        number = self._number_at(int(mouse_place(event).y()))
        if number is not None and event.button() == Qt.MouseButton.LeftButton:
            self._go_to(number)
            self._act()

    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        """What is under the mouse is in the tool tip."""
        number = self._number_at(int(mouse_place(event).y()))
        can = number is not None and self._can_act(number)
        self.setCursor(Qt.CursorShape.PointingHandCursor if can else Qt.CursorShape.ArrowCursor)
        self.setToolTip("" if number is None else plain(self._text(number)))

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        """Arrows and Enter."""
        key = number_of(event.key())
        steps = next((step for name, step in _STEPS.items() if number_of(name) == key), 0)
        if steps and self._chart.bars:
            self._go_to(max(0, min(len(self._chart.bars) - 1, self._current + steps)))
        elif any(number_of(name) == key for name in _ACT):
            self._act()
        else:
            QtWidgets.QWidget.keyPressEvent(self, event)

    def focusInEvent(self, event: QtGui.QFocusEvent) -> None:
        """See Qt."""
        QtWidgets.QWidget.focusInEvent(self, event)
        self.update()

    def focusOutEvent(self, event: QtGui.QFocusEvent) -> None:
        """See Qt."""
        QtWidgets.QWidget.focusOutEvent(self, event)
        self.update()

    def _draw(self, width: int) -> Drawing:
        font = self.property("font")
        return draw_chart(self._chart, max(1, width - 2 * _FRAME), float(self.fontMetrics().height()), measure_with(font))

    def _place(self, width: int) -> None:
        self._drawing = self._draw(width).moved(_FRAME, _FRAME)

    def _number_at(self, y: int) -> int | None:
        return next((number for number, (top, height) in enumerate(self._drawing.rows) if top <= y < top + height), None)

    def _can_act(self, number: int) -> bool:
        return self._on_bar is not None and self._chart.bars[number].choice is not None and bool(self._chart.column)

    def _go_to(self, number: int) -> None:
        self._current = number
        self._say()
        self.update()

    def _act(self) -> None:
        if self._chart.bars and self._can_act(self._current) and self._on_bar is not None:
            self._on_bar(self._chart, self._chart.bars[self._current])

    def _text(self, number: int) -> str:
        text = bar_text(self._chart, number, self._unit)
        return _("{bar}. Click to filter by it.").format(bar=text) if self._can_act(number) else text

    def _say(self) -> None:
        """To screen readers, which read a new description out."""
        if not self._chart.bars:
            self.setAccessibleDescription(_("No values."))
            return
        place = _("{number} of {count}").format(number=self._current + 1, count=len(self._chart.bars))
        self.setAccessibleDescription(f"{self._text(self._current)} {place}")
