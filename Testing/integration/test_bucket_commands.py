"""Commands that read objects in the bucket."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.small_command_line import CommandLine

from IDCBrowserLib.cli.main import main
from IDCBrowserLib.demo.made_folder import PhantomSeries
from IDCBrowserLib.demo.world import World
from IDCBrowserLib.labelmap.convert import convert


def test_objects_are_read_for_what_they_refer_to(home: Path, further_world: World, capsys: pytest.CaptureFixture[str]) -> None:
    idc_browser = CommandLine(home, capsys)
    uids = {one.key: one.series_instance_uid for one in further_world.series}
    sources = [f"--catalog-source={path}" for path in further_world.catalog_sources]
    there = ("related", "--read", f"--endpoint-url={further_world.endpoint_url}", *sources, uids["dose"])
    found = {row["SeriesInstanceUID"]: (row["relation"], row["through"]) for row in idc_browser.json(*there)["series"]}
    assert found == {
        uids["plan"]: ("it refers to this", []),
        uids["rtstruct"]: ("it refers to this", []),
        uids["ct"]: ("it refers to this", ["RTSTRUCT"]),
    }
    assert "it refers to this through RTSTRUCT" in idc_browser.text(*there)


@pytest.mark.usefixtures("home")
def test_segments_are_listed_and_converted(
    world: World, phantom_series: dict[str, PhantomSeries], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    series = phantom_series["seg_binary"]
    options = [*(f"--catalog-source={path}" for path in world.catalog_sources), f"--endpoint-url={world.endpoint_url}", "--json"]
    assert main(["segments", series.series_instance_uid, *options]) == 0
    told = json.loads(capsys.readouterr().out)
    whole = convert(series.files[0])
    assert [(one["number"], one["name"]) for one in told["segments"]] == [(one.number, one.name) for one in whole.segments]
    assert told["bytes_read"] < told["object_bytes"] and told["why_whole"] is None
    number = whole.segments[1].number
    arguments = ["--segments", str(number), "--out", str(tmp_path / "one.nrrd")]
    assert main(["segments", series.series_instance_uid, *arguments, *options]) == 0
    some = json.loads(capsys.readouterr().out)
    assert [(one["number"], one["voxels"]) for one in some["segments"]] == [(number, whole.segments[1].voxels)]
    assert some["bytes_read"] < some["object_bytes"] and (tmp_path / "one.nrrd").is_file()
    assert main(["segments", series.series_instance_uid, "--segments", "1", *options]) == 2
    manifest = tmp_path / "one.txt"
    manifest.write_text(series.series_instance_uid)
    capsys.readouterr()
    assert main(["segments", str(manifest), *options]) == 0
    assert json.loads(capsys.readouterr().out)["SeriesInstanceUID"] == series.series_instance_uid
