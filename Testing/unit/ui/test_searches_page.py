from __future__ import annotations

import json
import time

import pytest

pytest.importorskip("PySide6")

from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.logic.finding.saved_searches import MAX_RECENT, RECENT_KEY, SavedSearch, search_from, search_from_text
from IDCBrowserLib.logic.finding.search import MAX_TEXT, is_link
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.finding.search_panel import MAX_SHOWN
from IDCBrowserLib.ui.finding.searches_page import SearchesPage

FILTERS = {"Modality": ["CT"], "license_short_name": {"none": ["CC BY-NC 4.0"]}}
LINK = "https://portal.imaging.datacommons.cancer.gov/explore/filters/?Modality=CT"


class SearchHands(Panel):
    def __init__(self, bench):
        super().__init__(bench, [SearchesPage])
        self.browser = bench.browser

    def open(self):
        self.panel.show_page("searches")
        self.settle()

    def press(self, name):
        QTest.mouseClick(self.button(name), Qt.MouseButton.LeftButton)
        self.settle()

    def keep(self, name):
        self.find(QtWidgets.QLineEdit, "searchName").setText(name)
        self.press("searchKeepButton")

    @property
    def listed(self):
        tree = self.find(QtWidgets.QTreeWidget, "searchesList")
        return [(tree.topLevelItem(row).text(0), tree.topLevelItem(row).text(1)) for row in range(tree.topLevelItemCount())]

    def select(self, row):
        tree = self.find(QtWidgets.QTreeWidget, "searchesList")
        tree.setCurrentItem(tree.topLevelItem(row))

    def paste(self, text):
        QtWidgets.QApplication.clipboard().setText(text)
        self.press("searchPasteButton")


@pytest.fixture
def hands(app, bench):
    hands = SearchHands(bench)
    yield hands
    hands.panel.close()
    hands.panel.widget.close()


def test_a_search_is_kept_listed_applied_renamed_and_deleted(hands):
    hands.browser.filters.choose(FILTERS)
    hands.settle()
    hands.click_row("collections", 0)
    hands.open()
    assert hands.text("searchNow") == "Modality: CT; License: not CC BY-NC 4.0; in Lungs"
    hands.keep("My CTs")
    hands.browser.filters.reset()
    hands.browser.tables.clear_selection()
    hands.settle()
    hands.open()
    assert hands.listed[0] == ("My CTs", "Modality: CT; License: not CC BY-NC 4.0; in Lungs")
    hands.select(0)
    hands.press("searchApplyButton")
    for _round in range(3):
        hands.settle()
    assert hands.panel.pages.currentIndex() == 0
    assert hands.browser.filters.for_engine() == FILTERS
    assert hands.browser.tables.selected_ids("collections") == ("lungs",)
    hands.open()
    hands.select(0)
    hands.find(QtWidgets.QLineEdit, "searchName").setText("Other name")
    hands.press("searchRenameButton")
    assert hands.listed[0][0] == "Other name"
    hands.select(0)
    hands.press("searchDeleteButton")
    assert "Other name" not in [name for name, _about in hands.listed]


def test_what_was_looked_at_is_in_the_history_also_after_reset(hands):
    hands.browser.filters.choose({"Modality": ["SEG"]})
    hands.settle()
    hands.browser.filters.reset()
    hands.browser.filters.choose({"Modality": ["CT"]})
    hands.settle()
    hands.click_row("collections", 0)
    hands.open()
    assert [about for _name, about in hands.listed] == ["Modality: CT; in Lungs", "Modality: SEG"]
    hands.press("searchClearButton")
    assert hands.listed == []


def test_the_steps_of_a_minute_are_one_search_and_the_history_says_when(hands):
    now = [1_700_000_000.0]
    hands.browser.searches._clock = lambda: now[0]
    for filters in ({"Modality": ["CT"]}, {"Modality": ["CT", "SEG"]}, {"Modality": ["CT", "SEG"], "collection_id": ["lungs"]}):
        hands.browser.filters.choose(filters)
        hands.settle()
        hands.click_row("collections", 0)
        now[0] += 20
    now[0] += 120
    hands.browser.filters.choose({"Modality": ["RTSTRUCT"]})
    hands.settle()
    for row in (0, 1):
        hands.click_row("collections", row)
        now[0] += 120
    hands.open()
    times = [time.strftime("%Y-%m-%d %H:%M", time.localtime(at)) for at in (1_700_000_300, 1_700_000_040)]
    assert hands.listed == [(times[0], "Modality: RTSTRUCT; in Brains"), (times[1], "Modality: CT or SEG; Collection: Lungs; in Lungs")]


def test_the_history_is_bounded_and_one_that_is_damaged_is_left_out(hands):
    now = [1_700_000_000.0]
    hands.browser.searches._clock = lambda: now[0]
    for number in range(MAX_RECENT + 5):
        hands.browser.filters.choose({"Modality": ["CT", f"X{number}"]})
        hands.settle()
        hands.click_row("collections", 0)
        now[0] += 120
    assert len(hands.browser.searches.history()) == MAX_RECENT
    hands.browser.searches.recent.save()
    damaged = [{"filters": {"Modality": ["CT"]}}, {"at": "x", "search": {"text": "a"}}, {"at": 1e99, "search": {"text": "a"}}, {"at": 1}, 7]
    hands.bench.host.settings.set_value(RECENT_KEY, json.dumps(damaged))
    assert hands.browser.searches.history() == []


def test_a_search_goes_through_the_clipboard_as_text(hands):
    hands.browser.filters.choose(FILTERS)
    hands.settle()
    hands.open()
    hands.press("searchTextButton")
    text = QtWidgets.QApplication.clipboard().text()
    assert "\n" not in text
    hands.browser.filters.reset()
    hands.open()
    hands.paste(text)
    assert hands.browser.filters.for_engine() == FILTERS


def test_what_means_something_else_in_the_portal_is_said_when_its_link_is_copied(hands):
    hands.browser.filters.choose({"Modality": ["CT"], "SliceThickness": {"min": 1, "max": 3}})
    hands.settle()
    hands.open()
    hands.press("searchLinkButton")
    assert hands.text("messageText") == "Warning: The slider leaves out its end."


def test_a_search_goes_to_the_portal_and_comes_from_it(hands):
    hands.browser.filters.choose(FILTERS)
    hands.settle()
    hands.open()
    hands.press("searchLinkButton")
    assert QtWidgets.QApplication.clipboard().text() == LINK
    assert "which the IDC portal does not support: License" in hands.text("messageText")
    hands.browser.filters.reset()
    hands.open()
    hands.paste(LINK)
    assert hands.browser.filters.for_engine() == {"Modality": ["CT"]}


def test_a_link_or_a_copied_search_in_the_search_box_is_offered_and_applied(hands):
    for text in (LINK, SavedSearch({"Modality": ["CT"]}).to_text()):
        hands.browser.filters.reset()
        hands.find(QtWidgets.QLineEdit, "searchBox").setText(text)
        QTest.keyClick(hands.find(QtWidgets.QLineEdit, "searchBox"), Qt.Key.Key_Return)
        for _round in range(3):
            hands.settle()
        assert hands.browser.filters.for_engine() == {"Modality": ["CT"]}, text


def test_a_link_to_a_study_becomes_a_plan_and_an_odd_one_a_sentence(hands):
    hands.open()
    hands.paste("https://viewer.imaging.datacommons.cancer.gov/viewer/1.2.3")
    assert hands.bench.engine.process.calls("selection.plan") == [{"sources": ["1.2.3"]}]
    hands.open()
    hands.paste("https://portal.imaging.datacommons.cancer.gov/explore/")
    assert "The address cannot be applied: it is odd." in hands.text("messageText")


def test_a_link_to_a_page_of_a_collection_opens_it_in_the_tables(hands):
    hands.browser.filters.choose({"Modality": ["CT"]})
    box = hands.find(QtWidgets.QLineEdit, "searchBox")
    box.setText("https://portal.imaging.datacommons.cancer.gov/collections/brains")
    QTest.keyClick(box, Qt.Key.Key_Return)
    for _round in range(3):
        hands.settle()
    assert hands.browser.tables.selected_ids("collections") == ("brains",) and not hands.browser.filters.for_engine()


def test_applying_a_search_twice_keeps_its_filters(hands):
    for _time in range(2):
        hands.browser.searches.apply(SavedSearch({"Modality": ["MR"]}))
        for _round in range(3):
            hands.settle()
        assert hands.bench.engine.process.calls("catalog.view")[-1]["filters"] == {"Modality": ["MR"]}


@pytest.mark.parametrize(
    "text",
    [
        "https://portal.imaging.datacommons.cancer.gov/explore/filters/?age_at_diagnosis_btw=10,50&Modality=CT",
        "https://volview.kitware.app/?urls=[s3://idc-open-data/a,s3://idc-open-data/b]",
    ],
)
def test_commas_are_no_reason_to_take_a_link_apart(text):
    assert is_link(text)
    assert not is_link(f"{text} {text}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lung",
        "idc-browser-search",
        "idc-browser-search {",
        "idc-browser-search []",
        'idc-browser-search {"filters": {"Modality": 7.5e999}, "x": 1}',
        'idc-browser-search {"filters": {"Modality": {"like": "%"}}}',
        "idc-browser-search " + "[" * 100_000,
        "x" * 10_000_000,
    ],
)
def test_what_is_no_search_is_said_in_place(hands, text):
    hands.open()
    hands.paste(text)
    assert "This text is neither a search" in hands.text("messageText")
    with pytest.raises(ValueError):
        search_from_text(text)


def test_a_search_survives_the_settings():
    search = SavedSearch({"age_years": {"min": 40, "any": [None]}}, "lung", ("nlst",))
    assert search_from(json.loads(json.dumps(search.to_json()))) == search
    assert search.describe() == 'Age (years): at least 40 or not stated; text "lung"; in nlst'
    assert SavedSearch().describe() == "everything"


def test_ten_megabytes_in_the_search_box_are_cut_and_that_is_said(hands):
    box = hands.find(QtWidgets.QLineEdit, "searchBox")
    QtWidgets.QApplication.clipboard().setText("lungs " * 1_700_000)
    box.paste()
    assert len(box.text()) == MAX_SHOWN
    QTest.keyClick(box, Qt.Key.Key_Return)
    for _round in range(3):
        hands.settle()
    assert f"Only the first {MAX_TEXT:,} characters were used" in hands.text("searchNote")


def test_a_case_id_of_two_collections_asks_which(hands):
    catalog = hands.bench.catalog
    twin = {**catalog.rows["cases"][0], "collection_id": "brains"}
    catalog.rows["cases"].append(twin)
    box = hands.find(QtWidgets.QLineEdit, "searchBox")
    box.setText(twin["PatientID"])
    QTest.keyClick(box, Qt.Key.Key_Return)
    for _round in range(3):
        hands.settle()
    assert hands.text("searchNote") == "This case ID occurs in 2 collections. Choose one."
    assert hands.browser.tables.deepest_selected() is None


def test_a_uid_of_an_instance_is_explained(hands):
    answers = hands.bench.engine.process.handlers
    box = hands.find(QtWidgets.QLineEdit, "searchBox")
    for missing, text in (
        (["sm_instance_index"], "this needs the index file sm_instance_index, which you can fetch"),
        ([], "slide microscopy instance in IDC has this UID"),
    ):
        answers["catalog.search"] = lambda _parameters, missing=missing: {"hits": [], "more": {}, "missing_indices": missing}
        box.clear()
        box.setText("1.3.6.1.4.1.14519.5.2.1.6279.6001.999")
        QTest.keyClick(box, Qt.Key.Key_Return)
        for _round in range(3):
            hands.settle()
        assert text in hands.text("searchNote")


def test_a_description_of_many_series_becomes_a_filter(hands):
    from IDCBrowserLib.logic.base.state import Hit

    hands.browser.pick(Hit("series", ("1",), "Axial", "", {"Modality": ["CT"], "collection_id": ["lungs"]}))
    hands.settle()
    assert hands.browser.filters.for_engine() == {"Modality": ["CT"], "collection_id": ["lungs"]}
