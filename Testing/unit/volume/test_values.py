"""From stored values to voxels: slopes, units, types, windows; each number from both sides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from IDCBrowserLib.dicom.with_pydicom import quietly
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.volume.color import is_color, rgb_of
from IDCBrowserLib.volume.frames import _axes, _NoPlaceError, ultrasound_spacing
from IDCBrowserLib.volume.pixels import _mixed, _robust_window, _usual_window, only_stored_bits, shown_plane
from IDCBrowserLib.volume.quantity import DOSE, HOUNSFIELD, RELATIVE_DOSE, UNKNOWN, stated_quantity
from IDCBrowserLib.volume.rescale import Plane, assemble
from IDCBrowserLib.volume.scaling import frame_item, scaling_of

CT, DOSE_CLASS, MAP = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.481.2", "1.2.840.10008.5.1.4.1.1.30"


@quietly()
def dataset(**elements: Any) -> Dataset:
    """With values as writers put them, allowed or not."""
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def assembled(*stored: list[int], kind: str = "int16", slope: float = 1.0, intercept: float = 0.0) -> NDArray[Any]:
    planes = [Plane(k, np.array([values], kind), slope, intercept) for k, values in enumerate(stored)]
    return assemble(planes, (len(stored), 1, len(stored[0])))


# The smallest type


@pytest.mark.parametrize(
    ("low", "high", "kind"),
    [
        (-32768, 32767, "int16"),
        (0, 32767, "int16"),
        (0, 32768, "uint16"),
        (0, 65535, "uint16"),
        (-1, 32768, "int32"),
        (-32769, 0, "int32"),
        (0, 65536, "int32"),
        (-(2**31), 2**31 - 1, "int32"),
        (0, 2**31, "uint32"),
        (0, 2**32 - 1, "uint32"),
        (-1, 2**31, "int64"),
        (0, 2**32, "int64"),
    ],
)
def test_values_get_the_smallest_type_that_holds_them(low: int, high: int, kind: str) -> None:
    voxels = assembled([low, high], kind="int64")
    assert (voxels.dtype, voxels.ravel().tolist()) == (np.dtype(kind), [low, high])


@pytest.mark.parametrize(("slope", "intercept", "kind"), [(1.0, 0.0, "uint8"), (2.0, 0.0, "int16"), (1.0, 1.0, "int16"), (1.0, 0.5, "float32")])
def test_bytes_stay_bytes_where_nothing_is_done_to_them(slope: float, intercept: float, kind: str) -> None:
    voxels = assembled([0, 255], kind="uint8", slope=slope, intercept=intercept)
    assert (voxels.dtype, voxels.ravel().tolist()) == (np.dtype(kind), [intercept, 255 * slope + intercept])


@pytest.mark.parametrize(("slope", "is_integer"), [(2.0**52, True), (2.0**53, False), (0.5, False)])
def test_a_slope_is_a_whole_number_below_the_precision_of_doubles(slope: float, is_integer: bool) -> None:
    assert (assembled([0, 1], slope=slope).dtype.kind == "i") == is_integer
    assert (assembled([0, 1], intercept=-slope).dtype.kind == "i") == is_integer


def test_a_negative_slope_turns_the_extremes_round() -> None:
    voxels = assembled([-3, 40_000], kind="int32", slope=-1.0)
    assert (voxels.dtype, voxels.ravel().tolist()) == (np.dtype("int32"), [3, -40_000])


def test_floats_stay_as_fine_as_the_finest_of_them() -> None:
    single, double = np.array([[0.5]], np.float32), np.array([[0.25]], np.float64)
    assert assemble([Plane(0, single, 1.0, 0.0)], (1, 1, 1)).dtype == np.float32
    both = assemble([Plane(0, single, 2.0, 1.0), Plane(1, double, 1.0, 0.0)], (2, 1, 1))
    assert (both.dtype, both.ravel().tolist()) == (np.dtype("float64"), [2.0, 0.25])


def test_a_missing_plane_has_the_lowest_value_of_all() -> None:
    voxels = assemble([Plane(2, np.array([[5]]), 1.0, -7.0), Plane(0, np.array([[9]]), 1.0, 0.0)], (3, 1, 1))
    assert voxels.ravel().tolist() == [9, -2, -2]


# Bits


@pytest.mark.parametrize(
    ("kind", "bits", "stored", "value"),
    [
        ("uint16", 12, 0x0FFF, 0x0FFF),
        ("uint16", 12, 0x1000, 0),
        ("uint16", 12, 0xFFFF, 0x0FFF),
        ("uint16", 16, 0xFFFF, 0xFFFF),
        ("int16", 12, 0x07FF, 2047),
        ("int16", 12, 0x0800, -2048),
        ("int16", 12, -2048, -2048),
        ("int16", 12, -2049, 2047),
        ("int16", 0, 0x1FFF, 0x1FFF),
        ("float32", 12, 70000, 70000),
    ],
)
def test_bits_above_bits_stored_are_cut_off(kind: str, bits: int, stored: int, value: int) -> None:
    found = only_stored_bits(dataset(BitsAllocated=16, BitsStored=bits), np.array([[0, stored]], kind))
    assert found.ravel().tolist() == [0, value]
    assert only_stored_bits(dataset(BitsStored=bits), np.array([[stored]], kind)).item() == stored


# Slope and intercept


@pytest.mark.parametrize(
    ("elements", "slope", "intercept", "lost"),
    [
        ({}, 1.0, 0.0, ""),
        ({"RescaleSlope": "2", "RescaleIntercept": "-5"}, 2.0, -5.0, ""),
        ({"RescaleSlope": "2", "RescaleIntercept": "0"}, 2.0, 0.0, ""),
        ({"RescaleSlope": "2"}, 2.0, 0.0, "Rescale Intercept (0028,1052)"),
        ({"RescaleIntercept": "3"}, 1.0, 3.0, "Rescale Slope (0028,1053)"),
        ({"RescaleSlope": "0", "RescaleIntercept": "3"}, 1.0, 3.0, "Rescale Slope (0028,1053)"),
    ],
)
def test_slope_and_intercept_come_together(elements: dict[str, str], slope: float, intercept: float, lost: str) -> None:
    scaling = scaling_of(dataset(SOPClassUID=CT, Modality="CT", **elements), 1, "a.dcm")
    assert (scaling.slope, scaling.intercept) == (slope, intercept)
    assert len(scaling.warnings) == bool(lost) and all(lost in warning for warning in scaling.warnings)


def groups(*slopes: str) -> Sequence:
    return Sequence([dataset(PixelValueTransformationSequence=Sequence([dataset(RescaleSlope=one, RescaleIntercept="0")])) for one in slopes])


def test_what_a_frame_states_goes_before_what_all_share_and_that_before_the_object() -> None:
    enhanced = dataset(PerFrameFunctionalGroupsSequence=groups("2", "3"), SharedFunctionalGroupsSequence=groups("5"), RescaleSlope="7")
    assert [scaling_of(enhanced, number, "a").slope for number in (1, 2)] == [2.0, 3.0]
    enhanced.PerFrameFunctionalGroupsSequence = Sequence([dataset(), dataset()])
    assert scaling_of(enhanced, 2, "a").slope == 5.0
    del enhanced.SharedFunctionalGroupsSequence
    assert frame_item(enhanced, 2, "PixelValueTransformationSequence") is enhanced


@pytest.mark.parametrize(
    ("elements", "said"),
    [
        ({"DoseUnits": "GY"}, []),
        ({"DoseUnits": "gy", "DoseType": "PHYSICAL"}, []),
        ({"DoseUnits": "RAD"}, ["The Dose Units are RAD; Gy is assumed."]),
        ({}, ["The Dose Units are missing; Gy is assumed."]),
        ({"DoseUnits": "RELATIVE"}, ["The dose is relative"]),
        ({"DoseUnits": "GY", "DoseType": "error"}, ["The values are differences"]),
        ({"DoseUnits": "GY", "DoseType": "EFFECTIVE"}, ["The dose is a biologically effective one"]),
    ],
)
def test_a_dose_says_what_is_odd_about_it(elements: dict[str, str], said: list[str]) -> None:
    scaling = scaling_of(dataset(SOPClassUID=DOSE_CLASS, DoseGridScaling="0.25", **elements), 1, "d.dcm")
    assert (scaling.slope, scaling.intercept) == (0.25, 0.0)
    assert scaling.quantity is (RELATIVE_DOSE if elements.get("DoseUnits") == "RELATIVE" else DOSE)
    assert [warning.startswith(start) for warning, start in zip(scaling.warnings, said, strict=True)] == [True] * len(said)


@pytest.mark.parametrize("scaling", ["0", "-1", ""])
def test_a_dose_without_a_scaling_above_zero_is_refused(scaling: str) -> None:
    with pytest.raises(ConversionError, match=r"d\.dcm is a dose without Dose Grid Scaling"):
        scaling_of(dataset(SOPClassUID=DOSE_CLASS, DoseGridScaling=scaling), 1, "d.dcm")
    with pytest.raises(ConversionError, match="is a dose without"):
        scaling_of(dataset(Modality="RTDOSE"), 1, "d.dcm")
    assert scaling_of(dataset(SOPClassUID=CT, Modality="RTDOSE"), 1, "d.dcm").slope == 1.0


# What the values measure


@pytest.mark.parametrize(
    ("elements", "rescale_type", "unit"),
    [
        ({"Modality": "CT"}, "HU", "HU"),
        ({"Modality": "MR"}, " hu ", "HU"),
        ({"Modality": "CT"}, "", "HU"),
        ({"Modality": "CT"}, "US", "HU"),
        ({"Modality": "CT", "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "", ""),
        ({"Modality": "CT", "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "HU", "HU"),
        ({"Modality": "CT"}, "OD", "OD"),
        ({"Modality": "MR"}, "", ""),
        ({"Modality": "MR"}, "none", ""),
        ({"Modality": "MR"}, "1", ""),
        ({"Modality": "MR"}, " no units", ""),
        ({"Modality": "MR"}, " mm ", "mm"),
        ({"Modality": "PT", "Units": "bqml"}, "HU", "Bq/ml"),
        ({"Modality": "PT", "Units": "GML"}, "", "g/ml"),
        ({"Modality": "PT", "Units": "NONE"}, "", ""),
        ({"Modality": "PT", "Units": "XYZ"}, "", "XYZ"),
        ({"Modality": "PT"}, "", ""),
        ({"Modality": "MR", "Units": "BQML"}, "", ""),
    ],
)
def test_the_unit_is_what_class_type_or_units_state(elements: dict[str, Any], rescale_type: str, unit: str) -> None:
    quantity = stated_quantity(dataset(SOPClassUID=CT, **elements), rescale_type)
    assert quantity.unit == unit
    assert (quantity is HOUNSFIELD) == (unit == "HU")


@pytest.mark.parametrize(
    ("units", "unit", "code", "short"),
    [
        ("BQML", "Bq/ml", "Bq/ml", ""),
        ("CNTS", "counts", "{counts}", ""),
        ("PROPCNTS", "", "{propcounts}", ""),
        ("CPS", "counts/s", "{counts}/s", ""),
        ("PROPCPS", "", "{propcounts}/s", ""),
        ("GML", "g/ml", "g/ml", "SUV"),
        ("CM2ML", "cm2/ml", "cm2/ml", "SUV"),
        ("PCNT", "%", "%", ""),
        ("MGMINML", "mg/min/ml", "mg/min/ml", ""),
        ("UMOLMINML", "umol/min/ml", "umol/min/ml", ""),
        ("MLMING", "ml/min/g", "ml/min/g", ""),
        ("MLG", "ml/g", "ml/g", ""),
        ("1CM", "1/cm", "/cm", ""),
        ("UMOLML", "umol/ml", "umol/ml", ""),
        ("STDDEV", "", "{stddev}", ""),
    ],
)
def test_units_of_pet_have_codes_of_ucum(units: str, unit: str, code: str, short: str) -> None:
    quantity = stated_quantity(dataset(Modality="PT", Units=units), "")
    assert quantity.name and (quantity.unit, quantity.short) == (unit, short)
    assert quantity.unit_code is not None and (quantity.unit_code["value"], quantity.unit_code["scheme"]) == (code, "UCUM")


# Windows


def test_without_a_stated_window_ct_is_soft_tissue_and_a_dose_is_all_of_it() -> None:
    voxels = np.array([[[0.0, 8.0]]])
    assert _usual_window(UNKNOWN, "CT", voxels) == (40.0, 400.0)
    for quantity in (DOSE, RELATIVE_DOSE):
        assert _usual_window(quantity, "CT", voxels) == (4.0, 8.0)
        assert _usual_window(quantity, "RTDOSE", voxels * 0) == (5e-7, 1e-6)


def test_other_images_are_shown_from_the_first_percentile_to_the_last_half() -> None:
    low, high = np.percentile(np.arange(1001.0), [1.0, 99.5])
    assert _robust_window(np.arange(1001).reshape(7, 11, 13)) == pytest.approx(((low + high) / 2, high - low))
    assert _robust_window(np.full((2, 2, 2), 7)) == (7.5, 1.0)
    assert _robust_window(np.full((2, 2, 2), 7.0)) == (7.0 + 5e-7, 1e-6)
    assert _robust_window(np.full((2, 2, 2), np.nan)) == (0.5, 1.0)


def test_of_a_large_image_every_so_many_th_voxel_is_looked_at() -> None:
    voxels = np.zeros(1_000_000, np.int16)
    voxels[1::5] = 500
    assert _robust_window(voxels)[1] == 1.0
    voxels[::5] = 500
    assert _robust_window(voxels)[0] == 500.5
    assert _robust_window(voxels[:199_999])[1] == 500.0


@pytest.mark.parametrize(
    ("elements", "window"),
    [
        ({"WindowCenter": "40", "WindowWidth": "1"}, (40.0, 1.0)),
        ({"WindowCenter": "40", "WindowWidth": "0.9"}, None),
        ({"WindowCenter": "40", "WindowWidth": "0.9", "RescaleSlope": "0.5", "RescaleIntercept": "0"}, (40.0, 0.9)),
        ({"WindowCenter": "40", "WindowWidth": "0", "RescaleSlope": "0.5", "RescaleIntercept": "0"}, None),
        ({"WindowCenter": "0", "WindowWidth": "300"}, (0.0, 300.0)),
        ({"WindowCenter": ["40", "300"], "WindowWidth": ["400", "1500"]}, (40.0, 400.0)),
        ({"WindowWidth": "400"}, None),
        ({"WindowCenter": "40"}, None),
    ],
)
def test_the_window_of_a_header_is_taken_where_it_makes_sense(elements: dict[str, Any], window: tuple[float, float] | None) -> None:
    stored = np.array([[1, 2]], np.int16)
    shown = shown_plane(dataset(SOPClassUID=CT, Modality="MR", PixelData=b"", **elements), stored)
    assert shown.window == (window or _robust_window(shown.values))
    assert not shown.inverted


def test_a_dose_is_not_shown_in_a_window_that_was_meant_for_stored_values() -> None:
    shown = shown_plane(dataset(SOPClassUID=DOSE_CLASS, DoseGridScaling="0.5", WindowCenter="9", WindowWidth="3"), np.array([[0, 10]], np.uint16))
    assert (shown.window, shown.values.tolist()) == ((2.5, 5.0), [[0.0, 5.0]])


def test_different_quantities_in_one_volume_are_said() -> None:
    assert _mixed(()) == _mixed(("HU",)) == ()
    assert _mixed(("Counts counts", "")) == ("The images of this volume hold different quantities: Counts counts, none stated.",)


# Colors


@pytest.mark.parametrize(
    ("elements", "colored"),
    [
        ({}, False),
        ({"SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2"}, False),
        ({"SamplesPerPixel": 3}, True),
        ({"SamplesPerPixel": 1, "PhotometricInterpretation": "PALETTE COLOR"}, True),
    ],
)
def test_color_is_more_than_one_sample_or_a_palette(elements: dict[str, Any], colored: bool) -> None:
    assert is_color(dataset(**elements)) == colored


@pytest.mark.parametrize(
    ("bits", "stored", "shown"), [(8, 255, 255), (None, 200, 200), (12, 4095, 255), (12, 2048, 127), (16, 65535, 255), (9, 511, 255)]
)
def test_colors_of_any_depth_become_bytes(bits: int | None, stored: int, shown: int) -> None:
    values = np.full((1, 1, 4), stored, np.uint16)
    found = rgb_of(dataset(BitsStored=bits) if bits else dataset(), values)
    assert (found.dtype, found.tolist()) == (np.dtype(np.uint8), [[[shown] * 3]])


# Axes and regions


@pytest.mark.parametrize(("lean", "fits"), [(0.0, True), (0.049, True), (-0.049, True), (0.051, False), (-0.051, False)])
def test_rows_and_columns_may_lean_by_a_twentieth(lean: float, fits: bool) -> None:
    stored = (1.0, 0.0, 0.0, lean, float(np.sqrt(1 - lean**2)), 0.0)
    if fits:
        assert _axes(stored) == ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    else:
        with pytest.raises(_NoPlaceError, match="not perpendicular"):
            _axes(stored)


@pytest.mark.parametrize("stored", [None, (0.0,) * 6, (1.0, 0.0, 0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0, 1.0, 0.0)])
def test_an_orientation_that_is_none_is_refused(stored: tuple[float, ...] | None) -> None:
    with pytest.raises(_NoPlaceError, match=r"no direction|it has no Image Orientation"):
        _axes(stored)


def region(form: int = 1, units: int = 3, across: float = 0.02, down: float = -0.03) -> Dataset:
    return dataset(RegionSpatialFormat=form, PhysicalUnitsXDirection=units, PhysicalUnitsYDirection=units, PhysicalDeltaX=across, PhysicalDeltaY=down)


@pytest.mark.parametrize(
    ("regions", "spacing"),
    [
        ([], None),
        ([region()], (0.3, 0.2)),
        ([region(), region(down=0.03)], (0.3, 0.2)),
        ([region(), region(across=0.021)], None),
        ([region(form=2)], None),
        ([region(units=4)], None),
        ([region(across=0.0)], None),
        ([region(), region(across=0.0)], (0.3, 0.2)),
        # The same but for the rounding of their numbers: a billionth of a millimeter.
        ([region(), region(across=0.02 + 4e-11)], (0.3, 0.2)),
        ([region(), region(across=0.02 + 2e-10)], None),
        ([region(), region(down=-0.03 + 4e-11)], (0.3, 0.2)),
        ([region(), region(down=-0.03 + 2e-10)], None),
        ([region(), region(form=3, across=9.0)], (0.3, 0.2)),
    ],
)
def test_an_ultrasound_image_has_the_spacing_on_which_its_regions_agree(regions: list[Dataset], spacing: tuple[float, float] | None) -> None:
    assert ultrasound_spacing(dataset(SequenceOfUltrasoundRegions=Sequence(regions))) == spacing
    assert ultrasound_spacing(dataset()) is None
