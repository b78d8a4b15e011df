"""The download plan of opened manifests or pasted identifiers; nothing is downloaded until the user asks for it. Knows no widgets."""

from __future__ import annotations

from collections.abc import Sequence

from IDCBrowserLib.api import selection as api
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.source_text import sources_label
from IDCBrowserLib.logic.base.state import PlanState
from IDCBrowserLib.signal import Signal


class SourcePlan:
    """``open`` asks, ``clear`` forgets; ``set_aside`` hides it while rows are selected, ``bring_back`` shows it again.

    ``opened`` is what is open, ``state`` what of it is downloaded: nothing while it is set aside.
    Signals: ``changed(PlanState)``, ``failed(text)``; a plan that names no series fails with its reason.
    """

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._request: Request | None = None
        # All of what was opened; what is taken of it may be a part.
        self._base: api.Plan | None = None
        self._content: api.Content = {}
        self._is_aside = False
        self.opened = PlanState()
        self.changed: Signal[PlanState] = Signal()
        self.failed: Signal[str] = Signal()

    def open(self, sources: Sequence[str], content: api.Content | None = None) -> None:
        """Files and identifiers; replaces what was open. ``content`` as of ``choose``."""
        self._cancel()
        self._forget_base()
        self._content = content or {}
        self._set(PlanState(tuple(sources)))
        self._request = self._client.ask(api.PLAN({"sources": list(sources)}), self._planned, self._fail)

    def choose(self, content: api.Content) -> None:
        """Take a part of it, or what belongs to it; its sources are not read again."""
        self._content = content
        if self._base is not None:
            self._choose()

    def open_again(self) -> None:
        """Another engine does not know the plan of the former one."""
        if self.opened.sources:
            self.open(self.opened.sources, self._content)

    @property
    def state(self) -> PlanState:
        """What is downloaded."""
        return PlanState() if self._is_aside else self.opened

    @property
    def modalities(self) -> tuple[str, ...]:
        """Of all that was opened."""
        return tuple(sorted(self._base["modalities"])) if self._base is not None else ()

    def _choose(self) -> None:
        assert self._base is not None
        self._cancel()
        if self._content:
            self._set(PlanState(self.opened.sources))
            self._request = self._client.ask(api.PLAN({"plan": self._base["plan"], "content": self._content}), self._chosen, self._fail)
        else:
            self._chosen(self._base)

    def _chosen(self, document: api.Plan) -> None:
        self._request = None
        nothing = "" if document["series_count"] else _("The selection contains nothing of this kind. Choose other content.")
        self._set(PlanState(self.opened.sources, document, nothing))

    def await_sources(self, sources: Sequence[str]) -> None:
        """These are being looked at; ``open`` or ``clear`` follows."""
        self.clear()
        self._set(PlanState(tuple(sources)))

    def clear(self) -> None:
        """Forget it."""
        self.bring_back()
        self._cancel()
        self._forget_base()
        if self.opened.sources:
            self._set(PlanState())

    def set_aside(self) -> None:
        """Something else is downloaded for a while, also when its answer arrives meanwhile."""
        self._put_aside(True)

    def bring_back(self) -> None:
        """It is what is downloaded again."""
        self._put_aside(False)

    def _put_aside(self, aside: bool) -> None:
        was, self._is_aside = self._is_aside, aside
        if was is not aside and self.opened.sources:
            self.changed.emit(self.state)

    def _planned(self, document: api.Plan) -> None:
        self._request = None
        sources = self.opened.sources
        if document["series_count"]:
            self._base = document
            self._choose()
            return
        # It stays in sight, so that its lines can be read under Results; there is nothing to download in it.
        text = _("{name} contains nothing to download.").format(name=sources_label(sources))
        first = document["unresolved"][0]["reason"] if document["unresolved"] else ""
        self._set(PlanState(sources, document, text))
        self.failed.emit(f"{text} {_('First reason: {reason}.').format(reason=first)}" if first else text)

    def _fail(self, error: IDCBrowserError) -> None:
        self._request = None
        self._set(PlanState())
        self.failed.emit(str(error))

    def _cancel(self) -> None:
        if self._request is not None:
            self._request.cancel()
            self._request = None

    def _forget_base(self) -> None:
        base, self._base = self._base, None
        # What is shown closes with what shows it.
        if base is not None and base is not self.opened.document:
            self._close(base)

    def _close(self, plan: api.Plan) -> None:
        if self._client.is_ready:
            self._client.ask(api.CLOSE_PLAN({"plan": plan["plan"]}))

    def _set(self, state: PlanState) -> None:
        """Show it; the plan that was shown before is closed, unless others are made from it."""
        former = self.opened.document
        if former is not None and former is not state.document and former is not self._base:
            self._close(former)
        self.opened = state
        self.changed.emit(self.state)
