"""A person loads one object that was made from images: exactly the image that it names comes along, and it is said before how much that is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from helpers.hands import Hands

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.host.standalone.demo_window import demo_config
from IDCBrowserLib.host.standalone.window import WindowConfig
from IDCBrowserLib.logic.base.state import Hit


def added(hands: Hands) -> tuple[int, int]:
    """Series that come along with the selection, and selected ones whose images are guessed."""
    summary = hands.program.browser.picked.state.summary
    return (summary["added_series"], summary["guessed_images"]) if summary is not None else (-1, -1)


@pytest.mark.parametrize("key", ["dose", "report"])
def test_a_dose_and_a_report_come_with_their_ct_and_nothing_else(everything: World, open_window: Callable[[WindowConfig], Hands], key: str) -> None:
    hands = open_window(demo_config(everything))
    hands.window.resize(1280, 720)
    browser, keys = hands.program.browser, {one.series_instance_uid: one.key for one in everything.series}
    uid = next(uid for uid, name in keys.items() if name == key)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    browser.pick(Hit("series", (uid,), uid, ""))
    hands.wait(lambda: hands.selected_series() == 1 and added(hands)[1] == 1, "a guess")
    hands.photograph(f"{key}-guessed")
    hands.press("downloadAndLoadButton")
    hands.wait(lambda: browser.downloads.documents.get("load") and not browser.downloads.state.running, "both", 180)
    assert {keys[one.series_uid]: one.error for one in browser.downloads.documents["load"]} == {key: "", "ct": ""}
    hands.wait(lambda: added(hands) == (1, 0), "a count that knows")
    hands.photograph(f"{key}-known")
