"""Dose-volume histograms: against a planning system, and on shapes and doses whose figures are known."""

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.dicom_files import save
from helpers.dose_files import dose
from helpers.dose_files import stored_histogram as stored
from helpers.real_data import real_data
from helpers.rtstruct_files import FRAME, R, axial, box, flat, structure_set, write
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.sequence import Sequence

from IDCBrowserLib.cli.main import main
from IDCBrowserLib.dose.dvh import Doses, dose_volume_histograms
from IDCBrowserLib.dose.histogram import histogram_of
from IDCBrowserLib.errors import ConversionError

PLANES = 12
STACK = axial(PLANES, ("1", "1", "3"), rows=60, columns=60)


def ramp(path: Path, frame: str = FRAME, **elements: Any) -> str:
    """A dose that rises by 0.1 Gy with every mm of x, around the stack."""
    corner = [float(value) for value in STACK.positions[0]]
    columns = np.arange(40, dtype=np.uint32) * 2000
    pixels = np.broadcast_to(columns, (PLANES, 40, 40)).copy()
    values = {
        "FrameOfReferenceUID": frame,
        "ImagePositionPatient": [corner[0] - 10, corner[1] - 10, corner[2]],
        "PixelSpacing": [2, 2],
        "GridFrameOffsetVector": [3.0 * k for k in range(PLANES)],
        "DoseGridScaling": 1e-4,
    }
    return str(save(dose(pixels, **{**values, **elements}), path / "dose.dcm"))


def structures(path: Path, *rois: R) -> str:
    return str(write(structure_set(rois), path / "rs.dcm"))


def cuboid(number: int, first: int = 2, last: int = 9, low: float = 10, high: float = 30) -> R:
    return R(number, [flat(STACK, k, box(low, low, high, high)) for k in range(first, last + 1)], f"Box {number}")


def found(path: Path, *rois: R, **elements: Any) -> Doses:
    return dose_volume_histograms([ramp(path, **elements)], structures(path, *rois))


def test_a_box_in_a_rising_dose(tmp_path: Path) -> None:
    (roi,) = found(tmp_path, cuboid(1)).rois
    told = roi.to_json()
    assert told["volume_cc"] == pytest.approx(8 * 3 * 20 * 20 / 1000, rel=0.01)
    # x from 10 to 30 mm of the stack, whose first pixel is 10 mm inside the dose.
    assert told["min_gy"] == pytest.approx(2.0, abs=0.03) and told["max_gy"] == pytest.approx(4.0, abs=0.03)
    assert told["mean_gy"] == pytest.approx(3.0, abs=0.005)
    assert told["d95_gy"] == pytest.approx(2.1, abs=0.02) and told["d2_gy"] == pytest.approx(3.96, abs=0.02)
    assert roi.histogram is not None and roi.histogram.volume_at(3.0) == pytest.approx(told["volume_cc"] / 2, rel=0.01)
    assert told["stored"] is None


def test_images_beside_the_dose_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    images = list(map(str, STACK.write(tmp_path / "study")))
    (roi,) = dose_volume_histograms([*images, ramp(tmp_path)], structures(tmp_path, cuboid(1))).rois
    assert roi.to_json()["mean_gy"] == pytest.approx(3.0, abs=0.005)


def test_a_hole_is_no_part_of_the_region(tmp_path: Path) -> None:
    contours = [flat(STACK, k, box(low, low, high, high)) for k in range(2, 8) for low, high in ((10, 30), (15, 25))]
    (roi,) = found(tmp_path, R(1, contours, "Shell")).rois
    assert roi.volume_cc == pytest.approx(6 * 3 * (400 - 100) / 1000, rel=0.01)


def test_an_ellipsoid_has_its_volume(tmp_path: Path) -> None:
    radius = 15.0
    contours = []
    for k in range(PLANES):
        height = 3.0 * k - 16.0
        if abs(height) < radius:
            across = math.sqrt(radius**2 - height**2)
            turns = np.arange(120) * math.pi / 60
            contours.append(flat(STACK, k, [(round(28 + across * math.cos(t), 4), round(28 + across * math.sin(t), 4)) for t in turns.tolist()]))
    (roi,) = found(tmp_path, R(1, contours, "Ball")).rois
    # Chords between ten slices lie within the ball.
    assert roi.volume_cc == pytest.approx(4 / 3 * math.pi * radius**3 / 1000, rel=0.03)
    assert roi.histogram is not None and roi.histogram.mean == pytest.approx(0.1 * 38, abs=0.01)


def test_one_contour_is_a_slice(tmp_path: Path) -> None:
    (_, one) = found(tmp_path, cuboid(1), R(2, [flat(STACK, 4, box(10, 10, 30, 30))], "Slice")).rois
    assert one.volume_cc == pytest.approx(3 * 400 / 1000, rel=0.01)


def test_what_is_outside_the_dose_is_counted_and_said(tmp_path: Path) -> None:
    result = found(tmp_path, cuboid(1, low=-20, high=20))
    (roi,) = result.rois
    assert roi.volume_cc == pytest.approx(8 * 3 * 1600 / 1000, rel=0.01)
    assert roi.histogram is not None and roi.histogram.total_cc == pytest.approx(8 * 3 * 31**2 / 1000, rel=0.02)
    assert "% of it is outside the dose grid; its doses are of the rest." in result.warnings[-1]


def test_a_region_beyond_the_dose_has_no_doses(tmp_path: Path) -> None:
    beyond = ramp(tmp_path, ImagePositionPatient=[1000, 1000, 1000])
    (roi,) = dose_volume_histograms([beyond], structures(tmp_path, cuboid(1))).rois
    told = roi.to_json()
    assert told["volume_cc"] == pytest.approx(9.6, rel=0.01) and told["mean_gy"] is None


def test_a_dose_that_is_turned_gives_the_same(tmp_path: Path) -> None:
    straight, turned = tmp_path / "1", tmp_path / "2"
    straight.mkdir()
    turned.mkdir()
    (one,) = found(straight, cuboid(1)).rois
    angle = 0.3
    across, down = [math.cos(angle), math.sin(angle), 0.0], [-math.sin(angle), math.cos(angle), 0.0]
    corner = np.array([float(value) for value in STACK.positions[0]])
    start = corner + np.array([20.0, 20.0, 0.0]) - 40 * np.array(across) - 40 * np.array(down)
    places = start[0] + 2 * (np.arange(40)[None, :] * across[0] + np.arange(40)[:, None] * down[0])
    plane = np.maximum(np.rint((places - corner[0] + 10) * 0.1 / 1e-4), 0).astype(np.uint32)
    elements = {"ImagePositionPatient": start.tolist(), "ImageOrientationPatient": [*across, *down], "Rows": 40, "Columns": 40}
    pixels = np.broadcast_to(plane, (PLANES, 40, 40)).copy()
    (two,) = found(turned, cuboid(1), PixelData=pixels.tobytes(), **elements).rois
    for name in ("volume_cc", "min_gy", "mean_gy", "max_gy", "d95_gy"):
        assert two.to_json()[name] == pytest.approx(one.to_json()[name], rel=0.01)


def test_another_frame_of_reference_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match=r"is in another frame of reference .* than the dose"):
        found(tmp_path, cuboid(1), frame="1.2.3")


@pytest.mark.parametrize(
    ("elements", "reason"),
    [({"DoseUnits": "RELATIVE"}, "contains a relative dose"), ({"DoseGridScaling": None}, "without Dose Grid Scaling"), ({"Modality": "CT"}, "")],
)
def test_a_dose_that_is_none_in_gray_is_refused(elements: dict[str, Any], reason: str, tmp_path: Path) -> None:
    if reason:
        with pytest.raises(ConversionError, match=reason):
            found(tmp_path, cuboid(1), **elements)
    else:
        assert found(tmp_path, cuboid(1), **elements).rois


@pytest.mark.parametrize("missing", ["ImagePositionPatient", "ImageOrientationPatient"])
def test_a_dose_whose_planes_have_no_place_is_refused_and_what_it_needs_is_said_of_a_dose(tmp_path: Path, missing: str) -> None:
    with pytest.raises(ConversionError) as caught:
        found(tmp_path, cuboid(1), **{missing: None})
    said = str(caught.value)
    assert "A dose needs Image Position (0020,0032)" in said and "CT, MR or PET" not in said


def test_planes_of_one_dose_at_the_same_place_are_no_second_dose(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match=r"do not lie in a row: its Grid Frame Offset Vector \(3004,000C\) names the same place again"):
        found(tmp_path, cuboid(1), GridFrameOffsetVector=[0.0] * PLANES)


def test_what_is_no_dose_at_all_is_refused_as_such(tmp_path: Path) -> None:
    (tmp_path / "dose.dcm").write_text("no dose")
    with pytest.raises(ConversionError) as caught:
        dose_volume_histograms([str(tmp_path / "dose.dcm")], structures(tmp_path, cuboid(1)))
    assert str(caught.value).endswith("Give one RT Dose object.") and "CT, MR or PET" not in str(caught.value)


def test_a_structure_set_without_closed_contours_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="contains no closed contours in the frame of reference of the dose"):
        found(tmp_path, R(1, [flat(STACK, 3, [(5, 5)], kind="POINT")], "Point"))


def test_stored_histograms_of_each_kind(tmp_path: Path) -> None:
    items = [
        stored(1, [1, 8, 1, 4, 1, 2]),
        stored(2, [1, 4, 1, 2, 1, 2], "DIFFERENTIAL"),
        stored(3, [2, 100, 2, 50], units="PERCENT", scaling=0.5),
        stored(4, [1, 8, 1]),
    ]
    result = found(tmp_path, *(cuboid(number) for number in (1, 2, 3, 4)), DVHSequence=Sequence(items))
    told = [roi.to_json()["stored"] for roi in result.rois]
    assert told[0] == told[1] == pytest.approx({"volume_cc": 8, "min_gy": 0, "mean_gy": 1.25, "max_gy": 3, "d95_gy": 0.1, "d2_gy": 2.92})
    assert told[2]["volume_cc"] is None and told[2]["mean_gy"] == pytest.approx(1.0)
    assert told[3] is None and "its data make no sense" in result.warnings[-1]


@given(st.lists(st.tuples(st.floats(0, 80, width=32), st.floats(0.125, 50, width=32)), min_size=1, max_size=60))
@settings(max_examples=60)
def test_a_histogram_holds_every_sample_once(samples: list[tuple[float, float]]) -> None:
    gray, volume = np.array([s[0] for s in samples], np.float32), np.array([s[1] for s in samples], np.float32)
    histogram = histogram_of(gray, volume, np.ones(len(samples), np.bool_))
    assert histogram is not None
    assert histogram.total_cc == pytest.approx(volume.sum() / 1000, rel=1e-5)
    assert (np.diff(histogram.volume_cc) <= 1e-12).all() and histogram.volume_cc[-1] == 0
    assert histogram.minimum <= histogram.mean * (1 + 1e-5) + 1e-6 and histogram.mean <= histogram.maximum * (1 + 1e-5) + 1e-6
    assert 0 <= histogram.dose_at(95) <= histogram.dose_at(2) <= max(histogram.maximum, 1e-9) * (1 + 1e-6)


SAMPLE = "derived", "dicompyler-core"
# What the planning system says of BODY is 6 % smaller than its contours; it differs only where there is no dose.
VOLUMES = {3: 0.7446, 4: 396.229, 5: 437.462, 6: 2008.949, 7: 0.5657, 8: 0.3432, 9: 12.809, 10: 62.883}


def test_the_sample_is_as_its_planning_system_says() -> None:
    result = dose_volume_histograms([str(real_data(*SAMPLE, "rtdose.dcm"))], str(real_data(*SAMPLE, "rtss.dcm")))
    rois = {roi.number: roi.to_json() for roi in result.rois}
    for number, volume in VOLUMES.items():
        told = rois[number]
        assert told["stored"]["volume_cc"] == pytest.approx(volume, rel=1e-3)
        assert told["volume_cc"] == pytest.approx(volume, rel=0.01 if volume > 10 else 0.03), told["name"]
        if volume > 10:
            assert told["mean_gy"] == pytest.approx(told["stored"]["mean_gy"], rel=0.01)
            assert told["max_gy"] == pytest.approx(told["stored"]["max_gy"], rel=0.01)
            assert told["d2_gy"] == pytest.approx(told["stored"]["d2_gy"], rel=0.01)
    body = next(roi for roi in result.rois if roi.number == 1)
    assert body.histogram is not None and body.stored is not None
    for gray in (1, 2, 5, 10):
        assert body.histogram.volume_at(gray) == pytest.approx(body.stored.histogram.volume_at(gray), rel=0.01)
    assert body.histogram.total_cc * body.histogram.mean == pytest.approx(13944.4 * 0.4833, rel=0.01)


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any], str]:
    code = main(["dvh", *map(str, arguments)])
    told = capsys.readouterr()
    return code, json.loads(told.out) if told.out.startswith("{") else {}, told.err + told.out


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = ramp(tmp_path), "--structures", structures(tmp_path, cuboid(1))
    files = "--out", tmp_path / "t.csv", "--curves", tmp_path / "c.csv"
    code, told, _ = run(capsys, *paths, *files, "--volume-at", "3", "--json")
    assert code == 0
    (roi,) = told["rois"]
    assert roi.keys() >= {"number", "name", "volume_cc", "min_gy", "mean_gy", "max_gy", "d95_gy", "d2_gy", "stored"}
    assert roi["volume_at"][0]["percent"] == pytest.approx(50, abs=0.5)
    (row,) = csv.DictReader(io.StringIO((tmp_path / "t.csv").read_text()))
    assert float(row["mean_gy"]) == pytest.approx(roi["mean_gy"], rel=1e-5) and row["name"] == "Box 1" and row["stored_mean_gy"] == ""
    curve = list(csv.DictReader(io.StringIO((tmp_path / "c.csv").read_text())))
    assert float(curve[0]["volume_percent"]) == 100 and float(curve[-1]["volume_cc"]) == 0
    assert "mean Gy" in run(capsys, *paths)[2]


def test_the_command_with_wrong_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, rs = ramp(tmp_path), structures(tmp_path, cuboid(1))
    assert run(capsys, path, "--structures", tmp_path / "none.dcm")[0] == 3
    assert run(capsys, path, "--structures", rs, "--volume-at", "much")[0] == 2
    code, _, text = run(capsys, path, "--structures", path)
    assert code == 2 and "is not an RT Structure Set" in text


def test_the_engine_gives_curves(tmp_path: Path) -> None:
    from IDCBrowserLib.engine.methods import dose as methods
    from IDCBrowserLib.engine.state import EngineState
    from IDCBrowserLib.task import Task

    told = methods.histograms(
        EngineState({"exchange_folder": str(tmp_path / "exchange")}),
        {"dose": [ramp(tmp_path)], "structures": structures(tmp_path, cuboid(1))},
        Task(),
    )
    (roi,) = told["rois"]
    assert roi["curve"][0][2] == 100 and roi["curve"][-1][1] == 0 and roi["stored_curve"] == []
