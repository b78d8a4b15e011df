"""Finds the slices to show first: those that contain most of a segmentation, or where the dose is highest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.scene.provenance import DOSE_KIND, KIND_ATTRIBUTE
from IDCBrowserLib.scene.segments.segmentation import BINARY_LABELMAP, CLOSED_SURFACE
from IDCBrowserLib.scene.transforms import in_scene

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLSegmentationNode, vtkMRMLVolumeNode, vtkOrientedImageData, vtkSegmentation

# Voxels looked at per layer; large volumes are thinned out before counting, so that the window is not held up.
_MAX_VOXELS = 2_000_000


def densest_point(segmentation_node: vtkMRMLSegmentationNode, identifier: str = "") -> tuple[float, float, float] | None:
    """The point (RAS, mm) whose three slices along the grid each hold the most segmented voxels, of one segment or of all; None for empty ones.

    Of surfaces that were never voxels it is the middle of the largest one.
    """
    segmentation = segmentation_node.GetSegmentation()
    if segmentation.GetSourceRepresentationName() == CLOSED_SURFACE:
        point = _middle_of_surface(segmentation, [identifier] if identifier else segmentation.GetSegmentIDs())
        return None if point is None else in_scene(segmentation_node, point)
    point = _densest_of_segment(segmentation, identifier) if identifier else _densest_of_all(segmentation)
    return None if point is None else in_scene(segmentation_node, point)


def highest_dose(volumes: Sequence[vtkMRMLVolumeNode]) -> tuple[float, float, float] | None:
    """The point (RAS, mm) at which the first dose among the volumes is highest; None where none of them is a dose."""
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    dose = next((volume for volume in volumes if volume.GetAttribute(KIND_ATTRIBUTE) == DOSE_KIND), None)
    image = dose.GetImageData() if dose is not None else None
    if dose is None or image is None or not image.GetNumberOfPoints():
        return None
    columns, rows, _depth = image.GetDimensions()
    place = int(vtk_to_numpy(image.GetPointData().GetScalars()).argmax())
    matrix = vtkMatrix4x4()
    dose.GetIJKToRASMatrix(matrix)
    x, y, z, _one = matrix.MultiplyPoint((place % columns, place // columns % rows, place // (columns * rows), 1.0))
    return in_scene(dose, (x, y, z))


def _densest_of_all(segmentation: vtkSegmentation) -> tuple[float, float, float] | None:
    from slicer import vtkOrientedImageData

    best: tuple[int, vtkOrientedImageData, tuple[int, int, int]] | None = None
    for layer in range(segmentation.GetNumberOfLayers(BINARY_LABELMAP)):
        image = vtkOrientedImageData.SafeDownCast(segmentation.GetLayerDataObject(layer, BINARY_LABELMAP))
        found = _densest_index(_voxels(image))
        if found is not None and (best is None or found[0] > best[0]):
            best = (found[0], image, found[1])
    if best is None:
        return None
    return _to_ras(best[1], best[2])


def _densest_of_segment(segmentation: vtkSegmentation, identifier: str) -> tuple[float, float, float] | None:
    from slicer import vtkOrientedImageData

    segment = segmentation.GetSegment(identifier)
    image = vtkOrientedImageData.SafeDownCast(None if segment is None else segment.GetRepresentation(BINARY_LABELMAP))
    if segment is None or image is None:
        return None
    found = _densest_index(_voxels(image), segment.GetLabelValue())
    return None if found is None else _to_ras(image, found[1])


def _middle_of_surface(segmentation: vtkSegmentation, identifiers: Sequence[str]) -> tuple[float, float, float] | None:
    from vtkmodules.vtkCommonDataModel import vtkPolyData

    segments = filter(None, map(segmentation.GetSegment, identifiers))
    surfaces = [vtkPolyData.SafeDownCast(segment.GetRepresentation(CLOSED_SURFACE)) for segment in segments]
    boxes = [surface.GetBounds() for surface in surfaces if surface is not None and surface.GetNumberOfPoints()]
    if not boxes:
        return None
    largest = max(boxes, key=lambda box: (box[1] - box[0]) * (box[3] - box[2]) * (box[5] - box[4]))
    return (largest[0] + largest[1]) / 2, (largest[2] + largest[3]) / 2, (largest[4] + largest[5]) / 2


def _voxels(image: vtkOrientedImageData) -> NDArray[Any]:
    from vtkmodules.util.numpy_support import vtk_to_numpy

    columns, rows, depth = image.GetDimensions()
    voxels: NDArray[Any] = vtk_to_numpy(image.GetPointData().GetScalars())
    return voxels.reshape(depth, rows, columns)


def _densest_index(array: NDArray[Any], label: int | None = None) -> tuple[int, tuple[int, int, int]] | None:
    """Number of voxels counted and the (k, j, i) of the densest slices; of one label, or of all."""
    import numpy as np

    def wanted(voxels: NDArray[Any]) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = voxels != 0 if label is None else voxels == label
        return found

    step = max(1, int(np.ceil((array.size / _MAX_VOXELS) ** 0.5)))
    inside = wanted(array[:, ::step, ::step])
    if step > 1 and not inside.any():
        step = 1
        inside = wanted(array)
    if not inside.any():
        return None
    k = int(inside.sum(axis=(1, 2)).argmax())
    j = int(inside.sum(axis=(0, 2)).argmax()) * step
    i = int(inside.sum(axis=(0, 1)).argmax()) * step
    return int(inside.sum()), (k, j, i)


def _to_ras(image: vtkOrientedImageData, index: tuple[int, int, int]) -> tuple[float, float, float]:
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    image.GetImageToWorldMatrix(matrix)
    extent = image.GetExtent()
    k, j, i = index
    x, y, z, _one = matrix.MultiplyPoint((i + extent[0], j + extent[2], k + extent[4], 1.0))
    return x, y, z
