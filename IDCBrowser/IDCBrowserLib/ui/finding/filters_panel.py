"""The area with the filters: facets on the left, their values with counts or a range on the right; what is chosen in a line above the tables."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import FilterState
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.finding.facets import COMMON, COUNTED_ALONE, NUMBERS, ROIS, STUDY_MODALITY, chosen_text, facet_titles, value_text
from IDCBrowserLib.qtbinding import Qt, QtCore, QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.finding.facet_model import NOT, SERIES, VALUE, FacetModel, FacetRow
from IDCBrowserLib.ui.finding.missing_index import MissingIndex
from IDCBrowserLib.ui.finding.range_editor import RangeEditor
from IDCBrowserLib.ui.widgets.building_blocks import button, column, holder, label, row
from IDCBrowserLib.ui.widgets.cell_boxes import CellBoxes
from IDCBrowserLib.ui.widgets.delayed_notice import DelayedNotice
from IDCBrowserLib.wording import human_count, human_size

_MIN_ROWS, _MIN_ROWS_ABOVE = 7, 4
_FACET_CHARACTERS = 25
# Qt's QWIDGETSIZE_MAX.
_NO_MAXIMUM = 16777215
_ROW_MARGIN = 4


class FiltersPanel:
    """``toggle`` is the button that opens ``area``, with ``opened(on)`` just before; ``line`` says what is chosen, what is left, and has "Reset".

    The line is there while the area is open, so that the first click moves nothing under the mouse, and while anything is chosen.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.opened: Signal[bool] = Signal()
        self._titles = facet_titles()
        self._columns: list[str] = list(self._titles)
        self.toggle = button("filtersButton", _("F&ilters"), _("Show only series with the values you choose: modality, body part, license..."))
        self.toggle.setCheckable(True)
        self._chosen = label("filtersChosen", "", True)
        self._totals = label("filtersTotals", "", True)
        self._reset = button("resetFiltersButton", _("Reset filters"), _("Remove all filters."))
        self.line = self._make_line()
        self._model = FacetModel(self._toggled, self._excluded)
        self._boxes = CellBoxes()
        self._facets = self._make_facets()
        self._find = self._make_find()
        self._all_of = self._make_all_of()
        self._view = self._make_view()
        self._nothing = label("facetNothing", "", True)
        self._range = RangeEditor(self._range_changed, self._not_stated_toggled)
        self._missing = MissingIndex(browser.indices)
        self._places = QtWidgets.QStackedWidget()
        self._counting = DelayedNotice(self._say_counting)
        self.area = self._make_area()
        self.arrange(False)
        self._connect()
        self._facet_changed(0)
        self._draw(browser.filters.state)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._counting.close()
        self._range.disconnect()
        self._browser.filters.changed.disconnect(self._draw)
        self._browser.side_fetch.arrived.disconnect(self._index_arrived)
        self._missing.disconnect()

    def _make_line(self) -> QtWidgets.QWidget:
        texts = column([self._chosen, self._totals])
        layout = row([holder(texts), self._reset])
        layout.setStretch(0, 1)
        line = holder(layout)
        line.hide()
        return line

    def _make_facets(self) -> QtWidgets.QListWidget:
        made = QtWidgets.QListWidget()
        made.setObjectName("facets")
        made.setAccessibleName(_("Filter by"))
        made.addItems([self._titles[name] for name in self._columns])
        made.setCurrentRow(0)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return made

    def _make_find(self) -> QtWidgets.QLineEdit:
        made = QtWidgets.QLineEdit()
        made.setObjectName("facetFilter")
        made.setPlaceholderText(_("Find a value"))
        made.setToolTip(_("Show only values that contain this text."))
        made.setAccessibleName(_("Find a value of this filter"))
        made.setClearButtonEnabled(True)
        made.setMaxLength(200)
        return made

    def _make_all_of(self) -> QtWidgets.QCheckBox:
        made = QtWidgets.QCheckBox(_("Match all checked"))
        made.setObjectName("facetAllOf")
        made.setToolTip(_("Show only studies that contain all of the checked modalities, not just one of them."))
        made.setAccessibleDescription(_("Show only studies that contain all of the checked modalities, not just one of them."))
        return made

    def _make_view(self) -> QtWidgets.QTableView:
        view = QtWidgets.QTableView()
        view.setObjectName("facetValues")
        view.setAccessibleName(_("Values; press Space to check one"))
        view.setModel(self._model)
        view.setItemDelegate(self._boxes)
        view.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.SingleSelection)
        view.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        rows = view.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(view.fontMetrics().height() + _ROW_MARGIN)
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(1)
        header.setSectionResizeMode(VALUE, QtWidgets.QHeaderView.ResizeMode.Stretch)
        character = view.fontMetrics().averageCharWidth()
        for section, width in ((SERIES, 13), (NOT, 6)):
            header.setSectionResizeMode(section, QtWidgets.QHeaderView.ResizeMode.Fixed)
            header.resizeSection(section, width * character)
        return view

    def _make_area(self) -> QtWidgets.QSplitter:
        found = row([self._find, self._all_of])
        found.setStretch(0, 1)
        values = column([found, self._nothing, self._view])
        self._values_place = holder(values)
        for place in (self._values_place, self._range.widget, self._missing.widget):
            self._places.addWidget(place)
        # A small screen shows less of a range rather than no table.
        self._places.setMinimumHeight(1)
        area = QtWidgets.QSplitter(Qt.Orientation.Horizontal)
        area.setObjectName("filtersArea")
        area.setChildrenCollapsible(False)
        area.addWidget(self._facets)
        area.addWidget(self._places)
        area.setStretchFactor(1, 1)
        self._view.setMinimumHeight(1)
        self._facets.setMinimumHeight(1)
        area.hide()
        return area

    def arrange(self, narrow: bool) -> None:
        """Facets beside their values, or above them where values would be cut off."""
        self.area.setOrientation(Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal)
        self._facets.setMaximumWidth(_NO_MAXIMUM if narrow else _FACET_CHARACTERS * self._facets.fontMetrics().averageCharWidth())
        line = self._view.fontMetrics().height() + _ROW_MARGIN
        self.area.setMinimumHeight((_MIN_ROWS_ABOVE + _MIN_ROWS if narrow else _MIN_ROWS) * line)
        wide = _FACET_CHARACTERS * self._facets.fontMetrics().averageCharWidth()
        # Of what there is beyond, the values take all.
        self.area.setSizes([_MIN_ROWS_ABOVE * line, _MIN_ROWS * line] if narrow else [wide, wide])

    def _connect(self) -> None:
        self.toggle.toggled.connect(self._open)
        self._reset.clicked.connect(self._browser.filters.reset)
        self._facets.currentRowChanged.connect(self._facet_changed)
        self._find.textChanged.connect(self._find_changed)
        self._all_of.clicked.connect(self._all_of_clicked)
        self._browser.filters.changed.connect(self._draw)
        self._browser.side_fetch.arrived.connect(self._index_arrived)

    # What the user does

    def _open(self, on: bool) -> None:
        self.opened.emit(bool(on))
        self.area.setVisible(bool(on))
        self._browser.filters.watch(bool(on))
        self._draw_line(self._browser.filters.state)

    def _facet_changed(self, _row: int) -> None:
        self._find.clear()
        self._browser.filters.look_at(self._column())
        self._draw_values()

    def _find_changed(self, _text: str) -> None:
        self._draw_values()

    def _all_of_clicked(self) -> None:
        self._browser.filters.want_all(bool(self._all_of.property("checked")))

    def _toggled(self, value: Hashable) -> None:
        if self._column() == COMMON:
            asked = next(item for item in self._browser.filters.often() if item.title == value)
            self._browser.filters.toggle_often(asked)
        else:
            self._browser.filters.toggle(self._column(), value)

    def _excluded(self, value: Hashable) -> None:
        self._browser.filters.exclude(self._column(), value)

    def _range_changed(self, low: float | None, high: float | None) -> None:
        self._browser.filters.set_range(self._column(), low, high)

    def _not_stated_toggled(self) -> None:
        self._browser.filters.toggle(self._column(), None)

    def _column(self) -> str:
        return self._columns[max(0, int(self._facets.property("currentRow")))]

    # What the browser says

    def _index_arrived(self, _name: str) -> None:
        self._browser.filters.refresh()

    def _draw(self, state: FilterState) -> None:
        self._draw_line(state)
        for number, name in enumerate(self._columns):
            self._draw_facet(number, name, state)
        self._draw_values()

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

    def _draw_line(self, state: FilterState) -> None:
        text = chosen_text(state.chosen)
        self._chosen.setText(_("Only {filters}").format(filters=text) if text else _("No filters: everything is shown."))
        if state.totals:
            self._counting.end()
            self._totals.setText(totals_text(state.totals))
        else:
            self._counting.wait()
        self._reset.setEnabled(bool(text))
        self.line.setVisible(bool(text) or bool(self.toggle.property("checked")))

    def _say_counting(self) -> None:
        self._totals.setText(_("Counting..."))

    def _draw_values(self) -> None:
        name = self._column()
        state = self._browser.filters.state
        self._all_of.setVisible(name == STUDY_MODALITY)
        self._all_of.setChecked(STUDY_MODALITY in state.all_of)
        if state.facet.column == name and state.facet.missing_index:
            self._missing.show(state.facet.missing_index)
            self._places.setCurrentWidget(self._missing.widget)
        elif name in NUMBERS:
            self._range.show(state.facet, self._browser.filters.choice(name))
            self._places.setCurrentWidget(self._range.widget)
        else:
            rows = self._rows(name)
            self._fill(rows)
            self._draw_nothing("" if rows else self._why_nothing(name, state))
            self._view.setColumnHidden(NOT, name == COMMON)
            self._places.setCurrentWidget(self._values_place)

    def _draw_nothing(self, text: str) -> None:
        self._nothing.setText(text)
        self._nothing.setVisible(bool(text))

    def _why_nothing(self, name: str, state: FilterState) -> str:
        """Why there is no value to choose."""
        if not self._is_counted(name, state):
            return _("Counting...")
        wanted = self._find.property("text").strip()
        if wanted:
            return _('No value contains "{text}".').format(text=wanted)
        if any(column != name for column in state.chosen):
            return _("No series has a value here under the other filters.")
        if name in COUNTED_ALONE:
            text = _("The index file {file} is on this computer, but contains no values for this filter.")
            return text.format(file="rtstruct_index.parquet" if name in ROIS else "seg_index.parquet")
        return _("No series has a value here.")

    def _is_counted(self, name: str, state: FilterState) -> bool:
        """Whether the values of a facet are known under the filters as they are now."""
        if name in COUNTED_ALONE:
            return state.facet.column == name and state.facet.counted
        return bool(state.totals) and (name == COMMON or name in state.counts)

    def _rows(self, name: str) -> list[FacetRow]:
        filters = self._browser.filters
        wanted = self._find.property("text").strip().lower()
        if name == COMMON:
            rows = [FacetRow(item.title, item.title, item.series, filters.is_asked(item), None) for item in filters.often()]
        else:
            choice = filters.choice(name)
            rows = [
                FacetRow(value, value_text(value), count, value in choice.included, value in choice.none_of) for value, count in filters.values(name)
            ]
        return [item for item in rows if wanted in item.text.lower()]

    def _fill(self, rows: list[FacetRow]) -> None:
        current = self._view.currentIndex()
        had_current = current.isValid()
        kept = self._model.value(current.row()) if had_current else None
        section = current.column() if had_current else 0
        self._model.show(rows)
        row_kept = self._model.row_of(kept) if had_current else -1
        if row_kept >= 0:
            selection = self._view.selectionModel()
            flags = QtCore.QItemSelectionModel.SelectionFlag.ClearAndSelect | QtCore.QItemSelectionModel.SelectionFlag.Rows
            selection.setCurrentIndex(self._model.index(row_kept, section), flags)


def totals_text(totals: Mapping[str, int]) -> str:
    """What the filters leave."""
    return _("{series} of {studies} of {cases}, {size}").format(
        series=human_count(totals["series"], _("series"), _("series")),
        studies=human_count(totals["studies"], _("study"), _("studies")),
        cases=human_count(totals["cases"], _("case"), _("cases")),
        size=human_size(totals["bytes"]),
    )
