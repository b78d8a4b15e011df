"""The page "Browse": search box and filters, the path, the tables with details at their right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.settings_keys import ALL_TABLES_KEY
from IDCBrowserLib.logic.base.state import ALL_LEVELS, LEVELS, TOPS, Kind, Message, PlanState, SeriesOutcome
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.details.details_panel import DetailsPanel
from IDCBrowserLib.ui.details.enlarged_details import EnlargedDetails
from IDCBrowserLib.ui.details.related_panel import RelatedPanel
from IDCBrowserLib.ui.downloads.results_panel import ResultsPanel
from IDCBrowserLib.ui.finding.filters_panel import FiltersPanel
from IDCBrowserLib.ui.finding.search_panel import SearchPanel
from IDCBrowserLib.ui.tables.path_bar import PathBar
from IDCBrowserLib.ui.tables.table_panel import TablePanel
from IDCBrowserLib.ui.tables.tables_area import TablesArea
from IDCBrowserLib.ui.widgets.arrangement import Arrangement
from IDCBrowserLib.ui.widgets.building_blocks import ANY_HEIGHT, column, holder, row
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.turning_splitter import TurningSplitter

_RELATED, _RESULTS = 1, 2
_MARGIN = 4
# Filters, tables and details, beside and above each other.
_WIDTHS, _HEIGHTS = (240, 660, 380), (240, 260, 160)
# In pixels: details yield to the table, and filters only when details cannot any more, so that what can be pressed beside them stays where it is.
_TABLE_LEAST, _DETAILS_LEAST = 300, 90


class _Part(Protocol):
    def disconnect(self) -> None:
        """Stop listening to the browser."""


class BrowsePage:
    """``widget`` is for a tab. ``arrange`` when there is other room; ``close`` before it goes."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.tables = {level: TablePanel(browser, level, self._entering(level), self._leaving(level)) for level in ALL_LEVELS}
        self.area = TablesArea(browser, self.tables)
        self.path = PathBar(browser, lambda: self._focus_on(browser.shelf.level))
        self.details = DetailsPanel(browser)
        self.related = RelatedPanel(browser)
        self.results = ResultsPanel(browser)
        self.filters = FiltersPanel(browser)
        self.search = SearchPanel(browser, self._focus_on)
        self.tabs = self._make_tabs()
        self._enlarged = EnlargedDetails(self.tabs, self._details_enlarged)
        self._all_tables = QtWidgets.QCheckBox(_("All tables"))
        self._all_tables.setObjectName("allTables")
        self._all_tables.setToolTip(plain(_("Show collections, cases, studies and series side by side instead of one large table at a time.")))
        self._is_narrow = False
        self.widget = holder(self._layout(), "browsePage")
        self._connect()

    def close(self) -> None:
        """Remember how it was left, and stop listening to the browser."""
        settings = self._browser.host.settings
        self._enlarged.leave()
        self._parts.save(settings)
        self.details.save(settings)
        self.area.save(settings)
        self.filters.save()
        for table in self.tables.values():
            table.save()
        parts: Sequence[_Part] = (
            *self.tables.values(),
            self.area,
            self.path,
            self.search,
            self.filters,
            self.details,
            self.related,
            self.results,
        )
        for part in parts:
            part.disconnect()
        self._browser.downloads.ended.disconnect(self._download_ended)
        self._browser.downloads.results_left.disconnect(self._results_left)
        self._browser.plan.changed.disconnect(self._plan_changed)
        self._browser.working_set.missing_wanted.disconnect(self._show_missing)

    def arrange(self, wanted: Arrangement) -> None:
        """Lay it out for the room there is."""
        self._is_narrow = wanted.narrow
        self._parts.turn(wanted.narrow)
        self.details.arrange(wanted.narrow)
        self._enlarged.arrange(wanted.narrow)
        self.area.arrange(wanted.narrow, wanted.low)
        self.area.widget.setMinimumWidth(1 if wanted.narrow else _TABLE_LEAST)
        for table in self.tables.values():
            table.arrange(wanted.narrow)
        self._fit_details()

    def _make_tabs(self) -> QtWidgets.QTabWidget:
        tabs = QtWidgets.QTabWidget()
        tabs.setObjectName("detailsTabs")
        tabs.setDocumentMode(True)
        tabs.setMinimumWidth(_DETAILS_LEAST)
        tabs.addTab(self.details.widget, _("D&etails"))
        tabs.addTab(self.related.widget, self.related.heading())
        tabs.addTab(self.results.widget, _("&Results"))
        return tabs

    def _layout(self) -> QtWidgets.QVBoxLayout:
        settings = self._browser.host.settings
        parts = [self.filters.area, self.area.widget, self.tabs]
        self._parts = TurningSplitter("browseSplitter", parts, Qt.Orientation.Horizontal, _WIDTHS, _HEIGHTS)
        for number, stretch in enumerate((0, 1, 1)):
            self._parts.widget.setStretchFactor(number, stretch)
        self._parts.restore(settings)
        self.details.restore(settings)
        # Whatever can be pressed is at the left of its line: there it stays when the page becomes narrower.
        head = row([self.filters.toggle, self._all_tables, self.details.toggle, self.search.box])
        layout = column([head, self.filters.line, self.path.widget, self._parts.widget])
        layout.setSpacing(_MARGIN)
        layout.setStretch(3, 1)
        return layout

    def _connect(self) -> None:
        browser = self._browser
        self.related.heading_changed.connect(partial(self.tabs.setTabText, _RELATED))
        self.tabs.currentChanged.connect(lambda number: browser.related.look(number == _RELATED))
        browser.downloads.ended.connect(self._download_ended)
        browser.downloads.results_left.connect(self._results_left)
        browser.plan.changed.connect(self._plan_changed)
        browser.working_set.missing_wanted.connect(self._show_missing)
        self.filters.toggle.toggled.connect(self._filters_toggled)
        self._all_tables.toggled.connect(self._show_all_tables)
        self._all_tables.setChecked(browser.host.settings.value(ALL_TABLES_KEY, "no") == "yes")

    # What the user does

    def _show_all_tables(self, on: bool) -> None:
        self._enlarged.leave()
        self.area.show_all(bool(on))
        self.path.widget.setVisible(not on)
        self._browser.host.settings.set_value(ALL_TABLES_KEY, "yes" if on else "no")

    def _entering(self, level: str) -> Callable[[], None]:
        def enter() -> None:
            number = 0 if level in TOPS else LEVELS.index(level)
            if not self.area.shows_all:
                self._browser.shelf.open()
                self._take_focus()
            elif number + 1 < len(LEVELS):
                self.tables[LEVELS[number + 1]].take_focus()

        return enter

    def _leaving(self, level: str) -> Callable[[], None]:
        def leave() -> None:
            if not self.area.shows_all:
                self._browser.shelf.back()
                self._take_focus()
            elif level not in TOPS:
                self._focus_on(self._browser.tables.levels[LEVELS.index(level) - 1])

        return leave

    def _take_focus(self) -> None:
        self.tables[self._browser.shelf.level].take_focus()

    def _details_enlarged(self, on: bool) -> None:
        self.area.widget.setVisible(not on)
        self.filters.area.setVisible(not on and bool(self.filters.toggle.property("checked")))
        self._fit_details()

    def _filters_toggled(self, on: bool) -> None:
        if on:
            self._enlarged.leave()
        self._fit_details()

    def _fit_details(self) -> None:
        """In a dock filters and details leave the table no room: beside open filters there are only the titles of the details."""
        is_folded = self._is_narrow and not self._enlarged.is_on and bool(self.filters.toggle.property("checked"))
        self.tabs.setMaximumHeight(int(self.tabs.tabBar().property("sizeHint").height()) if is_folded else ANY_HEIGHT)

    def _focus_on(self, level: str) -> None:
        self._enlarged.leave()
        if level in self.tables:
            self.tables[level].focus()

    # What the browser says

    def _download_ended(self, _message: Message) -> None:
        results = self._browser.downloads.results
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

    def _show_missing(self) -> None:
        self._browser.show_page("browse")
        self.results.show_missing()
        self.tabs.setCurrentWidget(self.results.widget)

    def _plan_changed(self, state: PlanState) -> None:
        if not state.sources:
            self._name_results(self._browser.downloads.results)
            return
        lines = state.document.get("unresolved_count", 0) if state.document else 0
        self.tabs.setTabText(_RESULTS, _("&Results ({count} skipped)").format(count=f"{lines:,}") if lines else _("&Results"))
        if lines:
            self.tabs.setCurrentWidget(self.results.widget)
