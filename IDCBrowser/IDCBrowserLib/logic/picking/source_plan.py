"""What manifests or pasted identifiers mean, asked of the engine; downloaded only when the user says so. Knows no widgets."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, PlanState, SeriesOutcome
from IDCBrowserLib.signal import Signal


class SourcePlan:
    """``open`` asks, ``clear`` forgets. Signals: ``changed(PlanState)``, ``failed(text)``; a plan that names no series fails with its reason."""

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._request: Request | None = None
        # All of what was opened; what is taken of it may be a part.
        self._base: Mapping[str, Any] | None = None
        self._parameters: Mapping[str, Any] = {}
        self.state = PlanState()
        self.changed = Signal()
        self.failed = Signal()

    def open(self, sources: Sequence[str], parameters: Mapping[str, Any] | None = None) -> None:
        """Files and identifiers; replaces what was open. ``parameters`` as of ``choose``."""
        self._cancel()
        self._base = None
        self._parameters = dict(parameters or {})
        self._set(PlanState(tuple(sources)))
        self._request = self._client.request("selection.plan", {"sources": list(sources)}, self._planned, self._fail)

    def choose(self, parameters: Mapping[str, Any]) -> None:
        """Take a part of it, or what belongs to it (parameters of ``selection.plan``); its sources are not read again."""
        self._parameters = dict(parameters)
        if self._base is not None:
            self._choose()

    def open_again(self) -> None:
        """Another engine does not know the plan of the former one."""
        if self.state.sources:
            self.open(self.state.sources, self._parameters)

    @property
    def modalities(self) -> tuple[str, ...]:
        """Of all that was opened."""
        return tuple(sorted(self._base["modalities"])) if self._base is not None else ()

    def _choose(self) -> None:
        assert self._base is not None
        self._cancel()
        if self._parameters:
            self._set(PlanState(self.state.sources))
            self._request = self._client.request("selection.plan", {"plan": self._base["plan"], **self._parameters}, self._chosen, self._fail)
        else:
            self._chosen(self._base)

    def _chosen(self, document: Mapping[str, Any]) -> None:
        self._request = None
        nothing = "" if document["series_count"] else _("The selection contains nothing of this kind. Choose other content.")
        self._set(PlanState(self.state.sources, document, nothing))

    def clear(self) -> None:
        """Forget it."""
        self._cancel()
        self._base = None
        if self.state.sources:
            self._set(PlanState())

    def _planned(self, document: Mapping[str, Any]) -> None:
        self._request = None
        sources = self.state.sources
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

    def _set(self, state: PlanState) -> None:
        self.state = state
        self.changed.emit(state)


def sources_label(sources: Sequence[str]) -> str:
    """The name of a file, or how many there are."""
    if len(sources) == 1:
        return os.path.basename(sources[0].rstrip("/\\")) or sources[0]
    return _("{count} files or identifiers").format(count=f"{len(sources):,}")


def unresolved_outcomes(document: Mapping[str, Any]) -> tuple[SeriesOutcome, ...]:
    """Each line that names nothing: where it is, what it says, why it cannot be used; then warnings, then how many more there are."""
    lines = [SeriesOutcome("", _where(item), Kind.WARNING, _what(item)) for item in document.get("unresolved", ())]
    lines += [SeriesOutcome("", _("Selection"), Kind.WARNING, text) for text in document.get("warnings") or ()]
    more = document.get("unresolved_count", 0) - len(document.get("unresolved", ()))
    if more > 0:
        text = _("{count} more lines were skipped.").format(count=f"{more:,}")
        lines.append(SeriesOutcome("", _("Selection"), Kind.WARNING, text))
    return tuple(lines)


def _where(item: Mapping[str, Any]) -> str:
    name = sources_label([str(item["source"])])
    return name if item.get("line") is None else _("{name}, line {line}").format(name=name, line=f"{item['line']:,}")


def _what(item: Mapping[str, Any]) -> str:
    said = " ".join(str(item.get("text") or "").split())
    return f"{said}: {item['reason']}" if said and said != item["source"] else str(item["reason"])
