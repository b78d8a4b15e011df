"""The commands of the command line, one after the other, on the demo's patient and bucket: the whole way without a window."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from IDCBrowserLib.cli.main import main
from IDCBrowserLib.demo.made_folder import PhantomSeries
from IDCBrowserLib.demo.world import World

Run = Callable[..., Any]


@pytest.fixture
def run(world: World, capsys: pytest.CaptureFixture[str]) -> Run:
    def run_one(command: str, *arguments: object, catalog: bool = True, code: int = 0) -> Any:
        sources = [f"--catalog-source={path}" for path in world.catalog_sources] if catalog else []
        assert main([command, *map(str, arguments), *sources, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return run_one


def test_the_demo_collection_is_listed_down_to_its_series(run: Run, series: dict[str, PhantomSeries]) -> None:
    [collection] = [row for row in run("list", "collections") if row["collection_id"] == "demo_phantom"]
    assert collection["cases"] == 1
    [case] = run("list", "cases", "--collection", "demo_phantom")
    assert case["PatientID"] == "DEMO-001"
    assert len(run("list", "studies", "--case", "DEMO-001")) == 2
    rows = run("list", "series", "--collection", "demo_phantom", "--filter", "Modality=SEG")
    assert {row["SeriesInstanceUID"] for row in rows} == {series[key].series_instance_uid for key in ("seg_binary", "seg_labelmap", "mr_seg")}


def test_the_demo_is_found_by_search_and_counted_by_facets(run: Run) -> None:
    assert "demo_phantom" in {hit["collection_id"] for hit in run("search", "DEMO-001") if hit["level"] == "cases"}
    facets = run("facets", "--filter", "collection_id=demo_phantom")
    assert dict(facets["Modality"]) == {"CT": 1, "MR": 1, "RTSTRUCT": 1, "SEG": 3}


def test_planned_downloaded_imported_and_converted(
    run: Run, world: World, series: dict[str, PhantomSeries], truth: dict[str, Any], tmp_path: Path
) -> None:
    plan = run("plan", "demo_phantom")
    assert plan["total_bytes"] == sum(one.size_bytes for one in series.values())
    assert plan["licenses"] == {"CC BY 4.0": 6}

    fetched = run("download", "demo_phantom", "--to", tmp_path / "downloads", "--endpoint-url", world.endpoint_url)
    assert [item["state"] for item in fetched["series"]] == ["complete"] * 6
    assert fetched["bytes_transferred"] == plan["total_bytes"]
    again = run("download", "demo_phantom", "--to", tmp_path / "downloads", "--endpoint-url", world.endpoint_url)
    assert again["bytes_transferred"] == 0

    counts = run("import", tmp_path / "downloads", "--database", tmp_path / "database", catalog=False)
    assert [counts[key] for key in ("patients", "studies", "series", "instances")] == [1, 2, 6, 100]

    folders = {item["SeriesInstanceUID"]: Path(item["directory"]) for item in fetched["series"]}
    for key, image in (("seg_binary", "ct"), ("seg_labelmap", "ct"), ("rtstruct", "ct"), ("mr_seg", "mr")):
        [source] = folders[series[key].series_instance_uid].glob("*.dcm")
        images = folders[series[image].series_instance_uid]
        document = run("convert", source, "--images", images, "--out", tmp_path / f"{key}.seg.nrrd", catalog=False)
        assert {one["number"]: one["voxels"] for one in document["segments"]} == {one["number"]: one["voxels"] for one in truth[key]["segments"]}
        assert (tmp_path / f"{key}.seg.nrrd").stat().st_size > 0


def test_a_series_of_the_demo_that_the_bucket_lost_is_one_clear_message(run: Run, series: dict[str, PhantomSeries], tmp_path: Path) -> None:
    from IDCBrowserLib.demo import bucket

    with bucket.serve(tmp_path) as empty:
        document = run("download", series["rtstruct"].series_instance_uid, "--to", tmp_path / "downloads", "--endpoint-url", empty, code=4)
    [item] = document["series"]
    assert (item["state"], item["files"]) == ("failed", 0)
    assert item["error"]
    assert list((tmp_path / "downloads").rglob("*.dcm")) == []


def test_labelmap_volumes_of_a_collection_in_one_command(
    run: Run, world: World, series: dict[str, PhantomSeries], truth: dict[str, Any], tmp_path: Path
) -> None:
    arguments = ("labelmaps", "demo_phantom", "--preset", "annotations", "--to", tmp_path / "data", "--endpoint-url", world.endpoint_url)
    document = run(*arguments)
    assert len(document["series"]) == 6, "the images came with what was drawn on them"
    keys = {one.series_instance_uid: key for key, one in series.items()}
    found = {keys[entry["SeriesInstanceUID"]]: entry for entry in document["labelmaps"]}
    assert set(found) == {"seg_binary", "seg_labelmap", "rtstruct", "mr_seg"}
    for key, entry in found.items():
        assert entry["error"] is None
        assert {one["number"]: one["voxels"] for one in entry["segments"]} == {one["number"]: one["voxels"] for one in truth[key]["segments"]}
        uid = series[key].series_instance_uid
        assert Path(entry["file"]).relative_to(tmp_path / "data" / "labelmaps").parts[:2] == ("demo_phantom", "DEMO-001")
        assert Path(entry["file"]).name == f"{series[key].modality}_{uid}.nrrd"
    times = {entry["file"]: Path(entry["file"]).stat().st_mtime_ns for entry in document["labelmaps"]}
    again = run(*arguments)
    assert again["bytes_transferred"] == 0
    assert {file: Path(file).stat().st_mtime_ns for file in times} == times, "what is there is not written once more"


def test_a_labelmap_volume_that_cannot_be_written_is_named_and_the_download_is_kept(
    run: Run, world: World, series: dict[str, PhantomSeries], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    blocked = out / "demo_phantom"
    out.mkdir()
    blocked.write_text("a file where a folder has to be")
    folders = ("--to", tmp_path / "data", "--out", out)
    document = run("labelmaps", series["mr_seg"].series_instance_uid, *folders, "--endpoint-url", world.endpoint_url, code=4)
    [entry] = document["labelmaps"]
    assert entry["file"] is None and str(blocked) in entry["error"]
    assert [item["state"] for item in document["series"]] == ["complete"] * 2
