"""The page "Reports": measurements as a table above, the text of the report below."""

from __future__ import annotations

from IDCBrowserLib.api.report import Column as TableColumn
from IDCBrowserLib.api.report import Line
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.reports.reports import Reports, ReportsState
from IDCBrowserLib.logic.summary.figures import SELECTED
from IDCBrowserLib.logic.tables.columns import EMPTY, Column
from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui, QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.reports.column_widths import WidthHolder, fitted
from IDCBrowserLib.ui.widgets.building_blocks import button, column, holder, label, line_edit, row
from IDCBrowserLib.ui.widgets.rows_model import RowsModel, selected_ranges
from IDCBrowserLib.ui.widgets.save_dialog import choose_save_file
from IDCBrowserLib.ui.widgets.views import CELL_MARGIN, show_order, sortable_table_view, view_action
from IDCBrowserLib.ui.widgets.wrapped_row import WrappedRow
from IDCBrowserLib.wording import human_count

_MARGIN = 6
_MAX_WIDTH = 32
_MIN_WIDTH = 6
_FRAME = 4
_FILTER_DELAY_MS = 150
_SHARES = (600, 400)


class ReportsPage:
    """See ``pages.Page``."""

    name = "reports"

    def __init__(self, browser: Browser) -> None:
        self.heading_changed: Signal[str] = Signal()
        self._browser = browser
        self._reports: Reports = browser.reports
        self._model: RowsModel | None = None
        self._state = ReportsState()
        self._title = label("reportTitle", "", True)
        self._notes = label("reportNotes", "", True)
        self._common = label("reportCommon", "", True)
        self._filter = line_edit(
            "reportFilter", _("Filter measurements"), _("Show only measurements in which all these words occur."), _("Filter measurements"), 200
        )
        self._count = label("reportCount", "", False)
        self._go = button("reportGoButton", _("&Show in views"), _("Bring the segment, region or point of the selected measurement into the views."))
        self._copy = button("reportCopyButton", _("&Copy"), _("Copy the selected rows, or all that have been displayed."))
        self._save = button("reportSaveButton", _("Sa&ve as..."), _("Save the measurements shown, with all codes, to a CSV or Parquet file."))
        self._elsewhere = button("reportOpenButton", _("&Open with another program"), _("Save what is inside and open it with the system's program."))
        self._inside = button(
            "reportSaveInsideButton", _("Save &to folder..."), _("Save what is inside, such as a PDF or video, to a folder of yours.")
        )
        self._tables = button(
            "reportTablesButton",
            _("From &IDC's tables"),
            _("Read what IDC's own tables hold of the selected rows: measurements, ratings and segments. No report is downloaded."),
        )
        self._file = button(
            "reportFileButton",
            _("Open &measurements..."),
            _("Open a CSV or Parquet file of measurements that was saved here or made on the command line."),
        )
        self.view = sortable_table_view("reportTable", _("Measurements"), self._sort)
        self._text = QtWidgets.QPlainTextEdit()
        self._text.setObjectName("reportText")
        self._text.setReadOnly(True)
        self._text.setAccessibleName(_("Text of the report"))
        self._splitter = QtWidgets.QSplitter(Qt.Orientation.Vertical)
        self._splitter.setObjectName("reportSplitter")
        # What the columns want, and what they were given: those that somebody has dragged since stay so.
        self._wanted: list[int] = []
        self._given: list[int] = []
        self._measurements = WidthHolder(self._measurements_layout(), self._fit_columns)
        self._measurements.setObjectName("reportMeasurements")
        self._splitter.addWidget(self._measurements)
        self._splitter.addWidget(self._text)
        self._splitter.setSizes(list(_SHARES))
        self.widget = holder(self._layout(), "reportsPage")
        self._typing = QtCore.QTimer(self.widget)
        self._typing.setSingleShot(True)
        self._typing.timeout.connect(self._show_filtered)
        self._connect()
        self._draw(self._reports.state)

    def heading(self) -> str:
        """See ``pages.Page``."""
        return _("Reports")

    def shown(self) -> None:
        """See ``pages.Page``."""

    def disconnect(self) -> None:
        """See ``pages.Page``."""
        self._typing.stop()
        self._typing.timeout.disconnect(self._show_filtered)
        self._reports.changed.disconnect(self._draw)
        self._reports.rows.changed.disconnect(self._rows_changed)
        if self._model is not None:
            self._model.disconnect_rows()

    def _layout(self) -> QtWidgets.QVBoxLayout:
        made = column([self._title, self._common, self._notes, self._splitter, WrappedRow([self._tables, self._file, self._elsewhere, self._inside])])
        made.setStretch(3, 1)
        made.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        return made

    def _measurements_layout(self) -> QtWidgets.QVBoxLayout:
        above = row([self._filter, self._count])
        above.setStretch(0, 1)
        made = column([above, self.view, row([self._go, self._copy, self._save, None])])
        made.setStretch(1, 1)
        return made

    def _connect(self) -> None:
        self._filter.textChanged.connect(self._filter_typed)
        self._go.clicked.connect(self._go_to)
        self._copy.clicked.connect(self._copy_rows)
        self._save.clicked.connect(self._save_rows)
        self._tables.clicked.connect(self._open_tables)
        self._file.clicked.connect(self._open_file)
        self._inside.clicked.connect(self._save_inside)
        self._elsewhere.clicked.connect(self._open_elsewhere)
        self.view.activated.connect(self._row_activated)
        self._copy_action = view_action(self.view, _("&Copy rows"), "Ctrl+C", self._copy_rows)
        self._reports.changed.connect(self._draw)
        self._reports.rows.changed.connect(self._rows_changed)

    # What the user does

    def _filter_typed(self, _text: str) -> None:
        self._typing.start(_FILTER_DELAY_MS)

    def _show_filtered(self) -> None:
        self._reports.show(self._filter.property("text"), self._state.order)

    def _sort(self, section: int) -> None:
        order = self._state.order
        self._reports.show(self._filter.property("text"), (section, order is not None and order == (section, False)))

    def _go_to(self) -> None:
        index = self.view.currentIndex()
        self._reports.go_to(index.row() if index.isValid() else 0)

    def _row_activated(self, index: QtCore.QModelIndex) -> None:
        self._reports.go_to(index.row())

    def _copy_rows(self) -> None:
        if self._model is None:
            return
        ranges = selected_ranges(self.view.selectionModel()) or ((0, self._reports.rows.total - 1),)
        lines = [[item["title"] for item in self._state.columns], *self._model.text_rows(ranges)]
        QtWidgets.QApplication.clipboard().setText("\n".join("\t".join(line) for line in lines))

    def _save_rows(self) -> None:
        path = choose_save_file(self.widget, _("Save measurements"), "measurements.csv", _("CSV (*.csv);;Parquet (*.parquet)"))
        if path:
            self._reports.save(path)

    def _open_tables(self) -> None:
        cohort = self._browser.scope.cohort(SELECTED)
        if cohort is None:
            self._browser.message.emit(
                Message(Kind.INFO, _("No rows are selected. Select collections, cases, studies or series on the page Browse."))
            )
        else:
            self._reports.open_tables(cohort)

    def _open_file(self) -> None:
        path = self._browser.host.choose_open_file(_("Open measurements"), _("Measurements ({kinds})").format(kinds="*.csv *.parquet"))
        if path:
            self._reports.open_measurements(path)

    def _save_inside(self) -> None:
        folder = self._browser.host.choose_folder(_("Save to folder"), "")
        if folder:
            self._reports.save_inside(folder)

    def _open_elsewhere(self) -> None:
        self._reports.open_elsewhere(0)

    # What the browser says

    def _draw(self, state: ReportsState) -> None:
        former, self._state = self._state, state
        if state.view != former.view:
            self._new_report(state)
        self._title.setText(_title_text(state))
        self._common.setText(_("In all rows: {what}").format(what="; ".join(f"{title} {value}" for title, value in state.common)))
        self._common.setVisible(bool(state.common))
        self._notes.setText("\n".join(state.warnings[:3]))
        self._notes.setVisible(bool(state.warnings))
        self._count.setText(_count_text(state))
        self._measurements.setVisible(bool(state.all))
        self._text.setVisible(bool(state.lines))
        self._elsewhere.setVisible(bool(state.saveable))
        self._inside.setVisible(bool(state.saveable))
        show_order(self.view, state.order)

    def _new_report(self, state: ReportsState) -> None:
        former = self._model
        self._filter.setText("")
        self._typing.stop()
        columns = [Column(str(number), _title_of(item), _MIN_WIDTH, cell_text, item["number"], "") for number, item in enumerate(state.columns)]
        self._model = RowsModel(self._reports.rows, columns)
        self.view.setModel(self._model)
        if former is not None:
            former.disconnect_rows()
        # See ``TablePanel``: a header asks its selection model about every selected row.
        self._header_selection = QtCore.QItemSelectionModel(self._model)
        self.view.horizontalHeader().setSelectionModel(self._header_selection)
        self._text.setPlainText(_text_of(state))
        self._text.moveCursor(QtGui.QTextCursor.MoveOperation.Start)

    def _rows_changed(self) -> None:
        if self._model is None or not self._reports.rows.total:
            return
        metrics = self.view.fontMetrics()
        least, most = (characters * metrics.averageCharWidth() for characters in (_MIN_WIDTH, _MAX_WIDTH))
        first = [item for _number, item in self._reports.rows.loaded()]
        self._wanted = []
        for number, item in enumerate(self._state.columns):
            longest = max((cell_text(cells[number]) for cells in first), key=len)
            content = max(metrics.horizontalAdvance(longest), metrics.horizontalAdvance(_title_of(item) + " __"))
            self._wanted.append(max(least, min(content, most)) + CELL_MARGIN)
        self._given = []
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Values and their units in sight, whatever the width of the page."""
        now = [int(self.view.columnWidth(number)) for number in range(len(self._wanted))]
        if not self._wanted or (self._given and now != self._given):
            return
        titles = [item["title"] for item in self._state.columns]
        value = titles.index("Value") if "Value" in titles else 0
        values = range(value, value + 2 if titles[value + 1 : value + 2] == ["Unit"] else value + 1)
        bar = self.view.verticalScrollBar().property("sizeHint").width()
        room = int(self._measurements.property("width")) - bar - _FRAME
        self._given = fitted(self._wanted, values, _MIN_WIDTH * self.view.fontMetrics().averageCharWidth() + CELL_MARGIN, room)
        for number, width in enumerate(self._given):
            self.view.setColumnWidth(number, width)


def cell_text(value: object) -> str:
    """A value as its cell shows it: numbers with up to seven digits, as reports state them."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, float):
        return f"{value:.7g}"
    return " ".join(str(value).split())


def _title_of(item: TableColumn) -> str:
    return _titles().get(item["title"], item["title"])


def _titles() -> dict[str, str]:
    """Those of ``report.view`` in the language of the window."""
    return {
        "Case": _("Case"),
        "Tracking": _("Tracking"),
        "Measurement": _("Measurement"),
        "Derivation": _("Derivation"),
        "Value": _("Value"),
        "Unit": _("Unit"),
        "Finding": _("Finding"),
        "Site": _("Site"),
        "Side": _("Side"),
        "Method": _("Method"),
        "Segment": _("Segment"),
        "Algorithm": _("Algorithm"),
        "Session": _("Session"),
        "Time point": _("Time point"),
        "Group": _("Group"),
    }


def _title_text(state: ReportsState) -> str:
    if state.loading:
        return _("Reading...")
    if state.error:
        return state.error
    if not state.titles:
        return _('Nothing is open. Select a report (SR), plan, key object selection or document in the tables and press "Download and load".')
    more = len(state.titles) - 1
    return state.titles[0] if not more else _("{title}, and {count} more").format(title=state.titles[0], count=more)


def _count_text(state: ReportsState) -> str:
    everything = human_count(state.all, _("measurement"), _("measurements"))
    return everything if state.shown == state.all else _("{shown} of {all}").format(shown=f"{state.shown:,}", all=everything)


def _text_of(state: ReportsState) -> str:
    lines = [_line_text(line) for line in state.lines]
    if state.more_lines:
        lines.append(_("... and {count} more lines").format(count=f"{state.more_lines:,}"))
    return "\n".join(lines)


def _line_text(line: Line) -> str:
    between = ": " if line["name"] and line["value"] else ""
    return f"{'    ' * line['depth']}{line['name']}{between}{' '.join(line['value'].split())}"
