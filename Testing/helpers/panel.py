"""A browser panel on a bench with a fake engine; finds its widgets by object name, as a tour or a story does."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtTest import QTest

from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.qtbinding import Qt, QtCore, QtWidgets
from IDCBrowserLib.ui.browser_panel import BrowserPanel
from IDCBrowserLib.ui.pages import Page, make_pages
from IDCBrowserLib.ui.widgets.rows_model import select_rows


class Panel:
    """``settle`` lets answers of the engine arrive; a click settles by itself.

    ``pages`` are those that the test uses besides the one to browse: all of them take as long to make as that one.
    """

    def __init__(self, bench: Any, pages: Sequence[Callable[[Browser], Page]] | None = None) -> None:
        self.bench = bench
        self.panel = BrowserPanel(bench.browser, pages=make_pages if pages is None else lambda browser: [make(browser) for make in pages])
        self.panel.widget.resize(720, 690)
        self.panel.widget.show()
        bench.start()

    def activate(self) -> None:
        self.panel.widget.activateWindow()
        assert QTest.qWaitForWindowActive(self.panel.widget)

    def find(self, kind: Any, name: str) -> Any:
        return self.panel.widget.findChild(kind, name)

    def table(self, level: str) -> Any:
        return self.find(QtWidgets.QTableView, f"{level}Table")

    def text(self, name: str) -> str:
        return str(self.find(QtWidgets.QLabel, name).property("text"))

    def button(self, name: str) -> Any:
        return self.find(QtWidgets.QPushButton, name)

    def click_row(self, level: str, row: int) -> None:
        select_rows(self.table(level), ((row, row),))
        self.settle()

    def click_header(self, level: str, title: str) -> None:
        header = self.table(level).horizontalHeader()
        model = self.table(level).model()
        section = next(number for number in range(model.columnCount()) if model.headerData(number, Qt.Orientation.Horizontal) == title)
        QTest.mouseClick(
            header.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            QtCore.QPoint(header.sectionViewportPosition(section) + 8, 8),
        )
        self.settle()

    def cell(self, level: str, row: int, title: str) -> Any:
        model = self.table(level).model()
        titles = [model.headerData(number, Qt.Orientation.Horizontal) for number in range(model.columnCount())]
        return model.data(model.index(row, titles.index(title)))

    def settle(self) -> None:
        self.bench.settle()
        QtCore.QCoreApplication.processEvents()
