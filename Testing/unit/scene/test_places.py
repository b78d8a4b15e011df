"""Where a measurement was made: its segment, or its outline."""

import pytest
from helpers.made_volumes import AXIAL, image, labelmap

from IDCBrowserLib.host_interface import ViewPlace
from IDCBrowserLib.scene.places import show_place
from IDCBrowserLib.scene.provenance import SERIES_ATTRIBUTE, mark
from IDCBrowserLib.scene.segments.labelmap_nodes import add_labelmap
from IDCBrowserLib.scene.volumes import add_scalar_volume

SEG, CT = "1.2.3.4", "1.2.3.5"


@pytest.fixture
def volume(scene):
    volume = add_scalar_volume(scene, image(), AXIAL, "3: CT axial")
    mark(volume, {SERIES_ATTRIBUTE: CT})
    return volume


@pytest.fixture
def with_segments(scene, volume):
    return add_labelmap(scene, labelmap(), SEG, [volume])


def test_a_segment_is_shown_and_looked_at(scene, with_segments):
    display = with_segments.segmentation.GetDisplayNode()
    number = labelmap().segments[0].number
    display.SetSegmentVisibility(f"Segment_{number}", False)
    missing, point = show_place(scene, ViewPlace("Liver", CT, SEG, number))
    assert missing == "" and point is not None
    assert display.GetSegmentVisibility(f"Segment_{number}")


def test_segments_of_one_layer_are_told_apart(scene, with_segments):
    points = {show_place(scene, ViewPlace("", CT, SEG, segment.number))[1] for segment in labelmap().segments if segment.voxels}
    assert len(points) > 1


def test_what_is_not_in_the_scene_has_to_be_loaded_first(scene, with_segments):
    assert show_place(scene, ViewPlace("Liver", CT, "1.2.99", 1)) == ("1.2.99", None)
    assert show_place(scene, ViewPlace("Box", "1.2.98", points=((1.0, 2.0, 3.0),))) == ("1.2.98", None)
    assert show_place(scene, ViewPlace("Liver", CT, SEG, 4711)) == ("", None)


def test_an_outline_is_closed_lies_in_ras_and_takes_the_place_of_the_last_one(scene, volume):
    box = ((10.0, 20.0, 30.0), (14.0, 20.0, 30.0), (14.0, 26.0, 30.0))
    for _ in range(2):
        missing, point = show_place(scene, ViewPlace("Nodule", CT, points=box, closed=True))
    assert (missing, point) == ("", (-38.0 / 3, -22.0, 30.0))
    assert scene.GetNumberOfNodesByClass("vtkMRMLMarkupsCurveNode") == 1
    curve = scene.GetNthNodeByClass(0, "vtkMRMLMarkupsCurveNode")
    place = [0.0, 0.0, 0.0]
    curve.GetNthControlPointPositionWorld(3, place)
    assert curve.GetNumberOfControlPoints() == 4 and place == [-10.0, -20.0, 30.0]
    show_place(scene, ViewPlace("Point", CT, points=((1.0, 2.0, 3.0),)))
    assert scene.GetNumberOfNodesByClass("vtkMRMLMarkupsCurveNode") == 0
