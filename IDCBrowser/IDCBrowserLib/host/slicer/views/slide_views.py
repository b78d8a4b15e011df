"""Slides in Slicer's slice views: tiles of finer levels, segmentations and outlines of annotations, at the place and zoom of each view.

Signatures (Slicer 5.12): ``sliceViewNames()``, ``sliceWidget(name)``, signal ``layoutChanged(int)`` (Libs/MRML/Widgets/qMRMLLayoutManager.h),
``sliceView()``, ``sliceLogic()`` (qMRMLSliceWidget.h), ``renderWindow()``, ``scheduleRender()`` (CTK, ctkVTKAbstractView.h). The first renderer of a
view shows the slice as an image in the background (CTK, vtkLightBoxRendererManager.cpp), everything else above it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.host.slides.outlines import OutlinesOfVolume
from IDCBrowserLib.host.slides.outlines_actor import OutlinesActor
from IDCBrowserLib.host.slides.slide_detail import SlideDetail, WindowSource
from IDCBrowserLib.host.slides.slide_segments import SegmentSource, SlideSegments
from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.scene.provenance import segmentation_nodes

if TYPE_CHECKING:
    from slicer import qMRMLSliceWidget

logger = logging.getLogger(__name__)

_NOTE_MS = 8000


class SlideViews:
    """Of all slice views, also of those that a layout brings later; ``close`` before the engine ends."""

    def __init__(self, slides: WindowSource, segments: SegmentSource, parent: QtCore.QObject) -> None:
        import slicer

        self._slides, self._segments, self._parent = slides, segments, parent
        self._outlines = OutlinesOfVolume()
        self._views: dict[str, SlideView] = {}
        self._manager = slicer.app.layoutManager()
        if self._manager is not None:
            self._manager.layoutChanged.connect(self._look)
            self._look()

    def view(self, name: str) -> SlideView | None:
        """That of a slice view, by its name in the layout ("Red")."""
        return self._views.get(name)

    def close(self) -> None:
        """Take everything out of the views."""
        if self._manager is not None:
            self._manager.layoutChanged.disconnect(self._look)
            self._manager = None
        for view in self._views.values():
            view.close()
        self._views = {}

    def _look(self, _layout: int = 0) -> None:
        if self._manager is None:
            return
        for name in self._manager.sliceViewNames():
            widget = self._manager.sliceWidget(name) if name not in self._views else None
            if widget is not None:
                self._views[name] = SlideView(widget, self._slides, self._segments, self._outlines, self._parent)


class SlideView:
    """One of them: looks before each picture at what the view shows."""

    def __init__(
        self, widget: qMRMLSliceWidget, slides: WindowSource, segments: SegmentSource, outlines: OutlinesOfVolume, parent: QtCore.QObject
    ) -> None:
        from vtkmodules.vtkCommonCore import vtkCommand

        view = widget.sliceView()
        self._schedule: Callable[[], Any] = view.scheduleRender
        self._logic = widget.sliceLogic()
        self._renderer = view.renderWindow().GetRenderers().GetFirstRenderer()
        self.detail = SlideDetail(self._renderer, self._changed, parent)
        self.segments = SlideSegments(self._renderer, self._logic.GetImageDataConnection, self._changed, parent)
        self.outlines = OutlinesActor(self._renderer, outlines)
        self.detail.source, self.segments.source = slides, segments
        self._said = ""
        self._observer = self._renderer.AddObserver(vtkCommand.StartEvent, self._prepare)

    def close(self) -> None:
        """As it was before."""
        self._renderer.RemoveObserver(self._observer)
        self.detail.close()
        self.segments.close()
        self.outlines.remove()

    def _prepare(self, *_event: object) -> None:
        """Nothing of this may end in Slicer's drawing."""
        import slicer

        try:
            node = self._logic.GetSliceNode()
            self.detail.prepare(self._logic.GetBackgroundLayer().GetVolumeNode(), node)
            nodes = segmentation_nodes(slicer.mrmlScene) if self.detail.is_of_slide else []
            self.segments.prepare(nodes, node, self.detail.is_of_slide)
            above = self._logic.GetForegroundLayer().GetVolumeNode()
            self.outlines.prepare(above if above is not None else self._logic.GetBackgroundLayer().GetVolumeNode(), node)
        except Exception:
            logger.exception("Looking at a slide")

    def _changed(self) -> None:
        import slicer

        note = " ".join(filter(None, (self.detail.note, self.segments.note)))
        if note and note != self._said:
            slicer.util.showStatusMessage(note, _NOTE_MS)
        self._said = note
        self._schedule()
