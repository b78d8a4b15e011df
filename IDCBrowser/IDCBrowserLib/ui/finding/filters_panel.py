"""The area with the filters: facets on the left, their values with counts or a range on the right."""

from __future__ import annotations

from IDCBrowserLib.api.clinical import is_clinical
from IDCBrowserLib.api.values import Unit
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.settings_keys import FILTERS_OPEN_KEY, restore_splitter, save_splitter
from IDCBrowserLib.logic.base.state import FacetState, FilterState
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.finding.clinical_attributes import AttributesState
from IDCBrowserLib.logic.finding.facets import NUMBERS
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.finding.facet_list import FacetList
from IDCBrowserLib.ui.finding.facet_values import FacetValues, unit_text
from IDCBrowserLib.ui.finding.filter_chips import FilterChips
from IDCBrowserLib.ui.finding.filter_finder_panel import FilterFinderPanel
from IDCBrowserLib.ui.finding.further_data import FurtherData
from IDCBrowserLib.ui.finding.missing_index import MissingIndex
from IDCBrowserLib.ui.finding.missing_tables import MissingTables
from IDCBrowserLib.ui.finding.range_editor import RangeEditor
from IDCBrowserLib.ui.finding.working_set_chip import WorkingSetChip
from IDCBrowserLib.ui.widgets.building_blocks import button, choice_box, column, holder, row, splitter

# Of the list of facets, and of the values of one.
_HEIGHTS = (220, 260)
_SPACING = 4
_UNITS: tuple[Unit, ...] = ("series", "studies", "cases")


class FiltersPanel:
    """``toggle`` is the button that opens ``area``; ``line`` is that of ``FilterChips``."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.toggle = button("filtersButton", _("F&ilters"), _("Show only series with the values you choose: modality, body part, license..."))
        self.toggle.setCheckable(True)
        self._working_set = WorkingSetChip(browser)
        self._chosen = FilterChips(browser.filters, self._working_set.widget)
        self.line = self._chosen.widget
        self._facets = FacetList(self._facet_changed)
        self._values = FacetValues(browser.filters)
        self._range = RangeEditor(self._range_changed, self._not_stated_toggled)
        self._missing = MissingIndex(browser.indices)
        self._further = FurtherData(browser.indices)
        self._missing_tables = MissingTables(browser.clinical_tables)
        self._finder = FilterFinderPanel(browser.filter_finder)
        self._unit = self._make_unit()
        self._places = QtWidgets.QStackedWidget()
        self.area = self._make_area()
        self._connect()
        self._facet_changed()
        self._offer(browser.clinical_attributes.state)
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
        self._missing_tables.disconnect()
        self._browser.clinical_attributes.changed.disconnect(self._offer)
        self._finder.disconnect()
        self._finder.searching.disconnect(self._show_found)
        self._browser.filter_finder.shown.disconnect(self._show_facet)

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
        self._facets.widget.setMinimumHeight(1)
        values = column([self._missing_tables.widget, self._places, self._further.widget])
        values.setStretch(1, 1)
        below = holder(values)
        below.setMinimumHeight(1)
        both = splitter("filtersSplitter", Qt.Orientation.Vertical, [self._facets.widget, below])
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
        self._browser.clinical_attributes.changed.connect(self._offer)
        self._finder.searching.connect(self._show_found)
        self._browser.filter_finder.shown.connect(self._show_facet)
        self._browser.filters.changed.connect(self._draw)
        self._browser.side_fetch.arrived.connect(self._index_arrived)

    # What the user does

    def _open(self, on: bool) -> None:
        self.area.setVisible(bool(on))
        self._browser.filters.watch(bool(on))
        self._browser.clinical_attributes.watch(bool(on))
        self._browser.host.settings.set_value(FILTERS_OPEN_KEY, "yes" if on else "no")

    def _show_found(self, on: bool) -> None:
        self._stack.setCurrentWidget(self._finder.found if on else self._both)

    def _show_facet(self, name: str) -> None:
        if is_clinical(name):
            self._offer_with(name)
        self._facets.show(name)

    def _facet_changed(self) -> None:
        self._values.look_at(self._facets.column)
        self._browser.filters.look_at(self._facets.column)
        self._draw_values()

    def _range_changed(self, low: float | None, high: float | None) -> None:
        self._browser.filters.set_range(self._facets.column, low, high)

    def _not_stated_toggled(self) -> None:
        self._browser.filters.toggle(self._facets.column, None)

    # What the browser says

    def _index_arrived(self, _name: str) -> None:
        self._browser.filters.refresh()
        self._browser.filter_finder.data_arrived()

    def _offer(self, _state: AttributesState) -> None:
        self._offer_with(self._facets.column)

    def _offer_with(self, in_sight: str) -> None:
        """The attributes at hand and the one in sight, which need not be among them."""
        attributes = self._browser.clinical_attributes
        self._facets.offer(attributes.offered(in_sight), attributes.state.more)
        self._draw(self._browser.filters.state)

    def _draw(self, state: FilterState) -> None:
        self._chosen.draw(state)
        self._facets.draw(state)
        self._draw_values()

    def _draw_values(self) -> None:
        name = self._facets.column
        state = self._browser.filters.state
        # Until the facet in sight is counted it is not the one that the state is about.
        facet = state.facet if state.facet.column == name else FacetState(name)
        self._further.show(name)
        self._missing_tables.show(facet)
        if facet.missing_index:
            self._missing.show(facet.missing_index)
            self._places.setCurrentWidget(self._missing.widget)
        elif name in NUMBERS or facet.is_number:
            self._range.show(state.facet, self._browser.filters.choice(name))
            self._places.setCurrentWidget(self._range.widget)
        else:
            self._values.draw()
            self._places.setCurrentWidget(self._values.widget)
