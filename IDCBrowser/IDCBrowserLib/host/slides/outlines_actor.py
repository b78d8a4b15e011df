"""Outlines of annotations on a slide as lines of a slice view's renderer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.host.slides.outlines import COLOR, DOT, WIDTH, Outlines, OutlinesOfVolume
from IDCBrowserLib.scene.arrays import array4x4

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLSliceNode, vtkMRMLVolumeNode
    from vtkmodules.vtkRenderingCore import vtkRenderer

# Of a point that was annotated.
_SIDES = 12


class OutlinesActor:
    """``prepare`` before a picture. ``outlines`` may be those of several views."""

    def __init__(self, renderer: vtkRenderer, outlines: OutlinesOfVolume) -> None:
        from vtkmodules.vtkCommonDataModel import vtkPolyData
        from vtkmodules.vtkRenderingCore import vtkActor2D, vtkPolyDataMapper2D

        self._renderer, self._outlines = renderer, outlines
        self._lines = vtkPolyData()
        mapper = vtkPolyDataMapper2D()
        mapper.SetInputData(self._lines)
        self._actor = vtkActor2D()
        self._actor.SetMapper(mapper)
        self._actor.GetProperty().SetColor(*(part / 255 for part in COLOR))
        self._actor.GetProperty().SetLineWidth(WIDTH)
        self._actor.SetVisibility(False)
        # What was looked for last, and how many were found.
        self._drawn_of: Outlines | None = None
        self._drawn: object = None
        self._count = 0
        renderer.AddViewProp(self._actor)

    def prepare(self, volume: vtkMRMLVolumeNode | None, view: vtkMRMLSliceNode) -> int:
        """Those of a density map that the view shows; gives how many are in sight, drawn or not."""
        import numpy as np

        outlines = self._outlines.get(volume)
        if outlines is None:
            self._actor.SetVisibility(False)
            return 0
        width, height = view.GetDimensions()[:2]
        xy_to_ras = array4x4(view.GetXYToRAS())
        wanted = width, height, xy_to_ras.tobytes()
        if outlines is not self._drawn_of or wanted != self._drawn:
            self._drawn_of, self._drawn = outlines, wanted
            corners = np.array([(0, 0, 0, 1), (width, 0, 0, 1), (0, height, 0, 1), (width, height, 0, 1)], float)
            self._count, rings = outlines.in_view((xy_to_ras @ corners.T)[:3].T, width, height)
            self._draw([_rounded(ring) for ring in rings])
        self._actor.SetVisibility(self._lines.GetNumberOfCells() > 0)
        return self._count

    def remove(self) -> None:
        """Take it out of the renderer."""
        self._renderer.RemoveViewProp(self._actor)

    def _draw(self, rings: Sequence[NDArray[Any]]) -> None:
        """Closed lines of points (n, 2) in pixels of the view."""
        import numpy as np
        from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
        from vtkmodules.vtkCommonCore import vtkPoints
        from vtkmodules.vtkCommonDataModel import vtkCellArray

        if not rings:
            self._lines.Initialize()
            return
        places = np.concatenate(rings)
        ends = np.cumsum([len(ring) for ring in rings])
        order = np.concatenate([[*range(end - len(ring), end), end - len(ring)] for ring, end in zip(rings, ends.tolist(), strict=True)])
        points, cells = vtkPoints(), vtkCellArray()
        points.SetData(numpy_to_vtk(np.column_stack([places, np.zeros(len(places))]), deep=True))
        offsets = np.concatenate([[0], ends + np.arange(1, len(rings) + 1)])
        cells.SetData(numpy_to_vtkIdTypeArray(offsets.astype(np.int64), deep=True), numpy_to_vtkIdTypeArray(order.astype(np.int64), deep=True))
        self._lines.SetPoints(points)
        self._lines.SetLines(cells)
        self._lines.Modified()


def _rounded(corners: NDArray[Any]) -> NDArray[Any]:
    """An outline as it is; a circle for a point."""
    import numpy as np

    if len(corners) > 1:
        return corners
    angles = np.linspace(0, 2 * np.pi, _SIDES, endpoint=False)
    circle: NDArray[Any] = corners + DOT * np.column_stack([np.cos(angles), np.sin(angles)])
    return circle
