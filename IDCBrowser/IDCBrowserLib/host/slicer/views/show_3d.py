"""Segments in 3D, made one after the other: Slicer's own button makes all at once, for minutes, while the window waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from IDCBrowserLib.host.slicer.views.rendering import paused
from IDCBrowserLib.host.surfaces import SurfaceMaker
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.scene.provenance import segmentation_nodes
from IDCBrowserLib.scene.segments.segmentation import has_surface
from IDCBrowserLib.ui.widgets.building_blocks import button, column, holder, label, row

if TYPE_CHECKING:
    from slicer import vtkMRMLScene, vtkMRMLSegmentationNode


class Show3D:
    """``widget``: a button that shows and hides surfaces, with progress and a button that stops.

    ``center`` moves the 3D views to what they show: called with the first surfaces, which lie where the patient lay, mostly out of sight.
    """

    def __init__(self, scene: vtkMRMLScene, center: Callable[[], None]) -> None:
        self._scene = scene
        self._center = center
        self._is_first = True
        self.maker = SurfaceMaker()
        self.show = button("segmentsShow3D", _("Show in 3&D"), _("Make surfaces of the segmentations that are visible, one segment at a time."))
        self.hide = button("segmentsHide3D", _("Hide in 3&D"), _("Hide surfaces; they are kept."))
        self.cancel = button("segmentsCancel3D", _("Cancel"), _("Make no more surfaces."))
        self.progress = label("segmentsProgress3D")
        # The progress has a line of its own: beside the buttons it would make the dock wider.
        self.widget = holder(column([row([self.show, self.hide, self.cancel, None]), self.progress]), "segments3D")
        self._buttons = ((self.show, self._start), (self.hide, self._hide), (self.cancel, self._cancel))
        for made, action in self._buttons:
            made.clicked.connect(action)
        self.maker.progressed.connect(self._progressed)
        self.maker.finished.connect(self._finished)
        self._draw()

    def close(self) -> None:
        """Stop and disconnect."""
        self.maker.close()
        for made, action in self._buttons:
            made.clicked.disconnect(action)

    def _start(self) -> None:
        self._is_first = not self._shows_surfaces()
        nodes = [node for node in segmentation_nodes(self._scene) if (display := node.GetDisplayNode()) is not None and display.GetVisibility()]
        with paused():
            for node in nodes:
                display = node.GetDisplayNode()
                if display is not None:
                    # Off until all are there, else a 3D view would make them all at once.
                    display.SetVisibility3D(False)
        self.maker.start(nodes)
        self._draw()

    def _hide(self) -> None:
        with paused():
            for node in segmentation_nodes(self._scene):
                display = node.GetDisplayNode()
                if display is not None and _has_surfaces(node):
                    display.SetVisibility3D(False)

    def _shows_surfaces(self) -> bool:
        """Whoever sees some has turned the views as they are wanted."""
        shown = [node for node in segmentation_nodes(self._scene) if (display := node.GetDisplayNode()) is not None and display.GetVisibility3D()]
        return any(_has_surfaces(node) for node in shown)

    def _finished(self) -> None:
        self._draw()
        if self._is_first and self._shows_surfaces():
            self._center()

    def _cancel(self) -> None:
        self.maker.stop()
        self._draw()

    def _progressed(self, done: int, total: int) -> None:
        self.progress.setText(_("{done} of {total} surfaces").format(done=done, total=total))

    def _draw(self) -> None:
        running = self.maker.is_running
        self.cancel.setEnabled(running)
        self.show.setEnabled(not running)
        if not running:
            self.progress.setText("")


def _has_surfaces(node: vtkMRMLSegmentationNode) -> bool:
    return any(has_surface(node, identifier) for identifier in node.GetSegmentation().GetSegmentIDs())
