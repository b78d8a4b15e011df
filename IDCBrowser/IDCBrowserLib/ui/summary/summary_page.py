"""The page "Summary": figures of what is shown as charts or as a table; a bar filters."""

from __future__ import annotations

from pathlib import Path

from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import FilterState, Kind, Message
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.charts.bars import Chart, plain_rows
from IDCBrowserLib.logic.settings.indices import IndicesState
from IDCBrowserLib.logic.summary.charts import UNIT_KEYS, charts, table_of, unit_titles
from IDCBrowserLib.logic.summary.figures import SCOPES, FiguresState, scope_titles, totals_line
from IDCBrowserLib.logic.summary.save import save_figures
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.charts.pictures import all_charts, save_picture
from IDCBrowserLib.ui.finding.filter_chips import FilterChips
from IDCBrowserLib.ui.finding.missing_index import needs_text
from IDCBrowserLib.ui.finding.working_set_chip import WorkingSetChip
from IDCBrowserLib.ui.summary.charts_area import ChartsArea
from IDCBrowserLib.ui.widgets.building_blocks import button, choice_box, column, holder, label, scrolled
from IDCBrowserLib.ui.widgets.seen_widget import SeenWidget
from IDCBrowserLib.ui.widgets.text_rows_model import TextRowsModel
from IDCBrowserLib.ui.widgets.views import size_columns, table_view, view_action
from IDCBrowserLib.ui.widgets.wrapped_row import WrappedRow

_MARGIN = 6
_SPACING = 4
_NUMBERS = (2, 3, 4, 5)
_WIDTHS = (24, 44, 12, 12, 12, 14)


class SummaryPage:
    """See ``pages.Page``."""

    name = "summary"

    def __init__(self, browser: Browser) -> None:
        self.heading_changed: Signal[str] = Signal()
        self._browser = browser
        self._figures = browser.figures
        self._charts: list[Chart] = []
        self._scope = choice_box("summaryScope", _("What is summarized"), list(scope_titles().values()))
        self._unit = choice_box("summaryUnit", _("What bars count"), list(unit_titles().values()))
        self._as_table = button("summaryTableButton", _("&Table"), _("Show the same numbers as a table, all values included."))
        self._as_table.setCheckable(True)
        self._copy_picture = button("summaryCopyPicture", _("Copy &picture"), _("Copy all charts as one picture."))
        self._copy_table = button("summaryCopyTable", _("&Copy table"), _("Copy all numbers, as a spreadsheet takes them."))
        self._save = button("summarySave", _("Sa&ve as..."), _("Save the charts as PNG or SVG, or the numbers as CSV."))
        self._what = label("summaryWhat", "", True)
        self._totals = label("summaryTotals", "", True)
        self._set = WorkingSetChip(browser, "summary")
        self._chips = FilterChips(browser.filters, self._set.widget, "summary")
        self._area = ChartsArea(self._figures.filter_by, self._get_index)
        self._scrolled = scrolled(self._area, "summaryCharts")
        self._model = TextRowsModel((), _NUMBERS)
        self.view = table_view("summaryTable", _("All numbers of the summary"), self._model)
        self._note = label("summaryNote", "", True)
        self._stack = QtWidgets.QStackedWidget()
        for part in (self._scrolled, self.view, holder(column([self._note, None]))):
            self._stack.addWidget(part)
        self.widget = SeenWidget(self._seen)
        self.widget.setObjectName("summaryPage")
        self.widget.setLayout(self._layout())
        self._copy_action = view_action(self.view, _("&Copy rows"), "Ctrl+C", self._copy_rows)
        self._connect()
        self._draw(self._figures.state)
        self._chips.draw(browser.filters.state)

    def heading(self) -> str:
        """See ``pages.Page``."""
        return _("Summary")

    def shown(self) -> None:
        """See ``pages.Page``."""
        self._figures.watch(True)

    def disconnect(self) -> None:
        """See ``pages.Page``."""
        self._figures.watch(False)
        self._chips.disconnect()
        self._set.disconnect()
        self._figures.changed.disconnect(self._draw)
        self._browser.filters.changed.disconnect(self._filters_changed)
        self._browser.indices.changed.disconnect(self._indices_changed)

    def _layout(self) -> QtWidgets.QVBoxLayout:
        buttons = WrappedRow([self._scope, self._unit, self._as_table, self._copy_picture, self._copy_table, self._save])
        made = column([buttons, self._chips.widget, self._what, self._totals, self._stack], _MARGIN)
        made.setSpacing(_SPACING)
        made.setStretch(4, 1)
        return made

    def _connect(self) -> None:
        self._scope.currentIndexChanged.connect(self._scope_chosen)
        self._unit.currentIndexChanged.connect(self._unit_chosen)
        self._as_table.toggled.connect(self._show_table)
        self._copy_picture.clicked.connect(self._put_picture)
        self._copy_table.clicked.connect(self._put_table)
        self._save.clicked.connect(self._save_as)
        self._figures.changed.connect(self._draw)
        self._browser.filters.changed.connect(self._filters_changed)
        self._browser.indices.changed.connect(self._indices_changed)

    # What the user does

    def _seen(self, on: bool) -> None:
        self._figures.watch(on)

    def _scope_chosen(self, number: int) -> None:
        self._figures.choose(SCOPES[number])

    def _unit_chosen(self, number: int) -> None:
        self._figures.count_in(UNIT_KEYS[number])

    def _show_table(self, _on: bool) -> None:
        self._draw(self._figures.state)

    def _get_index(self, name: str) -> None:
        self._browser.indices.fetch([name])

    def _put_picture(self) -> None:
        QtWidgets.QApplication.clipboard().setImage(all_charts(self._heading(), self._charts, self.widget.property("font")))
        self._tell(Kind.SUCCESS, _("Picture copied."))

    def _put_table(self) -> None:
        state = self._figures.state
        if state.counts is not None:
            table = table_of(state.counts, state.unit, True)
            QtWidgets.QApplication.clipboard().setText(plain_rows(table.titles, table.rows))
            self._tell(Kind.SUCCESS, _("Table copied: {count} rows.").format(count=f"{len(table.rows):,}"))

    def _copy_rows(self) -> None:
        state = self._figures.state
        if state.counts is not None:
            table = table_of(state.counts, state.unit, True)
            rows = [table.rows[index.row()] for index in self.view.selectionModel().selectedRows()]
            QtWidgets.QApplication.clipboard().setText(plain_rows(table.titles, rows))

    def _save_as(self) -> None:
        path = self._browser.host.choose_save_file(_("Save summary"), "summary.png", _("Picture (*.png);;Drawing (*.svg);;Table (*.csv)"))
        state = self._figures.state
        if not path or state.counts is None:
            return
        try:
            ending = Path(path).suffix.lower()
            if ending in (".csv", ".tsv", ".json"):
                save_figures(Path(path), state.counts)
            else:
                path = path if ending in (".png", ".svg") else f"{path}.png"
                save_picture(Path(path), self._heading(), self._charts, self.widget.property("font"))
        except IDCBrowserError as error:
            self._tell(Kind.ERROR, str(error))
        else:
            self._tell(Kind.SUCCESS, _("Saved to {path}.").format(path=path))

    # What the browser says

    def _filters_changed(self, state: FilterState) -> None:
        self._chips.draw(state)

    def _indices_changed(self, _state: IndicesState) -> None:
        if any(chart.missing for chart in self._charts):
            self._draw_charts()

    def _draw(self, state: FiguresState) -> None:
        self._what.setText(state.what)
        self._charts = charts(state.counts, state.unit) if state.counts is not None else []
        counting = _("Counting...") if state.counting else ""
        self._totals.setText(f"{totals_line(state.counts)}  {counting}".rstrip() if state.counts is not None else counting)
        self._note.setText(state.note)
        is_there = bool(self._charts)
        for made in (self._copy_picture, self._copy_table, self._save):
            made.setEnabled(is_there)
        if state.note or not is_there:
            self._stack.setCurrentIndex(2)
        elif self._as_table.isChecked():
            self._draw_table(state)
        else:
            self._stack.setCurrentIndex(0)
        self._draw_charts()

    def _draw_table(self, state: FiguresState) -> None:
        if state.counts is not None:
            table = table_of(state.counts, state.unit)
            is_first = not self._model.titles()
            self._model.show_rows(table.titles, table.rows)
            if is_first:
                size_columns(self.view.horizontalHeader(), _WIDTHS)
        self._stack.setCurrentIndex(1)

    def _draw_charts(self) -> None:
        names = sorted({chart.missing for chart in self._charts if chart.missing})
        self._browser.indices.ask_sizes(names)
        state = self._browser.indices.state
        unit = unit_titles()[self._figures.state.unit].lower()
        self._area.show_charts(self._charts, unit, lambda name: (needs_text(state, name), state.state_of(name) == "missing"))

    def _heading(self) -> str:
        state = self._figures.state
        release = self._browser.info["idc_version"] if self._browser.info is not None else ""
        totals = totals_line(state.counts) if state.counts is not None else ""
        return _("{what}: {totals} (IDC release {release})").format(what=state.what, totals=totals, release=release)

    def _tell(self, kind: Kind, text: str) -> None:
        self._browser.message.emit(Message(kind, text))
