"""``idc-browser volume`` as its contract says."""

import json
from pathlib import Path
from typing import Any

import nibabel
import nrrd
import numpy as np
import pytest
from helpers import seg_files as sf
from helpers.dicom_files import image, save, write_stack
from helpers.dose_files import dose
from helpers.pet_files import pet_series

from IDCBrowserLib.cli.main import main

KEYS = {"shape", "spacing", "origin", "directions", "quantity", "unit", "min", "max", "warnings"}


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any], str]:
    code = main(["volume", *map(str, arguments)])
    told = capsys.readouterr()
    return code, json.loads(told.out) if told.out.startswith("{") else {}, told.err + told.out


def test_a_series_becomes_a_file_at_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_stack(tmp_path / "CT 'quoted' ü", [(1, 2, 4), (1, 2, 0), (1, 2, 2)])
    code, told, _ = run(capsys, tmp_path / "CT 'quoted' ü", "--out", tmp_path / "x.nrrd", "--json")
    assert code == 0 and told.keys() >= KEYS
    assert (told["shape"], told["unit"], told["min"], told["max"], told["warnings"]) == ([3, 4, 6], "HU", 1.0, 3.0, [])
    voxels, header = nrrd.read(str(tmp_path / "x.nrrd"), index_order="C")
    assert voxels[:, 0, 0].tolist() == [2, 3, 1] and header["unit"] == "HU"
    assert header["space origin"].tolist() == told["origin"] == [1, 2, 0]


def test_nifti_holds_the_same_in_ras(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_stack(tmp_path / "ct", [(1, 2, 4), (1, 2, 0), (1, 2, 2)])
    assert run(capsys, tmp_path / "ct", "--out", tmp_path / "x.nii.gz")[0] == 0
    read = nibabel.load(tmp_path / "x.nii.gz")
    assert np.asarray(read.dataobj)[0, 0].tolist() == [2, 3, 1]
    assert read.affine == pytest.approx(np.array([[-0.75, 0, 0, -1], [0, -0.5, 0, -2], [0, 0, 2, 0], [0, 0, 0, 1]]))
    assert "HU" in str(read.header["descrip"])


def test_colors_in_both_formats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pixels = np.arange(72, dtype=np.uint8).reshape(4, 6, 3)
    path = save(image(pixels=pixels, SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0), tmp_path / "c.dcm")
    code, told, _ = run(capsys, path, "--out", tmp_path / "c.nrrd", "--json")
    assert (code, told["components"], told["shape"]) == (0, 3, [1, 4, 6])
    assert nrrd.read(str(tmp_path / "c.nrrd"), index_order="C")[0].tolist() == [pixels.tolist()]
    assert run(capsys, path, "--out", tmp_path / "c.nii")[0] == 0
    read = np.asarray(nibabel.load(tmp_path / "c.nii").dataobj)
    assert [read[2, 1, 0][channel] for channel in ("R", "G", "B")] == pixels[1, 2].tolist()


def test_a_dose_comes_in_gray(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told, _ = run(capsys, save(dose(), tmp_path / "d.dcm"), "--out", tmp_path / "d.nrrd", "--json")
    assert (code, told["quantity"], told["unit"], told["max"]) == (0, "Absorbed dose", "Gy", 1.5)


def test_a_dose_without_scaling_is_refused_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, text = run(capsys, save(dose(DoseGridScaling=None), tmp_path / "d.dcm"), "--out", tmp_path / "d.nrrd")
    assert code == 2 and "without Dose Grid Scaling" in text
    assert not (tmp_path / "d.nrrd").exists()


def test_pet_in_suv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pet_series(tmp_path / "pet")
    code, told, _ = run(capsys, tmp_path / "pet", "--out", tmp_path / "p.nrrd", "--suv", "bw", "--json")
    assert (code, told["quantity"], told["unit"]) == (0, "SUVbw", "g/ml")
    assert told["max"] == pytest.approx(3000 * told["suv"]["factor"])
    code, told, _ = run(capsys, tmp_path / "pet", "--out", tmp_path / "p.nrrd", "--suv", "lbm", "--lean-body-mass", "james", "--json")
    assert (told["quantity"], told["suv"]["formula"]) == ("SUL", "james")
    code, told, _ = run(capsys, tmp_path / "pet", "--out", tmp_path / "p.nrrd", "--json")
    assert (code, told["unit"], told["max"]) == (0, "Bq/ml", 3000.0)


def test_suv_that_cannot_be_computed_is_said_and_the_rest_is_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pet_series(tmp_path / "pet", CorrectedImage=["DECY"])
    code, told, _ = run(capsys, tmp_path / "pet", "--out", tmp_path / "p.nrrd", "--suv", "bw", "--json")
    assert (code, told["unit"], told["suv"]) == (4, "Bq/ml", None)
    assert told["warnings"] == ["SUV cannot be computed: no attenuation correction. The values are those that are stored in Bq/ml."]


def test_phases_become_numbered_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for phase in (1, 2):
        for k in (0, 1):
            pixels = np.full((4, 6), 10 * phase + k, np.int16)
            number = 2 * phase + k
            save(image(number=number, pixels=pixels, ImagePositionPatient=[0, 0, k], AcquisitionNumber=phase), tmp_path / "ct" / f"{number}.dcm")
    code, told, _ = run(capsys, tmp_path / "ct", "--out", tmp_path / "x.nii.gz", "--json")
    assert code == 0 and [part["max"] for part in told["parts"]] == [11, 21]
    assert told["files"] == [str(tmp_path / "x-1.nii.gz"), str(tmp_path / "x-2.nii.gz")]
    assert all(Path(file).is_file() for file in told["files"])


def test_what_is_no_image_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = sf.images()
    code, _, text = run(capsys, sf.save(sf.seg(source, sf.channels()), tmp_path / "seg.dcm"), "--out", tmp_path / "x.nrrd")
    assert code == 2 and "it is a segmentation" in text
    slide = save(image(SOPClassUID="1.2.840.10008.5.1.4.1.1.77.1.6", ImagePositionPatient=None), tmp_path / "slide.dcm")
    code, _, text = run(capsys, slide, "--out", tmp_path / "x.nrrd")
    assert code == 2 and "whose tiles are not slices of a volume" in text
    assert run(capsys, tmp_path / "nowhere", "--out", tmp_path / "x.nrrd")[0] == 3
    assert run(capsys, tmp_path, "--out", tmp_path / "x.seg.nrrd")[0] == 2
