"""Offscreen VTK windows and the widget that paints their image: one code path with and without a screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.host.standalone.log import errors_only
from IDCBrowserLib.qtbinding import QtCore, QtGui, QtWidgets

if TYPE_CHECKING:
    from slicer import vtkMRMLApplicationLogic, vtkMRMLDisplayableManagerFactory, vtkMRMLDisplayableManagerGroup
    from vtkmodules.vtkCommonCore import vtkObject
    from vtkmodules.vtkRenderingCore import vtkRenderWindow

# Two frames of a 60 Hz screen: many changes of the scene become one picture.
_COALESCE_MS = 30
_ZOOM_PER_PIXEL = 1.01
# As OpenGL names drivers that draw with the processor (Mesa, Windows).
_SOFTWARE_DRIVERS = ("llvmpipe", "softpipe", "swrast", "software", "gdi generic", "basic render")


class RenderWindow:
    """An offscreen render window with one renderer, and the displayable managers that fill it from the scene."""

    def __init__(self) -> None:
        from vtkmodules.vtkCommonCore import vtkUnsignedCharArray
        from vtkmodules.vtkRenderingCore import vtkRenderer
        from vtkmodules.vtkRenderingUI import vtkGenericRenderWindowInteractor

        self.window = _new_window()
        self.window.SetOffScreenRendering(1)
        self.window.SetShowWindow(False)
        self.window.SetMultiSamples(0)
        self.renderer = vtkRenderer()
        self.window.AddRenderer(self.renderer)
        # Displayable managers expect an interactor; this one never draws by itself.
        self.interactor = vtkGenericRenderWindowInteractor()
        self.interactor.SetRenderWindow(self.window)
        self.interactor.EnableRenderOff()
        self.managers: vtkMRMLDisplayableManagerGroup | None = None
        self._pixels = vtkUnsignedCharArray()
        self._driver: str | None = None

    @property
    def draws_with_processor(self) -> bool:
        """Whether there is no graphics card: then fewer and coarser pictures keep a drag fluid. Known once a picture was made."""
        if self._driver is None:
            self._driver = self.window.ReportCapabilities().lower()
        return any(name in self._driver for name in _SOFTWARE_DRIVERS)

    def add_managers(
        self, factory: vtkMRMLDisplayableManagerFactory, application_logic: vtkMRMLApplicationLogic, names: Sequence[str]
    ) -> vtkMRMLDisplayableManagerGroup:
        """Create the displayable managers; the group emits ``UpdateEvent`` when a picture is due."""
        from slicer import vtkMRMLDisplayableManagerGroup

        factory.SetMRMLApplicationLogic(application_logic)
        for name in names:
            if not factory.IsDisplayableManagerRegistered(name):
                factory.RegisterDisplayableManager(name)
        managers = vtkMRMLDisplayableManagerGroup()
        managers.SetRenderer(self.renderer)
        managers.Initialize(factory, self.renderer)
        self.managers = managers
        return managers

    def resize(self, width: int, height: int) -> None:
        """Set the size in pixels; displayable managers are told of a change."""
        if tuple(self.window.GetSize()) == (width, height):
            return
        self.window.SetSize(width, height)
        self.interactor.UpdateSize(width, height)

    def image(self) -> QtGui.QImage:
        """Render now; a ``QImage`` that owns its pixels, top row first."""
        from vtkmodules.util.numpy_support import vtk_to_numpy

        self.window.Render()
        width, height = self.window.GetSize()
        self.window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, self._pixels, 0)
        # OpenGL's rows go upwards.
        pixels = vtk_to_numpy(self._pixels).reshape(height, width, 4)[::-1].copy()
        # Where no volume lies the blended slice is transparent; Qt wants 255 in the padding of RGBX.
        pixels[:, :, 3] = 255
        return QtGui.QImage(pixels.data, width, height, width * 4, QtGui.QImage.Format.Format_RGBX8888).copy()

    def close(self) -> None:
        """Free the graphics context."""
        if self.managers is not None:
            self.managers.SetMRMLDisplayableNode(None)
        self.window.Finalize()


class RenderWidget(QtWidgets.QWidget):
    """A plain widget that paints the picture of a ``RenderWindow``. ``invalidate`` asks for a new one; a timer joins many requests.

    Drags are told as ``drag_left(dx, dy)``, ``zoom(factor)`` (right button) and ``pan(dx, dy)`` (middle button, or left with Shift), in pixels.
    """

    activated = QtCore.Signal(object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.render_window = RenderWindow()
        self._image: QtGui.QImage | None = None
        self._is_stale = True
        self._released = False
        self._observed: list[tuple[vtkObject, int]] = []
        self._drag: tuple[QtCore.Qt.MouseButton, QtCore.QPointF] | None = None
        self._timer = QtCore.QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_COALESCE_MS)
        self._timer.timeout.connect(self.update)
        self.setMinimumSize(120, 100)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_OpaquePaintEvent, True)

    def invalidate(self, *_unused: object) -> None:
        """The scene changed: paint a new picture soon. Cheap; may be called any number of times."""
        self._is_stale = True
        if not self._released and not self._timer.isActive():
            self._timer.start()

    @property
    def is_dragged(self) -> bool:
        """Whether a mouse button is held over it."""
        return self._drag is not None

    def pixel_size(self) -> tuple[int, int]:
        """Width and height of the picture in pixels of the screen."""
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def paintEvent(self, _event: QtGui.QPaintEvent) -> None:
        """Paint the last picture, a new one where the scene changed, and the annotations above it."""
        if (self._is_stale or self._image is None) and not self._released:
            self._is_stale = False
            # The screen may have another pixel ratio than at the last resize.
            self.render_window.resize(*self.pixel_size())
            self.prepare()
            self._image = self.render_window.image()
        painter = QtGui.QPainter(self)
        try:
            if self._image is None:
                painter.fillRect(self.rect(), QtCore.Qt.GlobalColor.black)
            else:
                painter.drawImage(self.rect(), self._image)
            if not self._released:
                self.annotate(painter)
        finally:
            # A painter left open makes Qt abort the program.
            painter.end()

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        """The picture follows the widget's size."""
        super().resizeEvent(event)
        if not self._released:
            self.render_window.resize(*self.pixel_size())
            self.resized()
            self.invalidate()

    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:
        """A double click asks the grid to show this view alone, or all again."""
        if event.button() == QtCore.Qt.MouseButton.LeftButton:
            self.activated.emit(self)

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        """A drag begins."""
        button = event.button()
        if button == QtCore.Qt.MouseButton.LeftButton and event.modifiers() & QtCore.Qt.KeyboardModifier.ShiftModifier:
            button = QtCore.Qt.MouseButton.MiddleButton
        self._drag = (button, event.position())

    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        """A drag goes on, or the mouse only moves."""
        now = event.position()
        if self._drag is None:
            self.point(now)
            return
        button, last = self._drag
        self._drag = (button, now)
        dx, dy = now.x() - last.x(), now.y() - last.y()
        if button == QtCore.Qt.MouseButton.LeftButton:
            self.drag_left(dx, dy)
        elif button == QtCore.Qt.MouseButton.RightButton:
            self.zoom(_ZOOM_PER_PIXEL**-dy)
        elif button == QtCore.Qt.MouseButton.MiddleButton:
            self.pan(dx, dy)

    def mouseReleaseEvent(self, _event: QtGui.QMouseEvent) -> None:
        """A drag ends."""
        self._drag = None

    def drag_left(self, dx: float, dy: float) -> None:
        """The mouse was dragged by these pixels with its left button."""

    def zoom(self, factor: float) -> None:
        """Larger for factors above 1."""

    def pan(self, dx: float, dy: float) -> None:
        """Move what is shown by these pixels."""

    def point(self, position: QtCore.QPointF) -> None:
        """The mouse moved with no button pressed."""

    def prepare(self) -> None:
        """Called before each picture."""

    def resized(self) -> None:
        """Called after the window got its new size."""

    def annotate(self, painter: QtGui.QPainter) -> None:
        """Called after the picture is painted."""

    def observe(self, subject: vtkObject, event: int, reaction: Callable[..., None]) -> None:
        """Call ``reaction`` at a VTK event until ``release``."""
        self._observed.append((subject, subject.AddObserver(event, reaction)))

    def release(self) -> None:
        """Stop drawing for good and free the graphics context; call before the scene goes."""
        self._timer.stop()
        self._released = True
        for subject, tag in self._observed:
            subject.RemoveObserver(tag)
        self._observed = []
        self.render_window.close()


def _new_window() -> vtkRenderWindow:
    """VTK tries X first and falls back to EGL and OSMesa by itself; only its warning about the missing X server is noise."""
    from vtkmodules.vtkRenderingCore import vtkRenderWindow

    with errors_only():
        return vtkRenderWindow()
