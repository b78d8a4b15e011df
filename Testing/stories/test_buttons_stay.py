"""A person presses "Download and load" and keeps the mouse where it is: the buttons stay under it while the views open beside them."""

from __future__ import annotations

import pytest
from helpers.hands import Hands
from PySide6 import QtCore, QtTest, QtWidgets

BUTTONS = ("downloadAndLoadButton", "downloadButton", "addToCartButton", "saveSelectionButton")


def places(hands: Hands) -> dict[str, QtCore.QPoint]:
    """Upper left corners in the window."""
    return {name: hands.widget(name).mapTo(hands.window, QtCore.QPoint(0, 0)) for name in BUTTONS}


@pytest.mark.parametrize("size", [(1280, 720), (1680, 1000)])
def test_no_button_moves_when_the_views_open(hands: Hands, size: tuple[int, int]) -> None:
    hands.window.resize(*size)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.type_into("collectionsFilter", "demo_phantom")
    hands.wait(lambda: hands.rows("collections") == 1, "the demo collection")
    hands.click_row("collections", 0)
    hands.wait(lambda: hands.rows("cases") == 1, "its case")
    hands.click_row("cases", 0)
    hands.wait(lambda: hands.rows("studies") > 0, "its studies")
    hands.click_row("studies", 0)
    hands.wait(lambda: hands.rows("series") > 0, "its series")
    hands.click_row("series", hands.find_row("series", "CT"))
    hands.wait(lambda: hands.selected_series() == 1, "the selection")
    QtTest.QTest.qWait(300)
    before = places(hands)
    hands.press("downloadAndLoadButton")
    moved: list[str] = []

    def is_loaded() -> bool:
        QtWidgets.QApplication.processEvents()
        moved.extend(name for name, place in places(hands).items() if place != before[name])
        views = hands.program.views
        return views is not None and views.isVisible() and not hands.program.browser.downloads.state.running

    hands.wait(is_loaded, "the image in the views", 240)
    QtTest.QTest.qWait(500)
    is_loaded()
    assert moved == []
