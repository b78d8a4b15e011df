"""A person keeps a search, passes it on, and is asked when a case id is ambiguous; on the real catalog, by keys and clicks."""

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.hands import Hands
from PySide6 import QtCore, QtTest, QtWidgets

from IDCBrowserLib.host.standalone.window import WindowConfig


@pytest.fixture
def catalog(open_window: Callable[[WindowConfig], Hands], tmp_path: Path) -> Hands:
    hands = open_window(WindowConfig(settings_file=str(tmp_path / "settings.ini"), download_folder=str(tmp_path / "downloads")))
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    return hands


def press(hands: Hands, key: QtCore.Qt.Key) -> None:
    QtTest.QTest.keyClick(QtWidgets.QApplication.focusWidget() or hands.widget("searchBox"), key)


def test_a_search_is_kept_passed_on_and_had_again(catalog: Hands) -> None:
    browser = catalog.program.browser
    catalog.press("filtersButton")
    catalog.widget("facets").setCurrentRow(2)
    catalog.wait(lambda: catalog.widget("facetValues").model().rowCount() > 10, "the modalities")
    view = catalog.widget("facetValues")
    row = next(number for number in range(view.model().rowCount()) if view.model().index(number, 0).data() == "SEG")
    view.setCurrentIndex(view.model().index(row, 0))
    view.setFocus()
    QtTest.QTest.keyClick(view, QtCore.Qt.Key.Key_Space)
    browser.show_page("searches")
    catalog.type_into("searchName", "Segmentations")
    catalog.press("searchKeepButton")
    catalog.press("searchLinkButton")
    catalog.wait(lambda: "Link copied to the clipboard" in catalog.message(), "the address")
    link = QtWidgets.QApplication.clipboard().text()
    assert link.startswith("https://portal.imaging.datacommons.cancer.gov/explore/filters/?")
    catalog.photograph("searches")
    browser.show_page("browse")
    catalog.press("resetFiltersButton")
    catalog.wait(lambda: catalog.rows("collections") > 100, "everything again")
    catalog.widget("searchBox").setFocus()
    catalog.widget("searchBox").setText(link)
    QtTest.QTest.keyClick(catalog.widget("searchBox"), QtCore.Qt.Key.Key_Return)
    catalog.wait(lambda: browser.filters.for_engine() == {"Modality": ["SEG"]}, "the filters of the address")
    assert browser.searches.saved.all() == {"Segmentations": {"filters": {"Modality": ["SEG"]}}}


def test_a_filter_narrowed_in_steps_is_one_search_of_the_history_and_says_when(catalog: Hands) -> None:
    browser = catalog.program.browser
    for chosen in ({"Modality": ["SEG"]}, {"Modality": ["SEG"], "BodyPartExamined": ["LIVER"]}):
        browser.filters.choose(chosen)
        catalog.wait(lambda: catalog.program.engine.client.pending == 0 and catalog.rows("collections") > 0, "what is left")
        catalog.click_row("collections", 0)
        catalog.wait(lambda: catalog.rows("cases") > 0, "its cases")
    browser.show_page("searches")
    listed = catalog.widget("searchesList")
    assert listed.topLevelItemCount() == 1
    assert listed.topLevelItem(0).text(1).startswith("Modality: SEG; Body part: LIVER; in ")
    assert QtCore.QDateTime.fromString(listed.topLevelItem(0).text(0), "yyyy-MM-dd HH:mm").isValid()
    catalog.photograph("history")


def test_a_case_id_of_two_collections_asks_which(catalog: Hands) -> None:
    browser = catalog.program.browser
    catalog.type_into("searchBox", "521955-158-R4-2162")
    press(catalog, QtCore.Qt.Key.Key_Return)
    catalog.wait(lambda: browser.search.state.ask, "the question")
    assert catalog.widget("searchNote").text() == "This case ID occurs in 2 collections. Choose one."
    assert browser.tables.deepest_selected() is None
    press(catalog, QtCore.Qt.Key.Key_Down)
    press(catalog, QtCore.Qt.Key.Key_Return)
    catalog.wait(lambda: browser.tables.selected_ids("cases"), "the chosen one")
    assert browser.tables.selected_ids("cases")[0].endswith("/521955-158-R4-2162")
