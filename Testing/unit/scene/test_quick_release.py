"""Segmentations are let go of at once, and nobody who still has them loses voxels."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.made_volumes import labelmap

from IDCBrowserLib.scene.segments.quick_release import release_quickly
from IDCBrowserLib.scene.segments.segmentation import BINARY_LABELMAP, add_segmentation


def layer_of(node, identifier):
    return node.GetSegmentation().GetSegment(identifier).GetRepresentation(BINARY_LABELMAP)


def voxels(image):
    from vtkmodules.util.numpy_support import vtk_to_numpy

    return vtk_to_numpy(image.GetPointData().GetScalars())


@pytest.fixture
def shared_layer(scene):
    """A segmentation, and the image that its segments share: separating segments empties it, which shows whether that happened."""
    node = add_segmentation(scene, labelmap(), "Organs")
    image = layer_of(node, "Segment_1")
    assert np.count_nonzero(voxels(image))
    return node, image


def test_a_removed_segmentation_does_not_separate_its_segments(scene, shared_layer):
    node, image = shared_layer
    before = voxels(image).copy()
    scene.RemoveNode(node)
    del node, shared_layer
    assert np.array_equal(voxels(image), before)


@pytest.fixture
def kept_image(scene):
    """The shared image of a segmentation that only the scene holds, and its voxels."""
    node = add_segmentation(scene, labelmap(), "Organs")
    image = layer_of(node, "Segment_1")
    return image, voxels(image).copy()


def test_a_closed_scene_does_not_separate_segments(scene, kept_image):
    image, before = kept_image
    scene.Clear(0)
    assert scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 0
    assert np.array_equal(voxels(image), before) and before.any()


def test_without_it_slicer_would_empty_the_shared_image(scene):
    """What the other tests look at does tell."""
    import slicer

    made = labelmap()
    node = add_segmentation(scene, made, "Organs")
    image = layer_of(node, "Segment_1")
    plain = slicer.vtkSegmentation()
    plain.SetSourceRepresentationName(BINARY_LABELMAP)
    for number, label in enumerate((1, 3)):
        segment = slicer.vtkSegment()
        segment.SetLabelValue(label)
        segment.AddRepresentation(BINARY_LABELMAP, image)
        plain.AddSegment(segment, f"S{number}")
    segment = None
    before = np.count_nonzero(voxels(image))
    plain = None
    assert np.count_nonzero(voxels(image)) < before


def test_undo_brings_a_removed_segmentation_back_with_its_voxels(scene):
    node = add_segmentation(scene, labelmap(), "Organs")
    before = np.count_nonzero(voxels(layer_of(node, "Segment_1")))
    node.SetUndoEnabled(True)
    scene.SetUndoOn()
    scene.SaveStateForUndo()
    scene.RemoveNode(node)
    node = None
    assert scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 0
    scene.Undo()
    back = scene.GetFirstNodeByClass("vtkMRMLSegmentationNode")
    assert np.count_nonzero(voxels(layer_of(back, "Segment_1"))) == before


def test_a_node_that_is_put_back_by_a_script_has_its_voxels(scene):
    node = add_segmentation(scene, labelmap(), "Organs")
    scene.RemoveNode(node)
    scene.AddNode(node)
    assert np.count_nonzero(voxels(layer_of(node, "Segment_1")))


def test_a_segment_that_another_segmentation_holds_keeps_its_voxels(scene):
    import slicer

    node = add_segmentation(scene, labelmap(), "Organs")
    other = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Other")
    assert isinstance(other, slicer.vtkMRMLSegmentationNode)
    other.GetSegmentation().AddSegment(node.GetSegmentation().GetSegment("Segment_2"), "Segment_2")
    scene.RemoveNode(node)
    node = None
    assert np.count_nonzero(voxels(layer_of(other, "Segment_2")))


def test_a_shallow_copy_keeps_the_voxels(scene):
    """As sequences hold their data nodes."""
    node = add_segmentation(scene, labelmap(), "Organs")
    copy = scene.CreateNodeByClass("vtkMRMLSegmentationNode")
    copy.UnRegister(None)
    copy.CopyContent(node, False)
    scene.RemoveNode(node)
    node = None
    assert np.count_nonzero(voxels(layer_of(copy, "Segment_1")))


def test_segments_that_came_later_are_let_go_of_too(scene):
    import slicer

    node = add_segmentation(scene, labelmap(), "Organs")
    image = layer_of(node, "Segment_1")
    added = slicer.vtkSegment()
    added.SetLabelValue(200)
    added.AddRepresentation(BINARY_LABELMAP, image)
    node.GetSegmentation().AddSegment(added, "Added")
    added = None
    before = voxels(image).copy()
    scene.RemoveNode(node)
    node = None
    assert np.array_equal(voxels(image), before)


def test_it_may_be_asked_for_twice(scene, kept_image):
    image, before = kept_image
    release_quickly(scene.GetFirstNodeByClass("vtkMRMLSegmentationNode").GetSegmentation())
    scene.Clear(0)
    assert np.array_equal(voxels(image), before)
