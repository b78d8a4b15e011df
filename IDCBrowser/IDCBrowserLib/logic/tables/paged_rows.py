"""Rows of an engine view, fetched a page at a time as they are looked at. Knows no Qt."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from IDCBrowserLib.api import catalog
from IDCBrowserLib.api.method import Question
from IDCBrowserLib.api.values import Row
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.signal import Signal

PAGE_ROWS = 200
_MAX_PAGES = 300
_MAX_REQUESTS = 2
_MAX_WANTED = 4


class _Page(Protocol):
    def __call__(self, params: catalog.PageParameters) -> Question[catalog.Rows]: ...


class PagedRows:
    """``row(n)`` is the row, or None while it is on its way; then ``arrived(first, last)`` follows.

    Dragging a scroll bar through a million rows asks only for the pages looked at last: two requests at a time, older wishes dropped.
    ``failed`` is emitted with the error of a page.
    """

    def __init__(self, client: EngineClient, page: _Page = catalog.PAGE) -> None:
        self._client = client
        self._page = page
        self._view: int | None = None
        self._pages: OrderedDict[int, list[Row]] = OrderedDict()
        self._requests: dict[int, Request] = {}
        self._wanted: list[int] = []
        self.total = 0
        self.columns: tuple[str, ...] = ()
        self.changed: Signal[[]] = Signal()
        self.arrived: Signal[int, int] = Signal()
        self.failed: Signal[IDCBrowserError] = Signal()

    def show(self, view: int | None, columns: Sequence[str], total: int, first_rows: Sequence[Row]) -> None:
        """Another view; ``first_rows`` are its first page. Emits ``changed``."""
        for request in self._requests.values():
            request.cancel()
        self._requests.clear()
        self._wanted.clear()
        self._pages.clear()
        self._view = view
        self.total = total
        self.columns = tuple(columns)
        if first_rows:
            self._pages[0] = list(first_rows)
        self.changed.emit()

    def clear(self) -> None:
        """No rows at all."""
        self.show(None, (), 0, ())

    def row(self, number: int) -> Row | None:
        """Row ``number``, or None while it is not here yet."""
        page, rest = divmod(number, PAGE_ROWS)
        rows = self._pages.get(page)
        if rows is not None and rest < len(rows):
            return rows[rest]
        self._want(page)
        return None

    def loaded_row(self, number: int) -> Row | None:
        """Like ``row``, without asking for what is not here."""
        page, rest = divmod(number, PAGE_ROWS)
        rows = self._pages.get(page)
        return rows[rest] if rows is not None and rest < len(rows) else None

    def value(self, row: Row, column: str) -> object:
        """The value of a column by name; None when the view has no such column."""
        try:
            return row[self.columns.index(column)]
        except (ValueError, IndexError):
            return None

    def loaded(self) -> list[tuple[int, Row]]:
        """Every row that is here, with its number."""
        return [(page * PAGE_ROWS + rest, row) for page, rows in self._pages.items() for rest, row in enumerate(rows)]

    def _want(self, page: int) -> None:
        if self._view is None or page in self._requests:
            return
        if page in self._wanted:
            self._wanted.remove(page)
        self._wanted = [*self._wanted, page][-_MAX_WANTED:]
        self._ask_next()

    def _ask_next(self) -> None:
        while self._view is not None and self._wanted and len(self._requests) < _MAX_REQUESTS:
            page = self._wanted.pop()
            question = self._page({"view": self._view, "offset": page * PAGE_ROWS, "limit": PAGE_ROWS})
            self._requests[page] = self._client.ask(question, partial(self._receive, page), partial(self._fail, page))

    def _receive(self, page: int, result: catalog.Rows) -> None:
        self._requests.pop(page, None)
        rows = list(result["rows"])
        self._pages[page] = rows
        while len(self._pages) > _MAX_PAGES:
            self._pages.popitem(last=False)
        self._ask_next()
        if rows:
            self.arrived.emit(page * PAGE_ROWS, page * PAGE_ROWS + len(rows) - 1)

    def _fail(self, page: int, error: IDCBrowserError) -> None:
        # The page is not asked for again until something repaints it; an engine that died is opened again by the tables.
        self._requests.pop(page, None)
        self.failed.emit(error)
        self._ask_next()
