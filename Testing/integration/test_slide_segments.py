"""Segments of a slide that are chosen before they are downloaded, as the window and the command line ask for them from the demo's bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.fault_proxy import FaultProxy, fault_proxy

from IDCBrowserLib.cli.main import main
from IDCBrowserLib.demo.world import World


@pytest.fixture
def config(further_world: World, home: Path) -> dict[str, Any]:
    return {"catalog_sources": [str(path) for path in further_world.catalog_sources]}


@pytest.fixture
def proxy(further_world: World) -> Iterator[FaultProxy]:
    with fault_proxy(further_world.endpoint_url) as running:
        yield running


def test_segments_of_a_slide_are_chosen_and_shown_without_downloading_the_segmentation(engine: Any, further_world: World, proxy: FaultProxy) -> None:
    series = next(one for one in further_world.series if one.key == "slide_segments")
    asked = {"series": series.series_instance_uid, "endpoint_url": proxy.url}
    listed = engine.ask("segments.list", **asked)
    assert [one["name"] for one in listed["segments"]] == ["Tissue", "Nuclei"]
    assert (listed["on_slide"], listed["here"], listed["why_whole"], listed["common_bytes"]) == (True, False, "", 0)
    assert 0 < listed["segments"][1]["bytes"] < listed["bytes"] == sum(path.stat().st_size for path in series.files)
    overview = {"images": [], "picture": None, "most_pixels": 300_000, "numbers": [2]}
    (found,) = engine.ask("slide.segmentations", **asked, **overview)["segmentations"]
    assert [one["name"] for one in found["segments"]] == ["Nuclei"] and found["series"] == asked["series"]
    assert sorted(found["files"]) == sorted(path.name for path in series.files)
    before = sum(proxy.asked.values())
    window = {"files": found["files"], "numbers": [2], "rect": [0.25, 0.25, 0.5, 0.5], "width": 256, "height": 256}
    shown = engine.ask("slide.segment_window", **asked, **window)
    assert (shown["rows"], shown["warnings"]) == (1024, [])
    windows = sum(proxy.asked.values())
    engine.ask("slide.segment_window", **asked, **window)
    assert before < windows == sum(proxy.asked.values()), "tiles that are kept are not fetched again"
    here = {"series": "", "files": [str(path) for path in sorted(series.files, key=lambda one: -one.stat().st_size)]}
    local = engine.ask("segments.list", **asked, files=here["files"])
    assert (local["here"], local["on_slide"], [one["bytes"] for one in local["segments"]]) == (True, True, [0, 0])
    assert engine.ask("slide.segmentations", **here, **overview)["segmentations"][0]["series"] == ""


def test_the_command_lists_and_converts_segments_of_a_slide_from_the_bucket(
    further_world: World, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    series = next(one for one in further_world.series if one.key == "slide_segments")
    options = [*(f"--catalog-source={path}" for path in further_world.catalog_sources), f"--endpoint-url={further_world.endpoint_url}", "--json"]
    assert main(["segments", series.series_instance_uid, *options]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in told["segments"]] == ["Tissue", "Nuclei"] and [one["columns"] for one in told["sizes"]] == [1024, 512]
    arguments = ["--segments", "2", "--out", str(tmp_path / "nuclei.nrrd"), "--slide-step", "2"]
    assert main(["segments", series.series_instance_uid, *arguments, *options]) == 0
    some = json.loads(capsys.readouterr().out)
    assert (some["shape"], [one["name"] for one in some["segments"]]) == ([1, 512, 512], ["Nuclei"]) and (tmp_path / "nuclei.nrrd").is_file()
    assert some["bytes_read"] < some["object_bytes"] * 0.6, "of the smaller size, and of one segment"
    path = next(path for path in series.files if path.stat().st_size == min(path.stat().st_size for path in series.files))
    assert main(["segments", str(path), *arguments, "--json"]) == 0
    here = json.loads(capsys.readouterr().out)
    assert (here["bytes_read"], here["shape"]) == (0, [1, 256, 256]), "every second pixel of that file"
    assert main(["segments", str(path), "--segments", "2", "--out", str(tmp_path / "a.nrrd"), "--slide-step", "0"]) == 2
    assert main(["segments", str(path), "--segments", "2", "--out", str(tmp_path / "a.nrrd"), "--images", str(tmp_path)]) == 2
