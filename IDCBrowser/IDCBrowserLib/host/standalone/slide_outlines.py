"""Outlines of annotations on a slide, painted over a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.host.slides.outlines import COLOR, DOT, WIDTH, OutlinesOfVolume
from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui

if TYPE_CHECKING:
    from collections.abc import Callable

    from slicer import vtkMRMLVolumeNode

Place = tuple[float, float, float]


class SlideOutlines:
    """Of the volume that is shown. ``draw`` asks ``ras_of`` for corners of the view."""

    def __init__(self) -> None:
        self._outlines = OutlinesOfVolume()

    def draw(self, painter: QtGui.QPainter, volume: vtkMRMLVolumeNode | None, rect: QtCore.QRect, ras_of: Callable[[float, float], Place]) -> int:
        """Paint what is in sight; gives how many annotations are, painted or not."""
        import numpy as np

        outlines = self._outlines.get(volume)
        if outlines is None:
            return 0
        corners = [ras_of(float(x), float(y)) for x, y in ((0, 0), (rect.width(), 0), (0, rect.height()), (rect.width(), rect.height()))]
        count, rings = outlines.in_view(np.asarray(corners), rect.width(), rect.height())
        if not rings:
            return count
        path = QtGui.QPainterPath()
        for ring in rings:
            _add(path, ring.tolist())
        pen = QtGui.QPen(QtGui.QColor(*COLOR))
        pen.setWidthF(WIDTH)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        return count


def _add(path: QtGui.QPainterPath, corners: list[list[float]]) -> None:
    if len(corners) == 1:
        path.addEllipse(QtCore.QPointF(*corners[0]), DOT, DOT)
        return
    path.moveTo(*corners[0])
    for corner in corners[1:]:
        path.lineTo(*corner)
    path.closeSubpath()
