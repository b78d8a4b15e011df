"""Closed surfaces made one segment at a time, between the events of the window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.scene.segments.segmentation import add_surfaces, has_surface, surface_of
from IDCBrowserLib.signal import Signal

if TYPE_CHECKING:
    from slicer import vtkMRMLSegmentationNode
    from vtkmodules.vtkCommonDataModel import vtkDataObject


class SurfaceMaker:
    """``start`` with segmentation nodes, then ``finished``. A new start or ``stop`` forgets what was under way.

    ``progressed`` tells how many segments of how many are done.
    """

    def __init__(self) -> None:
        self.progressed: Signal[int, int] = Signal()
        self.finished: Signal[[]] = Signal()
        self._waiting: list[tuple[vtkMRMLSegmentationNode, list[str]]] = []
        self._made: dict[str, vtkDataObject] = {}
        self._done = self._total = 0
        self._timer = QtCore.QTimer()
        self._timer.setInterval(1)
        self._timer.timeout.connect(self._make_one)

    @property
    def is_running(self) -> bool:
        """Whether surfaces are being made."""
        return self._timer.isActive()

    def start(self, segmentations: Sequence[vtkMRMLSegmentationNode]) -> None:
        """Make what is missing; ``finished`` comes later, also when nothing is."""
        self._made = {}
        self._waiting = []
        for node in segmentations:
            missing = [identifier for identifier in node.GetSegmentation().GetSegmentIDs() if not has_surface(node, identifier)]
            self._waiting.append((node, missing))
        self._done, self._total = 0, sum(len(missing) for _node, missing in self._waiting)
        self._timer.start()

    def stop(self) -> None:
        """Make no more."""
        self._timer.stop()
        self._waiting = []
        self._made = {}

    def close(self) -> None:
        """Let go of the timer."""
        self.stop()
        self._timer.timeout.disconnect(self._make_one)

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
        self._done += 1
        self.progressed.emit(self._done, self._total)

    def _show(self, node: vtkMRMLSegmentationNode) -> None:
        made, self._made = self._made, {}
        if node.GetScene() is not None:
            add_surfaces(node, made)
            display = node.GetDisplayNode()
            if display is not None:
                display.SetVisibility3D(True)
