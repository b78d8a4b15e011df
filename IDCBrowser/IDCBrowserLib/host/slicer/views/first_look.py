"""What Slicer's views show right after loading: the image fitted and upright, at the slices that hold most of the segmentation or the highest dose.

Signatures (Slicer 5.12): ``slicer.util.setSliceViewerLayers(background, foreground, label, foregroundOpacity)``, ``getNodesByClass(className)``
(Base/Python/slicer/util.py), ``vtkMRMLSliceNode.SetOrientationToDefault()``, ``RotateToVolumePlane(volume)``, ``JumpSliceByOffsetting(r, a, s)``,
``JumpSliceByCentering(r, a, s)``
(Libs/MRML/Core/vtkMRMLSliceNode.h), ``GetDimensions()`` in pixels, ``vtkMRMLDisplayNode.AddViewNodeID(id)``, ``RemoveAllViewNodeIDs()``: no id
means all views (Libs/MRML/Core/vtkMRMLDisplayNode.h), ``vtkMRMLLayoutNode.SlicerLayoutFourUpView``, ``SlicerLayoutSideBySideView``,
``SlicerLayoutOneUpRedSliceView``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from IDCBrowserLib.host.slicer.views.look_settings import SOFT_TISSUE, Look, wants
from IDCBrowserLib.host.slicer.views.rendering import paused
from IDCBrowserLib.host.slicer.views.slice_views import slice_logics
from IDCBrowserLib.host.slicer.views.views_3d import center_3d_views
from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.scene.first_slices import is_first_slices
from IDCBrowserLib.scene.hierarchy import subject_hierarchy
from IDCBrowserLib.scene.overlay import arrange, dress, is_overlay
from IDCBrowserLib.scene.provenance import other_phases
from IDCBrowserLib.scene.segments.segmentation import CLOSED_SURFACE

if TYPE_CHECKING:
    from slicer import vtkMRMLNode, vtkMRMLScene, vtkMRMLSegmentationNode, vtkMRMLSliceNode, vtkMRMLVolumeNode

logger = logging.getLogger(__name__)

_DATA = ("vtkMRMLVolumeNode", "vtkMRMLSegmentationNode", "vtkMRMLMarkupsNode")
_NOWHERE: Mapping[str, float] = {}
_MOVED_MM = 1e-3
_TROUBLES = (AttributeError, RuntimeError, TypeError, ValueError)


def has_data(scene: vtkMRMLScene) -> bool:
    """Whether a user may have arranged views for something that is there."""
    counts = ((name, scene.GetNumberOfNodesByClass(name)) for name in _DATA)
    nodes = (scene.GetNthNodeByClass(number, name) for name, count in counts for number in range(count))
    return any(not is_first_slices(node) for node in nodes)


def fitting_layout(nodes: Sequence[vtkMRMLNode]) -> int:
    """One view for a picture, two for PET, dose or maps over an image, else four."""
    import slicer

    volumes = [node for node in nodes if isinstance(node, slicer.vtkMRMLVolumeNode) and not isinstance(node, slicer.vtkMRMLLabelMapVolumeNode)]
    shown = arrange(volumes, _image(nodes, _segmentation(nodes)), newest_above=True)
    layouts = slicer.vtkMRMLLayoutNode
    if shown.below is not None and _is_picture(shown.below):
        return int(layouts.SlicerLayoutOneUpRedSliceView)
    return int(layouts.SlicerLayoutSideBySideView if shown.above is not None else layouts.SlicerLayoutFourUpView)


def nodes_of_ids(node_ids: Sequence[str]) -> list[vtkMRMLNode]:
    """Those that are in the scene."""
    import slicer

    return [node for node in map(slicer.mrmlScene.GetNodeByID, node_ids) if node is not None]


def needs_segments_panel(node_ids: Sequence[str]) -> bool:
    """What was drawn, and registrations, whose button is there; to an image alone belongs the room."""
    import slicer

    return any(isinstance(node, (slicer.vtkMRMLSegmentationNode, slicer.vtkMRMLTransformNode)) for node in nodes_of_ids(node_ids))


def hide_segments(node_ids: Sequence[str]) -> None:
    """Segmentations, until ``show_loaded`` shows them."""
    import slicer

    with paused():
        for node in nodes_of_ids(node_ids):
            display = node.GetDisplayNode() if isinstance(node, slicer.vtkMRMLSegmentationNode) else None
            if display is not None:
                display.SetVisibility(False)


def show_loaded(
    node_ids: Sequence[str],
    soon: Callable[[Callable[[], None]], None] | None = None,
    is_latest: Callable[[], bool] = lambda: True,
    stay: Mapping[str, float] = _NOWHERE,
    turn: Callable[[], None] = lambda: None,
    on_done: Callable[[], None] = lambda: None,
) -> Mapping[str, float]:
    """Bring nodes into sight. Showing is no part of loading: what goes wrong here is logged only.

    ``soon`` calls a function in a later turn of the event loop: one view after the other is moved, and segmentations appear in one after the
    other, so that large images and many segments do not hold the window up for all views at once. Without it everything happens at once.
    ``is_latest`` says whether it still decides what the views show: of two under way, the first would take the views back.
    ``stay``: views by their ids that stay at an offset, in mm. ``turn`` may turn views into other planes, before the image is fitted into them;
    ``on_done`` is called when all of it has happened. Gives the offsets at which the first slices of a series are put, as that happens.
    """
    look = _Look(nodes_of_ids(node_ids), soon or (lambda do: do()), is_latest, stay, turn, on_done)
    look.start()
    return look.first_offsets


def scrolled_from(offsets: Mapping[str, float]) -> dict[str, float]:
    """Offsets of views in which somebody has scrolled through the first slices of a series, which were put at ``offsets``: they stay there."""
    found = {}
    for logic in slice_logics():
        view, volume = logic.GetSliceNode(), logic.GetBackgroundLayer().GetVolumeNode()
        now, before = view.GetSliceOffset(), offsets.get(view.GetID())
        if before is not None and abs(now - before) > _MOVED_MM and volume is not None and is_first_slices(volume):
            found[view.GetID()] = now
    return found


def replace_first_slices(node_ids: Sequence[str]) -> None:
    """The loaded image at once where the first slices of a series are, which are about to go: views would be black until they are arranged."""
    import slicer

    nodes = nodes_of_ids(node_ids)
    image = _image(nodes, _segmentation(nodes))
    shown = (logic.GetBackgroundLayer().GetVolumeNode() for logic in slice_logics())
    if image is not None and any(volume is not None and is_first_slices(volume) for volume in shown):
        slicer.util.setSliceViewerLayers(background=image)


class _Look:
    """One first look, in turns."""

    def __init__(
        self,
        nodes: Sequence[vtkMRMLNode],
        soon: Callable[[Callable[[], None]], None],
        is_latest: Callable[[], bool],
        stay: Mapping[str, float],
        turn: Callable[[], None],
        on_done: Callable[[], None],
    ) -> None:
        self._nodes = nodes
        self._soon = soon
        self._is_latest = is_latest
        self._stay = stay
        self.first_offsets: dict[str, float] = {}
        self._turn, self._on_done = turn, on_done
        self._segmentation = _segmentation(nodes)
        self._image = _image(nodes, self._segmentation)
        # The size that each view had when the image was fitted into it.
        self._fitted: dict[str, tuple[int, ...]] = {}
        # Looked for once, and None for an empty one.
        self._point: tuple[tuple[float, float, float] | None] | None = None

    def start(self) -> None:
        """The image first; the segmentation waits until the views stand still, since each of their moves would draw all segments anew."""
        import slicer

        if slicer.app.layoutManager() is None:
            self._on_done()
            return
        hide_segments([node.GetID() for node in self._own()])
        views = slicer.util.getNodesByClass("vtkMRMLSliceNode")
        ids = [view.GetID() for view in views]
        self._one_by_one(
            [
                self._arrange,
                *(partial(self._place, view) for view in views),
                *(partial(self._appear, number, ids) for number in range(len(ids))),
                *(partial(self._show, node) for node in self._own() if node is not self._segmentation),
                *(partial(self._place_again, view) for view in views),
            ]
        )

    def _one_by_one(self, steps: Sequence[Callable[[], None]]) -> None:
        """The first now, each other in a turn of its own."""
        if not steps:
            self._on_done()
            return
        self._guarded(steps[0])
        self._soon(lambda: self._one_by_one(steps[1:]))

    def _guarded(self, do: Callable[[], None]) -> None:
        try:
            with paused():
                do()
        # Whatever it is: the steps that follow are to be taken, the last of which lets views draw again.
        except Exception:
            logger.warning("The views could not be set to what was loaded.", exc_info=True)

    def _arrange(self) -> None:
        """Which volumes the views show, and how."""
        import slicer

        if self._image is None:
            return
        every = slicer.util.getNodesByClass("vtkMRMLVolumeNode")
        volumes = [node for node in every if not isinstance(node, slicer.vtkMRMLLabelMapVolumeNode) and not is_first_slices(node)]
        newest = any(isinstance(node, slicer.vtkMRMLVolumeNode) and is_overlay(node) for node in self._nodes)
        shown = arrange(volumes, self._image, newest_above=newest)
        dress(slicer.mrmlScene, shown)
        if wants(Look.WINDOW):
            _set_window(self._image)
        slicer.util.setSliceViewerLayers(background=shown.below, foreground=shown.above, foregroundOpacity=shown.opacity)
        _show_color_legends()

    def _place(self, view: vtkMRMLSliceNode) -> None:
        """One view at the image, fitted and upright, and at the slice with most of the segmentation."""
        if not self._is_latest():
            return
        if self._image is not None and self._image.GetScene() is not None:
            # An oblique image loaded before leaves its planes behind; from there the closest axis could be another one.
            view.SetOrientationToDefault()
            view.RotateToVolumePlane(self._image)
            self._turn()
            logic = next((logic for logic in slice_logics() if logic.GetSliceNode() is view), None)
            if logic is not None:
                logic.FitSliceToBackground()
            self._fitted[view.GetID()] = tuple(view.GetDimensions())
            if is_first_slices(self._image):
                self.first_offsets[view.GetID()] = view.GetSliceOffset()
        if view.GetID() in self._stay:
            view.SetSliceOffset(self._stay[view.GetID()])
        elif wants(Look.SLICES) and (point := self._first_point()) is not None:
            if self._image is not None:
                # Along the normal only: the image stays where it was fitted.
                view.JumpSliceByOffsetting(*point)
            else:
                view.JumpSliceByCentering(*point)

    def _place_again(self, view: vtkMRMLSliceNode) -> None:
        """One that got another size meanwhile: on a busy computer the segments beside the views take their width late."""
        if self._fitted.get(view.GetID()) != tuple(view.GetDimensions()):
            self._place(view)

    def _first_point(self) -> tuple[float, float, float] | None:
        """Where most of the segmentation is, or the highest dose."""
        import slicer

        from IDCBrowserLib.scene.segments.densest import densest_point, highest_dose

        if self._segmentation is not None and self._segmentation.GetScene() is None:
            return None
        if self._point is None:
            volumes = [node for node in self._nodes if isinstance(node, slicer.vtkMRMLVolumeNode) and node.GetScene() is not None]
            self._point = (densest_point(self._segmentation) if self._segmentation is not None else highest_dose(volumes),)
        return self._point[0]

    def _appear(self, number: int, views: Sequence[str]) -> None:
        """In one view more; in the last one in all, without an event that would draw all segments in all views anew."""
        display = self._segmentation.GetDisplayNode() if self._segmentation is not None and wants(Look.SEGMENTS) else None
        if display is None or display.GetScene() is None:
            return
        display.AddViewNodeID(views[number])
        if not number:
            self._show(self._segmentation)
        if number == len(views) - 1:
            display.DisableModifiedEventOn()
            display.RemoveAllViewNodeIDs()
            display.DisableModifiedEventOff()
            if display.GetPreferredDisplayRepresentationName2D() == CLOSED_SURFACE:
                # Nothing has to be made of a surface, and a 3D view shows it as well.
                display.Modified()
                center_3d_views()

    def _own(self) -> list[vtkMRMLSegmentationNode]:
        import slicer

        return [node for node in self._nodes if isinstance(node, slicer.vtkMRMLSegmentationNode)]

    def _show(self, node: vtkMRMLSegmentationNode | None) -> None:
        """Of several phases only that of the first."""
        display = node.GetDisplayNode() if node is not None and wants(Look.SEGMENTS) else None
        if node is None or display is None or self._segmentation is None:
            return
        if node.GetScene() is not None and node not in other_phases(self._segmentation, self._own()):
            display.SetVisibility(True)


def _segmentation(nodes: Sequence[vtkMRMLNode]) -> vtkMRMLSegmentationNode | None:
    import slicer

    return next((node for node in nodes if isinstance(node, slicer.vtkMRMLSegmentationNode)), None)


def _image(nodes: Sequence[vtkMRMLNode], segmentation: vtkMRMLSegmentationNode | None) -> vtkMRMLVolumeNode | None:
    """The image that the segmentation was drawn on, else the first one loaded."""
    import slicer

    if segmentation is not None:
        from IDCBrowserLib.scene.segments.segmentation import reference_volume

        drawn_on = reference_volume(segmentation)
        if drawn_on is not None:
            return drawn_on
    volumes = [node for node in nodes if isinstance(node, slicer.vtkMRMLVolumeNode) and not isinstance(node, slicer.vtkMRMLLabelMapVolumeNode)]
    return next((node for node in volumes if is_overlay(node)), volumes[0] if volumes else None)


def _is_picture(volume: vtkMRMLVolumeNode) -> bool:
    """One slice: ultrasound, mammograms, slides. Other views would show it turned or mirrored, or nothing."""
    image = volume.GetImageData()
    return image is not None and image.GetDimensions()[2] == 1


def _show_color_legends() -> None:
    """Views that did not show the volume when its legend was made look again only when the legend changes."""
    import slicer

    for legend in slicer.util.getNodesByClass("vtkMRMLColorLegendDisplayNode"):
        legend.Modified()


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
        display.SetWindowLevel(*SOFT_TISSUE)


def next_turn(do: Callable[[], None]) -> None:
    """When the event loop has done what waits."""
    QtCore.QTimer.singleShot(0, do)
