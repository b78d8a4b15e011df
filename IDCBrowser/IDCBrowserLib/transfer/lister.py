"""The first stage: list series in threads, some ahead of what moves."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

from IDCBrowserLib.errors import CancelledError, IDCBrowserError, StorageError, TransferError
from IDCBrowserLib.surroundings import unforeseen
from IDCBrowserLib.transfer.context import SeriesWork, TransferContext
from IDCBrowserLib.transfer.failure import Failure
from IDCBrowserLib.transfer.folders.arriving import is_series
from IDCBrowserLib.transfer.folders.series_folder import SeriesFolder
from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.listing import EndpointDownError, RemoteObject
from IDCBrowserLib.transfer.prepare import PreparedSeries, prepare
from IDCBrowserLib.transfer.s5cmd.mover import FileTransfer
from IDCBrowserLib.transfer.workers import Workers

_THREADS = 8
_AHEAD = 16
_LOOK_AGAIN_S = 0.5

# (series, provider, objects that have to come)
OnListed = Callable[[SeriesWork, str, Sequence[RemoteObject]], None]


class Lister:
    """Calls ``on_listed``, in the loop's thread, for each series of which something is missing."""

    def __init__(self, context: TransferContext, items: Sequence[TransferItem], on_listed: OnListed) -> None:
        self._context = context
        self._queued = deque(items)
        self._on_listed = on_listed
        self._workers = Workers(_THREADS, "listing")
        self._under_way = 0
        self._elsewhere: list[TransferItem] = []
        self._next_look = 0.0

    @property
    def is_done(self) -> bool:
        """Whether every series has been listed."""
        return not self._queued and not self._under_way and not self._elsewhere

    @property
    def waits(self) -> bool:
        """Whether there are series that another program fetches into this folder at this moment."""
        return bool(self._elsewhere)

    def start(self) -> None:
        """List the next ones, as many as make sense now."""
        if self._elsewhere and time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + _LOOK_AGAIN_S
            self._queued.extend(self._elsewhere)
            self._elsewhere.clear()
        while self._queued and self._under_way < _AHEAD:
            item = self._queued.popleft()
            if item.ended:
                continue
            if not is_series(item.series.crdc_series_uuid):
                self._context.fail(item, f"{item.series.crdc_series_uuid!r} cannot be a series of IDC; report it to IDC")
                continue
            if not self._context.locks.take(item.series.crdc_series_uuid):
                self._elsewhere.append(item)
                continue
            work = self._context.works[item] = SeriesWork(item, SeriesFolder(self._context.incoming.top, item.directory))
            work.providers = [name for name, endpoint in self._context.endpoints.items() if endpoint.bucket_of(item.series)]
            self._next(work, "IDC has no bucket for this series at the chosen provider")

    def close(self) -> None:
        """Let go of what is being listed."""
        self._workers.close()

    def _next(self, work: SeriesWork, reason: str) -> None:
        """List at the next place that may have it; fail when there is none."""
        while work.providers and work.providers[0] in self._context.down:
            reason = self._context.down[work.providers.pop(0)]
        if not work.providers:
            self._context.fail(work.item, reason)
            return
        self._context.change(work.item, TransferState.LISTING)
        self._under_way += 1
        name = work.providers[0]

        def failed(error: Exception) -> None:
            self._context.events.put(lambda: self._not_listed(work, name, TransferError(unforeseen(error))))

        self._workers.submit(lambda: self._list(work, name), failed)

    def _list(self, work: SeriesWork, name: str) -> None:
        """In a listing thread."""
        context, series = self._context, work.item.series
        bucket = context.endpoints[name].bucket_of(series) or ""
        try:
            prepared = prepare(series, context.clients[name], bucket, work.folder, journal=context.journal, go_on=context.go_on)
        except IDCBrowserError as error:
            problem = error
            context.events.put(lambda: self._not_listed(work, name, problem))
        else:
            context.events.put(lambda: self._listed(work, name, prepared))

    def _not_listed(self, work: SeriesWork, name: str, error: IDCBrowserError) -> None:
        self._under_way -= 1
        if isinstance(error, CancelledError) or work.item.ended:
            return
        if isinstance(error, StorageError):
            # Another provider's files would have to go to the same place.
            self._context.fail(work.item, str(error))
            return
        if isinstance(error, EndpointDownError):
            self._context.down[name] = str(error)
        if work.providers and work.providers[0] == name:
            work.providers.pop(0)
        self._next(work, str(error))
        if len(self._context.down) == len(self._context.endpoints) and not any(other.open for other in self._context.works.values()):
            self._context.stopped_because = str(error)

    def _listed(self, work: SeriesWork, name: str, prepared: PreparedSeries) -> None:
        self._under_way -= 1
        item, progress = work.item, self._context.progress
        if item.ended:
            return
        work.sizes = {remote.name: remote.size for remote in prepared.objects}
        work.failed = [_absent(item, file_name) for file_name in prepared.absent]
        work.waiting = dict.fromkeys([*prepared.absent, *(remote.name for remote in prepared.missing)])
        item.size_only = sum(not remote.md5 for remote in prepared.objects) + prepared.by_size
        progress.set_total(item, len(prepared.objects) + len(prepared.absent), sum(remote.size for remote in prepared.objects))
        for remote in prepared.present:
            progress.add_done(item, remote.size, fetched=False)
        if prepared.missing:
            self._context.change(item, TransferState.TRANSFERRING)
            self._on_listed(work, name, prepared.missing)
        else:
            # All of it was looked at just now.
            work.looked = True
            self._context.change(item, TransferState.VERIFYING)
            self._context.end_if_done(work)


def _absent(item: TransferItem, name: str) -> FileTransfer:
    return FileTransfer(item, RemoteObject(name, name, 0, ""), "", failure=Failure("it is not in the bucket", is_final=True, is_withheld=True))
