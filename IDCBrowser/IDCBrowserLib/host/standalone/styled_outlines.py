"""Dashed and dotted outlines of segmentations over the pictures; Slicer's displayable manager draws the solid ones."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.host.standalone.label_outlines import label_outlines
from IDCBrowserLib.qtbinding import QtCore, QtGui
from IDCBrowserLib.scene.arrays import array4x4, image_data, matrix4x4
from IDCBrowserLib.scene.provenance import segmentation_nodes
from IDCBrowserLib.scene.segments.line_style import DASHED, SOLID, line_style_of
from IDCBrowserLib.scene.segments.segment_voxels import Layer, layers_of, voxel_stamp
from IDCBrowserLib.scene.transforms import to_scene, transform_stamp

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from slicer import vtkMRMLScene, vtkMRMLSegmentationNode, vtkMRMLSliceNode

# Drawn and left out, in line widths.
_PATTERNS = {True: [5.0, 3.0], False: [1.0, 2.0]}
_Lines = dict[int, list[QtGui.QPolygonF]]


@dataclass(frozen=True)
class _For:
    """``stamp`` of the voxels, ``moved`` of the transforms above them, ``to_ras`` of the view's pixels, and the labels in sight, layer by layer."""

    stamp: int
    moved: tuple[str, int]
    to_ras: bytes
    width: int
    height: int
    labels: tuple[tuple[int, ...], ...]


class StyledOutlines:
    """The outlines in one slice view. ``update`` before a picture, ``draw`` over it."""

    def __init__(self) -> None:
        self._lines: list[tuple[QtGui.QPen, list[QtGui.QPolygonF]]] = []
        # By segmentation: what they were found for, and the lines of each label in each of its layers.
        self._found: dict[str, tuple[_For, list[_Lines]]] = {}

    def update(self, scene: vtkMRMLScene, slice_node: vtkMRMLSliceNode, ratio: float, width: int, height: int) -> None:
        """Find what lies in the view's plane, unless that is known. ``ratio`` are pixels of the picture for one of the widget, which is ``width`` x
        ``height``."""
        import numpy as np

        # From pixels of the widget, whose rows go down.
        to_picture = np.array([[ratio, 0, 0, 0], [0, -ratio, 0, height * ratio], [0, 0, 1, 0], [0, 0, 0, 1]])
        to_ras = array4x4(slice_node.GetXYToRAS()) @ to_picture
        known, self._found, self._lines = self._found, {}, []
        for node in _styled(scene, slice_node):
            layers = layers_of(node)
            shown = [_shown(node, layer) for layer in layers]
            wanted = _For(voxel_stamp(node), transform_stamp(node), to_ras.tobytes(), width, height, tuple(tuple(one.values()) for one in shown))
            found, lines = known.get(node.GetID() or "", (None, []))
            if found != wanted:
                cuts = (_seen(node, layer, to_ras, width, height) for layer in layers)
                lines = [_lines(labels, tuple(one.values())) for labels, one in zip(cuts, shown, strict=True)]
            self._found[node.GetID() or ""] = wanted, lines
            for of_layer, one in zip(lines, shown, strict=True):
                self._lines += [(_pen(node, identifier, ratio), of_layer[label]) for identifier, label in one.items() if label in of_layer]

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
    for node in segmentation_nodes(scene):
        display = node.GetDisplayNode()
        if display is not None and line_style_of(node) != SOLID and display.GetVisibility(slice_node.GetID()):
            yield node


def _seen(node: vtkMRMLSegmentationNode, layer: Layer, to_ras: NDArray[np.float64], width: int, height: int) -> NDArray[Any]:
    """The label (row, column) below the middle of each pixel of the widget; 0 outside the layer. ``to_ras`` (4, 4): from pixels to RAS mm."""
    import numpy as np
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkCommonTransforms import vtkGeneralTransform
    from vtkmodules.vtkImagingCore import vtkImageReslice

    # From the scene to (i, j, k), through what moves the segmentation.
    to_index = vtkGeneralTransform()
    to_index.PostMultiply()
    if node.GetParentTransformNode() is not None:
        to_index.Concatenate(to_scene(node).GetInverse())
    to_index.Concatenate(matrix4x4(np.linalg.inv(layer.to_ras)))
    to_middle = np.eye(4)
    to_middle[:2, 3] = 0.5
    cut = vtkImageReslice()
    cut.SetInputData(image_data(layer.voxels, vtkImageData))
    cut.SetResliceAxes(matrix4x4(to_ras @ to_middle))
    cut.SetResliceTransform(to_index)
    cut.SetInterpolationModeToNearestNeighbor()
    cut.SetOutputSpacing(1, 1, 1)
    cut.SetOutputOrigin(0, 0, 0)
    cut.SetOutputExtent(0, width - 1, 0, height - 1, 0, 0)
    cut.Update()
    labels: NDArray[Any] = vtk_to_numpy(cut.GetOutput().GetPointData().GetScalars()).reshape(height, width)
    return labels


def _shown(node: vtkMRMLSegmentationNode, layer: Layer) -> dict[str, int]:
    display = node.GetDisplayNode()
    assert display is not None, "it is in sight"
    return {identifier: label for identifier, label in layer.segments.items() if display.GetSegmentVisibility(identifier)}


def _pen(node: vtkMRMLSegmentationNode, identifier: str, ratio: float) -> QtGui.QPen:
    display, segment = node.GetDisplayNode(), node.GetSegmentation().GetSegment(identifier)
    assert display is not None and segment is not None, "it is in sight"
    pen = QtGui.QPen(QtGui.QColor.fromRgbF(*segment.GetColor()))
    pen.setWidthF(max(1, display.GetSliceIntersectionThickness()) / ratio)
    pen.setCapStyle(QtCore.Qt.PenCapStyle.FlatCap)
    pen.setDashPattern(_PATTERNS[line_style_of(node) == DASHED])
    return pen


def _lines(labels: NDArray[Any], wanted: Sequence[int]) -> _Lines:
    return {label: [_polygon(points) for points in lines] for label, lines in label_outlines(labels, wanted).items()}


def _polygon(points: NDArray[np.float64]) -> QtGui.QPolygonF:
    """As Qt stores it: ten times as fast as a Python object for each point."""
    stored = struct.pack(">I", len(points)) + points.astype(">f8").tobytes()
    made = QtGui.QPolygonF()
    QtCore.QDataStream(QtCore.QByteArray(stored)) >> made
    return made
