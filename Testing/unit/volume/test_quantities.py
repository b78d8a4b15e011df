"""What the numbers of a volume mean: dose in Gy, parametric maps, Hounsfield units, colors."""

from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pytest
from helpers.dicom_files import ROOT, image, save
from helpers.dose_files import dose
from helpers.real_data import real_data
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, ParametricMapStorage

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.volume.pixels import Volume, read_volume
from IDCBrowserLib.volume.read_grids import read_image_grids


def volume_of(*paths: Path) -> Volume:
    (grid,) = read_image_grids(paths, assume_positions=True)
    return read_volume(grid)


def made(tmp_path: Path, **elements: Any) -> Volume:
    return volume_of(save(dose(**elements), tmp_path / "dose.dcm"))


def test_a_dose_is_in_gray(tmp_path: Path) -> None:
    volume = made(tmp_path)
    assert (volume.quantity.name, volume.quantity.unit) == ("Absorbed dose", "Gy")
    assert volume.voxels[:, 0, 0] == pytest.approx([0.0, 0.5, 1.0, 1.5])
    assert volume.geometry.spacing == pytest.approx((0.75, 0.5, 3.0)) and volume.geometry.origin == pytest.approx((10, 20, 30))
    assert volume.window == pytest.approx((0.75, 1.5))


@pytest.mark.parametrize(
    ("offsets", "orientation", "values", "origin"),
    [
        ([0, 3, 6, 9], [1, 0, 0, 0, 1, 0], [0.0, 0.5, 1.0, 1.5], 30),
        ([0, -3, -6, -9], [1, 0, 0, 0, 1, 0], [1.5, 1.0, 0.5, 0.0], 21),
        ([30, 33, 36, 39], [1, 0, 0, 0, 1, 0], [0.0, 0.5, 1.0, 1.5], 30),
        ([30, 27, 24, 21], [1, 0, 0, 0, 1, 0], [1.5, 1.0, 0.5, 0.0], 21),
        # Absolute heights where the normal points downward.
        ([30, 33, 36, 39], [-1, 0, 0, 0, 1, 0], [1.5, 1.0, 0.5, 0.0], 39),
    ],
)
def test_planes_of_a_dose_relative_and_absolute_of_either_sign(
    offsets: list[float], orientation: list[float], values: list[float], origin: float, tmp_path: Path
) -> None:
    volume = made(tmp_path, GridFrameOffsetVector=offsets, ImageOrientationPatient=orientation)
    assert volume.voxels[:, 0, 0] == pytest.approx(values)
    assert volume.geometry.origin[2] == pytest.approx(origin)


def test_a_dose_of_uneven_planes_is_put_on_even_ones(tmp_path: Path) -> None:
    volume = made(tmp_path, GridFrameOffsetVector=[0, 3, 7, 9])
    assert any("even grid" in warning for warning in volume.warnings)


def test_a_relative_dose_is_said_to_be_one(tmp_path: Path) -> None:
    volume = made(tmp_path, DoseUnits="RELATIVE")
    assert volume.quantity.unit == "" and "not Gy" in volume.warnings[0]


def test_a_dose_of_no_stated_unit_or_of_another_kind(tmp_path: Path) -> None:
    assert made(tmp_path, DoseUnits=None).warnings == ("The Dose Units are missing; Gy is assumed.",)
    assert "biologically effective" in made(tmp_path, DoseType="EFFECTIVE").warnings[0]


@pytest.mark.parametrize("scaling", [None, 0, "-1"])
def test_a_dose_without_scaling_is_refused(scaling: Any, tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="without Dose Grid Scaling, so its numbers cannot be converted to Gy"):
        made(tmp_path, DoseGridScaling=scaling)


def test_contradicting_positions_of_a_dose_are_told(tmp_path: Path) -> None:
    assert "the position is used" in made(tmp_path, GridFrameOffsetVector=[100, 103, 106, 109]).warnings[0]


def test_a_real_dose_is_what_pydicom_says_times_its_scaling() -> None:
    path = real_data("derived", "dicompyler-core", "rtdose.dcm")
    dataset = dcmread(path)
    volume = volume_of(path)
    np.testing.assert_allclose(volume.voxels, dataset.pixel_array * float(dataset.DoseGridScaling), rtol=1e-6)


def source(count: int = 3) -> list[Dataset]:
    empty = dict.fromkeys(("AccessionNumber", "ReferringPhysicianName", "StudyID", "PositionReferenceIndicator", "SeriesTime", "Manufacturer"), "")
    pixels = np.zeros((4, 6), np.uint16)
    return [image(number=n, pixels=pixels, ImagePositionPatient=[5, 6, 2.5 * n], **empty) for n in range(1, count + 1)]


def parametric_map(tmp_path: Path, values: np.ndarray, slope: float = 1.0, intercept: float = 0.0) -> Path:
    """By highdicom; ``values`` (k, j, i) as they are stored."""
    from pydicom.sr.codedict import codes

    mapping = highdicom.pm.RealWorldValueMapping(
        lut_label="ADC",
        lut_explanation="Apparent diffusion",
        unit=codes.UCUM.SquareMillimeterPerSecond,
        value_range=(float(values.min()), float(values.max())) if values.dtype.kind == "f" else (int(values.min()), int(values.max())),
        slope=slope,
        intercept=intercept,
        quantity_definition=codes.DCM.ApparentDiffusionCoefficient,
    )
    made = highdicom.pm.ParametricMap(
        source(len(values)),
        values,
        series_instance_uid=f"{ROOT}.77",
        series_number=7,
        sop_instance_uid=f"{ROOT}.77.1",
        instance_number=1,
        manufacturer="Tests",
        manufacturer_model_name="Tests",
        software_versions="1",
        device_serial_number="1",
        contains_recognizable_visual_features=False,
        real_world_value_mappings=[mapping],
        voi_lut_transformations=[highdicom.VOILUTTransformation(window_center=float(values.mean()), window_width=float(np.ptp(values)) or 1.0)],
    )
    made.save_as(tmp_path / "map.dcm")
    return tmp_path / "map.dcm"


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32, np.float64])
def test_parametric_maps_of_every_kind_agree_with_highdicom(kind: Any, tmp_path: Path) -> None:
    values = (np.arange(72).reshape(3, 4, 6) * (1 if np.dtype(kind).kind == "u" else 0.0009765625)).astype(kind)
    path = parametric_map(tmp_path, values, 0.5, 2.0)
    volume = volume_of(path)
    assert volume.quantity.name == "Apparent Diffusion Coefficient" and volume.quantity.unit == "mm2/s"
    assert volume.quantity.name_code is not None and volume.quantity.name_code["value"] == "113041"
    is_whole = np.dtype(kind).kind == "u"
    # highdicom 0.28 does not apply maps to floats, and orders slices the other way.
    theirs = highdicom.imread(path).get_volume(apply_real_world_transform=is_whole)
    array = np.asarray(theirs.array) if is_whole else np.asarray(theirs.array) * 0.5 + 2.0
    assert volume.voxels == pytest.approx(array[:: int(np.sign(theirs.affine[2, 0]))], rel=1e-6)
    assert volume.voxels == pytest.approx(values * 0.5 + 2.0, rel=1e-6)


def test_doubles_stay_doubles(tmp_path: Path) -> None:
    values = np.linspace(0, 1, 72).reshape(3, 4, 6)
    assert volume_of(parametric_map(tmp_path, values)).voxels.dtype == np.float64


def test_frames_of_a_map_have_their_own_scale(tmp_path: Path) -> None:
    dataset = dcmread(parametric_map(tmp_path, np.full((3, 4, 6), 10, np.uint16)))
    shared = dataset.SharedFunctionalGroupsSequence[0]
    (item,) = shared.RealWorldValueMappingSequence
    del shared.RealWorldValueMappingSequence
    for number, group in enumerate(dataset.PerFrameFunctionalGroupsSequence, 1):
        own = Dataset()
        own.update(item)
        own.RealWorldValueSlope = float(number)
        group.RealWorldValueMappingSequence = Sequence([own])
    dataset.save_as(tmp_path / "own.dcm")
    assert sorted(volume_of(tmp_path / "own.dcm").voxels[:, 0, 0].tolist()) == [10.0, 20.0, 30.0]


def test_a_map_with_a_table(tmp_path: Path) -> None:
    dataset = dcmread(parametric_map(tmp_path, np.full((1, 4, 6), 5, np.uint16)))
    (item,) = dataset.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence
    del item.RealWorldValueSlope, item.RealWorldValueIntercept
    item.RealWorldValueFirstValueMapped, item.RealWorldValueLastValueMapped = 4, 6
    item.RealWorldValueLUTData = [0.25, 0.5, 1.0]
    dataset.save_as(tmp_path / "table.dcm")
    assert volume_of(tmp_path / "table.dcm").voxels.tolist() == np.full((1, 4, 6), 0.5).tolist()


def test_a_map_that_does_not_say_what_it_maps_is_refused(tmp_path: Path) -> None:
    path = save(image(SOPClassUID=ParametricMapStorage), tmp_path / "map.dcm")
    with pytest.raises(ConversionError, match="parametric map without a Real World Value Mapping"):
        volume_of(path)


def test_a_real_float_map() -> None:
    volume = volume_of(real_data("pydicom-data", "data_store", "data", "parametric_map_float.dcm"))
    assert volume.voxels.max() == pytest.approx(0.9416, abs=1e-4) and volume.voxels.shape == (1, 128, 128)


def test_hounsfield_units_are_stated_or_follow_from_ct(tmp_path: Path) -> None:
    assert volume_of(save(image(RescaleType="HU"), tmp_path / "1.dcm")).quantity.unit == "HU"
    assert volume_of(save(image(), tmp_path / "2.dcm")).quantity.unit == "HU"
    assert volume_of(save(image(RescaleType="MGML"), tmp_path / "3.dcm")).quantity.unit == "MGML"
    assert volume_of(save(image(Modality="MR", RescaleType="US"), tmp_path / "4.dcm")).quantity.unit == ""


def test_colors_are_red_green_and_blue(tmp_path: Path) -> None:
    pixels = np.zeros((4, 6, 3), np.uint8)
    pixels[..., 0], pixels[1, 2] = 200, (10, 20, 30)
    dataset = image(pixels=pixels, SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0, SOPClassUID=CTImageStorage)
    volume = volume_of(save(dataset, tmp_path / "rgb.dcm"))
    assert volume.voxels.shape == (1, 4, 6, 3)
    assert volume.voxels[0, 1, 2].tolist() == [10, 20, 30] and volume.voxels[0, 0, 0].tolist() == [200, 0, 0]


@pytest.mark.parametrize("name", ["examples_ybr_color.dcm", "SC_rgb_rle_2frame.dcm", "SC_rgb_jpeg_dcmtk.dcm", "examples_palette.dcm"])
def test_real_colors_of_every_encoding_become_bytes(name: str) -> None:
    volume = volume_of(real_data("pydicom", "test_files", name))
    assert volume.voxels.ndim == 4 and volume.voxels.dtype == np.uint8 and np.ptp(volume.voxels) > 0


def test_an_ultrasound_image_has_the_spacing_of_its_region(tmp_path: Path) -> None:
    region = Dataset()
    region.RegionSpatialFormat, region.PhysicalUnitsXDirection, region.PhysicalUnitsYDirection = 1, 3, 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.02, 0.03
    dataset = image(Modality="US", PixelSpacing=None, ImagePositionPatient=None, SequenceOfUltrasoundRegions=Sequence([region]))
    assert volume_of(save(dataset, tmp_path / "us.dcm")).geometry.spacing[:2] == pytest.approx((0.2, 0.3))
