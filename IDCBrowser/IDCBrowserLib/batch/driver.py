"""Runs a batch: takes items from the ledger, gives them to a pool, and writes down what became of them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from IDCBrowserLib.batch.fetching import clear_scratch
from IDCBrowserLib.batch.ledger import DONE, WAITING, Ledger, Result, Row, outputs_are_there
from IDCBrowserLib.batch.pool import Pool
from IDCBrowserLib.batch.settings import Settings
from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.wording import human_size

MAX_TRIES = 2
# Items that are marked as running at once: each mark waits for the disk.
_AHEAD = 64
_WRITE_EVERY_S = 0.25
_WATCH_EVERY_S = 0.5
_WAIT_S = 0.1


class Driver:
    """One run over the waiting items of a ledger. ``scratch_bytes``: how much of what is not kept may be on disk at a time, None for no limit."""

    def __init__(self, ledger: Ledger, settings: Settings, pool: Pool, task: Task, scratch_bytes: int | None = None) -> None:
        self._ledger = ledger
        self._settings = settings
        self._pool = pool
        self._task = task
        self._scratch = scratch_bytes
        self._running: dict[int, Row] = {}
        self._granted: dict[int, int] = {}
        self._ready: deque[Row] = deque()
        self._ended: list[Result] = []
        self._full = ""
        self._written = self._watched = self._begun = time.monotonic()
        self._total = self._done_before = 0
        self._done = self._failed = 0

    def run(self) -> None:
        """Until nothing waits. Raises ``CancelledError`` when asked to stop and ``StorageError`` when the disk is full; both lose nothing."""
        self._check_done()
        counts = self._ledger.counts()
        self._total = sum(counts.values())
        self._done_before = counts["done"] + counts["failed"]
        self._failed = counts["failed"]
        waiting = self._ledger.rows(WAITING)
        try:
            while not self._full:
                self._task.raise_if_cancelled()
                self._fill(waiting)
                if not self._running:
                    break
                self._collect(_WAIT_S)
                self._look_after()
            if self._full:
                raise StorageError(f"{self._full} What is done is kept; free some disk space, then start the same command again.")
        finally:
            self._stop()

    def _check_done(self) -> None:
        """What is done and whose files are no longer there is done again."""
        folder = self._settings.folder
        gone = [row.number for row in self._ledger.rows(DONE) if not outputs_are_there(folder, row.outputs)]
        if gone:
            self._ledger.put_back(gone)

    def _fill(self, waiting: Iterator[Row]) -> None:
        free = self._pool.free()
        while free:
            if len(self._ready) < free:
                self._take_more(waiting)
            row = next((row for row in self._ready if self._fits(row)), None)
            if row is None:
                return
            self._ready.remove(row)
            self._begin(row)
            free -= 1

    def _take_more(self, waiting: Iterator[Row]) -> None:
        more = [row for _, row in zip(range(_AHEAD), waiting, strict=False)]
        if more:
            self._ledger.start([row.number for row in more])
            self._ready += more

    def _fits(self, row: Row) -> bool:
        """An item that is larger than all of the scratch space runs alone, and may turn out to need less."""
        return self._scratch is None or not self._granted or sum(self._granted.values()) + row.bytes <= self._scratch

    def _begin(self, row: Row) -> None:
        request: dict[str, Any] = {"number": row.number, "item": row.item.to_json()}
        if self._scratch is not None:
            request["granted"] = self._granted[row.number] = min(row.bytes, self._scratch)
        self._running[row.number] = row
        self._pool.submit(request)

    def _collect(self, wait_s: float) -> None:
        for number, answer, died in self._pool.results(wait_s):
            self._granted.pop(number, None)
            row = self._running.pop(number)
            if answer is None:
                self._died(row, died)
            elif answer["needs"]:
                self._needs(row, int(answer["needs"]))
            elif answer["full"]:
                self._full = str(answer["reason"])
                self._ready.append(row)
            else:
                self._end(Result(number, answer["outputs"], answer["kind"], answer["reason"], answer["seconds"]))

    def _died(self, row: Row, reason: str) -> None:
        if row.tries + 1 >= MAX_TRIES:
            self._end(Result(row.number, [], "EngineError", f"It failed {MAX_TRIES} times; the last time {reason}."))
            clear_scratch(self._settings, row.item.key(self._settings.wanted))
        else:
            self._ledger.put_back([row.number], tried=True)
            self._ledger.start([row.number])
            self._ready.append(row._replace(tries=row.tries + 1))

    def _needs(self, row: Row, size_bytes: int) -> None:
        assert self._scratch is not None
        if size_bytes > self._scratch:
            reason = f"It needs {human_size(size_bytes)} of disk space at once, and --scratch allows {human_size(self._scratch)}."
            self._end(Result(row.number, [], "StorageError", reason))
            clear_scratch(self._settings, row.item.key(self._settings.wanted))
        else:
            self._ledger.grow(row.number, size_bytes)
            self._ready.append(row._replace(bytes=size_bytes))

    def _end(self, result: Result) -> None:
        self._ended.append(result)
        self._done += 1
        self._failed += bool(result.kind)

    def _look_after(self) -> None:
        now = time.monotonic()
        if self._ended and now - self._written > _WRITE_EVERY_S:
            self._write_down()
            self._written = now
            self._tell()
        if now - self._watched > _WATCH_EVERY_S:
            self._pool.watch()
            self._watched = now
            self._tell()

    def _write_down(self) -> None:
        ended, self._ended = self._ended, []
        if ended:
            self._ledger.end(ended)

    def _tell(self) -> None:
        seconds = time.monotonic() - self._begun
        rate = self._done / seconds if seconds > 0 else 0.0
        done = self._done_before + self._done
        left = (self._total - done) / rate if rate else None
        failed = f", {self._failed:,} failed" if self._failed else ""
        message = f"({rate * 60:,.0f} a minute{failed})" if rate else ""
        self._task.report(Progress("Working", done, self._total, "items", message, left))

    def _stop(self) -> None:
        self._collect_quietly()
        self._pool.close()
        self._write_down()
        left = [*self._running, *(row.number for row in self._ready)]
        self._running.clear()
        self._ready.clear()
        if left:
            self._ledger.put_back(left)

    def _collect_quietly(self) -> None:
        """What has ended by now need not be done again."""
        if self._running:
            self._collect(0.0)
