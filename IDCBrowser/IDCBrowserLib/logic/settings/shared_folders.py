"""Shared stores of this user: typed as one line, checked and remembered by the engine. Knows no widgets."""

from __future__ import annotations

import os
from collections.abc import Callable

from IDCBrowserLib import site_defaults
from IDCBrowserLib.api.store import SET_SHARED_STORES
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.signal import Signal


class SharedFolders:
    """``changed()`` tells a new text or problem; ``on_stored`` is called when other folders hold."""

    def __init__(self, client: EngineClient, on_stored: Callable[[], object]) -> None:
        self._client = client
        self._on_stored = on_stored
        self._typed: str | None = None
        self._request: Request | None = None
        self.problem = ""
        self.changed: Signal[[]] = Signal()

    @property
    def text(self) -> str:
        """What the field shows, with what separates folders in ``PATH`` between them: what was typed while it has a problem, else what holds."""
        return self._in_force() if self._typed is None else self._typed

    def put(self, text: str) -> None:
        """Let these folders hold if all of them can be read."""
        folders = list(dict.fromkeys(part.strip() for part in text.split(os.pathsep) if part.strip()))
        if self._request is None and os.pathsep.join(folders) == self._in_force():
            self._decide(None, "")
            return
        if self._request is not None:
            # What it asked for may hold already: the next one is asked for whatever it says.
            self._request.cancel()
        self._typed = text
        self._request = self._client.ask(SET_SHARED_STORES({"folders": folders}), lambda _answer: self._stored(), self._not_stored)

    def add(self, folder: str) -> None:
        """One more."""
        self.put(os.pathsep.join(part for part in (self.text, folder) if part))

    def _in_force(self) -> str:
        return os.pathsep.join(map(str, site_defaults.shared_stores()))

    def _stored(self) -> None:
        self._request = None
        site_defaults.forget()
        self._decide(None, "")
        self._on_stored()

    def _not_stored(self, error: IDCBrowserError) -> None:
        self._request = None
        site_defaults.forget()
        self._decide(self._typed, str(error))

    def _decide(self, typed: str | None, problem: str) -> None:
        self._typed, self.problem = typed, problem
        self.changed.emit()
