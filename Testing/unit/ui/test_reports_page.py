from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("PySide6")

from helpers import made_reports as made
from helpers.deep_objects import deep_object
from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.host_interface import LoadResult, ViewPlace
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.reports.column_widths import fitted
from IDCBrowserLib.ui.reports.reports_page import ReportsPage
from IDCBrowserLib.ui.widgets.rows_model import select_rows


class ReportHands(Panel):
    @property
    def table(self):
        return self.find(QtWidgets.QTableView, "reportTable")

    def load(self, *files):
        """As after "Download and load"."""
        self.bench.browser.downloads.loaded.emit([LoadResult("1.2.3.9", texts=tuple(str(file) for file in files))])
        self.settle()

    def rows(self):
        model = self.table.model()
        return [[model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())]

    def type(self, text):
        line = self.find(QtWidgets.QLineEdit, "reportFilter")
        line.clear()
        QTest.keyClicks(line, text)
        QTest.qWait(200)
        # By now the delay of the filter is over, however busy the computer was; what waited for it comes in a further turn.
        QTest.qWait(10)
        self.settle()

    def press(self, name):
        QTest.mouseClick(self.button(name), Qt.MouseButton.LeftButton)
        self.settle()

    def sentence(self):
        return self.messages[-1].text

    @property
    def messages(self):
        return self._messages

    def listen(self):
        self._messages = []
        self.bench.browser.message.connect(lambda message: self._messages.append(message) if message else None)


@pytest.fixture
def hands(app, bench):
    hands = ReportHands(bench, [ReportsPage])
    hands.listen()
    yield hands
    hands.panel.close()
    hands.panel.widget.close()


@pytest.fixture
def report(tmp_path):
    segment = made.image(made.SEG_CLASS, "1.7.7", made.code("121191", "DCM"), segments=[2])
    box = made.scoord("POLYLINE", [1, 1, 3, 1, 3, 2, 1, 1], made.image(made.CT_CLASS, "1.4.1"))
    first = made.group([segment, made.number(made.code("vol", meaning="Volume"), "10", "mm3")], "Liver")
    second = made.group([box, made.number(made.code("len", meaning="Length"), "9.25", "mm")], "Nodule")
    nothing = made.group([made.number(made.code("n", meaning="Count"), "3", "1")], "Somewhere")
    dataset = made.measurement_report([first, second, nothing], {"1.7.7": "1.7", "1.4.1": "1.4"})
    return made.save(dataset, tmp_path / "report.dcm")


def test_a_loaded_report_comes_to_the_front_with_its_measurements_and_text(hands, report):
    hands.load(report)
    assert hands.find(QtWidgets.QWidget, "reportsPage").isVisible()
    assert hands.text("reportTitle") == "Report: 3 measurements of 3 groups"
    assert [row[:3] for row in hands.rows()] == [["Liver", "Volume", "10"], ["Nodule", "Length", "9.25"], ["Somewhere", "Count", "3"]]
    text = hands.find(QtWidgets.QPlainTextEdit, "reportText").toPlainText()
    assert text.startswith("Imaging Measurement Report\n    Imaging Measurements") and "Volume: 10 mm3" in text


def test_measurements_are_filtered_by_words_and_sorted_by_size(hands, report):
    hands.load(report)
    hands.type("l")
    assert [row[0] for row in hands.rows()] == ["Liver", "Nodule"]
    assert hands.text("reportCount") == "2 of 3 measurements"
    header = hands.table.horizontalHeader()
    value = next(number for number in range(header.count()) if hands.table.model().headerData(number, Qt.Orientation.Horizontal) == "Value")
    header.sectionClicked.emit(value)
    hands.settle()
    assert [row[2] for row in hands.rows()] == ["9.25", "10"]
    header.sectionClicked.emit(value)
    hands.settle()
    assert [row[2] for row in hands.rows()] == ["10", "9.25"]


def test_what_is_shown_is_saved_in_full(hands, report, tmp_path):
    hands.load(report)
    hands.type("nodule")
    hands.bench.browser.reports.save(str(tmp_path / "rows.csv"))
    hands.settle()
    assert hands.sentence() == f"1 measurement saved to {tmp_path / 'rows.csv'}."
    assert (tmp_path / "rows.csv").read_text().count("\n") == 2
    hands.bench.browser.reports.save(str(tmp_path / "rows.doc"))
    hands.settle()
    assert "must end in .csv or .parquet" in hands.sentence()


def test_rows_are_copied_with_their_titles(hands, report):
    hands.load(report)
    select_rows(hands.table, ((1, 1),))
    hands.press("reportCopyButton")
    titles, line = QtWidgets.QApplication.clipboard().text().split("\n")
    assert titles.startswith("Tracking\tMeasurement\tValue") and line.startswith("Nodule\tLength\t9.25")


def test_a_row_leads_to_its_segment_which_is_loaded_when_it_is_only_in_the_database(hands, report):
    hands.load(report)
    loader, store = hands.bench.host.loader, hands.bench.host.store
    loader.missing = ["1.7", ""]
    store.files["1.7"] = ["/seg/1.dcm"]
    hands.bench.browser.reports.go_to(0)
    hands.settle()
    assert [request.series_uid for request in loader.requests] == ["1.7"]
    assert loader.places[-1] == ViewPlace("Liver", "", "1.7", 2)


def test_what_is_not_on_this_computer_is_named(hands, report):
    hands.load(report)
    hands.bench.host.loader.missing = ["1.7"]
    hands.bench.browser.reports.go_to(0)
    hands.settle()
    assert "download series 1.7" in hands.sentence()
    hands.bench.browser.reports.go_to(1)
    hands.settle()
    assert "download series 1.4" in hands.sentence()
    hands.bench.browser.reports.go_to(2)
    hands.settle()
    assert hands.sentence() == "The report does not say where this was measured."


def test_a_document_is_saved_and_opened_with_another_program(hands, tmp_path, monkeypatch):
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path))
    dataset = made.report(None, [])
    dataset.SOPClassUID, dataset.EncapsulatedDocument = "1.2.840.10008.5.1.4.1.1.104.1", b"%PDF-1.4 made for a test"
    hands.load(made.save(dataset, tmp_path / "doc.dcm"))
    assert hands.text("reportTitle").startswith("PDF document: 24 B") and not hands.find(QtWidgets.QWidget, "reportMeasurements").isVisible()
    hands.press("reportOpenButton")
    (path,) = hands.bench.host.opened
    assert path.startswith(str(tmp_path)) and path.endswith(".pdf") and "opened with the program" in hands.sentence()


def test_what_is_inside_is_saved_to_a_folder_of_ones_own(hands, tmp_path):
    files = []
    for number in (1, 2):
        dataset = made.report(None, [])
        dataset.SOPClassUID, dataset.EncapsulatedDocument = "1.2.840.10008.5.1.4.1.1.104.1", b"%PDF-1.4 made for a test"
        dataset.SOPInstanceUID = f"{dataset.SOPInstanceUID}.{number}"
        files.append(made.save(dataset, tmp_path / f"{number}.dcm"))
    (tmp_path / "mine").mkdir()
    hands.bench.browser.host.choose_folder = lambda title, start: str(tmp_path / "mine")
    hands.load(*files)
    hands.press("reportSaveInsideButton")
    assert hands.sentence() == f"2 files saved to {tmp_path / 'mine'}." and hands.bench.host.opened == []
    assert [path.suffix for path in (tmp_path / "mine").iterdir()] == [".pdf", ".pdf"]


def test_a_document_that_is_not_what_it_claims_is_saved_and_not_opened(hands, tmp_path, monkeypatch):
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path))
    dataset = made.report(None, [])
    dataset.SOPClassUID, dataset.EncapsulatedDocument = "1.2.840.10008.5.1.4.1.1.104.1", b"MZ\x90\0 a program"
    hands.load(made.save(dataset, tmp_path / "doc.dcm"))
    hands.press("reportOpenButton")
    assert hands.bench.host.opened == [] and "Files of this type are not opened from here" in hands.sentence()
    assert [path.suffix for path in (tmp_path / "data" / "Opened").iterdir()] == [".bin"]


def test_a_damaged_file_is_a_note_and_the_rest_is_shown(hands, report, tmp_path):
    (tmp_path / "other").write_text("this is no DICOM file, whatever its name says")
    hands.load(tmp_path / "other", report)
    assert "is not a DICOM file" in hands.text("reportNotes")
    assert len(hands.rows()) == 3


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ({"SR": 2}, 'Download and load: reports, plans and documents open on the page "Reports".'),
        ({"SR": 1, "CT": 3}, 'Download and load: images appear in the views; reports, plans and documents open on the page "Reports".'),
        ({"CT": 3}, "Download and load: images appear in the views."),
        ({"RTDOSE": 1, "SEG": 1}, "segments and ROIs appear over their images; doses lie over their images in Gy"),
        ({"SM": 1, "ANN": 2}, "annotations lie over their slide"),
    ],
)
def test_the_button_says_before_what_loading_does(hands, kinds, said):
    select_rows(Panel.table(hands, "collections"), ((0, 0),))
    hands.settle()
    browser = hands.bench.browser
    browser.picked.state = replace(browser.picked.state, summary={**browser.picked.state.summary, "modalities": kinds})
    browser.picked.changed.emit(browser.picked.state)
    assert said in browser.picked.what_loading_does()
    assert said in " ".join(hands.button("downloadAndLoadButton").toolTip().replace("&quot;", '"').split())


def test_every_column_of_a_report_has_a_title_that_is_translated():
    from IDCBrowserLib.report.view import CASE, COLUMNS
    from IDCBrowserLib.ui.reports.reports_page import _titles

    assert set(_titles()) == {column.title for column in (CASE, *COLUMNS)}


def test_the_selected_rows_in_idcs_own_tables(hands, tmp_path):
    hands.press("reportTablesButton")
    assert "No rows are selected" in hands.sentence()
    browser = hands.bench.browser
    browser.scope.cohort = lambda scope: {"selections": [{"level": "cases", "ids": ["A"]}]} if scope == "selected" else None
    hands.press("reportTablesButton")
    assert [row[0] for row in hands.rows()] == ["A", "B"], "of several cases each row names its own"
    browser.settings.put("idc_tables", str(tmp_path))
    browser.settings.put("endpoint_url", "https://mirror.example.org")
    hands.press("reportTablesButton")
    places = [(asked.get("location"), asked.get("endpoint_url")) for asked in hands.bench.catalog.reports.asked]
    assert places == [(None, None), (str(tmp_path), "https://mirror.example.org")]
    saved = tmp_path / "rows.parquet"
    browser.reports.save(str(saved))
    hands.settle()
    browser.host.choose_open_file = lambda title, kinds: str(saved)
    hands.press("reportFileButton")
    assert [row[0] for row in hands.rows()] == ["A", "B"]
    assert "rows.parquet" in hands.find(QtWidgets.QLabel, "reportTitle").text()


@pytest.mark.parametrize("undefined", [False, True])
def test_objects_of_300_levels_and_with_loops_are_read_beside_others(hands, report, tmp_path, undefined):
    """A report, a key object selection and a presentation state: the window names each, and one sentence says what is not shown."""
    deep = [deep_object(kind, tmp_path / f"deep {kind}.dcm", undefined) for kind in ("report", "key objects", "presentation")]
    hands.load(report, *deep)
    texts = hands.find(QtWidgets.QWidget, "reportText").toPlainText()
    for words in ("Deep report", "Key object selection: 2 images", "Presentation state"):
        assert words in texts, texts
    assert len(hands.rows()) == 3, "of the report beside them"
    assert hands.text("reportNotes") == "Content is nested deeper than 64 levels; 1 part below is not shown."


@pytest.fixture
def long_names(tmp_path):
    """Two nodules, told apart by long names, with measurements of long names in several units."""
    groups = []
    for name in ("Nodule 3 in the upper lobe of the left lung", "Lymph node station 4R, lower paratracheal"):
        lengths = [made.number(made.code("v", meaning="Volume of the segmented part"), "15.2349", "mm3")]
        lengths.append(made.number(made.code("s", meaning="Standardized uptake value by body weight"), "4.20512", "g/ml{SUVbw}"))
        groups.append(made.group(lengths, name))
    return made.save(made.measurement_report(groups, {"1.7.1": "1.7"}), tmp_path / "long.dcm")


def spans(hands):
    """By title where a column begins and ends in the view."""
    view = hands.table
    titles = [view.model().headerData(number, Qt.Orientation.Horizontal) for number in range(view.model().columnCount())]
    return {
        title: (view.columnViewportPosition(number), view.columnViewportPosition(number) + view.columnWidth(number))
        for number, title in enumerate(titles)
    }


@pytest.mark.parametrize("width", [340, 398, 720])
def test_values_and_their_units_are_in_sight_without_scrolling(hands, long_names, width):
    hands.panel.widget.resize(width, 760)
    hands.load(long_names)
    found = spans(hands)
    assert found["Value"][0] >= 0 and found["Unit"][1] <= hands.table.viewport().width()
    assert list(found)[:4] == ["Tracking", "Measurement", "Value", "Unit"]
    longest = hands.table.fontMetrics().horizontalAdvance("g/ml{SUVbw}")
    assert found["Unit"][1] - found["Unit"][0] > longest, "they are not cut"
    assert found["Tracking"][1] - found["Tracking"][0] > 40
    cell = hands.table.model().index(0, 0)
    assert cell.data(Qt.ItemDataRole.ToolTipRole) == cell.data(), "what is cut is seen whole"


def test_columns_follow_the_width_of_the_page_until_somebody_drags_one(hands, long_names):
    hands.panel.widget.resize(720, 760)
    hands.load(long_names)
    wide = spans(hands)["Measurement"]
    hands.panel.widget.resize(398, 760)
    hands.settle()
    narrow = spans(hands)
    assert narrow["Measurement"][1] - narrow["Measurement"][0] < wide[1] - wide[0] and narrow["Unit"][1] <= hands.table.viewport().width()
    hands.table.setColumnWidth(0, 300)
    hands.panel.widget.resize(360, 760)
    hands.settle()
    assert hands.table.columnWidth(0) == 300
    hands.load(long_names)
    hands.settle()
    assert spans(hands)["Unit"][1] <= hands.table.viewport().width(), "another report is fitted again"


@pytest.mark.parametrize(
    ("wanted", "room", "widths"),
    [
        ([100, 100, 50, 50], 400, [100, 100, 50, 50]),
        ([100, 100, 50, 50], 260, [80, 80, 50, 50]),
        ([150, 50, 50, 50], 260, [110, 50, 50, 50]),
        ([100, 100, 50, 50], 100, [40, 40, 50, 50]),
        ([50, 30], 60, [50, 30]),
    ],
)
def test_the_widest_columns_before_the_values_give_way_first(wanted, room, widths):
    values = range(2, 4) if len(wanted) == 4 else range(2)
    assert fitted(wanted, values, 40, room) == widths
