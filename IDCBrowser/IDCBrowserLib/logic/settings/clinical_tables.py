"""Getting clinical tables in the background, and how large they are. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from IDCBrowserLib.api.clinical import FETCH, TABLE_BYTES, Fetched, TableBytes, TablesParameters
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.task import Progress
from IDCBrowserLib.wording import human_size


@dataclass(frozen=True)
class TablesState:
    """``tables`` are under way, or were the last; ``text``: how far they are, or why they did not come."""

    tables: tuple[str, ...] = ()
    running: bool = False
    text: str = ""


class ClinicalTables:
    """``fetch(tables)``, one set at a time, ``cancel``; ``changed(TablesState)``, ``arrived()`` when they can be used.

    ``ask_size(tables)`` makes ``size`` known, in bytes, of the tables that were asked for last. ``endpoint`` gives the address of a mirror.
    """

    def __init__(self, client: EngineClient, endpoint: Callable[[], str]) -> None:
        self._client = client
        self._endpoint = endpoint
        self._request: Request | None = None
        self._size_request: Request | None = None
        self._asked: tuple[str, ...] = ()
        self.size: int | None = None
        self.state = TablesState()
        self.changed: Signal[TablesState] = Signal()
        self.arrived: Signal[[]] = Signal()

    def fetch(self, tables: Sequence[str]) -> None:
        """Get these."""
        if self.state.running or not tables:
            return
        names = tuple(tables)
        self._set(TablesState(names, True, _("Fetching clinical data...")))
        self._request = self._client.ask(FETCH(self._parameters(names)), self._came, self._failed, self._tell)

    def cancel(self) -> None:
        """Stop; tables that came stay."""
        if self._request is not None and self.state.running:
            self._request.cancel()
            self._request = None
            self._set(replace(self.state, running=False, text=_("Stopped fetching clinical data.")))

    def ask_size(self, tables: Sequence[str]) -> None:
        """Ask the server, unless that was done."""
        names = tuple(tables)
        if names == self._asked:
            return
        if self._size_request is not None:
            self._size_request.cancel()
            self._size_request = None
        self._asked, self.size = names, None
        if names:
            self._size_request = self._client.ask(TABLE_BYTES(self._parameters(names)), self._sized, lambda _error: None)

    def _parameters(self, names: Sequence[str]) -> TablesParameters:
        parameters: TablesParameters = {"tables": list(names)}
        endpoint = self._endpoint()
        if endpoint:
            parameters["endpoint_url"] = endpoint
        return parameters

    def _sized(self, answer: TableBytes) -> None:
        self._size_request = None
        self.size = answer["bytes"]
        self.changed.emit(self.state)

    def _tell(self, progress: Progress) -> None:
        text = _("Fetching clinical data: {done} of {total}")
        self._set(replace(self.state, text=text.format(done=human_size(progress.done), total=human_size(progress.total or 0))))

    def _came(self, _fetched: Fetched) -> None:
        self._request = None
        self._set(TablesState(self.state.tables))
        self.arrived.emit()

    def _failed(self, error: IDCBrowserError) -> None:
        self._request = None
        self._set(replace(self.state, running=False, text=str(error)))

    def _set(self, state: TablesState) -> None:
        self.state = state
        self.changed.emit(state)
