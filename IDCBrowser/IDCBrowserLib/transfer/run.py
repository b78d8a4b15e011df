"""One transfer in progress: an event loop over the stages. Listing and checking run in threads, moving in s5cmd; only the loop changes states."""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.context import TransferContext
from IDCBrowserLib.transfer.control import TransferControl
from IDCBrowserLib.transfer.fetcher import Fetcher
from IDCBrowserLib.transfer.folders.incoming import Incoming
from IDCBrowserLib.transfer.folders.journal import Journal
from IDCBrowserLib.transfer.folders.series_folder import SeriesFolder
from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.lister import Lister
from IDCBrowserLib.transfer.options import TransferOptions

logger = logging.getLogger(__name__)

_TICK_S = 0.1
_MOST_IDLE = 50
# A series that was looked at so shortly before the end is not looked at again.
_FRESH_S = 1.0
_ELSEWHERE = "Waiting for another download of the same series into this folder"


class TransferRun:
    """See ``download.download``. ``stopped_because`` is what ended it early, ``disk_failed`` that it was the disk."""

    def __init__(
        self,
        items: Sequence[TransferItem],
        destination: Path,
        incoming: Incoming,
        *,
        options: TransferOptions,
        task: Task,
        journal: Journal,
        program: Path,
        control: TransferControl | None = None,
    ) -> None:
        if not destination.is_symlink():
            journal.adopt(str(destination), incoming.top.path)
        self._context = TransferContext(items, destination, incoming, options=options, task=task, journal=journal)
        self._fetcher = Fetcher(self._context, program)
        self._lister = Lister(self._context, items, self._fetcher.fetch)
        self._control = control or TransferControl()
        self._idle = 0
        self._control.begin(items)
        self._control.on_change(self._wake)
        task.on_cancel(self._cancelled)

    @property
    def stopped_because(self) -> str:
        """A sentence, or ""."""
        return self._context.stopped_because

    @property
    def disk_failed(self) -> bool:
        """Whether that was the disk."""
        return self._context.disk_failed

    def on_complete(self, told: Callable[[TransferItem], None]) -> None:
        """Call this for each series that is complete."""
        self._context.on_complete = told

    def wait_for_room(self, needed: int) -> None:
        """Move nothing before so many bytes fit on the disk."""
        self._context.wait_for_room(needed)

    def run(self) -> None:
        """Until every series has ended."""
        context = self._context
        while context.progress.left and not context.task.cancelled and not context.stopped_because:
            self._cancel_series(self._control.take_cancelled())
            self._limit(self._control.take_limit())
            self._move()
            self._take_events()
            self._tick()
            self._notice_standstill()
        context.end_rest()
        self._look_once_more()
        context.progress.report(0, final=True)

    def _look_once_more(self) -> None:
        """What was complete may have been deleted while others came."""
        context = self._context
        latest = time.monotonic() - _FRESH_S
        for item in context.progress.items:
            if item.state is TransferState.COMPLETE and item.completed < latest and not context.task.cancelled:
                sizes = item.files()
                gone = SeriesFolder(context.incoming.top, item.directory).not_here(sizes)
                if gone:
                    context.say_gone(item, sizes, gone)

    def close(self) -> None:
        """Stop everything that still runs."""
        context = self._context
        context.ending = True
        self._fetcher.close(at_once=bool(context.task.cancelled or context.stopped_because or context.progress.left))
        self._lister.close()
        context.locks.close()

    def _move(self) -> None:
        self._fetcher.go_on_when_there_is_space()
        if self._context.space.reason or self._control.paused:
            self._fetcher.halt()
            return
        if self._fetcher.wants_more:
            self._lister.start()
        self._fetcher.feed(no_more=self._lister.is_done)

    def _take_events(self) -> None:
        try:
            event = self._context.events.get(timeout=_TICK_S)
            while not self._context.task.cancelled:
                event()
                event = self._context.events.get_nowait()
        except queue.Empty:
            return

    def _tick(self) -> None:
        if self._context.progress.due:
            so_far = self._context.incoming.arrived_bytes()
            held = "paused" if self._control.paused else "room" if self._context.space.reason else ""
            elsewhere = _ELSEWHERE if self._lister.waits and self._fetcher.is_idle else ""
            self._context.progress.report(so_far, held=held, note={"paused": "Paused", "room": self._context.space.reason}.get(held, elsewhere))
            self._fetcher.watch()

    def _notice_standstill(self) -> None:
        """A series that nobody works on would be waited for without end: that is a fault of this program, and is said."""
        context = self._context
        resting = bool(context.space.reason) or self._control.paused
        self._idle = self._idle + 1 if self._fetcher.is_idle and self._lister.is_done and not resting else 0
        if self._idle > _MOST_IDLE and context.progress.left:
            logger.error("nothing is running, though %d series have not ended", context.progress.left)
            context.stop("internal error (nothing is running any more); please report it with the log, then start again")

    def _limit(self, rate: float | None) -> None:
        if rate is not None:
            self._fetcher.limit(rate)
            self._context.progress.limit(rate)

    def _cancel_series(self, names: set[str]) -> None:
        if not names:
            return
        chosen = [item for item in self._context.progress.items if not item.ended and names & {item.series.series_uid, item.series.crdc_series_uuid}]
        for item in chosen:
            self._context.cancel(item)
        self._fetcher.drop_ended()
        for item in chosen:
            # Once more: s5cmd may have made the folder again before it stopped.
            self._context.incoming.drop_series(item.series.crdc_series_uuid)

    def _cancelled(self) -> None:
        self._fetcher.stop()
        self._wake()

    def _wake(self) -> None:
        self._context.events.put(lambda: None)
