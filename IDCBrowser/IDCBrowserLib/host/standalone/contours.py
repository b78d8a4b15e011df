"""Contours of structure sets over the pictures: lines on the slices on which they lie, marks where they pass through other planes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.qtbinding import QtCore, QtGui
from IDCBrowserLib.scene.segments.contours import contour_arrays, contour_models, segmentation_of, show_rois, visible_numbers
from IDCBrowserLib.scene.transforms import points_in_scene, transform_stamp

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from slicer import vtkMRMLDisplayableNode, vtkMRMLModelNode, vtkMRMLScene, vtkMRMLSliceNode

_LINE, _MARK = 1.4, 3.0
_HAIR_MM = 1e-3


def show_contours(scene: vtkMRMLScene, shown: bool) -> None:
    """Show or hide all contours; those of hidden segmentations stay hidden."""
    for model in contour_models(scene):
        display, drawn = model.GetDisplayNode(), segmentation_of(model)
        if display is not None:
            display.SetVisibility(shown and drawn is not None and _is_shown(drawn))
    follow_segments(scene)


def follow_segments(scene: vtkMRMLScene) -> None:
    """Hide the contours of hidden segments, and show them again with them."""
    for model in contour_models(scene):
        if _is_shown(model):
            show_rois(model, visible_numbers(model))


def _is_shown(node: vtkMRMLDisplayableNode) -> bool:
    display = node.GetDisplayNode()
    return display is not None and bool(display.GetVisibility())


class SliceContours:
    """The contours in one slice view. ``update`` before a picture, ``draw`` over it."""

    def __init__(self) -> None:
        self._strokes: list[tuple[QtGui.QColor, bool, list[QtCore.QPointF]]] = []
        self._heights: dict[str, _Heights] = {}

    def update(self, scene: vtkMRMLScene, slice_node: vtkMRMLSliceNode, step: float, ratio: float, height: int) -> None:
        """Find what belongs to the view's plane: contours that lie within half of ``step`` (mm), and where others pass through it.

        ``ratio`` are pixels of the picture for one of the widget, ``height`` that of the widget.
        """
        import numpy as np

        self._strokes = []
        to_ras = np.array([slice_node.GetXYToRAS().GetElement(row, column) for row in range(4) for column in range(4)]).reshape(4, 4)
        to_view = np.linalg.inv(to_ras)
        matrix = slice_node.GetSliceToRAS()
        normal = np.array([matrix.GetElement(row, 2) for row in range(3)])
        offset = float(normal @ to_ras[:3, 3])
        models = [model for model in contour_models(scene) if _is_shown(model)]
        self._heights = {model.GetID(): self._measured(model, normal) for model in models}
        for model in models:
            found = self._heights[model.GetID()]
            for color, points, closed in found.near(offset, step / 2 + _HAIR_MM):
                view = (points @ to_view[:3, :3].T + to_view[:3, 3])[:, :2] / ratio
                view[:, 1] = height - view[:, 1]
                self._strokes.append((_lighter(color), closed, [QtCore.QPointF(x, y) for x, y in view.tolist()]))

    def draw(self, painter: QtGui.QPainter) -> None:
        """Draw what ``update`` found."""
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
        for color, closed, points in self._strokes:
            pen = QtGui.QPen(color)
            pen.setWidthF(_LINE if closed else _MARK)
            painter.setPen(pen)
            if closed:
                painter.drawPolygon(points)
            else:
                painter.drawPoints(points)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing, False)

    def _measured(self, model: vtkMRMLModelNode, normal: NDArray[np.float64]) -> _Heights:
        import numpy as np

        known = self._heights.get(model.GetID())
        if known is not None and known.model is model and known.moved == transform_stamp(model) and np.allclose(known.normal, normal, atol=1e-9):
            return known
        return _Heights(model, normal)


def _lighter(color: tuple[int, int, int]) -> QtGui.QColor:
    """Told apart from the outline of the voxels, which has the segment's color."""
    return QtGui.QColor(*((value + 255 * 2) // 3 for value in color))


class _Heights:
    """How high the points of a model lie along a normal: measured once, asked at every scroll."""

    def __init__(self, model: vtkMRMLModelNode, normal: NDArray[np.float64]) -> None:
        import numpy as np

        self.model, self.normal, self.moved = model, normal, transform_stamp(model)
        points, self._starts, self._colors = contour_arrays(model)
        self._points = points_in_scene(model, points)
        self._heights = self._points @ normal.astype(np.float32)
        self._low = np.minimum.reduceat(self._heights, self._starts[:-1])
        self._high = np.maximum.reduceat(self._heights, self._starts[:-1])
        self._after = np.arange(1, len(self._points) + 1)
        self._after[self._starts[1:] - 1] = self._starts[:-1]
        self._heights_after = self._heights[self._after]

    def near(self, offset: float, half: float) -> list[tuple[tuple[int, int, int], NDArray[np.float32], bool]]:
        """Color, points (RAS), and whether they are a closed line or single marks: lines for each contour that lies on a plane,
        marks where others pass through it, those of one color together."""
        import numpy as np

        visible = self._colors[:, 3] > 0
        lies = (self._low >= offset - half) & (self._high <= offset + half)
        found = [
            (_rgb(self._colors[index]), self._points[self._starts[index] : self._starts[index + 1]], True)
            for index in np.flatnonzero(lies & visible).tolist()
        ]
        edges = np.flatnonzero((self._heights < offset) != (self._heights_after < offset))
        owners = np.searchsorted(self._starts, edges, side="right") - 1
        chosen = (visible & ~lies)[owners]
        marks, owners = self._passing(edges[chosen], offset), owners[chosen]
        for color in np.unique(self._colors[owners], axis=0):
            found.append((_rgb(color), marks[(self._colors[owners] == color).all(axis=1)], False))
        return found

    def _passing(self, edges: NDArray[np.int64], offset: float) -> NDArray[np.float32]:
        """Where edges pass through a height."""
        begin, end = self._heights[edges], self._heights_after[edges]
        part = (offset - begin) / (end - begin)
        start = self._points[edges]
        passed: NDArray[np.float32] = start + part[:, None] * (self._points[self._after[edges]] - start)
        return passed


def _rgb(color: NDArray[np.uint8]) -> tuple[int, int, int]:
    red, green, blue = color[:3].tolist()
    return red, green, blue
