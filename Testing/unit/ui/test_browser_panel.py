from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.fake_catalog import FakeCatalog
from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.details.clinical import ClinicalState
from IDCBrowserLib.logic.details.details_text import details_html, with_clinical_data
from IDCBrowserLib.qtbinding import Qt, QtCore, QtWidgets
from IDCBrowserLib.ui.downloads.downloads_page import DownloadsPage
from IDCBrowserLib.ui.widgets.rows_model import select_rows, selected_ranges


@pytest.fixture
def panel(app, make_bench):
    panel = Panel(make_bench(FakeCatalog()), [DownloadsPage])
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


@pytest.fixture
def with_all_pages(app, make_bench):
    panel = Panel(make_bench(FakeCatalog()))
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


def test_the_tables_fill_from_left_to_right(panel):
    assert panel.cell("collections", 0, "Collection") == "Lungs"
    panel.click_row("collections", 1)
    assert panel.cell("cases", 2, "Case") == "brains-00002"
    assert panel.cell("cases", 2, "Age") == "45 y"
    panel.click_row("cases", 0)
    panel.click_row("studies", 0)
    assert [panel.cell("series", row, "Modality") for row in range(3)] == ["CT", "SEG", "RTSTRUCT"]
    assert panel.cell("series", 0, "Status") == "In IDC"
    assert panel.text("seriesCount") == "3"


def test_an_empty_table_says_what_to_do(panel):
    assert panel.text("casesGuide") == "Select a collection to see its cases."
    assert not panel.table("cases").isVisible()


def test_typing_filters_the_collections(panel):
    panel.find(QtWidgets.QLineEdit, "collectionsFilter").setText("brai")
    panel.settle()
    assert panel.text("collectionsCount") == "1"
    assert panel.cell("collections", 0, "Collection") == "Brains"
    panel.find(QtWidgets.QLineEdit, "collectionsFilter").setText("nothing like this")
    panel.settle()
    assert panel.text("collectionsGuide") == 'No rows contain "nothing like this". Clear the text to show all rows.'


def test_a_click_on_a_header_sorts_and_keeps_the_selected_row(panel):
    panel.click_row("collections", 0)
    panel.click_row("cases", 0)
    panel.click_header("cases", "Case")
    panel.click_header("cases", "Case")
    assert panel.cell("cases", 0, "Case") == "lungs-00002"
    assert selected_ranges(panel.table("cases").selectionModel()) == ((2, 2),)
    assert panel.text("studiesCount") == "1"


@pytest.mark.parametrize("level", ["studies", "series"])
def test_a_click_on_the_status_header_sorts_by_what_is_here(panel, level):
    for above in ("collections", "cases", "studies"):
        panel.click_row(above, 0)
    header = panel.table(level).horizontalHeader()
    for direction in ("asc", "desc"):
        header.sectionClicked.emit(0)
        panel.settle()
        asked = [call for call in panel.bench.engine.process.calls("catalog.view") if call["level"] == level][-1]
        assert asked["order_by"] == [["status", direction]] and asked["here"] == panel.bench.host.store.folders()
        assert asked["loaded"] == sorted(panel.bench.host.loader.loaded_series())
        assert header.sortIndicatorSection() == 0


def test_the_selection_shows_its_size_and_restricted_licenses(panel):
    panel.click_row("collections", 1)
    assert panel.text("selectionTotal") == "9 series, 9.0 MB"
    assert panel.text("selectionLevels") == "3 studies, 3 cases, 1 collection"
    assert panel.text("noncommercialText") == "No commercial use: CC BY-NC 4.0 (9 series)"
    assert panel.find(QtWidgets.QLabel, "noncommercialIcon").isVisible()
    panel.click_row("collections", 0)
    assert not panel.find(QtWidgets.QLabel, "noncommercialText").isVisible()


def test_the_buttons_are_off_until_something_is_selected(panel):
    assert not panel.button("downloadButton").isEnabled()
    assert "Select" in panel.button("downloadButton").property("toolTip")
    panel.click_row("collections", 0)
    assert panel.button("downloadButton").isEnabled()
    assert panel.button("downloadAndLoadButton").isEnabled()


def test_download_and_load_by_clicks(panel, tmp_path):
    panel.bench.catalog.downloads.directory = str(tmp_path)
    panel.click_row("collections", 0)
    panel.click_row("cases", 1)
    panel.bench.engine.process.hold("transfer.download")
    panel.button("downloadAndLoadButton").click()
    panel.settle()
    assert panel.text("progressTitle") == "Step 2 of 4: Downloading 3 series, 3.0 MB"
    assert panel.button("cancelButton").isVisible()
    assert panel.button("downloadButton").isEnabled(), "another one can be queued"
    panel.bench.engine.process.release("transfer.download")
    panel.settle()
    assert panel.text("messageText") == "Done: 3 series downloaded and loaded."
    assert len(panel.bench.host.loader.requests) == 3
    assert not panel.button("cancelButton").isVisible()


def test_cancel_by_a_click(panel):
    panel.click_row("collections", 0)
    panel.bench.engine.process.hold("transfer.download")
    panel.button("downloadButton").click()
    panel.settle()
    panel.button("cancelButton").click()
    panel.settle()
    assert panel.text("messageText").startswith("Warning: Canceled.")
    assert panel.button("downloadButton").isEnabled()


def test_failures_come_first_in_the_results_which_open_by_themselves(panel, tmp_path):
    panel.bench.catalog.downloads.directory = str(tmp_path)
    panel.click_row("collections", 0)
    panel.click_row("cases", 0)
    panel.bench.catalog.downloads.download_states = {"1.2.5.0.2": "failed"}
    panel.button("downloadButton").click()
    panel.settle()
    results = panel.find(QtWidgets.QTextBrowser, "results")
    assert results.isVisible()
    lines = [line.replace("\ufffc", "").strip() for line in results.toPlainText().splitlines()]
    assert lines[0] == "Failed: lungs-00000 RTSTRUCT RTSTRUCT of lungs-00000"
    assert lines[1] == "The bucket has no files for this series; it may have been moved."
    assert lines[2] == "Done: lungs-00000 CT CT of lungs-00000"
    assert panel.panel.tabs.tabText(2) == "&Results (1 failed)"


def test_the_results_leave_when_something_else_is_selected(panel, tmp_path):
    panel.bench.catalog.downloads.directory = str(tmp_path)
    panel.click_row("collections", 0)
    panel.click_row("cases", 0)
    panel.bench.catalog.downloads.download_states = {"1.2.5.0.2": "failed"}
    panel.button("downloadButton").click()
    panel.settle()
    results = panel.find(QtWidgets.QTextBrowser, "results")
    panel.click_row("cases", 0)
    assert results.isVisible() and results.toPlainText() != ""
    panel.click_row("cases", 1)
    panel.settle()
    assert results.toPlainText() == "" and not results.isVisible()
    assert panel.panel.tabs.tabText(2) == "&Results"


def test_what_is_here_is_asked_again_when_the_page_or_the_program_comes_back(panel):
    panel.click_row("collections", 0)
    panel.click_row("cases", 0)
    panel.click_row("studies", 0)
    panel.settle()
    before = len(panel.bench.host.store.asked_status)
    panel.bench.browser.show_page("downloads")
    panel.bench.browser.show_page("browse")
    panel.settle()
    assert len(panel.bench.host.store.asked_status) > before
    before = len(panel.bench.host.store.asked_status)
    QtWidgets.QApplication.instance().applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    panel.settle()
    assert len(panel.bench.host.store.asked_status) > before


def test_the_images_that_come_along_count(panel):
    panel.click_row("collections", 0)
    panel.click_row("cases", 0)
    panel.click_row("studies", 0)
    panel.click_row("series", 1)
    panel.settle()
    assert panel.text("selectionTotal").startswith("2 series")
    assert "This includes 1 series" in panel.text("selectionLevels")
    panel.find(QtWidgets.QCheckBox, "withReferences").click()
    panel.settle()
    assert panel.text("selectionTotal").startswith("1 series")


def test_without_the_wish_no_referenced_images_come_along(panel):
    panel.click_row("collections", 0)
    panel.find(QtWidgets.QCheckBox, "withReferences").click()
    panel.button("downloadButton").click()
    panel.settle()
    assert panel.bench.engine.process.calls("transfer.download")[0]["with_references"] is False


def test_details_follow_the_selection_and_their_links_open_outside(panel):
    panel.click_row("collections", 0)
    details = panel.find(QtWidgets.QTextBrowser, "details")
    assert "lungs" in details.toPlainText()
    details.anchorClicked.emit(QtCore.QUrl("https://example.org/page"))
    assert panel.bench.host.opened == ["https://example.org/page"]


def test_names_from_the_catalog_are_never_taken_for_html():
    document = {"title": "<img src=x>", "items": [["<i>a</i>", "<b>b"]], "links": [["x", "javascript:alert(1)", "doi"]], "text": "<script>"}
    html = details_html(with_clinical_data({**document, "sections": [], "missing_indices": [], "levels": []}, ClinicalState()))
    assert "<img" not in html and "<i>" not in html and "<script>" not in html and "javascript" not in html


def test_a_message_has_a_word_and_can_be_closed(panel):
    panel.bench.browser.message.emit(Message(Kind.ERROR, "The disk is full."))
    assert panel.text("messageText") == "Error: The disk is full."
    panel.find(QtWidgets.QToolButton, "messageClose").click()
    assert not panel.find(QtWidgets.QFrame, "messageStrip").isVisible()


def test_an_engine_that_gave_up_can_be_started_again_from_the_message(panel):
    for _ in range(3):
        panel.bench.engine.process.alive = False
        panel.settle()
    assert panel.button("messageAction").isVisible()
    panel.button("messageAction").click()
    panel.settle()
    assert panel.text("collectionsCount") == "2"


def test_copied_rows_carry_their_header(panel):
    panel.click_row("collections", 0)
    select_rows(panel.table("cases"), ((0, 1),))
    panel.settle()
    action = next(action for action in panel.table("cases").actions() if "Copy" in action.property("text"))
    action.trigger()
    panel.settle()
    lines = QtWidgets.QApplication.clipboard().text().splitlines()
    assert lines[0].startswith("Case\tSex\tAge")
    assert lines[1].startswith("lungs-00000\tF\t45 y") and len(lines) == 3


def test_selecting_every_row_of_a_large_table_fetches_none_of_them(app, make_bench):
    panel = Panel(make_bench(FakeCatalog(26_410)), [])
    panel.click_row("collections", 0)
    before = len(panel.bench.engine.process.asked)
    panel.table("cases").selectAll()
    asked = [method for method, _parameters in panel.bench.engine.process.asked[before:]]
    assert panel.text("casesCount") == "26,410 of 26,410 selected"
    assert asked == ["catalog.view", "selection.summary", "catalog.details", "clinical.case"]
    panel.panel.close()


def test_rows_out_of_sight_come_when_scrolled_to(app, make_bench):
    panel = Panel(make_bench(FakeCatalog(1000)), [])
    panel.click_row("collections", 0)
    assert panel.cell("cases", 900, "Case") == "..."
    panel.settle()
    assert panel.cell("cases", 900, "Case") == "lungs-00900"
    panel.panel.close()


def test_every_control_has_a_name_for_a_screen_reader_and_an_object_name(with_all_pages):
    kinds = (QtWidgets.QTableView, QtWidgets.QLineEdit, QtWidgets.QPushButton, QtWidgets.QCheckBox, QtWidgets.QProgressBar)
    for kind in kinds:
        for control in with_all_pages.panel.widget.findChildren(kind):
            if control.property("objectName").startswith("qt_"):
                continue
            assert control.property("objectName")
            assert control.property("accessibleName") or control.property("text"), control.property("objectName")


def test_the_mnemonics_in_sight_together_are_all_different(with_all_pages):
    panel = with_all_pages
    pages = panel.panel.pages
    texts = [(pages.tabText(number), None) for number in range(pages.count())]
    texts += [(panel.panel.tabs.tabText(number), 0) for number in range(3)]
    for kind in (QtWidgets.QLabel, QtWidgets.QAbstractButton):
        parts = panel.panel.widget.findChildren(kind)
        # What is selected is shown while "Browse" is.
        selection = panel.panel.selection.widget
        texts += [(part.property("text"), 0 if selection.isAncestorOf(part) else page_of(pages, part)) for part in parts]
    for number in range(pages.count()):
        shown = [text for text, page in texts if page in (None, number) and text and "&" in text[:-1]]
        keys = [text[text.index("&") + 1].lower() for text in shown]
        twice = [text for text, key in zip(shown, keys, strict=True) if keys.count(key) > 1]
        assert twice == [], (pages.tabText(number), "free:", sorted(set("abcdefghijklmnopqrstuvwxyz") - set(keys)))


def page_of(pages, part):
    """Number of the page that a widget is on; None for what is in sight on all."""
    return next((number for number in range(pages.count()) if pages.widget(number).isAncestorOf(part)), None)


@pytest.mark.parametrize(
    ("size", "cases", "series"),
    [
        ((340, 900), Qt.Orientation.Vertical, Qt.Orientation.Vertical),
        ((700, 690), Qt.Orientation.Horizontal, Qt.Orientation.Vertical),
        ((1050, 640), Qt.Orientation.Horizontal, Qt.Orientation.Horizontal),
        ((1400, 1000), Qt.Orientation.Horizontal, Qt.Orientation.Vertical),
    ],
)
def test_tables_stand_side_by_side_or_one_above_the_other_as_there_is_room(panel, size, cases, series):
    panel.find(QtWidgets.QCheckBox, "allTables").click()
    panel.panel.widget.resize(*size)
    panel.settle()
    assert panel.find(QtWidgets.QSplitter, "topSplitter").property("orientation") == cases
    assert panel.find(QtWidgets.QSplitter, "middleSplitter").property("orientation") == series


def test_a_closed_panel_hears_nothing_more(app, make_bench):
    panel = Panel(make_bench(FakeCatalog()))
    browser = panel.bench.browser
    panel.panel.close()
    for signal in (browser.picked.changed, browser.details.changed, browser.info_changed, browser.folder_changed, browser.downloads.changed):
        assert signal._listeners == []
    assert browser.statuses.changed._listeners == [] and browser.tables.reselect._listeners == []


def test_the_keyboard_leads_from_the_search_box_to_the_series(panel):
    panel.activate()
    panel.find(QtWidgets.QLineEdit, "collectionsFilter").setFocus()
    QTest.keyClicks(QtWidgets.QApplication.focusWidget(), "brai")
    panel.settle()
    QTest.keyClick(QtWidgets.QApplication.focusWidget(), Qt.Key.Key_Return)
    # The only study of a case opens its series at once.
    for level in ("collections", "cases", "series"):
        panel.settle()
        assert QtWidgets.QApplication.focusWidget() is panel.panel.tables[level].in_sight
        assert selected_ranges(panel.table(level).selectionModel()) == ((0, 0),)
        QTest.keyClick(panel.panel.tables[level].in_sight, Qt.Key.Key_Return)
    assert panel.text("selectionTotal") == "1 series, 1.0 MB"
    for level in ("cases", "collections"):
        QTest.keyClick(QtWidgets.QApplication.focusWidget(), Qt.Key.Key_Backspace)
        panel.settle()
        assert QtWidgets.QApplication.focusWidget() is panel.panel.tables[level].in_sight
    assert panel.text("selectionTotal") == "9 series, 9.0 MB"


def test_the_keyboard_leads_through_all_four_tables_where_they_are_shown(panel):
    panel.activate()
    panel.find(QtWidgets.QCheckBox, "allTables").click()
    panel.table("collections").setFocus()
    panel.table("collections").selectRow(0)
    for level in ("collections", "cases", "studies", "series"):
        panel.settle()
        assert QtWidgets.QApplication.focusWidget() is panel.table(level) and panel.table(level).isVisible()
        QTest.keyClick(panel.table(level), Qt.Key.Key_Return)
    QTest.keyClick(panel.table("series"), Qt.Key.Key_Backspace)
    assert QtWidgets.QApplication.focusWidget() is panel.table("studies")


def test_escape_clears_a_selection_and_tab_leaves_a_table(panel):
    panel.activate()
    panel.click_row("collections", 0)
    panel.table("collections").setFocus()
    QTest.keyClick(panel.table("collections"), Qt.Key.Key_Escape)
    panel.settle()
    assert panel.text("selectionTotal") == "Nothing selected"
    panel.find(QtWidgets.QLineEdit, "collectionsFilter").setFocus()
    visited = []
    for _step in range(24):
        visited.append(QtWidgets.QApplication.focusWidget().property("objectName"))
        QTest.keyClick(QtWidgets.QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert visited[:2] == ["collectionsFilter", "collectionsTable"]
    assert visited.index("withReferences") < visited.index("changeFolderButton")


def test_painting_a_table_whose_rows_are_all_selected_looks_only_at_those_in_sight(app, make_bench, monkeypatch):
    from IDCBrowserLib.ui.widgets import rows_model

    calls = []
    column_count = rows_model.RowsModel.columnCount

    def counted(self, *parent):
        calls.append(1)
        return column_count(self, *parent)

    monkeypatch.setattr(rows_model.RowsModel, "columnCount", counted)
    panel = Panel(make_bench(FakeCatalog(26_410)), [])
    panel.click_row("collections", 0)
    panel.table("cases").selectAll()
    panel.settle()
    calls.clear()
    panel.panel.widget.grab()
    assert 0 < len(calls) < 5000
    panel.panel.close()


def test_a_click_on_a_row_that_was_selected_before_shows_its_details_again(panel):
    for level in ("collections", "cases", "studies"):
        panel.click_row(level, 0)
    details = panel.bench.browser.details.state
    assert details.level == "studies"
    view = panel.table("collections")
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, view.visualRect(view.model().index(0, 0)).center())
    panel.settle()
    assert (panel.bench.browser.details.state.level, panel.bench.browser.details.state.id) == ("collections", "lungs")
    assert panel.bench.browser.tables.deepest_selected() == "studies", "what is selected below it stays so"
    view = panel.table("studies")
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, view.visualRect(view.model().index(0, 0)).center())
    panel.settle()
    assert (panel.bench.browser.details.state.level, panel.bench.browser.details.state.id) == (details.level, details.id)
    asked = len(panel.bench.engine.process.calls("catalog.details"))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, view.visualRect(view.model().index(0, 0)).center())
    panel.settle()
    assert len(panel.bench.engine.process.calls("catalog.details")) == asked
