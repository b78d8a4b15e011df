"""The further objects of the phantom: what our readers, and those of others, find in them is what they were made of."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from IDCBrowserLib.demo.made_folder import PhantomSeries
from IDCBrowserLib.demo.objects import make
from IDCBrowserLib.demo.objects.checks import Read, check
from IDCBrowserLib.dose.dvh import dose_volume_histograms
from IDCBrowserLib.pet.convert import to_suv
from IDCBrowserLib.registration.read import read_registration
from IDCBrowserLib.report.measurements import measurements_of
from IDCBrowserLib.report.read import read_report
from IDCBrowserLib.surface.read import read_surface
from IDCBrowserLib.volume.pixels import Volume, read_volume
from IDCBrowserLib.volume.read_grids import read_image_grids


@pytest.fixture(scope="module")
def objects(objects_folder: Path) -> dict[str, PhantomSeries]:
    return {one.key: one for one in make.write(objects_folder)}


@pytest.fixture(scope="module")
def known(objects_folder: Path, objects: dict[str, PhantomSeries]) -> dict[str, Any]:
    return make.truth(objects_folder)


def volume_of(series: PhantomSeries) -> Volume:
    return read_volume(read_image_grids(series.files, assume_positions=True)[0])


def value_at(volume: Volume, lps: Sequence[float]) -> float:
    i, j, k = np.round(np.linalg.inv(volume.geometry.index_to_lps()) @ np.append(lps, 1.0)).astype(int)[:3]
    return float(volume.voxels[k, j, i])


@pytest.mark.parametrize("key", ["pet", "dose", "adc"])
def test_volumes_have_the_values_that_were_painted(key: str, objects: dict[str, PhantomSeries], known: dict[str, Any]) -> None:
    volume = volume_of(objects[key])
    if key == "pet":
        volume = to_suv(volume).volume
    assert volume.warnings == ()
    for point in known[key]["points"]:
        assert value_at(volume, point["lps"]) == pytest.approx(point["value"], rel=known[key]["tolerance"], abs=known[key]["tolerance"]), point


def test_histograms_agree_with_those_that_were_counted(
    objects: dict[str, PhantomSeries], known: dict[str, Any], phantom_series: dict[str, PhantomSeries]
) -> None:
    found = dose_volume_histograms([str(objects["dose"].files[0])], str(phantom_series["rtstruct"].files[0]))
    ours = {roi.number: roi for roi in found.rois}
    for counted in known["dose"]["histograms"]:
        roi = ours[counted["number"]]
        assert roi.stored is not None and roi.stored.histogram.total_cc == pytest.approx(counted["volume_cc"])
        # Ours change their shape between contours and taper off beyond the last; what was counted are voxels, most of all in the vertebra.
        assert roi.volume_cc == pytest.approx(counted["volume_cc"], rel=0.1)
        assert roi.histogram is not None and roi.histogram.mean == pytest.approx(counted["mean_gy"], rel=0.03, abs=0.02)


def test_the_report_holds_volume_and_mean_of_each_segment(objects: dict[str, PhantomSeries], known: dict[str, Any]) -> None:
    rows = measurements_of(read_report(objects["report"].files[0])).rows
    shown = [(row.tracking_id, row.quantity.meaning if row.quantity else "", row.value) for row in rows]
    assert shown == [(row["name"], row["quantity"], row["value"]) for row in known["report"]["measurements"]]
    assert {row.segment_number for row in rows} == {1, 2, 3, 4, 5, 6}


def test_highdicom_finds_the_same_measurements(objects: dict[str, PhantomSeries], known: dict[str, Any]) -> None:
    sr = pytest.importorskip("highdicom.sr")
    report = sr.srread(objects["report"].files[0])
    groups = report.content.get_volumetric_roi_measurement_groups()
    found = [(group.tracking_identifier, float(measurement.value)) for group in groups for measurement in group.get_measurements()]
    assert found == [(row["name"], pytest.approx(row["value"])) for row in known["report"]["measurements"]]


def test_simpleitk_finds_the_same_activity(objects: dict[str, PhantomSeries], known: dict[str, Any]) -> None:
    sitk = pytest.importorskip("SimpleITK")
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(sorted(map(str, objects["pet"].files), key=lambda path: pydicom.dcmread(path).ImagePositionPatient[2]))
    image = reader.Execute()
    # Of 75 kg and 300 MBq an hour before, by hand.
    per_suv = 300e6 * 2 ** (-3600 / 6586.2) / 75000
    for point in known["pet"]["points"]:
        assert image[image.TransformPhysicalPointToIndex(point["lps"])] / per_suv == pytest.approx(point["value"], rel=2e-3)


def test_the_surface_encloses_its_volume(objects: dict[str, PhantomSeries], known: dict[str, Any]) -> None:
    mesh, surface = read_surface(str(objects["surface"].files[0]))
    corners = mesh.points[mesh.triangles].astype(float)
    volume = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6
    assert (surface["name"], len(mesh.triangles)) == (known["surface"]["name"], known["surface"]["triangles"])
    assert volume == pytest.approx(known["surface"]["volume_mm3"], rel=1e-4)
    assert volume == pytest.approx(4 / 3 * np.pi * 9 * 9 * 10, rel=0.02)


def test_the_registration_brings_the_other_day_onto_the_ct(objects: dict[str, PhantomSeries], known: dict[str, Any]) -> None:
    [transform] = read_registration(str(objects["registration"].files[0])).transforms
    assert transform.matrix.ravel().tolist() == pytest.approx(known["registration"]["matrix"])
    assert transform.from_frame == str(pydicom.dcmread(objects["adc"].files[0], stop_before_pixels=True).FrameOfReferenceUID)
    pairs = {point["name"]: point["lps"] for point in known["pet"]["points"]}
    tumor = next(point["lps"] for point in known["adc"]["points"] if point["name"] == "Liver tumor")
    assert (transform.matrix @ np.append(tumor, 1.0))[:3].tolist() == pytest.approx(pairs["Liver tumor"], abs=1e-6)


def test_the_cine_has_its_pixels(objects: dict[str, PhantomSeries], known: dict[str, Any]) -> None:
    volume = volume_of(objects["us"])
    assert volume.voxels.shape[0] == known["us"]["frames"]
    for pixel in known["us"]["pixels"]:
        assert volume.voxels[pixel["frame"], pixel["row"], pixel["column"]] == pixel["value"]


def test_what_is_shown_wrongly_is_told(known: dict[str, Any]) -> None:
    slicer = pytest.importorskip("slicer")
    rows = [{"Tracking": "Liver", "Measurement": "Volume", "Value": 1.0}]
    documents = check(slicer.vtkMRMLScene(), {}, Read((), rows), known)
    assert {document["key"] for document in documents} >= {"pet", "plan", "dose", "report", "surface", "adc", "registration", "us", "slide_segments"}
    assert not any(document["right"] for document in documents)
    report = next(document for document in documents if document["key"] == "report")
    assert {"what": "Volume of Liver", "shown": 1.0, "expected": 1468432.0, "right": False} in report["checks"]
