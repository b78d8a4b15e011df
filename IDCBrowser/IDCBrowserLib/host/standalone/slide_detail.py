"""A closer look at the slide in a view: when it shows more than the loaded level has, the tiles in sight come from a finer one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from IDCBrowserLib.api import slide as api
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.loading.array_files import read_array, remove_arrays
from IDCBrowserLib.host_interface import Cancellable, OnError
from IDCBrowserLib.qtbinding import QtCore, QtGui
from IDCBrowserLib.scene.provenance import SERIES_ATTRIBUTE, SLIDE_ATTRIBUTE

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLSliceNode, vtkMRMLVolumeNode
    from vtkmodules.vtkRenderingCore import vtkRenderer

# Once nobody has zoomed or panned for so long.
_SETTLE_MS = 80
# The level that is loaded is sharp enough up to here.
_SHARP = 1.05
_MOST_PIXELS = 4096


class WindowSource(Protocol):
    """Reads windows of slides."""

    def ask(self, series_uid: str, files: list[str], wanted: Wanted, on_done: Callable[[api.Window], None], on_error: OnError) -> Cancellable:
        """A window; canceled ones tell nothing."""


@dataclass(frozen=True)
class Wanted:
    """``rect``: left, top, right and bottom from 0 to 1 of the slide, for so many pixels."""

    rect: tuple[float, float, float, float]
    width: int
    height: int


class SlideDetail:
    """Draws below everything but the slice itself. ``source`` None: there is nothing finer; ``note`` is what was said of the last window."""

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
        self._actor = vtkActor2D()
        self._actor.SetMapper(mapper)
        self._actor.GetProperty().SetDisplayLocationToBackground()
        self._actor.SetVisibility(False)
        renderer.AddViewProp(self._actor)
        self._volume: vtkMRMLVolumeNode | None = None
        self._asked: Wanted | None = None
        self._running: Cancellable | None = None
        self._window: tuple[QtGui.QImage, tuple[float, float, float, float]] | None = None
        self._timer = QtCore.QTimer(parent)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)
        self._wanted: Wanted | None = None
        self._settling: Wanted | None = None

    @property
    def is_shown(self) -> bool:
        """Whether a finer level is in sight."""
        return bool(self._actor.GetVisibility())

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
        to_slide = _xy_to_slide(slide, node, columns, rows)
        self._wanted = _wanted(to_slide, width, height, columns)
        self._actor.SetVisibility(self._wanted is not None and self._draw(to_slide, width, height))
        if self._wanted is None:
            self._stop()
            self._asked = None
        elif self._wanted not in (self._asked, self._settling):
            # Painting the same place again does not put it off.
            self._settling = self._wanted
            self._timer.start(_SETTLE_MS)

    def stop(self) -> None:
        """Want nothing more."""
        self._forget()

    def _ask(self) -> None:
        volume, wanted, self._settling = self._volume, self._wanted, None
        if volume is None or wanted is None or self.source is None or wanted == self._asked:
            return
        self._stop()
        self._asked = wanted
        files = list(json.loads(volume.GetAttribute(SLIDE_ATTRIBUTE) or "[]"))
        self._running = self.source.ask(volume.GetAttribute(SERIES_ATTRIBUTE) or "", files, wanted, self._take, self._fail)

    def _take(self, answer: api.Window) -> None:
        import numpy as np

        self._running = None
        try:
            pixels = np.ascontiguousarray(read_array(answer))
        except IDCBrowserError as error:
            self._fail(error)
            return
        finally:
            remove_arrays([answer])
        rows, columns = pixels.shape[:2]
        image = QtGui.QImage(pixels.data, columns, rows, 3 * columns, QtGui.QImage.Format.Format_RGB888).copy()
        left, top, right, bottom = answer["rect"]
        self._window = image, (left, top, right, bottom)
        self.note = " ".join(answer["warnings"])
        self._on_change()

    def _fail(self, error: IDCBrowserError) -> None:
        self._running = None
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
        self._actor.SetPosition(float(low[0]), float(low[1]))
        return True

    def _stop(self) -> None:
        self._timer.stop()
        self._settling = None
        if self._running is not None:
            self._running.cancel()
            self._running = None

    def _forget(self) -> None:
        self._stop()
        self._volume = self._window = self._asked = self._wanted = None
        self.note = ""
        self._actor.SetVisibility(False)


def _xy_to_slide(volume: vtkMRMLVolumeNode, node: vtkMRMLSliceNode, columns: int, rows: int) -> NDArray[Any]:
    """(3, 3): from pixels of the view (x, y, 1), centers at whole numbers, to (column, row) from 0 to 1 of the slide, which has so many loaded."""
    import numpy as np
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    to_ijk, both = vtkMatrix4x4(), vtkMatrix4x4()
    volume.GetRASToIJKMatrix(to_ijk)
    vtkMatrix4x4.Multiply4x4(to_ijk, node.GetXYToRAS(), both)
    found = np.array([[both.GetElement(row, column) for column in (0, 1, 3)] for row in range(2)])
    found[:, 2] += 0.5
    return np.vstack([found / [[columns], [rows]], [0, 0, 1]])


def _wanted(to_slide: NDArray[Any], width: int, height: int, loaded: int) -> Wanted | None:
    """What is in sight, where that is more than the level with so many columns ``loaded`` has, and the view is not turned against it."""
    import numpy as np

    axes = np.abs(to_slide[:2, :2])
    size = axes.max(axis=1)
    if (axes.min(axis=1) > 1e-6 * size).any() or (size <= 0).any() or 1 / size[0] <= _SHARP * loaded:
        return None
    corners = to_slide @ np.array([[-0.5, width - 0.5, -0.5, width - 0.5], [-0.5, -0.5, height - 0.5, height - 0.5], [1, 1, 1, 1]])
    low, high = (np.clip(corners[:2].min(axis=1), 0, 1), np.clip(corners[:2].max(axis=1), 0, 1))
    pixels = np.minimum(np.ceil((high - low) / size), _MOST_PIXELS).astype(int)
    if (pixels < 1).any():
        return None
    rect = tuple(round(float(value), 6) for value in (low[0], low[1], high[0], high[1]))
    return Wanted((rect[0], rect[1], rect[2], rect[3]), int(pixels[0]), int(pixels[1]))
