"""A person sees the first slices of a series while the rest is still downloaded, and the whole series, or nothing of it, at the end."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.fault_proxy import Fault, FaultProxy, is_object
from helpers.hands import Hands

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.host.standalone.demo_window import demo_config
from IDCBrowserLib.host.standalone.window import WindowConfig
from IDCBrowserLib.scene.first_slices import is_first_slices

SLOW = 60.0


@pytest.fixture
def hands(world: World, proxy: FaultProxy, open_window: Callable[[WindowConfig], Hands]) -> Hands:
    return open_window(replace(demo_config(world), endpoint_url=proxy.url))


def ct_files(world: World) -> list[str]:
    return sorted(Path(path).name for series in world.series if series.key == "ct" for path in series.files)


def let_come(proxy: FaultProxy, names: list[str]) -> None:
    """Only these files come; the others wait."""
    proxy.rule = lambda method, path, count: Fault(stall_s=SLOW) if is_object(path) and not any(name in path for name in names) else None


def select_the_ct(hands: Hands) -> None:
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.type_into("collectionsFilter", "demo_phantom")
    hands.wait(lambda: hands.rows("collections") == 1, "the demo collection")
    for level in ("collections", "cases"):
        hands.click_row(level, 0)
        hands.wait(lambda: hands.program.browser.tables.is_settled, f"what belongs to the {level}")
    hands.click_row("studies", hands.find_row("studies", "2024-04-12"))
    hands.wait(lambda: hands.program.browser.tables.is_settled, "its series")
    hands.click_row("series", hands.find_row("series", "CT"))
    hands.wait(lambda: hands.selected_series() == 1, "the CT is selected")


def shown(hands: Hands) -> str:
    """The name of what fills the views; "" for nothing."""
    views = hands.program.views
    volume = views.axial.background() if views is not None and views.isVisible() else None
    return volume.GetName() if volume is not None else ""


def volumes(hands: Hands) -> list[str]:
    return [node.GetName() for node in hands.program.scene.nodes("vtkMRMLScalarVolumeNode")]


def test_slices_are_seen_while_the_rest_comes_and_the_whole_series_at_the_end(hands: Hands, world: World, proxy: FaultProxy) -> None:
    let_come(proxy, ct_files(world)[::3])
    select_the_ct(hands)
    hands.press("downloadAndLoadButton")
    hands.wait(lambda: "19 of 56 slices" in shown(hands), "the slices that have come")
    assert "19 of 56 slices so far" in hands.widget("progressText").text()
    hands.photograph("first-slices")
    assert hands.program.loaded_series == frozenset(), "it is not taken for the series"
    proxy.rule = lambda method, path, count: None
    hands.wait(lambda: "1 series downloaded and loaded" in hands.message(), "the end of the download")
    assert len(volumes(hands)) == 1 and "slices" not in shown(hands)
    assert not is_first_slices(hands.program.views.axial.background())
    assert hands.program.loaded_series == {next(series.series_instance_uid for series in world.series if series.key == "ct")}


def test_after_a_cancel_nothing_is_left_and_the_panels_have_their_room_again(hands: Hands, world: World, proxy: FaultProxy) -> None:
    let_come(proxy, ct_files(world)[:20])
    select_the_ct(hands)
    width = hands.program.panel.widget.width()
    hands.press("downloadAndLoadButton")
    hands.wait(lambda: "20 of 56 slices" in shown(hands), "the slices that have come")
    hands.press("cancelButton")
    hands.wait(lambda: not hands.program.browser.downloads.state.running, "the cancel")
    hands.wait(lambda: hands.program.panel.widget.width() == width, "the room of the panels")
    assert shown(hands) == "" and volumes(hands) == []


def test_a_series_that_cannot_come_whole_is_shown_at_the_end_with_what_is_missing(hands: Hands, world: World, proxy: FaultProxy) -> None:
    names = ct_files(world)
    proxy.rule = lambda method, path, count: Fault(stall_s=3.0, status=403) if is_object(path) and any(name in path for name in names[:5]) else None
    select_the_ct(hands)
    hands.press("downloadAndLoadButton")
    hands.wait(lambda: "slices" in shown(hands), "the slices that have come")
    hands.wait(lambda: not hands.program.browser.downloads.state.running, "the end of the download")
    assert "5 of 56 files are missing" in hands.message()
    assert "the grid keeps their places" in hands.message()
    assert len(volumes(hands)) == 1 and "slices" not in shown(hands)
    assert not is_first_slices(hands.program.views.axial.background())


def test_whoever_browses_on_is_left_alone_and_may_ask(hands: Hands, world: World, proxy: FaultProxy) -> None:
    let_come(proxy, [])
    select_the_ct(hands)
    hands.press("downloadAndLoadButton")
    hands.wait(lambda: hands.program.browser.downloads.state.running, "the download")
    hands.click_row("series", hands.find_row("series", "Planning contours"))
    let_come(proxy, ct_files(world)[:12])
    hands.wait(lambda: hands.widget("showSlicesButton").isVisible(), "the offer", 120.0)
    assert shown(hands) == ""
    hands.press("showSlicesButton")
    hands.wait(lambda: "slices" in shown(hands), "what has come")
    hands.press("cancelButton")
    hands.wait(lambda: not hands.program.browser.downloads.state.running, "the cancel")
    assert shown(hands) == ""
