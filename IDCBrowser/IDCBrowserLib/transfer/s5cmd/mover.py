"""Keeps s5cmd busy: a queue of objects per endpoint, a bounded number of them under way, restarts when s5cmd dies."""

from __future__ import annotations

import heapq
import itertools
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from IDCBrowserLib.transfer.failure import Failure
from IDCBrowserLib.transfer.folders.arriving import arrival_name
from IDCBrowserLib.transfer.item import TransferItem
from IDCBrowserLib.transfer.listing import RemoteObject
from IDCBrowserLib.transfer.s5cmd.process import S5cmd

# From here on a file's way is watched on the disk, and a command of its own costs nothing.
LARGE = 8_000_000
# As long as large files come faster than this, so few at a time fill the line, and the first are compared while the next ones move.
_QUICK_S = 2.0
_FEW_LARGE = 4


@dataclass(eq=False)
class FileTransfer:
    """One object of one series on its way; ``failed`` counts failed attempts, ``begun`` is when s5cmd was told of it."""

    item: TransferItem
    remote: RemoteObject
    source: str
    provider: str = ""
    failed: int = 0
    failure: Failure | None = None
    begun: float = 0.0
    tried: set[str] = field(default_factory=set)

    @property
    def arrival(self) -> str:
        """Its name while it arrives."""
        return arrival_name(self.item.series.crdc_series_uuid, self.remote.name)

    @property
    def is_large(self) -> bool:
        """Whether moving it takes noticeably longer than asking for it."""
        return self.remote.size >= LARGE


class Mover:
    """All objects that come from one endpoint. Everything is called from one thread, except that ``start`` wires callbacks that are not."""

    def __init__(self, window: int, start: Callable[[], S5cmd], clock: Callable[[], float] = time.monotonic, large_window: int = 8) -> None:
        self._window = window
        self._most_large = large_window
        self._large_window = min(_FEW_LARGE, large_window)
        self._start = start
        self._clock = clock
        self._process: S5cmd | None = None
        self._waiting: deque[FileTransfer] = deque()
        self._closing = False
        self._delayed: list[tuple[float, int, FileTransfer]] = []
        self._numbers = itertools.count()
        self.under_way: dict[str, FileTransfer] = {}

    @property
    def backlog(self) -> int:
        """Objects that s5cmd was not told yet."""
        return len(self._waiting) + len(self._delayed)

    def add(self, files: list[FileTransfer], delay_s: float = 0.0) -> None:
        """Move these, after a delay if it is a repetition."""
        if delay_s <= 0:
            self._waiting.extend(files)
            return
        for file in files:
            heapq.heappush(self._delayed, (self._clock() + delay_s, next(self._numbers), file))

    def feed(self, no_more: bool = False) -> None:
        """Tell s5cmd what fits into the window, starting it when it does not run.

        With ``no_more`` it may end when it is through, and says with that which objects it never found.
        """
        if self._closing:
            return
        while self._delayed and self._delayed[0][0] <= self._clock():
            self._waiting.append(heapq.heappop(self._delayed)[2])
        small, large, many_large = self._next()
        if small or large:
            if self._process is None:
                self._process = self._start()
            self._process.feed(small)
            self._process.feed(large, in_one_piece=many_large)
        if no_more and self._process is not None and not self.backlog:
            self._closing = True
            self._process.finish()

    def _next(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]], bool]:
        """(source, destination) of small and large files that fit, and whether the large ones are many."""
        large_moving = [file for file in self.under_way.values() if file.is_large]
        if any(self._clock() - file.begun > _QUICK_S for file in large_moving):
            # A far or slow server gives each connection little.
            self._large_window = self._most_large
        moving = len(large_moving)
        many_large = moving + sum(file.is_large for file in itertools.islice(self._waiting, self._most_large)) >= self._most_large
        small: list[tuple[str, str]] = []
        large: list[tuple[str, str]] = []
        while self._waiting and len(self.under_way) < self._window:
            if self._waiting[0].is_large and moving >= self._large_window:
                break
            file = self._waiting.popleft()
            if file.item.ended:
                continue
            self.under_way[file.source] = file
            file.begun = self._clock()
            moving += file.is_large
            (large if file.is_large else small).append((file.source, file.arrival))
        return small, large, many_large

    def runs(self, process: S5cmd) -> bool:
        """Whether this is the s5cmd at work now."""
        return process is self._process

    def take(self, source: str) -> FileTransfer | None:
        """The file that s5cmd has finished with."""
        return self.under_way.pop(source, None)

    def exited(self, process: S5cmd) -> list[FileTransfer]:
        """s5cmd has ended; what it had not finished."""
        process.finish()
        if process is not self._process:
            return []
        self._process, self._closing = None, False
        left, self.under_way = list(self.under_way.values()), {}
        return left

    def restart(self) -> list[FileTransfer]:
        """Stop s5cmd; what it had not finished."""
        process, self._process = self._process, None
        self._closing = False
        if process is not None:
            process.stop()
            process.close()
        left, self.under_way = list(self.under_way.values()), {}
        return left

    def stop(self) -> None:
        """Stop s5cmd at once and forget everything. May be called from another thread."""
        process = self._process
        if process is not None:
            process.stop()

    def finish(self) -> None:
        """Let s5cmd end by itself; returns when it has."""
        process, self._process = self._process, None
        if process is not None:
            process.close()
