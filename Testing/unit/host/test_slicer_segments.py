"""In Slicer: surfaces in turns, and where the series of the DICOM module come from."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6")
pytest.importorskip("slicer")

from helpers.fake_host import FakeEngine
from helpers.fake_images import FakeImages
from helpers.fake_slicer import FakeSlicer
from helpers.made_volumes import AXIAL, image, labelmap
from PySide6 import QtCore, QtTest

from IDCBrowserLib.host.slicer.dicom import origins
from IDCBrowserLib.host.slicer.segmenters import SlicerSegmenters
from IDCBrowserLib.host.slicer.views.show_3d import Show3D
from IDCBrowserLib.host.standalone.scene import StandaloneScene
from IDCBrowserLib.scene.hierarchy import SeriesPlace, add_series_item
from IDCBrowserLib.scene.provenance import segmentation_nodes
from IDCBrowserLib.scene.segments.labelmap_nodes import add_labelmap
from IDCBrowserLib.scene.segments.segmentation import has_surface, reference_volume
from IDCBrowserLib.scene.volumes import add_scalar_volume

KNOWN = {
    "SeriesInstanceUID": "1.2.3.4",
    "collection_id": "demo",
    "crdc_series_uuid": "abc",
    "idc_version": 25,
    "license_short_name": "CC BY 4.0",
    "source_DOI": "10.1/x",
}


@pytest.fixture
def host(app):
    scene = StandaloneScene()
    yield scene
    scene.release()


@pytest.fixture
def centered():
    return []


@pytest.fixture
def show_3d(host, centered, monkeypatch, tmp_path):
    FakeSlicer(tmp_path / "database").install(monkeypatch, tmp_path / "settings")
    made = Show3D(host.scene, lambda: centered.append(True))
    yield made
    made.close()


def wait_for(done):
    for _ in range(500):
        if done():
            return
        QtTest.QTest.qWait(10)
    raise AssertionError("waited in vain")


def test_surfaces_come_one_after_the_other_with_progress(host, show_3d):
    node = add_labelmap(host.scene, labelmap(), "1.2.3.4", []).segmentation
    said, widths = [], []
    show_3d.maker.progressed.connect(lambda done, total: said.append((done, total)))
    show_3d.maker.progressed.connect(lambda _done, _total: widths.append(show_3d.widget.minimumSizeHint().width()))
    show_3d.show.click()
    width = show_3d.widget.minimumSizeHint().width()
    assert not show_3d.show.isEnabled() and show_3d.cancel.isEnabled()
    wait_for(lambda: not show_3d.maker.is_running)
    assert said == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert set(widths) == {width}, "the dock keeps its width"
    assert has_surface(node, "Segment_1") and node.GetDisplayNode().GetVisibility3D()
    show_3d.hide.click()
    assert not node.GetDisplayNode().GetVisibility3D()


def test_the_3d_views_move_to_the_first_surfaces_and_stay_for_further_ones(host, show_3d, centered):
    add_labelmap(host.scene, labelmap(), "1.2.3.4", [])
    show_3d.show.click()
    wait_for(lambda: not show_3d.maker.is_running)
    assert centered == [True]
    add_labelmap(host.scene, labelmap(), "1.2.3.5", [])
    show_3d.show.click()
    wait_for(lambda: not show_3d.maker.is_running)
    assert centered == [True], "somebody turned them meanwhile"
    for node in segmentation_nodes(host.scene):
        node.GetDisplayNode().SetVisibility(False)
    show_3d.hide.click()
    show_3d.show.click()
    wait_for(lambda: not show_3d.maker.is_running)
    assert centered == [True], "nothing is shown"


def test_surfaces_can_be_canceled_and_leave_nothing_half_made(host, show_3d):
    node = add_labelmap(host.scene, labelmap(), "1.2.3.4", []).segmentation
    show_3d.maker.progressed.connect(lambda *_: show_3d.cancel.click())
    show_3d.show.click()
    wait_for(lambda: not show_3d.maker.is_running)
    QtTest.QTest.qWait(50)
    assert not any(has_surface(node, identifier) for identifier in node.GetSegmentation().GetSegmentIDs())
    assert show_3d.show.isEnabled() and not show_3d.cancel.isEnabled()


def test_hidden_segmentations_get_no_surfaces(host, show_3d):
    node = add_labelmap(host.scene, labelmap(), "1.2.3.4", []).segmentation
    node.GetDisplayNode().SetVisibility(False)
    show_3d.show.click()
    wait_for(lambda: not show_3d.maker.is_running)
    assert not has_surface(node, "Segment_1")


@pytest.fixture
def slicer_(app, monkeypatch, tmp_path):
    fake = FakeSlicer(tmp_path / "database").install(monkeypatch, tmp_path / "settings")
    QtCore.QSettings().clear()
    yield fake
    origins.use(None)
    origins.close()


def test_nodes_that_the_dicom_module_made_say_where_they_come_from(slicer_, tmp_path):
    node = add_labelmap(slicer_.scene, labelmap(), "1.2.3.4", []).segmentation
    images = FakeImages(tmp_path)
    images.known["1.2.3.4"] = KNOWN
    engine = FakeEngine(images.handlers())
    origins.use(engine.client)
    origins.learn("1.2.3.4", "/folder/seg.dcm")
    QtTest.QTest.qWait(20)
    engine.settle()
    assert node.GetAttribute("IDC.license") == "CC BY 4.0" and node.GetAttribute("IDC.source_doi") == "10.1/x"
    assert node.GetDescription() == "IDC v25, collection demo, license CC BY 4.0, doi:10.1/x, CRDC series abc"
    assert engine.process.calls("catalog.provenance")[0]["series"] == [{"SeriesInstanceUID": "1.2.3.4", "folder": "/folder"}]


def test_many_series_are_one_question(slicer_, tmp_path):
    engine = FakeEngine(FakeImages(tmp_path).handlers())
    origins.use(engine.client)
    for number in range(3):
        origins.learn(f"1.{number}", "/folder/seg.dcm")
    QtTest.QTest.qWait(20)
    engine.settle()
    assert len(engine.process.calls("catalog.provenance")) == 1


def test_two_segmentations_get_slicers_side_by_side_layout_and_the_one_before_comes_back(slicer_):
    import slicer

    from IDCBrowserLib.host.slicer.views.two_views import TwoViews

    layouts = slicer.vtkMRMLLayoutNode
    slicer_.app.layoutManager().setLayout(layouts.SlicerLayoutFourUpView)
    red = slicer_.scene.AddNewNodeByClass("vtkMRMLSliceNode", "Red")
    red.SetSliceOffset(12.0)
    views = TwoViews()
    views.arrange(True)
    QtTest.QTest.qWait(300)
    assert slicer_.app.layoutManager().fitted == ["Red"] and red.GetSliceOffset() == 12.0, "a view that changes its size zooms"
    assert slicer_.app.layoutManager().node.GetViewArrangement() == layouts.SlicerLayoutSideBySideView
    views.arrange(False)
    assert slicer_.app.layoutManager().node.GetViewArrangement() == layouts.SlicerLayoutFourUpView
    views.arrange(True)
    slicer_.app.layoutManager().setLayout(layouts.SlicerLayoutConventionalView)
    views.arrange(False)
    assert slicer_.app.layoutManager().node.GetViewArrangement() == layouts.SlicerLayoutConventionalView
    # Of a user who has it already nothing earlier is brought back.
    slicer_.app.layoutManager().setLayout(layouts.SlicerLayoutSideBySideView)
    views.arrange(True)
    views.arrange(False)
    assert slicer_.app.layoutManager().node.GetViewArrangement() == layouts.SlicerLayoutSideBySideView


class Selector:
    """``qMRMLNodeComboBox``, as far as it is used."""

    def __init__(self):
        self.node = "former"

    def setCurrentNode(self, node):
        self.node = node


class OtherModule:
    """The widget of TotalSegmentator and of MONAI Auto3DSeg: a selector for the image, one for the result, a parameter node."""

    def __init__(self, selector):
        self.ui = SimpleNamespace(**{selector: Selector(), "outputSegmentationSelector": Selector()})
        self.image, self.result = getattr(self.ui, selector), self.ui.outputSegmentationSelector
        self.references = {}
        parameters = SimpleNamespace(SetNodeReferenceID=self.references.__setitem__)
        self.logic = SimpleNamespace(getParameterNode=lambda: parameters)


@pytest.fixture
def volume(slicer_):
    return add_scalar_volume(slicer_.scene, image(), AXIAL, "CT axial", (400, 40))


@pytest.mark.parametrize(
    ("name", "module", "selector", "role"),
    [
        ("TotalSegmentator", "TotalSegmentator", "inputVolumeSelector", "InputVolume"),
        ("MONAI Auto3DSeg", "MONAIAuto3DSeg", "inputNodeSelector0", "InputNode0"),
    ],
)
def test_a_module_is_opened_with_the_image_and_a_new_result(slicer_, volume, name, module, selector, role):
    slicer_.module_widget = other = OtherModule(selector)
    said = SlicerSegmenters().hand_over(name, volume.GetID())
    assert slicer_.selected == [module]
    assert (other.image.node, other.result.node, other.references) == (volume, None, {role: volume.GetID()})
    assert "CT axial" in said and "Start it there" in said


def test_nninteractive_works_on_a_segmentation_of_its_own_over_the_image(slicer_, volume):
    idc = add_labelmap(slicer_.scene, labelmap(), "1.2.3.4", [volume]).segmentation
    given = []
    shown = [idc]
    editor = SimpleNamespace(
        segmentationNode=lambda: shown[0],
        setSegmentationNode=lambda node: given.append(("segmentation", node)),
        setSourceVolumeNode=lambda node: given.append(("image", node)),
    )
    slicer_.module_widget = SimpleNamespace(ui=SimpleNamespace(editor_widget=editor))
    SlicerSegmenters().hand_over("nnInteractive", volume.GetID())
    (first, made), (second, image_given) = given
    assert (slicer_.selected, first, second, image_given) == (["SlicerNNInteractive"], "segmentation", "image", volume)
    assert made is not idc and reference_volume(made) is volume and "CT axial" in made.GetName()
    shown[0] = made
    given.clear()
    SlicerSegmenters().hand_over("nnInteractive", volume.GetID())
    assert given == [("image", volume)], "what was begun goes on"


def test_a_module_of_another_version_is_opened_and_the_user_chooses_the_image(slicer_, volume):
    slicer_.module_widget = SimpleNamespace()
    assert "Choose the image CT axial there" in SlicerSegmenters().hand_over("TotalSegmentator", volume.GetID())
    assert "no longer in the scene" in SlicerSegmenters().hand_over("TotalSegmentator", "nothing")
    slicer_.app.window = False
    assert "main window" in SlicerSegmenters().hand_over("TotalSegmentator", volume.GetID())


def test_modules_that_are_not_here_are_got_in_the_extensions_manager(slicer_):
    slicer_.modules.totalsegmentator = object()
    assert [(one.extension, one.is_here) for one in SlicerSegmenters().known()] == [
        ("TotalSegmentator", True),
        ("MONAIAuto3DSeg", False),
        ("NNInteractive", False),
    ]
    assert not SlicerSegmenters().get_extension()
    opened = []
    slicer_.app.openExtensionsManagerDialog = lambda: opened.append(True)
    assert SlicerSegmenters().get_extension()
    QtTest.QTest.qWait(20)
    assert opened == [True]


def test_images_of_the_scene_are_listed_with_their_series_and_what_lies_over_them(slicer_, volume):
    from IDCBrowserLib.scene.provenance import KIND_ATTRIBUTE
    from IDCBrowserLib.scene.segments.segments import SceneSegments

    dose = add_scalar_volume(slicer_.scene, image(), AXIAL, "Dose", (400, 40))
    dose.SetAttribute(KIND_ATTRIBUTE, "dose")
    add_series_item(slicer_.scene, SeriesPlace("1.2.3.5", "1.2", "P1", modality="CT"), volume)
    drawn = add_labelmap(slicer_.scene, labelmap(), "1.2.3.4", [volume]).segmentation
    segments = SceneSegments(slicer_.scene)
    (row,) = segments.images()
    assert (row.node_id, row.name, row.series_uid, row.modality) == (volume.GetID(), "CT axial", "1.2.3.5", "CT")
    mine = segments.add_on_image(labelmap(), "mine.nrrd", volume.GetID())
    assert segments.over(row) == (drawn.GetID(), mine)
    assert segments.add_on_image(labelmap(), "mine.nrrd", "nothing") == ""


def test_without_the_packages_nothing_is_asked_or_installed(slicer_):
    slicer_.packaging.installed = False
    origins.learn("1.2", "/folder/seg.dcm")
    QtTest.QTest.qWait(20)
    assert slicer_.packaging.arguments == []


class OwnEngine:
    """As ``QtEngine``."""

    def __init__(self, fake):
        self.client = fake.client
        self.started = self.closed = 0

    def start(self):
        self.started += 1

    def close(self):
        self.closed += 1


def test_what_comes_while_an_answer_is_on_its_way_is_asked_afterward(slicer_, tmp_path, monkeypatch):
    nodes = [add_labelmap(slicer_.scene, labelmap(), uid, []).segmentation for uid in ("1.2.3.4", "1.2.3.5")]
    images = FakeImages(tmp_path)
    images.known.update({"1.2.3.4": KNOWN, "1.2.3.5": {**KNOWN, "SeriesInstanceUID": "1.2.3.5"}})
    engine = FakeEngine(images.handlers())
    own = OwnEngine(engine)
    monkeypatch.setattr(origins, "_engine", lambda: own)
    origins.learn("1.2.3.4", "/folder/seg.dcm")
    QtTest.QTest.qWait(20)
    origins.learn("1.2.3.5", "/folder/seg.dcm")
    QtTest.QTest.qWait(20)
    assert own.started == 1
    engine.settle()
    QtTest.QTest.qWait(20)
    assert own.closed == 0
    engine.settle()
    assert [node.GetAttribute("IDC.license") for node in nodes] == ["CC BY 4.0", "CC BY 4.0"]
    QtTest.QTest.qWait(20)
    assert (own.started, own.closed) == (1, 1)


def test_no_engine_is_started_for_what_nobody_waits_for_any_more(slicer_, tmp_path, monkeypatch):
    own = OwnEngine(FakeEngine(FakeImages(tmp_path).handlers()))
    monkeypatch.setattr(origins, "_engine", lambda: own)
    origins.learn("1.2.3.4", "/folder/seg.dcm")
    origins.close()
    QtTest.QTest.qWait(20)
    assert own.started == 0
