"""Counts what a transfer has done and tells the task, a few times a second, whatever the number of series."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from IDCBrowserLib.api.transfer import Moving
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.meter import SpeedMeter

_INTERVAL_S = 0.25
# A message never gets large: the rest of the changes comes with the next one.
_MAX_CHANGES = 200


class ProgressReporter:
    """Knows the sums, so that a report does not walk through the series."""

    def __init__(self, items: Sequence[TransferItem], task: Task, limit_rate: float = 0.0) -> None:
        self.items = items
        self._task = task
        self._meter = SpeedMeter(limit=limit_rate)
        self._bytes_total = sum(item.bytes_total for item in items)
        self._bytes_done = 0
        self._bytes_fetched = 0
        self._ended = 0
        self.directory_of: Callable[[TransferItem], str] = lambda item: item.directory
        self._changed: dict[TransferItem, None] = {}
        self._next = 0.0

    def limit(self, rate: float) -> None:
        """So many bytes per second from now on, 0 for no limit."""
        self._meter.limit = rate

    @property
    def left(self) -> int:
        """Series that have not ended."""
        return len(self.items) - self._ended

    @property
    def due(self) -> bool:
        """Whether it is time for the next report."""
        return time.monotonic() >= self._next

    def set_total(self, item: TransferItem, files: int, size: int) -> None:
        """What the listing says of a series."""
        self._bytes_total += size - item.bytes_total
        item.files_total, item.bytes_total = files, size
        self._changed[item] = None

    def add_done(self, item: TransferItem, size: int, fetched: bool) -> None:
        """One more file is verified."""
        item.files_done += 1
        item.bytes_done += size
        self._bytes_done += size
        if fetched:
            item.bytes_fetched += size
            self._bytes_fetched += size
        self._changed[item] = None

    def take_back(self, item: TransferItem, files: int, size: int) -> None:
        """Files that were verified are gone."""
        item.files_done -= files
        item.bytes_done -= size
        self._bytes_done -= size
        self._changed[item] = None

    def change(self, item: TransferItem, state: TransferState) -> None:
        """A series goes to another state."""
        if item.state is state:
            return
        before = item.ended
        item.go(state)
        self._ended += item.ended - before
        self._changed[item] = None

    def report(self, bytes_under_way: int, final: bool = False, held: str = "", note: str = "") -> None:
        """Tell the task; ``note`` says why nothing moves, ``held`` the same in a word: "paused" or "room"."""
        self._next = time.monotonic() + _INTERVAL_S
        (self._meter.rest if held else self._meter.update)(self._bytes_fetched + bytes_under_way)
        done = min(self._bytes_done + bytes_under_way, self._bytes_total)
        while True:
            changed = list(self._changed)[:_MAX_CHANGES]
            for item in changed:
                del self._changed[item]
            self._task.report(
                Progress(
                    "Downloading",
                    done,
                    self._bytes_total,
                    "B",
                    note or f"{self._ended:,} of {len(self.items):,} series",
                    self._meter.seconds_left(self._bytes_total - done),
                    {
                        "series": [self._entry(item) for item in changed],
                        "bytes_per_second": round(self._meter.bytes_per_second),
                        "held": held,
                    },
                )
            )
            if not final or not self._changed:
                return

    def _entry(self, item: TransferItem) -> Moving:
        return {
            "SeriesInstanceUID": item.series.series_uid,
            "crdc_series_uuid": item.series.crdc_series_uuid,
            "Modality": item.series.modality,
            "state": item.state.value,
            "files": item.files_done,
            "files_total": item.files_total,
            "bytes": item.bytes_done,
            "bytes_total": item.bytes_total,
            "directory": self.directory_of(item),
            "error": item.error or None,
        }
