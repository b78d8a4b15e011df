"""A person at the window: sees it through its widgets, clicks and types with real events (PySide6)."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6 import QtCore, QtGui, QtTest, QtWidgets

from IDCBrowserLib.host.standalone.window import StandaloneWindow
from IDCBrowserLib.logic.finding.query import QueryPhase

OUTPUT = Path(__file__).resolve().parents[2] / "test-output"


class Hands:
    """``program`` is the window's object, ``window`` its top-level widget."""

    def __init__(self, window: StandaloneWindow) -> None:
        self.program = window
        self.window = window.window

    def wait(self, condition: Callable[[], Any], what: str, seconds: float = 90.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"waited in vain: {what}; the strip says: {self.message()!r}"
            QtTest.QTest.qWait(10)

    def widget(self, name: str) -> Any:
        found = self.window.findChild(QtWidgets.QWidget, name)
        assert found is not None, f"there is no widget {name}"
        return found

    def message(self) -> str:
        return " ".join(label.text() for label in self.widget("messageStrip").findChildren(QtWidgets.QLabel))

    def bring_into_sight(self, level: str) -> None:
        """Go to the table of a level: back along the path, or on with the button at its end."""
        shelf, tables = self.program.browser.shelf, self.program.browser.tables
        levels = tables.levels
        if level not in levels or self.widget("allTables").isChecked():
            return
        while shelf.level != level:
            if levels.index(level) > levels.index(shelf.level):
                self.wait(self.widget("openRowsButton").isEnabled, f"the way to the {level}")
                self.press("openRowsButton")
            else:
                self.press(f"pathStep{levels.index(level)}")
            # Until the table is laid out.
            QtTest.QTest.qWait(20)

    def type_into(self, name: str, text: str) -> None:
        if name.endswith("Filter"):
            self.bring_into_sight(name.removesuffix("Filter"))
        edit = self.widget(name)
        QtTest.QTest.mouseClick(edit, QtCore.Qt.MouseButton.LeftButton)
        edit.selectAll()
        QtTest.QTest.keyClicks(edit, text)

    def press(self, name: str) -> None:
        if name.endswith("Switch"):
            self.bring_into_sight(self.program.browser.tables.top)
        button = self.widget(name)
        assert button.isEnabled(), f"{name} cannot be pressed: {button.toolTip()}"
        QtTest.QTest.mouseClick(button, QtCore.Qt.MouseButton.LeftButton)

    def check(self, name: str) -> None:
        """Click the box of a check box, which may be much wider than its box and text."""
        box = self.widget(name)
        QtTest.QTest.mouseClick(box, QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier, QtCore.QPoint(8, box.height() // 2))

    def selected_series(self) -> int:
        """How many series are selected, without the images that are included with them."""
        summary = self.program.browser.picked.state.summary or {"series": 0, "added_series": 0}
        return int(summary["series"] - summary["added_series"])

    def view(self, level: str) -> Any:
        """The table of a level; of series the tree where that is in sight, once it is drawn."""
        tree = self.widget("seriesTree")
        if level != "series" or not tree.isVisible():
            return self.widget(f"{level}Table")
        self.wait(lambda: tree.model().rowCount() > 0, "the tree of series")
        return tree

    def show_table_of_series(self) -> Any:
        """The table instead of pictures."""
        self.bring_into_sight("series")
        if self.widget("seriesPictures").isChecked():
            self.check("seriesPictures")
        return self.widget("seriesTable")

    def rows(self, level: str) -> int:
        model = self.widget(f"{level}Table").model()
        return int(model.rowCount())

    def cells(self, level: str, row: int) -> list[str]:
        model = self.widget(f"{level}Table").model()
        return [str(model.index(row, column).data()) for column in range(model.columnCount())]

    def find_row(self, level: str, text: str) -> int:
        for row in range(self.rows(level)):
            if any(text == cell or text in cell for cell in self.cells(level, row)):
                return row
        raise AssertionError(f"no row of {level} shows {text!r}: {[self.cells(level, row) for row in range(min(5, self.rows(level)))]}")

    def click_row(self, level: str, row: int, add: bool = False) -> None:
        self.bring_into_sight(level)
        view = self.view(level)
        index = view.model().index_of_row(row) if view.objectName() == "seriesTree" else view.model().index(row, 0)
        view.scrollTo(index)
        modifier = QtCore.Qt.KeyboardModifier.ControlModifier if add else QtCore.Qt.KeyboardModifier.NoModifier
        QtTest.QTest.mouseClick(view.viewport(), QtCore.Qt.MouseButton.LeftButton, modifier, view.visualRect(index).center())

    def select_all(self, level: str) -> None:
        self.bring_into_sight(level)
        view = self.view(level)
        view.setFocus()
        QtTest.QTest.keyClick(view, QtCore.Qt.Key.Key_A, QtCore.Qt.KeyboardModifier.ControlModifier)

    def select_series_of_the_phantom(self) -> None:
        """All series of the first study of the demo collection, from table to table."""
        self.type_into("collectionsFilter", "demo_phantom")
        self.wait(lambda: self.rows("collections") == 1, "the demo collection")
        for level in ("collections", "cases", "studies"):
            self.click_row(level, 0)
            self.wait(lambda: self.program.browser.tables.is_settled, f"what belongs to the {level}")
        self.select_all("series")
        self.wait(lambda: self.selected_series() > 3, "the selection")

    def run_query(self, text: str) -> None:
        """Write a query on the page "SQL" and run it, until it is answered."""
        editor = self.widget("sqlEditor")
        editor.setFocus()
        editor.selectAll()
        editor.insertPlainText(text)
        QtTest.QTest.keyClick(editor, QtCore.Qt.Key.Key_Return, QtCore.Qt.KeyboardModifier.ControlModifier)
        self.wait(lambda: self.program.browser.query.state.phase in (QueryPhase.READY, QueryPhase.FAILED), "the answer")

    def photograph(self, name: str) -> Path:
        OUTPUT.mkdir(exist_ok=True)
        path = OUTPUT / f"{name}.png"
        assert self.window.grab().save(str(path), "PNG")
        return path

    def trigger(self, name: str) -> None:
        action = self.window.findChild(QtGui.QAction, name)
        assert action is not None and action.isEnabled(), f"there is no action {name} to trigger"
        action.trigger()

    def choose_folder_next(self, folder: Path) -> None:
        """What the person will pick in the system's folder dialog, which a test cannot click."""
        self.program.host.choose_folder = lambda title, start: str(folder)

    def choose_file_next(self, path: Path) -> None:
        """Where the person will say a file is to be saved."""
        self.program.host.choose_save_file = lambda title, start, kinds: str(path)
