"""The working set: series that a manifest, a list, the cart or a query names, which the tables and filters keep to. Knows no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from IDCBrowserLib.api import working_set as api
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.source_text import lines_outcomes, sources_label
from IDCBrowserLib.logic.base.state import Ranges, SeriesOutcome
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.wording import human_count


@dataclass(frozen=True)
class WorkingSetState:
    """``name`` is "" without a set; ``document`` is None while it is looked up. ``sources`` it was opened from: none for the cart and for queries."""

    name: str = ""
    sources: tuple[str, ...] = ()
    document: api.WorkingSet | None = None


class WorkingSet:
    """``open_...`` asks, ``leave`` forgets.

    Signals: ``changed(WorkingSetState)``, ``failed(error)``, ``missing_wanted()`` when somebody wants to see what was not found.
    """

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._request: Request | None = None
        self._question: api.OpenParameters = {}
        self.state = WorkingSetState()
        self.changed: Signal[WorkingSetState] = Signal()
        self.failed: Signal[IDCBrowserError] = Signal()
        self.missing_wanted: Signal[[]] = Signal()

    @property
    def number(self) -> int | None:
        """What the filter on it is, once it is looked up and names something."""
        document = self.state.document
        return document["set"] if document is not None and document["series"] else None

    @property
    def question(self) -> api.OpenParameters:
        """What it was opened with."""
        return self._question

    def open_sources(self, sources: Sequence[str]) -> None:
        """Files and identifiers."""
        self._open(WorkingSetState(sources_label(sources), tuple(sources)), {"sources": list(sources)})

    def open_cart(self) -> None:
        """What is in the cart now."""
        self._open(WorkingSetState(_("the cart")), {"cart": True})

    def open_rows(self, view: int, ranges: Ranges) -> None:
        """Rows of a query; all of them when ``ranges`` is empty."""
        self._open(WorkingSetState(_("rows of the query")), {"rows": {"view": view, "ranges": [list(item) for item in ranges] or None}})

    def open_again(self) -> None:
        """Another engine knows nothing of it; the rows of a query are gone with the former one."""
        if "rows" in self._question:
            self.leave()
        elif self.state.name:
            self._open(WorkingSetState(self.state.name, self.state.sources), self._question)

    def leave(self) -> None:
        """Keep to nothing any more."""
        if self.state.name:
            self._cancel()
            self._set(WorkingSetState())

    def _open(self, state: WorkingSetState, question: api.OpenParameters) -> None:
        self._cancel()
        self._question = question
        self._set(state)
        self._request = self._client.ask(api.OPEN(question), self._opened, self._fail)

    def _opened(self, document: api.WorkingSet) -> None:
        self._request = None
        self._set(WorkingSetState(self.state.name, self.state.sources, document))

    def _fail(self, error: IDCBrowserError) -> None:
        self._request = None
        self._set(WorkingSetState())
        self.failed.emit(error)

    def _cancel(self) -> None:
        if self._request is not None:
            self._request.cancel()
            self._request = None

    def _set(self, state: WorkingSetState) -> None:
        former, self.state = self.state.document, state
        self.changed.emit(state)
        if former is not None and former is not state.document and self._client.is_ready:
            self._client.ask(api.CLOSE({"set": former["set"]}))


def chip_text(state: WorkingSetState) -> str:
    """What the chip of the set says."""
    if state.document is None:
        return _("Opening {name}...").format(name=state.name)
    return _("Only {name}, {series}").format(name=state.name, series=human_count(state.document["series"], _("series"), _("series")))


def missing_text(state: WorkingSetState) -> str:
    """How many lines name nothing; "" for none."""
    count = state.document["unresolved_count"] if state.document is not None else 0
    return _("{count} not found").format(count=f"{count:,}") if count else ""


def missing_outcomes(state: WorkingSetState) -> tuple[SeriesOutcome, ...]:
    """Each line that names nothing, and how many more there are."""
    document = state.document
    if document is None:
        return ()
    notes = []
    if document["revised"]:
        text = _("{count} of the series are named in an earlier version: the tables show the current one, a download gets the earlier.")
        notes.append(text.format(count=f"{document['revised']:,}"))
    return lines_outcomes(document["unresolved"], document["unresolved_count"], notes)
