"""The page "Dose": curves, table and plan of what was loaded."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

pytest.importorskip("PySide6")

from helpers.panel import Panel

from IDCBrowserLib.dose.table import volume_at
from IDCBrowserLib.host_interface import LoadResult
from IDCBrowserLib.qtbinding import QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.dose import dose_page
from IDCBrowserLib.ui.dose.dose_page import DosePage
from IDCBrowserLib.ui.dose.plot import DvhPlot, letter_of

DOSE = LoadResult("1.1", report={"volumes": [{"name": "5: Dose", "modality": "RTDOSE", "kind": "dose", "files": ["/dose.dcm"]}]})
STRUCTURES = LoadResult("1.2", report={"kind": "RTSTRUCT", "name": "Contours", "file": "/rtstruct.dcm", "segments": []})


class DoseHands(Panel):
    def load(self, *results):
        self.bench.browser.downloads.loaded.emit(list(results))
        self.panel.show_page("dose")
        self.settle()

    def cells(self):
        model = self.find(QtWidgets.QTreeView, "doseTable").model()
        found = []
        for row in range(model.rowCount()):
            above = model.index(row, 0)
            found.append([model.index(row, column).data() for column in range(model.columnCount())])
            found += [[model.index(below, column, above).data() for column in range(model.columnCount())] for below in range(model.rowCount(above))]
        return found

    @property
    def plot(self):
        return self.find(DvhPlot, "dvhPlot")


@pytest.fixture
def hands(app, bench):
    hands = DoseHands(bench, [DosePage])
    yield hands
    hands.panel.close()
    hands.panel.widget.close()


def test_a_dose_without_a_structure_set_says_what_is_missing(hands):
    hands.load(DOSE)
    assert "RTSTRUCT" in hands.text("doseNotes") and hands.cells() == []
    assert not hands.button("doseSave").isEnabled()


def test_dose_and_structure_set_become_a_table_with_what_the_planning_system_stored(hands):
    hands.load(STRUCTURES, DOSE)
    ours, stored = hands.cells()
    assert ours == ["A  Tumor", "12.0", "1.00", "14.00", "15.00", "13.00", "14.90", "0.0", "0.0"]
    assert stored[0] == "planning system" and stored[1:] == ours[1:]
    hands.find(QtWidgets.QCheckBox, "doseStored").setChecked(False)
    assert len(hands.cells()) == 1


def test_the_column_v_follows_the_dose_that_is_typed(hands):
    hands.load(STRUCTURES, DOSE)
    view = hands.find(QtWidgets.QTreeView, "doseTable")
    view.header().resizeSection(1, 177)
    hands.find(QtWidgets.QDoubleSpinBox, "doseVolumeAt").setValue(14.0)
    assert hands.cells()[0][-2:] == ["50.0", "6.0"]
    assert view.header().sectionSize(1) == 177, "as somebody has made it"
    titles = view.model()
    assert [titles.headerData(column, dose_page.Qt.Orientation.Horizontal) for column in (7, 8)] == ["V14 %", "V14 cc"]


def test_the_mouse_tells_dose_and_volume_of_the_nearest_curve(hands):
    hands.load(STRUCTURES, DOSE)
    hands.plot.resize(448, 300)
    hands.plot.point_at(48 + 386 * 14 / 15, 150)
    assert hands.text("dosePointed").startswith("A  Tumor")
    assert "50.0 % receive at least 14.00 Gy" in hands.text("dosePointed")
    hands.plot.leaveEvent(None)
    assert hands.text("dosePointed") == ""
    place = QtCore.QPointF(48 + 386 * 14 / 15, 150)
    none = dose_page.Qt.MouseButton.NoButton
    hands.plot.mouseMoveEvent(QtGui.QMouseEvent(QtCore.QEvent.Type.MouseMove, place, place, none, none, dose_page.Qt.KeyboardModifier.NoModifier))
    assert "50.0 % receive at least 14.00 Gy" in hands.text("dosePointed")
    hands.plot.leaveEvent(None)
    assert hands.text("dosePointed") == ""


def test_curves_can_be_told_without_their_colors(hands):
    assert [letter_of(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    hands.load(STRUCTURES, DOSE)
    picture = hands.plot.picture().toImage()
    assert picture.pixelColor(picture.width() - 3, 3).getRgb()[:3] == (255, 255, 255)


def test_the_table_is_copied_and_saved(hands, tmp_path, monkeypatch):
    hands.load(STRUCTURES, DOSE)
    hands.button("doseCopy").click()
    lines = QtWidgets.QApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[:3] == ["ROI", "cc", "Min"] and lines[1].split("\t")[0] == "A  Tumor"
    for name, button in (("table.csv", "doseSave"), ("curves.csv", "doseSaveCurves"), ("plot.png", "doseSavePicture")):
        monkeypatch.setattr(dose_page, "choose_save_file", lambda *_how, name=name: str(tmp_path / name))
        hands.button(button).click()
    [row] = list(csv.DictReader((tmp_path / "table.csv").read_text().splitlines()))
    assert (row["name"], row["mean_gy"], row["stored_volume_cc"], row["v20gy_percent"]) == ("Tumor", "14", "12", "0")
    assert {line["source"] for line in csv.DictReader((tmp_path / "curves.csv").read_text().splitlines())} == {"computed", "stored"}
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


class HalfWritten:
    """A picture of a disk that becomes full."""

    def toImage(self):
        return self

    def save(self, path, _format):
        Path(path).write_bytes(b"half")
        return False


def test_a_picture_that_cannot_be_written_leaves_the_former_file(hands, tmp_path, monkeypatch):
    hands.load(STRUCTURES, DOSE)
    (tmp_path / "plot.png").write_bytes(b"former")
    monkeypatch.setattr(dose_page, "choose_save_file", lambda *_how: str(tmp_path / "plot.png"))
    monkeypatch.setattr(hands.plot, "picture", HalfWritten)
    hands.button("doseSavePicture").click()
    assert "cannot be written" in hands.text("dosePointed")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("plot.png", b"former")]


def test_the_chosen_roi_stays_when_the_table_shows_other_figures(hands):
    hands.load(STRUCTURES, DOSE)
    view = hands.find(QtWidgets.QTreeView, "doseTable")
    view.setCurrentIndex(view.model().index(0, 0))
    view.setCurrentIndex(view.model().index(0, 0, view.model().index(0, 0)))
    unit = hands.find(QtWidgets.QComboBox, "doseUnit")
    unit.setCurrentIndex(1)
    unit.activated.emit(1)
    assert view.currentIndex().data() == "planning system"
    assert [index.row() for index in view.selectionModel().selectedRows()] == [0]
    hands.find(QtWidgets.QDoubleSpinBox, "doseVolumeAt").setValue(14.0)
    assert view.currentIndex().data() == "planning system"


def test_a_folder_that_cannot_be_written_is_told(hands, tmp_path, monkeypatch):
    hands.load(STRUCTURES, DOSE)
    messages = []
    hands.bench.browser.message.connect(lambda message: messages.append(message.text) if message else None)
    monkeypatch.setattr(dose_page, "choose_save_file", lambda *_how: str(tmp_path / "missing" / "table.csv"))
    hands.button("doseSave").click()
    assert "cannot be written" in messages[-1]


def test_a_volume_is_read_off_between_the_points_of_a_curve():
    curve = [(0.0, 10.0, 100.0), (10.0, 5.0, 50.0), (20.0, 0.0, 0.0)]
    assert volume_at(curve, 5.0) == (7.5, 75.0)
    assert volume_at(curve, 0.0) == (10.0, 100.0) and volume_at(curve, 25.0) == (0.0, 0.0)
    assert volume_at([], 5.0) is None
