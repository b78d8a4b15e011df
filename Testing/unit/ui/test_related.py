"""What belongs to the selected series: shown in words, followed, put aside, and completed by an index file."""

import pytest
from helpers.fake_catalog import FakeCatalog
from helpers.panel import Panel
from PySide6 import QtCore, QtTest, QtWidgets

from IDCBrowserLib.errors import TransferError
from IDCBrowserLib.logic.details.related import contents_text, maker_text, relation_text
from IDCBrowserLib.ui.widgets.rows_model import select_rows


@pytest.fixture
def panel(app, make_bench):
    made = Panel(make_bench(FakeCatalog()), [])
    for level in ("collections", "cases", "studies"):
        made.click_row(level, 0)
    yield made
    made.panel.close()
    made.panel.widget.close()


def table(panel):
    view = panel.find(QtWidgets.QTableView, "relatedTable")
    model = view.model()
    return [[model.index(row, column).data() for column in range(5)] for row in range(model.rowCount())]


def show_tab(panel):
    tabs = panel.find(QtWidgets.QTabWidget, "detailsTabs")
    tabs.setCurrentIndex(1)
    return tabs


def test_without_the_index_a_shared_study_is_all_that_is_said(panel):
    panel.click_row("series", 0)
    show_tab(panel)
    assert [row[0] for row in table(panel)] == ["Same study", "Same study"]
    assert "seg_index" in panel.text("relatedNote")
    assert panel.button("relatedFetchButton").isVisible()


def test_what_objects_refer_to_is_read_from_their_buckets_only_while_it_is_looked_at(panel):
    asked = panel.bench.engine.process.calls
    panel.bench.catalog.objects_tell = True
    panel.click_row("series", 0)
    assert [call["ask_buckets"] for call in asked("catalog.read_related")] == [False], "what is here is read in any case"
    tabs = show_tab(panel)
    panel.settle()
    assert [call["ask_buckets"] for call in asked("catalog.read_related")] == [False, True]
    assert [row[:2] for row in table(panel)] == [["Segmentation of this series", "SEG"], ["Structure set of this series", "RTSTRUCT"]]
    assert panel.text("relatedReadNote") == "1 more series of the study refers to other series."
    tabs.setCurrentIndex(0)
    tabs.setCurrentIndex(1)
    assert len(asked("catalog.read_related")) == 2, "once is enough"


@pytest.mark.parametrize("guessed", [1, 0])
def test_once_objects_are_read_the_selection_is_counted_again_if_its_images_were_guessed(panel, guessed):
    handlers = panel.bench.engine.process.handlers
    before = handlers["selection.summary"]
    handlers["selection.summary"] = lambda params: {**before(params), "guessed_images": guessed}
    panel.bench.catalog.objects_tell = True
    panel.click_row("series", 1)
    panel.settle()
    handlers["selection.summary"] = lambda params: {**before(params), "added_series": 7, "guessed_images": 0}
    show_tab(panel)
    panel.settle()
    assert ("7 series" in panel.text("selectionLevels")) == bool(guessed)


def test_with_preview_off_nothing_is_fetched_to_read_references(panel):
    panel.bench.catalog.objects_tell = True
    panel.find(QtWidgets.QCheckBox, "showPreview").click()
    show_tab(panel)
    panel.click_row("series", 0)
    assert {call["ask_buckets"] for call in panel.bench.engine.process.calls("catalog.read_related")} == {False}
    assert "With Preview off" in panel.text("relatedReadNote")
    panel.find(QtWidgets.QCheckBox, "showPreview").click()
    panel.settle()
    assert panel.bench.engine.process.calls("catalog.read_related")[-1]["ask_buckets"]
    assert [row[0] for row in table(panel)] == ["Segmentation of this series", "Structure set of this series"]


def test_objects_that_cannot_be_read_are_counted_and_stay_listed(panel):
    def fail(_parameters):
        raise TransferError("no network")

    panel.bench.engine.process.handlers["catalog.read_related"] = fail
    show_tab(panel)
    panel.click_row("series", 0)
    assert [row[0] for row in table(panel)] == ["Same study", "Same study"]
    assert panel.text("relatedReadNote") == "What 2 series of the study refer to was not read."


def test_fetching_the_index_completes_relations_and_details(panel):
    panel.click_row("series", 0)
    tabs = show_tab(panel)
    panel.button("relatedFetchButton").click()
    panel.settle()
    assert [row[:2] for row in table(panel)] == [["Segmentation of this series", "SEG"], ["Structure set of this series", "RTSTRUCT"]]
    assert table(panel)[0][3:] == ["Liver, Spleen (2)", "organs"]
    assert not panel.button("relatedFetchButton").isVisible()
    assert tabs.tabText(1) == "Relati&ons (2)"
    assert "seg_index" not in panel.find(QtWidgets.QTextBrowser, "details").toPlainText()


def test_the_link_in_the_details_fetches_as_well_and_failures_stay_in_sight(panel):
    def fail(_parameters):
        raise TransferError("The mirror cannot be reached.")

    panel.bench.engine.process.handlers["catalog.fetch_side_index"] = fail
    panel.click_row("series", 0)
    details = panel.find(QtWidgets.QTextBrowser, "details")
    assert "need the index file seg_index. Fetch" in details.toPlainText()
    details.anchorClicked.emit(QtCore.QUrl("fetch:seg_index"))
    panel.settle()
    assert panel.bench.engine.process.calls("catalog.fetch_side_index") == [{"name": "seg_index"}]
    assert panel.text("detailsFetching") == "The mirror cannot be reached."
    assert panel.bench.host.opened == [], "no web page"


def test_a_double_click_selects_the_series_in_the_tables(panel):
    panel.bench.catalog.missing_indices = []
    panel.click_row("series", 0)
    show_tab(panel)
    view = panel.find(QtWidgets.QTableView, "relatedTable")
    view.activated.emit(view.model().index(0, 0))
    panel.settle()
    (selected,) = panel.bench.browser.tables.selected_ids("series")
    assert selected.endswith(".1"), "the SEG"
    assert [row[:2] for row in table(panel)] == [["Referenced image", "CT"]]
    panel.button("relatedShowButton").click()
    panel.settle()
    assert panel.bench.browser.tables.selected_ids("series")[0].endswith(".0"), "and back to its image"


def test_related_series_are_put_into_the_cart(panel):
    panel.click_row("series", 0)
    show_tab(panel)
    panel.button("relatedCartButton").click()
    panel.settle()
    ((selection,),) = [call["selections"] for call in panel.bench.engine.process.calls("cart.add")]
    assert selection["level"] == "series" and len(selection["ids"]) == 2
    assert "2 series" in panel.bench.last_message.text
    select_rows(panel.find(QtWidgets.QTableView, "relatedTable"), ((1, 1),))
    panel.button("relatedCartButton").click()
    panel.settle()
    assert len(panel.bench.engine.process.calls("cart.add")[-1]["selections"][0]["ids"]) == 1


def test_rows_are_copied_by_key(panel):
    panel.click_row("series", 0)
    show_tab(panel)
    panel.activate()
    view = panel.find(QtWidgets.QTableView, "relatedTable")
    view.setFocus()
    view.selectAll()
    QtTest.QTest.keyClick(view, QtCore.Qt.Key.Key_C, QtCore.Qt.KeyboardModifier.ControlModifier)
    lines = QtWidgets.QApplication.clipboard().text().splitlines()
    assert len(lines) == 3 and lines[0].startswith("Relation\tModality")


def test_without_a_series_it_says_what_to_do(panel):
    show_tab(panel)
    assert "Select a series" in panel.text("relatedGuide")


def test_relations_contents_and_makers_are_words():
    assert relation_text({"relation": "refers to it", "Modality": "RTDOSE", "through": []}) == "Dose on this series"
    assert relation_text({"relation": "refers to it", "Modality": "RTDOSE", "through": ["RTPLAN"]}) == "Dose on this series, through RTPLAN"
    assert relation_text({"relation": "refers to it", "Modality": "M3D", "through": []}) == "Refers to this series"
    assert relation_text({"relation": "it refers to this", "Modality": "RTPLAN", "through": []}) == "Referenced object"
    assert contents_text({"contents": list("abcdefgh"), "parts": 8}) == "a, b, c, d, e, f ... (8)"
    assert contents_text({"contents": [], "parts": None}) == ""
    assert maker_text({"analysis_result_id": "totalseg", "algorithm": "TotalSegmentator"}) == "totalseg, TotalSegmentator"


def test_clinical_data_of_a_case_are_fetched_in_place_and_shown(panel):
    panel.bench.catalog.clinical = {"sections": [], "tables": ["t"], "missing_indices": []}
    panel.click_row("collections", 1)
    panel.click_row("cases", 0)
    details = panel.find(QtWidgets.QTextBrowser, "details")
    assert "The clinical data of this collection are not on this computer (1 table). Fetch" in details.toPlainText()
    details.anchorClicked.emit(QtCore.QUrl("clinical:"))
    panel.settle()
    assert panel.bench.engine.process.calls("clinical.fetch") == [{"tables": ["t"]}]
    assert "Clinical data: t" in details.toPlainText() and "Stage" in details.toPlainText()
    assert "Fetch" not in details.toPlainText()
