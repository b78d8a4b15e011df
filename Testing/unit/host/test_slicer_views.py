"""In Slicer: what the views show of pictures, surfaces, maps and registrations."""

from __future__ import annotations

import os

import numpy as np
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6")
pytest.importorskip("slicer")

from helpers.fake_slicer import FakeSlicer
from helpers.made_volumes import AXIAL, image
from PySide6 import QtCore

from IDCBrowserLib.host.slicer.panel.registrations import RegistrationsButton
from IDCBrowserLib.host.slicer.views.first_look import fitting_layout, show_loaded
from IDCBrowserLib.scene.provenance import FRAME_ATTRIBUTE, mark
from IDCBrowserLib.scene.registrations import add_registration
from IDCBrowserLib.scene.segments.densest import densest_point
from IDCBrowserLib.scene.surfaces import add_surfaces
from IDCBrowserLib.scene.volumes import add_scalar_volume
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.volume.geometry import Geometry

_CODE = {"value": "1", "scheme": "99X", "meaning": "X"}
_PYRAMID = np.array([[10.0, 20.0, 30.0], [14.0, 20.0, 30.0], [10.0, 26.0, 30.0], [10.0, 20.0, 38.0]])
_SIDES = np.array([[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]])


@pytest.fixture
def slicer_(app, monkeypatch, tmp_path):
    fake = FakeSlicer(tmp_path / "database").install(monkeypatch, tmp_path / "settings")
    QtCore.QSettings().clear()
    return fake


def _surface(name):
    return {"name": name, "color": (255, 0, 0), "category": _CODE, "type": _CODE, "anatomic_region": _CODE}


def test_a_picture_has_one_view_since_others_would_show_it_turned(slicer_):
    import slicer

    picture = add_scalar_volume(slicer_.scene, image()[:1], Geometry((1, *image().shape[1:]), (1, 1, 1), (0, 0, 0), AXIAL.directions), "1: US")
    assert fitting_layout([picture]) == slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView


def test_slices_lie_in_the_middle_of_the_largest_surface(slicer_):
    surfaces = [(_surface("small"), _PYRAMID / 10, _SIDES), (_surface("large"), _PYRAMID, _SIDES)]
    node = add_surfaces(slicer_.scene, surfaces, "Cyst")
    assert densest_point(node) == (-12.0, -23.0, 34.0)
    assert densest_point(node, "Segment_1") == pytest.approx((-1.2, -2.3, 3.4))
    assert densest_point(add_surfaces(slicer_.scene, [], "Nothing")) is None


def test_a_3d_view_is_told_of_a_surface_and_centered_on_it(slicer_):
    slicer_.scene.AddNewNodeByClass("vtkMRMLSliceNode", "Red")
    node = add_surfaces(slicer_.scene, [(_surface("Cyst"), _PYRAMID, _SIDES)], "Cyst")
    display, told = node.GetDisplayNode(), []
    display.AddObserver("ModifiedEvent", lambda *_: told.append(display.GetNumberOfViewNodeIDs()))
    show_loaded([node.GetID()])
    assert told[-1] == 0 and display.GetVisibility3D(), "in all views"
    assert slicer_.app.manager.fitted[-1] == "3D"


def test_a_surface_without_an_image_is_in_the_middle_of_each_slice_view(slicer_):
    views = [slicer_.scene.AddNewNodeByClass("vtkMRMLSliceNode", name) for name in ("Red", "Yellow")]
    node = add_surfaces(slicer_.scene, [(_surface("Cyst"), _PYRAMID, _SIDES)], "Cyst")
    show_loaded([node.GetID()])
    for view in views:
        assert [view.GetSliceToRAS().GetElement(row, 3) for row in range(3)] == pytest.approx([-12.0, -23.0, 34.0])


def test_color_legends_are_drawn_once_the_views_show_their_volume(slicer_):
    import slicer

    volume = add_scalar_volume(slicer_.scene, image(), AXIAL, "ADC")
    legend = slicer.vtkMRMLColorLegendDisplayNode()
    slicer_.scene.AddNode(legend)
    told = []
    legend.AddObserver("ModifiedEvent", lambda *_: told.append(len(slicer_.layers)))
    show_loaded([volume.GetID()])
    assert told == [1], "after the volume was put into the views"


def test_registrations_are_applied_on_request_and_taken_back(slicer_):
    changed: Signal[[]] = Signal()
    button = RegistrationsButton(slicer_.scene, changed)
    assert button.widget.isHidden()
    volume = add_scalar_volume(slicer_.scene, image(), AXIAL, "MR")
    mark(volume, {FRAME_ATTRIBUTE: "1.2"})
    transform = add_registration(slicer_.scene, np.eye(4), "1.2", "1.3", "MR to CT")
    changed.emit()
    assert not button.widget.isHidden() and volume.GetTransformNodeID() is None
    button.widget.click()
    assert volume.GetTransformNodeID() == transform.GetID()
    button.widget.click()
    assert volume.GetTransformNodeID() is None
    button.widget.click()
    slicer_.scene.RemoveNode(transform)
    changed.emit()
    assert button.widget.isHidden() and not button.widget.isChecked()
    button.close()
    add_registration(slicer_.scene, np.eye(4), "1.2", "1.3", "MR to CT")
    changed.emit()
    assert button.widget.isHidden(), "nobody listens any more"
