"""Pages of the browser that stand beside the views, below the module's panel: a report that was opened, the review list in use."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.host.slicer.panel.module_panel import ModulePanel
from IDCBrowserLib.host.slicer.views.layout import CentralView
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.reports.reports_page import ReportsPage
from IDCBrowserLib.ui.review.review_page import ReviewPage
from IDCBrowserLib.ui.widgets.building_blocks import column

# Of the report: its table and text, on a screen of 720 lines.
_LEAST_HEIGHT = 300


class PagesBeside:
    """Makes each page when it is needed first; the browser's own pages are in the place of the views. ``changed``: one of them came or went."""

    def __init__(self, browser: Browser, view: CentralView, panel: ModulePanel, changed: Callable[[], None]) -> None:
        self._browser, self._view, self._panel, self._changed = browser, view, panel, changed
        self._reports: ReportsPage | None = None
        self._report_box: QtWidgets.QGroupBox | None = None
        self._review: ReviewPage | None = None
        self._took_room = False, False
        self._listen(True)

    def draw(self) -> None:
        """Show them unless the browser shows them itself: keys mean one of the two pages."""
        if self._review is None and self._browser.review.state.reader:
            self._review = ReviewPage(self._browser)
            self._panel.add_below(self._review.widget)
        beside = not self._view.is_shown
        reviews = beside and self._review is not None and self._browser.review.state.is_open
        if self._review is not None:
            self._review.widget.setVisible(reviews)
        if self._report_box is not None:
            self._report_box.setVisible(beside)
        if (self.takes_room, self.reviews) != self._took_room:
            self._took_room = self.takes_room, self.reviews
            self._changed()

    @property
    def reviews(self) -> bool:
        """Whether the page of a review list is shown, which says what is in sight and what is being fetched."""
        return self._review is not None and bool(self._review.widget.isVisibleTo(self._panel.widget))

    @property
    def takes_room(self) -> bool:
        """Whether a page is shown that the panel makes room for."""
        pages = (self._reports, self._review)
        return any(page is not None and bool(page.widget.isVisibleTo(self._panel.widget)) for page in pages)

    def close(self) -> None:
        """Listen no more; the widgets go with the panel."""
        self._listen(False)
        if self._report_box is not None:
            self._report_box.toggled.disconnect(self._fold)
        for page in (self._reports, self._review):
            if page is not None:
                page.disconnect()

    def _listen(self, on: bool) -> None:
        self._browser.reports.opened.listen(self._report_opened, on)
        self._browser.reports.placed.listen(self._view.restore, on)
        self._browser.review.changed.listen(self.draw, on)

    def _report_opened(self) -> None:
        if self._report_box is None:
            self._reports = ReportsPage(self._browser)
            self._reports.widget.setMinimumHeight(_LEAST_HEIGHT)
            self._report_box = QtWidgets.QGroupBox(_("Report"))
            self._report_box.setObjectName("reportSection")
            self._report_box.setCheckable(True)
            self._report_box.setLayout(column([self._reports.widget]))
            self._report_box.toggled.connect(self._fold)
            self._panel.add_below(self._report_box)
        self._report_box.setChecked(True)
        self.draw()

    def _fold(self, opened: bool) -> None:
        if self._reports is not None:
            self._reports.widget.setVisible(opened)
        if self._report_box is not None:
            # Of a folded one the frame is a line without a meaning.
            self._report_box.setFlat(not opened)
        self.draw()
