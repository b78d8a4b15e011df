"""SUV by the rule of QIBA: factors of real scanners, every reason why there is none, and dates and times of all kinds."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.dicom_files import save
from helpers.pet_files import USUAL, pet_image, pet_series
from helpers.real_data import real_data
from hypothesis import given
from hypothesis import strategies as st

from IDCBrowserLib.pet.body import JAMES, lean_body_mass_g, surface_cm2
from IDCBrowserLib.pet.convert import Uptake, to_suv
from IDCBrowserLib.pet.header import read_pet_headers
from IDCBrowserLib.pet.problem import NotComputableError
from IDCBrowserLib.pet.suv import suv_factor
from IDCBrowserLib.pet.times import date_time, joined
from IDCBrowserLib.volume.pixels import read_volume
from IDCBrowserLib.volume.read_grids import read_image_grids

HALF_LIFE = 6586.2
# 70 kg, 350 MBq, one hour.
EXPECTED = 70_000 / (350e6 * 2 ** (-3600 / HALF_LIFE))
KNOWN = {
    "SIEMENS": 0.00042748316,
    "GE_MEDICAL_AND_BQML": 0.00053673877,
    "PHILIPS_BQML": 0.00074637470,
    "PHILIPS_CNTS_AND_BQML_SUV": 0.000551,
    "PHILIPS_CNTS_AND_SUV": 0.000728,
    "RADIOPHARM_DATETIME_UNDEFINED": 0.00037210892,
}


def factor(folder: Path, kind: str = "bw", **elements: Any) -> float:
    return suv_factor(read_pet_headers(map(str, pet_series(folder, **elements))), kind).factor


def why(folder: Path, kind: str = "bw", **elements: Any) -> str:
    with pytest.raises(NotComputableError) as problem:
        factor(folder, kind, **elements)
    return str(problem.value)


def uptake(folder: Path, kind: str = "bw", **elements: Any) -> Uptake:
    (grid,) = read_image_grids(pet_series(folder, **elements))
    return to_suv(read_volume(grid), kind)


@pytest.mark.parametrize(("name", "expected"), KNOWN.items())
def test_the_factors_of_real_scanners(name: str, expected: float, tmp_path: Path) -> None:
    instances = json.loads(real_data("derived", "suv", f"{name}.json").read_text())
    paths = []
    for number, stated in enumerate(instances, 1):
        group = stated.pop("PhilipsPETPrivateGroup")
        private = {0x00: group.get("SUVScaleFactor"), 0x09: group.get("ActivityConcentrationScaleFactor")}
        philips = {element: str(value).strip() for element, value in private.items() if value is not None}
        values = {**dict.fromkeys(USUAL), **stated}
        paths.append(str(save(pet_image(number, philips=philips or None, **values), tmp_path / f"{number}.dcm")))
    assert suv_factor(read_pet_headers(paths)).factor == pytest.approx(expected, rel=1e-6)


def test_activity_corrected_to_the_start_of_the_scan(tmp_path: Path) -> None:
    assert factor(tmp_path) == pytest.approx(EXPECTED)


def test_activity_corrected_to_the_injection_needs_no_times(tmp_path: Path) -> None:
    no_times = dict.fromkeys(["SeriesTime", "AcquisitionTime", "RadiopharmaceuticalStartTime", "RadionuclideHalfLife"])
    assert factor(tmp_path, DecayCorrection="ADMIN", **no_times) == pytest.approx(70_000 / 350e6)


def test_voxels_of_every_slice_are_rescaled_first(tmp_path: Path) -> None:
    slopes = {number: {"RescaleSlope": float(number)} for number in (1, 2, 3)}
    found = uptake(tmp_path, per_slice=slopes)
    assert found.volume.voxels[:, 0, 0] == pytest.approx(np.array([1000, 4000, 9000]) * EXPECTED, rel=1e-6)
    assert found.volume.quantity.name == "SUVbw" and found.volume.quantity.unit == "g/ml"
    assert found.volume.quantity.unit_code == {"value": "g/ml{SUVbw}", "scheme": "UCUM", "meaning": "Standardized Uptake Value body weight"}
    assert (found.volume.window, found.volume.inverted) == ((3.0, 6.0), True)


def test_lean_body_mass_and_body_surface(tmp_path: Path) -> None:
    assert factor(tmp_path, "lbm") / EXPECTED == pytest.approx(9.27e3 / (6.68e3 + 216 * 70 / 1.75**2))
    assert factor(tmp_path, "bsa") / EXPECTED == pytest.approx(0.007184 * 70**0.425 * 175**0.725 * 1e4 / 70e3)
    headers = read_pet_headers([str(tmp_path / "pet1.dcm")])
    assert suv_factor(headers, "lbm", JAMES).factor / EXPECTED == pytest.approx((1.10 * 70 - 128 * (70 / 175) ** 2) / 70)
    assert lean_body_mass_g(60, 1.65, "F") == pytest.approx(9.27e3 * 60 / (8.78e3 + 244 * 60 / 1.65**2) * 1000)
    assert lean_body_mass_g(60, 1.65, "F", JAMES) == pytest.approx((1.07 * 60 - 148 * (60 / 165) ** 2) * 1000)
    assert surface_cm2(70, 1.75) == pytest.approx(18_480, rel=0.01)


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"CorrectedImage": ["DECY", "RAN"]}, "no attenuation correction"),
        ({"CorrectedImage": None}, "no attenuation correction"),
        ({"CorrectedImage": ["ATTN", "RAN"]}, "no decay correction"),
        ({"DecayCorrection": "NONE"}, "no decay correction"),
        ({"DecayCorrection": None}, "the Decay Correction is missing"),
        ({"Units": "PROPCNTS"}, "the Units are PROPCNTS, not an activity"),
        ({"Units": None}, "the Units are missing"),
        ({"Units": "CNTS"}, "the Units are counts, and the private factors of Philips are missing"),
        ({"PatientWeight": None}, "the Patient's Weight is missing"),
        ({"PatientWeight": 0}, "the Patient's Weight is missing"),
        ({"PatientWeight": 70000}, "the Patient's Weight of 70000 kg cannot be right"),
        ({"RadionuclideTotalDose": None}, "the Radionuclide Total Dose is missing"),
        ({"RadionuclideTotalDose": 350}, "the Radionuclide Total Dose of 350 Bq cannot be right (it may be in MBq)"),
        ({"RadionuclideHalfLife": None}, "the Radionuclide Half Life is missing"),
        ({"RadiopharmaceuticalStartTime": None}, "the time of the injection is missing"),
        ({"SeriesTime": None, "AcquisitionTime": None}, "neither the time of the series nor that of the acquisition is stated"),
        ({"RadiopharmaceuticalStartTime": "130000"}, "contradictory times: 22.0 hours between injection and scan, more than 10 half-lives"),
        (
            {"RadiopharmaceuticalStartDateTime": "20200104100000"},
            "contradictory times: the injection at 2020-01-04 10:00:00 is later than the scan at 2020-01-03 11:00:00",
        ),
        (
            {"RadiopharmaceuticalStartDateTime": "20190103100000"},
            "contradictory times: 8761.0 hours between injection and scan, more than 10 half-lives",
        ),
    ],
)
def test_what_keeps_suv_from_being_computed_is_said(elements: dict[str, Any], reason: str, tmp_path: Path) -> None:
    assert why(tmp_path, **elements) == reason


def test_lean_body_mass_needs_size_and_sex(tmp_path: Path) -> None:
    assert why(tmp_path / "1", "lbm", PatientSize=None) == "the Patient's Size is missing"
    assert why(tmp_path / "2", "bsa", PatientSize=175) == "the Patient's Size of 175 m cannot be right"
    assert why(tmp_path / "3", "lbm", PatientSex="O") == "the Patient's Sex is O, and lean body mass is known for M and F only"


@pytest.mark.parametrize("field", [{"PatientWeight": 80}, {"Units": "CNTS"}, {"RadionuclideTotalDose": 1e8}, {"DecayCorrection": "ADMIN"}])
def test_images_that_contradict_each_other_have_no_factor(field: dict[str, Any], tmp_path: Path) -> None:
    assert "contradict each other about" in why(tmp_path, per_slice={2: field})


def test_a_volume_without_suv_is_shown_as_stored_with_the_reason(tmp_path: Path) -> None:
    found = uptake(tmp_path, CorrectedImage=["DECY"])
    assert found.factor is None and found.reason == "no attenuation correction"
    assert found.volume.voxels[:, 0, 0].tolist() == [1000, 2000, 3000]
    assert found.volume.quantity.unit == "Bq/ml"
    assert found.volume.warnings[-1] == "SUV cannot be computed: no attenuation correction. The values are those that are stored in Bq/ml."


def test_injection_before_midnight_and_scan_after_it(tmp_path: Path) -> None:
    after = {"SeriesDate": "20200104", "AcquisitionDate": "20200104", "SeriesTime": "003000", "AcquisitionTime": "003000"}
    before = {"RadiopharmaceuticalStartTime": "233000"}
    assert factor(tmp_path / "time", **after, **before) == pytest.approx(EXPECTED)
    assert factor(tmp_path / "both", **after, **before, RadiopharmaceuticalStartDateTime="20200103233000") == pytest.approx(EXPECTED)


def test_offsets_from_utc(tmp_path: Path) -> None:
    in_utc = {"RadiopharmaceuticalStartDateTime": "20200103150000.000000+0000", "TimezoneOffsetFromUTC": "-0500"}
    assert factor(tmp_path / "utc", RadiopharmaceuticalStartTime=None, **in_utc) == pytest.approx(EXPECTED)
    local = {"RadiopharmaceuticalStartDateTime": "20200103100000+0100"}
    assert factor(tmp_path / "local", **local) == pytest.approx(EXPECTED)
    applied = {"RadiopharmaceuticalStartDateTime": "20200103100000+0000", "TimezoneOffsetFromUTC": "-0500"}
    assert factor(tmp_path / "applied", **applied) == pytest.approx(EXPECTED)


def test_two_times_of_the_injection_are_told(tmp_path: Path) -> None:
    headers = read_pet_headers(
        map(str, pet_series(tmp_path, RadiopharmaceuticalStartDateTime="20200103100000", RadiopharmaceuticalStartTime="093000"))
    )
    found = suv_factor(headers)
    assert found.factor == pytest.approx(EXPECTED)
    assert found.warnings == ("The injection is stated at 10:00:00 with its date and at 09:30:00 without; the first is used.",)


def test_the_time_of_a_later_reconstruction_is_not_that_of_the_scan(tmp_path: Path) -> None:
    later = {"SeriesTime": "150000", "AcquisitionTime": "110000"}
    assert factor(tmp_path / "first", **later) == pytest.approx(EXPECTED)
    assert factor(tmp_path / "ge", **later, ge_scan="20200103110000.00") == pytest.approx(EXPECTED)
    beds = {number: {"AcquisitionTime": f"11{2 * (number - 1):02d}00", "FrameReferenceTime": 59_880 + 120_000 * (number - 1)} for number in (1, 2, 3)}
    counted = factor(tmp_path / "siemens", SeriesTime="150000", ActualFrameDuration=120_000, per_slice=beds)
    assert counted == pytest.approx(EXPECTED, rel=1e-4)


def test_stored_suv_is_taken_and_turned_into_other_kinds(tmp_path: Path) -> None:
    assert factor(tmp_path / "bw", Units="GML", SUVType="BW") == 1
    assert factor(tmp_path / "none", Units="GML") == 1
    assert factor(tmp_path / "lbm", Units="GML", SUVType="LBMJANMA") == pytest.approx(70_000 / lean_body_mass_g(70, 1.75, "M"))
    assert factor(tmp_path / "bsa", "bsa", Units="CM2ML", PatientWeight=None) == 1
    assert why(tmp_path / "ibw", Units="GML", SUVType="IBW") == "the values are SUV of the type IBW, which is not defined"


def test_private_factors_of_philips(tmp_path: Path) -> None:
    assert factor(tmp_path / "suv", Units="CNTS", philips={0x00: "0.0005"}) == pytest.approx(0.0005)
    assert factor(tmp_path / "activity", Units="CNTS", philips={0x00: "0", 0x09: "2.5"}) == pytest.approx(2.5 * EXPECTED)
    assert "no attenuation" in why(tmp_path / "nac", Units="CNTS", philips={0x00: "0.0005"}, CorrectedImage=["DECY"])


def test_other_modalities_have_no_suv(tmp_path: Path) -> None:
    (grid,) = read_image_grids(pet_series(tmp_path, Modality="CT"))
    assert to_suv(read_volume(grid)).reason == "the images are CT, not PET"


@given(st.text(max_size=30), st.text(max_size=20), st.text(max_size=20))
def test_no_text_breaks_the_readers_of_times(one: str, zone: str, clock: str) -> None:
    for found in (date_time(one, zone, clock), joined(one, clock)):
        assert found is None or found.year >= 1


@given(st.datetimes(), st.integers(0, 6))
def test_times_come_back(moment: Any, digits: int) -> None:
    fraction = f".{moment.microsecond:06d}"[: digits + 1] if digits else ""
    assert joined(f"{moment.year:04d}{moment:%m%d}", f"{moment:%H%M%S}{fraction}") == date_time(f"{moment.year:04d}{moment:%m%d%H%M%S}{fraction}")
    found = joined(f"{moment.year:04d}{moment:%m%d}", f"{moment:%H%M%S}.{moment.microsecond:06d}")
    assert found == moment
