"""A person at the window: sees it through its widgets, clicks and types with real events (PySide6)."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6 import QtCore, QtGui, QtTest, QtWidgets

from helpers.person import Person
from IDCBrowserLib.host.standalone.window import StandaloneWindow

OUTPUT = Path(__file__).resolve().parents[2] / "test-output"
_LEFT = QtCore.Qt.MouseButton.LeftButton
_NO_KEY = QtCore.Qt.KeyboardModifier.NoModifier


class Hands(Person):
    """``program`` is the window's object, ``window`` its top-level widget."""

    def __init__(self, window: StandaloneWindow) -> None:
        self.program = window
        self.window = window.window
        self.browser, self.client, self.host = window.browser, window.engine.client, window.host

    def wait(self, condition: Callable[[], Any], what: str, seconds: float = 90.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"waited in vain: {what}; the strip says: {self.message()!r}"
            QtTest.QTest.qWait(10)

    def pause(self, milliseconds: int) -> None:
        QtTest.QTest.qWait(milliseconds)

    def widget(self, name: str) -> Any:
        found = self.window.findChild(QtWidgets.QWidget, name)
        assert found is not None, f"there is no widget {name}"
        return found

    def click(self, widget: Any, place: Any = None, add: bool = False) -> None:
        modifier = QtCore.Qt.KeyboardModifier.ControlModifier if add else _NO_KEY
        QtTest.QTest.mouseClick(widget, _LEFT, modifier, widget.rect().center() if place is None else place)

    def drag(self, widget: Any, start: Any, end: Any) -> None:
        QtTest.QTest.mousePress(widget, _LEFT, _NO_KEY, start)
        QtTest.QTest.mouseMove(widget, end)
        QtTest.QTest.mouseRelease(widget, _LEFT, _NO_KEY, end)

    def turn_wheel(self, widget: Any, notches: int) -> None:
        place = QtCore.QPointF(widget.rect().center())
        event = QtGui.QWheelEvent(
            place,
            QtCore.QPointF(widget.mapToGlobal(place.toPoint())),
            QtCore.QPoint(),
            QtCore.QPoint(0, -120 * notches),
            QtCore.Qt.MouseButton.NoButton,
            _NO_KEY,
            QtCore.Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QtWidgets.QApplication.sendEvent(widget, event)

    def key(self, widget: Any, keys: str) -> None:
        window = widget.window()
        if not window.isActiveWindow():
            # Without a window manager nobody gives the keyboard back after a menu.
            window.activateWindow()
            self.wait(window.isActiveWindow, "the keyboard at the window")
        widget.setFocus()
        QtTest.QTest.keySequence(widget, QtGui.QKeySequence(keys))

    def write(self, widget: Any, text: str) -> None:
        QtTest.QTest.keyClicks(widget, text)

    def photograph(self, name: str) -> Path:
        OUTPUT.mkdir(exist_ok=True)
        path = OUTPUT / f"{name}.png"
        assert self.window.grab().save(str(path), "PNG")
        return path

    def show_table_of_series(self) -> Any:
        """The table instead of pictures."""
        self.bring_into_sight("series")
        if self.widget("seriesPictures").isChecked():
            self.check("seriesPictures")
        return self.widget("seriesTable")

    def trigger(self, name: str) -> None:
        action = self.window.findChild(QtGui.QAction, name)
        assert action is not None and action.isEnabled(), f"there is no action {name} to trigger"
        action.trigger()
