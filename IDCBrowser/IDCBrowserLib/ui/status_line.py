"""The last line of the panel: the release in use, or how far the download in front is. Always there, so that nothing above it moves."""

from __future__ import annotations

from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.downloads.progress_panel import ProgressPanel
from IDCBrowserLib.ui.settings.release_line import ReleaseLine


class StatusLine:
    """``widget`` has the height of its buttons whether it shows any or not."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._release = ReleaseLine(browser)
        self._progress = ProgressPanel(browser)
        self.widget = QtWidgets.QStackedWidget()
        self.widget.setObjectName("statusLine")
        self.widget.addWidget(self._release.widget)
        self.widget.addWidget(self._progress.widget)
        self.widget.setFixedHeight(int(self._progress.widget.property("sizeHint").height()))
        self._progress.shown_changed.connect(self._show_progress)
        self._show_progress(browser.downloads.state.running)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._release.disconnect()
        self._progress.disconnect()

    def _show_progress(self, on: bool) -> None:
        self.widget.setCurrentWidget(self._progress.widget if on else self._release.widget)
