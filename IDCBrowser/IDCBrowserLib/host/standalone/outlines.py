"""Outlines of annotations on a slide, painted where few enough of them are in sight."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.loading.array_files import read_array
from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui
from IDCBrowserLib.scene.provenance import OUTLINES_ATTRIBUTE
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from slicer import vtkMRMLVolumeNode

# More would be painted for longer than a frame; then the density map says more.
MOST_SHOWN = 3000
_COLOR = QtGui.QColor(255, 230, 0)
_WIDTH = 1.5
_DOT = 3.0

Place = tuple[float, float, float]


@dataclass(frozen=True)
class Outlines:
    """``points`` (n, 2) mm along rows and columns from the first pixel, ``starts`` (m + 1,), ``centers`` (m, 2); ``to_ras`` (4, 4) of those mm."""

    points: NDArray[Any]
    starts: NDArray[Any]
    centers: NDArray[Any]
    to_ras: NDArray[Any]

    def within(self, low: tuple[float, float], high: tuple[float, float]) -> NDArray[Any]:
        """Numbers of the annotations whose centers lie between, mm."""
        import numpy as np

        inside = (self.centers >= np.asarray(low)) & (self.centers <= np.asarray(high))
        return np.flatnonzero(inside.all(axis=1))


class SlideOutlines:
    """Of the volume that is shown. ``draw`` asks ``ras_of`` for corners of the view and ``xy_of`` (4, 4) for places in it."""

    def __init__(self) -> None:
        self._of = ("", "")
        self._outlines: Outlines | None = None

    def draw(self, painter: QtGui.QPainter, volume: vtkMRMLVolumeNode | None, rect: QtCore.QRect, ras_of: Callable[[float, float], Place]) -> int:
        """Paint what is in sight; gives how many annotations are, painted or not."""
        import numpy as np

        outlines = self._load(volume)
        if outlines is None:
            return 0
        corners = [ras_of(float(x), float(y)) for x, y in ((0, 0), (rect.width(), 0), (0, rect.height()), (rect.width(), rect.height()))]
        flat = (np.linalg.inv(outlines.to_ras) @ np.column_stack([np.asarray(corners), np.ones(4)]).T)[:2].T
        shown = outlines.within(tuple(flat.min(axis=0)), tuple(flat.max(axis=0)))
        if len(shown) > MOST_SHOWN or not len(shown):
            return len(shown)
        # The picture is not distorted: three corners tell where millimeters of the slide lie in the widget.
        steps = np.column_stack([flat[1] - flat[0], flat[2] - flat[0]])
        to_widget = np.diag([rect.width(), rect.height()]) @ np.linalg.inv(steps)
        path = QtGui.QPainterPath()
        for number in shown.tolist():
            corners_of = (outlines.points[outlines.starts[number] : outlines.starts[number + 1]] - flat[0]) @ to_widget.T
            _add(path, corners_of.tolist())
        pen = QtGui.QPen(_COLOR)
        pen.setWidthF(_WIDTH)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        return len(shown)

    def _load(self, volume: vtkMRMLVolumeNode | None) -> Outlines | None:
        stated = (volume.GetAttribute(OUTLINES_ATTRIBUTE) or "") if volume is not None else ""
        key = (volume.GetID() if volume is not None else "", stated)
        if key != self._of:
            self._of = key
            self._outlines = _read(stated) if stated else None
        return self._outlines


def _add(path: QtGui.QPainterPath, corners: list[list[float]]) -> None:
    if len(corners) == 1:
        path.addEllipse(QtCore.QPointF(*corners[0]), _DOT, _DOT)
        return
    path.moveTo(*corners[0])
    for corner in corners[1:]:
        path.lineTo(*corner)
    path.closeSubpath()


def _read(stated: str) -> Outlines | None:
    """None where the scene is of an earlier session, whose arrays are gone."""
    import numpy as np

    document = json.loads(stated)
    try:
        points, starts, centers = (read_array(array) for array in document["arrays"])
    except IDCBrowserError:
        return None
    geometry = Geometry.from_json(document["geometry"])
    per_mm = np.diag([1 / geometry.spacing[0], 1 / geometry.spacing[1], 1.0, 1.0])
    return Outlines(points, starts, centers, geometry.index_to_ras() @ per_mm)
