"""A person goes from an analysis result to its series, takes rows along, and adds index files and a newer release: by keys and clicks."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.hands import Hands
from helpers.release_files import served, write_release
from helpers.side_files import VERSION, Answer, FileServer, checksum, write_side_index
from PySide6 import QtCore, QtTest, QtWidgets

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.host.standalone.window import WindowConfig
from IDCBrowserLib.ui.widgets import save_dialog
from IDCBrowserLib.wording import human_size

CT = "1.3.6.1.4.1.14519.5.2.1.6279.6001.179049373636438705059720603192"
SEG = "1.2.276.0.7230010.3.1.3.0.89314.1553284067.990548"


@pytest.fixture
def catalog(open_window: Callable[[WindowConfig], Hands], tmp_path: Path) -> Hands:
    hands = open_window(WindowConfig(settings_file=str(tmp_path / "settings.ini"), download_folder=str(tmp_path / "downloads")))
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    return hands


def key(hands: Hands, key: QtCore.Qt.Key, modifiers: QtCore.Qt.KeyboardModifier = QtCore.Qt.KeyboardModifier.NoModifier) -> None:
    QtTest.QTest.keyClick(QtWidgets.QApplication.focusWidget() or hands.window, key, modifiers)


def open_case(hands: Hands) -> None:
    hands.type_into("searchBox", "LIDC-IDRI-0001")
    hands.wait(lambda: hands.program.browser.search.state.done is not None and hands.program.browser.search.state.text == "LIDC-IDRI-0001", "the hit")
    key(hands, QtCore.Qt.Key.Key_Return)
    hands.wait(lambda: hands.rows("studies") == 2, "the studies of the case")
    hands.select_all("studies")
    hands.wait(lambda: hands.rows("series") == 10, "its series")


def test_an_analysis_result_leads_to_its_cases_and_its_series(catalog: Hands) -> None:
    catalog.press("analysis_resultsSwitch")
    catalog.wait(lambda: catalog.rows("analysis_results") > 20, "the analysis results")
    catalog.type_into("analysis_resultsFilter", "dicom_lidc_idri_nodules")
    catalog.wait(lambda: catalog.rows("analysis_results") == 1, "the one about nodules")
    catalog.click_row("analysis_results", 0)
    catalog.wait(lambda: catalog.rows("cases") == 875, "the cases with nodules, of the 1,010 of the collection")
    catalog.type_into("casesFilter", "LIDC-IDRI-0001")
    catalog.wait(lambda: catalog.rows("cases") == 1, "the first case")
    catalog.click_row("cases", 0)
    catalog.wait(lambda: catalog.rows("studies") == 1, "its study with results")
    catalog.click_row("studies", 0)
    catalog.wait(lambda: catalog.rows("series") == 8, "what the analysis made of it, and nothing else")
    catalog.wait(lambda: catalog.program.browser.picked.state.summary and catalog.program.browser.picked.state.level == "studies", "the total")
    assert catalog.program.browser.picked.state.summary["modalities"].keys() == {"SEG", "SR", "CT"}
    assert catalog.selected_series() == 8 and "This includes " in catalog.widget("selectionLevels").text()
    catalog.photograph("analysis-result")
    catalog.bring_into_sight("analysis_results")
    catalog.press("collectionsSwitch")
    catalog.wait(lambda: catalog.rows("collections") > 100 and catalog.rows("cases") == 0, "the collections again")


def test_rows_are_copied_as_text_and_as_csv_and_a_table_is_saved(catalog: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_case(catalog)
    catalog.wait(lambda: {catalog.cells("series", row)[0] for row in range(10)} == {"In IDC"}, "where they are")
    clipboard = QtWidgets.QApplication.clipboard()
    clipboard.clear()
    catalog.click_row("series", catalog.find_row("series", CT))
    catalog.click_row("series", catalog.find_row("series", SEG), add=True)
    catalog.view("series").setFocus()
    key(catalog, QtCore.Qt.Key.Key_C, QtCore.Qt.KeyboardModifier.ControlModifier)
    catalog.wait(lambda: CT in clipboard.text(), "the rows as text")
    lines = [line.split("\t") for line in clipboard.text().splitlines()]
    assert lines[0][:3] == ["Status", "No.", "Modality"]
    assert sorted(line[2] for line in lines[1:]) == ["CT", "SEG"] and {line[0] for line in lines[1:]} == {"In IDC"}
    assert "Copied 2 rows." in catalog.message()
    key(catalog, QtCore.Qt.Key.Key_C, QtCore.Qt.KeyboardModifier.ControlModifier | QtCore.Qt.KeyboardModifier.AltModifier)
    catalog.wait(lambda: "SeriesInstanceUID" in clipboard.text(), "the rows as CSV")
    rows = list(csv.DictReader(clipboard.text().splitlines()))
    assert {row["SeriesInstanceUID"]: row["Modality"] for row in rows} == {CT: "CT", SEG: "SEG"}
    monkeypatch.setattr(save_dialog, "choose_save_file", lambda *_arguments: str(tmp_path / "series"))
    key(catalog, QtCore.Qt.Key.Key_S, QtCore.Qt.KeyboardModifier.ControlModifier | QtCore.Qt.KeyboardModifier.ShiftModifier)
    catalog.wait(lambda: "Saved 10 rows" in catalog.message(), "the table on disk")
    with (tmp_path / "series.csv").open(newline="", encoding="utf-8-sig") as file:
        saved = list(csv.DictReader(file))
    assert len(saved) == 10 and {CT, SEG} < {row["SeriesInstanceUID"] for row in saved}


def index_file(hands: Hands, name: str) -> QtWidgets.QTreeWidgetItem:
    found = hands.widget("indexFiles").findItems(name, QtCore.Qt.MatchFlag.MatchExactly)
    assert found, f"{name} is not listed"
    return found[0]


def take_from(hands: Hands, place: str) -> None:
    hands.program.browser.show_page("settings")
    hands.wait(lambda: hands.widget("indexFiles").topLevelItemCount() > 10, "the index files")
    hands.type_into("indexSource", place)
    key(hands, QtCore.Qt.Key.Key_Return)


def click_index(hands: Hands, name: str) -> None:
    view = hands.widget("indexFiles")
    view.clearSelection()
    item = index_file(hands, name)
    view.scrollToItem(item)
    QtTest.QTest.mouseClick(
        view.viewport(), QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier, view.visualItemRect(item).center()
    )


def fetch(hands: Hands, name: str) -> None:
    click_index(hands, name)
    hands.press("indexFetch")


def acquisition(folder: Path) -> dict[str, Answer]:
    """A small ct_index with its checksum, as a server has it."""
    path = write_side_index(folder, "ct_index", [{"SeriesInstanceUID": CT, "KVP": 120, "ConvolutionKernel": ["B31f"], "SliceThickness": 2.5}])
    return {"/ct_index.parquet": (200, {}, path.read_bytes()), "/ct_index.parquet.sha256": (200, {}, checksum(path).encode())}


def test_an_index_file_fetched_by_clicks_brings_its_columns(home: Path, catalog: Hands, tmp_path: Path) -> None:
    open_case(catalog)
    header = catalog.widget("seriesTable").horizontalHeader()
    titles = [catalog.widget("seriesTable").model().headerData(number, QtCore.Qt.Orientation.Horizontal) for number in range(header.count())]
    assert header.isSectionHidden(titles.index("kVp"))
    with FileServer(acquisition(tmp_path)) as server:
        take_from(catalog, server.url)
        fetch(catalog, "ct_index")
        catalog.wait(lambda: index_file(catalog, "ct_index").text(1) == "available", "the file")
        assert "ct_index was fetched" in catalog.widget("indexProgress").text()
    catalog.photograph("index-files")
    catalog.program.browser.show_page("browse")
    row = catalog.find_row("series", CT)
    catalog.wait(lambda: catalog.cells("series", row)[titles.index("kVp")] == "120", "the tube voltage")
    assert not header.isSectionHidden(titles.index("kVp"))
    assert catalog.cells("series", row)[titles.index("Kernel")] == "B31f"
    catalog.program.browser.show_page("settings")
    click_index(catalog, "ct_index")
    catalog.press("indexRemove")
    catalog.wait(lambda: index_file(catalog, "ct_index").text(1) == "not fetched", "it was removed")


def choose_facet(hands: Hands, title: str) -> None:
    facets = hands.widget("facets")
    item = facets.findItems(title, QtCore.Qt.MatchFlag.MatchExactly)[0]
    facets.scrollToItem(item)
    QtTest.QTest.mouseClick(
        facets.viewport(), QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier, facets.visualItemRect(item).center()
    )


def facet_values(hands: Hands) -> list[str]:
    model = hands.widget("facetValues").model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_a_filter_on_contents_offers_its_index_file_and_works_once_it_is_here(home: Path, catalog: Hands, tmp_path: Path) -> None:
    segments = {
        "SeriesInstanceUID": SEG,
        "segmented_SeriesInstanceUID": CT,
        "total_segments": 1,
        "AlgorithmType": "MANUAL",
        "SegmentedPropertyType_CodeMeanings": ["Nodule"],
    }
    write_side_index(tmp_path / "drive", "seg_index", [segments])
    catalog.program.browser.show_page("settings")
    catalog.choose_folder_next(tmp_path / "drive")
    catalog.press("indexChooseFolder")
    assert catalog.widget("indexSource").text() == str(tmp_path / "drive")
    catalog.program.browser.show_page("browse")
    catalog.press("filtersButton")
    catalog.wait(lambda: catalog.program.engine.client.pending == 0, "the counts")
    choose_facet(catalog, "Segment type")
    catalog.wait(lambda: catalog.widget("missingIndex").isVisible(), "what is missing")
    size = human_size((tmp_path / "drive" / "seg_index.parquet").stat().st_size)
    catalog.wait(lambda: f"Needs {size} of further data (seg_index.parquet)" in catalog.widget("missingIndexText").text(), "its size")
    catalog.photograph("missing-index")
    catalog.press("missingIndexFetch")
    catalog.wait(lambda: "Nodule" in facet_values(catalog), "the segments")
    assert not catalog.widget("missingIndex").isVisible()
    view = catalog.widget("facetValues")
    view.setCurrentIndex(view.model().index(facet_values(catalog).index("Nodule"), 0))
    view.setFocus()
    key(catalog, QtCore.Qt.Key.Key_Space)
    catalog.wait(lambda: catalog.rows("collections") == 1, "the collection with the nodule")
    catalog.program.browser.show_page("settings")
    catalog.wait(lambda: index_file(catalog, "seg_index").text(1) == "available", "it is listed")


def test_a_damaged_index_file_is_called_so_where_it_is_missed_and_repaired_there(home: Path, catalog: Hands, tmp_path: Path) -> None:
    whole = write_side_index(tmp_path / "drive", "rtstruct_index", [])
    ours = home / "cache" / "indices" / VERSION / "rtstruct_index.parquet"
    ours.parent.mkdir(parents=True, exist_ok=True)
    ours.write_bytes(whole.read_bytes()[:-20])
    catalog.program.browser.indices.set_source(str(tmp_path / "drive"))
    catalog.press("filtersButton")
    catalog.wait(lambda: catalog.program.engine.client.pending == 0, "the counts")
    choose_facet(catalog, "ROI name")
    said = catalog.widget("missingIndexText")
    catalog.wait(lambda: "which is damaged: " in said.text() and "Fetch it again to repair it." in said.text(), "what is wrong")
    catalog.photograph("damaged-index")
    catalog.press("missingIndexFetch")
    catalog.wait(lambda: "contains no values for this filter" in catalog.widget("facetNothing").text(), "that the repaired one has no values")
    assert ours.read_bytes() == whole.read_bytes()
    catalog.photograph("empty-index")


def test_a_cut_off_file_a_wrong_one_and_a_gone_server_are_said_where_it_was_asked(home: Path, catalog: Hands, tmp_path: Path) -> None:
    answers = acquisition(tmp_path)
    status, _headers, body = answers["/ct_index.parquet"]
    answers["/ct_index.parquet"] = (status, {"Content-Length": str(len(body))}, body[: len(body) // 2])
    answers["/mr_index.parquet"] = (200, {}, b"<html>Please sign in</html>")
    said = catalog.widget("indexProgress")
    with FileServer(answers) as server:
        take_from(catalog, server.url)
        fetch(catalog, "ct_index")
        catalog.wait(lambda: "the connection broke off" in said.text(), "what is wrong with it")
        fetch(catalog, "mr_index")
        catalog.wait(lambda: "mr_index" in said.text() and "not used" in said.text(), "that it is no index file")
        fetch(catalog, "pt_index")
        catalog.wait(lambda: f"There is no pt_index.parquet at {server.url}." in said.text(), "that it is not there")
    fetch(catalog, "ct_index")
    catalog.wait(lambda: f"ct_index.parquet was not fetched from {server.url}" in said.text(), "that nobody answers")
    assert {index_file(catalog, name).text(1) for name in ("ct_index", "mr_index", "pt_index")} == {"not fetched"}
    assert not list(home.rglob("*index.parquet*")), "nothing half is left"


def test_a_newer_release_is_used_without_a_restart_and_given_back(home: Path, catalog: Hands, tmp_path: Path) -> None:
    line = catalog.widget("release")
    catalog.wait(lambda: "IDC release 25 (25.0.5, installed)" in line.text(), "the release in use")
    with FileServer(served(write_release(tmp_path / "newer"))) as server:
        take_from(catalog, server.url)
        catalog.press("checkRelease")
        catalog.wait(lambda: "IDC 26 is available" in catalog.widget("releaseNews").text(), "the offer")
        assert catalog.widget("newReleaseLine").isVisible(), "it is offered on every page"
        catalog.press("updateRelease")
        catalog.wait(lambda: "IDC release 26 (26.0.1, updated)" in line.text(), "the newer release")
    catalog.program.browser.show_page("browse")
    catalog.wait(lambda: catalog.rows("collections") == 2, "its collections")
    catalog.click_row("collections", catalog.find_row("collections", "Lung-CT"))
    catalog.wait(lambda: catalog.rows("cases") == 3, "its cases")
    catalog.program.browser.show_page("settings")
    assert "updated; installed: 25.0.5" in catalog.widget("releaseInUse").text()
    catalog.press("bundledRelease")
    catalog.wait(lambda: "IDC release 25 (25.0.5, installed)" in line.text(), "the installed release again")
    catalog.wait(lambda: catalog.rows("collections") > 100, "all of IDC")


@pytest.mark.parametrize("harm", ["cut off", "gone", "columns missing"])
def test_a_release_that_was_damaged_meanwhile_is_told_and_the_installed_one_is_browsed(
    harm: str, home: Path, open_window: Callable[[WindowConfig], Hands], tmp_path: Path
) -> None:
    config = WindowConfig(settings_file=str(tmp_path / "settings.ini"))
    hands = open_window(config)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    with FileServer(served(write_release(tmp_path / "newer"))) as server:
        take_from(hands, server.url)
        hands.press("checkRelease")
        hands.wait(lambda: "IDC 26 is available" in hands.widget("releaseNews").text(), "the offer")
        hands.press("updateRelease")
        hands.wait(lambda: "IDC release 26 (26.0.1, updated)" in hands.widget("release").text(), "the newer release")
    hands.window.close()
    index = next(home.rglob("idc_index.parquet"))
    if harm == "cut off":
        index.write_bytes(index.read_bytes()[:-300])
    elif harm == "gone":
        index.unlink()
    else:
        index.write_bytes(write_side_index(tmp_path / "other", "ct_index").read_bytes())
    again = open_window(config)
    again.wait(lambda: again.rows("collections") > 100, "the installed release")
    again.wait(lambda: "IDC release 25 (25.0.5, installed)" in again.widget("release").text(), "that it is the installed one")
    assert "The updated IDC release cannot be used; the installed release is used instead:" in again.message()
    assert "idc_index.parquet" in again.message() and "26.0.1" in again.message(), "which file of which release"
    assert "idc_index.parquet" in again.widget("release").toolTip()


def test_keys_alone_lead_from_the_search_box_to_a_download(hands: Hands, world: World) -> None:
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.window.activateWindow()
    assert QtTest.QTest.qWaitForWindowActive(hands.window)
    key(hands, QtCore.Qt.Key.Key_F, QtCore.Qt.KeyboardModifier.ControlModifier)
    assert QtWidgets.QApplication.focusWidget() is hands.widget("searchBox")
    QtTest.QTest.keyClicks(QtWidgets.QApplication.focusWidget(), "demo_phantom")
    hands.wait(lambda: hands.program.browser.search.state.text == "demo_phantom" and hands.program.browser.search.state.done, "the hit")
    key(hands, QtCore.Qt.Key.Key_Return)
    hands.wait(lambda: hands.program.browser.tables.selected_ids("collections") == ("demo_phantom",), "the collection")
    hands.wait(lambda: hands.rows("cases") == 1, "its case")
    for level, following in (("collections", "cases"), ("cases", "studies"), ("studies", "series")):
        assert QtWidgets.QApplication.focusWidget() is hands.widget(f"{level}Table")
        key(hands, QtCore.Qt.Key.Key_Return)
        hands.wait(lambda level=following: hands.rows(level) > 0 and hands.program.browser.tables.state(level).selected, f"the {following}")
    hands.wait(lambda: "1 series" in hands.widget("selectionTotal").text(), "the total")
    key(hands, QtCore.Qt.Key.Key_D, QtCore.Qt.KeyboardModifier.AltModifier)
    hands.wait(lambda: "1 series downloaded" in hands.message(), "the end of the download")
    assert list(world.download_folder.rglob("*.dcm"))
