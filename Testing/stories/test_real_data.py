"""The whole way on real patients: a breast MR with its SEG found in the real catalog, and a CT with its RTSTRUCT from a folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.hands import Hands
from helpers.real_bucket import UCSF_BR_06_VOXELS, real_bucket
from helpers.real_data import real_data

from IDCBrowserLib.host.standalone.window import WindowConfig

pytestmark = pytest.mark.real_data
OpenWindow = Callable[[WindowConfig], Hands]


def config(folder: Path, endpoint_url: str = "") -> WindowConfig:
    return WindowConfig(
        endpoint_url=endpoint_url or None,
        download_folder=str(folder / "downloads"),
        database=str(folder / "database"),
        settings_file=str(folder / "settings.ini"),
    )


def wait_for_the_job(hands: Hands) -> None:
    hands.wait(lambda: not hands.program.browser.downloads.state.running and hands.message().strip() != "", "the end of the download", 180)


def nodes(hands: Hands, node_class: str) -> list[Any]:
    scene = hands.program.scene.scene
    return [scene.GetNthNodeByClass(n, node_class) for n in range(scene.GetNumberOfNodesByClass(node_class))]


def test_a_breast_mr_is_found_among_a_million_series_and_loaded_with_its_seg(open_window: OpenWindow, tmp_path: Path) -> None:
    from slicer.util import arrayFromVolume

    with real_bucket(tmp_path) as bucket:
        hands = open_window(config(tmp_path, bucket.endpoint_url))
        hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
        hands.type_into("collectionsFilter", "breast_mri_nact")
        hands.wait(lambda: hands.rows("collections") == 1, "the collection")
        hands.click_row("collections", 0)
        hands.wait(lambda: hands.rows("cases") == 64, "its 64 cases")
        hands.type_into("casesFilter", "UCSF-BR-06")
        hands.wait(lambda: hands.rows("cases") == 1, "the case")
        hands.click_row("cases", 0)
        study = bucket.series["SEG"].study_instance_uid
        hands.wait(lambda: hands.rows("studies") > 0, "its studies")
        hands.click_row("studies", hands.find_row("studies", study))
        hands.wait(lambda: hands.rows("series") > 0, "the series")
        hands.click_row("series", hands.find_row("series", bucket.series["SEG"].series_instance_uid))
        hands.wait(lambda: hands.selected_series() == 1, "the SEG selected")
        hands.press("downloadAndLoadButton")
        wait_for_the_job(hands)
        hands.photograph("real-breast-mr")
        (volume,) = nodes(hands, "vtkMRMLLabelMapVolumeNode")
        assert np.count_nonzero(arrayFromVolume(volume)) == UCSF_BR_06_VOXELS
        images = {node.GetName() for node in nodes(hands, "vtkMRMLScalarVolumeNode")} - {volume.GetName()}
        assert len(images) >= 1, "the MR came with it"


def test_a_ct_folder_with_its_structure_set_equals_the_published_mask(open_window: OpenWindow, tmp_path: Path) -> None:
    import nibabel
    from slicer.util import arrayFromVolume, arrayFromVTKMatrix
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    folder = real_data("ibsi_validation", "dicom", "STS_002", "CT")
    mask = nibabel.load(real_data("ibsi_validation", "nifti", "STS_002", "CT_mask.nii.gz"))
    hands = open_window(config(tmp_path))
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.choose_folder_next(folder)
    hands.trigger("openFolderAction")
    hands.wait(lambda: hands.program.browser.downloads.state.running, "the download")
    wait_for_the_job(hands)
    assert "loaded" in hands.message()
    hands.photograph("real-ct-rtstruct")
    (volume,) = nodes(hands, "vtkMRMLLabelMapVolumeNode")
    matrix = vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    labels = arrayFromVolume(volume)
    where = np.argwhere(np.asarray(mask.dataobj) > 0)
    ras = where @ mask.affine[:3, :3].T + mask.affine[:3, 3]
    to_ijk = np.linalg.inv(arrayFromVTKMatrix(matrix))
    ijk = np.rint(ras @ to_ijk[:3, :3].T + to_ijk[:3, 3]).astype(int)
    assert np.count_nonzero(labels) == len(where)
    assert np.all(labels[ijk[:, 2], ijk[:, 1], ijk[:, 0]] > 0)
