"""The series of one download, a page at a time as they are looked at, and again while they change. Knows no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from IDCBrowserLib.api.downloads import SERIES, SeriesRows
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.logic.downloads.download_state import DownloadRow
from IDCBrowserLib.signal import Signal

PAGE_ROWS = 200
_MAX_REQUESTS = 2


class SeriesLine(NamedTuple):
    """A series of a download, as ``transfer.series`` gives it; ``done`` and ``total`` in bytes."""

    uuid: str
    uid: str
    case: str
    modality: str
    description: str | None
    state: str
    done: int
    total: int
    error: str | None


class DownloadSeries:
    """``row(n)`` gives what is known of series ``n``, or None while it is on its way; then ``arrived(first, last)`` follows.

    ``refresh`` asks again for what was looked at since the last time. ``changed`` is emitted for another download or another number of series.
    """

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._job = ""
        self._failed_first = False
        self._pages: dict[int, Sequence[SeriesLine]] = {}
        self._seen: set[int] = set()
        self._requests: dict[int, Request] = {}
        self.total = 0
        self.changed: Signal[[]] = Signal()
        self.arrived: Signal[int, int] = Signal()

    def show(self, download: DownloadRow | None) -> None:
        """The series of this download: failures first once it has ended."""
        job, failed_first = (download.job, download.has_ended) if download is not None else ("", False)
        if (job, failed_first) == (self._job, self._failed_first):
            return
        for request in self._requests.values():
            request.cancel()
        self._requests.clear()
        self._pages.clear()
        self._seen.clear()
        self._job, self._failed_first, self.total = job, failed_first, 0
        self.changed.emit()
        self._ask(0)

    def refresh(self) -> None:
        """Ask again for the pages in sight."""
        seen, self._seen = self._seen, set()
        for page in sorted(seen) or [0]:
            self._ask(page)

    def row(self, number: int) -> SeriesLine | None:
        """Series ``number``."""
        page, rest = divmod(number, PAGE_ROWS)
        self._seen.add(page)
        rows = self._pages.get(page)
        if rows is None:
            self._ask(page)
            return None
        return rows[rest] if rest < len(rows) else None

    def loaded(self, number: int) -> SeriesLine | None:
        """Like ``row``, without asking."""
        page, rest = divmod(number, PAGE_ROWS)
        rows = self._pages.get(page, ())
        return rows[rest] if rest < len(rows) else None

    def _ask(self, page: int) -> None:
        if not self._job or page in self._requests or len(self._requests) >= _MAX_REQUESTS:
            return
        question = SERIES({"job": self._job, "offset": page * PAGE_ROWS, "limit": PAGE_ROWS, "failed_first": self._failed_first})
        self._requests[page] = self._client.ask(question, lambda result: self._receive(page, result), lambda error: self._fail(page, error))

    def _receive(self, page: int, result: SeriesRows) -> None:
        del self._requests[page]
        self._pages[page] = [SeriesLine(*row) for row in result["rows"]]
        if result["total"] != self.total:
            self.total = result["total"]
            self.changed.emit()
        elif result["rows"]:
            self.arrived.emit(page * PAGE_ROWS, page * PAGE_ROWS + len(result["rows"]) - 1)

    def _fail(self, page: int, _error: IDCBrowserError) -> None:
        # Of an engine that is gone, or of a download that it no longer knows: what was seen stays in sight.
        self._requests.pop(page, None)
