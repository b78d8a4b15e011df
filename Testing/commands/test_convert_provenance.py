"""``idc-browser convert`` states where the data come from, as far as the index knows."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nrrd
import pytest
from helpers import seg_files as sf
from helpers.small_catalog import series, uuid, write_series
from helpers.small_command_line import CommandLine
from pydicom import dcmread


@pytest.fixture
def case(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A SEG, the folder of its images, and an index file that has both."""
    images = sf.images()
    sf.save_images(images, tmp_path / "CT")
    seg = sf.seg(images, sf.channels())
    rows = [
        series(71, SeriesInstanceUID=str(seg.SeriesInstanceUID), Modality="SEG"),
        series(72, SeriesInstanceUID=str(images[0].SeriesInstanceUID), license_short_name="CC BY-NC 4.0"),
    ]
    return sf.save(seg, tmp_path / "SEG.dcm"), tmp_path / "CT", write_series(tmp_path / "index.parquet", rows)


def convert(idc_browser: CommandLine, case: tuple[Path, Path, Path], out: Path) -> dict[str, object]:
    path, images, index = case
    document: dict[str, object] = idc_browser.json("convert", str(path), "--images", str(images), "--out", str(out), "--catalog-source", str(index))
    return document


def test_json_has_the_rows_of_the_object_and_of_its_images(idc_browser: CommandLine, case: tuple[Path, Path, Path], tmp_path: Path) -> None:
    rows = convert(idc_browser, case, tmp_path / "out.nrrd")["provenance"]
    assert isinstance(rows, list)
    assert [(row["crdc_series_uuid"], row["idc_version"], row["license_short_name"]) for row in rows] == [
        (uuid(71), 25, "CC BY 4.0"),
        (uuid(72), 25, "CC BY-NC 4.0"),
    ]


def test_the_header_states_the_license_of_the_images_as_well(idc_browser: CommandLine, case: tuple[Path, Path, Path], tmp_path: Path) -> None:
    convert(idc_browser, case, tmp_path / "out.seg.nrrd")
    header = nrrd.read_header(str(tmp_path / "out.seg.nrrd"))
    assert (header["IDC.license"], header["IDC.images_license"], header["IDC.source_doi"]) == ("CC BY 4.0", "CC BY-NC 4.0", "10.7937/lung")
    assert (header["IDC.crdc_series_uuid"], header["IDC.idc_version"]) == (uuid(71), "25")


def test_nifti_gets_a_file_beside_it(idc_browser: CommandLine, case: tuple[Path, Path, Path], tmp_path: Path) -> None:
    document = convert(idc_browser, case, tmp_path / "out.nii.gz")
    assert json.loads((tmp_path / "out.idc.json").read_text())["IDC.license"] == "CC BY 4.0"
    assert document["files"] == [str(tmp_path / "out.nii.gz")]


def test_data_that_idc_does_not_have_get_no_license(idc_browser: CommandLine, case: tuple[Path, Path, Path], tmp_path: Path) -> None:
    path, _, _ = case
    assert idc_browser.json("convert", str(path), "--out", str(tmp_path / "out.nrrd"))["provenance"] == []
    assert not [key for key in nrrd.read_header(str(tmp_path / "out.nrrd")) if key.startswith("IDC.")]


def test_an_index_file_that_cannot_be_read_is_said_and_stops_nothing(idc_browser: CommandLine, case: tuple[Path, Path, Path], tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_text("nothing")
    path, _, _ = case
    code, _, errors = idc_browser.run("convert", str(path), "--out", str(tmp_path / "out.nrrd"), "--catalog-source", str(tmp_path / "broken.parquet"))
    assert code == 0 and (tmp_path / "out.nrrd").exists()
    assert "License and version of the data were not written" in errors and "broken.parquet" in errors


@pytest.mark.parametrize("ending", [".nrrd", ".nii.gz"])
def test_an_image_volume_states_the_same(idc_browser: CommandLine, case: tuple[Path, Path, Path], tmp_path: Path, ending: str) -> None:
    _, images, index = case
    for number, path in enumerate(sorted(images.iterdir())):
        dataset = dcmread(path)
        dataset.PixelData = bytes([number]) * (2 * dataset.Rows * dataset.Columns)
        dataset.save_as(path)
    out = tmp_path / f"ct{ending}"
    document = idc_browser.json("volume", str(images), "--out", str(out), "--catalog-source", str(index))
    assert [row["crdc_series_uuid"] for row in document["provenance"]] == [uuid(72)]
    keys = nrrd.read_header(str(out)) if ending == ".nrrd" else json.loads((tmp_path / "ct.idc.json").read_text())
    assert (keys["IDC.license"], keys["IDC.idc_version"]) == ("CC BY-NC 4.0", "25")


def test_a_second_conversion_asks_the_small_table_and_not_the_catalog(case: tuple[Path, Path, Path], tmp_path: Path) -> None:
    path, _, _ = case
    arguments = ["convert", str(path), "--out", str(tmp_path / "out.nrrd"), "--json"]
    code = f"import sys; from IDCBrowserLib.cli.main import main; main({arguments}); print('duckdb' in sys.modules, file=sys.stderr)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for _ in range(2):
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
        assert json.loads(ended.stdout)["provenance"] == []
    assert ended.stderr.strip() == "False"
