"""A transform above a segmentation: what is drawn, pointed at, measured, exported and gone to lies where the transform leads."""

import numpy as np
import pytest
from helpers.made_volumes import AXIAL, OBLIQUE, image, labelmap

from IDCBrowserLib.host_interface import ViewPlace
from IDCBrowserLib.scene.arrays import matrix4x4
from IDCBrowserLib.scene.places import show_place
from IDCBrowserLib.scene.probe import segments_at, value_at
from IDCBrowserLib.scene.provenance import DOSE_KIND, FRAME_ATTRIBUTE, KIND_ATTRIBUTE, SERIES_ATTRIBUTE, mark
from IDCBrowserLib.scene.registrations import add_registration, apply_registration
from IDCBrowserLib.scene.segments.densest import densest_point, highest_dose
from IDCBrowserLib.scene.segments.labelmap_nodes import add_labelmap
from IDCBrowserLib.scene.segments.segment_voxels import as_labelmap, measure, middle_of, slice_at
from IDCBrowserLib.scene.segments.segments import SceneSegments
from IDCBrowserLib.scene.volumes import add_scalar_volume

# A quarter turn about the axis from feet to head, and a shift; RAS, mm.
TURNED = np.array([[0, -1, 0, 30], [1, 0, 0, -20], [0, 0, 1, 12], [0, 0, 0, 1]], float)
CT, SEG = "1.2.3.5", "1.2.3.4"


def transform_node(scene, matrix=TURNED):
    node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Moved")
    node.SetMatrixTransformToParent(matrix4x4(matrix))
    return node


def bending_node(scene):
    """A grid of displacements: 5 mm toward the head everywhere."""
    import slicer
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData

    displacements = vtkImageData()
    displacements.SetDimensions(2, 2, 2)
    displacements.SetOrigin(-500, -500, -500)
    displacements.SetSpacing(1000, 1000, 1000)
    displacements.GetPointData().SetScalars(numpy_to_vtk(np.tile([0.0, 0.0, 5.0], (8, 1)), deep=True))
    node = scene.AddNewNodeByClass("vtkMRMLGridTransformNode", "Bent")
    grid = slicer.vtkOrientedGridTransform()
    grid.SetDisplacementGridData(displacements)
    node.SetAndObserveTransformToParent(grid)
    return node


def ras(geometry, k, j, i):
    return tuple((geometry.index_to_ras() @ [i, j, k, 1])[:3])


def moved(point, matrix=TURNED):
    return tuple((matrix @ [*point, 1])[:3])


@pytest.fixture(params=[AXIAL, OBLIQUE], ids=["axial", "oblique"])
def geometry(request):
    return request.param


@pytest.fixture
def volume(scene, geometry):
    node = add_scalar_volume(scene, image(geometry), geometry, "CT")
    mark(node, {SERIES_ATTRIBUTE: CT, FRAME_ATTRIBUTE: "1.9"})
    return node


@pytest.fixture
def segmentation(scene, geometry, volume):
    return add_labelmap(scene, labelmap(geometry), SEG, [volume]).segmentation


def test_values_and_segments_are_found_where_they_were_moved(scene, geometry, volume, segmentation):
    node = transform_node(scene)
    for one in (volume, segmentation):
        one.SetAndObserveTransformNodeID(node.GetID())
    point = ras(geometry, 12, 10, 15)
    before = value_at(volume, moved(point)), segments_at(segmentation, moved(point))
    assert before[1] == ("Liver", "Tumor") and segments_at(segmentation, point) == ()
    for one in (volume, segmentation):
        one.SetAndObserveTransformNodeID(None)
    assert before == (value_at(volume, point), segments_at(segmentation, point))


def test_the_way_to_a_segment_leads_to_where_it_was_moved(scene, segmentation):
    here = middle_of(segmentation, "Segment_1", 12)
    densest = densest_point(segmentation), densest_point(segmentation, "Segment_1")
    segmentation.SetAndObserveTransformNodeID(transform_node(scene).GetID())
    there = middle_of(segmentation, "Segment_1", 12)
    np.testing.assert_allclose(there, moved(here), atol=1e-6)
    np.testing.assert_allclose(slice_at(segmentation, "Segment_1", there), 12, atol=1e-6)
    np.testing.assert_allclose([densest_point(segmentation), densest_point(segmentation, "Segment_1")], [moved(one) for one in densest], atol=1e-6)


def test_the_highest_dose_is_found_where_the_dose_was_moved(scene, geometry, volume):
    values = np.zeros(geometry.shape, np.float32)
    values[3, 5, 7] = 60.0
    dose = add_scalar_volume(scene, values, geometry, "Dose")
    assert highest_dose([volume, dose]) is None, "none of them is said to be a dose"
    mark(dose, {KIND_ATTRIBUTE: DOSE_KIND})
    here = ras(geometry, 3, 5, 7)
    np.testing.assert_allclose(highest_dose([volume, dose]), here, atol=1e-6)
    dose.SetAndObserveTransformNodeID(transform_node(scene).GetID())
    np.testing.assert_allclose(highest_dose([volume, dose]), moved(here), atol=1e-6)


def test_what_bends_is_followed_as_well(scene, segmentation, geometry):
    here = middle_of(segmentation, "Segment_1", 12)
    segmentation.SetAndObserveTransformNodeID(bending_node(scene).GetID())
    np.testing.assert_allclose(middle_of(segmentation, "Segment_1", 12), np.add(here, (0, 0, 5)), atol=1e-3)
    assert segments_at(segmentation, tuple(np.add(ras(geometry, 12, 10, 15), (0, 0, 5)))) == ("Liver", "Tumor")
    assert as_labelmap(segmentation) is None, "bent voxels lie on no grid"


def test_an_image_that_moves_along_has_the_same_means_and_one_that_stays_has_none(scene, volume, segmentation):
    def means():
        return [figures.mean for found in measure(segmentation) if found for figures in found.values()]

    before = means()
    assert any(mean is not None for mean in before)
    node = transform_node(scene)
    segmentation.SetAndObserveTransformNodeID(node.GetID())
    assert means() == [None] * len(before)
    volume.SetAndObserveTransformNodeID(node.GetID())
    assert means() == before


def test_voxels_are_given_back_where_they_lie_on_their_image(scene, volume, segmentation):
    before = as_labelmap(segmentation).geometry.index_to_ras()
    node = transform_node(scene)
    segmentation.SetAndObserveTransformNodeID(node.GetID())
    np.testing.assert_allclose(as_labelmap(segmentation).geometry.index_to_ras(), TURNED @ before, atol=1e-6)
    volume.SetAndObserveTransformNodeID(node.GetID())
    np.testing.assert_allclose(as_labelmap(segmentation).geometry.index_to_ras(), before, atol=1e-6)


def test_other_voxels_on_the_grid_of_a_moved_segmentation_are_taken(scene, geometry, segmentation):
    segmentation.SetAndObserveTransformNodeID(transform_node(scene).GetID())
    assert SceneSegments(scene).replace_voxels(segmentation.GetID(), labelmap(geometry))


def test_a_registration_moves_what_was_drawn_on_the_image(scene, volume, segmentation):
    registration = add_registration(scene, np.eye(4).tolist(), "1.9", "1.10", "REG")
    apply_registration([volume], registration, True)
    assert segmentation.GetParentTransformNode() is registration
    apply_registration([volume], registration, False)
    assert segmentation.GetParentTransformNode() is None


def test_an_outline_of_a_measurement_lies_on_its_moved_image(scene, volume, geometry):
    volume.SetAndObserveTransformNodeID(transform_node(scene).GetID())
    point = ras(geometry, 12, 10, 15)
    missing, found = show_place(scene, ViewPlace("Nodule", CT, points=((-point[0], -point[1], point[2]),)))
    assert missing == ""
    np.testing.assert_allclose(found, moved(point), atol=1e-6)
