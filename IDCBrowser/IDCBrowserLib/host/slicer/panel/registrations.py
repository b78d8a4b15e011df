"""A button that moves images as the registrations of the scene say, and back; there while the scene has any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.scene.provenance import displayable_nodes, scalar_volumes
from IDCBrowserLib.scene.registrations import apply_registration, is_registration
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.widgets.building_blocks import button

if TYPE_CHECKING:
    from slicer import vtkMRMLDisplayableNode, vtkMRMLScene


class RegistrationsButton:
    """``widget``, which is drawn anew when ``scene_changed`` says so."""

    def __init__(self, scene: vtkMRMLScene, scene_changed: Signal[[]]) -> None:
        self._scene, self._scene_changed = scene, scene_changed
        self.widget = button("segmentsRegistration", _("Registration"), _("Move images as the loaded registrations say"))
        self.widget.setCheckable(True)
        self.widget.toggled.connect(self._apply)
        scene_changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        """Show it where something can be moved; one that was removed moves nothing any more."""
        there = self._registrations()
        self.widget.setVisible(bool(there))
        if not there and self.widget.isChecked():
            self.widget.setChecked(False)

    def close(self) -> None:
        """Disconnect."""
        self._scene_changed.disconnect(self._draw)
        self.widget.toggled.disconnect(self._apply)

    def _apply(self, applied: bool) -> None:
        for transform in self._registrations():
            apply_registration(scalar_volumes(self._scene), transform, applied)

    def _registrations(self) -> list[vtkMRMLDisplayableNode]:
        return [node for node in displayable_nodes(self._scene) if is_registration(node)]
