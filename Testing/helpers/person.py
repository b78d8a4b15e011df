"""What a person does at the browser, in either binding: sees its widgets, clicks, types, turns the wheel.

``Hands`` (PySide6) and ``SlicerPerson`` (PythonQt) say how. Stories in ``told`` are told to either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from IDCBrowserLib.logic.finding.query import QueryPhase
from IDCBrowserLib.qtbinding import QtCore, QtGui, QtWidgets


class Person:
    """``browser`` is what the panels show, ``client`` asks its engine, ``host`` is the program around it, whose dialogs a test answers."""

    browser: Any
    client: Any
    host: Any

    # How: of each binding

    def wait(self, condition: Callable[[], Any], what: str, seconds: float = 90.0) -> None:
        """Until something is so; an error that says ``what`` was waited for."""
        raise NotImplementedError

    def pause(self, milliseconds: int) -> None:
        """Let the window work for a moment."""
        raise NotImplementedError

    def widget(self, name: str) -> Any:
        """A part of the browser by its name."""
        raise NotImplementedError

    def click(self, widget: Any, place: Any = None, add: bool = False) -> None:
        """The left button at a place of a widget, its middle by default; with Ctrl to ``add``."""
        raise NotImplementedError

    def drag(self, widget: Any, start: Any, end: Any) -> None:
        """From one place of a widget to another with the left button."""
        raise NotImplementedError

    def turn_wheel(self, widget: Any, notches: int) -> None:
        """Over a widget: down for positive ones."""
        raise NotImplementedError

    def key(self, widget: Any, keys: str) -> None:
        """Press keys such as "Ctrl+Home" while a widget has the keyboard."""
        raise NotImplementedError

    def write(self, widget: Any, text: str) -> None:
        """Letter by letter."""
        raise NotImplementedError

    def photograph(self, name: str) -> Path | None:
        """The whole window as a picture, where pictures are wanted."""
        raise NotImplementedError

    # What

    def choose(self, button: str, name: str) -> None:
        """An entry of the menu of a button, by its name or text."""
        widget = self.widget(button)
        self.wait(widget.isEnabled, f"{button}, which cannot be pressed: {widget.property('toolTip')}")
        self._choose(lambda: self.click(widget), name)

    def choose_for_row(self, view: Any, index: Any, name: str) -> None:
        """An entry of the menu of a row, which the right button opens."""
        self.click_index(view, index)
        port, place = view.viewport(), view.visualRect(index).center()
        event = QtGui.QContextMenuEvent(QtGui.QContextMenuEvent.Reason.Mouse, place, port.mapToGlobal(place))
        self._choose(lambda: QtWidgets.QApplication.sendEvent(port, event), name)

    def _choose(self, open_menu: Callable[[], object], name: str) -> None:
        """A menu runs its own events until something is chosen."""
        timer, seen = QtCore.QTimer(), []

        def look() -> None:
            menu = QtWidgets.QApplication.activePopupWidget()
            if menu is None or not menu.inherits("QMenu"):
                return
            timer.stop()
            entries = {str(action.property("objectName") or action.property("text").replace("&", "")): action for action in menu.actions()}
            seen.append(list(entries))
            if name in entries:
                self.photograph(f"menu-{name}")
                self.click(menu, menu.actionGeometry(entries[name]).center())
            else:
                menu.close()

        timer.timeout.connect(look)
        timer.start(20)
        open_menu()
        self.wait(lambda: seen, f"the menu with {name}")
        assert name in seen[0], f"the menu has {seen[0]}"

    def shown_text(self, name: str) -> str:
        """Of a label, button, box or page of text."""
        widget = self.widget(name)
        text = widget.property("text")
        return str(widget.property("plainText") if text is None else text)

    def message(self) -> str:
        """What the strip says."""
        return " ".join(str(part.property("text")) for part in parts_of(self.widget("messageStrip")) if part.inherits("QLabel"))

    def settle(self) -> None:
        """Until every question is answered, and what follows from the answers."""
        self.wait(lambda: not self.client.pending, "the answers")
        self.pause(20)
        self.wait(lambda: not self.client.pending, "what follows from them")

    def bring_into_sight(self, level: str) -> None:
        """Go to the table of a level: back along the path, or on with the button at its end."""
        shelf, levels = self.browser.shelf, self.browser.tables.levels
        if level not in levels or self.widget("allTables").isChecked():
            return
        while shelf.level != level:
            if levels.index(level) > levels.index(shelf.level):
                self.wait(self.widget("openRowsButton").isEnabled, f"the way to the {level}")
                self.press("openRowsButton")
            else:
                self.press(f"pathStep{levels.index(level)}")
            # Until the table is laid out.
            self.pause(20)

    def type_into(self, name: str, text: str) -> None:
        """Over what is there."""
        if name.endswith("Filter"):
            self.bring_into_sight(name.removesuffix("Filter"))
        edit = self.widget(name)
        self.click(edit)
        edit.selectAll()
        self.write(edit, text)

    def press(self, name: str) -> None:
        """A button."""
        if name.endswith("Switch"):
            self.bring_into_sight(self.browser.tables.top)
        button = self.widget(name)
        assert button.isEnabled(), f"{name} cannot be pressed: {button.property('toolTip')}"
        self.click(button)

    def check(self, name: str) -> None:
        """Click the box of a check box, which may be much wider than its box and text."""
        box = self.widget(name)
        self.click(box, QtCore.QPoint(8, int(box.property("height")) // 2))

    def selected_series(self) -> int:
        """How many series are selected, without the images that are included with them."""
        summary = self.browser.picked.state.summary or {"series": 0, "added_series": 0}
        return int(summary["series"] - summary["added_series"])

    def view(self, level: str) -> Any:
        """The table of a level; of series the tree where that is in sight, once it is drawn."""
        tree = self.widget("seriesTree")
        if level != "series" or not tree.isVisible():
            return self.widget(f"{level}Table")
        self.wait(lambda: tree.model().rowCount() > 0, "the tree of series")
        return tree

    def rows(self, level: str) -> int:
        """How many a table has."""
        return int(self.widget(f"{level}Table").model().rowCount())

    def cells(self, level: str, row: int) -> list[str]:
        """Texts of a row of a table."""
        model = self.widget(f"{level}Table").model()
        return [str(model.index(row, column).data()) for column in range(model.columnCount())]

    def find_row(self, level: str, text: str) -> int:
        """The first row that shows a text."""
        for row in range(self.rows(level)):
            if any(text == cell or text in cell for cell in self.cells(level, row)):
                return row
        raise AssertionError(f"no row of {level} shows {text!r}: {[self.cells(level, row) for row in range(min(5, self.rows(level)))]}")

    def click_row(self, level: str, row: int, add: bool = False) -> None:
        """Of the table or tree of a level."""
        self.bring_into_sight(level)
        view = self.view(level)
        is_tree = view.property("objectName") == "seriesTree"
        self.click_index(view, view.model().index_of_row(row) if is_tree else view.model().index(row, 0), add)

    def click_index(self, view: Any, index: Any, add: bool = False) -> None:
        """A cell of a table or tree."""
        view.scrollTo(index)
        self.click(view.viewport(), view.visualRect(index).center(), add)

    def select_all(self, level: str) -> None:
        """With the keys for it."""
        self.bring_into_sight(level)
        self.key(self.view(level), "Ctrl+A")

    def select_series_of_the_phantom(self) -> None:
        """All series of the first study of the demo collection, from table to table."""
        self.type_into("collectionsFilter", "demo_phantom")
        self.wait(lambda: self.rows("collections") == 1, "the demo collection")
        for level in ("collections", "cases", "studies"):
            self.click_row(level, 0)
            self.wait(lambda: self.browser.tables.is_settled, f"what belongs to the {level}")
        self.select_all("series")
        self.wait(lambda: self.selected_series() > 3, "the selection")

    def run_query(self, text: str) -> None:
        """Write a query on the page "SQL" and run it, until it is answered."""
        editor = self.widget("sqlEditor")
        editor.setFocus()
        editor.selectAll()
        editor.insertPlainText(text)
        self.key(editor, "Ctrl+Return")
        phases = (QueryPhase.READY, QueryPhase.FAILED)
        self.wait(lambda: self.browser.query.state.text == text and self.browser.query.state.phase in phases, "the answer")

    def choose_folder_next(self, folder: Path) -> None:
        """What the person will pick in the system's folder dialog, which a test cannot click."""
        self.host.choose_folder = lambda title, start: str(folder)

    def choose_file_next(self, path: Path) -> None:
        """Where the person will say a file is to be saved."""
        self.host.choose_save_file = lambda title, start, kinds: str(path)

    def open_manifest(self, path: Path) -> None:
        """With the keys for it; the file is picked in the system's dialog."""
        self.host.choose_manifests = lambda: [str(path)]
        self.key(self.widget("searchBox"), "Ctrl+M")


def parts_of(widget: Any) -> Iterator[Any]:
    """Widgets in a widget, in either binding."""
    for part in widget.children():
        if part.isWidgetType():
            yield part
            yield from parts_of(part)


def clipboard() -> str:
    """What was copied."""
    return str(QtWidgets.QApplication.clipboard().text())
