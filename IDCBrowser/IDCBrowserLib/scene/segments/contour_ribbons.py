"""Contours where a host shows models in slices as what a plane cuts of them: lines that lie in the plane are not cut, a band as high as a slice is.

Signatures (Slicer 5.12): ``vtkMRMLModelDisplayNode.SetSliceIntersectionThickness(pixels)``, ``SetVisibility2D``, ``SetVisibility3D``
(Libs/MRML/Core/vtkMRMLDisplayNode.h).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.scene.hierarchy import add_item_beside
from IDCBrowserLib.scene.names import unique_name
from IDCBrowserLib.scene.provenance import SERIES_ATTRIBUTE, STUDY_ATTRIBUTE, mark
from IDCBrowserLib.scene.segments.contours import COLORS, SEGMENTATION_ROLE, contour_arrays, contour_models, roi_numbers, show_rois, visible_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLModelNode, vtkMRMLScene
    from vtkmodules.vtkCommonDataModel import vtkPolyData

CONTOURS_ROLE = "IDCBrowser.contours"
_LINE_WIDTH = 2


class ContourRibbons:
    """``show`` all contours of a scene, or hide them; ``follow`` when segments may have been hidden."""

    def __init__(self, scene: vtkMRMLScene) -> None:
        self._scene = scene
        self._is_shown = False
        # ROI Numbers that are drawn, by id of the model of contours.
        self._drawn: dict[str, list[int]] = {}

    def show(self, shown: bool) -> None:
        """In 3D as they were drawn, in slices as the outlines of the slice that is seen."""
        self._is_shown = shown
        self._drawn.clear()
        there = {model.GetID(): ribbon for ribbon, model in _ribbons(self._scene)}
        for model in contour_models(self._scene):
            ribbon = there.get(model.GetID()) or (_add_ribbon(self._scene, model) if shown else None)
            for node in (model, ribbon):
                display = node.GetDisplayNode() if node is not None else None
                if display is not None:
                    display.SetVisibility(shown)
        self.follow()

    def follow(self) -> None:
        """The contours of hidden segments are hidden with them."""
        if not self._is_shown:
            return
        for ribbon, model in _ribbons(self._scene):
            numbers = visible_numbers(model)
            if self._drawn.get(model.GetID()) == numbers:
                continue
            self._drawn[model.GetID()] = numbers
            step = _slice_step(model)
            if step is not None:
                show_rois(model, numbers)
                ribbon.SetAndObservePolyData(_polydata(model, step, numbers))


def _ribbons(scene: vtkMRMLScene) -> list[tuple[vtkMRMLModelNode, vtkMRMLModelNode]]:
    """With the model of the contours that each was made of."""
    from slicer import vtkMRMLModelNode

    count = scene.GetNumberOfNodesByClass("vtkMRMLModelNode")
    nodes = [scene.GetNthNodeByClass(index, "vtkMRMLModelNode") for index in range(count)]
    return [(node, model) for node in nodes if isinstance(model := node.GetNodeReference(CONTOURS_ROLE), vtkMRMLModelNode)]


def _add_ribbon(scene: vtkMRMLScene, model: vtkMRMLModelNode) -> vtkMRMLModelNode:
    """Without a polygon so far."""
    from vtkmodules.vtkCommonDataModel import vtkDataObject

    node = scene.AddNewNodeByClass("vtkMRMLModelNode", unique_name(scene, f"{model.GetName()} in slices"))
    node.SetNodeReferenceID(CONTOURS_ROLE, model.GetID())
    mark(node, {name: model.GetAttribute(name) or "" for name in (SERIES_ATTRIBUTE, STUDY_ATTRIBUTE)})
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    assert display is not None, "it was just made"
    display.SetVisibility3D(False)
    display.SetVisibility2D(True)
    display.SetSliceIntersectionThickness(_LINE_WIDTH)
    display.SetActiveScalar(COLORS, vtkDataObject.CELL)
    display.SetScalarRangeFlag(display.UseDirectMapping)
    display.SetScalarVisibility(True)
    above = model.GetParentTransformNode()
    if above is not None:
        node.SetAndObserveTransformNodeID(above.GetID())
    add_item_beside(scene, model, node)
    return node


def _slice_step(model: vtkMRMLModelNode) -> NDArray[Any] | None:
    """From one slice of the structure set to the next, RAS mm: of its voxels, which lie on the grid of its images; None without any."""
    from slicer import vtkMRMLSegmentationNode, vtkMRMLVolumeNode
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    from IDCBrowserLib.scene.arrays import array4x4
    from IDCBrowserLib.scene.segments.segment_voxels import layers_of

    drawn = model.GetNodeReference(SEGMENTATION_ROLE)
    if isinstance(drawn, vtkMRMLSegmentationNode):
        layers = layers_of(drawn)
        return layers[0].to_ras[:3, 2] if layers else None
    if not isinstance(drawn, vtkMRMLVolumeNode):
        return None
    matrix = vtkMatrix4x4()
    drawn.GetIJKToRASMatrix(matrix)
    step: NDArray[Any] = array4x4(matrix)[:3, 2]
    return step


def _polydata(model: vtkMRMLModelNode, step: NDArray[Any], numbers: Sequence[int]) -> vtkPolyData:
    """A four-sided cell for each side of the contours of these ROIs, in their colors."""
    import numpy as np
    from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

    points, starts, colors = contour_arrays(model)
    count, lengths = len(points), np.diff(starts)
    following = np.arange(1, count + 1)
    # The last side ends where its contour begins.
    following[starts[1:] - 1] = starts[:-1]
    half = (step / 2).astype(points.dtype)
    corners = vtkPoints()
    corners.SetData(numpy_to_vtk(np.concatenate([points - half, points + half]), deep=True))
    shown = np.repeat(np.isin(roi_numbers(model), numbers), lengths)
    sides = np.column_stack([np.arange(count), following, following + count, np.arange(count) + count]).astype(np.int64)[shown]
    offsets = np.arange(0, 4 * len(sides) + 1, 4, dtype=np.int64)
    cells = vtkCellArray()
    cells.SetData(numpy_to_vtkIdTypeArray(offsets, deep=True), numpy_to_vtkIdTypeArray(sides.ravel(), deep=True))
    polydata = vtkPolyData()
    polydata.SetPoints(corners)
    polydata.SetPolys(cells)
    array = numpy_to_vtk(np.repeat(colors, lengths, axis=0)[shown], deep=True)
    array.SetName(COLORS)
    polydata.GetCellData().AddArray(array)
    return polydata
