"""CT, PET, dose, a surface and a registration of one study, opened together: each is what it is, one over the other."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from helpers.dicom_files import save
from helpers.dose_files import dose_beside
from helpers.hands import Hands
from helpers.pet_files import pet_image
from helpers.spatial_files import registration_object, stl_object
from pydicom import dcmread

from IDCBrowserLib.demo.world import World


def study(folder: Path, world: World) -> None:
    """The phantom's CT with what was made of it."""
    folder.mkdir()
    ct = next(series.files for series in world.series if series.key == "ct")
    for path in ct:
        shutil.copy(path, folder)
    header = dcmread(ct[0], stop_before_pixels=True)
    same = {name: header[name].value for name in ("StudyInstanceUID", "PatientID", "PatientName", "FrameOfReferenceUID")}
    dose = dcmread(dose_beside(folder / "dose.dcm", ct))
    dose.SeriesInstanceUID, dose.SOPInstanceUID, dose.PatientName = (
        f"{header.SeriesInstanceUID}.1",
        f"{header.SeriesInstanceUID}.1.1",
        header.PatientName,
    )
    dose.save_as(folder / "dose.dcm")
    low = min(float(dcmread(path, stop_before_pixels=True).ImagePositionPatient[2]) for path in ct)
    for number in range(1, 7):
        place = [float(header.ImagePositionPatient[0]), float(header.ImagePositionPatient[1]), low + 40.0 * (number - 1)]
        pixels = np.full((24, 24), 1000 * number, np.int16)
        pet = pet_image(number, pixels, series=72, ImagePositionPatient=place, PixelSpacing=[16, 16], SliceThickness=40, **same)
        save(pet, folder / f"pet{number}.dcm")
    save(stl_object(series=73, **same), folder / "surface.dcm")
    shift = [1, 0, 0, 10, 0, 1, 0, 20, 0, 0, 1, 30, 0, 0, 0, 1]
    own = {name: value for name, value in same.items() if name != "FrameOfReferenceUID"}
    save(registration_object([shift], header.FrameOfReferenceUID, "1.2.3.4", series=74, **own), folder / "registration.dcm")


def test_a_study_of_all_kinds_is_arranged(hands: Hands, world: World, tmp_path: Path) -> None:
    study(tmp_path / "study", world)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.choose_folder_next(tmp_path / "study")
    hands.trigger("openFolderAction")
    hands.wait(lambda: "load" in hands.program.browser.downloads.documents, "everything loaded")
    results = hands.program.browser.downloads.documents["load"]
    assert len(results) == 5 and [result.error for result in results] == [""] * 5
    views, scene = hands.program.views, hands.program.scene
    units = {
        node.GetAttribute("IDCBrowser.Kind") or "image": node.GetAttribute("IDCBrowser.Units") for node in scene.nodes("vtkMRMLScalarVolumeNode")
    }
    assert units == {"image": "HU", "dose": "Gy", "pet": "g/ml"}
    below, above = views.axial.background(), views.axial.logic.GetForegroundLayer().GetVolumeNode()
    assert below.GetAttribute("IDCBrowser.Units") == "HU" and above.GetAttribute("IDCBrowser.Kind") in ("dose", "pet")
    (surface,) = scene.nodes("vtkMRMLSegmentationNode")
    assert surface.GetSegmentation().GetSegment("Segment_1").GetName() == "STL surface of prostate"
    views.apply_registrations(True)
    assert below.GetParentTransformNode() is not None
    views.apply_registrations(False)
    assert below.GetParentTransformNode() is None
