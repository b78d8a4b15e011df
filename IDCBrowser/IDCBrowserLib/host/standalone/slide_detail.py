"""A closer look at the slide in a view: when it shows more than the loaded level has, the tiles in sight come from a finer one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from IDCBrowserLib.api import slide as api
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.loading.array_files import read_array, remove_arrays
from IDCBrowserLib.host.standalone.slide_window import Wanted, WindowAsker, wanted_in, xy_to_slide
from IDCBrowserLib.host_interface import Cancellable, OnError
from IDCBrowserLib.qtbinding import QtCore, QtGui
from IDCBrowserLib.scene.arrays import array4x4
from IDCBrowserLib.scene.provenance import SERIES_ATTRIBUTE, SLIDE_ATTRIBUTE

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLSliceNode, vtkMRMLVolumeNode
    from vtkmodules.vtkRenderingCore import vtkRenderer


class WindowSource(Protocol):
    """Reads windows of slides."""

    def ask(self, series_uid: str, files: list[str], wanted: Wanted, on_done: Callable[[api.Window], None], on_error: OnError) -> Cancellable:
        """A window; canceled ones tell nothing."""


class SlideDetail:
    """Draws below everything but the slice itself, with ``actor``. ``source`` None: there is nothing finer; ``note`` is what was said of the last
    window.
    """

    def __init__(self, renderer: vtkRenderer, on_change: Callable[[], None], parent: QtCore.QObject) -> None:
        from vtkmodules.vtkCommonDataModel import vtkImageData
        from vtkmodules.vtkRenderingCore import vtkActor2D, vtkImageMapper

        self.source: WindowSource | None = None
        self.note = ""
        self._on_change = on_change
        self._image = vtkImageData()
        mapper = vtkImageMapper()
        mapper.SetColorWindow(255)
        mapper.SetColorLevel(127.5)
        mapper.SetInputData(self._image)
        self.actor = vtkActor2D()
        self.actor.SetMapper(mapper)
        self.actor.GetProperty().SetDisplayLocationToBackground()
        self.actor.SetVisibility(False)
        renderer.AddViewProp(self.actor)
        self._volume: vtkMRMLVolumeNode | None = None
        self._window: tuple[QtGui.QImage, tuple[float, float, float, float]] | None = None
        self._asker: WindowAsker[api.Window] = WindowAsker(self._ask, self._take, self._fail, parent)

    @property
    def is_shown(self) -> bool:
        """Whether a finer level is in sight."""
        return bool(self.actor.GetVisibility())

    @property
    def is_of_slide(self) -> bool:
        """Whether the view shows a slide of which there may be finer levels."""
        return self._volume is not None

    def prepare(self, volume: vtkMRMLVolumeNode | None, node: vtkMRMLSliceNode) -> None:
        """Before a picture: show what has come, and want what is in sight."""
        slide = volume if self.source is not None and volume is not None and volume.GetAttribute(SLIDE_ATTRIBUTE) else None
        if slide is not self._volume:
            self._forget()
            self._volume = slide
        loaded = slide.GetImageData() if slide is not None else None
        if slide is None or loaded is None:
            return
        width, height = node.GetDimensions()[:2]
        columns, rows = loaded.GetDimensions()[:2]
        to_slide = xy_to_slide(_ras_to_ijk(slide), node, columns, rows)
        wanted = wanted_in(to_slide, width, height, columns)
        self.actor.SetVisibility(wanted is not None and self._draw(to_slide, width, height))
        self._asker.want(wanted)

    def stop(self) -> None:
        """Want nothing more."""
        self._forget()

    def _ask(self, wanted: Wanted, on_done: Callable[[api.Window], None], on_error: OnError) -> Cancellable:
        volume, source = self._volume, self.source
        assert volume is not None and source is not None, "nothing is wanted then"
        files = list(json.loads(volume.GetAttribute(SLIDE_ATTRIBUTE) or "[]"))
        return source.ask(volume.GetAttribute(SERIES_ATTRIBUTE) or "", files, wanted, on_done, on_error)

    def _take(self, answer: api.Window) -> None:
        import numpy as np

        try:
            pixels = np.ascontiguousarray(read_array(answer))
        finally:
            remove_arrays([answer])
        rows, columns = pixels.shape[:2]
        image = QtGui.QImage(pixels.data, columns, rows, 3 * columns, QtGui.QImage.Format.Format_RGB888).copy()
        left, top, right, bottom = answer["rect"]
        self._window = image, (left, top, right, bottom)
        self.note = " ".join(answer["warnings"])
        self._on_change()

    def _fail(self, error: IDCBrowserError) -> None:
        self.note = str(error)
        self._on_change()

    def _draw(self, to_slide: NDArray[Any], width: int, height: int) -> bool:
        """Put what is there of the slide into the picture; False where none of it is in sight."""
        import numpy as np
        from vtkmodules.util.numpy_support import numpy_to_vtk

        if self._window is None:
            return False
        image, (left, top, right, bottom) = self._window
        # From pixels of the window to those of the view, whose rows go upwards.
        to_view = np.linalg.inv(to_slide) @ np.array(
            [[(right - left) / image.width(), 0, left], [0, (bottom - top) / image.height(), top], [0, 0, 1]]
        )
        corners = to_view @ np.array([[0, image.width(), 0], [0, 0, image.height()], [1, 1, 1]])
        opposite = corners[:, 1] + corners[:, 2] - corners[:, 0]
        edges = np.column_stack([corners, opposite])[:2]
        low = np.maximum(np.floor(edges.min(axis=1) + 0.5), 0).astype(int)
        high = np.minimum(np.ceil(edges.max(axis=1) + 0.5), (width, height)).astype(int)
        if (high <= low).any():
            return False
        drawn = QtGui.QImage(int(high[0] - low[0]), int(high[1] - low[1]), QtGui.QImage.Format.Format_RGBX8888)
        drawn.fill(QtGui.QColor(255, 255, 255))
        shift = to_view[:2, 2] + 0.5 - low
        painter = QtGui.QPainter(drawn)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.setTransform(QtGui.QTransform(to_view[0, 0], to_view[1, 0], to_view[0, 1], to_view[1, 1], float(shift[0]), float(shift[1])))
        painter.drawImage(0, 0, image)
        painter.end()
        pixels = (
            np.frombuffer(drawn.constBits(), np.uint8).reshape(drawn.height(), drawn.bytesPerLine())[:, : 4 * drawn.width()].reshape(-1, 4)[:, :3]
        )
        self._image.SetDimensions(drawn.width(), drawn.height(), 1)
        self._image.GetPointData().SetScalars(numpy_to_vtk(np.ascontiguousarray(pixels), deep=True))
        self._image.Modified()
        self.actor.SetPosition(float(low[0]), float(low[1]))
        return True

    def _forget(self) -> None:
        self._asker.stop()
        self._volume = self._window = None
        self.note = ""
        self.actor.SetVisibility(False)


def _ras_to_ijk(volume: vtkMRMLVolumeNode) -> NDArray[Any]:
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    volume.GetRASToIJKMatrix(matrix)
    return array4x4(matrix)
