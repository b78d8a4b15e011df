"""A person presses "Download and load" and keeps the mouse where it is: no button moves while the views open beside the panel."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from helpers.hands import Hands
from PySide6 import QtTest, QtWidgets
from told.buttons import Watch


def watch_until_shown(hands: Hands, press: Callable[[], None]) -> Watch:
    """Press what loads, and watch until views are open and the work has ended."""
    QtTest.QTest.qWait(300)
    watch = Watch(hands.window, hands.widget("browserPanel"), hands.widget("bottomBar"))
    press()

    def is_loaded() -> bool:
        QtWidgets.QApplication.processEvents()
        watch.look()
        views = hands.program.views
        return views is not None and views.isVisible() and not hands.program.browser.downloads.state.running

    hands.wait(is_loaded, "the images in the views", 240)
    QtTest.QTest.qWait(500)
    watch.look()
    assert not watch.gone
    return watch


def close_views(hands: Hands) -> None:
    hands.trigger("viewsAction")
    assert hands.program.segments is not None
    hands.program.segments.dock.hide()


@pytest.mark.parametrize(("width", "height", "with_filters"), [(1280, 720, False), (1680, 1000, True)])
def test_no_button_moves_when_the_views_open(hands: Hands, width: int, height: int, with_filters: bool) -> None:
    hands.window.resize(width, height)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    if with_filters:
        hands.press("filtersButton")
    hands.select_series_of_the_phantom()
    browse = watch_until_shown(hands, lambda: hands.press("downloadAndLoadButton"))
    hands.photograph(f"stay-{width}")
    assert hands.program.segments is not None and hands.program.segments.dock.isVisible(), "segments, too"
    assert browse.moved == {}
    close_views(hands)
    hands.press("addToCartButton")
    hands.program.browser.show_page("cart")
    hands.wait(hands.widget("cartLoadButton").isEnabled, "the cart")
    cart = watch_until_shown(hands, lambda: hands.press("cartLoadButton"))
    hands.photograph(f"stay-cart-{width}")
    assert cart.moved == {}
    close_views(hands)
    hands.program.browser.show_page("storage")
    hands.wait(lambda: hands.program.browser.storage.state.document is not None, "what is here")
    tree = hands.widget("storageSeries")
    tree.setCurrentIndex(tree.model().index(0, 0))
    hands.wait(hands.widget("storageLoadButton").isEnabled, "the row")
    storage = watch_until_shown(hands, lambda: hands.press("storageLoadButton"))
    hands.photograph(f"stay-storage-{width}")
    assert storage.moved == {}
