"""One slice view: Slicer's slice logic and 2D displayable managers, painted in a plain widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.host.slides.slide_detail import SlideDetail
from IDCBrowserLib.host.slides.slide_segments import SlideSegments
from IDCBrowserLib.host.standalone.annotation import CornerText, Edges, direction_letters, draw_annotation, offset_text
from IDCBrowserLib.host.standalone.color_bar import color_bar_of, draw_color_bar
from IDCBrowserLib.host.standalone.contours import SliceContours, follow_segments
from IDCBrowserLib.host.standalone.render import RenderWidget
from IDCBrowserLib.host.standalone.scene import StandaloneScene
from IDCBrowserLib.host.standalone.slice_stack import SliceStack, straighten
from IDCBrowserLib.host.standalone.slide_outlines import SlideOutlines
from IDCBrowserLib.host.standalone.styled_outlines import StyledOutlines
from IDCBrowserLib.qtbinding import QtCore, QtGui, QtWidgets
from IDCBrowserLib.scene.describe import node_lines
from IDCBrowserLib.scene.first_slices import gap_note
from IDCBrowserLib.scene.probe import segments_at, value_at
from IDCBrowserLib.scene.provenance import QUANTITY_ATTRIBUTE, UNITS_ATTRIBUTE, UNPLACED_ATTRIBUTE

if TYPE_CHECKING:
    from slicer import vtkMRMLScalarVolumeDisplayNode, vtkMRMLVolumeNode

_MANAGERS = (
    "vtkMRMLModelSliceDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager2D",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLRulerDisplayableManager",
)
# How far a drag over the whole view changes window and level, in parts of the value range.
_WINDOW_PER_VIEW = 1.0
_ZOOM_PER_STEP = 1.15
_KEYS: dict[int, int] = {
    QtCore.Qt.Key.Key_Up: 1,
    QtCore.Qt.Key.Key_Right: 1,
    QtCore.Qt.Key.Key_PageUp: 10,
    QtCore.Qt.Key.Key_Down: -1,
    QtCore.Qt.Key.Key_Left: -1,
    QtCore.Qt.Key.Key_PageDown: -10,
}


class SliceView(RenderWidget):
    """Wheel: slices (of a slide: zoom). Left drag: window and level (of a slide: pan).
    Right drag or Ctrl+wheel: zoom. Middle drag (or Shift+left): pan. Double click: maximize.
    Arrows and page keys scroll too, R fits again."""

    def __init__(
        self,
        host: StandaloneScene,
        name: str,
        orientation: str,
        label: str,
        color: tuple[float, float, float],
        parent: QtWidgets.QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        import slicer
        from vtkmodules.vtkCommonCore import vtkCommand

        self.setObjectName(f"{orientation.lower()}View")
        # As MRML knows it; ``label`` is what people read.
        self.orientation = orientation
        self._label = label
        # Instead of the orientation, in the corner.
        self.title = ""
        self._host = host
        self._color = QtGui.QColor.fromRgbF(*color)
        self._turned = 0.0
        # Millimeters that somebody wanted to see, and the field of view that shows them in the present shape.
        self._seen = (0.0, 0.0)
        self._field: tuple[float, float, float] | None = None
        self._pointed: tuple[float, float, float] | None = None
        self.setMouseTracking(True)
        self._add_image_actor()
        self.detail = SlideDetail(self.render_window.renderer, self.invalidate, self)
        self.logic = slicer.vtkMRMLSliceLogic()
        self.logic.SetMRMLApplicationLogic(host.application_logic)
        self.logic.SetMRMLScene(host.scene)
        host.application_logic.GetSliceLogics().AddItem(self.logic)
        self.node = self.logic.AddSliceNode(name)
        self.segments = SlideSegments(self.render_window.renderer, self.logic.GetImageDataConnection, self.invalidate, self)
        self.stack = SliceStack(self.logic)
        self.contours = SliceContours()
        self._outlines = SlideOutlines()
        self._styled = StyledOutlines()
        self._style()
        factory = slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance()
        managers = self.render_window.add_managers(factory, host.application_logic, _MANAGERS)
        managers.SetMRMLDisplayableNode(self.node)
        for subject, event in ((managers, vtkCommand.UpdateEvent), (self.logic, vtkCommand.ModifiedEvent), (self.node, vtkCommand.ModifiedEvent)):
            self.observe(subject, event, self.invalidate)
        self.observe(host.scene, slicer.vtkMRMLScene.EndCloseEvent, self._style)

    def background(self) -> vtkMRMLVolumeNode | None:
        """The volume node shown, or None."""
        return self.logic.GetBackgroundLayer().GetVolumeNode()

    def _display(self) -> vtkMRMLScalarVolumeDisplayNode | None:
        """Window and level of the volume shown."""
        import slicer

        volume = self.background()
        display = volume.GetDisplayNode() if volume is not None else None
        return display if isinstance(display, slicer.vtkMRMLScalarVolumeDisplayNode) else None

    def show_volume(self, volume: vtkMRMLVolumeNode | None, above: vtkMRMLVolumeNode | None = None, opacity: float = 0.0) -> None:
        """Show a volume in its acquisition planes, whole, in the middle slice, and one ``above`` it. None empties the view."""
        composite = self.logic.GetSliceCompositeNode()
        composite.SetBackgroundVolumeID(volume.GetID() if volume is not None else None)
        composite.SetForegroundVolumeID(above.GetID() if above is not None else None)
        composite.SetForegroundOpacity(opacity)
        if volume is not None:
            self.fit()

    def fit(self) -> None:
        """Turn to the background volume's planes, fit it into the view, go to the middle slice."""
        if self.background() is None:
            return
        self.resized()
        self.node.SetOrientation(self.orientation)
        self.logic.RotateSliceToLowestVolumeAxes(False)
        straighten(self.node)
        self.logic.FitSliceToBackground()
        self.stack.go_to(self.stack.count // 2)

    def jump(self, ras: tuple[float, float, float]) -> None:
        """Move to the slice through a point (RAS, mm) without panning."""
        self.node.JumpSliceByOffsetting(*ras)
        self.stack.go_to(self.stack.index())

    def move_by(self, slices: int) -> None:
        """Move by whole slices of the background volume, within its extent."""
        self.stack.go_to(self.stack.index() + slices)

    def zoom(self, factor: float) -> None:
        """Show things ``factor`` times as large; the middle of the view stays."""
        width, height, depth = self.node.GetFieldOfView()
        self.node.SetFieldOfView(width / factor, height / factor, depth)

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by pixels of the widget, to the right and down."""
        width, height, _depth = self.node.GetFieldOfView()
        x, y, z = self.node.GetXYZOrigin()
        self.node.SetXYZOrigin(x - dx * width / max(1, self.width()), y + dy * height / max(1, self.height()), z)

    def drag_left(self, dx: float, dy: float) -> None:
        """A drag to the right widens the window, a drag up lowers the level: brighter. A slide is moved, as there is nothing to leaf through."""
        if self.detail.is_of_slide:
            self.pan(dx, dy)
            return
        volume, display = self.background(), self._display()
        image = volume.GetImageData() if volume is not None else None
        if display is None or image is None:
            return
        low, high = image.GetScalarRange()
        gain = max(high - low, 1e-6) * _WINDOW_PER_VIEW / max(200, self.width())
        # The range of a CT with metal says little about what one looks at: follow the present window as well.
        gain = min(gain, max(display.GetWindow(), gain * 0.02) / 100)
        display.AutoWindowLevelOff()
        display.SetWindowLevel(max(display.GetWindow() + dx * gain, gain), display.GetLevel() + dy * gain)

    def set_window(self, center: float, width: float) -> None:
        """Of the volume shown."""
        display = self._display()
        if display is not None:
            display.AutoWindowLevelOff()
            display.SetWindowLevel(width, center)

    def resized(self) -> None:
        """See ``RenderWidget``. A view of another shape shows what was seen before, not a part of it; back in the former one exactly that."""
        if not hasattr(self, "logic"):
            return
        field = self.node.GetFieldOfView()
        if field != self._field:
            # Somebody has zoomed or fitted since.
            self._seen = field[0], field[1]
        columns, rows = self.render_window.window.GetSize()
        self.logic.ResizeSliceNode(columns, rows)
        if columns > 0 and rows > 0:
            scale = max(self._seen[0] / columns, self._seen[1] / rows)
            self.node.SetFieldOfView(scale * columns, scale * rows, self.node.GetFieldOfView()[2])
        self._field = self.node.GetFieldOfView()

    def prepare(self) -> None:
        """Connect the blended slice image (the logic makes a new pipeline when layers change) and find the contours of the slice."""
        connection = self.logic.GetImageDataConnection() if self.background() is not None else None
        self._actor.SetVisibility(connection is not None)
        if connection is not None:
            self._actor.GetMapper().SetInputConnection(connection)
        self.detail.prepare(self.background(), self.node)
        self.segments.prepare(self._host.nodes("vtkMRMLSegmentationNode"), self.node, self.detail.is_of_slide)
        follow_segments(self._host.scene)
        self.contours.update(self._host.scene, self.node, self.stack.step, self.devicePixelRatioF(), self.height())
        self._styled.update(self._host.scene, self.node, self.devicePixelRatioF(), self.width(), self.height())

    def annotate(self, painter: QtGui.QPainter) -> None:
        """Orientation letters and corner texts."""
        volume = self.background()
        if volume is None:
            draw_annotation(painter, self.rect(), CornerText(top_left=(self.title or self._label,)), None, self._color)
            return
        if not self.segments.is_painted:
            self._styled.draw(painter)
        self.contours.draw(painter)
        matrix = self.node.GetSliceToRAS()
        right, up, normal = ([matrix.GetElement(row, column) for row in range(3)] for column in range(3))
        middle = [matrix.GetElement(row, 3) for row in range(3)]
        left, down = [-value for value in right], [-value for value in up]
        edges: Edges | None = (direction_letters(left), direction_letters(right), direction_letters(up), direction_letters(down))
        offset, name, place = offset_text(normal, self.logic.GetSliceOffset()), self.title or self._label, self.stack.text()
        if volume.GetAttribute(UNPLACED_ATTRIBUTE):
            # No anatomy that the file does not state, nor millimeters: the frames have no distances.
            edges, offset, name = None, "", ""
            image = volume.GetImageData()
            place = self.stack.text(frames=True) if image is not None and image.GetDimensions()[2] > 1 else ""
        display = self._display()
        corners = CornerText(
            top_left=(name,),
            top_right=node_lines(self._host.scene, volume),
            bottom_left=(*filter(None, [self.detail.note, self.segments.note, gap_note(volume, normal, middle)]), place, offset),
            bottom_right=(
                *self._pointed_lines(),
                *([f"W {display.GetWindow():.5g}  L {display.GetLevel():.5g}"] if display is not None else []),
            ),
        )
        draw_annotation(painter, self.rect(), corners, edges, self._color)
        above = self.logic.GetForegroundLayer().GetVolumeNode()
        self._outlines.draw(painter, above if above is not None else volume, self.rect(), self.ras_of)
        bar = color_bar_of(above) or color_bar_of(volume)
        if bar is not None:
            draw_color_bar(painter, self.rect(), bar)

    def release(self) -> None:
        """See ``RenderWidget``."""
        self.detail.stop()
        self.segments.stop()
        RenderWidget.release(self)

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        """Wheel scrolls slices; with Ctrl, and of a slide, it zooms."""
        self._turned += event.angleDelta().y() / 120
        if self.detail.is_of_slide or event.modifiers() & QtCore.Qt.KeyboardModifier.ControlModifier:
            self.zoom(_ZOOM_PER_STEP**self._turned)
            self._turned = 0.0
        else:
            # Touch pads send small parts of a step.
            whole = int(self._turned)
            self._turned -= whole
            if whole:
                self.move_by(whole)
        event.accept()

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        """Arrows and page keys scroll, R fits."""
        steps = _KEYS.get(event.key())
        if steps is not None:
            self.move_by(steps)
        elif event.key() == QtCore.Qt.Key.Key_R:
            self.fit()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, _event: QtCore.QEvent) -> None:
        """Nothing is pointed at any more."""
        self._pointed = None
        self.update()

    def ras_of(self, x: float, y: float) -> tuple[float, float, float]:
        """The point (RAS, mm) of a position in the widget."""
        ratio = self.devicePixelRatioF()
        right, anterior, superior, _one = self.node.GetXYToRAS().MultiplyPoint((x * ratio, (self.height() - y) * ratio, 0.0, 1.0))
        return right, anterior, superior

    def point(self, position: QtCore.QPointF) -> None:
        """Tell what is at this position of the widget."""
        self._pointed = self.ras_of(position.x(), position.y()) if self.background() is not None else None
        # Only the texts change: no new picture.
        self.update()

    def _pointed_lines(self) -> tuple[str, ...]:
        """Segments and value below the mouse."""
        volume = self.background()
        if self._pointed is None or volume is None:
            return ()
        value = value_at(volume, self._pointed)
        if value is None:
            return ()
        names = [name for node in self._host.nodes("vtkMRMLSegmentationNode") for name in segments_at(node, self._pointed)]
        lines = [_value_text(volume, value)]
        above = self.logic.GetForegroundLayer().GetVolumeNode()
        if above is not None and (over := value_at(above, self._pointed)) is not None:
            lines.insert(0, _value_text(above, over))
        return (", ".join(names), *lines) if names else tuple(lines)

    def _style(self, *_unused: object) -> None:
        """At the start, and again when the scene was cleared and all view nodes with it."""
        self.node.SetOrientation(self.orientation)
        self.node.SetLayoutColor(self._color.redF(), self._color.greenF(), self._color.blueF())
        self.node.SetMappedInLayout(True)
        self.invalidate()

    def _add_image_actor(self) -> None:
        from vtkmodules.vtkRenderingCore import vtkActor2D, vtkImageMapper

        # The slice logic blends to RGBA, 0 to 255: shown as it is.
        mapper = vtkImageMapper()
        mapper.SetColorWindow(255)
        mapper.SetColorLevel(127.5)
        self._actor = vtkActor2D()
        self._actor.SetMapper(mapper)
        self._actor.GetProperty().SetDisplayLocationToBackground()
        self._actor.SetVisibility(False)
        self.render_window.renderer.AddViewProp(self._actor)
        self.render_window.renderer.GetActiveCamera().ParallelProjectionOn()


def _value_text(volume: vtkMRMLVolumeNode, value: float) -> str:
    """ "SUV 7.32", "Dose 12.3 Gy", "Value 40 HU"."""
    short, unit = volume.GetAttribute(QUANTITY_ATTRIBUTE) or "", volume.GetAttribute(UNITS_ATTRIBUTE) or ""
    if short in ("SUV", "SUL"):
        return f"{short} {value:.2f}"
    if unit == "Gy":
        return f"{short} {value:.2f} Gy"
    return f"{short or 'Value'} {value:.6g} {unit}".rstrip()
