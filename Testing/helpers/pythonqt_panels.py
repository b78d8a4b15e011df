"""Run by a PythonQt launcher, not by pytest: every page of the panel is opened, and the panel of segments used, in the binding that Slicer uses.

``LAUNCHER pythonqt_panels.py`` with IDC_BROWSER_STORY (a JSON object: ``paths`` for sys.path). Prints one JSON object on its last line:
``pages`` that were shown, ``rows`` of the tree of segments, what was ``hidden`` by its eye and its buttons, ``problems`` raised in a slot or model.
"""

import json
import os
import sys
from typing import Any


class Scene:
    """Two readers who drew the same liver; see ``SegmentScene``."""

    has_line_styles = False

    def __init__(self) -> None:
        from IDCBrowserLib.scene.segment_rows import SegmentRow, SourceRow

        self.hidden: list[str] = []
        self._rows = tuple(
            SourceRow(
                node,
                f"Reader {node}",
                "SEG",
                "person",
                "CC BY 4.0",
                "1.2",
                True,
                0.5,
                2,
                True,
                segments=(SegmentRow(node, "1", "Liver", (221, 130, 101), True, "Liver (SCT 10200004)", 1),),
            )
            for node in ("A", "B")
        )

    def sources(self) -> Any:
        return self._rows

    def images(self) -> Any:
        from IDCBrowserLib.scene.image_rows import ImageRow

        return (ImageRow("image", "CT", "1.2", "CT"),)

    def over(self, _image: Any) -> tuple[str, ...]:
        return ("A", "B")

    def stamp(self, _node: str) -> int:
        return 1

    def measure(self, _node: str) -> Any:
        from IDCBrowserLib.scene.segment_rows import Figures

        yield {"1": Figures(1000, 16_000.0, 112.5, "HU", ((3, 1000),))}

    def show_source(self, node: str, _visible: bool) -> None:
        self.hidden.append(node)

    def show_segments(self, node: str, segments: Any, _visible: bool) -> None:
        self.hidden += [f"{node}/{segment}" for segment in segments]

    def look_at(self, _node: str, _segment: str, _k: int) -> bool:
        return True

    def slice_in_view(self, _node: str, _segment: str) -> float:
        return 3.0

    def image_series(self, _node: str) -> tuple[str, ...]:
        return ("1.2",)

    def watch(self, _changed: Any) -> None:
        """Nothing changes here."""

    def close(self) -> None:
        """Nothing to let go of."""

    def __getattr__(self, name: str) -> Any:
        if name in ("set_opacity", "set_line_width", "set_filled", "set_one_color", "show_contours"):
            return lambda *_arguments: None
        raise AttributeError(name)


class Program:
    """A panel over the fakes, shown in a window."""

    def __init__(self) -> None:
        from helpers.fake_catalog import FakeCatalog
        from helpers.fake_host import FakeEngine, FakeHost
        from IDCBrowserLib.logic.browser import Browser
        from IDCBrowserLib.qtbinding import QtCore, QtWidgets
        from IDCBrowserLib.ui.browser_panel import BrowserPanel

        self.application = QtWidgets.QApplication
        self.engine = FakeEngine(FakeCatalog().handlers())
        self.browser = Browser(self.engine.client, FakeHost(), lambda do: QtCore.QTimer.singleShot(0, do))
        self.panel = BrowserPanel(self.browser)
        self.panel.widget.resize(1280, 720)
        self.panel.widget.show()
        self.browser.start()
        self.settle()

    def settle(self) -> None:
        for _ in range(20):
            self.engine.settle()
            self.application.processEvents()

    def find(self, kind: Any, name: str) -> Any:
        return next(widget for widget in self.panel.widget.findChildren(kind) if widget.objectName == name)

    def press(self, name: str) -> None:
        from IDCBrowserLib.qtbinding import QtWidgets

        self.find(QtWidgets.QAbstractButton, name).click()
        self.settle()

    def use(self) -> list[str]:
        """Down the path and back, filters, all tables, and each page."""
        from IDCBrowserLib.qtbinding import QtWidgets

        for level in ("collections", "cases", "studies"):
            self.panel.tables[level].view.selectAll()
            self.settle()
            self.press("openRowsButton")
        self.press("pathStep0")
        self.press("filtersButton")
        self.find(QtWidgets.QLineEdit, "findFilter").setText("CT")
        self.settle()
        self.press("filtersButton")
        self.press("allTables")
        self.press("allTables")
        self.panel.widget.resize(340, 700)
        self.settle()
        shown = []
        for page in ("cart", "downloads", "storage", "searches", "changes", "summary", "query", "reports", "settings", "help", "browse"):
            self.panel.show_page(page)
            self.settle()
            shown.append(page)
        return shown

    def close(self) -> None:
        self.panel.close()
        self.browser.close()


def use_segments(program: Program) -> tuple[list[list[str]], list[str]]:
    """The rows of the tree, and what was hidden."""
    from IDCBrowserLib.logic.segments.comparison import SegmentComparison
    from IDCBrowserLib.logic.segments.contour_rule import ContourRule
    from IDCBrowserLib.logic.segments.giving_back import GivingBack
    from IDCBrowserLib.logic.segments.hand_over import HandOver
    from IDCBrowserLib.logic.segments.linked_views import LinkedViews
    from IDCBrowserLib.logic.segments.segments import Segments
    from IDCBrowserLib.qtbinding import QtCore
    from IDCBrowserLib.ui.segments.segments_panel import SegmentsPanel

    def soon(do: Any) -> None:
        QtCore.QTimer.singleShot(0, do)

    scene, client, store = Scene(), program.engine.client, program.browser.host.store
    segments = Segments(scene, soon)
    panel = SegmentsPanel(
        segments,
        SegmentComparison(client, segments, soon),
        GivingBack(client, store, program.browser.host.settings, segments, soon),
        ContourRule(client, store, segments),
        LinkedViews(segments, lambda _on: None),
        HandOver(client, program.browser.host, segments, lambda _folders: None, lambda *_link: None),
        lambda *_arguments: "",
        lambda _uid: None,
    )
    panel.widget.resize(320, 700)
    panel.widget.show()
    program.settle()
    model = panel.list.model
    rows = []
    for top in range(model.rowCount()):
        above = model.index(top, 0)
        rows.append([str(model.data(above))])
        rows += [[str(model.data(model.index(row, column, above))) for column in range(4)] for row in range(model.rowCount(above))]
    panel.list.view.setCurrentIndex(model.index(0, 0, model.index(1, 0)))
    program.settle()
    model.setData(model.index(0, 0, model.index(0, 0)), None)
    for button in (panel.list.only, panel.list.none, panel.list.all):
        button.click()
        program.settle()
    for page in (1, 2):
        panel.widget.setCurrentIndex(page)
        program.settle()
    panel.widget.grab()
    panel.close()
    return rows, scene.hidden


def main() -> None:
    sys.path[:0] = json.loads(os.environ["IDC_BROWSER_STORY"])["paths"]
    from helpers.pythonqt_binding import provide_qt

    provide_qt()
    problems: list[str] = []
    sys.excepthook = lambda kind, value, _traceback: problems.append(f"{kind.__name__}: {value}")
    program = Program()
    pages = program.use()
    rows, hidden = use_segments(program)
    program.close()
    print(json.dumps({"pages": pages, "rows": rows, "hidden": hidden, "problems": problems}), flush=True)


main()
