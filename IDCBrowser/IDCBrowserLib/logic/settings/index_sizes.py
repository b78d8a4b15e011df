"""Sizes of index files that are not on this computer, asked of the server. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from IDCBrowserLib.api.indices import SIDE_INDEX_BYTES
from IDCBrowserLib.catalog.files.fetching import is_web
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.signal import Signal

# A server that leaves so many questions in a row unanswered is asked no more for now.
_MAX_SILENT = 2


class IndexSizes:
    """``known`` bytes by name, ``changed()`` when there are more.

    Asked one after the other, so that fetching, which takes turns with these questions, waits for one at most.
    """

    def __init__(self, client: EngineClient, source: Callable[[], str]) -> None:
        self._client = client
        self._source = source
        self._place = ""
        self._waiting: list[str] = []
        self._silent = 0
        self._request: Request | None = None
        self.known: Mapping[str, int] = {}
        self.changed: Signal[[]] = Signal()

    def ask(self, names: Sequence[str]) -> None:
        """Ask for those that are not known yet."""
        if self._source() != self._place:
            self.forget()
            self._place = self._source()
        self._silent = 0
        self._waiting += [name for name in names if name not in self.known and name not in self._waiting]
        self._next()

    def stop(self) -> None:
        """Ask no more: something else needs the line."""
        self._waiting = []

    def forget(self) -> None:
        """Another place or another release has others."""
        self.stop()
        if self._request is not None:
            self._request.cancel()
            self._request = None
        if self.known:
            self.known = {}
            self.changed.emit()

    def _next(self) -> None:
        if self._request is None and self._waiting:
            name = self._waiting.pop(0)
            self._request = self._client.ask(
                SIDE_INDEX_BYTES({"names": [name], "from": self._place}),
                lambda result: self._learn_size(name, result["bytes"].get(name)),
                lambda _error: self._learn_size(name, None),
            )

    def _learn_size(self, name: str, size: int | None) -> None:
        self._request = None
        if size is not None:
            self._silent = 0
            self.known = {**self.known, name: size}
            self.changed.emit()
        elif not self._place or is_web(self._place):
            self._silent += 1
            if self._silent >= _MAX_SILENT:
                self.stop()
        self._next()
