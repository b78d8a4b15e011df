"""What lies at a point."""

import pytest
from helpers.made_volumes import AXIAL, OBLIQUE, image, labelmap

from IDCBrowserLib.scene.probe import segments_at, value_at
from IDCBrowserLib.scene.segments.segmentation import add_segmentation
from IDCBrowserLib.scene.volumes import add_scalar_volume


def ras(geometry, k, j, i):
    return tuple((geometry.index_to_ras() @ [i, j, k, 1])[:3])


@pytest.mark.parametrize("geometry", [AXIAL, OBLIQUE])
def test_the_value_is_that_of_the_nearest_voxel(scene, geometry):
    node = add_scalar_volume(scene, image(geometry), geometry, "CT")
    assert value_at(node, ras(geometry, 14, 8, 12)) == 1000
    assert value_at(node, ras(geometry, 14, 8, 21.4)) == 1000
    assert value_at(node, ras(geometry, 14, 8, 21.6)) == 0
    assert value_at(node, ras(geometry, 20.6, 8, 12)) is None


def test_all_overlapping_segments_are_named(scene):
    node = add_segmentation(scene, labelmap(), "Organs")
    assert segments_at(node, ras(AXIAL, 12, 10, 15)) == ("Liver", "Tumor")
    assert segments_at(node, ras(AXIAL, 12, 5, 8)) == ("Liver",)
    assert segments_at(node, ras(AXIAL, 0, 0, 0)) == ()


def test_hidden_segments_are_not_named(scene):
    node = add_segmentation(scene, labelmap(), "Organs")
    node.GetDisplayNode().SetSegmentVisibility("Segment_1", False)
    assert segments_at(node, ras(AXIAL, 12, 10, 15)) == ("Tumor",)
    node.GetDisplayNode().SetVisibility(False)
    assert segments_at(node, ras(AXIAL, 12, 10, 15)) == ()
