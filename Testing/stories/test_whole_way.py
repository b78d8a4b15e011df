"""A person browses to the phantom, downloads it and sees CT, SEG and RTSTRUCT in the scene: by clicks, through the window."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from helpers.hands import Hands

from IDCBrowserLib.demo import bucket
from IDCBrowserLib.demo.world import World
from IDCBrowserLib.host.standalone.demo_window import demo_config
from IDCBrowserLib.host.standalone.window import WindowConfig


def find_the_phantom(hands: Hands) -> None:
    hands.wait(lambda: hands.rows("collections") > 100, "the real catalog beside the demo collection")
    hands.type_into("collectionsFilter", "demo_phantom")
    hands.wait(lambda: hands.rows("collections") == 1, "the filter leaves the demo collection")
    hands.click_row("collections", 0)
    hands.wait(lambda: hands.rows("cases") == 1, "its case")
    hands.click_row("cases", 0)
    hands.wait(lambda: hands.rows("studies") == 2, "its studies")


def labelmap_volumes(hands: Hands) -> dict[str, Any]:
    from slicer.util import arrayFromVolume

    scene = hands.program.scene.scene
    nodes = [scene.GetNthNodeByClass(n, "vtkMRMLLabelMapVolumeNode") for n in range(scene.GetNumberOfNodesByClass("vtkMRMLLabelMapVolumeNode"))]
    return {node.GetAttribute("IDCBrowser.SeriesInstanceUID") or node.GetName(): arrayFromVolume(node) for node in nodes}


def test_from_the_catalog_to_labelmaps_by_clicks(hands: Hands, world: World) -> None:
    find_the_phantom(hands)
    hands.select_all("studies")
    hands.wait(lambda: hands.rows("series") == 6, "six series")
    hands.select_all("series")
    hands.wait(lambda: "6 series" in hands.widget("selectionTotal").text(), "the total of the selection")
    assert "CC BY 4.0" in hands.widget("selectionLicenses").text()
    hands.press("downloadAndLoadButton")
    hands.wait(lambda: "6 series downloaded and loaded" in hands.message(), "the end of the download")
    picture = hands.photograph("whole-way")
    assert picture.stat().st_size > 50_000

    loaded = {result.series_uid: result for result in hands.program.browser.downloads.documents["load"]}
    for series in world.series:
        assert loaded[series.series_instance_uid].error == ""
        if series.key in world.truth:
            found = {segment["number"]: segment["voxels"] for segment in loaded[series.series_instance_uid].report["segments"]}
            for segment in world.truth[series.key]["segments"]:
                assert found[segment["number"]] == segment["voxels"], (series.key, segment)


def test_the_labels_of_the_scene_are_the_voxels_the_phantom_was_drawn_with(hands: Hands, world: World) -> None:
    find_the_phantom(hands)
    hands.select_all("studies")
    hands.wait(lambda: hands.rows("series") == 6, "six series")
    hands.click_row("series", hands.find_row("series", "label map"))
    hands.wait(lambda: hands.selected_series() == 1, "one series selected")
    hands.press("downloadAndLoadButton")
    hands.wait(lambda: "loaded" in hands.message() and not hands.program.browser.downloads.state.running, "the end of the download")
    expected = {segment["number"]: segment["voxels"] for segment in world.truth["seg_labelmap"]["segments"]}
    (volume,) = labelmap_volumes(hands).values()
    values, counts = np.unique(volume[volume > 0], return_counts=True)
    assert dict(zip(values.tolist(), counts.tolist(), strict=True)) == {number: voxels for number, voxels in expected.items() if voxels}
    scene = hands.program.scene.scene
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") >= 2, "the image came along, although only its SEG was selected"


def test_a_second_download_fetches_nothing_again(hands: Hands, world: World) -> None:
    find_the_phantom(hands)
    hands.select_all("studies")
    hands.wait(lambda: hands.rows("series") == 6, "six series")
    for _round in range(2):
        hands.press("downloadButton")
        hands.wait(
            lambda: "added to the DICOM database" in hands.message() and not hands.program.browser.downloads.state.running, "the end of the download"
        )
    downloads = Path(hands.program.host.download_folder)
    files = {path: path.stat().st_mtime_ns for path in downloads.rglob("*.dcm")}
    assert len(files) == sum(len(series.files) for series in world.series)
    hands.press("downloadButton")
    hands.wait(lambda: not hands.program.browser.downloads.state.running, "the end of the download")
    assert {path: path.stat().st_mtime_ns for path in downloads.rglob("*.dcm")} == files


def test_the_window_lives_on_when_the_bucket_is_gone(world: World, phantom_folder: Path, open_window: Callable[[WindowConfig], Hands]) -> None:
    server = bucket.start(phantom_folder)
    hands = open_window(demo_config(replace(world, server=server)))
    find_the_phantom(hands)
    server.stop()
    hands.select_all("studies")
    hands.wait(lambda: hands.rows("series") == 6, "six series")
    hands.press("downloadAndLoadButton")
    hands.wait(lambda: not hands.program.browser.downloads.state.running and hands.message().strip() != "", "a message")
    assert "127.0.0.1" in hands.message() or server.endpoint_url in json.dumps([o.text for o in hands.program.browser.downloads.state.outcomes])
    assert list(Path(hands.program.host.download_folder).rglob("*.dcm")) == []
    hands.type_into("collectionsFilter", "nlst")
    hands.wait(lambda: hands.rows("collections") == 1 and "NLST" in hands.cells("collections", 0)[0].upper(), "browsing goes on")


def test_nlst_appears_whole_and_its_last_row_can_be_seen(hands: Hands) -> None:
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.type_into("collectionsFilter", "nlst")
    hands.wait(lambda: hands.rows("collections") == 1, "NLST")
    hands.click_row("collections", 0)
    hands.wait(lambda: hands.rows("cases") == 26_410, "26,410 cases")
    view = hands.widget("casesTable")
    view.scrollToBottom()
    hands.wait(lambda: hands.cells("cases", 26_409)[0].strip("… .") != "", "the last row has arrived")
    hands.select_all("cases")
    hands.wait(lambda: "26,410 cases" in hands.widget("selectionLevels").text(), "the total of all cases")
