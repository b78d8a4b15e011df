"""A person knows what will arrive before downloading it: pictures, relations, links."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
from helpers.hands import Hands
from helpers.preview_objects import read_png
from helpers.side_files import write_side_index
from PySide6 import QtCore, QtTest

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.host.standalone.demo_window import demo_config
from IDCBrowserLib.host.standalone.window import WindowConfig
from IDCBrowserLib.logic.details.preview import PreviewPhase

# A small one of htan_wustl.
SLIDE = "1.3.6.1.4.1.5962.99.1.1997834896.1182308017.1655560276624.4.0"


def open_the_phantom(hands: Hands) -> None:
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.type_into("collectionsFilter", "demo_phantom")
    hands.wait(lambda: hands.rows("collections") == 1, "the demo collection")
    hands.click_row("collections", 0)
    hands.wait(lambda: hands.rows("cases") == 1, "its case")
    hands.click_row("cases", 0)
    hands.wait(lambda: hands.rows("studies") == 2, "its studies")
    hands.select_all("studies")
    hands.wait(lambda: hands.rows("series") == 6, "its series")


def click_series(hands: Hands, text: str) -> None:
    hands.click_row("series", hands.find_row("series", text))


def picture(hands: Hands, starts: str) -> Path:
    preview = hands.program.browser.preview
    hands.wait(lambda: preview.state.phase is PreviewPhase.READY and preview.state.text.startswith(starts), f"a picture: {starts}")
    return Path(preview.state.file)


def test_a_click_on_a_series_shows_one_of_its_slices(hands: Hands, world: World) -> None:
    open_the_phantom(hands)
    click_series(hands, "Abdomen 4.0 soft tissue")
    shown = read_png(picture(hands, "CT, image"))[..., 0]
    number = int(hands.program.browser.preview.state.text.removeprefix("CT, image "))
    files = next(series.files for series in world.series if series.key == "ct")
    stored = next(header for header in map(pydicom.dcmread, files) if header.InstanceNumber == number)
    values = stored.pixel_array * float(stored.RescaleSlope) + float(stored.RescaleIntercept)
    assert np.corrcoef(shown.ravel(), np.clip(values, -160, 240).ravel())[0, 1] > 0.95
    assert not hands.widget("previewPicture").pixmap().isNull()
    assert not list(world.download_folder.rglob("*.dcm")), "nothing was downloaded"
    hands.photograph("preview")
    click_series(hands, "Organs and tumor")
    colors = read_png(picture(hands, "Segmentation: Liver"))
    assert (colors.max(axis=2) != colors.min(axis=2)).any(), "segments have colors"
    assert colors.shape[:2] == shown.shape, "on the grid of the CT"


def test_walking_on_gives_the_former_picture_up(hands: Hands) -> None:
    open_the_phantom(hands)
    for text in ("Abdomen 4.0", "Organs and tumor", "Organs (label map)", "Planning contours"):
        click_series(hands, text)
    picture(hands, "Contours: ")
    rows = hands.program.browser.tables.selected_ids("series")
    assert rows == (hands.program.browser.preview.state.series_uid,)


def uid_of(world: World, key: str) -> str:
    return next(series.series_instance_uid for series in world.series if series.key == key)


def with_indices(world: World, folder: Path) -> WindowConfig:
    """The demo's window with index files that tell what its derived series were made from."""
    segments = {
        "SeriesInstanceUID": uid_of(world, "seg_binary"),
        "segmented_SeriesInstanceUID": uid_of(world, "ct"),
        "total_segments": 6,
        "SegmentedPropertyType_CodeMeanings": ["Liver", "Kidney"],
        "AlgorithmName": "PhantomNet",
    }
    contours = {
        "SeriesInstanceUID": uid_of(world, "rtstruct"),
        "referenced_SeriesInstanceUID": uid_of(world, "ct"),
        "total_rois": 4,
        "ROINames": ["GTV liver"],
    }
    files = (write_side_index(folder, "seg_index", [segments]), write_side_index(folder, "rtstruct_index", [contours]))
    config = demo_config(world)
    return replace(config, catalog_sources=(*config.catalog_sources, *map(str, files)))


def related_rows(hands: Hands) -> list[list[str]]:
    model = hands.widget("relatedTable").model()
    return [[str(model.index(row, column).data()) for column in range(5)] for row in range(model.rowCount())]


def test_relations_lead_from_an_image_to_its_segmentation_and_back(
    world: World, open_window: Callable[[WindowConfig], Hands], tmp_path: Path
) -> None:
    hands = open_window(with_indices(world, tmp_path))
    open_the_phantom(hands)
    click_series(hands, "Abdomen 4.0 soft tissue")
    hands.wait(lambda: len(related_rows(hands)) == 2, "what was made from the CT")
    tabs = hands.widget("detailsTabs")
    tabs.setCurrentIndex(1)
    assert related_rows(hands)[0] == [
        "Segmentation of this series",
        "SEG",
        "Organs and tumor (overlapping segments)",
        "Liver, Kidney (6)",
        "PhantomNet",
    ]
    assert related_rows(hands)[1][:4] == ["Structure set of this series", "RTSTRUCT", "Planning contours", "GTV liver (4)"]
    hands.photograph("relations")
    view = hands.widget("relatedTable")
    QtTest.QTest.mouseClick(
        view.viewport(), QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier, view.visualRect(view.model().index(0, 0)).center()
    )
    hands.press("relatedShowButton")
    tables = hands.program.browser.tables
    hands.wait(lambda: tables.selected_ids("series") == (uid_of(world, "seg_binary"),), "the segmentation in the tables")
    hands.wait(lambda: [row[:2] for row in related_rows(hands)] == [["Referenced image", "CT"]], "its image")
    hands.press("relatedCartButton")
    hands.wait(lambda: "cart" in hands.message(), "what the cart says")


def test_what_is_selected_opens_on_the_web(open_window: Callable[[WindowConfig], Hands], tmp_path: Path) -> None:
    folders = {"settings_file": str(tmp_path / "settings.ini"), "download_folder": str(tmp_path / "downloads")}
    hands = open_window(WindowConfig(endpoint_url="http://127.0.0.1:9", **folders))
    opened: list[str] = []
    hands.program.host.open_url = opened.append
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.type_into("searchBox", SLIDE)
    hands.wait(lambda: hands.program.browser.search.state.text == SLIDE and hands.program.browser.search.state.done, "the slide")
    QtTest.QTest.keyClick(hands.widget("searchBox"), QtCore.Qt.Key.Key_Return)
    browser = hands.program.browser
    hands.wait(lambda: browser.details.state.level == "series" and browser.details.state.document is not None, "its details")
    details = hands.widget("details")
    assert "Open in Slim" in details.toPlainText().replace("\xa0", " ")
    hands.wait(lambda: browser.picked.state.summary is not None, "what is selected")
    load = hands.widget("downloadAndLoadButton")
    assert load.isEnabled() and "slides" in load.toolTip()
    view = hands.view("series")
    view.setFocus()
    QtTest.QTest.keyClick(view, QtCore.Qt.Key.Key_V, QtCore.Qt.KeyboardModifier.ControlModifier | QtCore.Qt.KeyboardModifier.ShiftModifier)
    hands.wait(lambda: opened, "the viewer")
    assert opened[0].startswith("https://viewer.imaging.datacommons.cancer.gov/slim/studies/") and opened[0].endswith(f"/series/{SLIDE}")
    hands.wait(lambda: browser.preview.state.phase is PreviewPhase.NOTE, "why there is no picture")
    assert browser.preview.state.text.startswith("No preview: ")
    hands.photograph("slide")
