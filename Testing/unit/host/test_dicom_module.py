"""Loading by Slicer's own DICOM module: whatever is selected and ticked there, an image comes whole and once."""

from __future__ import annotations

import itertools
import os

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6")
pytest.importorskip("slicer")

from helpers.fake_dicom_module import FakeDicomBrowser
from helpers.fake_slicer import FakeSlicer
from PySide6 import QtCore

from IDCBrowserLib.host.slicer.dicom import dicom_setting, load_as
from IDCBrowserLib.scene.hierarchy import SeriesPlace, add_series_item
from IDCBrowserLib.scene.provenance import nodes_of_series

KEYS = ("ct", "seg_binary", "seg_labelmap", "rtstruct")
CHOSEN = [keys for count in range(1, 5) for keys in itertools.combinations(KEYS, count)]


@pytest.fixture
def slicer_(app, monkeypatch, tmp_path):
    fake = FakeSlicer(tmp_path / "database").install(monkeypatch, tmp_path / "settings")
    QtCore.QSettings().clear()
    return fake


@pytest.fixture
def images():
    """The files of each volume that the plugin for images made."""
    return []


@pytest.fixture
def open_browser(slicer_, series, images):
    """The browser over a database with the phantom's CT and what was drawn on it, but for ``without``."""

    def add_volume(files):
        images.append(list(files))
        node = slicer_.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
        uids = tuple(slicer_.database.instanceForFile(path) for path in files)
        add_series_item(slicer_.scene, SeriesPlace(slicer_.database.fileValue(files[0], "0020,000E"), instance_uids=uids), node)
        return node

    def opened(answer=True, untick=(), without=()):
        for key in KEYS:
            for path in () if key in without else series[key].files:
                slicer_.database.insert(str(path))
        browser = FakeDicomBrowser(slicer_, add_volume, answer, untick)
        dicom_setting.apply()
        return browser

    return opened


def _uids(series, keys):
    return [series[key].series_instance_uid for key in keys]


@pytest.mark.parametrize("untick", [(), (load_as.SEGMENTATION_PLUGIN,)], ids=["ours", "Slicer's"])
@pytest.mark.parametrize("keys", CHOSEN, ids=["+".join(keys) for keys in CHOSEN])
def test_the_image_comes_whole_and_once_without_a_question(open_browser, series, images, keys, untick):
    browser = open_browser(untick=untick)
    browser.load(*_uids(series, keys))
    assert [sorted(files) for files in images] == [sorted(map(str, series["ct"].files))]
    assert browser.questions == 0


@pytest.mark.parametrize("keys", CHOSEN, ids=["+".join(keys) for keys in CHOSEN])
def test_each_object_is_loaded_once(slicer_, open_browser, series, keys):
    browser = open_browser()
    for _ in range(2):
        browser.load(*_uids(series, keys))
    drawn = [key for key in keys if key != "ct"]
    assert slicer_.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == len(drawn)
    for key in drawn:
        assert nodes_of_series(slicer_.scene, series[key].series_instance_uid)


def test_the_image_is_in_the_scene_before_what_was_drawn_on_it(slicer_, open_browser, series):
    open_browser().load(series["seg_binary"].series_instance_uid)
    segmentation = slicer_.scene.GetFirstNodeByClass("vtkMRMLSegmentationNode")
    (image,) = nodes_of_series(slicer_.scene, series["ct"].series_instance_uid)
    hierarchy = slicer_.scene.GetSubjectHierarchyNode()
    assert hierarchy.GetItemAttribute(hierarchy.GetItemByDataNode(segmentation), "DICOM.ReferencedInstanceUIDs").split()[0] in image.GetAttribute(
        "DICOM.instanceUIDs"
    )
    assert next(iter(slicer_.modules.dicomPlugins)) == load_as.IMAGE_PLUGIN


def test_an_image_that_is_in_the_scene_is_neither_asked_about_nor_loaded_again(open_browser, series, images):
    browser = open_browser()
    browser.load(series["ct"].series_instance_uid)
    browser.load(series["seg_binary"].series_instance_uid)
    assert len(images) == 1 and browser.questions == 0


def test_who_never_wants_references_gets_none(open_browser, series, images):
    QtCore.QSettings().setValue("DICOM/automaticallyLoadReferences", 65536)
    open_browser(answer=False).load(series["rtstruct"].series_instance_uid)
    assert images == []


def test_without_our_plugins_slicer_asks_as_ever(open_browser, series, images):
    QtCore.QSettings().setValue(dicom_setting.SETTING, "false")
    browser = open_browser()
    browser.load(series["seg_binary"].series_instance_uid)
    assert browser.questions == 1 and len(images) == 1


def test_a_seg_whose_image_the_database_lacks_is_loaded_alone(slicer_, open_browser, series, images):
    open_browser(without=("ct",)).load(series["seg_binary"].series_instance_uid)
    assert images == [] and nodes_of_series(slicer_.scene, series["seg_binary"].series_instance_uid)


def test_a_seg_that_slicers_own_plugin_loaded_is_not_loaded_again(slicer_, open_browser, series, monkeypatch):
    import slicer

    said = []
    monkeypatch.setattr(slicer.util, "showStatusMessage", lambda text, *_: said.append(text))
    browser = open_browser()
    node = slicer_.scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Slicer's")
    instance = slicer_.database.instanceForFile(str(series["seg_binary"].files[0]))
    place = SeriesPlace(series["seg_binary"].series_instance_uid, instance_uids=(instance,))
    add_series_item(slicer_.scene, place, node)
    browser.load(series["seg_binary"].series_instance_uid)
    assert slicer_.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1
    assert "nothing was loaded twice" in said[0]


def test_a_damaged_seg_brings_no_image(open_browser, slicer_, series, images, tmp_path):
    browser = open_browser(without=("seg_binary",))
    damaged = tmp_path / "seg.dcm"
    damaged.write_bytes(series["seg_binary"].files[0].read_bytes())
    slicer_.database.insert(str(damaged))
    damaged.write_bytes(damaged.read_bytes()[:900])
    plugin = slicer_.modules.dicomPlugins[load_as.IMAGE_PLUGIN]()
    assert plugin.examineForImport([[str(damaged)]]) == [] and browser.questions == 0 and images == []


def test_when_slicer_quits_segmentations_are_let_go_of_while_python_runs(slicer_, open_browser, series):
    from IDCBrowserLib.host.slicer import quick_closing

    quick_closing.start()
    open_browser().load(series["seg_binary"].series_instance_uid)
    segmentation = slicer_.scene.GetFirstNodeByClass("vtkMRMLSegmentationNode")
    assert segmentation.GetSegmentation().GetNumberOfSegments() == 6
    slicer_.app.aboutToQuit.emit()
    assert segmentation.GetSegmentation().GetNumberOfSegments() == 0


@pytest.mark.parametrize("undo", [False, True])
def test_a_node_that_goes_has_no_segments_left_to_remove_unless_undo_may_bring_it_back(slicer_, open_browser, series, undo):
    """Slicer's subject hierarchy removes segments one by one when their node is about to go."""
    from IDCBrowserLib.host.slicer import quick_closing

    quick_closing.start()
    open_browser().load(series["seg_binary"].series_instance_uid)
    node = slicer_.scene.GetFirstNodeByClass("vtkMRMLSegmentationNode")
    node.SetUndoEnabled(undo)
    slicer_.scene.SetUndoFlag(undo)
    found = []
    slicer_.scene.AddObserver(slicer_.scene.NodeAboutToBeRemovedEvent, lambda *_: found.append(node.GetSegmentation().GetNumberOfSegments()))
    slicer_.scene.RemoveNode(node)
    assert found == [6 if undo else 0]
