"""The page "SQL": tables on the left, the query with its buttons, and the rows below."""

from __future__ import annotations

from collections.abc import Sequence

from IDCBrowserLib.api.expert import MEASUREMENTS, Table
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.finding.query import ROW_LIMITS, USUAL_ROWS, Query, QueryPhase, QueryState
from IDCBrowserLib.logic.finding.query_examples import LIVER_BY_AGE, examples
from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.finding.query_rows import QueryRows
from IDCBrowserLib.ui.finding.query_tables import QueryTables
from IDCBrowserLib.ui.widgets.arrangement import SizedWidget
from IDCBrowserLib.ui.widgets.building_blocks import button, choice_box, column, holder, label, line_edit, row
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.turning_splitter import TurningSplitter
from IDCBrowserLib.ui.widgets.wrapped_row import WrappedRow
from IDCBrowserLib.wording import human_size

_MARGIN = 6
_EDITOR_LINES = 9
# Narrower than this, the tables are shown when they are asked for.
_WIDE = 560
_WIDE_PARTS = (320, 680)
_NARROW_PARTS = (160, 480)
_MAX_SHOWN = 90
_NAME_CHARACTERS = 24
_MAX_NAME = 100
_PLAIN = "abcdefghijklmnopqrstuvwxyz_0123456789"


class QueryPage:
    """See ``pages.Page``."""

    name = "sql"

    def __init__(self, browser: Browser) -> None:
        self.heading_changed: Signal[str] = Signal()
        self._browser = browser
        self._query: Query = browser.query
        self._editor = self._make_editor()
        self._run = button("sqlRunButton", _("&Run"), _("Run the query (Ctrl+Enter)."))
        self._cancel = button("sqlCancelButton", _("St&op"), _("Stop the running query."))
        self._limit = self._make_limit()
        self._menu_button = self._make_menu_button()
        self._save_name = self._make_save_name()
        self._keep = button("sqlKeepButton", _("Save"), _('Save the query under the name on the left. It then appears in the "Queries" menu.'))
        self._show_tables = button("sqlTablesButton", _("Tables"), _("Show the tables and columns that can be queried."))
        self._show_tables.setCheckable(True)
        self._measure = button(
            "sqlMeasurementsButton",
            _("&Measurements..."),
            _("Open a file of measurements (CSV or Parquet), saved on the page Reports or made on the command line, as the table measurements."),
        )
        self._wide: bool | None = None
        self._wanted_where_wide = True
        self._limits = label("sqlLimits", "", True)
        self._tables = QueryTables(browser.side_fetch, browser.clinical_tables, self._insert)
        self._rows = QueryRows(browser)
        self.widget = SizedWidget(self._resized)
        self.widget.setObjectName("sqlPage")
        self.widget.setLayout(self._layout())
        self._actions = [self._action("Ctrl+Return"), self._action("Ctrl+Enter")]
        self._connect()
        self._draw(self._query.state)
        self._draw_limits([])

    def heading(self) -> str:
        """See ``pages.Page``."""
        return _("S&QL")

    def shown(self) -> None:
        """See ``pages.Page``."""
        self._query.load_tables()
        self._editor.setFocus()

    def disconnect(self) -> None:
        """See ``pages.Page``."""
        self._save_columns()
        self._query.changed.disconnect(self._draw)
        self._query.tables_changed.disconnect(self._draw_tables)
        self._query.measurements_opened.disconnect(self._measurements_opened)
        self._browser.side_fetch.arrived.disconnect(self._index_arrived)
        self._browser.clinical_tables.arrived.disconnect(self._index_arrived)
        self._tables.disconnect()
        self._rows.disconnect()

    def _make_editor(self) -> QtWidgets.QPlainTextEdit:
        editor = QtWidgets.QPlainTextEdit()
        editor.setObjectName("sqlEditor")
        editor.setAccessibleName(_("Query in SQL"))
        editor.setPlaceholderText(_("SELECT ... FROM index\n\nStart from an example, or double-click tables and columns. Ctrl+Enter runs the query."))
        editor.setTabChangesFocus(True)
        editor.setLineWrapMode(QtWidgets.QPlainTextEdit.LineWrapMode.NoWrap)
        font = QtGui.QFont("monospace")
        font.setStyleHint(QtGui.QFont.StyleHint.Monospace)
        points = editor.property("font").pointSizeF()
        if points > 0:
            font.setPointSizeF(points)
        editor.setFont(font)
        editor.setMinimumHeight(_EDITOR_LINES * editor.fontMetrics().height() // 2)
        return editor

    def _make_limit(self) -> QtWidgets.QComboBox:
        texts = [_("{count} rows").format(count=f"{limit:,}") for limit in ROW_LIMITS]
        box = choice_box("sqlLimit", _("Maximum number of rows"), texts, _("Maximum number of rows that a query returns."))
        box.setCurrentIndex(ROW_LIMITS.index(USUAL_ROWS))
        return box

    def _make_menu_button(self) -> QtWidgets.QPushButton:
        made = button("sqlMenuButton", _("Queries"), _("Examples, saved queries and recent queries."))
        self._menu = QtWidgets.QMenu(made)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._fill_menu)
        made.setMenu(self._menu)
        return made

    def _make_save_name(self) -> QtWidgets.QLineEdit:
        tip = _('Saved queries stay in the "Queries" menu after a restart.')
        edit = line_edit("sqlKeepName", _("Name of the query"), tip, _("Name under which to save the query"), _MAX_NAME)
        # Its guidance fits, and it is beside its button also where it is narrow.
        edit.setMinimumWidth(_NAME_CHARACTERS * edit.fontMetrics().averageCharWidth())
        return edit

    def _layout(self) -> QtWidgets.QVBoxLayout:
        first = WrappedRow([self._show_tables, self._measure, self._menu_button, self._save_name, self._keep], self._save_name)
        second = row([self._run, self._cancel, self._limit, None])
        above = holder(column([first, self._editor, second, self._limits]), "sqlQuery")
        parts = QtWidgets.QSplitter(Qt.Orientation.Vertical)
        parts.setObjectName("sqlParts")
        parts.setChildrenCollapsible(False)
        parts.addWidget(above)
        parts.addWidget(self._rows.widget)
        parts.setStretchFactor(0, 1)
        parts.setStretchFactor(1, 2)
        self._columns = TurningSplitter("sqlColumns", [self._tables.widget, parts], Qt.Orientation.Horizontal, _WIDE_PARTS, _NARROW_PARTS)
        self._tables.widget.hide()
        self._columns.widget.setStretchFactor(1, 1)
        self._columns.restore(self._browser.host.settings)
        return column([self._columns.widget], _MARGIN)

    def _action(self, keys: str) -> QtGui.QAction:
        action = QtGui.QAction(_("Run the query"), self.widget)
        action.setShortcut(QtGui.QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(self._start)
        self.widget.addAction(action)
        return action

    def _connect(self) -> None:
        self._run.clicked.connect(self._start)
        self._cancel.clicked.connect(self._query.cancel)
        self._keep.clicked.connect(self._keep_query)
        self._save_name.returnPressed.connect(self._keep_query)
        self._save_name.textChanged.connect(self._name_changed)
        self._show_tables.toggled.connect(self._toggle_tables)
        self._query.changed.connect(self._draw)
        self._query.tables_changed.connect(self._draw_tables)
        self._query.measurements_opened.connect(self._measurements_opened)
        self._measure.clicked.connect(self._choose_measurements)
        self._browser.side_fetch.arrived.connect(self._index_arrived)
        self._browser.clinical_tables.arrived.connect(self._index_arrived)
        self._name_changed("")

    # What the user does

    def _start(self) -> None:
        self._query.run(self._editor.toPlainText(), ROW_LIMITS[max(0, int(self._limit.property("currentIndex")))])

    def _choose_measurements(self) -> None:
        path = self._browser.host.choose_open_file(_("Open measurements"), _("Measurements ({kinds})").format(kinds="*.csv *.parquet"))
        if path:
            self._query.open_measurements(path)

    def _insert(self, name: str) -> None:
        plain = all(character in _PLAIN for character in name.lower())
        quoted = name.replace('"', '""')
        self._editor.insertPlainText((name if plain else f'"{quoted}"') + " ")
        self._editor.setFocus()

    def _write(self, text: str, name: str = "") -> None:
        # Not setPlainText: what was written before comes back with Ctrl+Z.
        self._editor.selectAll()
        self._editor.insertPlainText(text)
        self._save_name.setText(name)
        self._editor.setFocus()

    def _keep_query(self) -> None:
        name = self._save_name.property("text")
        text = self._editor.toPlainText().strip()
        if name.strip() and text:
            if self._query.saved.save(name, text):
                self._limits.setText(_('Saved as "{name}".').format(name=name.strip()))
            else:
                self._limits.setText(_("The query was not saved: it is too long, or there are too many saved queries. Delete one first."))

    def _toggle_tables(self, on: bool) -> None:
        self._tables.widget.setVisible(bool(on))
        if self._wide:
            self._wanted_where_wide = bool(on)

    def _resized(self, width: int, _height: int) -> None:
        """Where it is narrow, the tables are above the query, and there only when asked for."""
        wide = width >= _WIDE
        if wide == self._wide:
            return
        self._wide = wide
        self._columns.turn(not wide)
        self._show_tables.setChecked(wide and self._wanted_where_wide)

    def _save_columns(self) -> None:
        if not self._wide or self._show_tables.isChecked():
            self._columns.save(self._browser.host.settings)

    def _forget_query(self) -> None:
        self._query.saved.delete(self._save_name.property("text").strip())
        self._save_name.clear()

    def _name_changed(self, text: str) -> None:
        self._keep.setEnabled(bool(text.strip()))

    def _fill_menu(self) -> None:
        self._menu.clear()
        self._menu_actions = [self._menu.addSection(_("Examples"))]
        for title, text in examples():
            self._add_to_menu(title, text, "")
        saved = self._query.saved.all()
        if saved:
            self._menu_actions.append(self._menu.addSection(_("Saved")))
        for name, text in saved.items():
            self._add_to_menu(name, text, name)
        recent = self._query.recent.all()
        if recent:
            self._menu_actions.append(self._menu.addSection(_("Recent")))
        for text in recent[:15]:
            self._add_to_menu(" ".join(text.split())[:_MAX_SHOWN], text, "")
        name = self._save_name.property("text").strip()
        if name in saved:
            self._menu_actions.append(self._menu.addSeparator())
            action = self._menu.addAction(_('&Delete "{name}"').format(name=name))
            action.triggered.connect(self._forget_query)
            self._menu_actions.append(action)

    def _add_to_menu(self, title: str, text: str, name: str) -> None:
        action = QtGui.QAction(title.replace("&", "&&"), self._menu)
        action.setToolTip(plain(text[:1000]))
        action.triggered.connect(lambda: self._write(text, name))
        self._menu.addAction(action)
        self._menu_actions.append(action)

    # What the browser says

    def _index_arrived(self, *_names: str) -> None:
        # A page that was not looked at yet asks when it is.
        if self._query.tables:
            self._query.load_tables()

    def _measurements_opened(self, _path: str) -> None:
        self._tables.look_at(MEASUREMENTS)
        if not self._editor.toPlainText().strip():
            self._write(LIVER_BY_AGE)
        self._show_tables.setChecked(True)

    def _draw_tables(self, tables: Sequence[Table]) -> None:
        self._tables.show(tables)
        self._draw_limits(tables)

    def _draw_limits(self, _tables: object) -> None:
        limits = self._query.limits
        if limits:
            text = _("Read-only. A query stops after {seconds} s or {memory} of memory.")
            self._limits.setText(text.format(seconds=f"{limits['seconds']:g}", memory=human_size(limits["memory_mb"] * 1e6)))

    def _draw(self, state: QueryState) -> None:
        self._cancel.setEnabled(state.phase is QueryPhase.RUNNING)
        if not self._editor.toPlainText() and state.text:
            self._write(state.text)
