"""The whole browser as one widget: a page to browse (four tables, details and results, the selection with its buttons), further pages in tabs
beside it, and below all of them progress and messages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol, cast

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.settings_keys import restore_splitter, save_splitter
from IDCBrowserLib.logic.base.state import ALL_LEVELS, LEVELS, TOPS, Kind, Message, PlanState, SeriesOutcome
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.qtbinding import Qt, QtWidgets, number_of
from IDCBrowserLib.ui.details.details_panel import DetailsPanel
from IDCBrowserLib.ui.details.related_panel import RelatedPanel
from IDCBrowserLib.ui.downloads.progress_panel import ProgressPanel
from IDCBrowserLib.ui.downloads.results_panel import ResultsPanel
from IDCBrowserLib.ui.failure_details import copy_failure
from IDCBrowserLib.ui.finding.filters_panel import FiltersPanel
from IDCBrowserLib.ui.finding.search_panel import SearchPanel
from IDCBrowserLib.ui.message_strip import MessageStrip
from IDCBrowserLib.ui.pages import Page, make_pages
from IDCBrowserLib.ui.picking.selection_panel import SelectionPanel
from IDCBrowserLib.ui.settings.release_line import ReleaseLine
from IDCBrowserLib.ui.tables.table_panel import TablePanel
from IDCBrowserLib.ui.tables.top_switch import TopSwitch
from IDCBrowserLib.ui.widgets.arrangement import (
    NARROWEST,
    Arrangement,
    SizedWidget,
    arrangement_for,
    heights_with_filters,
    heights_without_filters,
)
from IDCBrowserLib.ui.widgets.building_blocks import column, holder, row, steady
from IDCBrowserLib.ui.widgets.shortcuts import add_shortcut

BROWSE = "browse"
_RELATED, _RESULTS = 1, 2
_MARGIN = 6
_BOTTOM_WIDTHS = (430, 260)
_MIDDLE_SHARES = (400, 600)
_ROW_HEIGHTS = (150, 210, 220, 240)


class _Part(Protocol):
    def disconnect(self) -> None:
        """Stop listening to the browser."""


class BrowserPanel:
    """``widget`` goes into a window (standalone) or a module panel (Slicer). Keep this object while the widget lives; ``close`` before it goes."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.tables: dict[str, TablePanel] = {}
        for level in ALL_LEVELS:
            self.tables[level] = TablePanel(browser, level, self._focus_after(level))
        self.top = TopSwitch(browser, self.tables)
        self.details = DetailsPanel(browser)
        self.related = RelatedPanel(browser)
        self.results = ResultsPanel(browser)
        self.selection = SelectionPanel(browser)
        self.progress = ProgressPanel(browser)
        self.messages = MessageStrip(self._act, lambda sentence: copy_failure(browser, sentence))
        self.release = ReleaseLine(browser)
        self.tabs = QtWidgets.QTabWidget()
        self.tabs.setObjectName("detailsTabs")
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.details.widget, _("D&etails"))
        self.tabs.addTab(self.related.widget, self.related.heading())
        self.tabs.addTab(self.results.widget, _("&Results"))
        self.related.heading_changed.connect(partial(self.tabs.setTabText, _RELATED))
        self.tabs.setCornerWidget(self.details.tools)
        self.filters = FiltersPanel(browser)
        self.search = SearchPanel(browser, self._focus_on)
        self.further: list[Page] = make_pages(browser)
        self.pages = self._make_pages()
        self._arrangement = Arrangement()
        self._heights_before: list[int] = []
        self.widget = SizedWidget(self._resized)
        self.widget.setObjectName("browserPanel")
        # What is side by side now does not keep it from becoming so narrow that it is put one above the other.
        self.widget.setMinimumWidth(NARROWEST)
        self.widget.setLayout(self._layout())
        self.search.attach(self.widget)
        self.help = add_shortcut(self.widget, "help", _("Help"), lambda: self.show_page("help"), Qt.ShortcutContext.WidgetWithChildrenShortcut)
        browser.message.connect(self.messages.show)
        browser.downloads.ended.connect(self._download_ended)
        browser.downloads.results_left.connect(self._results_left)
        browser.plan.changed.connect(self._plan_changed)
        self.filters.opened.connect(self._filters_opened)
        self._rows.splitterMoved.connect(self._heights_dragged)
        browser.page_wanted.connect(self.show_page)
        self._application = cast("QtWidgets.QApplication", QtWidgets.QApplication.instance())
        self._application.applicationStateChanged.connect(self._application_state_changed)

    def _resized(self, width: int, height: int) -> None:
        wanted = arrangement_for(width, height)
        if wanted == self._arrangement:
            return
        self._arrangement = wanted
        for splitter in (self._top, self._bottom, self.details.splitter):
            splitter.setOrientation(Qt.Orientation.Vertical if wanted.narrow else Qt.Orientation.Horizontal)
        self.filters.arrange(wanted.narrow)
        self._middle.setOrientation(Qt.Orientation.Horizontal if wanted.low else Qt.Orientation.Vertical)
        self._middle.setSizes(list(_MIDDLE_SHARES))

    def _filters_opened(self, on: bool) -> None:
        heights = [int(height) for height in self._rows.sizes()]
        self.filters.area.setVisible(on)
        if on:
            self._heights_before = heights
            self._rows.setSizes(heights_with_filters(heights, int(self.filters.area.property("minimumHeight"))))
        else:
            # As before, unless somebody dragged them meanwhile.
            self._rows.setSizes(self._heights_before or heights_without_filters(heights))

    def _heights_dragged(self, _place: int, _number: int) -> None:
        self._heights_before = []

    def close(self) -> None:
        """Remember how it was left, and stop listening to the browser."""
        settings = self.browser.host.settings
        for splitter in (self._top, self._rows, self._bottom, self.details.splitter):
            save_splitter(settings, splitter)
        for table in self.tables.values():
            table.save()
        parts: list[_Part] = [
            self.top,
            self.release,
            self.search,
            self.filters,
            self.details,
            self.related,
            self.results,
            self.selection,
            self.progress,
        ]
        for part in (*self.tables.values(), *parts):
            part.disconnect()
        self.browser.message.disconnect(self.messages.show)
        self.browser.downloads.ended.disconnect(self._download_ended)
        self.browser.downloads.results_left.disconnect(self._results_left)
        self.browser.plan.changed.disconnect(self._plan_changed)
        self._application.applicationStateChanged.disconnect(self._application_state_changed)
        self.browser.page_wanted.disconnect(self.show_page)
        for page in self.further:
            page.disconnect()

    def show_page(self, name: str) -> None:
        """Bring a page to the front: "browse", or the name of another one."""
        names = [BROWSE, *(page.name for page in self.further)]
        if name in names:
            self.pages.setCurrentIndex(names.index(name))

    def _make_pages(self) -> QtWidgets.QTabWidget:
        pages = QtWidgets.QTabWidget()
        pages.setObjectName("pages")
        pages.setDocumentMode(True)
        pages.setTabBarAutoHide(True)
        pages.addTab(steady(holder(self._browse_layout(), "browsePage"), "browseArea"), _("&Browse"))
        for number, page in enumerate(self.further, 1):
            pages.addTab(steady(page.widget, f"{page.name}Area"), page.heading())
            page.heading_changed.connect(partial(pages.setTabText, number))
        pages.currentChanged.connect(self._page_shown)
        return pages

    def _page_shown(self, number: int) -> None:
        if number > 0:
            self.further[number - 1].shown()
        else:
            self.browser.refresh_statuses()

    def _application_state_changed(self, state: Qt.ApplicationState) -> None:
        """Back from another program, such as one for files: what is in sight is asked for again."""
        if number_of(state) == number_of(Qt.ApplicationState.ApplicationActive):
            self._page_shown(int(self.pages.property("currentIndex")))

    def _layout(self) -> QtWidgets.QVBoxLayout:
        layout = column([self.pages, self.progress.widget, self.messages.widget, self.release.widget], _MARGIN)
        layout.setStretch(0, 1)
        return layout

    def _browse_layout(self) -> QtWidgets.QVBoxLayout:
        self._top = _splitter("topSplitter", Qt.Orientation.Horizontal, [self.top.widget, self.tables["cases"].with_title()])
        self._bottom = _splitter("bottomSplitter", Qt.Orientation.Horizontal, [self.tabs, self.selection.widget])
        self._middle = _splitter("middleSplitter", Qt.Orientation.Vertical, [self.tables["studies"].with_title(), self.tables["series"].with_title()])
        self._middle.setSizes(list(_MIDDLE_SHARES))
        self._bottom.setSizes(list(_BOTTOM_WIDTHS))
        self._rows = _splitter("rowsSplitter", Qt.Orientation.Vertical, [self.filters.area, self._top, self._middle, self._bottom])
        self._rows.setSizes(list(_ROW_HEIGHTS))
        for number, stretch in enumerate((0, 3, 3, 1)):
            self._rows.setStretchFactor(number, stretch)
        for splitter in (self._top, self._rows, self._bottom, self.details.splitter):
            restore_splitter(self.browser.host.settings, splitter)
        layout = column([row([self.search.box, self.filters.toggle]), self.filters.line, self._rows])
        layout.setStretch(2, 1)
        return layout

    def _focus_after(self, level: str) -> Callable[[], None]:
        def focus() -> None:
            following = 1 if level in TOPS else LEVELS.index(level) + 1
            if following < len(LEVELS):
                self.tables[LEVELS[following]].take_focus()

        return focus

    def _focus_on(self, level: str) -> None:
        if level in self.tables:
            self.tables[level].view.setFocus()

    def _download_ended(self, _message: Message) -> None:
        results = self.browser.downloads.results
        self._name_results(results)
        if any(outcome.kind is not Kind.SUCCESS for outcome in results):
            self.tabs.setCurrentWidget(self.results.widget)

    def _results_left(self) -> None:
        self._name_results(())
        if self.tabs.currentWidget() is self.results.widget:
            self.tabs.setCurrentIndex(0)

    def _name_results(self, results: Sequence[SeriesOutcome]) -> None:
        failed = sum(1 for outcome in results if outcome.kind is Kind.ERROR)
        self.tabs.setTabText(_RESULTS, _("&Results ({count} failed)").format(count=f"{failed:,}") if failed else _("&Results"))

    def _plan_changed(self, state: PlanState) -> None:
        if not state.sources:
            self._name_results(self.browser.downloads.results)
            return
        lines = state.document.get("unresolved_count", 0) if state.document else 0
        self.tabs.setTabText(_RESULTS, _("&Results ({count} skipped)").format(count=f"{lines:,}") if lines else _("&Results"))
        if lines:
            self.tabs.setCurrentWidget(self.results.widget)

    def _act(self, action: str) -> None:
        if action == "restart":
            self.browser.restart_engine()
        else:
            self.show_page(action)

    def show_message(self, message: Message | None) -> None:
        """A message of the program around the panel."""
        self.messages.show(message)


def _splitter(name: str, orientation: Qt.Orientation, widgets: Sequence[QtWidgets.QWidget]) -> QtWidgets.QSplitter:
    splitter = QtWidgets.QSplitter(orientation)
    splitter.setObjectName(name)
    splitter.setChildrenCollapsible(False)
    for widget in widgets:
        splitter.addWidget(widget)
    return splitter
