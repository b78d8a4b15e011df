"""Closed surfaces made one segment at a time, between the events of the window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.qtbinding import QtCore, QtWidgets
from IDCBrowserLib.scene.segmentation import add_surfaces, has_surface, surface_of

if TYPE_CHECKING:
    from slicer import vtkMRMLSegmentationNode
    from vtkmodules.vtkCommonDataModel import vtkDataObject


class SurfaceMaker(QtCore.QObject):
    """``start`` with segmentation nodes, then ``finished``. A new start or ``stop`` forgets what was under way."""

    finished = QtCore.Signal()

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[tuple[vtkMRMLSegmentationNode, list[str]]] = []
        self._made: dict[str, vtkDataObject] = {}
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(1)
        self._timer.timeout.connect(self._make_one)

    def start(self, segmentations: Sequence[vtkMRMLSegmentationNode]) -> None:
        """Make what is missing; ``finished`` comes later, also when nothing is."""
        self._made = {}
        self._waiting = []
        for node in segmentations:
            missing = [identifier for identifier in node.GetSegmentation().GetSegmentIDs() if not has_surface(node, identifier)]
            self._waiting.append((node, missing))
        self._timer.start()

    def stop(self) -> None:
        """Make no more."""
        self._timer.stop()
        self._waiting = []
        self._made = {}

    def _make_one(self) -> None:
        if not self._waiting:
            self._timer.stop()
            self.finished.emit()
            return
        node, missing = self._waiting[0]
        if node.GetScene() is None or not missing:
            self._waiting.pop(0)
            self._show(node)
            return
        identifier = missing.pop(0)
        surface = surface_of(node, identifier)
        if surface is not None:
            self._made[identifier] = surface

    def _show(self, node: vtkMRMLSegmentationNode) -> None:
        made, self._made = self._made, {}
        if node.GetScene() is not None:
            add_surfaces(node, made)
            display = node.GetDisplayNode()
            if display is not None:
                display.SetVisibility3D(True)
