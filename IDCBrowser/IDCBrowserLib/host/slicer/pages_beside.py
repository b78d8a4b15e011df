"""Pages of the browser that stand beside the views, below the module's panel: a report that was opened, the review list in use."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.host.slicer.layout import CentralView
from IDCBrowserLib.host.slicer.module_panel import ModulePanel
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.ui.reports.reports_page import ReportsPage
from IDCBrowserLib.ui.review.review_page import ReviewPage


class PagesBeside:
    """Makes each page when it is needed first; the browser's own pages are in the place of the views. ``changed``: one of them came or went."""

    def __init__(self, browser: Browser, view: CentralView, panel: ModulePanel, changed: Callable[[], None]) -> None:
        self._browser, self._view, self._panel, self._changed = browser, view, panel, changed
        self._reports: ReportsPage | None = None
        self._review: ReviewPage | None = None
        self._listen(True)

    def draw(self) -> None:
        """Show the review list unless the browser shows it: keys mean one of the two pages."""
        if self._review is None and self._browser.review.state.reader:
            self._review = ReviewPage(self._browser)
            self._panel.add_below(self._review.widget)
        if self._review is None:
            return
        shown = self._browser.review.state.is_open and not self._view.is_shown
        if shown != self.takes_room:
            self._review.widget.setVisible(shown)
            self._changed()

    @property
    def takes_room(self) -> bool:
        """Whether a page is shown that the panel makes room for."""
        return self._review is not None and bool(self._review.widget.isVisibleTo(self._panel.widget))

    def close(self) -> None:
        """Listen no more; the widgets go with the panel."""
        self._listen(False)
        for page in (self._reports, self._review):
            if page is not None:
                page.disconnect()

    def _listen(self, on: bool) -> None:
        self._browser.reports.opened.listen(self._report_opened, on)
        self._browser.reports.placed.listen(self._view.restore, on)
        self._browser.review.changed.listen(self.draw, on)

    def _report_opened(self) -> None:
        if self._reports is None:
            self._reports = ReportsPage(self._browser)
            self._panel.add_below(self._reports.widget)
