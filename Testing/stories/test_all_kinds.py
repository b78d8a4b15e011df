"""A person loads every kind of object of a patient with one click: each is arranged as what it is."""

from __future__ import annotations

from collections.abc import Callable

from helpers.hands import Hands

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.host.standalone.demo_window import demo_config
from IDCBrowserLib.host.standalone.window import WindowConfig
from IDCBrowserLib.logic.base.state import Hit


def test_all_kinds_of_objects_are_loaded_at_once(everything: World, open_window: Callable[[WindowConfig], Hands]) -> None:
    hands = open_window(demo_config(everything))
    hands.window.resize(1280, 720)
    browser, keys = hands.program.browser, {one.series_instance_uid: one.key for one in everything.series}
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    browser.pick(Hit("series", tuple(keys), "all", ""))
    hands.wait(lambda: hands.selected_series() == len(keys), "all series")
    hands.press("downloadAndLoadButton")
    hands.wait(lambda: browser.downloads.documents.get("load") and not browser.downloads.state.running, "all kinds", 180)
    results = browser.downloads.documents["load"]
    assert {keys[one.series_uid]: one.error for one in results if one.error} == {} and {one.series_uid for one in results} == set(keys)
    scene, views = hands.program.scene.scene, hands.program.views
    kinds = {scene.GetNodeByID(node).GetClassName() for one in results for node in one.node_ids}
    assert {"vtkMRMLScalarVolumeNode", "vtkMRMLVectorVolumeNode", "vtkMRMLSegmentationNode", "vtkMRMLLinearTransformNode"} <= kinds
    hands.wait(lambda: views.axial.background() is not None and not views.axial.background().GetAttribute("IDCBrowser.Unplaced"), "the patient")
    assert "Abdomen" in views.axial.background().GetName()
    hands.wait(lambda: (model := hands.widget("reportTable").model()) is not None and model.rowCount() > 0, "the measurements")
    hands.photograph("all-kinds")
