"""A person leafs through a study, keeps to a manifest, and finds what is inside segmentations: by clicks, the wheel and keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from helpers.hands import Hands
from helpers.themes import dark_palette
from PySide6 import QtCore, QtGui, QtTest, QtWidgets
from told import shelf

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.host.standalone.window import WindowConfig


def test_the_series_of_a_study_are_leafed_through_with_pictures(hands: Hands, world: World, application: QtWidgets.QApplication) -> None:
    shelf.leafed_through_with_pictures(hands, world)
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


def test_a_manifest_is_a_working_set_with_the_numbers_of_sql(open_window: Callable[[WindowConfig], Hands], tmp_path: Path) -> None:
    hands = open_window(WindowConfig(settings_file=str(tmp_path / "settings.ini"), download_folder=str(tmp_path / "downloads")))
    hands.window.resize(1280, 720)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    shelf.a_manifest_is_a_working_set(hands, tmp_path)
