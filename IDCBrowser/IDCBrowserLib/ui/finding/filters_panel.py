"""The area with the filters: facets on the left, their values with counts or a range on the right."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.settings_keys import FILTERS_OPEN_KEY, restore_splitter, save_splitter
from IDCBrowserLib.logic.base.state import FilterState
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.finding.facets import COMMON, COUNTED_ALONE, NUMBERS, facet_groups, facet_titles
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.finding.facet_values import FacetValues, unit_text
from IDCBrowserLib.ui.finding.filter_chips import FilterChips
from IDCBrowserLib.ui.finding.filter_finder_panel import FilterFinderPanel
from IDCBrowserLib.ui.finding.further_data import FurtherData
from IDCBrowserLib.ui.finding.missing_index import MissingIndex
from IDCBrowserLib.ui.finding.range_editor import RangeEditor
from IDCBrowserLib.ui.finding.working_set_chip import WorkingSetChip
from IDCBrowserLib.ui.widgets.building_blocks import bold, button, choice_box, column, holder, row, splitter

# Of the list of facets, and of the values of one.
_HEIGHTS = (220, 260)
_SPACING = 4
_UNITS = ("series", "studies", "cases")


class FiltersPanel:
    """``toggle`` is the button that opens ``area``; ``line`` is that of ``FilterChips``."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._titles = facet_titles()
        # One for each row of the list; "" are the headings of groups.
        self._columns: list[str] = [name for heading, titles in facet_groups().items() for name in ([""] if heading else []) + list(titles)]
        self.toggle = button("filtersButton", _("F&ilters"), _("Show only series with the values you choose: modality, body part, license..."))
        self.toggle.setCheckable(True)
        self._working_set = WorkingSetChip(browser)
        self._chosen = FilterChips(browser.filters, self._working_set.widget)
        self.line = self._chosen.widget
        self._facets = self._make_facets()
        self._values = FacetValues(browser.filters)
        self._range = RangeEditor(self._range_changed, self._not_stated_toggled)
        self._missing = MissingIndex(browser.indices)
        self._further = FurtherData(browser.indices)
        self._finder = FilterFinderPanel(browser.filter_finder)
        self._unit = self._make_unit()
        self._places = QtWidgets.QStackedWidget()
        self.area = self._make_area()
        self._connect()
        self._facet_changed(0)
        self._draw(browser.filters.state)
        if browser.host.settings.value(FILTERS_OPEN_KEY, "no") == "yes":
            self.toggle.setChecked(True)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._chosen.disconnect()
        self._working_set.disconnect()
        self._range.disconnect()
        self._browser.filters.changed.disconnect(self._draw)
        self._browser.side_fetch.arrived.disconnect(self._index_arrived)
        self._missing.disconnect()
        self._further.disconnect()
        self._finder.disconnect()
        self._finder.searching.disconnect(self._show_found)
        self._browser.filter_finder.shown.disconnect(self._show_facet)

    def _make_facets(self) -> QtWidgets.QListWidget:
        made = QtWidgets.QListWidget()
        made.setObjectName("facets")
        made.setAccessibleName(_("Filter by"))
        for heading, titles in facet_groups().items():
            if heading:
                item = QtWidgets.QListWidgetItem(heading, made)
                item.setFlags(Qt.ItemFlag.NoItemFlags)
                item.setFont(bold(QtWidgets.QLabel()).property("font"))
            made.addItems(list(titles.values()))
        made.setCurrentRow(0)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return made

    def _make_unit(self) -> QtWidgets.QComboBox:
        texts = [unit_text(unit).lower() for unit in _UNITS]
        made = choice_box("countUnit", _("What values are counted in"), texts, _("Count values in series, studies or cases."))
        made.currentIndexChanged.connect(self._unit_changed)
        return made

    def _unit_changed(self, number: int) -> None:
        self._browser.filters.count_in(_UNITS[number])

    def _make_area(self) -> QtWidgets.QWidget:
        for place in (self._values.widget, self._range.widget, self._missing.widget):
            self._places.addWidget(place)
        # A small screen shows less of a range rather than no table.
        self._places.setMinimumHeight(1)
        self._facets.setMinimumHeight(1)
        values = column([self._places, self._further.widget])
        values.setStretch(0, 1)
        below = holder(values)
        below.setMinimumHeight(1)
        both = splitter("filtersSplitter", Qt.Orientation.Vertical, [self._facets, below])
        both.setSizes(list(_HEIGHTS))
        restore_splitter(self._browser.host.settings, both)
        self._both = both
        self._stack = QtWidgets.QStackedWidget()
        self._stack.addWidget(both)
        self._stack.addWidget(self._finder.found)
        counting = QtWidgets.QLabel(_("Count"))
        counting.setBuddy(self._unit)
        line = row([counting, self._unit])
        line.setStretch(1, 1)
        layout = column([self._finder.box, self._finder.note, self._stack, line])
        layout.setSpacing(_SPACING)
        layout.setStretch(2, 1)
        area = holder(layout, "filtersArea")
        area.setMinimumWidth(1)
        area.hide()
        return area

    def save(self) -> None:
        """Remember the sizes."""
        save_splitter(self._browser.host.settings, self._both)

    def _connect(self) -> None:
        self.toggle.toggled.connect(self._open)
        self._facets.currentRowChanged.connect(self._facet_changed)
        self._finder.searching.connect(self._show_found)
        self._browser.filter_finder.shown.connect(self._show_facet)
        self._browser.filters.changed.connect(self._draw)
        self._browser.side_fetch.arrived.connect(self._index_arrived)

    # What the user does

    def _open(self, on: bool) -> None:
        self.area.setVisible(bool(on))
        self._browser.filters.watch(bool(on))
        self._browser.host.settings.set_value(FILTERS_OPEN_KEY, "yes" if on else "no")

    def _show_found(self, on: bool) -> None:
        self._stack.setCurrentWidget(self._finder.found if on else self._both)

    def _show_facet(self, name: str) -> None:
        if name in self._columns:
            self._facets.setCurrentRow(self._columns.index(name))
            self._facets.scrollToItem(self._facets.item(self._columns.index(name)))

    def _facet_changed(self, row: int) -> None:
        if not 0 <= row < len(self._columns) or not self._columns[row]:
            return
        self._values.look_at(self._column())
        self._browser.filters.look_at(self._column())
        self._draw_values()

    def _range_changed(self, low: float | None, high: float | None) -> None:
        self._browser.filters.set_range(self._column(), low, high)

    def _not_stated_toggled(self) -> None:
        self._browser.filters.toggle(self._column(), None)

    def _column(self) -> str:
        return self._columns[max(0, int(self._facets.property("currentRow")))] or COMMON

    # What the browser says

    def _index_arrived(self, _name: str) -> None:
        self._browser.filters.refresh()
        self._browser.filter_finder.index_arrived()

    def _draw(self, state: FilterState) -> None:
        self._chosen.draw(state)
        for number, name in enumerate(self._columns):
            if name:
                self._draw_facet(number, name, state)
        self._draw_headings()
        self._draw_values()

    def _draw_headings(self) -> None:
        """Those of groups in which nothing is to be seen are hidden."""
        is_empty = True
        for number in range(len(self._columns) - 1, -1, -1):
            if self._columns[number]:
                is_empty = is_empty and self._facets.isRowHidden(number)
            else:
                self._facets.setRowHidden(number, is_empty)
                is_empty = True

    def _draw_facet(self, number: int, name: str, state: FilterState) -> None:
        count = state.chosen[name].count if name in state.chosen else 0
        title = self._titles[name]
        text = _("{facet} ({count})").format(facet=title, count=count) if count else title
        item = self._facets.item(number)
        if item.text() != text:
            item.setText(text)
        # A release without this column has no counts of it.
        hidden = bool(state.counts) and name not in state.counts and name != COMMON and name not in COUNTED_ALONE
        if self._facets.isRowHidden(number) != hidden:
            self._facets.setRowHidden(number, hidden)

    def _draw_values(self) -> None:
        name = self._column()
        state = self._browser.filters.state
        self._further.show(name)
        if state.facet.column == name and state.facet.missing_index:
            self._missing.show(state.facet.missing_index)
            self._places.setCurrentWidget(self._missing.widget)
        elif name in NUMBERS:
            self._range.show(state.facet, self._browser.filters.choice(name))
            self._places.setCurrentWidget(self._range.widget)
        else:
            self._values.draw()
            self._places.setCurrentWidget(self._values.widget)
