"""Keys of the browser inside a window that has keys of its own."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6")

from PySide6 import QtCore, QtGui, QtTest, QtWidgets

from IDCBrowserLib.host.slicer.panel.own_keys import OwnKeys
from IDCBrowserLib.ui.widgets.shortcuts import add_shortcut

CONTROL = QtCore.Qt.KeyboardModifier.ControlModifier


class Window:
    """As Slicer's: a module finder with Ctrl+F, a browser in the middle, a box beside it."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.window = QtWidgets.QMainWindow()
        find_module = QtGui.QAction("Find module", self.window)
        find_module.setShortcut("Ctrl+F")
        find_module.triggered.connect(lambda: self.did.append("module"))
        self.window.addAction(find_module)
        self.panel, self.beside = QtWidgets.QWidget(), QtWidgets.QLineEdit()
        self.search, self.table = QtWidgets.QLineEdit(), QtWidgets.QTableWidget(2, 2)
        QtWidgets.QVBoxLayout(self.panel)
        for widget in (self.search, self.table):
            self.panel.layout().addWidget(widget)
        central = QtWidgets.QWidget()
        QtWidgets.QHBoxLayout(central)
        central.layout().addWidget(self.panel)
        central.layout().addWidget(self.beside)
        self.window.setCentralWidget(central)
        around = QtCore.Qt.ShortcutContext.WidgetWithChildrenShortcut
        self.actions = [add_shortcut(self.panel, name, name, self.doing(name), around) for name in ("find", "help")]
        self.window.show()
        QtTest.QTest.qWaitForWindowExposed(self.window)

    def doing(self, name: str) -> Callable[[], None]:
        return lambda: self.did.append(name)

    def press(self, widget: QtWidgets.QWidget, key: QtCore.Qt.Key, modifiers: QtCore.Qt.KeyboardModifier = CONTROL) -> list[str]:
        self.did.clear()
        widget.setFocus()
        QtTest.QTest.keyClick(widget, key, modifiers)
        return list(self.did)


@pytest.fixture
def made(app):
    made = Window()
    made.keys = OwnKeys(made.panel)
    yield made
    made.keys.close()
    made.window.close()


def test_keys_that_the_window_has_as_well_are_the_browsers_inside_it_and_the_windows_outside(made):
    key = QtCore.Qt.Key.Key_F
    assert made.press(made.search, key) == ["find"]
    assert made.press(made.table, key) == ["find"]
    assert made.press(made.beside, key) == ["module"]


def test_keys_that_only_the_browser_has_are_heard_once_and_others_are_left_alone(made):
    assert made.press(made.table, QtCore.Qt.Key.Key_F1, QtCore.Qt.KeyboardModifier.NoModifier) == ["help"]
    assert made.press(made.search, QtCore.Qt.Key.Key_G) == []
    assert made.press(made.search, QtCore.Qt.Key.Key_Control, QtCore.Qt.KeyboardModifier.NoModifier) == []
    QtTest.QTest.keyClicks(made.search, "lung")
    assert made.search.text() == "lung"


def test_without_a_panel_nothing_is_taken_from_the_window(made):
    made.keys.close()
    made.panel.removeAction(made.actions[0])
    assert made.press(made.search, QtCore.Qt.Key.Key_F) == ["module"]
