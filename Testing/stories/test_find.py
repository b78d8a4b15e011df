"""A person finds things in the real catalog: by the search box, by filters; by keys and clicks, through the window."""

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.hands import Hands
from helpers.side_files import VERSION, write_side_index
from PySide6 import QtCore, QtTest, QtWidgets
from told.question import answered_in_six_actions, write_nodules, write_slices

from IDCBrowserLib.host.standalone.window import WindowConfig

LIDC_SERIES = "1.3.6.1.4.1.14519.5.2.1.6279.6001.179049373636438705059720603192"


@pytest.fixture
def own_window(open_window: Callable[[WindowConfig], Hands], tmp_path: Path) -> Hands:
    hands = open_window(WindowConfig(settings_file=str(tmp_path / "settings.ini"), download_folder=str(tmp_path / "downloads")))
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    return hands


def search(hands: Hands, text: str) -> None:
    hands.type_into("searchBox", text)
    hands.wait(lambda: hands.program.browser.search.state.text == text and hands.program.browser.search.state.done is not None, "the hits")


def write_slides(folder: Path) -> tuple[str, str]:
    """A sm_instance_index of one real slide; gives a SOPInstanceUID and the series it is of."""
    from IDCBrowserLib.catalog.catalog import Catalog

    with Catalog() as real:
        rows, _total = real.list_rows("series", filters={"Modality": ["SM"]}, limit=1)
    series, instance = rows[0]["SeriesInstanceUID"], "1.2.826.0.1.3680043.10.999.1.2.3.4.5.6"
    write_side_index(folder / "cache" / "indices" / VERSION, "sm_instance_index", [{"SOPInstanceUID": instance, "SeriesInstanceUID": series}])
    return instance, series


def test_the_uid_of_a_slide_image_opens_the_tables_at_its_series(open_window: Callable[[WindowConfig], Hands], tmp_path: Path, home: Path) -> None:
    instance, series = write_slides(home)
    hands = open_window(WindowConfig(settings_file=str(tmp_path / "settings.ini")))
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    search(hands, instance)
    press(hands, QtCore.Qt.Key.Key_Return)
    hands.wait(lambda: hands.program.browser.tables.selected_ids("series") == (series,), "the series of the slide")


def press(hands: Hands, key: QtCore.Qt.Key) -> None:
    QtTest.QTest.keyClick(QtWidgets.QApplication.focusWidget() or hands.widget("searchBox"), key)


def test_a_pasted_series_uid_opens_every_table_at_its_row(catalog: Hands) -> None:
    search(catalog, LIDC_SERIES)
    press(catalog, QtCore.Qt.Key.Key_Return)
    catalog.wait(lambda: catalog.program.browser.picked.state.level == "series" and catalog.program.browser.picked.state.summary, "the series")
    assert catalog.program.browser.tables.selected_ids("collections") == ("lidc_idri",)
    assert catalog.program.browser.tables.selected_ids("cases") == ("lidc_idri/LIDC-IDRI-0001",)
    assert catalog.program.browser.tables.selected_ids("series") == (LIDC_SERIES,)
    catalog.photograph("found-series")


def test_words_of_a_description_show_collections_and_analyses(catalog: Hands) -> None:
    search(catalog, "lung nodule")
    kinds = {hit.level for hit in catalog.program.browser.search.state.hits}
    assert {"collections", "analysis_results"} <= kinds
    catalog.photograph("searching")


def test_a_case_is_reached_by_keys_alone(catalog: Hands) -> None:
    search(catalog, "LIDC-IDRI-0003")
    press(catalog, QtCore.Qt.Key.Key_Down)
    press(catalog, QtCore.Qt.Key.Key_Return)
    catalog.wait(lambda: catalog.program.browser.tables.selected_ids("cases") == ("lidc_idri/LIDC-IDRI-0003",), "the case")
    catalog.wait(lambda: catalog.rows("studies") > 0, "its studies")


def test_pasted_identifiers_of_several_levels_become_one_plan(catalog: Hands) -> None:
    search(catalog, f"LIDC-IDRI-0002 {LIDC_SERIES} nothing-0")
    press(catalog, QtCore.Qt.Key.Key_Return)
    catalog.wait(lambda: catalog.program.browser.plan.state.document is not None, "the plan")
    series = {item["SeriesInstanceUID"] for item in catalog.program.browser.plan.state.document["series"]}
    assert LIDC_SERIES in series and len(series) > 1
    assert not list(Path(catalog.program.host.download_folder).rglob("*.dcm"))


@pytest.mark.parametrize("text", ["(a+)+$" * 50, "%_'\"\\;--", "[" * 1000, "\u202e\u0000x"])
def test_odd_texts_find_nothing_and_break_nothing(catalog: Hands, text: str) -> None:
    catalog.widget("searchBox").setText(text)
    catalog.wait(lambda: catalog.program.browser.search.state.text != "" and catalog.program.browser.search.state.done is not None, "an answer")
    search(catalog, "NLST")
    assert catalog.program.browser.search.state.hits[0].ids == ("nlst",)


def check_value(hands: Hands, facet: str, value: str) -> None:
    facets = hands.widget("facets")
    facets.setCurrentRow(next(row for row in range(facets.count()) if facets.item(row).text().startswith(facet)))
    hands.widget("facetFilter").setText("")
    hands.wait(lambda: hands.program.engine.client.pending == 0, "the values")
    view = hands.widget("facetValues")
    texts = [view.model().index(row, 0).data() for row in range(view.model().rowCount())]
    view.setCurrentIndex(view.model().index(texts.index(value), 0))
    view.setFocus()
    QtTest.QTest.keyClick(view, QtCore.Qt.Key.Key_Space)
    hands.wait(lambda: hands.program.engine.client.pending == 0, "the counts")


def test_chest_ct_with_a_lung_segmentation_for_commercial_use_is_found_by_filters(own_window: Hands) -> None:
    own_window.press("filtersButton")
    own_window.wait(lambda: own_window.widget("facetValues").model().rowCount() > 3, "the counts")
    check_value(own_window, "Modality", "SEG")
    check_value(own_window, "Body part", "CHEST")
    check_value(own_window, "License", "CC BY 4.0")
    found = own_window.rows("collections")
    assert 0 < found < 60
    assert own_window.widget("filtersChosen").text() == "Only Modality: SEG; Body part: CHEST; License: CC BY 4.0"
    own_window.click_row("collections", 0)
    own_window.wait(lambda: own_window.program.browser.picked.state.summary, "the total")
    series = own_window.cells("collections", 0)[5].replace(",", "")
    assert own_window.selected_series() == int(series), "a filtered row means the series it counts"
    own_window.photograph("filtered")
    own_window.window.resize(1280, 720)
    QtTest.QTest.qWait(100)
    own_window.photograph("filtered-small")
    own_window.press("resetFiltersButton")
    own_window.wait(lambda: own_window.rows("collections") > 100, "everything again")


def test_how_many_patients_have_a_chest_ct_with_a_nodule_drawn_by_a_person_for_commercial_use_in_slices_of_at_most_1_25_mm(
    open_window: Callable[[WindowConfig], Hands], tmp_path: Path, home: Path
) -> None:
    write_nodules(home)
    write_slices(home)
    hands = open_window(WindowConfig(settings_file=str(tmp_path / "settings.ini")))
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    answered_in_six_actions(hands, home)


def test_chest_ct_with_an_expert_nodule_segmentation_for_commercial_use_in_five_clicks(
    open_window: Callable[[WindowConfig], Hands], tmp_path: Path, home: Path
) -> None:
    images = write_nodules(home)
    hands = open_window(WindowConfig(settings_file=str(tmp_path / "settings.ini")))
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.press("filtersButton")
    check_value(hands, "Segment type", "Nodule")
    check_value(hands, "Algorithm type", "MANUAL")
    check_value(hands, "Modality", "CT")
    check_value(hands, "Body part", "CHEST")
    check_value(hands, "Common filters", "License allows commercial use (not NC)")
    hands.photograph("nodules")
    assert hands.rows("collections") == 1
    assert f", {len(images)} series, " in hands.widget("filtersTotals").text()
    hands.click_row("collections", 0)
    hands.wait(lambda: hands.program.browser.picked.state.summary, "the total")
    assert hands.selected_series() == len(images)
    hands.wait(lambda: hands.rows("cases") > 0, "its cases")
    hands.click_row("cases", 0)
    hands.wait(lambda: hands.rows("studies") > 0, "its studies")
    hands.click_row("studies", 0)
    hands.wait(lambda: hands.rows("series") > 0, "its series")
    hands.click_row("series", 0)
    hands.wait(lambda: hands.program.browser.tables.selected_ids("series"), "the CT")
    assert set(hands.program.browser.tables.selected_ids("series")) <= images


def test_the_next_start_shows_what_the_last_one_left(open_window: Callable[[WindowConfig], Hands], tmp_path: Path) -> None:
    config = WindowConfig(settings_file=str(tmp_path / "settings.ini"))
    hands = open_window(config)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.type_into("collectionsFilter", "lidc")
    hands.wait(lambda: hands.rows("collections") == 1, "LIDC-IDRI")
    hands.click_row("collections", 0)
    hands.wait(lambda: hands.rows("cases") > 1000, "its cases")
    header = hands.widget("casesTable").horizontalHeader()
    next(action for action in header.actions() if action.text() == "Age").trigger()
    hands.window.close()
    again = open_window(config)
    again.wait(lambda: again.rows("cases") > 1000, "the cases of the last start")
    assert again.program.browser.tables.selected_ids("collections") == ("lidc_idri",)
    assert again.widget("casesTable").horizontalHeader().isSectionHidden(2)
