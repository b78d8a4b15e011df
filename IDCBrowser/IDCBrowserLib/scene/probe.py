"""Looks up the image value and the segments at a point of the scene."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from IDCBrowserLib.scene.segments.segmentation import BINARY_LABELMAP
from IDCBrowserLib.scene.transforms import from_scene

if TYPE_CHECKING:
    from slicer import vtkMRMLSegmentationNode, vtkMRMLVolumeNode, vtkSegment, vtkSegmentation
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

Point = tuple[float, float, float]


def value_at(volume_node: vtkMRMLVolumeNode, ras: Point) -> float | None:
    """The voxel value of a scalar volume at a point (RAS, mm), nearest voxel; None outside."""
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    volume_node.GetRASToIJKMatrix(matrix)
    return _sample(volume_node.GetImageData(), matrix, from_scene(volume_node, ras))


def segments_at(segmentation_node: vtkMRMLSegmentationNode, ras: Point) -> tuple[str, ...]:
    """Names of the visible segments at a point (RAS, mm), overlapping ones all."""
    from slicer import vtkOrientedImageData
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    segmentation, display = segmentation_node.GetSegmentation(), segmentation_node.GetDisplayNode()
    if display is None or not display.GetVisibility():
        return ()
    own = from_scene(segmentation_node, ras)
    found: dict[int, str] = {}
    for layer in range(segmentation.GetNumberOfLayers(BINARY_LABELMAP)):
        image = vtkOrientedImageData.SafeDownCast(segmentation.GetLayerDataObject(layer, BINARY_LABELMAP))
        matrix = vtkMatrix4x4()
        image.GetWorldToImageMatrix(matrix)
        label = _sample(image, matrix, own)
        if label:
            for position, identifier, segment in _segments_of_layer(segmentation, layer):
                if segment.GetLabelValue() == label and display.GetSegmentVisibility(identifier):
                    found[position] = segment.GetName()
    return tuple(found[position] for position in sorted(found))


def _segments_of_layer(segmentation: vtkSegmentation, layer: int) -> Iterator[tuple[int, str, vtkSegment]]:
    for identifier in segmentation.GetSegmentIDsForLayer(layer, BINARY_LABELMAP):
        segment = segmentation.GetSegment(identifier)
        assert segment is not None, "the segmentation names only segments it has"
        yield segmentation.GetSegmentIndex(identifier), identifier, segment


def _sample(image: vtkImageData | None, world_to_index: vtkMatrix4x4, ras: Point) -> float | None:
    if image is None or image.GetPointData().GetScalars() is None:
        return None
    position = world_to_index.MultiplyPoint((*ras, 1.0))
    i, j, k = (round(value) for value in position[:3])
    extent = image.GetExtent()
    inside = extent[0] <= i <= extent[1] and extent[2] <= j <= extent[3] and extent[4] <= k <= extent[5]
    return image.GetScalarComponentAsDouble(i, j, k, 0) if inside else None
