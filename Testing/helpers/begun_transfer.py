"""What the stages of a transfer share, for tests of one stage: no network and no s5cmd, and events are taken when the test says so."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from helpers.planned import planned
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.context import SeriesWork, TransferContext
from IDCBrowserLib.transfer.folders.incoming import Incoming
from IDCBrowserLib.transfer.folders.journal import Journal
from IDCBrowserLib.transfer.folders.series_folder import SeriesFolder
from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.listing import RemoteObject
from IDCBrowserLib.transfer.options import TransferOptions
from IDCBrowserLib.transfer.progress import ProgressReporter


class BegunTransfer:
    """``count`` series ("uuid-0" in the folder "CT_0", ...) on their way into ``to``; ``values`` are of all of them."""

    def __init__(self, to: Path, options: TransferOptions | None = None, count: int = 2, journal: Path | None = None, **values: Any) -> None:
        self.items = [TransferItem(planned(f"uuid-{number}", number, **values), f"CT_{number}") for number in range(count)]
        self.task = Task()
        self.incoming = Incoming(to)
        self.journal = Journal(journal)
        self.context = TransferContext(self.items, to, self.incoming, options=options or TransferOptions(), task=self.task, journal=self.journal)

    def listed(self, number: int, sizes: Mapping[str, int]) -> SeriesWork:
        """That series has been listed: these files have to come."""
        item = self.items[number]
        work = self.context.works[item] = SeriesWork(item, SeriesFolder(self.incoming.top, item.directory), sizes=dict(sizes))
        work.waiting = dict.fromkeys(sizes)
        self.context.change(item, TransferState.LISTING)
        self.context.progress.set_total(item, len(sizes), sum(sizes.values()))
        return work

    def take_events(self, until: Callable[[], object]) -> None:
        """What the threads tell, as the loop takes it, until that is so."""
        while not until():
            self.context.events.get(timeout=20)()

    @property
    def progress(self) -> ProgressReporter:
        return self.context.progress

    def states(self) -> list[str]:
        """Of all series."""
        return [item.state.value for item in self.items]

    def close(self) -> None:
        """End it."""
        self.context.ending = True
        self.context.locks.close()
        self.journal.close()
        self.incoming.close()


def remote(number: int, name: str, content: bytes = b"DICM", md5: str | None = None) -> RemoteObject:
    """An object of the series of that number."""
    stated = hashlib.md5(content, usedforsecurity=False).hexdigest() if md5 is None else md5
    return RemoteObject(f"uuid-{number}/{name}", name, len(content), stated)
