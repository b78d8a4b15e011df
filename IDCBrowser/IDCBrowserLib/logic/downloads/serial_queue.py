"""Work that must not run side by side: one after the other, in the order in which it was asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from IDCBrowserLib.host_interface import Cancellable

# Called with what has to be called at its end; gives what can be cancelled.
Start = Callable[[Callable[[], None]], Cancellable]


class Turns:
    """``take`` starts work now or when all before it has ended."""

    def __init__(self) -> None:
        self._waiting: deque[_Turn] = deque()
        self._running: _Turn | None = None

    def take(self, start: Start) -> Cancellable:
        """Cancelling it before its turn means that it never starts."""
        turn = _Turn(self, start)
        self._waiting.append(turn)
        self._next()
        return turn

    def end(self, turn: _Turn) -> None:
        """It has ended, or is not wanted any more."""
        if turn is self._running:
            self._running = None
            self._next()
        elif turn in self._waiting:
            self._waiting.remove(turn)

    def _next(self) -> None:
        if self._running is None and self._waiting:
            turn = self._running = self._waiting.popleft()
            turn.begin()


class _Turn:
    def __init__(self, turns: Turns, start: Start) -> None:
        self._turns = turns
        self._start = start
        self._handle: Cancellable | None = None

    def begin(self) -> None:
        self._handle = self._start(lambda: self._turns.end(self))

    def cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._turns.end(self)
