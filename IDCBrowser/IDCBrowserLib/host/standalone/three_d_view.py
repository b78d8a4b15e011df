"""The 3D view: Slicer's 3D displayable managers, painted in a plain widget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.host.standalone.annotation import CornerText, draw_annotation
from IDCBrowserLib.host.standalone.contours import follow_segments
from IDCBrowserLib.host.standalone.legend import Legend, legend_rows
from IDCBrowserLib.host.standalone.render import RenderWidget
from IDCBrowserLib.host.standalone.scene import StandaloneScene
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtCore, QtGui, QtWidgets
from IDCBrowserLib.scene.registrations import is_registration
from IDCBrowserLib.scene.segments.contours import contour_models

if TYPE_CHECKING:
    from slicer import vtkMRMLVolumeNode

_MANAGERS = (
    "vtkMRMLCameraDisplayableManager",
    "vtkMRMLViewDisplayableManager",
    "vtkMRMLModelDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager3D",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLOrientationMarkerDisplayableManager",
)
_ZOOM_PER_STEP = 1.15
_DEGREES_PER_VIEW = 240.0
# Around controls, and of the view's name, in pixels.
_GAP, _NAME_WIDTH = 6, 36
_BUTTON_STYLE = """
QToolButton { color: #e6e8ec; background: rgba(30, 34, 42, 200); border: 1px solid #59606e; border-radius: 3px; padding: 3px 8px; font-size: 12px; }
QToolButton:hover { border-color: #96b4ff; }
QToolButton:checked { background: #3d5a9e; }
QToolButton:disabled { color: #7c828e; }
"""


class ThreeDView(RenderWidget):
    """Left drag: rotate. Right drag or wheel: zoom. Middle drag (or Shift+left): pan. Double click: maximize.

    Segments are listed at the left unless ``show_legend(False)``; a click on a name shows or hides the segment in all views.
    ``surfaces_asked`` and ``contours_asked`` tell the state of their buttons, ``volume_chosen`` the node id of the image that was picked from the
    list at the bottom.
    """

    surfaces_asked = QtCore.Signal(bool)
    contours_asked = QtCore.Signal(bool)
    volume_chosen = QtCore.Signal(str)
    opacity_chosen = QtCore.Signal(float)
    registration_asked = QtCore.Signal(bool)

    def __init__(self, host: StandaloneScene, name: str = "1", parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        import slicer
        from vtkmodules.vtkCommonCore import vtkCommand

        self.setObjectName("threeDView")
        self._host = host
        self._legend = Legend()
        # Not where the panel of segments lists the same beside the view.
        self._has_legend = True
        self.surfaces_button = self._make_button("surfacesButton", _("Surfaces"), _("Show the segments as surfaces instead of the slice planes"))
        self.surfaces_button.toggled.connect(self.surfaces_asked)
        self.contours_button = self._make_button("contoursButton", _("Contours"), _("Show the contours of the structure set as they were drawn"))
        self.contours_button.toggled.connect(self.contours_asked)
        self.registration_button = self._make_button("registrationButton", _("Registration"), _("Move images as the loaded registrations say"))
        self.registration_button.toggled.connect(self.registration_asked)
        self.volume_list = self._make_volume_list()
        self.overlay_slider = self._make_overlay_slider()
        self.logic = slicer.vtkMRMLViewLogic()
        self.logic.SetMRMLApplicationLogic(host.application_logic)
        self.logic.SetMRMLScene(host.scene)
        host.application_logic.GetViewLogics().AddItem(self.logic)
        self.node = self.logic.AddViewNode(name)
        self._style()
        renderer = self.render_window.renderer
        renderer.SetBackground(0.09, 0.10, 0.13)
        factory = slicer.vtkMRMLThreeDViewDisplayableManagerFactory.GetInstance()
        managers = self.render_window.add_managers(factory, host.application_logic, _MANAGERS)
        managers.SetMRMLDisplayableNode(self.node)
        for subject, event in ((managers, vtkCommand.UpdateEvent), (self.node, vtkCommand.ModifiedEvent)):
            self.observe(subject, event, self.invalidate)
        self.observe(host.scene, slicer.vtkMRMLScene.EndCloseEvent, self._style)

    def fit(self) -> None:
        """Look from the front (a little from above) at everything that is visible."""
        renderer = self.render_window.renderer
        camera = renderer.GetActiveCamera()
        camera.SetFocalPoint(0, 0, 0)
        camera.SetPosition(0.35, 1, 0.3)
        camera.SetViewUp(0, 0, 1)
        self._show_box(False)
        bounds = renderer.ComputeVisiblePropBounds()
        if bounds[0] <= bounds[1]:
            renderer.ResetCameraScreenSpace(bounds, 0.9)
        self.invalidate()

    def pixel_size(self) -> tuple[int, int]:
        """While the mouse drags without a graphics card a quarter of the pixels; all of them at rest."""
        width, height = super().pixel_size()
        if self.is_dragged and self.render_window.draws_with_processor:
            return max(1, width // 2), max(1, height // 2)
        return width, height

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        """Sharp again."""
        super().mouseReleaseEvent(event)
        self.invalidate()

    def drag_left(self, dx: float, dy: float) -> None:
        """Turn by a drag over the widget, in pixels."""
        camera = self.render_window.renderer.GetActiveCamera()
        camera.Azimuth(-dx * _DEGREES_PER_VIEW / max(1, self.width()))
        camera.Elevation(dy * _DEGREES_PER_VIEW / max(1, self.height()))
        camera.OrthogonalizeViewUp()
        self._moved()

    def zoom(self, factor: float) -> None:
        """Come closer by ``factor``."""
        camera = self.render_window.renderer.GetActiveCamera()
        camera.Dolly(factor)
        self._moved()

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by pixels of the widget, to the right and down."""
        import math

        camera = self.render_window.renderer.GetActiveCamera()
        scale = 2 * camera.GetDistance() * math.tan(math.radians(camera.GetViewAngle() / 2)) / max(1, self.height())
        up = camera.GetViewUp()
        toward = camera.GetDirectionOfProjection()
        right = (toward[1] * up[2] - toward[2] * up[1], toward[2] * up[0] - toward[0] * up[2], toward[0] * up[1] - toward[1] * up[0])
        shift = [(-dx * r + dy * u) * scale for r, u in zip(right, up, strict=True)]
        camera.SetFocalPoint(*(value + step for value, step in zip(camera.GetFocalPoint(), shift, strict=True)))
        camera.SetPosition(*(value + step for value, step in zip(camera.GetPosition(), shift, strict=True)))
        self._moved()

    def prepare(self) -> None:
        """Contours follow their segments."""
        follow_segments(self._host.scene)

    def annotate(self, painter: QtGui.QPainter) -> None:
        """The view's name and the list of segments."""
        draw_annotation(painter, self.rect(), CornerText(top_left=("3D",)), None, QtGui.QColor(150, 180, 255))
        rows = legend_rows(self._host)
        self.surfaces_button.setVisible(bool(rows))
        self.contours_button.setVisible(bool(rows))
        self.contours_button.setEnabled(bool(contour_models(self._host.scene)))
        self.registration_button.setVisible(any(map(is_registration, self._host.nodes("vtkMRMLLinearTransformNode"))))
        if self._has_legend:
            self._legend.draw(painter, self._free(), rows)
        else:
            self._legend.clear()

    def show_legend(self, shown: bool) -> None:
        """Whether the segments are listed over the picture."""
        self._has_legend = shown
        self.update()

    def _free(self) -> QtCore.QRect:
        """What controls in sight leave of the view, above and below."""
        shown = [control for control in (self.volume_list, self.overlay_slider) if control.isVisible()]
        bottom = min((control.y() for control in shown), default=self.height())
        buttons = [button for button in (self.surfaces_button, self.contours_button, self.registration_button) if button.isVisible()]
        return self.rect().adjusted(0, max((button.y() - _GAP for button in buttons), default=0), 0, bottom - self.height())

    def resized(self) -> None:
        """Keep button and list in their corners."""
        self.volume_list.setFixedWidth(max(110, min(300, self.width() - 130)))
        self.volume_list.move(8, self.height() - self.volume_list.sizeHint().height() - 8)
        self.overlay_slider.move(8, self.volume_list.y() - self.overlay_slider.height() - 6)
        right, top = self.width(), _GAP
        for button in (self.surfaces_button, self.contours_button, self.registration_button):
            button.adjustSize()
            # A narrow view has room for two of them beside its name.
            if right - button.width() - _GAP < _NAME_WIDTH:
                right, top = self.width(), top + button.height() + _GAP
            right -= button.width() + _GAP
            button.move(right, top)

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        """Wheel zooms."""
        self.zoom(_ZOOM_PER_STEP ** (event.angleDelta().y() / 120))
        event.accept()

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        """A click on a name, or a drag begins."""
        if event.button() != QtCore.Qt.MouseButton.LeftButton or not self._clicked_name(event.position().toPoint()):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:
        """On a name two clicks, else as in every view."""
        if not self._clicked_name(event.position().toPoint()):
            super().mouseDoubleClickEvent(event)

    def set_volumes(self, volumes: Sequence[vtkMRMLVolumeNode], current: vtkMRMLVolumeNode | None) -> None:
        """List the images of the scene; the list is there only when one can choose. What is seen of a download is not in it, and then none is."""
        self.volume_list.clear()
        for volume in volumes:
            self.volume_list.addItem(volume.GetName(), volume.GetID())
        # Names of phases differ at their end: the opened list is as wide as they are.
        widths = [self.volume_list.fontMetrics().horizontalAdvance(volume.GetName()) for volume in volumes]
        self.volume_list.view().setMinimumWidth(max(widths, default=0) + 30)
        listed = list(volumes)
        self.volume_list.setCurrentIndex(listed.index(current) if current is not None and current in listed else -1)
        self.volume_list.setVisible(len(volumes) > 1)

    def set_overlay(self, above: vtkMRMLVolumeNode | None, opacity: float) -> None:
        """The slider is there only when something is laid over an image."""
        self.overlay_slider.blockSignals(True)
        self.overlay_slider.setValue(round(100 * opacity))
        self.overlay_slider.blockSignals(False)
        self.overlay_slider.setToolTip(_("Opacity of {name} over the image").format(name=above.GetName()) if above is not None else "")
        self.overlay_slider.setVisible(above is not None)

    def _make_overlay_slider(self) -> QtWidgets.QSlider:
        slider = QtWidgets.QSlider(QtCore.Qt.Orientation.Horizontal, self)
        slider.setObjectName("overlaySlider")
        slider.setRange(0, 100)
        slider.setFixedSize(150, 20)
        slider.setVisible(False)
        slider.valueChanged.connect(lambda percent: self.opacity_chosen.emit(percent / 100.0))
        return slider

    def _make_volume_list(self) -> QtWidgets.QComboBox:
        chooser = QtWidgets.QComboBox(self)
        chooser.setObjectName("volumeList")
        chooser.setToolTip(_("The image in the views"))
        chooser.setVisible(False)
        chooser.activated.connect(lambda index: self.volume_chosen.emit(chooser.itemData(index)))
        return chooser

    def _clicked_name(self, position: QtCore.QPoint) -> bool:
        row = self._legend.row_at(position)
        if row is None:
            return False
        display = row.node.GetDisplayNode()
        if display is not None:
            display.SetSegmentVisibility(row.identifier, not display.GetSegmentVisibility(row.identifier))
        self.invalidate()
        return True

    def _make_button(self, name: str, text: str, tip: str) -> QtWidgets.QToolButton:
        button = QtWidgets.QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(True)
        button.setVisible(False)
        button.setStyleSheet(_BUTTON_STYLE)
        return button

    def _style(self, *_unused: object) -> None:
        """At the start, and again when the scene was cleared and all view nodes with it."""
        from slicer import vtkMRMLAbstractViewNode

        self.node.SetMappedInLayout(True)
        self.node.SetBackgroundColor(0.09, 0.10, 0.13)
        self.node.SetBackgroundColor2(0.20, 0.23, 0.30)
        self.node.SetOrientationMarkerType(vtkMRMLAbstractViewNode.OrientationMarkerTypeAxes)
        self._show_box(False)
        self.invalidate()

    def _show_box(self, shown: bool) -> None:
        self.node.SetBoxVisible(shown)
        self.node.SetAxisLabelsVisible(shown)

    def _moved(self) -> None:
        self.render_window.renderer.ResetCameraClippingRange()
        self.invalidate()
