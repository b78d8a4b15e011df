"""A first-in, first-out queue for work that must not run in parallel, such as loading into the scene."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from IDCBrowserLib.host_interface import Cancellable

# Starts the work; is given the function to call when the work has ended, and returns a handle to cancel it.
Start = Callable[[Callable[[], None]], Cancellable]


class SerialQueue:
    """Runs one piece of work at a time."""

    def __init__(self) -> None:
        self._waiting: deque[_QueuedWork] = deque()
        self._running: _QueuedWork | None = None

    def add(self, start: Start) -> Cancellable:
        """Start the work now, or once everything before it has ended. Cancelling the returned handle before that means it never starts."""
        work = _QueuedWork(self, start)
        self._waiting.append(work)
        self._next()
        return work

    def end(self, work: _QueuedWork) -> None:
        """The work has ended or was canceled; start the next."""
        if work is self._running:
            self._running = None
            self._next()
        elif work in self._waiting:
            self._waiting.remove(work)

    def _next(self) -> None:
        if self._running is None and self._waiting:
            work = self._running = self._waiting.popleft()
            work.begin()


class _QueuedWork:
    def __init__(self, queue: SerialQueue, start: Start) -> None:
        self._queue = queue
        self._start = start
        self._handle: Cancellable | None = None

    def begin(self) -> None:
        self._handle = self._start(lambda: self._queue.end(self))

    def cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._queue.end(self)
