"""A person leafs through a study, keeps to a manifest, and finds what is inside segmentations: by clicks, the wheel and keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pydicom
import pytest
from helpers.hands import Hands
from helpers.themes import dark_palette
from PySide6 import QtCore, QtGui, QtTest, QtWidgets

from IDCBrowserLib.catalog.connection import literal
from IDCBrowserLib.catalog.files.sources import find_sources
from IDCBrowserLib.demo.world import World
from IDCBrowserLib.host.standalone.window import WindowConfig

CASES = "count(DISTINCT (collection_id, PatientID))"


def series(world: World, key: str) -> Any:
    return next(item for item in world.series if item.key == key)


def open_phantom(hands: Hands, world: World) -> Any:
    """From the collections to the series of the phantom, by clicks; gives the tree."""
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.type_into("collectionsFilter", world.collection_id)
    hands.wait(lambda: hands.rows("collections") == 1, "the collection")
    hands.click_row("collections", 0)
    hands.wait(lambda: hands.rows("cases") >= 1, "its cases")
    hands.click_row("cases", 0)
    hands.wait(lambda: hands.rows("studies") >= 1, "its studies")
    hands.click_row("studies", 0)
    hands.wait(lambda: hands.rows("series") > 1, "its series")
    hands.bring_into_sight("series")
    return hands.view("series")


def nodes(tree: Any) -> dict[str, list[str]]:
    """First lines of the rows below each top row."""
    model = tree.model()

    def text(index: Any) -> str:
        return str(model.data(index)).split("\n")[0]

    return {
        text(model.index(row, 0)): [text(model.index(below, 0, model.index(row, 0))) for below in range(model.rowCount(model.index(row, 0)))]
        for row in range(model.rowCount())
    }


def turn_wheel(widget: Any, notches: int) -> None:
    """Down for positive ones."""
    place = QtCore.QPointF(widget.rect().center())
    event = QtGui.QWheelEvent(
        place,
        QtCore.QPointF(widget.mapToGlobal(place.toPoint())),
        QtCore.QPoint(),
        QtCore.QPoint(0, -120 * notches),
        QtCore.Qt.MouseButton.NoButton,
        QtCore.Qt.KeyboardModifier.NoModifier,
        QtCore.Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QtWidgets.QApplication.sendEvent(widget, event)


def test_the_series_of_a_study_are_leafed_through_with_pictures(hands: Hands, world: World, application: QtWidgets.QApplication) -> None:
    tree = open_phantom(hands, world)
    ct = series(world, "ct")
    hands.wait(lambda: (known := hands.program.browser.thumbnails.of(ct.series_instance_uid)) is not None and known.file, "the thumbnail of the CT")
    drawn = nodes(tree)
    (image,) = [name for name in drawn if " CT " in f" {name} "]
    assert drawn[image] == [] and set(drawn) == {image, "Segmentations", "Structure sets"}, "no index says of which image they are"
    hands.photograph("shelf-1680")
    index = tree.model().index(list(drawn).index(image), 0)
    QtTest.QTest.mouseClick(tree.viewport(), QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier, tree.visualRect(index).center())
    picture = hands.widget("previewPicture")
    hands.wait(lambda: picture.isVisible() and not picture.pixmap().isNull(), "the preview")
    headers = sorted((pydicom.dcmread(path) for path in ct.files), key=lambda header: int(header.InstanceNumber))
    hands.wait(lambda: hands.widget("previewPlace").text() == f"{len(headers)} images", "how many there are")
    turn_wheel(picture, 3)
    expected = f"{len(headers) // 2 + 4} of {len(headers)}"
    hands.wait(lambda: hands.widget("previewPlace").text() == expected and hands.program.browser.leafing.state.file, "the third image on")
    hands.photograph("shelf-leafed")
    QtTest.QTest.keyClick(picture, QtCore.Qt.Key.Key_Home)
    hands.wait(lambda: hands.widget("previewPlace").text() == f"1 of {len(headers)}" and hands.program.browser.leafing.state.file, "the first image")
    shown = np.fromfile(hands.program.browser.leafing.state.file, np.uint8)[-headers[0].Rows * headers[0].Columns :]
    values = headers[0].pixel_array * float(headers[0].RescaleSlope) + float(headers[0].RescaleIntercept)
    center, width = (float(np.atleast_1d(headers[0].get(name))[0]) for name in ("WindowCenter", "WindowWidth"))
    gray = np.clip(np.rint(255 * ((values - (center - 0.5)) / (width - 1) + 0.5)), 0, 255).ravel()
    assert np.abs(shown.astype(int) - gray).max() <= 1, "the very pixels of the first image"
    for width_, height, name in ((1280, 720, "1280"), (1600, 1000, "1600"), (340, 900, "340")):
        hands.window.resize(width_, height)
        QtTest.QTest.qWait(200)
        hands.photograph(f"shelf-{name}")
    hands.window.resize(1280, 720)
    before = QtGui.QPalette(application.palette())
    application.setPalette(dark_palette())
    QtTest.QTest.qWait(100)
    hands.photograph("shelf-dark")
    application.setPalette(before)


def test_without_a_network_every_thumbnail_says_why_in_its_place(open_window: Callable[[WindowConfig], Hands], tmp_path: Path) -> None:
    hands = open_window(
        WindowConfig(settings_file=str(tmp_path / "settings.ini"), download_folder=str(tmp_path / "downloads"), endpoint_url="http://127.0.0.1:9")
    )
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.type_into("searchBox", "LIDC-IDRI-0001")
    hands.wait(lambda: hands.program.browser.search.state.done and hands.program.browser.search.state.text == "LIDC-IDRI-0001", "the hit")
    QtTest.QTest.keyClick(hands.widget("searchBox"), QtCore.Qt.Key.Key_Return)
    hands.wait(lambda: hands.rows("studies") == 2, "its studies")
    hands.select_all("studies")
    hands.wait(lambda: hands.rows("series") == 10, "its series")
    tree = hands.bring_into_sight("series") or hands.view("series")
    (ct,) = [row for row in range(tree.model().rowCount()) if " CT" in str(tree.model().data(tree.model().index(row, 0)))]
    uid = tree.model().row_at(tree.model().index(ct, 0)).key[0]
    hands.wait(lambda: hands.program.browser.thumbnails.of(uid) is not None, "what became of it")
    tip = tree.model().data(tree.model().index(ct, 0), int(QtCore.Qt.ItemDataRole.ToolTipRole))
    assert "127.0.0.1:9" in tip
    assert hands.message().strip() == ""
    hands.photograph("shelf-offline")


@pytest.fixture
def named() -> dict[str, Any]:
    """Every tenth series of two collections of the real index, and what SQL says of them."""
    (index,) = find_sources(bundled=True).series
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE chosen AS SELECT * FROM (SELECT *, row_number() OVER (ORDER BY SeriesInstanceUID) AS n "
            f"FROM read_parquet({literal(index)}) WHERE collection_id IN ('lidc_idri', 'nsclc_radiomics')) WHERE n % 10 = 0"
        )
        rows = connection.execute("SELECT aws_bucket, crdc_series_uuid FROM chosen").fetchall()
        counts = connection.execute(
            "SELECT count(*), count(DISTINCT StudyInstanceUID), count(DISTINCT (collection_id, PatientID)) FROM chosen"
        ).fetchone()
        segs = connection.execute(f"SELECT count(*), {CASES} FROM chosen WHERE Modality = 'SEG'").fetchone()
    return {"rows": rows, "counts": counts, "segs": segs}


def test_a_manifest_is_a_working_set_with_the_numbers_of_sql(
    open_window: Callable[[WindowConfig], Hands], tmp_path: Path, named: dict[str, Any]
) -> None:
    manifest = tmp_path / "cart.s5cmd"
    lines = [f"cp s3://{bucket}/{uuid}/* ." for bucket, uuid in named["rows"]]
    manifest.write_text("\n".join([*lines, "cp s3://idc-open-data/00000000-0000-4000-8000-000000000000/* ."]))
    hands = open_window(WindowConfig(settings_file=str(tmp_path / "settings.ini"), download_folder=str(tmp_path / "downloads")))
    hands.window.resize(1280, 720)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.program.host.choose_manifests = lambda: [str(manifest)]
    hands.trigger("openManifestAction")
    total, studies, cases = named["counts"]
    hands.wait(lambda: hands.widget("workingSetChip").text() == f"Only cart.s5cmd, {total:,} series  ×", "the chip")
    hands.wait(lambda: hands.rows("collections") == 2, "its two collections")
    hands.wait(lambda: hands.widget("filtersTotals").text().startswith(f"= {cases:,} cases ({studies:,} studies, {total:,} series"), "the totals")
    hands.photograph("working-set")
    hands.press("workingSetMissing")
    hands.wait(lambda: "00000000-0000-4000-8000-000000000000" in hands.widget("results").toPlainText(), "what was not found")
    browser = hands.program.browser
    browser.filters.choose({"Modality": ["SEG"]})
    segs, seg_cases = named["segs"]
    hands.wait(lambda: browser.filters.state.totals and browser.filters.state.totals["series"] == segs, "the segmentations in it")
    assert browser.filters.state.totals["cases"] == seg_cases
    hands.press("resetFiltersButton")
    hands.wait(lambda: browser.filters.state.totals and browser.filters.state.totals["series"] == total, "all of it again")
    hands.press("workingSetChip")
    hands.wait(lambda: hands.rows("collections") > 100, "everything")
