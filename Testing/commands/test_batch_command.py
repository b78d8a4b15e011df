"""``idc-browser batch`` from the command line: on files of this machine, and on the demo's bucket."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.made_batch import outputs, write_cases

from IDCBrowserLib.cli.main import main
from IDCBrowserLib.demo.made_folder import PhantomSeries
from IDCBrowserLib.demo.world import World

Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path / "home"))

    def run_one(*arguments: object, code: int = 0) -> Any:
        assert main(["batch", *map(str, arguments), "--json"]) == code
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        return json.loads(shown.out) if shown.out else shown.err

    return run_one


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cases(tmp_path_factory.mktemp("cases"), 4, damaged=(2,))


@pytest.fixture
def bucket(world: World) -> list[str]:
    return [f"--endpoint-url={world.endpoint_url}", *(f"--catalog-source={path}" for path in world.catalog_sources)]


def test_a_hundred_cases_need_one_command_for_labelmaps_and_one_for_the_table(run: Run, cases: Path, tmp_path: Path) -> None:
    arguments = (cases, "--to", tmp_path / "out", "--steps", "labelmaps,volumes", "--jobs", 2)
    document = run(*arguments, code=4)
    assert (document["items"], document["done"], document["failed"], document["outputs"]) == (4, 3, 1, 6)
    [failure] = document["failures"]
    assert failure["PatientID"] == "P-000002" and "seg.dcm" in failure["reason"]
    made = outputs(tmp_path / "out")
    assert sum(name.endswith(".nii.gz") for name in made) == 3

    table = run("merge", tmp_path / "out", "--out", tmp_path / "volumes.csv")
    assert table["tables"]["volumes"]["rows"] == 9
    lines = (tmp_path / "volumes.csv").read_text().splitlines()
    assert lines[0].startswith("collection_id,PatientID") and len(lines) == 10
    run("merge", tmp_path / "out", "--out", tmp_path / "volumes.parquet")
    import pyarrow.parquet as pq

    rows = pq.read_table(tmp_path / "volumes.parquet").to_pylist()
    assert {row["PatientID"] for row in rows} == {"P-000000", "P-000001", "P-000003"}
    assert all(row["volume_mm3"] == pytest.approx(row["voxels"] * 0.8 * 0.5 * 2.5) for row in rows)
    assert all((tmp_path / "out" / row["labelmap_file"]).is_file() for row in rows)

    times = {name: (tmp_path / "out" / name).stat().st_mtime_ns for name in made}
    again = run(*arguments, code=4)
    assert again["already_done"] == 3
    assert {name: (tmp_path / "out" / name).stat().st_mtime_ns for name in made} == times, "a second run does nothing"


def test_an_output_of_other_rules_is_made_again_and_nothing_else_of_its_item(run: Run, cases: Path, tmp_path: Path) -> None:
    arguments = (cases / "case-000000", "--to", tmp_path / "out", "--steps", "labelmaps,volumes")
    run(*arguments)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "labelmaps").rglob("*.*")}
    [receipt] = (tmp_path / "out" / "volumes").rglob("*.json")
    good = receipt.read_bytes()
    receipt.write_text(json.dumps({**json.loads(good), "key": "0" * 32}))
    run(*arguments)
    assert receipt.read_bytes() == good
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_segments_keep_the_voxels_of_convert_and_dicom_goes_when_it_is_not_kept(
    run: Run, bucket: list[str], series: dict[str, PhantomSeries], truth: dict[str, Any], tmp_path: Path
) -> None:
    document = run("demo_phantom", "--to", tmp_path / "out", "--steps", "volumes,labelmaps,summary", "--keep", "none", "--scratch", 0.05, *bucket)
    assert (document["done"], document["failed"]) == (document["items"], 0)
    assert list((tmp_path / "out").rglob("*.dcm")) == []
    assert list((tmp_path / "out" / ".idc-browser-batch" / "scratch").iterdir()) == []
    receipts = {
        json.loads(path.read_text())["SeriesInstanceUID"]: json.loads(path.read_text()) for path in (tmp_path / "out" / "volumes").rglob("*.json")
    }
    for key in ("seg_binary", "seg_labelmap", "rtstruct", "mr_seg"):
        [told] = receipts[series[key].series_instance_uid]["objects"]
        assert {one["number"]: one["voxels"] for one in told["segments"]} == {one["number"]: one["voxels"] for one in truth[key]["segments"]}
    assert document["summary"]["series"] == 4 and document["summary"]["segments"]["Liver"]["count"] == 1
    assert json.loads((tmp_path / "out" / "summary.json").read_text()) == document["summary"]


def test_images_and_comparisons_are_made_beside_and_merged_into_tables_of_their_own(
    run: Run, bucket: list[str], series: dict[str, PhantomSeries], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    document = run("demo_phantom", "--to", out, "--steps", "images,compare,volumes", "--keep", "none", "--format", ".nrrd", *bucket)
    assert document["failed"] == 0
    [ct] = [json.loads(path.read_text()) for path in (out / "images").rglob("*.json") if series["ct"].series_instance_uid in path.name]
    assert ct["objects"][0]["unit"] == "HU" or ct["objects"][0]["quantity"]
    assert {path.suffix for path in (out / "images").rglob("*") if path.is_file()} == {".nrrd", ".json"}
    told = run("merge", out, "--out", tmp_path / "all.csv")
    assert set(told["tables"]) == {"volumes", "compare"}
    rows = (tmp_path / "all-compare.csv").read_text().splitlines()
    assert len(rows) - 1 == told["tables"]["compare"]["rows"] > 0
    [receipt] = [json.loads(path.read_text()) for path in (out / "compare").rglob("*.json")]
    assert str(tmp_path) not in json.dumps(receipt), "where files lay is no part of a result"
    assert len(receipt["objects"]) == 3 and all(one["unmatched"] for one in receipt["objects"]), "three segmentations, each against each"


def test_the_same_segments_twice_are_compared_as_the_same(run: Run, cases: Path, tmp_path: Path) -> None:
    case = shutil.copytree(cases / "case-000000", tmp_path / "case")
    (case / "second.dcm").write_bytes((case / "seg.dcm").read_bytes().replace(b".5.2.10", b".6.2.10"))
    run(case, "--to", tmp_path / "out", "--steps", "compare")
    [receipt] = [json.loads(path.read_text()) for path in (tmp_path / "out" / "compare").rglob("*.json")]
    [told] = receipt["objects"]
    assert [pair["dice"] for pair in told["pairs"]] == [1.0] * 3
    assert run("merge", tmp_path / "out", "--out", tmp_path / "pairs.parquet")["tables"]["compare"]["rows"] == 3


@pytest.mark.parametrize(("keep", "kinds"), [("all", {"SEG", "MR"}), ("annotations", {"SEG"})])
def test_images_that_only_the_segmentation_names_are_found_and_kept_as_wished(
    run: Run, bucket: list[str], series: dict[str, PhantomSeries], keep: str, kinds: set[str], tmp_path: Path
) -> None:
    uid = series["mr_seg"].series_instance_uid
    run(uid, "--to", tmp_path / "out", "--steps", "labelmaps", "--keep", keep, "--layout", "%Modality/%SeriesInstanceUID", *bucket)
    assert {path.relative_to(tmp_path / "out" / "dicom").parts[0] for path in (tmp_path / "out" / "dicom").rglob("*.dcm")} == kinds
    [made] = (tmp_path / "out" / "labelmaps").rglob("*.nii.gz")
    assert made.relative_to(tmp_path / "out").as_posix() == f"labelmaps/SEG/{uid}.nii.gz"
    receipt = json.loads(made.with_name(f"{uid}.json").read_text())
    assert list(receipt["images"]) == [series["mr"].series_instance_uid]


def test_a_file_of_the_user_in_the_scratch_folder_stays(run: Run, bucket: list[str], series: dict[str, PhantomSeries], tmp_path: Path) -> None:
    scratch = tmp_path / "out" / ".idc-browser-batch" / "scratch"
    scratch.mkdir(parents=True)
    (scratch / "notes.txt").write_text("mine")
    run(series["mr_seg"].series_instance_uid, "--to", tmp_path / "out", "--steps", "volumes", "--keep", "none", *bucket)
    assert [path.name for path in scratch.iterdir()] == ["notes.txt"]


def test_a_bucket_that_is_gone_is_told_and_a_retry_completes_it(
    run: Run, bucket: list[str], series: dict[str, PhantomSeries], tmp_path: Path
) -> None:
    uid = series["mr_seg"].series_instance_uid
    gone = ["--endpoint-url=http://127.0.0.1:9", *bucket[1:]]
    document = run(uid, "--to", tmp_path / "out", "--steps", "volumes", "--retries", 0, *gone, code=4)
    assert uid in document["failures"][0]["reason"]
    assert run("status", tmp_path / "out", code=4)["failed"] == 1
    assert run(uid, "--to", tmp_path / "out", "--steps", "volumes", *bucket)["done"] == 1
    assert run("retry", tmp_path / "out")["done"] == 1


def test_dry_run_says_items_and_bytes_and_writes_nothing(run: Run, bucket: list[str], tmp_path: Path) -> None:
    document = run("demo_phantom", "--to", tmp_path / "out", "--steps", "labelmaps", "--dry-run", *bucket)
    assert document["items"] >= 2 and document["total_bytes"] > 1_000_000
    assert not (tmp_path / "out").exists()


def test_shards_together_are_the_whole(run: Run, cases: Path, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    good = tmp_path / "good"
    for number in (0, 1, 3):
        shutil.copytree(cases / f"case-{number:06}", good / f"case-{number:06}")
    run(good, "--to", whole, "--steps", "volumes")
    for number in (1, 2):
        run(good, "--to", parts, "--steps", "volumes", "--shard", f"{number}/2")
    assert outputs(parts) == outputs(whole)
    assert run("status", parts)["done"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--steps", "labelmaps"], "--to DIR"),
        (["--to", "out"], "--steps"),
        (["--to", "out", "--steps", "labelmaps", "--layout", "../%SeriesInstanceUID"], "--layout"),
        (["--to", "out", "--steps", "labelmaps", "--layout", "all of %PatientID"], "add %SeriesInstanceUID"),
        (["--to", "out", "--steps", "labelmaps", "--jobs", "0"], "--jobs 0"),
        (["--to", "out", "--steps", "labelmaps", "--keep", "none", "--scratch", "-1"], "--scratch"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_begins(run: Run, cases: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    given = [str(tmp_path / word) if word == "out" else word for word in arguments]
    assert message in run(cases / "case-000000", *given, code=2)
    assert not list((tmp_path).rglob("*.nii.gz"))


def test_a_folder_without_a_batch_and_one_without_dicom_are_told(run: Run, tmp_path: Path) -> None:
    assert "is not the folder of a batch" in run("status", tmp_path, code=3)
    assert "no DICOM files" in run(tmp_path, "--to", tmp_path / "out", "--steps", "volumes", code=3)
