"""The values of one facet with their counts: a table with boxes to check and to exclude, and a box to find one."""

from __future__ import annotations

from IDCBrowserLib.api.clinical import is_clinical
from IDCBrowserLib.api.values import Value
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import FilterState
from IDCBrowserLib.logic.finding.facets import COMMON, COUNTED_ALONE, LISTS, STUDY_MODALITY, id_tip, index_of, value_text
from IDCBrowserLib.logic.finding.filters import Filters
from IDCBrowserLib.qtbinding import QtCore, QtWidgets
from IDCBrowserLib.ui.finding.count_bars import CountBars
from IDCBrowserLib.ui.finding.facet_model import NOT, SERIES, VALUE, FacetModel, FacetRow
from IDCBrowserLib.ui.widgets.building_blocks import button, column, holder, label, line_edit
from IDCBrowserLib.ui.widgets.cell_boxes import CellBoxes
from IDCBrowserLib.ui.widgets.views import outline_boxes

_MAX_TEXT = 200


def unit_text(unit: str) -> str:
    """What values are counted in, as a heading."""
    return {"series": _("Series"), "studies": _("Studies"), "cases": _("Cases")}[unit]


_ROW_MARGIN = 4


class FacetValues:
    """``widget`` is for a layout. ``look_at(column)`` takes another facet, ``draw`` shows its values as the filters have them."""

    def __init__(self, filters: Filters) -> None:
        self._filters = filters
        self._column = ""
        self._model = FacetModel(self._toggled, self._excluded)
        self._boxes = CellBoxes()
        self._bars = CountBars()
        tip = _("Show only values that contain this text.")
        self._find = line_edit("facetFilter", _("Find a value"), tip, _("Find a value of this filter"), _MAX_TEXT)
        self._find.setClearButtonEnabled(True)
        self._all_of = self._make_all_of()
        self._view = self._make_view()
        self._nothing = label("facetNothing", "", True)
        self._again = button("facetAgain", _("Try again"), _("Count the values again."))
        self._again.clicked.connect(self._filters.refresh)
        self.widget = holder(column([self._find, self._all_of, self._nothing, self._again, self._view]))
        self._view.setMinimumHeight(1)
        self._find.textChanged.connect(self._find_changed)
        self._all_of.clicked.connect(self._all_of_clicked)

    @property
    def row_height(self) -> int:
        """In pixels."""
        return self._view.fontMetrics().height() + _ROW_MARGIN

    def look_at(self, column: str) -> None:
        """Another facet; what was searched for in the former one is forgotten."""
        self._column = column
        self._find.clear()

    def draw(self) -> None:
        """Values, counts and boxes."""
        state, rows = self._filters.state, self._rows()
        self._model.count_in(unit_text("series" if self._column == COMMON else state.unit))
        self._all_of.setVisible(self._column == STUDY_MODALITY or self._column in LISTS or is_clinical(self._column))
        self._all_of.setChecked(self._column in state.all_of)
        self._fill(rows)
        nothing = "" if rows else self._why_nothing(state)
        self._nothing.setText(nothing)
        self._nothing.setVisible(bool(nothing))
        self._again.setVisible(not rows and bool(self._problem(state)))
        self._view.setColumnHidden(NOT, self._column == COMMON)

    def _make_all_of(self) -> QtWidgets.QCheckBox:
        made = QtWidgets.QCheckBox(_("Match all checked"))
        made.setObjectName("facetAllOf")
        tip = _("Show only studies, segmentations or cases that have all of the checked values, not just one of them.")
        made.setToolTip(tip)
        made.setAccessibleDescription(tip)
        return made

    def _make_view(self) -> QtWidgets.QTableView:
        view = QtWidgets.QTableView()
        view.setObjectName("facetValues")
        view.setAccessibleName(_("Values; press Space to check one"))
        view.setModel(self._model)
        outline_boxes(view)
        view.setItemDelegate(self._boxes)
        view.setItemDelegateForColumn(SERIES, self._bars)
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
        for section, width in ((SERIES, 10), (NOT, 5)):
            header.setSectionResizeMode(section, QtWidgets.QHeaderView.ResizeMode.Fixed)
            header.resizeSection(section, width * character)
        return view

    # What the user does

    def _find_changed(self, _text: str) -> None:
        self.draw()

    def _all_of_clicked(self) -> None:
        self._filters.want_all(self._column, bool(self._all_of.property("checked")))

    def _toggled(self, value: Value) -> None:
        if self._column == COMMON:
            asked = next(item for item in self._filters.often() if item.title == value)
            self._filters.toggle_often(asked)
        else:
            self._filters.toggle(self._column, value)

    def _excluded(self, value: Value) -> None:
        self._filters.exclude(self._column, value)

    # What the filters say

    def _why_nothing(self, state: FilterState) -> str:
        """Why there is no value to choose."""
        problem = self._problem(state)
        if problem:
            return _("The values could not be counted: {reason}").format(reason=problem)
        if not self._is_counted(state):
            return _("Counting...")
        wanted = self._find.property("text").strip()
        if wanted:
            return _('No value contains "{text}".').format(text=wanted)
        if any(column != self._column for column in state.chosen):
            return _("No series has a value here under the other filters.")
        return self._why_none_at_all(state)

    def _why_none_at_all(self, state: FilterState) -> str:
        if is_clinical(self._column) and (state.facet.missing_tables or state.facet.table_problems):
            # That stands below.
            return ""
        if self._column in COUNTED_ALONE:
            text = _("The index file {file} is on this computer, but contains no values for this filter.")
            return text.format(file=f"{index_of(self._column)}.parquet")
        return _("No series has a value here.")

    def _problem(self, state: FilterState) -> str:
        """Why they are not counted and will not be."""
        if self._is_counted(state):
            return ""
        return state.facet.problem if self._filters.is_counted_alone(self._column) else state.problem

    def _is_counted(self, state: FilterState) -> bool:
        """Whether the values are known under the filters as they are now."""
        if self._filters.is_counted_alone(self._column):
            return state.facet.column == self._column and state.facet.counted
        return bool(state.totals) and (self._column == COMMON or self._column in state.counts)

    def _rows(self) -> list[FacetRow]:
        filters, name = self._filters, self._column
        wanted = self._find.property("text").strip().lower()
        if name == COMMON:
            rows = [FacetRow(item.title, item.title, item.series, filters.is_asked(item), None) for item in filters.often()]
        else:
            choice = filters.choice(name)
            rows = [
                FacetRow(value, value_text(value, name), count, value in choice.included, value in choice.none_of, id_tip(value, name))
                for value, count in filters.values(name)
            ]
        return [item for item in rows if wanted in item.text.lower() or wanted in item.tip]

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
