"""The clinical data of the current case. Knows no widgets."""

from __future__ import annotations

from dataclasses import dataclass, replace

from IDCBrowserLib.api.clinical import CASE, FETCH, Case, FetchParameters
from IDCBrowserLib.api.values import Section
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.downloads.download import DownloadParameters
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.task import Progress
from IDCBrowserLib.wording import human_size


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

    def __init__(self, client: EngineClient, options: DownloadParameters) -> None:
        self._client = client
        self._options = options
        self._request: Request | None = None
        self.state = ClinicalState()
        self.changed: Signal[ClinicalState] = Signal()

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
        """Get the tables of its collection."""
        if self.state.fetching or not self.state.case_id:
            return
        case = self.state.case_id
        parameters: FetchParameters = {"collection": case.partition("/")[0]}
        endpoint = self._options.parameters().get("endpoint_url")
        if endpoint:
            parameters["endpoint_url"] = endpoint
        self._set(replace(self.state, fetching=True, text=_("Fetching clinical data...")))
        self._client.ask(
            FETCH(parameters),
            lambda _result: self._fetched(case),
            lambda error: self._not_fetched(case, str(error)),
            lambda progress: self._tell(case, progress),
        )

    def _take(self, found: Case) -> None:
        self._set(
            replace(self.state, sections=tuple(found["sections"]), tables=tuple(found["tables"]), missing_indices=tuple(found["missing_indices"]))
        )

    def _fail(self, error: IDCBrowserError) -> None:
        self._set(replace(self.state, text=str(error)))

    def _fetched(self, case: str) -> None:
        self._ended(case, "")
        self.again()

    def _not_fetched(self, case: str, reason: str) -> None:
        self._ended(case, reason)

    def _ended(self, case: str, text: str) -> None:
        if case == self.state.case_id:
            self._set(replace(self.state, fetching=False, text=text))

    def _tell(self, case: str, progress: Progress) -> None:
        text = _("Fetching clinical data: {done} of {total}")
        if case == self.state.case_id:
            self._set(replace(self.state, text=text.format(done=human_size(progress.done), total=human_size(progress.total or 0))))

    def _cancel(self) -> None:
        if self._request is not None:
            self._request.cancel()
            self._request = None

    def _set(self, state: ClinicalState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit(state)
