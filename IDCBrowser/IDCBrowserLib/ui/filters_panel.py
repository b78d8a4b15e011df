"""The area with the filters: facets on the left, their values with counts on the right, what is chosen in a line above the tables."""

from __future__ import annotations

from typing import Any

from IDCBrowserLib.ui.browser import Browser
from IDCBrowserLib.ui.facet_model import FacetModel
from IDCBrowserLib.ui.filters import chosen_text, facet_titles, value_text
from IDCBrowserLib.ui.i18n import tr as _
from IDCBrowserLib.ui.qtbinding import QtCore, QtWidgets
from IDCBrowserLib.ui.state import FilterState
from IDCBrowserLib.ui.widgets import button, column, label, row

_MIN_ROWS = 6
_ROW_MARGIN = 4


class FiltersPanel:
    """``toggle`` is the button that opens ``area``; ``line`` says what is chosen and has "Reset", also while the area is closed."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._titles = facet_titles()
        self._columns: list[str] = list(self._titles)
        self.toggle = button("filtersButton", _("F&ilters"), _("Show only what has the values you choose: modality, body part, license ..."))
        self.toggle.setCheckable(True)
        self._chosen = label("filtersChosen", "", True)
        self._reset = button("resetFiltersButton", _("Reset filters"), _("Show everything again."))
        line = row([self._chosen, self._reset])
        line.setStretch(0, 1)
        self.line = QtWidgets.QWidget()
        self.line.setLayout(line)
        self.line.hide()
        self._model = FacetModel(self._toggled)
        self._facets = self._make_facets()
        self._find = self._make_find()
        self._view = self._make_view()
        self.area = self._make_area()
        self._connect()
        self._draw(browser.filters.state)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._browser.filters.changed.disconnect(self._draw)

    def _make_facets(self) -> Any:
        made = QtWidgets.QListWidget()
        made.setObjectName("facets")
        made.setAccessibleName(_("What to filter by"))
        made.addItems([self._titles[name] for name in self._columns])
        made.setCurrentRow(0)
        made.setMaximumWidth(24 * made.fontMetrics().averageCharWidth())
        return made

    def _make_find(self) -> Any:
        made = QtWidgets.QLineEdit()
        made.setObjectName("facetFilter")
        made.setPlaceholderText(_("Find a value"))
        made.setToolTip(_("Shows only values that contain this text."))
        made.setAccessibleName(_("Find a value of this filter"))
        made.setClearButtonEnabled(True)
        made.setMaxLength(200)
        return made

    def _make_view(self) -> Any:
        view = QtWidgets.QTableView()
        view.setObjectName("facetValues")
        view.setAccessibleName(_("Values; the space bar checks one"))
        view.setModel(self._model)
        view.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectRows)
        view.setSelectionMode(QtWidgets.QAbstractItemView.SingleSelection)
        view.setEditTriggers(QtWidgets.QAbstractItemView.NoEditTriggers)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        rows = view.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QtWidgets.QHeaderView.Fixed)
        rows.setDefaultSectionSize(view.fontMetrics().height() + _ROW_MARGIN)
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QtWidgets.QHeaderView.Stretch)
        header.setSectionResizeMode(1, QtWidgets.QHeaderView.Fixed)
        header.resizeSection(1, 14 * view.fontMetrics().averageCharWidth())
        return view

    def _make_area(self) -> Any:
        values = column([self._find, self._view])
        both = row([self._facets, values])
        both.setStretch(1, 1)
        area = QtWidgets.QWidget()
        area.setObjectName("filtersArea")
        area.setLayout(both)
        area.setMinimumHeight(_MIN_ROWS * (self._view.fontMetrics().height() + _ROW_MARGIN))
        self._view.setMinimumHeight(1)
        self._facets.setMinimumHeight(1)
        area.hide()
        return area

    def _connect(self) -> None:
        self.toggle.toggled.connect(self._open)
        self._reset.clicked.connect(self._browser.filters.reset)
        self._facets.currentRowChanged.connect(self._facet_changed)
        self._find.textChanged.connect(self._find_changed)
        self._browser.filters.changed.connect(self._draw)

    # What the user does

    def _open(self, on: bool) -> None:
        self.area.setVisible(bool(on))
        self._browser.filters.watch(bool(on))

    def _facet_changed(self, _row: int) -> None:
        self._find.clear()
        self._draw_values()

    def _find_changed(self, _text: str) -> None:
        self._draw_values()

    def _toggled(self, value: Any) -> None:
        self._browser.filters.toggle(self._column(), value)

    def _column(self) -> str:
        return self._columns[max(0, int(self._facets.property("currentRow")))]

    # What the browser says

    def _draw(self, state: FilterState) -> None:
        text = chosen_text(state.chosen)
        self._chosen.setText(_("Only {filters}").format(filters=text) if text else "")
        self.line.setVisible(bool(text))
        for number, name in enumerate(self._columns):
            chosen = len(state.chosen.get(name, ()))
            title = self._titles[name]
            self._facets.item(number).setText(_("{facet} ({count})").format(facet=title, count=chosen) if chosen else title)
            # A release without this column has no counts of it.
            self._facets.setRowHidden(number, bool(state.counts) and name not in state.counts)
        self._draw_values()

    def _draw_values(self) -> None:
        name = self._column()
        wanted = self._find.property("text").strip().lower()
        filters = self._browser.filters
        counts = [item for item in filters.values(name) if wanted in value_text(item[0]).lower()]
        current = self._view.currentIndex()
        kept = self._model.value(current.row()) if current.isValid() else None
        had_current = current.isValid()
        self._model.show(counts, filters.state.chosen.get(name, ()))
        row_kept = self._model.row_of(kept) if had_current else -1
        if row_kept >= 0:
            selection = self._view.selectionModel()
            selection.setCurrentIndex(self._model.index(row_kept, 0), QtCore.QItemSelectionModel.ClearAndSelect | QtCore.QItemSelectionModel.Rows)
