"""A person uses the search box on the real catalog: mistypes, pastes identifiers as they come, picks segments and ROIs, by clicks and keys."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.hands import OUTPUT, Hands
from helpers.side_files import VERSION, write_side_index
from PySide6 import QtCore, QtTest, QtWidgets

from IDCBrowserLib.host.standalone.window import WindowConfig

LIDC_SERIES = "1.3.6.1.4.1.14519.5.2.1.6279.6001.179049373636438705059720603192"
LIDC_STUDY = "1.3.6.1.4.1.14519.5.2.1.6279.6001.298806137288633453246975630178"
LIDC_DOI = "10.7937/K9/TCIA.2015.LO9QL9SX"
PORTAL = "https://portal.imaging.datacommons.cancer.gov"


@pytest.fixture
def own_window(open_window: Callable[[WindowConfig], Hands], tmp_path: Path) -> Hands:
    hands = open_window(WindowConfig(settings_file=str(tmp_path / "settings.ini"), download_folder=str(tmp_path / "downloads")))
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    return hands


@pytest.fixture
def with_contents(home: Path) -> None:
    write_contents(home)


def write_contents(folder: Path) -> None:
    """A seg_index and a rtstruct_index of some real series."""
    from IDCBrowserLib.catalog.catalog import Catalog

    indices = folder / "cache" / "indices" / VERSION
    with Catalog() as real:
        asked = {"Modality": ["SEG"], "collection_id": ["lidc_idri"]}
        segs = [row["SeriesInstanceUID"] for row in real.list_rows("series", filters=asked, limit=6)[0]]
        structures = [row["SeriesInstanceUID"] for row in real.list_rows("series", filters={"Modality": ["RTSTRUCT"]}, limit=3)[0]]
    write_side_index(
        indices,
        "seg_index",
        [
            {"SeriesInstanceUID": uid, "total_segments": 1, "SegmentedPropertyType_CodeMeanings": ["Nodule" if number % 2 else "Heart"]}
            for number, uid in enumerate(segs)
        ],
    )
    write_side_index(indices, "rtstruct_index", [{"SeriesInstanceUID": uid, "total_rois": 1, "ROINames": ["GTV-quite-odd"]} for uid in structures])


def look_for(hands: Hands, text: str) -> list[Any]:
    """Paste a text over what is in the box, and wait for the hits."""
    box = hands.widget("searchBox")
    QtTest.QTest.mouseClick(box, QtCore.Qt.MouseButton.LeftButton)
    QtTest.QTest.keyClick(box, QtCore.Qt.Key.Key_A, QtCore.Qt.KeyboardModifier.ControlModifier)
    QtWidgets.QApplication.clipboard().setText(text)
    QtTest.QTest.keyClick(box, QtCore.Qt.Key.Key_V, QtCore.Qt.KeyboardModifier.ControlModifier)
    search = hands.program.browser.search
    hands.wait(lambda: search.state.done is not None and search.state.text == text.strip(), f"the hits of {text[:50]!r}")
    return list(search.state.hits)


def press(hands: Hands, key: QtCore.Qt.Key) -> None:
    QtTest.QTest.keyClick(QtWidgets.QApplication.focusWidget() or hands.widget("searchBox"), key)


def click_hit(hands: Hands, kind: str, found: str) -> None:
    tree = hands.widget("searchHits")
    items = [tree.topLevelItem(number) for number in range(tree.topLevelItemCount())]
    item = next(item for item in items if (item.text(0), item.text(1)) == (kind, found))
    tree.scrollToItem(item)
    QtTest.QTest.mouseClick(
        tree.viewport(), QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier, tree.visualItemRect(item).center()
    )


def selected(hands: Hands, level: str) -> tuple[str, ...]:
    return hands.program.browser.tables.selected_ids(level) or ()


def test_a_mistyped_collection_is_found_and_opened(catalog: Hands) -> None:
    for typed, meant in (("lidc_irdi", "lidc_idri"), ("NSCLC Radomics", "nsclc_radiomics"), ("upen gbm", "upenn_gbm")):
        hits = look_for(catalog, typed)
        assert (hits[0].level, hits[0].ids) == ("collections", (meant,)), typed
        press(catalog, QtCore.Qt.Key.Key_Return)
        catalog.wait(lambda meant=meant: selected(catalog, "collections") == (meant,), meant)


@pytest.mark.parametrize(
    "text",
    [
        f'  "{LIDC_SERIES}" ',
        LIDC_SERIES[-18:],
        f"'{LIDC_SERIES[:-12]}'",
        f"“{LIDC_SERIES}”,\n",
    ],
)
def test_a_series_is_found_by_a_uid_as_people_copy_it(catalog: Hands, text: str) -> None:
    assert ("series", (LIDC_SERIES,)) in [(hit.level, hit.ids) for hit in look_for(catalog, text)]


def test_the_uuid_of_a_series_is_found_in_any_form(catalog: Hands) -> None:
    look_for(catalog, LIDC_SERIES)
    press(catalog, QtCore.Qt.Key.Key_Return)
    catalog.wait(lambda: selected(catalog, "series") == (LIDC_SERIES,), "the series")
    catalog.wait(lambda: catalog.program.browser.details.state.document, "its details")
    items = dict(catalog.program.browser.details.state.document["items"])
    uuid = items.get("crdc_series_uuid") or next(value for value in items.values() if str(value).count("-") == 4)
    for text in (uuid.upper(), f" '{uuid[:13]}'", f"s3://idc-open-data/{uuid}/*", f"gs://idc-open-data/{uuid}/"):
        assert [hit.ids for hit in look_for(catalog, text)] == [(LIDC_SERIES,)], text


@pytest.mark.parametrize("text", [LIDC_DOI, f"https://doi.org/{LIDC_DOI}", f"doi:{LIDC_DOI.lower()}"])
def test_a_doi_opens_its_collection(catalog: Hands, text: str) -> None:
    assert look_for(catalog, text)[0].ids == ("lidc_idri",)
    press(catalog, QtCore.Qt.Key.Key_Return)
    catalog.wait(lambda: selected(catalog, "collections") == ("lidc_idri",), "the collection")


def test_a_word_that_begins_many_case_ids_still_shows_collections_first(catalog: Hands) -> None:
    for word, label, count in (("liver", "LiverUS-...", 120), ("lung", "LUNG1-...", 422)):
        hits = look_for(catalog, word)
        groups = [hit.group for hit in hits]
        assert groups[0] == "collections" and len(set(groups)) > 2
        assert max(groups.count(group) for group in groups) <= 6
        assert groups == sorted(groups, key=groups.index), "each kind stands together"
        assert groups[-1] == "cases" and groups.index("series") > max(number for number, group in enumerate(groups) if group == "collections")
        assert "Keep typing to narrow them down." in catalog.widget("searchNote").text()
        catalog.photograph(f"search-{word}")
        click_hit(catalog, "Case", label)
        catalog.wait(lambda count=count: catalog.program.browser.tables.state("cases").selected_count == count, label)
        assert catalog.rows("cases") == count


def test_an_exact_case_id_is_first_and_its_beginning_names_the_next_ones(catalog: Hands) -> None:
    assert look_for(catalog, "LUNG1-001")[0].ids == ("nsclc_radiomics/LUNG1-001",)
    labels = [hit.label for hit in look_for(catalog, "lung1-00")]
    assert labels[:3] == ["LUNG1-00...", "LUNG1-001", "LUNG1-002"]


def test_a_segment_and_a_roi_open_just_what_has_them(with_contents: None, own_window: Hands) -> None:
    look_for(own_window, "LIDC-IDRI-0003")
    press(own_window, QtCore.Qt.Key.Key_Return)
    own_window.wait(lambda: selected(own_window, "cases") == ("lidc_idri/LIDC-IDRI-0003",), "a case that is selected before")
    for text, kind, column in (("nodule", "Segment type", "SegmentedPropertyType"), ("gtv-quite", "ROI", "ROIName")):
        hits = look_for(own_window, text)
        hit = next(hit for hit in hits if hit.kind and hit.filters)
        own_window.photograph(f"search-{kind}")
        click_hit(own_window, kind, hit.label)
        own_window.wait(lambda column=column: column in own_window.program.browser.filters.for_engine(), "the filters")
        own_window.wait(lambda hit=hit: selected(own_window, "collections") == tuple(hit.filters["collection_id"]), "its collection")
        own_window.wait(lambda: own_window.rows("cases") > 0, "its cases")
        assert selected(own_window, "cases") == () and own_window.rows("collections") == 1
        own_window.wait(lambda: own_window.program.browser.picked.state.summary, "the total")
        assert own_window.selected_series() == int(hit.about.split()[0])


def test_a_pasted_column_with_its_heading_finds_the_cases_and_names_what_is_missing(catalog: Hands) -> None:
    hits = look_for(catalog, "PatientID\nLIDC-IDRI-0001\nLIDC-IDRI-0002\nand LIDC-IDRI-99999")
    assert hits[0].ids == ("lidc_idri/LIDC-IDRI-0001", "lidc_idri/LIDC-IDRI-0002")
    assert catalog.widget("searchNote").text() == "Not in IDC: LIDC-IDRI-99999"
    press(catalog, QtCore.Qt.Key.Key_Return)
    catalog.wait(lambda: catalog.program.browser.tables.state("cases").selected_count == 2, "both")


def test_ten_megabytes_of_case_ids_open_those_that_were_read_and_the_window_lives_on(catalog: Hands) -> None:
    names = [f"LIDC-IDRI-{number % 50 + 1:04}" for number in range(700_000)]
    box = catalog.widget("searchBox")
    QtTest.QTest.mouseClick(box, QtCore.Qt.MouseButton.LeftButton)
    QtWidgets.QApplication.clipboard().setText("\n".join(names))
    QtTest.QTest.keyClick(box, QtCore.Qt.Key.Key_V, QtCore.Qt.KeyboardModifier.ControlModifier)
    search = catalog.program.browser.search
    catalog.wait(lambda: search.state.hits and search.state.done, "the hits")
    assert "Only the first 200,000 characters were used" in catalog.widget("searchNote").text()
    assert sorted(search.state.hits[0].ids) == sorted(f"lidc_idri/{name}" for name in set(names))
    catalog.photograph("search-ten-megabytes")
    press(catalog, QtCore.Qt.Key.Key_Return)
    catalog.wait(lambda: catalog.program.browser.tables.state("cases").selected_count == 50, "the cases")


def test_a_portal_address_is_applied_and_copied_on_as_text(catalog: Hands) -> None:
    browser = catalog.program.browser
    look_for(catalog, f"{PORTAL}/explore/filters/?collection_id=lidc_idri&collection_id=nlst&Modality_op=OR&Modality=CT&Modality=SEG")
    press(catalog, QtCore.Qt.Key.Key_Return)
    wanted = {"collection_id": ["lidc_idri", "nlst"], "Modality": ["CT", "SEG"]}
    catalog.wait(lambda: browser.filters.for_engine() == wanted, "the filters")
    catalog.wait(lambda: catalog.rows("collections") == 2, "the two collections")
    browser.show_page("searches")
    catalog.press("searchTextButton")
    text = QtWidgets.QApplication.clipboard().text()
    browser.show_page("browse")
    catalog.press("resetFiltersButton")
    catalog.wait(lambda: catalog.rows("collections") > 100, "everything again")
    look_for(catalog, text)
    press(catalog, QtCore.Qt.Key.Key_Return)
    catalog.wait(lambda: browser.filters.for_engine() == wanted and catalog.rows("collections") == 2, "the same again")


def test_a_range_that_the_portal_alone_knows_is_refused_with_its_name(catalog: Hands) -> None:
    hits = look_for(catalog, f"{PORTAL}/explore/filters/?Modality=CT&age_at_diagnosis_btw=10,50")
    assert [hit.level for hit in hits] == ["search"]
    press(catalog, QtCore.Qt.Key.Key_Return)
    catalog.wait(lambda: "'age_at_diagnosis' of the portal is not supported" in catalog.message(), "the reason")
    assert not catalog.program.browser.filters.for_engine()


def test_the_page_of_a_collection_opens_it(catalog: Hands) -> None:
    look_for(catalog, f"{PORTAL}/collections/lidc_idri")
    press(catalog, QtCore.Qt.Key.Key_Return)
    catalog.wait(lambda: selected(catalog, "collections") == ("lidc_idri",), "the collection")
    catalog.wait(lambda: catalog.rows("cases") == 1010, "its cases")


def test_a_narrow_panel_says_of_each_hit_where_it_belongs(own_window: Hands) -> None:
    panel = own_window.program.panel.widget
    panel.setParent(None)
    panel.resize(340, 760)
    panel.show()
    box = panel.findChild(QtWidgets.QLineEdit, "searchBox")
    QtTest.QTest.mouseClick(box, QtCore.Qt.MouseButton.LeftButton)
    QtTest.QTest.keyClicks(box, "lung1-00")
    search = own_window.program.browser.search
    own_window.wait(lambda: search.state.text == "lung1-00" and search.state.done, "the hits")
    tree = panel.findChild(QtWidgets.QTreeWidget, "searchHits")
    assert tree.topLevelItem(0).text(1) == "LUNG1-00...\n9 cases of NSCLC-Radiomics"
    (OUTPUT / "search-narrow.png").parent.mkdir(exist_ok=True)
    panel.grab().save(str(OUTPUT / "search-narrow.png"))
