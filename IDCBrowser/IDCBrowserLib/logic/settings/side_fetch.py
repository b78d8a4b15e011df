"""Getting a side index that a panel misses, in the background. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from IDCBrowserLib.api.indices import FETCH_SIDE_INDEX, FetchedIndex, FetchIndexParameters
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.task import Progress
from IDCBrowserLib.wording import human_size


@dataclass(frozen=True)
class FetchState:
    """``name`` is the index under way or the last one; ``text`` how far it is or why it failed."""

    name: str = ""
    running: bool = False
    text: str = ""


class SideFetch:
    """``fetch(name)``; ``changed(FetchState)``, ``arrived(name)`` when it can be used, ``ended(name)`` however it ended.

    ``source`` gives the address or folder to take it from; "" means IDC's own.
    """

    def __init__(self, client: EngineClient, source: Callable[[], str] = str) -> None:
        self._client = client
        self._source = source
        self._request: Request | None = None
        self.state = FetchState()
        self.changed: Signal[FetchState] = Signal()
        self.arrived: Signal[str] = Signal()
        self.ended: Signal[str] = Signal()

    def fetch(self, name: str) -> None:
        """Get one; one at a time."""
        if self.state.running:
            return
        self._set(FetchState(name, True, _("Fetching {name}...").format(name=name)))
        parameters: FetchIndexParameters = {"name": name}
        source = self._source()
        if source:
            parameters["from"] = source
        self._request = self._client.ask(
            FETCH_SIDE_INDEX(parameters),
            lambda result: self._done(name, result),
            lambda error: self._fail(name, error),
            lambda progress: self._tell(name, progress),
        )

    def cancel(self) -> None:
        """Stop."""
        if self._request is not None and self.state.running:
            self._request.cancel()
            self._request = None
            self._set(FetchState(self.state.name, False, _("Stopped fetching {name}.").format(name=self.state.name)))
            self.ended.emit(self.state.name)

    def _tell(self, name: str, progress: Progress) -> None:
        done, total = human_size(progress.done), human_size(progress.total) if progress.total else ""
        text = _("Fetching {name}: {done} of {total}") if total else _("Fetching {name}: {done}")
        self._set(FetchState(name, True, text.format(name=name, done=done, total=total)))

    def _done(self, name: str, result: FetchedIndex) -> None:
        self._request = None
        self._set(FetchState(name, False, _("{name} was fetched ({size}).").format(name=name, size=human_size(result["bytes"]))))
        self.arrived.emit(name)
        self.ended.emit(name)

    def _fail(self, name: str, error: IDCBrowserError) -> None:
        self._request = None
        self._set(FetchState(name, False, str(error)))
        self.ended.emit(name)

    def _set(self, state: FetchState) -> None:
        self.state = state
        self.changed.emit(state)
