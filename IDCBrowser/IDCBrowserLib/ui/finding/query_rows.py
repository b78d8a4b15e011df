"""The rows that a query gave: a table with its count, and what can be done with them."""

from __future__ import annotations

import json

from IDCBrowserLib.api.expert import is_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message, Ranges, count_rows
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.finding.query import Query, QueryPhase, QueryState
from IDCBrowserLib.logic.tables.columns import EMPTY, Column
from IDCBrowserLib.qtbinding import Qt, QtCore, QtWidgets
from IDCBrowserLib.ui.finding.query_chart_view import QueryChartView
from IDCBrowserLib.ui.finding.query_pick import add_named, show_named, use_named
from IDCBrowserLib.ui.widgets.building_blocks import button, column, holder, label, row
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.rows_model import RowsModel, selected_ranges
from IDCBrowserLib.ui.widgets.save_dialog import choose_save_file
from IDCBrowserLib.ui.widgets.views import CELL_MARGIN, show_order, sortable_table_view, view_action
from IDCBrowserLib.wording import human_count

_MAX_WIDTH = 40
_MIN_WIDTH = 8


class QueryRows:
    """Draws ``browser.query``; its buttons act on the selected rows, or on all when none is selected."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._query: Query = browser.query
        self._model: RowsModel | None = None
        self._state = QueryState()
        self.view = sortable_table_view("sqlTable", _("Query results"), self._sort)
        self._guide = label("sqlGuide", "", True)
        self._guide.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._count = label("sqlCount", "", True)
        self._show = button("sqlShowButton", _("Show in tables"), "")
        self._use = button("sqlUseButton", _("&Use as selection"), "")
        self._to_cart = button("sqlCartButton", _("Add to cart"), "")
        self._as_chart = button("sqlChartButton", _("C&hart"), _("Show the rows as bars. Which columns they show is guessed, and can be changed."))
        self._as_chart.setCheckable(True)
        self._chart = QueryChartView(browser)
        self._charted: int | None = None
        self._save = button("sqlSaveButton", _("Save as..."), _("Save all rows to a CSV, TSV or JSON file."))
        self._stack = QtWidgets.QStackedWidget()
        self._stack.addWidget(self._guide)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._chart.widget)
        self.widget = holder(self._layout(), "sqlRows")
        self._show.clicked.connect(self._show_rows)
        self._use.clicked.connect(self._use_rows)
        self._to_cart.clicked.connect(self._add_rows)
        self._save.clicked.connect(self._save_rows)
        self._as_chart.toggled.connect(self._show_chart)
        self._cart_action = view_action(self.view, _("&Add to cart"), "Ctrl+Shift+C", self._add_rows)
        self._copy = view_action(self.view, _("&Copy rows"), "Ctrl+C", self._copy_rows)
        self._query.changed.connect(self._draw)
        self._query.rows_saved.connect(self._saved)
        self._query.rows.changed.connect(self._rows_changed)
        self._draw(self._query.state)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._chart.disconnect()
        self._query.changed.disconnect(self._draw)
        self._query.rows_saved.disconnect(self._saved)
        self._query.rows.changed.disconnect(self._rows_changed)
        if self._model is not None:
            self._model.disconnect_rows()

    def _layout(self) -> QtWidgets.QVBoxLayout:
        # A dock has room for three buttons side by side.
        above = row([self._count, self._as_chart, self._save])
        above.setStretch(0, 1)
        made = column([above, self._stack, row([self._show, self._use, self._to_cart, None])])
        made.setStretch(1, 1)
        return made

    # What the user does

    def _selected(self) -> Ranges:
        return selected_ranges(self.view.selectionModel()) if self._model is not None else ()

    def _show_rows(self) -> None:
        ranges = self._selected()
        if count_rows(ranges) == 1:
            self._query.name_rows(ranges, lambda named: show_named(self._browser, named))
        else:
            self._browser.opened_set.open_query_rows(ranges)

    def _use_rows(self) -> None:
        self._query.name_rows(self._selected(), lambda named: use_named(self._browser, named))

    def _add_rows(self) -> None:
        self._query.name_rows(self._selected(), lambda named: add_named(self._browser, named))

    def _save_rows(self) -> None:
        path = choose_save_file(self.widget, _("Save rows"), "query.csv", _("CSV (*.csv);;TSV (*.tsv);;JSON (*.json)"))
        if path:
            self._query.save(path)

    def _copy_rows(self) -> None:
        ranges = self._selected()
        lines = self._model.text_rows(ranges) if self._model is not None else []
        header = [name for name, _kind in self._state.columns]
        QtWidgets.QApplication.clipboard().setText("\n".join("\t".join(line) for line in [header, *lines]))
        if len(lines) < count_rows(ranges):
            text = _('Copied {count} of the selected rows. Rows that were never displayed are not copied; "Save as" saves all rows.')
            self._browser.message.emit(Message(Kind.INFO, text.format(count=f"{len(lines):,}")))

    def _show_chart(self, _on: bool) -> None:
        self._draw_stack()

    def _sort(self, section: int) -> None:
        self._query.sort(section, self._state.order == (section, False))

    # What the browser says

    def _draw(self, state: QueryState) -> None:
        is_new = state.view is not None and state.view != self._state.view
        self._state = state
        if is_new:
            self._new_table(state)
        self._guide.setText(_guidance(state))
        self._draw_stack()
        self._count.setText(_count_text(state) if state.phase is QueryPhase.READY else "")
        self._save.setEnabled(state.phase is QueryPhase.READY and bool(state.columns))
        self._draw_buttons(state)
        show_order(self.view, state.order)

    def _draw_stack(self) -> None:
        has_rows = bool(self._state.total) and self._state.phase is QueryPhase.READY
        self._as_chart.setEnabled(has_rows)
        if has_rows and self._as_chart.isChecked():
            if self._charted != self._state.view:
                self._charted = self._state.view
                self._chart.show_columns(self._state.columns)
            self._stack.setCurrentWidget(self._chart.widget)
        else:
            self._stack.setCurrentWidget(self.view if has_rows else self._guide)

    def _draw_buttons(self, state: QueryState) -> None:
        why_not = _why_not(state)
        for made, tip in (
            (self._show, _("Show only what the selected rows, or all rows, name in the tables of the Browse page.")),
            (self._use, _("Select these rows, or all rows, for download.")),
            (self._to_cart, _("Add the selected rows, or all rows, to the cart (Ctrl+Shift+C).")),
            (self._cart_action, _("Add the selected rows, or all rows, to the cart.")),
        ):
            made.setEnabled(not why_not)
            made.setToolTip(plain(why_not or tip))

    def _new_table(self, state: QueryState) -> None:
        former = self._model
        columns = [_column(number, name, kind) for number, (name, kind) in enumerate(state.columns)]
        self._model = RowsModel(self._query.rows, columns)
        self.view.setModel(self._model)
        if former is not None:
            former.disconnect_rows()
        # See ``TablePanel``: a header asks its selection model about every selected row.
        self._header_selection = QtCore.QItemSelectionModel(self._model)
        self.view.horizontalHeader().setSelectionModel(self._header_selection)

    def _rows_changed(self) -> None:
        if self._model is None or not self._query.rows.total:
            return
        metrics = self.view.fontMetrics()
        least, most = (characters * metrics.averageCharWidth() for characters in (_MIN_WIDTH, _MAX_WIDTH))
        first = [row for _number, row in self._query.rows.loaded()]
        for number, (name, _kind) in enumerate(self._state.columns):
            longest = max((cell_text(row[number]) for row in first), key=len)
            # A title has an arrow beside it when it is sorted by.
            content = max(metrics.horizontalAdvance(longest), metrics.horizontalAdvance(name + " __"))
            self.view.setColumnWidth(number, max(least, min(content, most)) + CELL_MARGIN)

    def _saved(self, path: str) -> None:
        self._browser.message.emit(Message(Kind.SUCCESS, _("Rows saved to {path}.").format(path=path)))


def cell_text(value: object) -> str:
    """A value as its cell shows it."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    if isinstance(value, list) and not any(isinstance(item, (list, dict)) for item in value):
        return ", ".join(map(str, value))
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return " ".join(str(value).split())


def _column(number: int, name: str, kind: str) -> Column:
    return Column(str(number), name, _MAX_WIDTH, cell_text, is_number(kind), kind)


def _guidance(state: QueryState) -> str:
    if state.phase is QueryPhase.RUNNING:
        return _("Running the query...")
    if state.phase is QueryPhase.READY:
        return _("The query returned no rows.")
    return state.error or _("The query results appear here.")


def _why_not(state: QueryState) -> str:
    """Why nothing can be done with what the rows name; "" when it can."""
    if state.phase is not QueryPhase.READY:
        return _("There are no rows. Run a query first.")
    if not state.total:
        return _("The query returned no rows.")
    if not state.subject:
        return _(
            "The query must return one of these columns: SeriesInstanceUID, StudyInstanceUID, crdc_series_uuid, or "
            "collection_id (with or without PatientID)."
        )
    return ""


def _count_text(state: QueryState) -> str:
    text = _("{rows} in {seconds} s").format(rows=human_count(state.total, _("row"), _("rows")), seconds=f"{state.seconds:.1f}")
    if state.cut == "rows":
        return _("{rows}; there are more: raise the maximum, or narrow the query").format(rows=text)
    return _("{rows}; there are more than fit into 64 MB: select fewer columns").format(rows=text) if state.cut else text
