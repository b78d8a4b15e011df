"""A person narrows a million series down by clicks and keys; each count in sight is that of the same question put to the index file itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from helpers.hands import Hands
from helpers.side_files import VERSION, write_side_index
from PySide6 import QtCore, QtTest, QtWidgets
from told import rail
from told.index import counted, opened_index
from told.rail import YEARS, drag_handle, left, open_facet, settle

from IDCBrowserLib.host.standalone.window import WindowConfig

VALUE, SERIES, NOT = range(3)
_ACROSS = QtCore.Qt.Orientation.Horizontal


@pytest.fixture(scope="module")
def index() -> Iterator[duckdb.DuckDBPyConnection]:
    with opened_index() as connection:
        yield connection


@pytest.fixture
def filters(catalog: Hands) -> Hands:
    if not catalog.widget("filtersArea").isVisible():
        catalog.press("filtersButton")
    settle(catalog)
    return catalog


def click(hands: Hands, text: str, column: int = VALUE) -> None:
    """The box of a value, or the one that leaves it out."""
    view = hands.widget("facetValues")
    index = view.model().index(row_of(hands, text), column)
    view.scrollTo(index)
    option = QtWidgets.QStyleOptionViewItem()
    view.initViewItemOption(option)
    option.rect, option.features = view.visualRect(index), QtWidgets.QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
    box = view.style().subElementRect(QtWidgets.QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, view)
    QtTest.QTest.mouseClick(view.viewport(), QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier, box.center())
    settle(hands)


def row_of(hands: Hands, text: str) -> int:
    model = hands.widget("facetValues").model()
    return next(row for row in range(model.rowCount()) if model.index(row, VALUE).data() == text)


def count_beside(hands: Hands, text: str) -> int:
    """The series that a value would leave, as its row says."""
    return int(hands.widget("facetValues").model().index(row_of(hands, text), SERIES).data().replace(",", ""))


def series(index: duckdb.DuckDBPyConnection, condition: str) -> int:
    return counted(index, condition)[0]


def test_values_and_a_range_are_chosen_by_clicks_handles_and_keys_and_taken_away_by_chips(filters: Hands, index: duckdb.DuckDBPyConnection) -> None:
    rail.values_and_a_range_are_chosen_and_taken_away(filters, index)


def test_a_value_of_any_filter_is_found_by_its_name(filters: Hands, index: duckdb.DuckDBPyConnection) -> None:
    rail.a_value_is_found_by_its_name(filters, index)


def test_values_are_added_left_out_and_not_stated_and_each_click_counts_anew(filters: Hands, index: duckdb.DuckDBPyConnection) -> None:
    open_facet(filters, "Modality")
    click(filters, "CT")
    assert left(filters) == counted(index, "Modality = 'CT'")
    assert count_beside(filters, "MR") == series(index, "Modality = 'MR'"), "a facet ignores its own filter"
    click(filters, "PT")
    open_facet(filters, "Sex")
    images = "Modality IN ('CT', 'PT')"
    assert count_beside(filters, "not stated") == series(index, f"{images} AND PatientSex IS NULL")
    click(filters, "not stated")
    assert left(filters) == counted(index, f"{images} AND PatientSex IS NULL")
    open_facet(filters, "Collection")
    first = filters.widget("facetValues").model().index(0, VALUE)
    biggest, its_id = first.data(), first.data(QtCore.Qt.ItemDataRole.ToolTipRole)
    click(filters, biggest, NOT)
    assert left(filters) == counted(index, f"{images} AND PatientSex IS NULL AND collection_id <> '{its_id}'")
    assert filters.widget("filtersChosen").text() == f"Only Modality: CT or PT; Sex: not stated; Collection: not {biggest}"
    filters.photograph("filters-left-out")
    filters.press("resetFiltersButton")
    settle(filters)
    assert left(filters) == counted(index, "true")


def click_cell(hands: Hands, text: str, column: int = VALUE) -> None:
    """In the middle of a cell, far from its box."""
    view = hands.widget("facetValues")
    index = view.model().index(row_of(hands, text), column)
    view.scrollTo(index)
    QtTest.QTest.mouseClick(view.viewport(), QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier, view.visualRect(index).center())
    settle(hands)


def test_a_value_is_checked_by_its_text_as_by_its_box(filters: Hands, index: duckdb.DuckDBPyConnection) -> None:
    open_facet(filters, "Modality")
    click_cell(filters, "CT")
    assert left(filters) == counted(index, "Modality = 'CT'")
    click(filters, "CT")
    click_cell(filters, "CT", NOT)
    assert left(filters) == counted(index, "Modality <> 'CT'")
    click(filters, "CT", NOT)
    assert left(filters) == counted(index, "true")


def test_a_study_has_any_or_each_of_the_checked_modalities(filters: Hands, index: duckdb.DuckDBPyConnection) -> None:
    def in_study(modality: str) -> str:
        return f"StudyInstanceUID IN (SELECT StudyInstanceUID FROM idc WHERE Modality = '{modality}')"

    open_facet(filters, "Study contains")
    click(filters, "RTSTRUCT")
    click(filters, "PT")
    assert left(filters) == counted(index, f"({in_study('RTSTRUCT')} OR {in_study('PT')})")
    filters.check("facetAllOf")
    settle(filters)
    assert left(filters) == counted(index, f"{in_study('RTSTRUCT')} AND {in_study('PT')}")
    assert filters.widget("filtersChosen").text() == "Only Study contains: RTSTRUCT and PT"


def test_a_range_is_typed_at_both_ends_and_dragged(filters: Hands, index: duckdb.DuckDBPyConnection) -> None:
    open_facet(filters, "Age (years)")
    filters.window.activateWindow()
    assert QtTest.QTest.qWaitForWindowActive(filters.window)
    filters.widget("rangeLow").setFocus()
    for text in ("40", "60"):
        QtTest.QTest.keyClicks(QtWidgets.QApplication.focusWidget(), text)
        QtTest.QTest.keyClick(QtWidgets.QApplication.focusWidget(), QtCore.Qt.Key.Key_Tab)
    settle(filters)
    assert left(filters) == counted(index, f"{YEARS} BETWEEN 40 AND 60")
    filters.photograph("range-typed")
    slider = filters.widget("rangeLowSlider")
    slider.setFocus()
    for _ in range(5):
        QtTest.QTest.keyClick(slider, QtCore.Qt.Key.Key_Right)
    filters.wait(lambda: filters.widget("rangeLow").text() == "45", "the lower end moved by keys")
    settle(filters)
    assert left(filters) == counted(index, f"{YEARS} BETWEEN 45 AND 60")
    filters.check("rangeNotStated")
    settle(filters)
    assert left(filters) == counted(index, f"({YEARS} BETWEEN 45 AND 60 OR ({YEARS}) IS NULL)")
    filters.type_into("rangeHigh", "sixty")
    QtTest.QTest.keyClick(filters.widget("rangeHigh"), QtCore.Qt.Key.Key_Return)
    assert filters.widget("rangeNote").text() == "Enter a number, such as 40."


def test_a_handle_dragged_by_the_mouse_changes_its_end_and_leaves_the_typed_one_alone(filters: Hands, index: duckdb.DuckDBPyConnection) -> None:
    open_facet(filters, "Series size")
    filters.widget("rangeLow").setFocus()
    QtTest.QTest.keyClicks(filters.widget("rangeLow"), "25 MB")
    QtTest.QTest.keyClick(filters.widget("rangeLow"), QtCore.Qt.Key.Key_Tab)
    settle(filters)
    drag_handle(filters, "rangeHighSlider", -filters.widget("rangeBars").width() // 3)
    chosen = filters.program.browser.filters.choice("size_bytes")
    assert chosen.low == 25e6 and filters.widget("rangeLow").text() == "25.0 MB"
    assert chosen.high is not None
    assert left(filters) == counted(index, f"round(series_size_MB * 1e6) BETWEEN 25e6 AND {chosen.high}")
    filters.photograph("range-dragged")
    drag_handle(filters, "rangeLowSlider", -filters.widget("rangeBars").width())
    assert filters.program.browser.filters.choice("size_bytes").low is None


def test_sizes_are_typed_with_their_unit(filters: Hands, index: duckdb.DuckDBPyConnection) -> None:
    open_facet(filters, "Series size")
    filters.type_into("rangeLow", "1.5 GB")
    QtTest.QTest.keyClick(filters.widget("rangeLow"), QtCore.Qt.Key.Key_Return)
    settle(filters)
    assert left(filters) == counted(index, "round(series_size_MB * 1e6) >= 1.5e9")
    filters.type_into("rangeLow", "1,5")
    QtTest.QTest.keyClick(filters.widget("rangeLow"), QtCore.Qt.Key.Key_Return)
    filters.type_into("rangeHigh", "2")
    QtTest.QTest.keyClick(filters.widget("rangeHigh"), QtCore.Qt.Key.Key_Return)
    settle(filters)
    assert left(filters) == counted(index, "round(series_size_MB * 1e6) BETWEEN 1.5e9 AND 2e9")


def test_the_tables_show_what_the_filters_leave(filters: Hands, index: duckdb.DuckDBPyConnection) -> None:
    condition = "Modality = 'SEG' AND BodyPartExamined = 'LIVER'"
    open_facet(filters, "Modality")
    click(filters, "SEG")
    open_facet(filters, "Body part")
    click(filters, "LIVER")
    rows = index.execute(f"SELECT collection_id, count(DISTINCT PatientID), count(*) FROM idc WHERE {condition} GROUP BY 1 ORDER BY 1").fetchall()
    tables = filters.program.browser.tables
    shown = [tables.rows("collections").loaded_row(number) for number in range(filters.rows("collections"))]
    columns = tables.state("collections").columns
    assert sorted((row[columns.index("collection_id")], row[columns.index("cases")], row[columns.index("series")]) for row in shown) == rows
    filters.click_row("collections", 0)
    filters.wait(lambda: filters.rows("cases") == tables.rows("collections").value(shown[0], "cases"), "the cases that have such a segmentation")


def write_contents(folder: Path) -> None:
    """Index files of a real segmentation and a real structure set."""
    from IDCBrowserLib.catalog.catalog import Catalog

    def one(modality: str) -> dict[str, str]:
        with Catalog() as real:
            derived = real.list_rows("series", filters={"Modality": [modality], "collection_id": ["nsclc_radiomics"]}, limit=1)[0][0]
            study = real.list_rows("series", [{"level": "studies", "ids": [derived["StudyInstanceUID"]]}])[0]
        image = next(row for row in study if row["Modality"] == "CT")
        return {derived["SeriesInstanceUID"]: image["SeriesInstanceUID"]}

    segs, structures = one("SEG"), one("RTSTRUCT")
    indices = folder / "cache" / "indices" / VERSION
    write_side_index(
        indices,
        "seg_index",
        [
            {
                "SeriesInstanceUID": series,
                "segmented_SeriesInstanceUID": image,
                "total_segments": 4,
                "AlgorithmType": "MANUAL",
                "SegmentedPropertyType_CodeMeanings": ["Lung", "Spinal cord"],
                "AnatomicRegion_CodeMeanings": ["Thorax"],
            }
            for series, image in segs.items()
        ],
    )
    write_side_index(
        indices,
        "rtstruct_index",
        [
            {
                "SeriesInstanceUID": series,
                "referenced_SeriesInstanceUID": image,
                "total_rois": 5,
                "ROINames": ["GTV-1", "Esophagus"],
                "RTROIInterpretedTypes": ["GTV"],
            }
            for series, image in structures.items()
        ],
    )


def test_what_is_in_segmentations_and_structure_sets_is_filtered_by(open_window: Callable[[WindowConfig], Hands], tmp_path: Path, home: Path) -> None:
    write_contents(home)
    hands = open_window(WindowConfig(settings_file=str(tmp_path / "settings.ini")))
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.press("filtersButton")
    settle(hands)
    for facet, value in (("Anatomic region", "Thorax"), ("ROI name", "GTV-1"), ("ROI type", "GTV")):
        open_facet(hands, facet)
        assert count_beside(hands, value) == 2, "the derived series and its image"
        click(hands, value)
        assert left(hands) == [2, 1, 1]
        hands.press("resetFiltersButton")
        settle(hands)
    for facet, low, high, found in (("Number of segments", "2", "4", 2), ("Number of segments", "5", "9", 0), ("Number of ROIs", "5", "", 2)):
        open_facet(hands, facet)
        for name, text in (("rangeLow", low), ("rangeHigh", high)):
            hands.type_into(name, text)
            QtTest.QTest.keyClick(hands.widget(name), QtCore.Qt.Key.Key_Return)
            settle(hands)
        assert left(hands)[0] == found, (facet, low, high)
        hands.press("resetFiltersButton")
        settle(hands)
    open_facet(hands, "ROI name")
    click(hands, "GTV-1")
    hands.click_row("collections", 0)
    hands.wait(lambda: hands.rows("cases") == 1, "its case")
    hands.click_row("cases", 0)
    hands.wait(lambda: hands.rows("studies") == 1, "its study")
    hands.click_row("studies", 0)
    hands.wait(lambda: hands.rows("series") == 2, "the structure set and the CT it was drawn on")
    assert {hands.program.browser.tables.rows("series").loaded_row(row)[2] for row in range(2)} == {"CT", "RTSTRUCT"}


def texts_in_sight(hands: Hands) -> Iterator[str]:
    """All that a person can read in the window, but for the column of ids and what was typed."""
    for widget in hands.window.findChildren(QtWidgets.QWidget):
        if not widget.isVisible():
            continue
        if isinstance(widget, QtWidgets.QAbstractItemView):
            model = widget.model()
            cells = (model.index(row, column) for row, column in itertools.product(range(40), range(30)))
            yield from (str(cell.data()) for cell in cells if cell.isValid() and model.headerData(cell.column(), _ACROSS) != "ID")
        elif isinstance(widget, QtWidgets.QTextBrowser):
            yield widget.toPlainText()
        elif not isinstance(widget, QtWidgets.QLineEdit):
            yield str(widget.property("text") or "")


def test_a_collection_is_called_by_its_name_everywhere(filters: Hands) -> None:
    def read() -> None:
        settle(filters)
        ids = [text for text in texts_in_sight(filters) if "tcga_luad" in text]
        assert not ids

    filters.window.resize(1280, 720)
    browser = filters.program.browser
    open_facet(filters, "Collection")
    filters.widget("facetFilter").setText("tcga_luad")
    click(filters, "TCGA-LUAD")
    read()
    assert filters.widget("filterChip0").text().startswith("TCGA-LUAD")
    filters.photograph("names-filters")
    filters.click_row("collections", 0)
    filters.wait(lambda: filters.rows("cases") > 10, "its cases")
    filters.press("filtersButton")
    filters.click_row("cases", 0)
    filters.wait(lambda: "TCGA-LUAD" in filters.widget("details").toPlainText(), "what is known of a case")
    read()
    filters.photograph("names-case")
    filters.window.resize(340, 720)
    filters.pause(200)
    read()
    filters.photograph("names-340")
    filters.window.resize(1280, 720)
    filters.type_into("searchBox", "TCGA-05-4244")
    filters.wait(lambda: browser.search.state.done and any("TCGA-LUAD" in hit.about for hit in browser.search.state.hits), "the case")
    read()
    filters.photograph("names-hits")
    filters.widget("searchBox").clear()
    for page in ("searches", "summary", "cart", "changes"):
        browser.show_page(page)
        settle(filters)
        read()
        filters.photograph(f"names-{page}")
    browser.show_page("browse")
    browser.filters.reset()
    browser.opened_set.open_sources(["tcga_luad"])
    filters.wait(lambda: filters.shown_text("workingSetChip").startswith("Only TCGA-LUAD, "), "the chip")
    filters.wait(lambda: filters.rows("collections") == 1 and browser.shelf.level == "collections", "what is in it")
    read()
    filters.photograph("names-set")
    browser.opened_set.leave()
