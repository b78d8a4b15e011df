from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.errors import CatalogError
from IDCBrowserLib.logic.finding.facets import facet_groups
from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.rows_model import selected_ranges

NO_FILTER = "No filters: everything is shown."


class FilterHands(Panel):
    """Opens the filters, chooses a facet and checks values, by keys and clicks."""

    @property
    def area(self):
        return self.find(QtWidgets.QWidget, "filtersArea")

    @property
    def values(self):
        model = self.find(QtWidgets.QTableView, "facetValues").model()
        return [tuple(model.index(row, column).data() for column in range(2)) for row in range(model.rowCount())]

    def open(self):
        QTest.mouseClick(self.button("filtersButton"), Qt.MouseButton.LeftButton)
        self.settle()

    def facet(self, title):
        facets = self.find(QtWidgets.QListWidget, "facets")
        rows = [row for row in range(facets.count()) if facets.item(row).text().startswith(title)]
        facets.setCurrentRow(rows[0])

    def check(self, text):
        self.click_box(text, 0)

    def exclude(self, text):
        self.click_box(text, 2)

    def click_cell(self, text, section, button=Qt.MouseButton.LeftButton, double=False):
        view = self.find(QtWidgets.QTableView, "facetValues")
        row = [value for value, _count in self.values].index(text)
        place = view.visualRect(view.model().index(row, section)).center()
        QTest.mouseClick(view.viewport(), button, Qt.KeyboardModifier.NoModifier, place)
        if double:
            QTest.mouseDClick(view.viewport(), button, Qt.KeyboardModifier.NoModifier, place)
            QTest.mouseRelease(view.viewport(), button, Qt.KeyboardModifier.NoModifier, place)
        self.settle()

    def click_box(self, text, section):
        view = self.find(QtWidgets.QTableView, "facetValues")
        row = [value for value, _count in self.values].index(text)
        option = QtWidgets.QStyleOptionViewItem()
        option.initFrom(view)
        option.rect = view.visualRect(view.model().index(row, section))
        option.features = QtWidgets.QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
        box = view.style().subElementRect(QtWidgets.QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, view)
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, box.center())
        self.settle()

    def checked(self):
        model = self.find(QtWidgets.QTableView, "facetValues").model()
        return [
            model.index(row, 0).data() for row in range(model.rowCount()) if model.data(model.index(row, 0), int(Qt.ItemDataRole.CheckStateRole)) == 2
        ]


@pytest.fixture
def panel(app, bench):
    panel = FilterHands(bench, [])
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


def test_nothing_is_counted_before_the_filters_are_opened(panel):
    assert not panel.area.isVisible()
    assert panel.bench.engine.process.calls("catalog.facets") == []
    panel.open()
    assert panel.area.isVisible()
    panel.facet("Modality")
    assert panel.values == [("CT", "6"), ("SEG", "6"), ("RTSTRUCT", "6")]


def test_facets_that_the_release_does_not_have_are_not_offered(panel):
    panel.open()
    facets = panel.find(QtWidgets.QListWidget, "facets")
    offered = [facets.item(row).text() for row in range(facets.count()) if not facets.isRowHidden(row)]
    counted_alone = {
        "Segment type",
        "Anatomic region",
        "Algorithm type",
        "Algorithm name",
        "Number of segments",
        "Segment category",
        "Segmentation type",
        "ROI name",
        "ROI type",
        "Number of ROIs",
        "Age (years)",
        "Study year",
        "Series size",
        "Instances",
    }
    acquired = {*facet_groups()["Acquisition"].values(), *facet_groups()["Slide"].values(), "Regular volume"}
    in_release = [title for title in offered if title not in counted_alone | acquired]
    headings = ["Image", "Patient", "Acquisition", "Slide", "Segmentation", "Rights", "Clinical"]
    expected = ["Common filters", "Modality", "Body part", "Collection", "License", "Clinical data"]
    assert [title for title in in_release if title not in headings] == expected
    assert [title for title in offered if title in headings] == headings


def test_a_checked_value_narrows_the_tables_and_the_other_counts(panel):
    panel.open()
    panel.facet("Collection")
    panel.check("Brains")
    assert panel.text("filtersChosen") == "Only Collection: Brains"
    assert panel.text("collectionsCount") == "1"
    assert panel.cell("collections", 0, "Collection") == "Brains"
    assert panel.values == [("Lungs", "9"), ("Brains", "9")]
    panel.facet("Modality")
    assert panel.values == [("CT", "3"), ("SEG", "3"), ("RTSTRUCT", "3")]
    panel.click_row("collections", 0)
    panel.check("SEG")
    panel.check("CT")
    assert panel.text("filtersChosen") == "Only Collection: Brains; Modality: SEG or CT"
    assert panel.bench.engine.process.calls("catalog.view")[-1]["filters"] == {"collection_id": ["brains"], "Modality": ["SEG", "CT"]}
    for level in ("cases", "studies"):
        panel.click_row(level, 0)
    assert [panel.cell("series", row, "Modality") for row in range(2)] == ["CT", "SEG"]


def test_empty_values_are_not_stated_and_can_be_chosen(panel):
    panel.open()
    panel.facet("Body part")
    assert panel.values == [("not stated", "12"), ("CHEST", "6")]
    panel.check("not stated")
    assert panel.text("filtersChosen") == "Only Body part: not stated"
    assert panel.bench.engine.process.calls("catalog.view")[-1]["filters"] == {"BodyPartExamined": [None]}


def test_the_space_bar_checks_and_the_row_keeps_the_keyboard(panel):
    panel.activate()
    panel.open()
    panel.facet("Modality")
    view = panel.find(QtWidgets.QTableView, "facetValues")
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Space)
    panel.settle()
    assert panel.checked() == ["SEG"]
    assert view.currentIndex().row() == 1
    QTest.keyClick(view, Qt.Key.Key_Space)
    panel.settle()
    assert panel.checked() == [] and panel.text("filtersChosen") == NO_FILTER


def test_a_click_on_the_text_checks_and_one_beside_the_box_under_not_excludes(panel):
    panel.open()
    panel.facet("Modality")
    panel.click_cell("SEG", 0)
    assert panel.text("filtersChosen") == "Only Modality: SEG"
    panel.click_cell("SEG", 0)
    assert panel.text("filtersChosen") == NO_FILTER
    panel.click_cell("CT", 2)
    assert panel.text("filtersChosen") == "Only Modality: not CT"
    panel.click_cell("CT", 2)
    assert panel.text("filtersChosen") == NO_FILTER
    for section, button in ((1, Qt.MouseButton.LeftButton), (0, Qt.MouseButton.RightButton)):
        panel.click_cell("CT", section, button)
        assert panel.text("filtersChosen") == NO_FILTER


def test_a_double_click_checks_once(panel):
    panel.open()
    panel.facet("Modality")
    panel.click_cell("SEG", 0, double=True)
    assert panel.text("filtersChosen") == "Only Modality: SEG"
    panel.click_cell("CT", 0)
    assert panel.text("filtersChosen") == "Only Modality: SEG or CT"


def test_reset_shows_everything_again_also_with_the_area_closed(panel):
    panel.open()
    panel.facet("Collection")
    panel.check("Lungs")
    panel.open()
    assert not panel.area.isVisible()
    assert panel.button("resetFiltersButton").isVisible()
    panel.button("resetFiltersButton").click()
    panel.settle()
    assert panel.text("collectionsCount") == "2"
    assert not panel.button("resetFiltersButton").isEnabled()


def test_what_is_selected_stays_so_while_it_is_there(panel):
    panel.open()
    panel.facet("Modality")
    for level in ("collections", "cases", "studies"):
        panel.click_row(level, 0)
    panel.check("SEG")
    panel.settle()
    assert selected_ranges(panel.table("studies").selectionModel()) == ((0, 0),)
    assert panel.text("seriesCount") == "1"
    panel.facet("Collection")
    panel.check("Brains")
    assert panel.bench.browser.tables.deepest_selected() is None
    assert panel.text("selectionTotal") == "Nothing selected"


def test_while_the_rows_are_looked_for_nothing_can_be_downloaded_by_their_old_meaning(panel):
    panel.open()
    panel.facet("Modality")
    panel.click_row("collections", 0)
    panel.bench.engine.process.hold("catalog.view")
    panel.check("SEG")
    assert not panel.button("downloadButton").isEnabled()
    panel.bench.engine.process.release("catalog.view")
    panel.settle()
    assert panel.button("downloadButton").isEnabled()


@pytest.mark.parametrize("name", ["findFilter", "collectionsFilter"])
def test_a_box_that_was_emptied_has_nothing_to_clear(panel, name):
    panel.open()
    box = panel.find(QtWidgets.QLineEdit, name)
    clears = box.findChild(QtWidgets.QToolButton)
    QTest.keyClicks(box, "CT")
    panel.settle()
    QTest.qWait(300)
    assert clears.isVisible()
    if name == "findFilter":
        next(action for action in box.actions() if action.text() == "Clear").trigger()
    else:
        panel.bench.browser.tables.reveal({})
    panel.settle()
    QTest.qWait(300)
    assert box.text() == "" and not clears.isVisible()


@pytest.mark.parametrize("is_dark", [False, True])
def test_empty_boxes_are_told_from_what_is_behind_them(app, bench, is_dark):
    before = app.palette()
    palette = QtGui.QPalette(before)
    if is_dark:
        roles = QtGui.QPalette.ColorRole
        for role, color in ((roles.Window, "#353535"), (roles.Base, "#232323"), (roles.WindowText, "#eeeeee"), (roles.Text, "#eeeeee")):
            palette.setColor(role, QtGui.QColor(color))
    app.setPalette(palette)
    panel = FilterHands(bench)
    try:
        panel.open()
        panel.facet("Modality")
        panel.settle()
        view = panel.find(QtWidgets.QTableView, "facetValues")
        picture = view.viewport().grab(view.visualRect(view.model().index(1, 0))).toImage()
        # The outline of the box, at the left of the text; where it is empty, only the outline differs from what is behind.
        shades = {picture.pixelColor(x, picture.height() // 2).lightness() for x in range(18)}
        assert max(shades) - min(shades) > 40, shades
    finally:
        panel.panel.close()
        panel.panel.widget.close()
        app.setPalette(before)


def test_values_are_found_by_typing(panel):
    panel.open()
    panel.facet("Modality")
    panel.find(QtWidgets.QLineEdit, "facetFilter").setText("rts")
    assert panel.values == [("RTSTRUCT", "6")]
    panel.facet("License")
    assert [value for value, _count in panel.values] == ["CC BY 4.0", "CC BY-NC 4.0"]


def test_a_chosen_value_of_which_nothing_is_left_can_still_be_unchecked(panel):
    panel.open()
    panel.facet("Modality")
    panel.bench.browser.filters.toggle("Modality", "XA")
    panel.settle()
    assert panel.values[0] == ("XA", "0")
    assert panel.text("collectionsGuide") == 'No rows match all filters. Press "Reset filters" to show all rows.'
    panel.check("XA")
    assert panel.text("collectionsCount") == "2"


def test_an_analysis_result_found_by_search_is_shown_in_its_table(panel):
    panel.bench.browser.pick(hit("analysis_results", "lung_seg"))
    panel.settle()
    assert panel.bench.browser.tables.selected_ids("analysis_results") == ("lung_seg",)
    assert panel.text("casesCount") == "3"


def test_a_picked_row_is_shown_although_a_filter_hid_it(panel):
    panel.bench.browser.filters.toggle("collection_id", "lungs")
    panel.settle()
    panel.bench.browser.pick(hit("cases", "brains/brains-00001"))
    for _round in range(3):
        panel.settle()
    assert panel.text("filtersChosen") == NO_FILTER
    assert panel.bench.browser.tables.selected_ids("cases") == ("brains/brains-00001",)


def test_counts_that_cannot_be_had_are_told_in_place(panel):
    def broken(_parameters):
        raise CatalogError("The index is damaged.")

    panel.bench.engine.process.handlers["catalog.facets"] = broken
    panel.open()
    assert panel.text("messageText") == "Error: The index is damaged."


def test_filters_outlive_the_engine(panel):
    panel.open()
    panel.facet("Collection")
    panel.check("Lungs")
    panel.bench.engine.process.alive = False
    panel.settle()
    assert panel.text("collectionsCount") == "1"
    assert panel.bench.engine.process.calls("catalog.facets") == [{"filters": {"collection_id": ["lungs"]}}]


def test_a_value_is_excluded_by_the_box_under_not(panel):
    panel.open()
    panel.facet("Modality")
    panel.exclude("SEG")
    assert panel.text("filtersChosen") == "Only Modality: not SEG"
    assert panel.bench.engine.process.calls("catalog.view")[-1]["filters"] == {"Modality": {"none": ["SEG"]}}
    panel.check("SEG")
    assert panel.text("filtersChosen") == "Only Modality: SEG"
    panel.exclude("SEG")
    panel.exclude("SEG")
    assert panel.text("filtersChosen") == NO_FILTER


def test_what_the_filters_leave_is_counted_with_each_click(panel):
    panel.open()
    panel.facet("Collection")
    panel.check("Brains")
    assert panel.text("filtersTotals") == "= 3 cases (3 studies, 9 series, 1.0 MB)"


def test_a_range_is_typed_or_dragged(panel):
    bins = {"bins": [[1, 1, 9], [2, 4, 9]], "min": 1, "max": 4, "not_stated": 2}
    panel.bench.engine.process.handlers["catalog.facet_details"] = lambda _parameters: bins
    panel.open()
    panel.facet("Instances")
    panel.settle()
    low = panel.find(QtWidgets.QLineEdit, "rangeLow")
    low.setText("2")
    QTest.keyClick(low, Qt.Key.Key_Return)
    panel.settle()
    assert panel.text("filtersChosen") == "Only Instances: at least 2"
    assert panel.bench.engine.process.calls("catalog.view")[-1]["filters"] == {"instanceCount": {"min": 2.0}}
    low.setText("")
    QTest.keyClick(low, Qt.Key.Key_Return)
    panel.settle()
    slider = panel.find(QtWidgets.QSlider, "rangeHighSlider")
    slider.setValue(0)
    QTest.qWait(250)
    panel.settle()
    assert panel.text("filtersChosen") == "Only Instances: at most 1"
    panel.find(QtWidgets.QCheckBox, "rangeNotStated").click()
    panel.settle()
    assert panel.bench.engine.process.calls("catalog.view")[-1]["filters"] == {"instanceCount": {"any": [None], "max": 1}}


def test_a_facet_of_a_missing_index_offers_to_fetch_it(panel):
    panel.open()
    panel.facet("Segment type")
    panel.settle()
    assert "seg_index.parquet" in panel.text("missingIndexText")
    panel.bench.engine.process.handlers["catalog.facet_details"] = lambda _parameters: {"values": [["Nodule", 3], [None, 1]]}
    QTest.mouseClick(panel.button("missingIndexFetch"), Qt.MouseButton.LeftButton)
    panel.settle()
    assert panel.values == [("Nodule", "3"), ("not stated", "1")]
    panel.check("Nodule")
    assert panel.bench.engine.process.calls("catalog.view")[-1]["filters"] == {"SegmentedPropertyType": ["Nodule"]}


def test_how_large_a_missing_index_is_is_said_before_it_is_fetched(panel):
    panel.open()
    panel.facet("Segment type")
    panel.settle()
    assert panel.text("missingIndexText") == "Needs 23.0 MB of further data (seg_index.parquet)."
    panel.facet("Anatomic region")
    panel.settle()
    assert panel.bench.engine.process.calls("catalog.side_index_bytes") == [{"names": ["seg_index"], "from": ""}], "it is asked once"


def test_a_server_that_does_not_tell_sizes_is_not_waited_for(panel):
    panel.bench.engine.process.handlers["catalog.side_index_bytes"] = lambda parameters: {"bytes": dict.fromkeys(parameters["names"])}
    panel.open()
    panel.facet("Segment type")
    panel.settle()
    assert panel.text("missingIndexText") == "Needs further data (seg_index.parquet)."
    assert panel.button("missingIndexFetch").isEnabled()


def test_a_damaged_index_is_called_so_and_fetching_repairs_it(panel):
    panel.bench.catalog.indices.side["seg_index"] = "damaged"
    panel.open()
    panel.facet("Segment type")
    panel.settle()
    assert panel.text("missingIndexText") == (
        "This filter needs the index file seg_index.parquet (23.0 MB), which is damaged: it is truncated. Fetch it again to repair it."
    )
    panel.bench.engine.process.handlers["catalog.facet_details"] = lambda _parameters: {"values": [["Nodule", 3]]}
    QTest.mouseClick(panel.button("missingIndexFetch"), Qt.MouseButton.LeftButton)
    panel.settle()
    assert panel.values == [("Nodule", "3")]


def test_where_there_is_no_value_to_choose_a_sentence_says_why(panel):
    panel.bench.engine.process.handlers["catalog.facet_details"] = lambda _parameters: {"values": []}
    panel.open()
    panel.facet("ROI name")
    panel.settle()
    assert panel.text("facetNothing") == "The index file rtstruct_index.parquet is on this computer, but contains no values for this filter."
    panel.bench.browser.filters.toggle("collection_id", "lungs")
    panel.settle()
    assert panel.text("facetNothing") == "No series has a value here under the other filters."
    panel.facet("Modality")
    assert not panel.find(QtWidgets.QLabel, "facetNothing").isVisible()
    panel.find(QtWidgets.QLineEdit, "facetFilter").setText("xyz")
    assert panel.text("facetNothing") == 'No value contains "xyz".'
    assert panel.find(QtWidgets.QLabel, "facetNothing").isVisible()


def test_while_values_are_counted_nobody_says_that_there_are_none(panel):
    panel.open()
    panel.facet("ROI name")
    panel.bench.engine.process.hold("catalog.facet_details")
    panel.bench.browser.filters.toggle("collection_id", "lungs")
    panel.settle()
    panel.find(QtWidgets.QLineEdit, "facetFilter").setText("heart")
    panel.facet("Segment")
    panel.find(QtWidgets.QLineEdit, "facetFilter").setText("heart")
    assert panel.text("facetNothing") == "Counting..."
    panel.bench.engine.process.handlers["catalog.facet_details"] = lambda _parameters: {"values": []}
    panel.bench.engine.process.release("catalog.facet_details")
    panel.settle()
    assert panel.text("facetNothing") == 'No value contains "heart".'


def test_a_failed_fetch_says_why_and_can_be_tried_again(panel):
    def fail(_parameters):
        raise CatalogError("No network.")

    panel.bench.engine.process.handlers["catalog.fetch_side_index"] = fail
    panel.open()
    panel.facet("Segment type")
    panel.settle()
    QTest.mouseClick(panel.button("missingIndexFetch"), Qt.MouseButton.LeftButton)
    panel.settle()
    assert panel.text("missingIndexProgress") == "No network."
    assert panel.button("missingIndexFetch").isEnabled()


STUDY = {
    "study_modality": [["CT", 9], ["SEG", 5], ["SR", 2]],
    "license_short_name": [["CC BY 4.0", 6], ["CC BY-NC 3.0", 3]],
    "series_revised_idc_version": [[24, 7], [25, 2]],
}


def test_often_asked_questions_take_one_click_each(panel):
    facets = panel.bench.catalog.facets
    panel.bench.engine.process.handlers["catalog.facets"] = lambda parameters: {**facets({"filters": {}}), "counts": STUDY}
    panel.bench.engine.process.handlers["catalog.view"] = lambda parameters: panel.bench.catalog.view({**parameters, "filters": {}})
    panel.open()
    assert [(text, count) for text, count in panel.values] == [
        ("Study contains a segmentation (SEG)", "5"),
        ("Study contains a report (SR)", "2"),
        ("License allows commercial use (not NC)", "6"),
        ("New or revised in release 25", "2"),
    ]
    for text, _count in panel.values:
        panel.check(text)
    asked = panel.bench.engine.process.calls("catalog.view")[-1]["filters"]
    assert asked == {"study_modality": {"all": ["SEG", "SR"]}, "license_short_name": {"none": ["CC BY-NC 3.0"]}, "series_revised_idc_version": [25]}
    panel.check("Study contains a report (SR)")
    assert panel.bench.engine.process.calls("catalog.view")[-1]["filters"]["study_modality"] == {"all": ["SEG"]}
    panel.facet("Study contains")
    assert panel.find(QtWidgets.QCheckBox, "facetAllOf").isChecked()
    panel.find(QtWidgets.QCheckBox, "facetAllOf").click()
    panel.settle()
    assert panel.bench.engine.process.calls("catalog.view")[-1]["filters"]["study_modality"] == ["SEG"]


def hit(level, row_id):
    from IDCBrowserLib.logic.base.state import Hit

    return Hit(level, (row_id,), row_id, "")


def test_the_first_filter_moves_nothing_under_the_mouse(panel):
    panel.open()
    panel.settle()
    area = panel.panel.filters.area
    assert panel.text("filtersChosen") == NO_FILTER
    assert panel.text("filtersTotals").endswith("MB)")
    assert not panel.find(QtWidgets.QPushButton, "resetFiltersButton").isEnabled()
    place = area.mapTo(panel.panel.widget, area.rect().topLeft())
    panel.bench.browser.filters.toggle("collection_id", "lungs")
    panel.settle()
    assert area.mapTo(panel.panel.widget, area.rect().topLeft()) == place
    QTest.mouseClick(panel.button("resetFiltersButton"), Qt.MouseButton.LeftButton)
    panel.open()
    panel.settle()
    assert panel.text("filtersChosen") == NO_FILTER


def test_a_chip_says_what_is_chosen_and_takes_it_away(panel):
    filters = panel.bench.browser.filters
    filters.choose(
        {
            "Modality": ["CT", "MR"],
            "study_modality": {"all": ["SEG"]},
            "license_short_name": {"none": ["CC BY-NC 3.0", "CC BY-NC 4.0"]},
            "instanceCount": {"max": 80},
            "series_revised_idc_version": [25],
            "PatientSex": {"none": [None]},
        }
    )
    panel.settle()
    shown = [panel.find(QtWidgets.QToolButton, f"filterChip{number}") for number in range(12)]
    texts = [chip.property("text") for chip in shown if chip.isVisible()]
    assert texts == [
        f"{text}  ×"
        for text in (
            "CT",
            "MR",
            "Study with SEG",
            "Commercial use allowed",
            "Instances at most 80",
            "Revised in release 25",
            "Not Sex not stated",
        )
    ]
    for number in (4, 3, 0):
        shown[number].click()
        panel.settle()
    assert filters.for_engine() == {
        "Modality": ["MR"],
        "study_modality": {"all": ["SEG"]},
        "series_revised_idc_version": [25],
        "PatientSex": {"none": [None]},
    }


def test_more_chips_than_fit_are_said_in_words(panel):
    panel.bench.browser.filters.choose({"PatientSex": [f"value {number}" for number in range(30)]})
    panel.settle()
    shown = [panel.find(QtWidgets.QToolButton, f"filterChip{number}") for number in range(12)]
    assert sum(chip.isVisible() for chip in shown) == 11
    assert panel.find(QtWidgets.QLabel, "filtersChosen").isVisible()


def test_counts_that_take_their_time_are_said_to_be_counted_and_others_do_not_flicker(panel):
    panel.open()
    panel.settle()
    before = panel.text("filtersTotals")
    panel.bench.engine.process.hold("catalog.facets")
    panel.bench.browser.filters.toggle("collection_id", "lungs")
    assert panel.text("filtersTotals") == before
    QTest.qWait(300)
    assert panel.text("filtersTotals") == "Counting..."
    panel.bench.engine.process.release("catalog.facets")
    panel.settle()
    assert panel.text("filtersTotals").endswith("MB)")


def test_values_are_counted_in_cases_where_that_is_wanted(panel):
    asked = []

    def count(params):
        asked.append(params)
        return {"values": [("CT", 2), ("SEG", 1)]}

    panel.bench.engine.process.handlers["catalog.facet_details"] = count
    panel.open()
    panel.facet("Modality")
    panel.settle()
    assert panel.values[0] == ("CT", "6") and asked == []
    panel.find(QtWidgets.QComboBox, "countUnit").setCurrentIndex(2)
    panel.settle()
    assert asked[-1]["unit"] == "cases" and panel.values == [("CT", "2"), ("SEG", "1")]
    header = panel.find(QtWidgets.QTableView, "facetValues").model()
    assert header.headerData(1, Qt.Orientation.Horizontal) == "Cases"
    panel.check("CT")
    assert panel.bench.browser.filters.for_engine() == {"Modality": ["CT"]} and len(asked) > 1
    panel.find(QtWidgets.QComboBox, "countUnit").setCurrentIndex(0)
    panel.settle()
    assert panel.values[0] == ("CT", "6")


def test_counts_that_fail_say_so_and_are_counted_again_on_demand(panel):
    counted = panel.bench.engine.process.handlers["catalog.facets"]

    def fail(_params):
        raise CatalogError("The index file is damaged.")

    panel.bench.engine.process.handlers["catalog.facets"] = fail
    panel.open()
    panel.facet("Body part")
    assert panel.find(QtWidgets.QLabel, "facetNothing").text() == "The values could not be counted: The index file is damaged."
    assert panel.values == [] and panel.button("facetAgain").isVisible()
    panel.bench.engine.process.handlers["catalog.facets"] = counted
    QTest.mouseClick(panel.button("facetAgain"), Qt.MouseButton.LeftButton)
    panel.settle()
    assert panel.values and not panel.button("facetAgain").isVisible()


def test_a_filter_of_several_modalities_says_for_which_data_are_missing_and_goes_on_when_they_are_here(panel):
    panel.bench.catalog.indices.side.update({"ct_index": "here", "mr_index": "missing", "pt_index": "missing"})
    panel.bench.browser.indices.refresh()
    panel.open()
    panel.facet("Slice thickness")
    assert panel.find(QtWidgets.QWidget, "furtherData").isVisible()
    assert panel.text("furtherDataText").startswith("MR and PET: needs") and panel.text("furtherDataText").endswith("further data.")
    asked = len(panel.bench.engine.process.calls("catalog.facet_details"))
    panel.find(QtWidgets.QToolButton, "furtherDataGet").click()
    for _ in range(6):
        panel.settle()
    assert not panel.find(QtWidgets.QWidget, "furtherData").isVisible()
    assert len(panel.bench.engine.process.calls("catalog.facet_details")) > asked
    panel.facet("Modality")
    assert not panel.find(QtWidgets.QWidget, "furtherData").isVisible()


def test_without_filters_the_line_says_so_in_full(panel):
    panel.panel.widget.resize(720, 690)
    panel.settle()
    chosen = panel.find(QtWidgets.QLabel, "filtersChosen")
    assert chosen.text() == NO_FILTER
    assert chosen.fontMetrics().horizontalAdvance(NO_FILTER) <= chosen.width()
    panel.open()
    panel.settle()
    assert panel.text("filtersTotals").startswith("= "), "the totals beside it"
    assert chosen.fontMetrics().horizontalAdvance(NO_FILTER) <= chosen.width()


def test_collections_are_listed_by_name_with_the_id_as_tip_and_found_by_either(panel):
    panel.open()
    panel.facet("Collection")
    model = panel.find(QtWidgets.QTableView, "facetValues").model()
    assert [model.index(row, 0).data(int(Qt.ItemDataRole.ToolTipRole)) for row in range(2)] == ["lungs", "brains"]
    for text, shown in (("brain", ["Brains"]), ("Lungs", ["Lungs"]), ("LUNGS", ["Lungs"]), ("zebra", [])):
        panel.find(QtWidgets.QLineEdit, "facetFilter").setText(text)
        panel.settle()
        assert [value for value, _count in panel.values] == shown
