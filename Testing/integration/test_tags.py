"""``idc-browser tags``: the head of an object in the bucket, and a table of many."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import pytest

from IDCBrowserLib import paths
from IDCBrowserLib.cli.main import main
from IDCBrowserLib.cohort.kept_rows import KeptRows
from IDCBrowserLib.demo.made_folder import PhantomSeries
from IDCBrowserLib.demo.world import World
from IDCBrowserLib.errors import StorageError

Run = Callable[..., Any]


@pytest.fixture
def run(world: World, home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run_one(*arguments: object, code: int = 0) -> Any:
        sources = [f"--catalog-source={path}" for path in world.catalog_sources]
        assert main(["tags", *map(str, arguments), *sources, f"--endpoint-url={world.endpoint_url}", "--json"]) == code
        shown = capsys.readouterr()
        return json.loads(shown.out) if shown.out else shown.err

    return run_one


def test_attributes_are_those_of_the_file_and_only_its_head_is_read(run: Run, phantom_series: dict[str, PhantomSeries]) -> None:
    series = phantom_series["mr"]
    document = run(series.series_instance_uid)
    assert document["bytes_read"] <= 1 << 16 or document["bytes_read"] < document["object_bytes"]
    file = next(path for path in series.files if path.name == document["object"])
    header = pydicom.dcmread(file, stop_before_pixels=True)
    told = {row["keyword"]: row["value"] for row in document["elements"]}
    for keyword in ("SeriesInstanceUID", "Modality", "PatientID", "Rows"):
        assert told[keyword] == str(header[keyword].value)
    assert "PixelData" not in told


def test_all_attributes_of_a_segmentation_include_items_of_sequences(run: Run, phantom_series: dict[str, PhantomSeries]) -> None:
    document = run(phantom_series["seg_binary"].series_instance_uid, "--all")
    told = {row["keyword"] for row in document["elements"]}
    assert "SegmentSequence[0].SegmentLabel" in told
    assert "SegmentSequence" not in {row["keyword"] for row in run(phantom_series["seg_binary"].series_instance_uid)["elements"]}
    structure = run(phantom_series["rtstruct"].series_instance_uid, "--all")
    assert any(row["keyword"].startswith("ROIContourSequence[0]") for row in structure["elements"])


def test_a_table_of_many_series_goes_on_where_it_was_stopped(run: Run, phantom_series: dict[str, PhantomSeries], tmp_path: Path) -> None:
    out = tmp_path / "tags.csv"
    first = next(iter(phantom_series.values()))
    row = {"collection_id": "demo_phantom", "PatientID": "DEMO-001", "SeriesInstanceUID": first.series_instance_uid}
    with KeptRows(f"attributes False {out}", "crdc_series_uuid") as kept:
        kept.add({**row, "crdc_series_uuid": first.crdc_series_uuid, "values": {"Modality": "from before"}})
    (file,) = (paths.data_folder() / "unfinished").iterdir()
    file.write_bytes(file.read_bytes() + b'{"cut off')
    document = run("demo_phantom", "--out", out)
    assert (document["rows"], document["failed"]) == (6, [])
    text = out.read_text(encoding="utf-8")
    assert "from before" in text and text.splitlines()[0].startswith("collection_id,PatientID,SeriesInstanceUID,crdc_series_uuid")
    assert [path.name for path in tmp_path.glob(".*")] == []
    assert list((paths.data_folder() / "unfinished").iterdir()) == []
    run("demo_phantom", "--out", tmp_path / "tags.parquet")
    import pyarrow.parquet as pq

    table = pq.read_table(tmp_path / "tags.parquet").to_pylist()
    assert {row["Modality"] for row in table} == {"CT", "MR", "SEG", "RTSTRUCT"}


def test_a_hidden_file_of_the_users_beside_the_table_stays_as_it_is(run: Run, tmp_path: Path) -> None:
    letter, out = tmp_path / "letter.txt", tmp_path / "folder" / "tags.csv"
    out.parent.mkdir()
    letter.write_text("mine")
    (out.parent / ".tags.csv.part.jsonl").symlink_to(letter)
    (out.parent / ".tags.csv.part").write_text("mine as well")
    run("demo_phantom", "--out", out)
    assert letter.read_text() == "mine"
    assert {path.name: path.is_symlink() for path in out.parent.glob(".*")} == {".tags.csv.part.jsonl": True, ".tags.csv.part": False}


def test_rows_are_not_kept_through_a_link(home: Path, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("mine")
    with KeptRows("x", "key") as kept:
        kept.add({"key": "a"})
    (file,) = (paths.data_folder() / "unfinished").iterdir()
    file.unlink()
    file.symlink_to(letter)
    with pytest.raises(StorageError):
        KeptRows("x", "key")
    assert letter.read_text() == "mine"


def test_several_series_without_a_file_and_other_endings_are_refused(run: Run, tmp_path: Path) -> None:
    assert "--out FILE.parquet" in run("demo_phantom", code=2)
    assert ".csv or .parquet" in run("demo_phantom", "--out", tmp_path / "tags.xlsx", code=2)
