"""CT and MR in Slicer: read by the engine where Slicer's own reader makes the same, else by its plugins."""

from __future__ import annotations

import os

import numpy as np
import pydicom
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6")
pytest.importorskip("slicer")

from helpers.fake_host import FakeEngine
from helpers.fake_images import CT, FakeImages
from helpers.fake_slicer import FakeSlicer
from helpers.made_volumes import AXIAL, image
from PySide6 import QtCore

from IDCBrowserLib.dicom.sop_classes import PARAMETRIC_MAP
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.host.loading.scene_loader import LoadedImages
from IDCBrowserLib.host.slicer.dicom.plain_images import PlainImages, _Watched
from IDCBrowserLib.host.slicer.views.look_settings import Look
from IDCBrowserLib.host_interface import LoadRequest
from IDCBrowserLib.scene.hierarchy import subject_hierarchy
from IDCBrowserLib.scene.segments.labelmap_nodes import add_labelmap
from IDCBrowserLib.scene.segments.segmentation import reference_volume

REQUEST = LoadRequest(CT, "1.2.3", "P1", "CT")


class Plugins:
    """Remembers what it was asked to load."""

    def __init__(self):
        self.asked = []

    def load_images(self, request, files, on_done, on_error, on_progress):
        self.asked.append(request.series_uid)
        on_done(LoadedImages(()))


class Bench:
    def __init__(self, scene, folder):
        self.images = FakeImages(folder)
        self.engine = FakeEngine(self.images.handlers())
        self.plugins, self.own, self.seen, self.done, self.errors = Plugins(), Plugins(), [], [], []
        self.loader = PlainImages(scene, self.engine.client, self.plugins, self.own, self.seen.append)

    def load(self, request=REQUEST, files=("/ct/1.dcm",)):
        work = self.loader.load_images(request, list(files), self.done.append, self.errors.append, lambda _progress: None)
        self.engine.settle()
        return work


@pytest.fixture
def slicer_(app, monkeypatch, tmp_path):
    fake = FakeSlicer(tmp_path / "database").install(monkeypatch, tmp_path / "settings")
    QtCore.QSettings().clear()
    return fake


@pytest.fixture
def bench(slicer_, tmp_path):
    return Bench(slicer_.scene, tmp_path)


def test_a_plain_series_becomes_what_slicers_plugin_makes(slicer_, bench):
    from vtkmodules.util.numpy_support import vtk_to_numpy

    bench.load()
    ((node,),) = [loaded.nodes for loaded in bench.done]
    voxels = vtk_to_numpy(node.GetImageData().GetPointData().GetScalars()).reshape(AXIAL.shape)
    np.testing.assert_array_equal(voxels, image())
    assert node.GetName() == "3: CT axial" and bench.plugins.asked == []
    assert node.GetAttribute("DICOM.instanceUIDs").split()[:2] == [f"{CT}.0", f"{CT}.1"]
    assert node.GetAttribute("DICOM.instanceNumbers").split() == [str(k + 1) for k in range(AXIAL.shape[0])]
    assert node.GetVoxelValueUnits().GetCodeValue() == "[hnsf'U]"
    display = node.GetDisplayNode()
    assert (display.GetWindow(), display.GetLevel(), display.GetNumberOfWindowLevelPresets()) == (400, 40, 2)
    hierarchy = subject_hierarchy(slicer_.scene)
    item = hierarchy.GetItemByDataNode(node)
    assert hierarchy.GetItemUID(item, "DICOM") == CT and hierarchy.GetItemUID(item, "DICOMInstanceUID").split()[0] == f"{CT}.0"
    assert hierarchy.GetItemName(hierarchy.GetItemParent(item)) == "Abdomen (2020-01-31)"


def test_a_map_that_the_catalog_calls_mr_is_read_by_the_engine_as_the_quantity_it_measures(slicer_, bench, tmp_path):
    path = tmp_path / "map.dcm"
    made = pydicom.dcmread(pydicom.data.get_testdata_file("CT_small.dcm"))
    made.SOPClassUID, made.Modality = PARAMETRIC_MAP, "MR"
    made.save_as(path)
    slicer_.database.insert(str(path))
    bench.load(LoadRequest(CT, modality="MR"), [str(path)])
    assert bench.own.asked == [CT] and bench.plugins.asked == [] and bench.engine.process.calls("volume.plain") == []
    bench.load(LoadRequest(CT, modality="MR"))
    assert bench.own.asked == [CT] and len(bench.engine.process.calls("volume.plain")) == 1


def test_a_series_without_a_window_gets_one_that_fits_its_voxels_and_ct_that_of_soft_tissue(slicer_, bench):
    bench.images.plain_windows = []
    QtCore.QSettings().setValue(Look.WINDOW.value, False)
    bench.load()
    display = bench.done[0].nodes[0].GetDisplayNode()
    low, high = np.percentile(image(), (0.1, 99.9))
    assert not display.GetAutoWindowLevel() and display.GetNumberOfWindowLevelPresets() == 0
    assert display.GetWindow() == pytest.approx(high - low) and display.GetLevel() == pytest.approx((low + high) / 2)
    QtCore.QSettings().setValue(Look.WINDOW.value, True)
    bench.load()
    display = bench.done[1].nodes[0].GetDisplayNode()
    assert (display.GetWindow(), display.GetLevel()) == (400, 40), "CT is measured in a known unit"


def test_a_window_that_the_user_chooses_while_slices_come_stays(bench):
    bench.images.plain_windows = []
    QtCore.QSettings().setValue(Look.WINDOW.value, False)
    bench.load()
    watched = _Watched(bench.done[0].nodes[0], lambda _node: None, lambda _progress: None, True)
    display = bench.done[0].nodes[0].GetDisplayNode()
    display.SetWindowLevel(77, 7)
    watched.look(whole=True)
    assert (display.GetWindow(), display.GetLevel()) == (77, 7)


def test_it_is_seen_once(bench):
    bench.load()
    assert len(bench.seen) == 1 and bench.seen[0] is bench.done[0].nodes[0]


def test_what_is_not_plain_is_left_to_the_plugins(slicer_, bench):
    bench.images.is_plain = False
    bench.load()
    assert bench.plugins.asked == [CT] and slicer_.scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 0


def test_phases_are_read_by_the_engine_which_makes_a_sequence_of_them(slicer_, bench):
    bench.images.has_phases = True
    bench.load()
    assert bench.own.asked == [CT] and bench.plugins.asked == []
    assert len(bench.done) == 1 and not bench.errors


def test_a_slice_that_is_stored_in_another_way_leaves_no_half_volume(slicer_, bench):
    bench.images.cannot_fill = "one slice is scaled in another way"
    bench.load()
    assert bench.plugins.asked == [CT] and slicer_.scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 0
    assert len(bench.done) == 1 and not bench.errors


@pytest.mark.parametrize("request_", [LoadRequest(CT, modality="US"), LoadRequest(CT, modality="CT", sop_class_uid="1.2.840.10008.5.1.4.1.1.2.1")])
def test_other_kinds_are_not_even_asked_about(bench, request_):
    bench.load(request_)
    assert bench.plugins.asked == [CT] and bench.engine.process.asked == []


def test_canceling_leaves_no_half_volume(slicer_, bench):
    bench.engine.process.hold("volume.fill")
    work = bench.load()
    assert slicer_.scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 1
    work.cancel()
    bench.engine.settle()
    assert slicer_.scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 0 and bench.done == [] and bench.errors == []


def test_an_error_of_the_plugins_is_told(bench):
    def fail(_request, _files, _done, on_error, _progress):
        on_error(ConversionError("no plugin"))

    bench.images.is_plain = False
    bench.plugins.load_images = fail
    bench.load()
    assert [str(error) for error in bench.errors] == ["no plugin"]


def test_an_image_that_comes_later_becomes_the_reference_of_its_segmentation(app, tmp_path):
    from helpers.made_volumes import labelmap

    from IDCBrowserLib.host.standalone.scene import StandaloneScene

    host = StandaloneScene()
    made = add_labelmap(host.scene, labelmap(referenced_instance_uids=(f"{CT}.0", f"{CT}.1")), "1.2.3.4", [])
    assert reference_volume(made.segmentation) is None
    from IDCBrowserLib.scene.hierarchy import SeriesPlace, add_series_item
    from IDCBrowserLib.scene.volumes import add_scalar_volume

    volume = add_scalar_volume(host.scene, image(), AXIAL, "CT")
    add_series_item(host.scene, SeriesPlace(CT, "1.2.3", "P1", instance_uids=(f"{CT}.0", f"{CT}.1")), volume)
    assert reference_volume(made.segmentation) is volume
    host.release()
