"""A query in SQL: what can be asked, the one that runs, its rows, and those saved for later. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from IDCBrowserLib.api import expert as api
from IDCBrowserLib.api.values import Row
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Settings
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.saved_lists import NamedValues, RecentValues, is_text
from IDCBrowserLib.logic.base.state import Ranges
from IDCBrowserLib.logic.tables.paged_rows import PagedRows
from IDCBrowserLib.signal import Signal

RECENT_KEY = "Sql/Recent"
SAVED_KEY = "Sql/Saved"
MAX_RECENT = 50
MAX_SAVED = 200
ROW_LIMITS = (1_000, 10_000, 100_000)
USUAL_ROWS = 10_000


class QueryPhase(str, Enum):
    """What the page shows below the editor."""

    GUIDE = "guide"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class QueryState:
    """``columns`` are (name, type); ``cut`` is why rows are missing ("rows", "bytes", ""); ``subject`` the level that rows name, or "".

    ``order`` is (number of the column, descending) or None for the order of the query.
    """

    phase: QueryPhase = QueryPhase.GUIDE
    text: str = ""
    error: str = ""
    view: int | None = None
    columns: tuple[tuple[str, str], ...] = ()
    total: int = 0
    cut: str = ""
    seconds: float = 0.0
    subject: str = ""
    order: tuple[int, bool] | None = None


@dataclass(frozen=True)
class NamedRows:
    """What rows of a result stand for; ``missing`` of them IDC does not have in this release."""

    level: str
    ids: tuple[str, ...]
    missing: int


class Query:
    """``run`` and ``cancel``; ``open_measurements`` adds a file of measurements as a table. Signals: ``changed(QueryState)``,
    ``tables_changed(list)``, ``measurements_opened(path)``, ``rows_saved(path)``, ``chart_changed(chart)``, and ``failed(error)`` for errors that are
    not the fault of the query.

    ``rows`` are the rows of the last result, with their columns called "0", "1", ... since a query may give two of them one name.
    """

    def __init__(self, client: EngineClient, settings: Settings) -> None:
        self._client = client
        self._request: Request | None = None
        self._tables_request: Request | None = None
        self.state = QueryState()
        self.rows = PagedRows(client, api.PAGE)
        self.tables: list[api.Table] = []
        self.measurements = ""
        self.limits: api.Limits | None = None
        self.recent = RecentValues(settings, RECENT_KEY, MAX_RECENT, is_text)
        self.saved = NamedValues(settings, SAVED_KEY, MAX_SAVED, is_text)
        self.changed: Signal[QueryState] = Signal()
        self.tables_changed: Signal[Sequence[api.Table]] = Signal()
        self.measurements_opened: Signal[str] = Signal()
        self.failed: Signal[IDCBrowserError] = Signal()
        self.rows_saved: Signal[str] = Signal()
        self.chart_changed: Signal[api.Chart] = Signal()
        self.rows.failed.connect(self.failed.emit)

    def load_tables(self) -> None:
        """Ask what there is; side indices may have come."""
        if self._tables_request is None:
            self._ask_tables(self.measurements)

    def open_measurements(self, path: str) -> None:
        """Use the file as the table "measurements" instead of another one; emits ``measurements_opened``, or ``failed`` if it is none."""
        if self._tables_request is not None:
            self._tables_request.cancel()
        self._ask_tables(path)

    def run(self, text: str, limit: int = USUAL_ROWS) -> None:
        """Run one SELECT; replaces the one under way."""
        self._stop()
        if not text.strip():
            self._set(QueryState(QueryPhase.FAILED, text, _("The query is empty. Write a SELECT statement, or start from an example.")))
            return
        self.recent.add(text.strip())
        self.rows.clear()
        self._set(QueryState(QueryPhase.RUNNING, text))
        parameters: api.RunParameters = {"query": text, "limit": limit}
        if self.measurements:
            parameters["measurements"] = self.measurements
        self._request = self._client.ask(api.RUN(parameters), lambda result: self._show(text, result), lambda error: self._fail(text, error))

    def cancel(self) -> None:
        """Stop the query that runs."""
        if self._request is not None:
            self._stop()
            self._set(QueryState(QueryPhase.GUIDE, self.state.text, _("The query was stopped.")))

    def sort(self, column: int, descending: bool) -> None:
        """Sort the rows by a column; the engine does it."""
        if self.state.view is None:
            return
        self._set(replace(self.state, order=(column, descending)))
        view = self.state.view
        question = api.SORT({"view": view, "column": column, "descending": descending})
        self._client.ask(question, lambda result: self._show_rows(view, result["rows"]), self.failed.emit)

    def name_rows(self, ranges: Ranges, on_named: Callable[[NamedRows], None]) -> None:
        """What the rows stand for (all of them when ``ranges`` is empty)."""
        if self.state.view is None:
            return
        question = api.IDS({"view": self.state.view, "ranges": [list(item) for item in ranges] or None})
        self._client.ask(question, lambda result: on_named(NamedRows(result["level"], tuple(result["ids"]), result["missing"])), self.failed.emit)

    def save(self, path: str) -> None:
        """Write all rows to a file; emits ``rows_saved``."""
        if self.state.view is not None:
            question = api.SAVE({"view": self.state.view, "file": path})
            self._client.ask(question, lambda result: self.rows_saved.emit(result["file"]), self.failed.emit)

    def draw(self, label: int | None, value: str) -> None:
        """Ask for a chart of all rows; emits ``chart_changed``. What is None or "" is guessed."""
        if self.state.view is None:
            return
        question: api.ChartParameters = {"view": self.state.view}
        if label is not None:
            question["label"] = label
        if value:
            question["value"] = value
        view = self.state.view
        self._client.ask(api.CHART(question), lambda chart: self._drawn(view, chart), self.failed.emit)

    def _drawn(self, view: int, chart: api.Chart) -> None:
        if view == self.state.view:
            self.chart_changed.emit(chart)

    def _ask_tables(self, measurements: str) -> None:
        self._tables_request = self._client.ask(
            api.TABLES({"measurements": measurements} if measurements else {}),
            lambda result: self._take_tables(measurements, result),
            lambda error: self._no_tables(measurements, error),
        )

    def _take_tables(self, measurements: str, result: api.Tables) -> None:
        self._tables_request = None
        is_new, self.measurements = measurements != self.measurements, measurements
        self.tables = list(result["tables"])
        self.limits = result["limits"]
        self.tables_changed.emit(self.tables)
        if is_new:
            self.measurements_opened.emit(measurements)

    def _no_tables(self, measurements: str, error: IDCBrowserError) -> None:
        self._tables_request = None
        if measurements:
            # Without a file that is no longer one the others answer.
            self.measurements = "" if measurements == self.measurements else self.measurements
            self.load_tables()
        self.failed.emit(error)

    def _show(self, text: str, result: api.Result) -> None:
        self._request = None
        columns = tuple((str(name), str(kind)) for name, kind in result["columns"])
        self._set(
            QueryState(QueryPhase.READY, text, "", result["view"], columns, result["total"], result["cut"], result["seconds"], result["subject"])
        )
        self._show_rows(result["view"], result["rows"])

    def _show_rows(self, view: int, rows: Sequence[Row]) -> None:
        if view == self.state.view:
            self.rows.show(view, [str(number) for number in range(len(self.state.columns))], self.state.total, rows)

    def _fail(self, text: str, error: IDCBrowserError) -> None:
        self._request = None
        self._set(QueryState(QueryPhase.FAILED, text, str(error)))

    def _stop(self) -> None:
        if self._request is not None:
            self._request.cancel()
            self._request = None

    def _set(self, state: QueryState) -> None:
        former = self.state.view
        if former is not None and former != state.view and self._client.is_ready:
            self._client.ask(api.CLOSE({"view": former}))
        self.state = state
        self.changed.emit(state)
