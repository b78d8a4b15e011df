"""The quick header reader of images says exactly what pydicom says, or leaves the file to it."""

import subprocess
import sys
from pathlib import Path

import pytest
from helpers.dicom_files import image, save, write_stack
from helpers.real_data import real_data
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from IDCBrowserLib.task import Task
from IDCBrowserLib.volume import frames
from IDCBrowserLib.volume.frames import Frame, read_frames
from IDCBrowserLib.volume.lean_image import open_lean_image


def both(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Frame], list[Frame]]:
    """Frames as read now, and as read with pydicom alone."""
    quick = read_frames([path], Task())[0]
    with monkeypatch.context() as patch:
        patch.setattr(frames, "open_lean_image", lambda path: None)
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
        "highdicom/data/test_files",
        "dcmqi",
        "innereye-dl",
    ],
)
def test_real_images_give_the_same_frames(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quickly_read = 0
    for path in sorted(real_data(folder).rglob("*.dcm"))[:60]:
        quick, slow = both(path, monkeypatch)
        assert quick == slow, path
        quickly_read += open_lean_image(str(path)) is not None
    assert quickly_read


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_other_encodings_and_phase_labels_give_the_same_frames(syntax: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = image(ImageType=["ORIGINAL", "PRIMARY", "M "], EchoTime="4.60 ", TemporalPositionIdentifier=3, DiffusionBValue=1000.0, TriggerTime=12.5)
    dataset.file_meta.TransferSyntaxUID = syntax
    quick, slow = both(save(dataset, tmp_path / "a.dcm"), monkeypatch)
    assert quick == slow
    assert quick[0].labels["DiffusionBValue"] == "1000.0"


def test_names_beyond_ascii_are_left_to_pydicom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(image(SpecificCharacterSet="ISO_IR 192", PatientName="Müller^Jörg"), tmp_path / "a.dcm")
    assert open_lean_image(str(path)) is None
    quick, slow = both(path, monkeypatch)
    assert quick == slow
    assert quick[0].series.patient_name == "Müller^Jörg"


def test_a_plain_series_needs_no_pydicom(tmp_path: Path) -> None:
    write_stack(tmp_path, [(0, 0, n) for n in range(3)])
    code = (
        "import sys, pathlib; from IDCBrowserLib.volume.read_grids import read_image_grids;"
        "grids = read_image_grids(sorted(pathlib.Path(sys.argv[1]).iterdir())); print(len(grids), 'pydicom' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["1", "False"]
