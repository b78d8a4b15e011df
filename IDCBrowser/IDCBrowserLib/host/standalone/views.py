"""Three slice views and one 3D view of the scene in a 2 x 2 grid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar, cast

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.host.standalone.cine import CineBar
from IDCBrowserLib.host.standalone.contours import show_contours
from IDCBrowserLib.host.standalone.focus import show_only_what_belongs_to
from IDCBrowserLib.host.standalone.render import RenderWidget
from IDCBrowserLib.host.standalone.scene import StandaloneScene
from IDCBrowserLib.host.standalone.slice_view import SliceView
from IDCBrowserLib.host.standalone.three_d_view import ThreeDView
from IDCBrowserLib.host.surfaces import SurfaceMaker
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtCore, QtWidgets
from IDCBrowserLib.scene.first_slices import is_first_slices
from IDCBrowserLib.scene.overlay import arrange, dress, is_overlay
from IDCBrowserLib.scene.provenance import SERIES_ATTRIBUTE, UNPLACED_ATTRIBUTE
from IDCBrowserLib.scene.registrations import apply_registration, is_registration
from IDCBrowserLib.scene.segments.densest import densest_point, highest_dose
from IDCBrowserLib.scene.segments.segmentation import reference_volume

if TYPE_CHECKING:
    from slicer import vtkMRMLNode, vtkMRMLScalarVolumeNode, vtkMRMLSegmentationDisplayNode, vtkMRMLSegmentationNode, vtkMRMLVolumeNode

    Node = TypeVar("Node", bound=vtkMRMLNode)

# Slicer's names and colors of its three views.
_RED, _GREEN, _YELLOW = (0.953, 0.290, 0.200), (0.431, 0.690, 0.294), (0.929, 0.835, 0.298)

_VOLUMES: Final = ("vtkMRMLScalarVolumeNode", "vtkMRMLVectorVolumeNode")
_SEGMENTATION: Final = "vtkMRMLSegmentationNode"


class ViewGrid(QtWidgets.QWidget):
    """Axial and 3D above, coronal and sagittal below. Call ``release`` before the scene goes."""

    surfaces_ready = QtCore.Signal()

    def __init__(self, host: StandaloneScene, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self.axial = SliceView(host, "Red", "Axial", _("Axial"), _RED, self)
        self.coronal = SliceView(host, "Green", "Coronal", _("Coronal"), _GREEN, self)
        self.sagittal = SliceView(host, "Yellow", "Sagittal", _("Sagittal"), _YELLOW, self)
        self.three_d = ThreeDView(host, "1", self)
        self.slices = (self.axial, self.coronal, self.sagittal)
        self._views = (self.axial, self.three_d, self.coronal, self.sagittal)
        self._layout = QtWidgets.QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._grid = QtWidgets.QGridLayout()
        self._grid.setSpacing(2)
        self.setStyleSheet("ViewGrid { background: #30343c; }")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_StyledBackground, True)
        for number, view in enumerate(self._views):
            self._grid.addWidget(view, number // 2, number % 2)
            view.activated.connect(self.maximize)
        self.cine = CineBar(self.axial, self)
        self._layout.addLayout(self._grid, 1)
        self._layout.addWidget(self.cine)
        self.cine.all_views_asked.connect(lambda: self.maximize(self.axial))
        self._maximized: RenderWidget | None = None
        self._is_picture = False
        self._is_pair = self._has_image = False
        # Where the slices were put when the first of a series came.
        self._first_offsets: list[float] = []
        self.three_d.surfaces_asked.connect(self.show_surfaces)
        self.three_d.contours_asked.connect(self.show_contours)
        self.three_d.volume_chosen.connect(self._volume_chosen)
        self.three_d.opacity_chosen.connect(self.set_overlay_opacity)
        self.three_d.registration_asked.connect(self.apply_registrations)
        self.three_d.observe(host.scene, host.scene.EndCloseEvent, lambda *_unused: self.three_d.set_volumes((), None))
        self._surfaces = SurfaceMaker()
        self._surfaces.finished.connect(self._surfaces_made)

    def show_loaded(self, node_ids: Sequence[str]) -> None:
        """After loading: show what ``LoadResult.node_ids`` name, the last segmentation on its image (of a patient rather than a slide), or the
        first volume.
        """
        scrolled = self._scrolled()
        volumes = _chosen(self._volumes(), node_ids)
        segmentations = sorted(_chosen(self._host.nodes(_SEGMENTATION), node_ids), key=_is_placed)
        overlays = [volume for volume in volumes if is_overlay(volume)]
        if segmentations:
            self.fit(None, segmentations[-1], with_overlay=bool(overlays))
        elif volumes:
            self.fit((overlays or volumes)[0])
        for view, offset in scrolled.items():
            view.logic.SetSliceOffset(offset)

    @property
    def are_free(self) -> bool:
        """Whether there is nothing that somebody may be looking at."""
        return not self._volumes() and not self._host.nodes(_SEGMENTATION)

    def show_first_slices(self, volume: vtkMRMLScalarVolumeNode) -> None:
        """What has come of a series so far, alone."""
        for view in self.slices:
            view.show_volume(volume)
            view.node.SetSliceVisible(True)
        self._first_offsets = [view.logic.GetSliceOffset() for view in self.slices]
        self.three_d.fit()

    def shows(self, volume: vtkMRMLScalarVolumeNode) -> bool:
        """Whether it is what fills the views."""
        return all(view.background() is volume for view in self.slices)

    def _scrolled(self) -> dict[SliceView, float]:
        """Whoever has scrolled through the first slices of a series stays there when the rest has come."""
        before, self._first_offsets = self._first_offsets, []
        now = {view: view.logic.GetSliceOffset() for view in self.slices}
        shown = self.axial.background()
        if not before or shown is None or not is_first_slices(shown):
            return {}
        return {view: offset for (view, offset), first in zip(now.items(), before, strict=True) if offset != first}

    def fit(self, volume: vtkMRMLVolumeNode | None = None, segmentation: vtkMRMLSegmentationNode | None = None, with_overlay: bool = False) -> None:
        """Show ``volume`` whole in its acquisition planes, at the densest slices of ``segmentation``, and all of it in 3D.

        Without ``segmentation`` the newest one drawn on ``volume`` is meant, without ``volume`` the image of the segmentation, without both
        what came last into the scene. PET, dose and maps are laid over the image of their frame of reference; ``with_overlay`` also lays the
        last of them over an image that is asked for.
        """
        if volume is None and segmentation is None:
            volume, segmentation = self._newest()
        if segmentation is None:
            drawn = [node for node in self._host.nodes(_SEGMENTATION) if reference_volume(node) is volume]
            segmentation = drawn[-1] if drawn else None
        if volume is None:
            volume = reference_volume(segmentation) if segmentation is not None else None
            volume = volume or next(iter(self._volumes()), None)
        self._has_image = volume is not None
        shown = arrange(self._volumes(), volume, with_overlay)
        dress(self._host.scene, shown)
        for view in self.slices:
            view.show_volume(shown.below, shown.above, shown.opacity)
            view.node.SetSliceVisible(volume is not None)
        self.three_d.set_volumes(self._volumes(), volume)
        self.three_d.set_overlay(shown.above, shown.opacity)
        show_only_what_belongs_to(self._host, volume)
        self._show_as_picture(volume)
        show_contours(self._host.scene, self.three_d.contours_button.isChecked())
        above = [shown.above] if shown.above is not None else []
        point = densest_point(segmentation) if segmentation is not None else highest_dose(above)
        if point is not None:
            self.jump(point)
        self.three_d.fit()

    def look_again(self) -> None:
        """Something came into the scene or was removed: where the image in sight is gone show another one, or nothing."""
        if self.axial.background() is None:
            if self._has_image:
                self.fit()
        elif len(self._volumes()) != self.three_d.volume_list.count():
            self.three_d.set_volumes(self._volumes(), self.axial.background())

    def set_overlay_opacity(self, opacity: float) -> None:
        """0 to 1: of what is laid over the image in all slices."""
        for view in self.slices:
            view.logic.GetSliceCompositeNode().SetForegroundOpacity(opacity)

    def jump(self, point: tuple[float, float, float]) -> None:
        """Move all slices to a point (RAS, mm)."""
        for view in self.slices:
            view.jump(point)

    def apply_registrations(self, applied: bool) -> None:
        """Move what lies in the frames of reference of the loaded registrations to its registered place, or back."""
        volumes = self._volumes()
        for transform in filter(is_registration, self._host.nodes("vtkMRMLLinearTransformNode")):
            apply_registration(volumes, transform, applied)
        self.fit(self.axial.background())

    def _show_as_picture(self, volume: vtkMRMLVolumeNode | None) -> None:
        """Frames without a place in the patient have one view, in which they are played; slices across them would show nothing that exists."""
        is_picture = volume is not None and bool(volume.GetAttribute(UNPLACED_ATTRIBUTE))
        if is_picture != self._is_picture:
            self._is_picture = is_picture
            self._maximized = self.axial if is_picture else None
            self._show_views()
        self.cine.show_volume(volume if is_picture else None)

    @property
    def layout_name(self) -> str:
        """The number of the view that is shown alone; "" where all are."""
        return "" if self._maximized is None else str(self._views.index(self._maximized))

    def set_layout_name(self, name: str) -> None:
        """Show the views so again; pictures without a place keep their one view."""
        if not self._is_picture:
            self._maximized = self._views[int(name)] if name.isdecimal() and int(name) < len(self._views) else None
            self._show_views()

    def maximize(self, view: RenderWidget) -> None:
        """Show one view alone; again: all four."""
        self._maximized = None if self._maximized is view else view
        self._show_views()

    def show_side_by_side(self, on: bool) -> None:
        """Two slice views beside each other, whose planes and contents somebody else decides; or all four again."""
        self._is_pair = on
        # As in the panel that asked for it.
        self.axial.title, self.sagittal.title = ("A", "B") if on else ("", "")
        self._maximized = None
        self._grid.addWidget(self.sagittal, 0 if on else 1, 1)
        self._show_views()

    def _show_views(self) -> None:
        offered = (self.axial, self.sagittal) if self._is_pair else self._views
        for view in self._views:
            view.setVisible(view in offered and self._maximized in (None, view))

    def show_surfaces(self, shown: bool) -> None:
        """Show segments as closed surfaces in 3D, else the slice planes. Surfaces are made between events; ``surfaces_ready`` tells the end."""
        self.three_d.surfaces_button.blockSignals(True)
        self.three_d.surfaces_button.setChecked(shown)
        self.three_d.surfaces_button.blockSignals(False)
        segmentations = self._host.nodes(_SEGMENTATION)
        for node in segmentations:
            # Off until all are there, else the 3D view would make them all at once.
            _display_of(node).SetVisibility3D(False)
        for view in self.slices:
            view.node.SetSliceVisible(view.background() is not None and not shown)
        if shown:
            self._surfaces.start([node for node in segmentations if _display_of(node).GetVisibility()])
        else:
            self._surfaces.stop()
            self.three_d.fit()

    def show_contours(self, shown: bool) -> None:
        """Show the contours of structure sets as they were drawn, over slices and in 3D."""
        self.three_d.contours_button.blockSignals(True)
        self.three_d.contours_button.setChecked(shown)
        self.three_d.contours_button.blockSignals(False)
        show_contours(self._host.scene, shown)
        for view in self._views:
            view.invalidate()

    def set_segment_visible(self, segmentation: vtkMRMLSegmentationNode, segment_id: str, visible: bool) -> None:
        """Show or hide one segment everywhere."""
        _display_of(segmentation).SetSegmentVisibility(segment_id, visible)

    def set_segmentation_visible(self, segmentation: vtkMRMLSegmentationNode, visible: bool) -> None:
        """Show or hide a segmentation everywhere."""
        _display_of(segmentation).SetVisibility(visible)
        show_contours(self._host.scene, self.three_d.contours_button.isChecked())

    def set_opacity(self, segmentation: vtkMRMLSegmentationNode, opacity: float) -> None:
        """0 to 1: of the fill in slices and the surfaces in 3D; outlines stay."""
        display = _display_of(segmentation)
        display.SetOpacity2DFill(opacity)
        display.SetOpacity3D(opacity)

    def grab_png(self, path: str | Path) -> None:
        """The four views as they are now as a PNG file. Raises ``StorageError``."""
        for view in self._views:
            view.invalidate()
        if not self.grab().save(str(path), "PNG"):
            raise StorageError(f"The image could not be written to {path}. Check the disk space and permissions.")

    def release(self) -> None:
        """Stop drawing and free graphics contexts; the widget is of no more use."""
        self._surfaces.close()
        self.cine.stop()
        for view in self._views:
            view.release()

    def _volume_chosen(self, node_id: str) -> None:
        volume = next((node for node in self._volumes() if node.GetID() == node_id), None)
        if volume is not None:
            surfaces = self.three_d.surfaces_button.isChecked()
            self.fit(volume)
            if surfaces:
                self.show_surfaces(True)

    def _volumes(self) -> list[vtkMRMLVolumeNode]:
        """Gray and color ones, without what has come of a series so far."""
        return [cast("vtkMRMLVolumeNode", node) for kind in _VOLUMES for node in self._host.nodes(kind) if not is_first_slices(node)]

    def _surfaces_made(self) -> None:
        self.three_d.fit()
        self.surfaces_ready.emit()

    def _newest(self) -> tuple[vtkMRMLVolumeNode | None, vtkMRMLSegmentationNode | None]:
        """(volume, None) or (None, segmentation), whichever is the later; of a series with several volumes the first."""
        scene, volumes, segmentations = self._host.scene, self._volumes(), self._host.nodes(_SEGMENTATION)
        nodes = (node for index in reversed(range(scene.GetNumberOfNodes())) if not is_first_slices(node := scene.GetNthNode(index)))
        newest = next((node for node in nodes if node.GetClassName() in (*_VOLUMES, _SEGMENTATION)), None)
        if newest is None:
            return None, None
        if newest.GetClassName() == _SEGMENTATION:
            return None, segmentations[-1]
        series = newest.GetAttribute(SERIES_ATTRIBUTE)
        same = [node for node in volumes if series and node.GetAttribute(SERIES_ATTRIBUTE) == series]
        return (same[0] if same else volumes[-1]), None


def _chosen(nodes: Sequence[Node], node_ids: Sequence[str]) -> list[Node]:
    """Those with these ids, in the order of the ids."""
    by_id = {node.GetID(): node for node in nodes}
    return [by_id[node_id] for node_id in node_ids if node_id in by_id]


def _is_placed(segmentation: vtkMRMLSegmentationNode) -> bool:
    volume = reference_volume(segmentation)
    return volume is None or not volume.GetAttribute(UNPLACED_ATTRIBUTE)


def _display_of(segmentation: vtkMRMLSegmentationNode) -> vtkMRMLSegmentationDisplayNode:
    display = segmentation.GetDisplayNode()
    assert display is not None, "it is made with its segmentation"
    return display
