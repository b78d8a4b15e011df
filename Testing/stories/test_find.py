"""A person finds things in the real catalog: by the search box, by filters; by keys and clicks, through the window."""

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.hands import Hands
from helpers.side_files import VERSION, write_side_index
from PySide6 import QtCore, QtTest, QtWidgets

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


def truth(home: Path) -> int:
    """The patients that the question is about, by SQL on the same files."""
    import duckdb
    import idc_index_data

    folder = home / "cache" / "indices" / VERSION
    index = Path(str(idc_index_data.IDC_INDEX_PARQUET_FILEPATH))
    query = f"""
        SELECT count(DISTINCT (collection_id, PatientID)) FROM '{index}' AS images
        WHERE Modality = 'CT' AND BodyPartExamined = 'CHEST' AND license_short_name NOT LIKE '%NC%'
        AND SeriesInstanceUID IN (SELECT SeriesInstanceUID FROM '{folder / "ct_index.parquet"}' WHERE SliceThickness <= 1.25)
        AND SeriesInstanceUID IN (SELECT segmented_SeriesInstanceUID FROM '{folder / "seg_index.parquet"}'
            WHERE AlgorithmType = 'MANUAL' AND list_contains(SegmentedPropertyType_CodeMeanings, 'Nodule'))
    """
    with duckdb.connect() as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def write_slices(folder: Path) -> None:
    """A ct_index of the same CT series, with slices of 0.6 to 3 mm."""
    from IDCBrowserLib.catalog.catalog import Catalog

    with Catalog() as real:
        rows = real.series_rows(
            [{"level": "cases", "ids": [f"lidc_idri/LIDC-IDRI-{number:04}" for number in range(1, 9)]}], ("SeriesInstanceUID", "Modality")
        )
    images = [row["SeriesInstanceUID"] for row in rows if row["Modality"] == "CT"]
    thickness = (0.625, 1.25, 2.5, 3.0)
    indexed = [{"SeriesInstanceUID": uid, "SliceThickness": thickness[number % 4], "KVP": 120.0} for number, uid in enumerate(images)]
    write_side_index(folder / "cache" / "indices" / VERSION, "ct_index", indexed)


def test_how_many_patients_have_a_chest_ct_with_a_nodule_drawn_by_a_person_for_commercial_use_in_slices_of_at_most_1_25_mm(
    open_window: Callable[[WindowConfig], Hands], tmp_path: Path, home: Path
) -> None:
    """In six actions: open the filters, and five times type and press Enter."""
    write_nodules(home)
    write_slices(home)
    wanted = truth(home)
    assert 0 < wanted < 8, "a question that tells patients apart"
    hands = open_window(WindowConfig(settings_file=str(tmp_path / "settings.ini")))
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.press("filtersButton")
    hands.wait(lambda: hands.program.browser.filters.state.totals, "the counts")
    for said in ("chest, CT", "nodule", "by a person", "commercial use", "slices up to 1.25 mm"):
        hands.type_into("findFilter", said)
        press(hands, QtCore.Qt.Key.Key_Return)
        hands.wait(lambda: hands.widget("findFilter").text() == "" and hands.program.engine.client.pending == 0, said)
    chips = [hands.widget(f"filterChip{number}").text().removesuffix("  ×") for number in range(6)]
    assert chips == ["CHEST", "CT", "Nodule", "By a person", "Commercial use allowed", "Slice thickness at most 1.25 mm"]
    noun = "case" if wanted == 1 else "cases"
    assert hands.widget("filtersTotals").text().startswith(f"= {wanted} {noun} (")
    hands.photograph("question")
    # Its slider says the same: the bins end where people ask.
    hands.press("filterChip5")
    hands.wait(lambda: hands.program.engine.client.pending == 0, "without it")
    assert not hands.widget("filtersTotals").text().startswith(f"= {wanted} {noun} (")
    bins = hands.program.browser.filters.state.facet.bins
    assert [(low, high) for low, high, _count in bins] == [(0.625, 0.625), (1.25, 1.25), (2.5, 2.5), (3.0, 3.0)]
    hands.widget("rangeHighSlider").setValue(1)
    hands.wait(lambda: hands.widget("filtersTotals").text().startswith(f"= {wanted} {noun} ("), "the same number")


def write_nodules(folder: Path) -> set[str]:
    """A seg_index of some real segmentations of LIDC-IDRI, half of them drawn by experts; gives the CT series of those."""
    from IDCBrowserLib.catalog.catalog import Catalog

    with Catalog() as real:
        rows = real.series_rows(
            [{"level": "cases", "ids": [f"lidc_idri/LIDC-IDRI-{number:04}" for number in range(1, 9)]}],
            ("SeriesInstanceUID", "StudyInstanceUID", "Modality"),
        )
    images = {row["StudyInstanceUID"]: row["SeriesInstanceUID"] for row in rows if row["Modality"] == "CT"}
    segs = [row for row in rows if row["Modality"] == "SEG" and row["StudyInstanceUID"] in images]
    indexed = [
        {
            "SeriesInstanceUID": row["SeriesInstanceUID"],
            "segmented_SeriesInstanceUID": images[row["StudyInstanceUID"]],
            "total_segments": 1,
            "AlgorithmType": "MANUAL" if number % 2 else "AUTOMATIC",
            "SegmentedPropertyType_CodeMeanings": ["Nodule" if number % 2 else "Lung"],
        }
        for number, row in enumerate(segs)
    ]
    write_side_index(folder / "cache" / "indices" / VERSION, "seg_index", indexed)
    return {row["segmented_SeriesInstanceUID"] for row in indexed if row["AlgorithmType"] == "MANUAL"}


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
