"""Voxels of a segmentation that Segment Editor has changed: boxes of several sizes, segments that lost their voxels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.made_volumes import AXIAL, LIVER, OBLIQUE, TUMOR, image, labelmap

from IDCBrowserLib.scene.arrays import image_data, matrix4x4
from IDCBrowserLib.scene.segments.segment_voxels import as_labelmap, grid_of, lies_on
from IDCBrowserLib.scene.segments.segmentation import BINARY_LABELMAP, add_segmentation
from IDCBrowserLib.scene.volumes import add_scalar_volume


def give(node: Any, identifier: str, voxels: Any, first: tuple[int, int, int] = (0, 0, 0), shift_mm: float = 0.0) -> None:
    """A box of its own for a segment: ``voxels`` (k, j, i) whose lowest corner is ``first`` on the grid, moved along x."""
    from slicer import vtkOrientedImageData

    boxed = image_data(voxels, vtkOrientedImageData)
    k, j, i = first
    depth, rows, columns = voxels.shape
    boxed.SetExtent(i, i + columns - 1, j, j + rows - 1, k, k + depth - 1)
    to_ras = AXIAL.index_to_ras()
    to_ras[0, 3] += shift_mm
    boxed.SetGeometryFromImageToWorldMatrix(matrix4x4(to_ras))
    segment = node.GetSegmentation().GetSegment(identifier)
    segment.SetLabelValue(1)
    segment.AddRepresentation(BINARY_LABELMAP, boxed)


@pytest.fixture
def node(scene: Any) -> Any:
    return add_segmentation(scene, labelmap(), "Organs", add_scalar_volume(scene, image(), AXIAL, "CT"))


def masks(node: Any) -> dict[str, Any]:
    made = as_labelmap(node)
    assert made is not None
    return {segment.name: made.layers[segment.layer] == segment.label_value for segment in made.segments}


def test_a_segment_in_a_box_of_its_own_is_placed_among_the_others(node: Any) -> None:
    before = masks(node)
    give(node, "Segment_2", np.ones((4, 8, 10), np.uint8), (11, 8, 10))
    after = masks(node)
    assert grid_of(node) == AXIAL and lies_on(node, AXIAL)
    for name, mask in before.items():
        np.testing.assert_array_equal(after[name], mask)
    assert after["Tumor"].sum() == np.zeros(AXIAL.shape)[TUMOR].size


def test_a_box_that_reaches_beyond_the_others_makes_the_grid_larger(node: Any) -> None:
    give(node, "Segment_2", np.ones((2, 3, 4), np.uint8), (19, -2, 58))
    made = as_labelmap(node)
    assert made is not None and made.geometry.shape == (21, 42, 62)
    tumor = next(one for one in made.segments if one.name == "Tumor")
    assert (made.layers[tumor.layer] == tumor.label_value).sum() == 24
    np.testing.assert_allclose(np.asarray(made.geometry.origin) - AXIAL.origin, (0, -2 * AXIAL.spacing[1], 0))
    liver = next(one for one in made.segments if one.name == "Liver")
    assert (made.layers[liver.layer] == liver.label_value).sum() == np.zeros(AXIAL.shape)[LIVER].size


def test_other_voxel_centers_are_no_single_grid(node: Any) -> None:
    give(node, "Segment_2", np.ones((4, 8, 10), np.uint8), (11, 8, 10), shift_mm=0.7)
    assert as_labelmap(node) is None and grid_of(node) is None and not lies_on(node, AXIAL)


def test_segments_that_lost_all_voxels_are_still_listed(node: Any) -> None:
    from slicer import vtkOrientedImageData

    node.GetSegmentation().GetSegment("Segment_1").AddRepresentation(BINARY_LABELMAP, vtkOrientedImageData())
    found = {name: int(mask.sum()) for name, mask in masks(node).items()}
    assert found["Liver"] == 0 and found["Tumor"] > 0 and len(found) == 4


def test_a_segmentation_without_any_voxel_has_the_grid_of_its_image(scene: Any) -> None:
    from slicer import vtkOrientedImageData

    node = add_segmentation(scene, labelmap(OBLIQUE), "Organs", add_scalar_volume(scene, image(OBLIQUE), OBLIQUE, "MR"))
    for identifier in node.GetSegmentation().GetSegmentIDs():
        node.GetSegmentation().GetSegment(identifier).AddRepresentation(BINARY_LABELMAP, vtkOrientedImageData())
    made = as_labelmap(node)
    assert made is not None and made.geometry.shape == OBLIQUE.shape
    np.testing.assert_allclose(made.geometry.index_to_lps(), OBLIQUE.index_to_lps(), atol=1e-9)
    assert [one.name for one in made.segments] == ["Liver", "Tumor", "Lung", "Nothing"]
    assert not any(layer.any() for layer in made.layers)
