"""Dashed and dotted outlines of segmentations over the pictures; Slicer's displayable manager draws the solid ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.qtbinding import QtCore, QtGui
from IDCBrowserLib.scene.arrays import image_data, matrix4x4
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
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkImagingCore import vtkImageReslice

    to_middle = np.eye(4)
    to_middle[:2, 3] = 0.5
    cut = vtkImageReslice()
    cut.SetInputData(image_data(layer.voxels, vtkImageData))
    cut.SetResliceAxes(matrix4x4(to_index @ to_middle))
    cut.SetInterpolationModeToNearestNeighbor()
    cut.SetOutputSpacing(1, 1, 1)
    cut.SetOutputOrigin(0, 0, 0)
    cut.SetOutputExtent(0, width - 1, 0, height - 1, 0, 0)
    cut.Update()
    labels: NDArray[Any] = vtk_to_numpy(cut.GetOutput().GetPointData().GetScalars()).reshape(height, width)
    return labels


def _drawn(node: vtkMRMLSegmentationNode, layer: Layer, labels: NDArray[Any], ratio: float) -> Iterator[tuple[QtGui.QPen, list[QtGui.QPolygonF]]]:
    display, segmentation = node.GetDisplayNode(), node.GetSegmentation()
    assert display is not None, "it is in sight"
    pattern = _PATTERNS[line_style_of(node) == DASHED]
    places = _boxes(labels)
    for identifier, label in layer.segments.items():
        segment, box = segmentation.GetSegment(identifier), places.get(label)
        if segment is None or box is None or not display.GetSegmentVisibility(identifier):
            continue
        lines = _border(labels, label, *box)
        if lines:
            pen = QtGui.QPen(QtGui.QColor.fromRgbF(*segment.GetColor()))
            pen.setWidthF(max(1, display.GetSliceIntersectionThickness()) / ratio)
            pen.setCapStyle(QtCore.Qt.PenCapStyle.FlatCap)
            pen.setDashPattern(pattern)
            yield pen, lines


def _boxes(labels: NDArray[Any]) -> dict[int, tuple[slice, slice]]:
    """Rows and columns of each label. scipy does that as well, but takes half a second to load."""
    import numpy as np

    places = np.flatnonzero(labels)
    if not len(places):
        return {}
    found = labels.ravel()[places]
    order = np.argsort(found, kind="stable")
    places, found = places[order], found[order]
    starts = np.flatnonzero(np.concatenate([[True], found[1:] != found[:-1]]))
    ends = np.append(starts[1:], len(places)) - 1
    width = labels.shape[1]
    # In the order of rows, as they were found.
    tops, bottoms, columns = places[starts] // width, places[ends] // width, places % width
    lefts, rights = np.minimum.reduceat(columns, starts), np.maximum.reduceat(columns, starts)
    bounds = zip(found[starts].tolist(), tops.tolist(), bottoms.tolist(), lefts.tolist(), rights.tolist(), strict=True)
    return {label: (slice(top, bottom + 1), slice(left, right + 1)) for label, top, bottom, left, right in bounds}


def _border(labels: NDArray[Any], label: int, rows: slice, columns: slice) -> list[QtGui.QPolygonF]:
    """Lines around a label that lies in these rows and columns, in pixels; open where it leaves the view."""
    import numpy as np
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkMarchingSquares, vtkStripper

    top, left = max(0, rows.start - 1), max(0, columns.start - 1)
    part = labels[top : rows.stop + 1, left : columns.stop + 1] == label
    if min(part.shape) < 2:
        return []
    edges = vtkMarchingSquares()
    edges.SetInputData(image_data(part[None].astype(np.uint8), vtkImageData))
    edges.SetValue(0, 0.5)
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
