"""A person loads a series of which the server does not give everything: what came is seen, the rest is said, and comes later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from helpers.fault_proxy import Fault, FaultProxy, fault_proxy
from helpers.hands import Hands

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.host.standalone.demo_window import demo_config
from IDCBrowserLib.host.standalone.window import WindowConfig
from IDCBrowserLib.logic.base.state import Hit
from IDCBrowserLib.logic.downloads.download_state import phase_text


def load(hands: Hands) -> None:
    downloads = hands.program.browser.downloads
    downloads.documents.pop("load", None)
    hands.press("downloadAndLoadButton")
    hands.wait(lambda: downloads.documents.get("load") is not None and not downloads.state.running, "what is loaded", 180)


def without(proxy: FaultProxy, name: str) -> None:
    """The bucket says that it has no such object."""
    proxy.rule = lambda method, path, _count: Fault(status=404) if name in path and method == "GET" else None


def test_a_ct_of_which_one_slice_is_gone_is_seen_without_it_and_whole_once_that_is_back(
    world: World, open_window: Callable[[WindowConfig], Hands]
) -> None:
    series = next(one for one in world.series if one.key == "ct")
    names = sorted(path.name for path in series.files)
    with fault_proxy(world.endpoint_url) as proxy:
        hands = open_window(replace(demo_config(world), endpoint_url=proxy.url))
        browser, uid = hands.program.browser, series.series_instance_uid
        hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
        browser.pick(Hit("series", (uid,), uid, ""))
        hands.wait(lambda: hands.selected_series() == 1, "the CT")
        without(proxy, names[3])
        load(hands)
        (result,) = browser.downloads.documents["load"]
        assert result.error == "" and result.node_ids
        (outcome,) = [one for one in browser.downloads.state.outcomes if one.series_uid == uid]
        assert outcome.text.startswith(f"Incomplete: 1 of {len(names)} files are missing") and names[3] in outcome.text
        assert "What was downloaded is loaded." in outcome.text and browser.downloads.state.title == outcome.text
        assert browser.statuses.of(uid).text == "Incomplete" and names[3] in browser.statuses.of(uid).tip
        assert phase_text(browser.downloads.rows[-1]) == ("Incomplete", "status-partial")
        volume = hands.program.scene.scene.GetNodeByID(result.node_ids[0])
        assert volume is not None and volume.GetImageData() is not None
        proxy.rule = lambda _method, _path, _count: None
        hands.program.scene.scene.Clear(False)
        load(hands)
        (result,) = browser.downloads.documents["load"]
        assert (result.error, result.warnings) == ("", ()) and browser.downloads.state.title == "1 series downloaded and loaded."
        assert len(list(world.download_folder.rglob("*.dcm"))) == len(names)
