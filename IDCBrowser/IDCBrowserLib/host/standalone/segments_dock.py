"""The panel of segments as a dock of the standalone window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Hit
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.segments.comparison import SegmentComparison
from IDCBrowserLib.logic.segments.segments import Segments
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.scene.segments import SceneSegments
from IDCBrowserLib.ui.segments.segments_panel import SegmentsPanel

if TYPE_CHECKING:
    from slicer import vtkMRMLScene

    from IDCBrowserLib.engine.client import Engine
    from IDCBrowserLib.host.standalone.views import ViewGrid
    from IDCBrowserLib.scene.segment_rows import Ras

_WIDTH = 340


class SegmentsDock:
    """``dock`` appears with the first segmentation, and stays as the user wants it."""

    def __init__(
        self,
        window: QtWidgets.QMainWindow,
        scene: vtkMRMLScene,
        views: ViewGrid,
        client: Engine,
        browser: Browser,
        defer: Callable[[Callable[[], None]], None],
    ) -> None:
        def jump(ras: Ras) -> None:
            for view in views.slices:
                view.jump(ras)

        self.segments = Segments(SceneSegments(scene, jump), defer)
        self.comparison = SegmentComparison(client, self.segments, defer)
        self.panel = SegmentsPanel(self.segments, self.comparison, browser.host.choose_save_file, lambda uid: show_series(browser, uid))
        self.dock = QtWidgets.QDockWidget(_("Segments"), window)
        self.dock.setObjectName("segmentsDock")
        self.dock.setWidget(self.panel.widget)
        self.dock.hide()
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
        window.resizeDocks([self.dock], [_WIDTH], Qt.Orientation.Horizontal)
        self.action = self.dock.toggleViewAction()
        self._was_shown = False

    def show_first_time(self) -> bool:
        """Once there is something to list; True when it appears."""
        if self._was_shown or not self.segments.state.all_sources:
            return False
        self._was_shown = True
        self.dock.show()
        return True

    def close(self) -> None:
        """Before the scene goes."""
        self.panel.close()


def show_series(browser: Browser, series_uid: str) -> None:
    """Lead to the row of a series in the tables."""
    browser.pick(Hit("series", (series_uid,), series_uid, ""))
