"""Reads that run side by side, and are left alone when nobody waits for them any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from IDCBrowserLib.task import Task

T = TypeVar("T")

_THREADS = 8
_LOOK_S = 0.02


class _Threads:
    """Made at the first use and kept: threads have connections of their own, which are used again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def submit(self, job: Callable[[], T]) -> Future[T]:
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(_THREADS, "preview")
            return self._pool.submit(job)


_threads = _Threads()


def gather(jobs: Sequence[Callable[[], T]], task: Task) -> list[T]:
    """The results in order. Raises ``CancelledError`` as soon as ``task`` is canceled, however long the network keeps a thread; else the
    error of the first job that failed.
    """
    futures = [_threads.submit(job) for job in jobs]
    waiting = set(futures)
    while waiting:
        _done, waiting = wait(waiting, _LOOK_S)
        if task.cancelled:
            for future in waiting:
                future.cancel()
            task.raise_if_cancelled()
    return [future.result() for future in futures]
