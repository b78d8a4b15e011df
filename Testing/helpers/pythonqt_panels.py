"""Run by a PythonQt launcher, not by pytest: every page of the panel is opened, and the panel of segments used, in the binding that Slicer uses.

``LAUNCHER pythonqt_panels.py`` with IDC_BROWSER_STORY (a JSON object: ``paths`` for sys.path). Prints one JSON object on its last line:
``pages`` that were shown, ``doses`` of the table of the page Dose, ``rows`` of the tree of segments, what was ``hidden`` by its eye and its buttons,
what was ``stated`` about the maker and ``given`` to another program, ``problems`` raised in a slot or model.
"""

import json
import os
import sys
from typing import Any


class Scene:
    """Two readers who drew the same liver; see ``SegmentScene``."""

    has_line_styles = False

    def __init__(self) -> None:
        from IDCBrowserLib.scene.segments.segment_rows import SegmentRow, SourceRow

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
        from IDCBrowserLib.scene.segments.image_rows import ImageRow

        return (ImageRow("image", "CT", "1.2", "CT"),)

    def over(self, _image: Any) -> tuple[str, ...]:
        return ("A", "B")

    def stamp(self, _node: str) -> int:
        return 1

    def measure(self, _node: str) -> Any:
        from IDCBrowserLib.scene.segments.segment_rows import Figures

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


def use_pages(program: Any) -> list[str]:
    """Down the path and back, filters, all tables, and each page."""
    from IDCBrowserLib.qtbinding import QtWidgets

    for level in ("collections", "cases", "studies"):
        program.panel.tables[level].view.selectAll()
        program.settle()
        program.press("openRowsButton")
    program.press("pathStep0")
    program.press("filtersButton")
    program.find(QtWidgets.QLineEdit, "findFilter").setText("CT")
    program.settle()
    program.press("filtersButton")
    program.press("allTables")
    program.press("allTables")
    program.panel.widget.resize(340, 700)
    program.settle()
    shown = []
    for page in (*(page.name for page in program.panel.further), "browse"):
        program.panel.show_page(page)
        program.settle()
        program.panel.widget.grab()
        shown.append(page)
    return shown


def use_doses(program: Any) -> list[str]:
    """The table of the ROIs, with a plot that was drawn and pointed at."""
    from IDCBrowserLib.host_interface import LoadResult
    from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui, QtWidgets

    dose = LoadResult("1.1", report={"volumes": [{"name": "Dose", "modality": "RTDOSE", "kind": "dose", "files": ["/dose.dcm"]}]})
    structures = LoadResult("1.2", report={"kind": "RTSTRUCT", "name": "Contours", "file": "/rtstruct.dcm", "segments": []})
    program.browser.downloads.loaded.emit([structures, dose])
    program.panel.show_page("dose")
    program.settle()
    program.panel.widget.grab()
    plot = program.find(QtWidgets.QWidget, "dvhPlot")
    button, middle = Qt.MouseButton.NoButton, QtCore.QPointF(plot.width / 2, plot.height / 2)
    program.application.sendEvent(plot, QtGui.QMouseEvent(QtCore.QEvent.Type.MouseMove, middle, button, button, Qt.KeyboardModifier.NoModifier))
    program.find(QtWidgets.QDoubleSpinBox, "doseVolumeAt").setValue(14.0)
    program.settle()
    model = program.find(QtWidgets.QTreeView, "doseTable").model()
    return [str(model.data(model.index(0, column))) for column in range(model.columnCount())]


def use_segments(program: Any) -> dict[str, Any]:
    """What is printed of the panel of segments."""
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

    scene, client, host = Scene(), program.engine.client, program.browser.host
    host.segmenters.here = ["Segmenter"]
    segments, giving_back = Segments(scene, soon), GivingBack(client, host.store, host.settings, Segments(scene, soon), soon)
    panel = SegmentsPanel(
        segments,
        SegmentComparison(client, segments, soon),
        giving_back,
        ContourRule(client, host.store, segments),
        LinkedViews(segments, lambda _on: None),
        HandOver(client, host, segments, lambda _folders: None, lambda *_link: None),
        lambda *_arguments: "",
        lambda _uid: None,
        lambda _source: None,
        lambda source: segments.remove(source.node_id),
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
    panel.list.makers.click()
    panel.list.form.creator.setText("Doe^Jane")
    for page in (1, 2):
        panel.widget.setCurrentIndex(page)
        program.settle()
    for button in (panel.others.segmenters[0], panel.others.gpu, panel.others.copy, panel.others.ohif):
        button.click()
        program.settle()
    panel.widget.grab()
    panel.close()
    return {"rows": rows, "hidden": scene.hidden, "stated": giving_back.statement.creator, "given": host.segmenters.given}


def main() -> None:
    sys.path[:0] = json.loads(os.environ["IDC_BROWSER_STORY"])["paths"]
    from helpers.pythonqt_binding import provide_qt

    provide_qt()
    from helpers.pythonqt_program import Program, heard_problems

    problems = heard_problems()
    program = Program()
    told = {"pages": use_pages(program), "doses": use_doses(program), **use_segments(program)}
    program.close()
    print(json.dumps({**told, "problems": problems}), flush=True)


main()
