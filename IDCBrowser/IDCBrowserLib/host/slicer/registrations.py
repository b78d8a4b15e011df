"""A button that moves images as the registrations of the scene say, and back; there while the scene has any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.scene.provenance import displayable_nodes, scalar_volumes
from IDCBrowserLib.scene.registrations import apply_registration, is_registration
from IDCBrowserLib.ui.widgets.plain_tip import plain

if TYPE_CHECKING:
    from slicer import vtkMRMLDisplayableNode, vtkMRMLScene


class RegistrationsButton:
    """``widget``; ``draw`` when the scene changed."""

    def __init__(self, scene: vtkMRMLScene) -> None:
        self._scene = scene
        self.widget = QtWidgets.QPushButton(_("Registration"))
        self.widget.setObjectName("segmentsRegistration")
        self.widget.setCheckable(True)
        self.widget.setToolTip(plain(_("Move images as the loaded registrations say")))
        self.widget.toggled.connect(self._apply)
        self.draw()

    def draw(self) -> None:
        """Show it where something can be moved; one that was removed moves nothing any more."""
        there = self._registrations()
        self.widget.setVisible(bool(there))
        if not there and self.widget.isChecked():
            self.widget.setChecked(False)

    def close(self) -> None:
        """Disconnect."""
        self.widget.toggled.disconnect(self._apply)

    def _apply(self, applied: bool) -> None:
        for transform in self._registrations():
            apply_registration(scalar_volumes(self._scene), transform, applied)

    def _registrations(self) -> list[vtkMRMLDisplayableNode]:
        return [node for node in displayable_nodes(self._scene) if is_registration(node)]
