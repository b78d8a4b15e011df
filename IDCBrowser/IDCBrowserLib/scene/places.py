"""Where a measurement was made, in the views: its segment, or its outline as Markups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.host_interface import ViewPlace
from IDCBrowserLib.labelmap.types import Annotation
from IDCBrowserLib.scene.annotations import add_annotations
from IDCBrowserLib.scene.provenance import nodes_of_series, volumes_of_series
from IDCBrowserLib.scene.segments.densest import densest_point
from IDCBrowserLib.scene.transforms import in_scene

if TYPE_CHECKING:
    from slicer import vtkMRMLScene, vtkMRMLSegmentationNode

_REGION_ATTRIBUTE = "IDCBrowser.MeasuredRegion"
_COLOR = (255, 200, 0)

Ras = tuple[float, float, float]


def show_place(scene: vtkMRMLScene, place: ViewPlace) -> tuple[str, Ras | None]:
    """Shows the segment, or draws the outline in place of the one drawn last.

    Gives the SeriesInstanceUID that has to be loaded first, "" where none has, and the point (RAS, mm) to look at; None where there is none.
    """
    if place.segment_number is not None and not place.points:
        return _segment(scene, place)
    missing = place.image_series_uid if place.image_series_uid and not nodes_of_series(scene, place.image_series_uid) else ""
    if missing or not place.points:
        return missing, None
    return "", _outline(scene, place)


def show_in_scene(scene: vtkMRMLScene, place: ViewPlace) -> str:
    """The same, and all slice views of the scene go there, along their normals only. Gives the series that has to be loaded first.

    ``vtkMRMLSliceNode.JumpAllSlices(scene, r, a, s, jumpMode)``: Libs/MRML/Core/vtkMRMLSliceNode.h.
    """
    from slicer import vtkMRMLSliceNode

    missing, point = show_place(scene, place)
    if point is not None:
        vtkMRMLSliceNode.JumpAllSlices(scene, *point, vtkMRMLSliceNode.OffsetJumpSlice)
    return missing


def _segment(scene: vtkMRMLScene, place: ViewPlace) -> tuple[str, Ras | None]:
    from slicer import vtkMRMLSegmentationNode

    identifier = f"Segment_{place.segment_number}"
    nodes = [node for node in nodes_of_series(scene, place.segmentation_series_uid) if isinstance(node, vtkMRMLSegmentationNode)]
    own: vtkMRMLSegmentationNode | None = next((node for node in nodes if node.GetSegmentation().GetSegment(identifier) is not None), None)
    if own is None:
        return ("" if nodes else place.segmentation_series_uid), None
    display = own.GetDisplayNode()
    if display is not None:
        display.SetVisibility(True)
        display.SetSegmentVisibility(identifier, True)
    return "", densest_point(own, identifier)


def _outline(scene: vtkMRMLScene, place: ViewPlace) -> Ras:
    former = [
        node
        for kind in ("vtkMRMLMarkupsFiducialNode", "vtkMRMLMarkupsCurveNode")
        for node in (scene.GetNthNodeByClass(number, kind) for number in range(scene.GetNumberOfNodesByClass(kind)))
        if node.GetAttribute(_REGION_ATTRIBUTE)
    ]
    for node in former:
        scene.RemoveNode(node)
    points = place.points
    if place.closed and points[0] != points[-1]:
        points = (*points, points[0])
    kind = "POINT" if len(points) == 1 else "OPEN_NONPLANAR"
    (node,) = add_annotations(scene, [Annotation(place.name, kind, points, _COLOR)])
    node.SetAttribute(_REGION_ATTRIBUTE, "1")
    # It goes where its image was moved to.
    above = next((image.GetParentTransformNode() for image in volumes_of_series(scene, place.image_series_uid)), None)
    node.SetAndObserveTransformNodeID(above.GetID() if above is not None else None)
    count = len(place.points)
    x, y, z = (sum(point[axis] for point in place.points) / count for axis in range(3))
    return in_scene(node, (-x, -y, z))
