"""What Slicer's views show right after loading: the image fitted and upright, at the slices that hold most of the segmentation.

Signatures (Slicer 5.12): ``slicer.util.setSliceViewerLayers(background, ..., rotateToVolumePlane, fit)``, ``getNodesByClass(className)``
(Base/Python/slicer/util.py), ``vtkMRMLSliceNode.SetOrientationToDefault()``, ``JumpAllSlices(scene, r, a, s, jumpMode)``
(Libs/MRML/Core/vtkMRMLSliceNode.h), ``vtkMRMLDisplayNode.AddViewNodeID(id)``, ``RemoveAllViewNodeIDs()``: no id means all views
(Libs/MRML/Core/vtkMRMLDisplayNode.h), ``vtkMRMLLayoutNode.SlicerLayoutFourUpView``, ``SlicerLayoutSideBySideView``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.host.slicer.look_settings import Look, wants
from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.scene.hierarchy import subject_hierarchy
from IDCBrowserLib.scene.overlay import arrange, dress, is_overlay
from IDCBrowserLib.scene.provenance import other_phases

if TYPE_CHECKING:
    from slicer import vtkMRMLNode, vtkMRMLScene, vtkMRMLSegmentationNode, vtkMRMLVolumeNode

logger = logging.getLogger(__name__)

_DATA = ("vtkMRMLVolumeNode", "vtkMRMLSegmentationNode", "vtkMRMLMarkupsNode")
# Width and center in Hounsfield units: the window that CT is commonly first read with.
_SOFT_TISSUE = (400.0, 40.0)
_TROUBLES = (AttributeError, RuntimeError, TypeError, ValueError)


def has_data(scene: vtkMRMLScene) -> bool:
    """Whether a user may have arranged views for something that is there."""
    return any(scene.GetNumberOfNodesByClass(name) for name in _DATA)


def fitting_layout(nodes: Sequence[vtkMRMLNode]) -> int:
    """Two views for PET, dose or maps over an image, else four."""
    import slicer

    volumes = [node for node in nodes if isinstance(node, slicer.vtkMRMLVolumeNode) and not isinstance(node, slicer.vtkMRMLLabelMapVolumeNode)]
    shown = arrange(volumes, _image(nodes, _segmentation(nodes)), newest_above=True)
    layouts = slicer.vtkMRMLLayoutNode
    return int(layouts.SlicerLayoutSideBySideView if shown.above is not None else layouts.SlicerLayoutFourUpView)


def nodes_of_ids(node_ids: Sequence[str]) -> list[vtkMRMLNode]:
    """Those that are in the scene."""
    import slicer

    return [node for node in map(slicer.mrmlScene.GetNodeByID, node_ids) if node is not None]


def show_loaded(node_ids: Sequence[str], soon: Callable[[Callable[[], None]], None] | None = None) -> None:
    """Bring nodes into sight. Showing is no part of loading: what goes wrong here is logged only.

    ``soon`` calls a function in a later turn of the event loop: segmentations then appear in one view after the other, so that many segments do
    not hold the window up for all views at once. Without it everything happens at once.
    """
    _Look(nodes_of_ids(node_ids), soon or (lambda do: do())).start()


class _Look:
    """One first look, in turns."""

    def __init__(self, nodes: Sequence[vtkMRMLNode], soon: Callable[[Callable[[], None]], None]) -> None:
        self._nodes = nodes
        self._soon = soon
        self._segmentation = _segmentation(nodes)

    def start(self) -> None:
        """The image first; the segmentation waits until the views stand still, since each of their moves would draw all segments anew."""
        import slicer

        if slicer.app.layoutManager() is None:
            return
        self._show_segments(False)
        self._guarded(self._arrange)
        self._soon(lambda: self._guarded(self._appear))

    def _guarded(self, do: Callable[[], None]) -> None:
        try:
            do()
        except _TROUBLES:
            logger.warning("The views could not be set to what was loaded.", exc_info=True)

    def _arrange(self) -> None:
        import slicer

        image = _image(self._nodes, self._segmentation)
        if image is not None:
            for node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
                # An oblique image loaded before leaves its planes behind; from there the closest axis could be another one.
                node.SetOrientationToDefault()
            volumes = [node for node in slicer.util.getNodesByClass("vtkMRMLVolumeNode") if not isinstance(node, slicer.vtkMRMLLabelMapVolumeNode)]
            newest = any(isinstance(node, slicer.vtkMRMLVolumeNode) and is_overlay(node) for node in self._nodes)
            shown = arrange(volumes, image, newest_above=newest)
            dress(slicer.mrmlScene, shown)
            if wants(Look.WINDOW):
                _set_window(image)
            slicer.util.setSliceViewerLayers(
                background=shown.below, foreground=shown.above, foregroundOpacity=shown.opacity, rotateToVolumePlane=True, fit=True
            )
        if self._segmentation is not None and wants(Look.SLICES):
            _jump_to(self._segmentation)

    def _appear(self) -> None:
        """In one view after the other."""
        import slicer

        if self._segmentation is None or not wants(Look.SEGMENTS):
            return
        display = self._segmentation.GetDisplayNode()
        views = [node.GetID() for node in slicer.util.getNodesByClass("vtkMRMLSliceNode")]
        if display is None:
            return
        for view in views[:1]:
            display.AddViewNodeID(view)
        self._show_segments(True)

        def more(left: Sequence[str]) -> None:
            if display.GetScene() is None:
                return
            if left:
                display.AddViewNodeID(left[0])
                self._soon(lambda: self._guarded(lambda: more(left[1:])))
            else:
                display.RemoveAllViewNodeIDs()

        self._soon(lambda: self._guarded(lambda: more(views[1:])))

    def _show_segments(self, shown: bool) -> None:
        import slicer

        if self._segmentation is None:
            return
        own = [node for node in self._nodes if isinstance(node, slicer.vtkMRMLSegmentationNode)]
        hidden = other_phases(self._segmentation, own)
        for node in own:
            display = node.GetDisplayNode()
            if display is not None:
                display.SetVisibility(shown and node not in hidden)


def _segmentation(nodes: Sequence[vtkMRMLNode]) -> vtkMRMLSegmentationNode | None:
    import slicer

    return next((node for node in nodes if isinstance(node, slicer.vtkMRMLSegmentationNode)), None)


def _image(nodes: Sequence[vtkMRMLNode], segmentation: vtkMRMLSegmentationNode | None) -> vtkMRMLVolumeNode | None:
    """The image that the segmentation was drawn on, else the first one loaded."""
    import slicer

    if segmentation is not None:
        from IDCBrowserLib.scene.segmentation import reference_volume

        drawn_on = reference_volume(segmentation)
        if drawn_on is not None:
            return drawn_on
    volumes = [node for node in nodes if isinstance(node, slicer.vtkMRMLVolumeNode) and not isinstance(node, slicer.vtkMRMLLabelMapVolumeNode)]
    return next((node for node in volumes if is_overlay(node)), volumes[0] if volumes else None)


def _set_window(image: vtkMRMLVolumeNode) -> None:
    """Of CT images that state none: Slicer would choose one by the histogram, in which air counts most."""
    import slicer

    display = image.GetDisplayNode()
    hierarchy = subject_hierarchy(slicer.mrmlScene)
    item = hierarchy.GetItemByDataNode(image)
    if not isinstance(display, slicer.vtkMRMLScalarVolumeDisplayNode) or item == hierarchy.GetInvalidItemID():
        return
    modality = hierarchy.GetItemAttribute(item, slicer.vtkMRMLSubjectHierarchyConstants.GetDICOMSeriesModalityAttributeName())
    if modality == "CT" and display.GetAutoWindowLevel() and not display.GetNumberOfWindowLevelPresets():
        display.AutoWindowLevelOff()
        display.SetWindowLevel(*_SOFT_TISSUE)


def _jump_to(segmentation: vtkMRMLSegmentationNode) -> None:
    import slicer

    from IDCBrowserLib.scene.densest import densest_point

    point = densest_point(segmentation)
    if point is not None:
        # Along the normal only: the image stays where it was fitted.
        slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, *point, slicer.vtkMRMLSliceNode.OffsetJumpSlice)


def next_turn(do: Callable[[], None]) -> None:
    """When the event loop has done what waits."""
    QtCore.QTimer.singleShot(0, do)
