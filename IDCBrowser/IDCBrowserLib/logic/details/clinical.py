"""The clinical data of the current case. Knows no widgets."""

from __future__ import annotations

from dataclasses import dataclass, replace

from IDCBrowserLib.api.clinical import CASE, Case
from IDCBrowserLib.api.values import Section
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.logic.settings.clinical_tables import ClinicalTables, TablesState
from IDCBrowserLib.signal import Signal


@dataclass(frozen=True)
class ClinicalState:
    """``sections`` as in the document of ``catalog.details``; ``tables`` are not here; ``text`` says how fetching them goes or went."""

    case_id: str = ""
    sections: tuple[Section, ...] = ()
    tables: tuple[str, ...] = ()
    missing_indices: tuple[str, ...] = ()
    fetching: bool = False
    text: str = ""


class Clinical:
    """``show`` a case, or "" for none; ``fetch`` its tables. Signal: ``changed(ClinicalState)``."""

    def __init__(self, client: EngineClient, tables: ClinicalTables) -> None:
        self._client = client
        self._tables = tables
        self._request: Request | None = None
        # The case whose tables are under way.
        self._fetching = ""
        self.state = ClinicalState()
        self.changed: Signal[ClinicalState] = Signal()
        tables.changed.connect(self._tell)
        tables.arrived.connect(self.again)

    def show(self, case_id: str) -> None:
        """Look for its data, unless that is the case in sight."""
        if case_id != self.state.case_id:
            self._cancel()
            self._set(ClinicalState(case_id))
            self.again()

    def again(self) -> None:
        """An index or tables came."""
        uid = self.state.case_id
        if uid:
            self._cancel()
            self._request = self._client.ask(CASE({"id": uid}), self._take, self._fail)

    def fetch(self) -> None:
        """Get its tables."""
        if self.state.tables and not self._tables.state.running:
            self._fetching = self.state.case_id
            self._tables.fetch(self.state.tables)

    def _take(self, found: Case) -> None:
        self._set(
            replace(self.state, sections=tuple(found["sections"]), tables=tuple(found["tables"]), missing_indices=tuple(found["missing_indices"]))
        )

    def _fail(self, error: IDCBrowserError) -> None:
        self._set(replace(self.state, text=str(error)))

    def _tell(self, state: TablesState) -> None:
        if self._fetching and self._fetching == self.state.case_id:
            self._set(replace(self.state, fetching=state.running, text=state.text))
        if not state.running:
            self._fetching = ""

    def _cancel(self) -> None:
        if self._request is not None:
            self._request.cancel()
            self._request = None

    def _set(self, state: ClinicalState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit(state)
