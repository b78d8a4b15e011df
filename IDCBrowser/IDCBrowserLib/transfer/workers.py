"""Worker threads whose failures are always reported, and that nobody waits for when they hang."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

# At the end of a transfer nobody waits longer for a thread that hangs.
CLOSING_S = 1.0


class Workers:
    """``submit`` from any thread. ``failed`` is called, in the thread, with what nobody foresaw; it is in the log with its traceback by then.

    They are daemons: a thread that hangs in a read of a dead disk does not keep the program alive.
    """

    def __init__(self, count: int, name: str) -> None:
        self._waiting: queue.SimpleQueue[tuple[Callable[[], None], Callable[[Exception], None]] | None] = queue.SimpleQueue()
        self._name = name
        self._count = count
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._busy = 0

    @property
    def busy(self) -> bool:
        """Whether anything is under way or waits."""
        return self._busy > 0

    def submit(self, work: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        """Do it as soon as a thread is free."""
        with self._lock:
            self._busy += 1
            self._waiting.put((work, failed))
            if len(self._threads) < min(self._count, self._busy):
                thread = threading.Thread(target=self._run, name=f"{self._name}-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def close(self, timeout_s: float = CLOSING_S) -> None:
        """Wait so long for what is under way; what waits is dropped."""
        with self._lock:
            while not self._waiting.empty():
                if self._waiting.get() is not None:
                    self._busy -= 1
            for _ in self._threads:
                self._waiting.put(None)
        end = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _run(self) -> None:
        while (task := self._waiting.get()) is not None:
            work, failed = task
            try:
                work()
            except Exception as error:  # the seam between a thread and its loop: whatever happens must be told
                logger.warning("%s failed", self._name, exc_info=True)
                failed(error)
            finally:
                with self._lock:
                    self._busy -= 1
