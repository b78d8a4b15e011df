"""Real World Value Mapping objects beside a PET series: applied where they fit, refused where they contradict it."""

from pathlib import Path

import pytest
from helpers.dicom_files import image, save
from helpers.pet_files import pet_series
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import RealWorldValueMappingStorage

from IDCBrowserLib.pet.convert import to_suv
from IDCBrowserLib.volume.pixels import read_volume
from IDCBrowserLib.volume.read_grids import read_image_grids

EXPECTED = 70_000 / (350e6 * 2 ** (-3600 / 6586.2))


def mapping(folder: Path, images: list[Path], factor: float, unit: str = "{SUVbw}g/ml") -> str:
    item, code, group = Dataset(), Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = unit, "UCUM", "Standardized Uptake Value body weight"
    item.MeasurementUnitsCodeSequence = Sequence([code])
    item.RealWorldValueSlope, item.RealWorldValueIntercept = factor, 0.0
    item.LUTLabel = "SUVbw"
    references = []
    for path in images:
        reference = Dataset()
        reference.ReferencedSOPInstanceUID = dcmread(path).SOPInstanceUID
        references.append(reference)
    group.ReferencedImageSequence = Sequence(references)
    group.RealWorldValueMappingSequence = Sequence([item])
    dataset = image(series=9, SOPClassUID=RealWorldValueMappingStorage, Modality="RWV")
    dataset.ReferencedImageRealWorldValueMappingSequence = Sequence([group])
    return str(save(dataset, folder / "rwv.dcm"))


def converted(images: list[Path], path: str):
    (grid,) = read_image_grids(images)
    return to_suv(read_volume(grid), "bw", mappings=[path])


@pytest.mark.parametrize("unit", ["{SUVbw}g/ml", "g/ml{SUVbw}"])
def test_a_factor_that_agrees_changes_nothing(unit: str, tmp_path: Path) -> None:
    images = pet_series(tmp_path, RescaleSlope=0.5)
    for factor in (EXPECTED, EXPECTED * 0.5):
        found = converted(images, mapping(tmp_path, images, factor, unit))
        assert found.factor is not None and found.factor.factor == pytest.approx(EXPECTED) and found.volume.warnings == ()


def test_a_factor_that_contradicts_the_images_is_refused(tmp_path: Path) -> None:
    images = pet_series(tmp_path)
    found = converted(images, mapping(tmp_path, images, 2 * EXPECTED))
    assert found.factor is not None and found.factor.factor == pytest.approx(EXPECTED)
    assert "contradicts them and is not used" in found.volume.warnings[-1]


def test_a_factor_helps_where_the_weight_is_missing(tmp_path: Path) -> None:
    images = pet_series(tmp_path, PatientWeight=None)
    found = converted(images, mapping(tmp_path, images, 0.0004))
    assert found.factor is not None and found.factor.factor == 0.0004
    assert found.volume.warnings[-1] == "The factor is that of a Real World Value Mapping object, since the Patient's Weight is missing."


def test_a_factor_replaces_no_correction(tmp_path: Path) -> None:
    """As in a published series of uncorrected images (PROPCNTS) whose mapping states a factor all the same."""
    for elements in ({"CorrectedImage": ["DECY"]}, {"Units": "PROPCNTS", "CorrectedImage": ["DECY"]}, {"Units": "PROPCNTS"}):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        images = pet_series(folder, **elements)
        assert converted(images, mapping(folder, images, 0.0004)).factor is None


def test_where_it_is_not_clear_to_which_values_a_factor_belongs_there_is_none(tmp_path: Path) -> None:
    images = pet_series(tmp_path, PatientWeight=None, RescaleSlope=0.5)
    found = converted(images, mapping(tmp_path, images, 0.0004))
    assert "does not say whether its factor is for stored or for rescaled values" in found.reason


def test_the_mapping_of_other_images_does_not_count(tmp_path: Path) -> None:
    images = pet_series(tmp_path, PatientWeight=None)
    found = converted(images[:2], mapping(tmp_path, images[2:], 0.0004))
    assert found.reason == "the Patient's Weight is missing"
