"""Dashed and dotted outlines of segmentations over the pictures; Slicer's displayable manager draws the solid ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.qtbinding import QtCore, QtGui
from IDCBrowserLib.scene.arrays import image_data
from IDCBrowserLib.scene.line_style import DASHED, SOLID, line_style_of
from IDCBrowserLib.scene.segment_voxels import Layer, layers_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from slicer import vtkMRMLScene, vtkMRMLSegmentationNode, vtkMRMLSliceNode

# Drawn and left out, in line widths.
_PATTERNS = {True: [5.0, 3.0], False: [1.0, 2.0]}
_LONGEST_LINE = 1_000_000


class StyledOutlines:
    """The outlines in one slice view. ``update`` before a picture, ``draw`` over it."""

    def __init__(self) -> None:
        self._lines: list[tuple[QtGui.QPen, list[QtGui.QPolygonF]]] = []

    def update(self, scene: vtkMRMLScene, slice_node: vtkMRMLSliceNode, ratio: float, width: int, height: int) -> None:
        """Find what lies in the view's plane. ``ratio`` are pixels of the picture for one of the widget, which is ``width`` x ``height``."""
        import numpy as np

        self._lines = []
        matrix = slice_node.GetXYToRAS()
        to_ras = np.array([matrix.GetElement(row, column) for row in range(4) for column in range(4)]).reshape(4, 4)
        # From pixels of the widget, whose rows go down.
        to_ras = to_ras @ np.array([[ratio, 0, 0, 0], [0, -ratio, 0, height * ratio], [0, 0, 1, 0], [0, 0, 0, 1]])
        for node in _styled(scene, slice_node):
            for layer in layers_of(node):
                labels = _seen(layer, np.linalg.inv(layer.to_ras) @ to_ras, width, height)
                self._lines += list(_drawn(node, layer, labels, ratio))

    def draw(self, painter: QtGui.QPainter) -> None:
        """Draw what ``update`` found."""
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
        for pen, lines in self._lines:
            painter.setPen(pen)
            for line in lines:
                painter.drawPolyline(line)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing, False)


def _styled(scene: vtkMRMLScene, slice_node: vtkMRMLSliceNode) -> Iterator[vtkMRMLSegmentationNode]:
    """Segmentations in sight whose outlines are not solid."""
    for number in range(scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")):
        node = scene.GetNthNodeByClass(number, "vtkMRMLSegmentationNode")
        display = node.GetDisplayNode()
        if display is not None and line_style_of(node) != SOLID and display.GetVisibility(slice_node.GetID()):
            yield node


def _seen(layer: Layer, to_index: NDArray[np.float64], width: int, height: int) -> NDArray[Any]:
    """The label (row, column) below the middle of each pixel of the widget; 0 outside the layer. ``to_index`` (4, 4): pixels to (i, j, k)."""
    import numpy as np

    x, y = np.arange(width) + 0.5, (np.arange(height) + 0.5)[:, None]
    i, j, k = (np.floor(row[0] * x + row[1] * y + row[3] + 0.5).astype(np.int32) for row in to_index[:3])
    depth, rows, columns = layer.voxels.shape
    inside = (i >= 0) & (i < columns) & (j >= 0) & (j < rows) & (k >= 0) & (k < depth)
    labels = np.zeros((height, width), layer.voxels.dtype)
    labels[inside] = layer.voxels[k[inside], j[inside], i[inside]]
    return labels


def _drawn(node: vtkMRMLSegmentationNode, layer: Layer, labels: NDArray[Any], ratio: float) -> Iterator[tuple[QtGui.QPen, list[QtGui.QPolygonF]]]:
    display, segmentation = node.GetDisplayNode(), node.GetSegmentation()
    assert display is not None, "it is in sight"
    pattern = _PATTERNS[line_style_of(node) == DASHED]
    for identifier, label in layer.segments.items():
        segment = segmentation.GetSegment(identifier)
        if segment is None or not display.GetSegmentVisibility(identifier):
            continue
        lines = _border(labels == label)
        if lines:
            pen = QtGui.QPen(QtGui.QColor.fromRgbF(*segment.GetColor()))
            pen.setWidthF(max(1, display.GetSliceIntersectionThickness()) / ratio)
            pen.setCapStyle(QtCore.Qt.PenCapStyle.FlatCap)
            pen.setDashPattern(pattern)
            yield pen, lines


def _border(mask: NDArray[np.bool_]) -> list[QtGui.QPolygonF]:
    """Lines around a mask (row, column) of pixels, in pixels; open where it leaves the view."""
    import numpy as np
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkStripper
    from vtkmodules.vtkFiltersGeneral import vtkDiscreteFlyingEdges2D

    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return []
    top, left = max(0, int(rows[0]) - 1), max(0, int(columns[0]) - 1)
    part = mask[top : rows[-1] + 2, left : columns[-1] + 2]
    if min(part.shape) < 2:
        return []
    edges = vtkDiscreteFlyingEdges2D()
    edges.SetInputData(image_data(part[None].astype(np.uint8), vtkImageData))
    edges.SetValue(0, 1)
    joined = vtkStripper()
    joined.SetInputConnection(edges.GetOutputPort())
    joined.SetMaximumLength(_LONGEST_LINE)
    joined.JoinContiguousSegmentsOn()
    joined.Update()
    found = joined.GetOutput()
    if not found.GetNumberOfLines():
        return []
    points = vtk_to_numpy(found.GetPoints().GetData())[:, :2] + (left + 0.5, top + 0.5)
    order, starts = (vtk_to_numpy(array) for array in (found.GetLines().GetConnectivityArray(), found.GetLines().GetOffsetsArray()))
    corners = points[order].tolist()
    return [
        QtGui.QPolygonF([QtCore.QPointF(x, y) for x, y in corners[start:end]])
        for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    ]
