"""How long a reader looks at an entry: counted while it is in sight and the program is in front."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.api import review as api
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.logic.review.state import CurrentState, Phase


class ReadingTime:
    """``clock`` gives seconds."""

    def __init__(self, client: EngineClient, current: CurrentState, clock: Callable[[], float], on_error: Callable[[IDCBrowserError], None]) -> None:
        self._client, self._current, self._clock, self._on_error = client, current, clock, on_error
        self._since: float | None = None
        self._in_front = True

    def start(self) -> None:
        """An entry came into sight."""
        self._since = self._clock() if self._in_front else None

    def stop(self) -> None:
        """Nothing is in sight; what was not kept is forgotten."""
        self._since = None

    def keep(self) -> None:
        """Write it down: done whenever something else is written, so that a crash costs little of it."""
        state = self._current.value
        if self._since is None or state.entry is None or not state.reader:
            return
        now = self._clock()
        seconds, self._since = now - self._since, now
        if seconds > 0:
            self._client.ask(api.SPENT({"reader": state.reader, "entry": state.number, "seconds": seconds}), None, self._on_error)

    def set_in_front(self, in_front: bool) -> None:
        """Time counts only while the reader is at it."""
        if in_front is not self._in_front:
            self.keep()
            self._in_front = in_front
            self._since = self._clock() if in_front and self._current.value.phase is Phase.SHOWN else None
