"""The panel of segments as a dock of the standalone window."""

from __future__ import annotations

from IDCBrowserLib.host.segments_work import SegmentsWork
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import Qt, QtWidgets

_WIDTH = 340


class SegmentsDock:
    """``dock`` appears with the first segmentation, and stays as the user wants it; ``action`` shows and hides it."""

    def __init__(self, window: QtWidgets.QMainWindow, work: SegmentsWork) -> None:
        self.work = work
        self.dock = QtWidgets.QDockWidget(_("Segments"), window)
        self.dock.setObjectName("segmentsDock")
        self.dock.setWidget(work.panel.widget)
        self.dock.hide()
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
        window.resizeDocks([self.dock], [_WIDTH], Qt.Orientation.Horizontal)
        self.action = self.dock.toggleViewAction()
        self._was_shown = False

    def show_first_time(self) -> bool:
        """Once there is something to list; True when it appears."""
        self.work.segments.refresh()
        if self._was_shown or not self.work.segments.state.all_sources:
            return False
        self._was_shown = True
        self.dock.show()
        return True

    def close(self) -> None:
        """Before the scene goes."""
        self.work.close()
