"""The header reader of images says exactly what pydicom says."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
from helpers.dicom_files import image, save, write_stack
from helpers.real_data import real_data
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from IDCBrowserLib.dicom.with_pydicom import quietly
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume import frames
from IDCBrowserLib.volume.frames import Frame, read_frames
from IDCBrowserLib.volume.image_header import open_image_header


class PydicomHeader:
    """The same questions, answered by pydicom."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset

    def __contains__(self, keyword: str) -> bool:
        return keyword in self._dataset

    def get(self, keyword: str) -> Any:
        value = self._dataset.get(keyword)
        return [PydicomHeader(item) for item in value] if keyword.endswith("Sequence") and value is not None else value

    def items(self, keyword: str) -> Iterator[Any]:
        return iter(self.get(keyword) or [])

    def first(self, keyword: str) -> Any:
        return next(self.items(keyword), None)

    def nested(self, keyword: str) -> Any:
        for element in self._dataset:
            if element.VR == "SQ" and element.value and keyword in element.value[0]:
                return PydicomHeader(element.value[0])
        return None


def opened_by_pydicom(path: str) -> PydicomHeader:
    try:
        dataset = pydicom.dcmread(path, stop_before_pixels=True, force=True)
        if "SOPInstanceUID" not in dataset or "SOPClassUID" not in dataset:
            raise ValueError
    except Exception as error:
        raise ConversionError("pydicom does not read it") from error
    return PydicomHeader(dataset)


def both(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Frame], list[Frame]]:
    """Frames as read by this program, and with pydicom."""
    quick = read_frames([path], Task())[0]
    with monkeypatch.context() as patch, quietly():
        patch.setattr(frames, "open_image_header", opened_by_pydicom)
        return quick, read_frames([path], Task())[0]


@pytest.mark.parametrize(
    "folder",
    [
        "mirp/dce_images_mr/UCSF-BR-06/image_dce_3dfgre_orig",
        "slicer/Input",
        "ibsi_validation/dicom",
        "torchio",
        "dicom2nifti",
        "rt-utils",
        "pydicom/test_files",
        "pydicom/charset_files",
        "pydicom-data/data_store/data",
        "highdicom/data/test_files",
        "dcmqi",
        "innereye-dl",
        "derived/dicompyler-core",
        "reports",
    ],
)
def test_real_images_give_the_same_frames(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = sorted(real_data(folder).rglob("*.dcm"))[:60]
    for path in paths:
        quick, slow = both(path, monkeypatch)
        assert quick == slow, path
    assert paths


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_other_encodings_and_phase_labels_give_the_same_frames(syntax: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = image(ImageType=["ORIGINAL", "PRIMARY", "M "], EchoTime="4.60 ", TemporalPositionIdentifier=3, DiffusionBValue=1000.0, TriggerTime=12.5)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset["PixelData"].VR = "OW"
    quick, slow = both(save(dataset, tmp_path / "a.dcm"), monkeypatch)
    assert quick == slow
    assert quick[0].labels["DiffusionBValue"] == "1000.0"


def test_names_beyond_ascii_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(image(SpecificCharacterSet="ISO_IR 192", PatientName="Müller^Jörg"), tmp_path / "a.dcm")
    quick, slow = both(path, monkeypatch)
    assert quick == slow
    assert quick[0].series.patient_name == "Müller^Jörg"


def test_a_keyword_that_the_reader_does_not_know_is_a_mistake_of_the_program(tmp_path: Path) -> None:
    header = open_image_header(save(image(), tmp_path / "a.dcm"))
    with pytest.raises(KeyError):
        header.get("PixelSpacings")


def test_a_series_needs_no_pydicom(tmp_path: Path) -> None:
    write_stack(tmp_path, [(0, 0, n) for n in range(3)])
    code = (
        "import sys, pathlib; from IDCBrowserLib.volume.read_grids import read_image_grids;"
        "grids = read_image_grids(sorted(pathlib.Path(sys.argv[1]).iterdir())); print(len(grids), 'pydicom' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["1", "False"]
