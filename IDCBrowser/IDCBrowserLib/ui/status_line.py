"""The last line of the panel: the release in use, or how far the download in front is; beside it, details of what failed.

It is always there, so that nothing above it moves.
"""

from __future__ import annotations

from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.downloads.progress_panel import ProgressPanel
from IDCBrowserLib.ui.failure_details import LastFailure
from IDCBrowserLib.ui.settings.release_line import ReleaseLine
from IDCBrowserLib.ui.widgets.building_blocks import holder, row


class StatusLine:
    """``widget`` has the height of its buttons whether it shows any or not."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._release = ReleaseLine(browser)
        self._progress = ProgressPanel(browser)
        self._failure = LastFailure(browser)
        self._lines = QtWidgets.QStackedWidget()
        self._lines.addWidget(self._release.widget)
        self._lines.addWidget(self._progress.widget)
        layout = row([self._lines, self._failure.widget])
        layout.setStretch(0, 1)
        self.widget = holder(layout, "statusLine")
        self.widget.setFixedHeight(int(self._progress.widget.property("sizeHint").height()))
        self._progress.shown_changed.connect(self._show_progress)
        self._show_progress(browser.downloads.state.running)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._release.disconnect()
        self._failure.disconnect()
        self._progress.disconnect()

    def _show_progress(self, on: bool) -> None:
        self._lines.setCurrentWidget(self._progress.widget if on else self._release.widget)
