from __future__ import annotations

import csv
import io

import pytest

pytest.importorskip("PySide6")

from helpers.fake_catalog import FakeCatalog
from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.logic.base.state import Kind
from IDCBrowserLib.logic.tables import table_copy
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.widgets import save_dialog
from IDCBrowserLib.ui.widgets.rows_model import select_rows


@pytest.fixture
def panel(app, make_bench):
    panel = Panel(make_bench(FakeCatalog()), [])
    panel.activate()
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


def titles(panel, level="cases"):
    return [column.title for column in panel.panel.tables[level].columns.shown()]


def press(panel, key, modifiers=Qt.KeyboardModifier.NoModifier, level="cases"):
    panel.table(level).setFocus()
    QTest.keyClick(panel.table(level), key, modifiers)
    panel.settle()


def clipboard():
    return QtWidgets.QApplication.clipboard().text()


def switch(panel, name):
    QTest.mouseClick(panel.find(QtWidgets.QToolButton, f"{name}Switch"), Qt.MouseButton.LeftButton)
    panel.settle()


def test_an_analysis_result_fills_the_tables_with_what_belongs_to_it(panel):
    switch(panel, "analysis_results")
    assert panel.cell("analysis_results", 0, "Analysis result") == "Lungs, segmented"
    assert panel.text("casesGuide") == "Select an analysis result to see its cases."
    panel.click_row("analysis_results", 0)
    assert panel.text("casesCount") == "3"
    panel.click_row("cases", 0)
    panel.click_row("studies", 0)
    assert panel.text("seriesCount") == "1"
    assert panel.cell("series", 0, "Modality") == "SEG"


def test_collections_come_back_with_what_was_selected(panel):
    panel.click_row("collections", 1)
    switch(panel, "analysis_results")
    assert panel.text("selectionTotal") == "Nothing selected"
    switch(panel, "collections")
    assert panel.bench.browser.tables.selected_ids("collections") == ("brains",)
    assert panel.text("casesCount") == "3"


def test_a_filter_and_an_analysis_result_hold_together(panel):
    switch(panel, "analysis_results")
    panel.bench.browser.filters.toggle("Modality", "CT")
    panel.settle()
    assert panel.text("analysis_resultsCount") == "0"
    panel.bench.browser.filters.toggle("Modality", "CT")
    panel.bench.browser.filters.toggle("Modality", "SEG")
    panel.settle()
    panel.click_row("analysis_results", 0)
    assert panel.text("casesCount") == "3"
    assert panel.bench.engine.process.calls("catalog.view")[-1]["filters"] == {"Modality": ["SEG"], "analysis_result_id": ["lung_seg"]}


def test_selected_rows_are_copied_as_text_and_as_csv(panel):
    panel.click_row("collections", 0)
    select_rows(panel.table("cases"), ((0, 0), (2, 2)))
    panel.settle()
    press(panel, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in clipboard().splitlines()]
    assert lines[0][:3] == ["Case", "Sex", "Age"]
    assert [line[:3] for line in lines[1:]] == [["lungs-00000", "F", "45 y"], ["lungs-00002", "F", "45 y"]]
    press(panel, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    rows = list(csv.DictReader(io.StringIO(clipboard())))
    assert [(row["PatientID"], row["PatientAge"], row["size_bytes"]) for row in rows] == [
        ("lungs-00000", "045Y", "3000000"),
        ("lungs-00002", "045Y", "3000000"),
    ]
    assert panel.bench.last_message.text == "Copied 2 rows."


def test_the_collection_of_a_case_is_shown_by_name_and_copied_as_its_id(panel):
    panel.click_row("collections", 0)
    select_rows(panel.table("cases"), ((0, 0),))
    panel.settle()
    model = panel.table("cases").model()
    titles = [model.headerData(section, Qt.Orientation.Horizontal) for section in range(model.columnCount())]
    cell = model.index(0, titles.index("Collection"))
    assert (cell.data(), cell.data(int(Qt.ItemDataRole.ToolTipRole))) == ("Lungs", "lungs")
    press(panel, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    head, row = (line.split("\t") for line in clipboard().splitlines())
    assert row[head.index("Collection")] == "lungs"


def test_rows_never_looked_at_are_copied_too_and_hidden_columns_are_not(app, make_bench):
    panel = Panel(make_bench(FakeCatalog(1_500)), [])
    panel.activate()
    panel.click_row("collections", 0)
    header = panel.table("cases").horizontalHeader()
    next(action for action in header.actions() if action.text() == "Age").trigger()
    press(panel, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    press(panel, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = clipboard().splitlines()
    assert len(lines) == 1_501 and "Age" not in lines[0].split("\t")
    assert lines[-1].startswith("lungs-01499\tF\t")
    panel.panel.close()


def test_too_many_rows_are_not_copied(panel, monkeypatch):
    monkeypatch.setattr(table_copy, "MAX_COPIED", 1)
    panel.click_row("collections", 0)
    press(panel, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    press(panel, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert panel.bench.last_message.text == ('3 rows are selected, and at most 1 can be copied. Use "Save table as CSV" in the same menu instead.')


def test_studies_are_copied_with_their_status(panel):
    for level in ("collections", "cases", "studies"):
        panel.click_row(level, 0)
    press(panel, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier, "studies")
    header, row = (line.split("\t") for line in clipboard().splitlines())
    shown = dict(zip(header, row, strict=True))
    assert shown["Status"] == panel.cell("studies", 0, "Status") and shown["Study UID"] == panel.cell("studies", 0, "Study UID")


def test_a_copy_under_way_gives_way_to_a_later_one(app, make_bench):
    panel = Panel(make_bench(FakeCatalog(1_500)), [])
    panel.activate()
    panel.click_row("collections", 0)
    press(panel, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    texts = []
    state, columns = panel.bench.browser.tables.state("cases"), panel.panel.tables["cases"].columns.shown()
    panel.bench.browser.copying.copy(state, columns, False, texts.append)
    panel.bench.browser.copying.copy(state, columns[:1], True, texts.append)
    panel.settle()
    assert [text.splitlines()[0] for text in texts] == ["PatientID"] and len(texts[0].splitlines()) == 1_501
    panel.panel.close()


def test_a_table_is_saved_as_csv(panel, monkeypatch, tmp_path):
    monkeypatch.setattr(save_dialog, "choose_save_file", lambda *_arguments: str(tmp_path / "cases"))
    panel.click_row("collections", 0)
    panel.button("openRowsButton").click()
    press(panel, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    saved = panel.bench.catalog.saved[0]
    assert saved["file"] == str(tmp_path / "cases.csv")
    assert saved["columns"][:3] == ["PatientID", "PatientSex", "PatientAge"]
    assert panel.bench.last_message.kind is Kind.SUCCESS
    assert panel.bench.last_message.text.startswith("Saved 3 rows to ")


def test_a_column_is_sorted_and_moved_by_keys(panel):
    panel.click_row("collections", 0)
    view = panel.table("cases")
    view.setCurrentIndex(view.model().index(0, 0))
    press(panel, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert panel.bench.browser.tables.state("cases").order == ("PatientID", False)
    press(panel, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert panel.bench.browser.tables.state("cases").order == ("PatientID", True)
    view.setCurrentIndex(view.model().index(0, 0))
    press(panel, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert titles(panel)[:2] == ["Sex", "Case"]
    press(panel, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    press(panel, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert titles(panel)[:2] == ["Case", "Sex"]


def test_a_column_that_needs_an_index_asks_for_it_and_fills_when_it_is_here(panel):
    questions = []
    panel.bench.host.confirm = lambda question, on_answer: (questions.append(question), on_answer(True))
    for level in ("collections", "cases", "studies"):
        panel.click_row(level, 0)
    assert "kVp" not in titles(panel, "series")
    next(action for action in panel.table("series").horizontalHeader().actions() if action.text() == "kVp").trigger()
    for _round in range(3):
        panel.settle()
    assert questions == ['The column "kVp" needs the index file ct_index (23.0 MB). Fetch it now? You can continue working meanwhile.']
    assert panel.cell("series", 0, "kVp") == "120"
    assert "Kernel" in titles(panel, "series")


@pytest.mark.parametrize(("policy", "state"), [("never", "missing"), ("always", "here")])
def test_what_happens_when_an_index_is_needed_is_a_setting(panel, policy, state):
    panel.bench.browser.indices.set_policy(policy)
    panel.bench.browser.indices.need("ct_index", "This")
    for _round in range(3):
        panel.settle()
    assert panel.bench.catalog.indices.side["ct_index"] == state
    assert "ct_index" in panel.bench.last_message.text


def test_the_place_is_found_again_at_the_next_start(app, make_bench):
    first = Panel(make_bench(FakeCatalog(300)), [])
    switch(first, "analysis_results")
    first.click_row("analysis_results", 0)
    first.click_row("cases", 150)
    first.click_row("studies", 0)
    first.click_row("series", 0)
    first.table("cases").verticalScrollBar().setValue(120)
    first.panel.close()
    first.bench.browser.close()
    bench = make_bench(FakeCatalog(300))
    bench.host.settings = first.bench.host.settings
    bench.browser.host.settings = first.bench.host.settings
    second = Panel(bench, [])
    for _round in range(4):
        second.settle()
    tables = bench.browser.tables
    assert [tables.selected_ids(level) for level in tables.levels] == [("lung_seg",), ("lungs/lungs-00150",), ("1.2.5.150",), ("1.2.5.150.1",)]
    assert abs(second.table("cases").rowAt(0) - 120) <= 1
    second.panel.close()


def trigger(panel, level, text):
    next(action for action in panel.table(level).actions() if action.property("text").replace("&", "") == text).trigger()
    panel.settle()


def test_the_menu_of_a_row_copies_its_identifiers_and_what_to_cite(panel):
    for level in ("collections", "cases", "studies"):
        panel.click_row(level, 0)
    trigger(panel, "cases", "Copy IDs")
    assert clipboard() == "lungs-00000"
    select_rows(panel.table("series"), ((0, 1),))
    panel.settle()
    trigger(panel, "series", "Copy UIDs")
    assert clipboard().splitlines() == list(panel.bench.browser.tables.selected_ids("series"))
    trigger(panel, "series", "Copy methods text")
    assert clipboard().startswith("Data: 2 series")
    assert panel.bench.last_message.text == "Methods text copied to the clipboard."
    trigger(panel, "series", "Copy citations")
    assert clipboard() == "1. A paper."


def test_the_menu_of_a_row_downloads_or_says_why_not(panel):
    trigger(panel, "collections", "Download")
    assert panel.bench.last_message.text == "Select collections, cases, studies or series first."
    panel.click_row("collections", 0)
    trigger(panel, "collections", "Download")
    assert panel.bench.engine.process.calls("transfer.download")


def test_a_folder_for_others_is_written_where_a_person_wants_it(panel):
    panel.click_row("collections", 0)
    panel.bench.host.chosen_folder = "/somewhere"
    menu = panel.find(QtWidgets.QMenu, "saveSelectionButtonMenu")
    next(action for action in menu.actions() if action.objectName() == "folderSaveAction").trigger()
    panel.settle()
    assert panel.bench.catalog.selection.exported[-1][:2] == ("/somewhere", "folder")


def test_home_and_end_stay_in_the_row(panel):
    panel.click_row("collections", 1)
    view = panel.table("collections")
    view.setCurrentIndex(view.model().index(1, 1))
    QTest.keyClick(view, Qt.Key.Key_End)
    last = view.currentIndex()
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert (last.row(), view.currentIndex().row()) == (1, 1)
    assert last.column() > view.currentIndex().column()


@pytest.fixture
def choosing(panel):
    return panel, choose_segments(panel)


def choose_segments(panel):
    """The dialog over the one segmentation of the tables."""
    switch(panel, "analysis_results")
    panel.click_row("analysis_results", 0)
    panel.click_row("cases", 0)
    panel.click_row("studies", 0)
    panel.click_row("series", 0)
    action = next(one for one in panel.table("series").actions() if one.text().startswith("Choose se"))
    action.trigger()
    panel.settle()
    return panel.find(QtWidgets.QDialog, "chooseSegments")


def test_segments_are_chosen_before_anything_is_downloaded(choosing):
    panel, dialog = choosing
    boxes = dialog.findChild(QtWidgets.QListWidget, "chooseList")
    load = dialog.findChild(QtWidgets.QPushButton, "chooseLoad")
    about = dialog.findChild(QtWidgets.QLabel, "chooseAbout")
    assert dialog.isVisible() and [boxes.item(place).text() for place in range(2)] == ["1: Liver, 2.0 MB", "2: Left kidney (Kidney), 4.0 MB"]
    assert not load.isEnabled()
    (uid,) = panel.bench.browser.tables.selected_ids("series")
    panel.bench.host.loader.warnings[uid] = ("It is shown on its own grid.",)
    boxes.item(1).setCheckState(Qt.CheckState.Checked)
    assert load.isEnabled() and about.text().startswith("4.0 MB of 90.0 MB are fetched")
    QTest.mouseClick(load, Qt.MouseButton.LeftButton)
    panel.settle()
    (request,) = panel.bench.host.loader.requests
    assert request.chosen.numbers == (2,) and request.chosen.drawn_on["referenced_series_uids"] == ["1.2.9"]
    assert not dialog.isVisible() and panel.bench.last_message.text == "It is shown on its own grid."


def test_the_dialog_goes_with_the_panel_and_draws_no_more(app, make_bench):
    panel = Panel(make_bench(FakeCatalog()), [])
    panel.settle()
    dialog = choose_segments(panel)
    panel.panel.close()
    assert not dialog.isVisible()
    panel.bench.browser.choosing.open("1.2.3")
    assert dialog.findChild(QtWidgets.QListWidget, "chooseList").count() == 2, "of the former series"


def test_all_and_none_concern_the_segments_that_the_search_lets_through(choosing):
    _, dialog = choosing
    boxes = dialog.findChild(QtWidgets.QListWidget, "chooseList")
    dialog.findChild(QtWidgets.QLineEdit, "chooseSearch").setText("kidney")
    assert [boxes.item(place).isHidden() for place in range(2)] == [True, False]
    QTest.mouseClick(dialog.findChild(QtWidgets.QToolButton, "chooseAll"), Qt.MouseButton.LeftButton)
    assert [boxes.item(place).checkState() == Qt.CheckState.Checked for place in range(2)] == [False, True]


def test_segments_that_are_loaded_are_checked_and_neither_fetched_nor_unchecked(choosing):
    panel, dialog = choosing
    boxes = dialog.findChild(QtWidgets.QListWidget, "chooseList")
    panel.bench.browser.choosing.open("1.2.3", [2])
    panel.settle()
    assert [boxes.item(place).checkState() == Qt.CheckState.Checked for place in range(2)] == [False, True]
    assert not boxes.item(1).flags() & Qt.ItemFlag.ItemIsEnabled
    QTest.mouseClick(dialog.findChild(QtWidgets.QToolButton, "chooseAll"), Qt.MouseButton.LeftButton)
    assert dialog.findChild(QtWidgets.QLabel, "chooseAbout").text().startswith("2.0 MB of 90.0 MB are fetched")
    QTest.mouseClick(dialog.findChild(QtWidgets.QPushButton, "chooseLoad"), Qt.MouseButton.LeftButton)
    panel.settle()
    assert panel.bench.host.loader.requests[-1].chosen.numbers == (1,)


def test_a_row_takes_its_series_out_of_the_views(panel):
    switch(panel, "analysis_results")
    for level in ("analysis_results", "cases", "studies", "series"):
        panel.click_row(level, 0)
    action = next(one for one in panel.table("series").actions() if one.text().replace("&", "") == "Remove from the views")
    action.trigger()
    assert panel.bench.last_message.text == "Nothing of the selected series is in the views."
    (uid,) = panel.bench.browser.tables.selected_ids("series")
    panel.bench.host.loader.put_into_scene(uid, "another")
    action.trigger()
    assert panel.bench.host.loader.in_scene == {"another"}


def test_why_segments_cannot_be_chosen_is_said(choosing):
    panel, dialog = choosing

    def fail(_params):
        raise ConversionError("It holds CT images.")

    panel.bench.engine.process.handlers["segments.list"] = fail
    panel.bench.browser.choosing.open("1.2.3")
    panel.settle()
    assert dialog.findChild(QtWidgets.QLabel, "chooseAbout").text() == "It holds CT images."
    assert dialog.findChild(QtWidgets.QListWidget, "chooseList").count() == 0


def test_of_a_slide_it_is_said_what_an_overview_takes_and_that_more_comes_with_a_closer_look(choosing):
    panel, dialog = choosing
    about = dialog.findChild(QtWidgets.QLabel, "chooseAbout")
    offer = panel.bench.engine.process.handlers["segments.list"]
    more = {"on_slide": True, "common_bytes": 500_000}
    panel.bench.engine.process.handlers["segments.list"] = lambda params: {**offer(params), **more}
    panel.bench.browser.choosing.open("1.2.3")
    panel.settle()
    dialog.findChild(QtWidgets.QListWidget, "chooseList").item(0).setCheckState(Qt.CheckState.Checked)
    assert about.text() == "2.5 MB of 90.0 MB are fetched for an overview of the chosen segments, and closer only the tiles in sight."
    QTest.mouseClick(dialog.findChild(QtWidgets.QPushButton, "chooseLoad"), Qt.MouseButton.LeftButton)
    panel.settle()
    assert panel.bench.host.loader.requests[-1].chosen.on_slide
    more["common_bytes"] = 80_000_000
    panel.bench.browser.choosing.open("1.2.3")
    panel.settle()
    dialog.findChild(QtWidgets.QListWidget, "chooseList").item(0).setCheckState(Qt.CheckState.Checked)
    assert about.text().startswith("An overview of the chosen segments would take 82.0 MB of 90.0 MB; only the tiles in sight")


def test_what_can_be_had_as_a_whole_only_is_not_offered_to_be_loaded_in_part(choosing):
    panel, dialog = choosing
    load = dialog.findChild(QtWidgets.QPushButton, "chooseLoad")
    offer = panel.bench.engine.process.handlers["segments.list"]
    for here, why in ((False, "It is compressed."), (True, "It is compressed."), (False, "")):
        more = {"here": here, "why_whole": why}
        panel.bench.engine.process.handlers["segments.list"] = lambda params, more=more: {**offer(params), **more}
        panel.bench.browser.choosing.open("1.2.3")
        panel.settle()
        dialog.findChild(QtWidgets.QListWidget, "chooseList").item(0).setCheckState(Qt.CheckState.Checked)
        assert load.isEnabled() == (here or not why)
