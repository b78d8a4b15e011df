"""A labelmap as a segmentation: segments that share one image per layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.export.plain_text import one_line
from IDCBrowserLib.labelmap.types import Labelmap, Segment
from IDCBrowserLib.scene.arrays import image_data, matrix4x4
from IDCBrowserLib.scene.names import unique_name
from IDCBrowserLib.scene.segments import segment_tags as tags
from IDCBrowserLib.scene.segments.quick_release import release_quickly
from IDCBrowserLib.scene.segments.terminology import terminology_tag

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLNode, vtkMRMLScene, vtkMRMLSegmentationNode, vtkMRMLVolumeNode, vtkOrientedImageData, vtkSegment, vtkSegmentation
    from vtkmodules.vtkCommonDataModel import vtkDataObject

BINARY_LABELMAP = "Binary labelmap"
CLOSED_SURFACE = "Closed surface"
# Of Segment Label in DICOM (VR LO).
_LONGEST_LABEL = 64
# Lighter than Slicer's 0.5: the anatomy below stays readable.
_FILL_OPACITY = 0.35


def add_segmentation(
    scene: vtkMRMLScene, labelmap: Labelmap, name: str, reference_volume: vtkMRMLVolumeNode | None = None
) -> vtkMRMLSegmentationNode:
    """A ``vtkMRMLSegmentationNode`` with one segment per segment of ``labelmap``, empty ones included.

    Each layer becomes one image that its segments share, each segment with its label value, as Slicer does after collapsing. The voxels are
    those of ``labelmap.layers``, not copies. ``reference_volume`` gives the reference image geometry and the position in the scene.
    No closed surface is made.
    """
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", unique_name(scene, name))
    segmentation = node.GetSegmentation()
    segmentation.SetSourceRepresentationName(BINARY_LABELMAP)
    images = [_layer_image(layer, labelmap) for layer in labelmap.layers]
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    assert display is not None, "it was just made"
    display.SetPreferredDisplayRepresentationName2D(BINARY_LABELMAP)
    display.SetPreferredDisplayRepresentationName3D(CLOSED_SURFACE)
    display.SetOpacity2DFill(_FILL_OPACITY)
    was_modifying = node.StartModify()
    for segment in labelmap.segments:
        _add_segment(segmentation, segment, images[segment.layer])
    node.EndModify(was_modifying)
    release_quickly(segmentation)
    if reference_volume is not None:
        node.SetReferenceImageGeometryParameterFromVolumeNode(reference_volume)
    return node


def add_segments(node: vtkMRMLSegmentationNode, labelmap: Labelmap) -> None:
    """Further segments of the object that ``add_segmentation`` made a node of; those that are there stay as they are."""
    images = [_layer_image(layer, labelmap) for layer in labelmap.layers]
    was_modifying = node.StartModify()
    for segment in labelmap.segments:
        _add_segment(node.GetSegmentation(), segment, images[segment.layer])
    node.EndModify(was_modifying)
    node.Modified()


def segmentations_among(nodes: Iterable[vtkMRMLNode]) -> list[vtkMRMLSegmentationNode]:
    """Those of the nodes that are segmentations."""
    from slicer import vtkMRMLSegmentationNode

    return [node for node in nodes if isinstance(node, vtkMRMLSegmentationNode)]


def numbers_of(node: vtkMRMLSegmentationNode) -> set[int]:
    """Segment Numbers of the segments that are there, as far as they are known."""
    segmentation = node.GetSegmentation()
    entries = [segmentation.GetSegment(identifier) for identifier in segmentation.GetSegmentIDs()]
    return {int(number) for entry in entries if entry is not None and (number := tags.tag_of(entry, tags.NUMBER_TAG)).isdecimal()}


def replace_voxels(node: vtkMRMLSegmentationNode, labelmap: Labelmap) -> None:
    """Other voxels, and what is said about them, for the segments that ``add_segmentation`` made; names, colors and visibility stay. Surfaces go."""
    segmentation = node.GetSegmentation()
    images = [_layer_image(layer, labelmap) for layer in labelmap.layers]
    was_modifying = node.StartModify()
    for segment in labelmap.segments:
        entry = segmentation.GetSegment(segment_id(segment))
        if entry is None:
            continue
        _take(entry, segment, images[segment.layer])
        for tag in (tags.CONTOUR_RULE_TAG, tags.AREAS_TAG):
            entry.SetTag(tag, _tags(segment)[tag])
    node.EndModify(was_modifying)
    node.Modified()


def take_segments(node: vtkMRMLSegmentationNode, labelmap: Labelmap) -> None:
    """The segments of ``labelmap``, whose numbers are its own: those of the same name take their voxels and stay what they are, others are added,
    and those that it has not go. Surfaces go."""
    segmentation = node.GetSegmentation()
    images = [_layer_image(layer, labelmap) for layer in labelmap.layers]
    was_modifying = node.StartModify()
    left = list(segmentation.GetSegmentIDs())
    for segment in labelmap.segments:
        same = next((one for one in left if _called(segmentation, one) == segment.name.rstrip()), None)
        entry = None if same is None else segmentation.GetSegment(same)
        if same is None or entry is None:
            _add_segment(segmentation, replace(segment, number=0), images[segment.layer])
        else:
            left.remove(same)
            _take(entry, segment, images[segment.layer])
    for gone in left:
        segmentation.RemoveSegment(gone)
    node.EndModify(was_modifying)
    node.Modified()


def _take(entry: vtkSegment, segment: Segment, image: vtkOrientedImageData) -> None:
    entry.RemoveRepresentation(CLOSED_SURFACE)
    entry.SetLabelValue(segment.label_value)
    entry.AddRepresentation(BINARY_LABELMAP, image)


def _called(segmentation: vtkSegmentation, identifier: str) -> str:
    """As ``export`` writes it."""
    segment = segmentation.GetSegment(identifier)
    return "" if segment is None else one_line(segment.GetName() or "")[:_LONGEST_LABEL].rstrip()


def reference_volume(segmentation_node: vtkMRMLSegmentationNode) -> vtkMRMLVolumeNode | None:
    """The volume that gave a segmentation its reference geometry: what it was drawn on; None where there is none."""
    from slicer import vtkMRMLVolumeNode

    node = segmentation_node.GetNodeReference(segmentation_node.GetReferenceImageGeometryReferenceRole())
    return node if isinstance(node, vtkMRMLVolumeNode) else None


def segment_id(segment: Segment) -> str:
    """The id in the segmentation: Segment Number or ROI Number, which is unique in its object."""
    return f"Segment_{segment.number}"


def surface_of(segmentation_node: vtkMRMLSegmentationNode, identifier: str) -> vtkDataObject | None:
    """The closed surface of one segment as ``vtkPolyData``, without adding it; None where there is none to make.

    Slicer makes all at once, which holds up the window; here a host can draw in between. It is made in a segmentation that holds this segment
    alone, in the box around it, since Slicer would go through the whole image, with the conversion parameters of ``segmentation_node``.
    """
    from slicer import vtkSegment, vtkSegmentation

    segmentation = segmentation_node.GetSegmentation()
    segment = segmentation.GetSegment(identifier)
    voxels = None if segment is None else segment.GetRepresentation(BINARY_LABELMAP)
    if segment is None or voxels is None:
        return None
    alone_voxels = _cropped(voxels, segment.GetLabelValue())
    if alone_voxels is None:
        return None
    single = vtkSegment()
    single.AddRepresentation(BINARY_LABELMAP, alone_voxels)
    alone = vtkSegmentation()
    alone.SetSourceRepresentationName(BINARY_LABELMAP)
    alone.CopyConversionParameters(segmentation)
    alone.AddSegment(single, identifier)
    alone.CreateRepresentation(CLOSED_SURFACE, True)
    return alone.GetSegmentRepresentation(identifier, CLOSED_SURFACE)


def add_surfaces(segmentation_node: vtkMRMLSegmentationNode, surfaces: Mapping[str, vtkDataObject]) -> None:
    """Give segments their surfaces. All of a segmentation at once: a 3D view that sees one missing makes it on the spot."""
    segmentation = segmentation_node.GetSegmentation()
    was_modifying = segmentation_node.StartModify()
    for identifier, surface in surfaces.items():
        segment = segmentation.GetSegment(identifier)
        if segment is not None:
            segment.AddRepresentation(CLOSED_SURFACE, surface)
    segmentation_node.EndModify(was_modifying)


def has_surface(segmentation_node: vtkMRMLSegmentationNode, identifier: str) -> bool:
    """Whether a segment has its closed surface."""
    segment = segmentation_node.GetSegmentation().GetSegment(identifier)
    return segment is not None and segment.GetRepresentation(CLOSED_SURFACE) is not None


def _cropped(image: vtkDataObject, label: int) -> vtkOrientedImageData | None:
    """The voxels with this label as ones, in the smallest box that holds them; None where there are none."""
    import numpy as np
    from slicer import vtkOrientedImageData
    from vtkmodules.util.numpy_support import vtk_to_numpy

    shared = vtkOrientedImageData.SafeDownCast(image)
    columns, rows, depth = shared.GetDimensions()
    scalars = shared.GetPointData().GetScalars()
    if scalars is None:
        return None
    voxels = vtk_to_numpy(scalars).reshape(depth, rows, columns)
    planes = np.array([(plane == label).any() for plane in voxels])
    if not planes.any():
        return None
    box = [_span(planes)]
    inside = voxels[box[0]] == label
    box += [_span(inside.any(axis=(0, 2))), _span(inside.any(axis=(0, 1)))]
    cropped = image_data(inside[:, box[1], box[2]].astype(np.uint8), vtkOrientedImageData)
    extent = shared.GetExtent()
    starts = (extent[0], extent[2], extent[4])
    ends = [bound for first, span in zip(starts, reversed(box), strict=True) for bound in (first + span.start, first + span.stop - 1)]
    cropped.SetExtent(ends)
    matrix = matrix4x4(np.eye(4))
    shared.GetImageToWorldMatrix(matrix)
    cropped.SetGeometryFromImageToWorldMatrix(matrix)
    return cropped


def _span(occupied: NDArray[Any]) -> slice:
    import numpy as np

    found = np.flatnonzero(occupied)
    return slice(int(found[0]), int(found[-1]) + 1)


def _layer_image(layer: NDArray[Any], labelmap: Labelmap) -> vtkOrientedImageData:
    from slicer import vtkOrientedImageData

    image = image_data(layer, vtkOrientedImageData)
    image.SetGeometryFromImageToWorldMatrix(matrix4x4(labelmap.geometry.index_to_ras()))
    return image


def _add_segment(segmentation: vtkSegmentation, segment: Segment, image: vtkOrientedImageData) -> None:
    from slicer import vtkSegment

    entry = vtkSegment()
    entry.SetName(segment.name)
    entry.SetNameAutoGenerated(False)
    entry.SetColorAutoGenerated(False)
    red, green, blue = (value / 255.0 for value in segment.color)
    entry.SetColor(red, green, blue)
    entry.SetLabelValue(segment.label_value)
    entry.AddRepresentation(BINARY_LABELMAP, image)
    for tag, value in _tags(segment).items():
        if value:
            entry.SetTag(tag, value)
    identifier = segment_id(segment)
    if segmentation.GetSegment(identifier) is not None:
        identifier = segmentation.GenerateUniqueSegmentID(identifier)
    segmentation.AddSegment(entry, identifier)


def _tags(segment: Segment) -> dict[str, str]:
    """Slicer's own tag names for the terminology and the algorithm; tracking identification under this program's prefix."""
    from slicer import vtkSegment

    return {
        vtkSegment.GetTerminologyEntryTagName(): terminology_tag(segment),
        tags.ALGORITHM_TYPE_TAG: segment.algorithm_type,
        tags.ALGORITHM_NAME_TAG: segment.algorithm_name,
        tags.NUMBER_TAG: str(segment.number),
        tags.DESCRIPTION_TAG: segment.description,
        tags.TRACKING_ID_TAG: segment.tracking_id,
        tags.TRACKING_UID_TAG: segment.tracking_uid,
        tags.CONTOUR_RULE_TAG: str(segment.details.get("rule", "")),
        tags.AREAS_TAG: _areas(segment),
    }


def _areas(segment: Segment) -> str:
    """Of a structure set: how the area inside its contours compares with that of its voxels, over all slices."""
    ratio = segment.details.get("voxel_to_contour_area")
    if not isinstance(ratio, float):
        return ""
    contours, voxels = float(segment.details["contour_area_mm2"]), float(segment.details["voxel_area_mm2"])
    return f"contours {contours / 100:,.1f} cm2, voxels {voxels / 100:,.1f} cm2 ({ratio - 1:+.2%})"
