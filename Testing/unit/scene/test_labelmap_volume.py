"""A labelmap becomes one labelmap volume with named colors."""

import numpy as np
from helpers.made_volumes import AXIAL, LIVER, LUNG, TUMOR, count, labelmap
from helpers.mrml_reading import ijk_to_ras, voxels_of

from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source
from IDCBrowserLib.scene.segments.labelmap_volume import add_labelmap_volume


def test_where_segments_overlap_the_highest_label_value_stays(scene):
    voxels = voxels_of(add_labelmap_volume(scene, labelmap(), "Organs"))
    assert {value: int((voxels == value).sum()) for value in (1, 2, 3, 4)} == {
        1: count(LIVER) - count(TUMOR),
        2: count(TUMOR),
        3: count(LUNG),
        4: 0,
    }


def test_it_lies_on_the_grid_of_the_labelmap(scene):
    node = add_labelmap_volume(scene, labelmap(), "Organs")
    np.testing.assert_allclose(ijk_to_ras(node), AXIAL.index_to_ras())


def test_colors_are_named_after_segments_by_label_value(scene):
    table = add_labelmap_volume(scene, labelmap(), "Organs").GetDisplayNode().GetColorNode()
    assert [table.GetColorName(value) for value in range(5)] == ["background", "Liver", "Tumor", "Lung", "Nothing"]
    color = [0.0] * 4
    table.GetColor(1, color)
    np.testing.assert_allclose(color, (221 / 255, 130 / 255, 101 / 255, 1.0), atol=1e-6)
    table.GetColor(0, color)
    assert color[3] == 0


def test_two_objects_have_color_tables_of_their_own(scene):
    nodes = [add_labelmap_volume(scene, labelmap(), "Organs") for _ in range(2)]
    assert nodes[0].GetName() != nodes[1].GetName()
    assert nodes[0].GetDisplayNode().GetColorNode() is not nodes[1].GetDisplayNode().GetColorNode()


def test_label_values_need_not_be_dense(scene):
    voxels = np.zeros(AXIAL.shape, np.uint16)
    voxels[0] = 5000
    sparse = Labelmap((voxels,), AXIAL, (Segment(1, 5000, "Far"),), Source("SEG"))
    node = add_labelmap_volume(scene, sparse, "Sparse")
    assert node.GetDisplayNode().GetColorNode().GetColorName(5000) == "Far"
    assert voxels_of(node).max() == 5000


def test_an_object_without_segments_becomes_an_empty_volume(scene):
    empty = Labelmap((np.zeros(AXIAL.shape, np.uint8),), AXIAL, (), Source("RTSTRUCT"))
    assert not voxels_of(add_labelmap_volume(scene, empty, "Empty")).any()


def test_editing_the_segmentation_changes_no_labelmap_volume(scene, tmp_path):
    voxels = np.zeros(AXIAL.shape, np.uint8)
    voxels[LIVER] = 1
    path = tmp_path / "layer.raw"
    voxels.tofile(path)
    for layer in (voxels, np.memmap(path, np.uint8, "c", shape=AXIAL.shape)):
        single = Labelmap((layer,), AXIAL, (Segment(1, 1, "Liver"),), Source("SEG"))
        node = add_labelmap_volume(scene, single, "Organs")
        layer[:] = 0
        assert (voxels_of(node) == 1).sum() == count(LIVER)
