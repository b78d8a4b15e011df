"""Clinical attributes in the filters of the panel: offered, fetched in place, chosen, shown as chips."""

from __future__ import annotations

from functools import partial

import pytest

pytest.importorskip("PySide6")

from helpers.fake_clinical import AGE, STAGE
from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.errors import CatalogError
from IDCBrowserLib.logic.session_restore import PLACE_KEY
from IDCBrowserLib.qtbinding import Qt, QtWidgets


class ClinicalHands(Panel):
    """Opens the filters and looks at attributes, by keys and clicks."""

    @property
    def facets(self):
        return self.find(QtWidgets.QListWidget, "facets")

    @property
    def offered(self):
        """What stands below the heading "Clinical"."""
        texts = [self.facets.item(row).text() for row in range(self.facets.count()) if not self.facets.isRowHidden(row)]
        return texts[texts.index("Clinical") + 1 :] if "Clinical" in texts else []

    @property
    def values(self):
        model = self.find(QtWidgets.QTableView, "facetValues").model()
        return [tuple(model.index(row, column).data() for column in range(2)) for row in range(model.rowCount())]

    @property
    def needs(self):
        widget = self.find(QtWidgets.QWidget, "missingTables")
        return self.text("missingTablesText") if not widget.isHidden() else ""

    @property
    def chip(self):
        chip = self.find(QtWidgets.QToolButton, "filterChip0")
        return chip.text() if not chip.isHidden() else ""

    def open(self):
        QTest.mouseClick(self.button("filtersButton"), Qt.MouseButton.LeftButton)
        self.settle()

    def facet(self, title):
        (row,) = [row for row in range(self.facets.count()) if self.facets.item(row).text() == title]
        self.facets.setCurrentRow(row)
        self.settle()

    def check(self, text):
        view = self.find(QtWidgets.QTableView, "facetValues")
        row = [value for value, _count in self.values].index(text)
        view.setCurrentIndex(view.model().index(row, 0))
        QTest.keyClick(view, Qt.Key.Key_Space)
        self.settle()

    def get_it(self):
        QTest.mouseClick(self.find(QtWidgets.QToolButton, "missingTablesGet"), Qt.MouseButton.LeftButton)
        self.settle()


@pytest.fixture
def panel(app, bench):
    panel = ClinicalHands(bench)
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


@pytest.fixture
def clinical(bench):
    """The index file is here; tables are not."""
    bench.catalog.attributes.missing_index = ""
    return bench.catalog.attributes


def test_without_the_index_file_one_entry_says_what_it_takes_and_goes_on_when_it_came(panel):
    clinical = panel.bench.catalog.attributes
    panel.open()
    assert panel.offered == ["Clinical data"]
    panel.facet("Clinical data")
    assert "clinical_index.parquet" in panel.text("missingIndexText")
    clinical.missing_index = ""
    panel.bench.browser.side_fetch.arrived.emit("clinical_index")
    panel.settle()
    assert panel.offered == ["Stage", "Age at diagnosis"]
    assert panel.facets.currentItem().text() == "Stage" and panel.needs.startswith("Needs 1.2 MB"), "what is in sight now is counted"


def test_the_tables_of_an_attribute_are_fetched_in_place_and_its_values_are_there(panel, clinical):
    panel.open()
    panel.facet("Stage")
    assert panel.needs == "Needs 1.2 MB of further data (1 clinical table)." and panel.values == []
    panel.get_it()
    assert panel.bench.engine.process.calls("clinical.fetch") == [{"tables": ["people"]}]
    assert panel.needs == "" and panel.values == [("I", "12"), ("II", "6")]


def test_a_value_narrows_the_tables_and_its_chip_takes_it_off(panel, clinical):
    clinical.missing = []
    panel.open()
    panel.facet("Stage")
    panel.check("II")
    assert panel.table("cases").model() is not None and panel.bench.browser.filters.for_engine() == {STAGE: ["II"]}
    assert panel.chip == "Stage: II  ×" and "Stage (1)" in panel.offered
    assert panel.text("filtersTotals").startswith("= 2 cases")
    assert panel.bench.engine.process.calls("catalog.view")[-1]["filters"] == {STAGE: ["II"]}
    QTest.mouseClick(panel.find(QtWidgets.QToolButton, "filterChip0"), Qt.MouseButton.LeftButton)
    panel.settle()
    assert panel.bench.browser.filters.for_engine() == {} and panel.offered[0] == "Stage"


def test_all_checked_values_can_be_asked_of_one_case(panel, clinical):
    clinical.missing = []
    panel.open()
    panel.facet("Stage")
    box = panel.find(QtWidgets.QCheckBox, "facetAllOf")
    assert not box.isHidden()
    box.click()
    panel.check("I")
    assert panel.bench.browser.filters.for_engine() == {STAGE: {"all": ["I"]}}


def test_numbers_have_a_histogram_with_two_handles(panel, clinical):
    clinical.missing = []
    panel.open()
    panel.facet("Age at diagnosis")
    editor = panel.find(QtWidgets.QWidget, "rangeEditor")
    assert not editor.isHidden() and panel.find(QtWidgets.QCheckBox, "rangeNotStated").text() == "not stated (1 series)"
    low = panel.find(QtWidgets.QLineEdit, "rangeLow")
    QTest.keyClicks(low, "45")
    QTest.keyClick(low, Qt.Key.Key_Return)
    panel.settle()
    assert panel.bench.browser.filters.for_engine() == {AGE: {"min": 45.0}}
    assert panel.chip == "Age at diagnosis at least 45  ×"


def test_the_selected_collections_say_which_attributes_are_offered_and_what_is_chosen_stays(panel, clinical):
    clinical.missing = []
    panel.open()
    panel.bench.browser.filters.set_range(AGE, 40, None)
    panel.settle()
    panel.click_row("collections", 1)
    assert panel.bench.engine.process.calls("clinical.attributes")[-1]["collections"] == ["brains"]
    assert panel.offered == ["Stage", "Age at diagnosis (1)"]
    panel.bench.browser.filters.reset()
    panel.settle()
    panel.click_row("collections", 0)
    assert panel.offered == ["Stage", "Age at diagnosis"]
    panel.click_row("collections", 1)
    assert panel.offered == ["Stage"]


def test_more_attributes_than_are_listed_are_found_by_name(panel, clinical):
    clinical.missing, clinical.more = [], 5000
    panel.open()
    assert panel.offered[-1] == "5,000 more: search by name"
    panel.facet("Stage")
    assert panel.needs == "Use the box above to find 5,000 more values."


def test_the_box_finds_attributes_and_their_values(panel, clinical):
    clinical.missing = []
    panel.open()
    finder = panel.bench.browser.filter_finder
    finder.look_for("diagno")
    panel.settle()
    assert [item.column for item in finder.state.found] == [AGE]
    finder.add_all("II")
    for _ in range(4):
        panel.settle()
    assert panel.bench.browser.filters.for_engine() == {STAGE: ["II"]}
    assert panel.facets.currentItem().text() == "Stage (1)"


def test_a_value_whose_table_is_not_here_is_chosen_once_it_came(panel, clinical):
    panel.open()
    panel.bench.browser.filters.set_range(AGE, 40, None)
    panel.facet("Stage")
    finder = panel.bench.browser.filter_finder
    finder.add_all("II")
    for _ in range(4):
        panel.settle()
    assert panel.bench.browser.filters.for_engine() == {AGE: {"min": 40}} and "needs clinical tables" in finder.state.note
    assert panel.offered == ["Stage", "Age at diagnosis (1)"]
    panel.get_it()
    for _ in range(2):
        panel.settle()
    assert panel.bench.browser.filters.for_engine() == {AGE: {"min": 40}, STAGE: ["II"]}


def test_what_cannot_be_read_is_said_in_place(panel, clinical):
    clinical.missing = []
    clinical.problems = ["The clinical table people has no column stage, although the index file says so.", "b.", "c."]
    panel.open()
    panel.facet("Stage")
    assert panel.needs == f"{clinical.problems[0]} b. One more table could not be read."
    panel.bench.engine.process.handlers["clinical.attributes"] = partial(_fail, "The index file is damaged; fetch it again.")
    panel.bench.engine.process.handlers["clinical.facet"] = partial(_fail, "The index file is damaged; fetch it again.")
    panel.bench.browser.clinical_attributes.again()
    panel.settle()
    assert panel.offered[0] == "Clinical data"
    panel.facet("Clinical data")
    assert panel.text("facetNothing") == "The values could not be counted: The index file is damaged; fetch it again."


def test_a_filter_of_the_last_session_is_there_again(app, bench, clinical):
    clinical.missing = []
    bench.host.settings.set_value(PLACE_KEY, '{"filters": {"clinical:Stage": ["II"], "nothing": ["x"]}}')
    panel = ClinicalHands(bench)
    panel.settle()
    assert bench.browser.filters.for_engine() == {STAGE: ["II"]} and panel.chip == "Stage: II  ×"
    bench.browser.searches.keep("my cases")
    assert bench.browser.searches.saved.all()["my cases"]["filters"] == {STAGE: ["II"]}
    panel.panel.close()
    panel.panel.widget.close()


def _fail(text, _params):
    raise CatalogError(text)
