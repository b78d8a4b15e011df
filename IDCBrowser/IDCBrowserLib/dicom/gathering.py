"""Reads that run side by side, and are left alone when nobody waits for them any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

from IDCBrowserLib.errors import CancelledError
from IDCBrowserLib.task import Task

T = TypeVar("T")

_THREADS = 8
_LOOK_S = 0.02
# Of reads whose results are used one after the other: those that run or wait for a thread, or have come and were not asked for yet.
_AHEAD = 2 * _THREADS


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


class Ahead(Generic[T]):
    """Reads whose results are used in about their order: while one is used the next ones run. Results may be taken from any thread."""

    def __init__(self, jobs: Sequence[Callable[[], T]], task: Task) -> None:
        self._jobs = jobs
        self._task = task
        self._lock = threading.Lock()
        self._futures: dict[int, Future[T]] = {}
        self._stopped = False
        self._error: Exception | None = None
        self._begin(0)

    def take(self, number: int) -> T:
        """The result of a job, which may be taken again. Raises what it raises, and ``CancelledError`` once canceled or stopped; when one has
        failed the others are not waited for, and raise the same.
        """
        self._begin(number)
        future = self._futures.get(number)
        while future is not None:
            wait([future], _LOOK_S)
            if future.done() and not future.cancelled():
                return self._result(future)
            if self._task.cancelled or self._stopped:
                break
        self.stop()
        if self._error is not None and not self._task.cancelled:
            raise self._error
        raise CancelledError

    def stop(self) -> None:
        """Begin nothing more."""
        with self._lock:
            self._stopped = True
            for future in self._futures.values():
                future.cancel()

    def _begin(self, first: int) -> None:
        with self._lock:
            for number in range(first, min(first + _AHEAD, len(self._jobs))):
                if number not in self._futures and not self._stopped and not self._task.cancelled:
                    self._futures[number] = _threads.submit(self._jobs[number])

    def _result(self, future: Future[T]) -> T:
        try:
            return future.result()
        except Exception as error:
            self._error = self._error or error
            self.stop()
            raise
