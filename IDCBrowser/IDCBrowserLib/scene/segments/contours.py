"""The contours of a structure set over its voxels, as one model: thousands of contours are one object to draw."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.labelmap.rtstruct.contour_lines import ContourLines
from IDCBrowserLib.labelmap.types import Segment
from IDCBrowserLib.scene.names import unique_name
from IDCBrowserLib.scene.segments.segmentation import segment_id

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from slicer import vtkMRMLModelNode, vtkMRMLNode, vtkMRMLScene, vtkMRMLSegmentationNode
    from vtkmodules.vtkCommonDataModel import vtkPolyData

SEGMENTATION_ROLE = "IDCBrowser.segmentation"
COLORS, NUMBERS = "Colors", "ROINumber"
_LINE_WIDTH = 1


def add_contours(scene: vtkMRMLScene, lines: ContourLines, name: str, segmentation: vtkMRMLNode) -> vtkMRMLModelNode | None:
    """A hidden ``vtkMRMLModelNode`` with a closed line for each contour that encloses something; None where there is none.

    Cell arrays: ``COLORS`` (RGBA, shown as they are) and ``NUMBERS`` (ROI Number). The node refers to the ``segmentation`` (or labelmap volume)
    made of the contours.
    """
    closed = lines.enclosing()
    if not len(closed.contours):
        return None
    node = scene.AddNewNodeByClass("vtkMRMLModelNode", unique_name(scene, name))
    node.SetAndObservePolyData(_polydata(closed))
    node.SetNodeReferenceID(SEGMENTATION_ROLE, segmentation.GetID())
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    assert display is not None, "it was just made"
    display.SetVisibility(False)
    display.SetLineWidth(_LINE_WIDTH)
    display.SetLighting(False)
    display.SetActiveScalar(COLORS, _cell_data())
    display.SetScalarRangeFlag(display.UseDirectMapping)
    display.SetScalarVisibility(True)
    return node


def contour_models(scene: vtkMRMLScene) -> list[vtkMRMLModelNode]:
    """The nodes that ``add_contours`` made and whose segmentation is there, in the order of the scene."""
    count = scene.GetNumberOfNodesByClass("vtkMRMLModelNode")
    nodes = (scene.GetNthNodeByClass(index, "vtkMRMLModelNode") for index in range(count))
    return [node for node in nodes if node.GetNodeReference(SEGMENTATION_ROLE) is not None]


def numbers_in(model: vtkMRMLModelNode) -> list[int]:
    """ROI Numbers that have contours in the model."""
    import numpy as np

    return [int(number) for number in np.unique(roi_numbers(model))]


def roi_numbers(model: vtkMRMLModelNode) -> NDArray[Any]:
    """ROI Number of each contour."""
    return _cells(model, NUMBERS)


def visible_numbers(model: vtkMRMLModelNode) -> list[int]:
    """ROIs whose segment is there and visible: one that lies in another frame of reference has none."""
    node = segmentation_of(model)
    display = node.GetDisplayNode() if node is not None else None
    if node is None or display is None or not display.GetVisibility():
        return []
    identifiers = {number: segment_id(Segment(number, 0, "")) for number in numbers_in(model)}
    segmentation = node.GetSegmentation()
    return [n for n, own in identifiers.items() if segmentation.GetSegment(own) is not None and display.GetSegmentVisibility(own)]


def segmentation_of(model: vtkMRMLModelNode) -> vtkMRMLSegmentationNode | None:
    """Which was made of the contours."""
    from slicer import vtkMRMLSegmentationNode

    node = model.GetNodeReference(SEGMENTATION_ROLE)
    return node if isinstance(node, vtkMRMLSegmentationNode) else None


def show_rois(model: vtkMRMLModelNode, numbers: Iterable[int]) -> None:
    """Show the contours of these ROIs alone; the others become transparent. Nothing happens when that is so already."""
    import numpy as np

    colors, owners = _cells(model, COLORS), _cells(model, NUMBERS)
    alpha = np.where(np.isin(owners, list(numbers)), 255, 0).astype(np.uint8)
    if not np.array_equal(colors[:, 3], alpha):
        colors[:, 3] = alpha
        model.GetPolyData().GetCellData().GetArray(COLORS).Modified()
        model.GetPolyData().Modified()


def contour_arrays(model: vtkMRMLModelNode) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.uint8]]:
    """Points (n, 3) in RAS mm, where each contour starts (m + 1,), colors (m, 4). A contour's first point is not repeated at its end.

    They are views of the model's own arrays and change with it.
    """
    import numpy as np
    from vtkmodules.util.numpy_support import vtk_to_numpy

    polydata = model.GetPolyData()
    offsets = vtk_to_numpy(polydata.GetLines().GetOffsetsArray())
    # Each line has one entry more than its contour has points.
    return vtk_to_numpy(polydata.GetPoints().GetData()), offsets - np.arange(len(offsets)), _cells(model, COLORS)


def _polydata(lines: ContourLines) -> vtkPolyData:
    import numpy as np
    from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

    points = vtkPoints()
    points.SetData(numpy_to_vtk(lines.points * np.array([-1, -1, 1], np.float32), deep=True))
    owner, count = lines.contours[:, 0], lines.contours[:, 2].astype(np.int64)
    first = np.cumsum(count) - count
    offsets = np.concatenate([[0], np.cumsum(count + 1)]).astype(np.int64)
    corners = np.insert(np.arange(len(lines.points), dtype=np.int64), first + count, first)
    cells = vtkCellArray()
    cells.SetData(numpy_to_vtkIdTypeArray(offsets, deep=True), numpy_to_vtkIdTypeArray(corners, deep=True))
    polydata = vtkPolyData()
    polydata.SetPoints(points)
    polydata.SetLines(cells)
    colors = np.array([(*roi.color, 255) for roi in lines.rois], np.uint8)[owner]
    numbers = np.array([roi.number for roi in lines.rois], np.int64)[owner]
    for name, values in ((COLORS, colors), (NUMBERS, numbers)):
        array = numpy_to_vtk(values, deep=True)
        array.SetName(name)
        polydata.GetCellData().AddArray(array)
    return polydata


def _cells(model: vtkMRMLModelNode, name: str) -> NDArray[Any]:
    from vtkmodules.util.numpy_support import vtk_to_numpy

    found: NDArray[Any] = vtk_to_numpy(model.GetPolyData().GetCellData().GetArray(name))
    return found


def _cell_data() -> int:
    from vtkmodules.vtkCommonDataModel import vtkDataObject

    return vtkDataObject.CELL
