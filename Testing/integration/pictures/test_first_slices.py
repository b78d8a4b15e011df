"""What has come of a series so far is seen in the views of both programs, says that it is not all, and is not listed, saved or left behind."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6")
pytest.importorskip("slicer")

from helpers.fake_host import FakeEngine
from helpers.fake_slicer import FakeSlicer
from helpers.made_volumes import AXIAL, OBLIQUE, image, labelmap
from PySide6 import QtCore, QtTest, QtWidgets

from IDCBrowserLib.host.loading.first_slices import FirstSlicesNode
from IDCBrowserLib.host.slicer.dicom.database import SlicerStore
from IDCBrowserLib.host.slicer.loading import SlicerLoader
from IDCBrowserLib.host.slicer.views.first_look import has_data
from IDCBrowserLib.host.slicer.views.layout import LAYOUT_ID, CentralView
from IDCBrowserLib.host.slicer.views.shown_nodes import ShownNodes
from IDCBrowserLib.host.standalone.first_slices import FirstSlicesInViews
from IDCBrowserLib.scene.describe import node_lines
from IDCBrowserLib.scene.first_slices import gap_note, is_first_slices
from IDCBrowserLib.scene.segments.image_rows import image_rows
from IDCBrowserLib.scene.segments.labelmap_nodes import add_labelmap
from IDCBrowserLib.scene.volumes import add_scalar_volume


@pytest.fixture
def shown(tmp_path):
    """What the engine answers, of the slices ``present`` and with further voxels in the same or another file."""

    def make(present, geometry=AXIAL, voxels=None, name="1.raw"):
        path = tmp_path / name
        array = image(geometry) if voxels is None else voxels
        if path.exists():
            with path.open("r+b") as file:
                file.write(array.tobytes())
        else:
            array.tofile(path)
        return {
            "array": str(path),
            "dtype": "int16",
            "shape": list(geometry.shape),
            "geometry": geometry.to_json(),
            "present": present,
            "of": 20,
            "window": (500.0, 1000.0),
            "inverted": False,
            "series_uid": "1.2.3.5",
            "modality": "CT",
            "series_description": "Chest",
            "series_number": "3",
            "patient_id": "P1",
            "patient_name": "",
        }

    return make


class Views:
    """The views of the standalone program, which have a place or none."""

    def __init__(self, host, grid):
        self.grid = grid
        grid.hide()
        self.first = FirstSlicesInViews(host.scene, grid, grid.show, grid.hide)


@pytest.fixture
def views(host, grid):
    return Views(host, grid)


def test_they_fill_the_views_and_say_how_many_there_are(views, host, shown):
    assert views.first.show(shown([3, 12, 15]))
    assert views.grid.isVisible()
    node = views.grid.axial.background()
    assert is_first_slices(node)
    assert node_lines(host.scene, node) == ("3: Chest", "Downloading: 3 of 20 slices so far")
    voxels = image()
    voxels[15] = 700
    assert views.first.show(shown([3, 12, 15, 16], voxels=voxels))
    assert views.grid.axial.background() is node and node_lines(host.scene, node)[1] == "Downloading: 4 of 20 slices so far"
    assert node.GetImageData().GetScalarComponentAsDouble(0, 0, 15, 0) == 700, "the same file has more in it"


def test_a_stack_that_reaches_farther_replaces_the_voxels(views, shown):
    views.first.show(shown([3, 12, 15]))
    node = views.grid.axial.background()
    assert views.first.show(shown([3, 12, 15], OBLIQUE, name="2.raw"))
    assert views.grid.axial.background() is node
    assert node.GetSpacing() == OBLIQUE.spacing


def test_where_a_slice_is_missing_the_view_says_so(views, shown):
    views.first.show(shown([3, 12, 15]))
    node = views.grid.axial.background()

    def note(view):
        matrix = view.node.GetSliceToRAS()
        return gap_note(node, [matrix.GetElement(row, 2) for row in range(3)], [matrix.GetElement(row, 3) for row in range(3)])

    axial = views.grid.axial
    notes = []
    for number in range(axial.stack.count):
        axial.stack.go_to(number)
        notes.append(note(axial))
    assert [number for number, text in enumerate(notes) if not text] == [3, 12, 15]
    assert set(notes) == {"", "Not downloaded yet; the nearest is shown"}
    assert note(views.grid.coronal) == note(views.grid.sagittal) == "Gaps show the nearest slice"
    views.first.show(shown(list(range(20))))
    assert {note(view) for view in views.grid.slices} == {""}, "all are here"


def test_they_are_neither_listed_nor_taken_for_an_image(views, host, shown):
    views.first.show(shown([3, 12, 15]))
    assert image_rows(host.scene) == ()
    assert views.grid.are_free and views.grid.three_d.volume_list.count() == 0
    node = views.grid.axial.background()
    assert node.GetHideFromEditors() and not node.GetSaveWithScene() and not node.GetDisplayNode().GetSaveWithScene()


def test_a_scene_that_is_saved_meanwhile_has_nothing_of_them(views, host, shown, tmp_path):
    add_labelmap(host.scene, labelmap(), "1.2.3.4", [])
    views.first.show(shown([3, 12, 15]))
    path = tmp_path / "scene.mrb"
    host.save(path)
    with zipfile.ZipFile(path) as bundle:
        names = bundle.namelist()
        text = bundle.read(next(name for name in names if name.endswith(".mrml"))).decode()
    assert "Chest" not in text and "FirstSlices" not in text
    assert not any("Chest" in name for name in names)
    assert views.grid.axial.background() is not None, "and goes on showing them"


def test_nothing_stays_when_nothing_came_of_them(views, host, shown):
    views.first.show(shown([3, 12, 15]))
    views.first.hide()
    assert host.nodes("vtkMRMLScalarVolumeNode") == [] and host.nodes("vtkMRMLScalarVolumeDisplayNode") == []
    assert views.grid.axial.background() is None and not views.grid.isVisible()


def test_views_that_were_there_before_show_again_what_they_showed(views, host, shown):
    before = add_scalar_volume(host.scene, image(), AXIAL, "CT", (1000, 500))
    views.grid.show()
    views.grid.fit()
    assert views.first.show(shown([3, 12, 15])), "somebody asked for it"
    assert views.grid.axial.background() is not before
    views.first.hide()
    assert views.grid.axial.background() is before and views.grid.isVisible()


def test_what_was_loaded_stays_at_the_slices_to_which_somebody_has_scrolled(views, host, shown):
    views.first.show(shown([3, 12, 15]))
    coronal = views.grid.coronal.logic.GetSliceOffset()
    views.grid.axial.move_by(4)
    there = views.grid.axial.logic.GetSliceOffset()
    volume = add_scalar_volume(host.scene, image(), AXIAL, "3: Chest", (1000, 500))
    segmentation = add_labelmap(host.scene, labelmap(), "1.2.3.4", [volume]).segmentation
    views.grid.show_loaded([volume.GetID(), segmentation.GetID()])
    views.first.hide()
    assert views.grid.axial.background() is volume
    assert views.grid.axial.logic.GetSliceOffset() == there
    assert views.grid.coronal.logic.GetSliceOffset() != coronal, "nobody has scrolled there: the slices of the segmentation"
    views.grid.show_loaded([volume.GetID(), segmentation.GetID()])
    assert views.grid.axial.logic.GetSliceOffset() != there, "once only"


def test_whoever_shows_something_else_or_closes_the_scene_has_them_no_more(views, host, shown):
    views.first.show(shown([3, 12, 15]))
    other = add_scalar_volume(host.scene, image(), AXIAL, "CT", (1000, 500))
    views.grid.fit(other)
    assert not views.first.show(shown([3, 12, 15, 16]))
    views.first.hide()
    assert views.grid.axial.background() is other
    views.first.show(shown([3, 12, 15]))
    host.clear()
    assert not views.first.show(shown([3, 12, 15, 16]))


def test_voxels_that_are_gone_are_no_error(views, shown):
    answer = shown([3, 12, 15])
    Path(answer["array"]).unlink()
    assert not views.first.show(answer)
    views.first.hide()


# In Slicer


class Slicer:
    """The loader on fakes of Slicer, with views and the browser in their place."""

    def __init__(self, patch, folder):
        import slicer

        self.fake = FakeSlicer(folder / "database").install(patch, folder / "settings")
        patch.setattr("IDCBrowserLib.host.slicer.views.shown_nodes.LAYOUT_MS", 0)
        QtCore.QSettings().clear()
        self.view = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceNode", "Red")
        self.central = CentralView(QtWidgets.QWidget(), lambda: None)
        self.nodes = ShownNodes(self.central, lambda: None, lambda: None)
        client = FakeEngine({}).client
        self.loader = SlicerLoader(client, SlicerStore(client, lambda: str(folder)))
        self.loader.seen = self.nodes.seen
        self.loader.first_slices.begins = self.nodes.first_slices
        self.loader.first_slices.gone = self.nodes.first_slices_gone
        self.central.show()

    @property
    def background(self):
        return self.fake.app.manager.background

    def settle(self):
        for _ in range(10):
            QtTest.QTest.qWait(5)


@pytest.fixture
def slicer_(app, monkeypatch, tmp_path):
    made = Slicer(monkeypatch, tmp_path)
    yield made
    made.nodes.close()
    made.central.close()


def test_in_slicer_the_browser_makes_room_for_them_and_comes_back_when_nothing_came_of_them(slicer_, shown):
    assert slicer_.loader.views_are_free()
    assert slicer_.loader.show_first_slices(shown([3, 12, 15]))
    slicer_.settle()
    assert slicer_.fake.app.manager.layout != LAYOUT_ID
    assert slicer_.background.GetName() == "3 of 20 slices"
    assert slicer_.background.GetHideFromEditors() and not slicer_.background.GetSaveWithScene()
    assert not has_data(slicer_.fake.scene) and slicer_.loader.views_are_free(), "a layout is chosen for what is loaded"
    assert slicer_.loader.show_first_slices(shown([3, 4, 12, 15]))
    slicer_.loader.hide_first_slices()
    assert slicer_.fake.scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 0
    assert slicer_.fake.app.manager.layout == LAYOUT_ID


def test_in_slicer_views_draw_again_whatever_arranging_them_runs_into(slicer_, monkeypatch):
    asked = []

    def fails(_look, view):
        asked.append(view)
        raise KeyError("a node that went")

    monkeypatch.setattr("IDCBrowserLib.host.slicer.views.first_look._Look._place", fails)
    volume = add_scalar_volume(slicer_.fake.scene, image(), AXIAL, "3: Chest", (1000, 500))
    slicer_.nodes.loaded([volume.GetID()])
    slicer_.settle()
    assert asked and slicer_.fake.app.pauses == 0


def test_in_slicer_the_loaded_image_replaces_them_whole_and_stays_where_somebody_has_scrolled(slicer_, shown):
    slicer_.loader.show_first_slices(shown([3, 12, 15]))
    slicer_.settle()
    slicer_.view.SetSliceOffset(slicer_.view.GetSliceOffset() + 8.0)
    there = slicer_.view.GetSliceOffset()
    slicer_.nodes.begins()
    volume = add_scalar_volume(slicer_.fake.scene, image(), AXIAL, "3: Chest", (1000, 500))
    slicer_.loader._see(volume)
    slicer_.settle()
    assert is_first_slices(slicer_.background), "the first slices that are read again are less than what is seen"
    slicer_.nodes.loaded([volume.GetID()])
    # Told in the same turn of the event loop, before the views are arranged.
    slicer_.loader.hide_first_slices()
    assert slicer_.background is volume, "never black"
    slicer_.settle()
    assert slicer_.background is volume and slicer_.view.GetSliceOffset() == pytest.approx(there)
    assert slicer_.fake.app.manager.layout != LAYOUT_ID
    assert slicer_.fake.scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 1


def test_in_slicer_views_that_show_something_else_by_now_are_left_alone(slicer_, shown):
    slicer_.loader.show_first_slices(shown([3, 12, 15]))
    slicer_.settle()
    slicer_.loader.show_first_slices(shown([3, 12, 15]))
    slicer_.fake._set_layers(background=add_scalar_volume(slicer_.fake.scene, image(), AXIAL, "CT", (1000, 500)))
    assert not slicer_.loader.show_first_slices(shown([3, 12, 15, 16]))
    slicer_.loader.hide_first_slices()
    assert slicer_.background.GetName() == "CT"


def test_in_slicer_closing_the_module_takes_them_away(slicer_, shown):
    slicer_.loader.show_first_slices(shown([3, 12, 15]))
    slicer_.loader.close()
    assert slicer_.fake.scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 0


def test_a_closed_scene_takes_the_node_and_it_is_removed_once(host, shown):
    node = FirstSlicesNode(host.scene)
    node.begin(shown([1, 2, 3]))
    host.clear()
    assert node.node is None
    node.update(shown([1, 2, 3, 4]))
    node.remove()
    assert host.nodes("vtkMRMLScalarVolumeNode") == []
