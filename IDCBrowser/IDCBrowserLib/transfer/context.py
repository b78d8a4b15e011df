"""The shared state of the stages of a transfer. Only the event loop changes it; other threads send it work through ``events``."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from IDCBrowserLib.errors import CancelledError, StorageError
from IDCBrowserLib.network import without_password
from IDCBrowserLib.selection.buckets import KNOWN_BUCKETS
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.failure import Failure, describe_missing, some_names
from IDCBrowserLib.transfer.folders import disk
from IDCBrowserLib.transfer.folders.incoming import Incoming
from IDCBrowserLib.transfer.folders.journal import Journal
from IDCBrowserLib.transfer.folders.series_folder import SeriesFolder
from IDCBrowserLib.transfer.folders.series_lock import SeriesLocks
from IDCBrowserLib.transfer.folders.space_wait import SpaceWait
from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.listing import BucketClient
from IDCBrowserLib.transfer.options import Endpoint, TransferOptions
from IDCBrowserLib.transfer.progress import ProgressReporter
from IDCBrowserLib.transfer.s5cmd.mover import FileTransfer


@dataclass(eq=False)
class SeriesWork:
    """A series that is being worked on.

    ``providers`` are those left to list it at; ``open`` objects are still to come, ``checking`` of them are here and being compared;
    ``sizes`` are those of all objects by name, ``waiting`` names those not in place yet; ``committed`` is the disk space reserved for them in bytes.
    Its folder was ``looked`` through after the last file came.
    """

    item: TransferItem
    folder: SeriesFolder
    providers: list[str] = field(default_factory=list)
    open: int = 0
    checking: int = 0
    waiting: dict[str, None] = field(default_factory=dict)
    failed: list[FileTransfer] = field(default_factory=list)
    verified: list[tuple[str, int, int, str]] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    looked: bool = False
    committed: int = 0


def _failed(file: FileTransfer) -> tuple[str, Failure]:
    return file.remote.name, file.failure or Failure("no reason given")


class TransferContext:
    """``stopped_because`` is what ended the transfer early, ``disk_failed`` that it was the disk; ``space`` is why it pauses by itself."""

    def __init__(
        self, items: Sequence[TransferItem], destination: Path, incoming: Incoming, *, options: TransferOptions, task: Task, journal: Journal
    ) -> None:
        self.destination = destination
        self.incoming = incoming
        self.options = options
        self.task = task
        self.journal = journal
        self.endpoints: dict[str, Endpoint] = {endpoint.provider: endpoint for endpoint in options.endpoints()}
        self.down: dict[str, str] = {}
        self.progress = ProgressReporter(items, task, options.limit_rate)
        self.progress.directory_of = lambda item: str(destination / item.directory)
        self.events: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.works: dict[TransferItem, SeriesWork] = {}
        self.committed = 0
        self.ending = False
        self.stopped_because = ""
        self.disk_failed = False
        self.space = SpaceWait(destination, options.keep_free)
        self.locks = SeriesLocks(incoming.top)
        self.on_complete: Callable[[TransferItem], None] = lambda item: None
        self.look_again: Callable[[SeriesWork], None] = lambda work: None
        self.clients = {name: self._client(endpoint) for name, endpoint in self.endpoints.items()}

    def _client(self, endpoint: Endpoint) -> BucketClient:
        options = self.options
        return BucketClient(
            endpoint.endpoint_url,
            options.network,
            options.list_attempts,
            options.first_wait_s,
            self.wait,
            stall_s=options.stall_s,
            go_on=self.go_on,
        )

    def go_on(self) -> None:
        """For other threads, often: raises ``CancelledError`` when the transfer ends."""
        if self.ending or self.task.cancelled:
            raise CancelledError

    def wait(self, seconds: float) -> None:
        """For other threads: sleep, but wake up when the transfer ends."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.go_on()
            time.sleep(min(left, 0.05))

    def providers_of(self, item: TransferItem) -> list[str]:
        """Providers that hold a series and answer."""
        return [name for name, endpoint in self.endpoints.items() if name not in self.down and endpoint.bucket_of(item.series)]

    def change(self, item: TransferItem, state: TransferState) -> None:
        """Another state."""
        self.progress.change(item, state)

    def fail(self, item: TransferItem, reason: str) -> None:
        """End a series with a sentence."""
        item.error = reason
        work = self._forget(item)
        item.missing = list(work.waiting) if work is not None else []
        self.change(item, TransferState.FAILED)

    def cancel(self, item: TransferItem) -> None:
        """End a series because the user wants it."""
        work = self._forget(item)
        item.missing = list(work.waiting) if work is not None else []
        self.change(item, TransferState.CANCELLED)

    def end_if_done(self, work: SeriesWork) -> None:
        """End a series when nothing of it is open: complete only if every object of the listing is in place."""
        item = work.item
        if work.open or work.checking or item.ended:
            return
        expected = item.series.instance_count
        if work.failed:
            failed, proxy = [_failed(file) for file in work.failed], self._proxy_before(work.failed)
            self.fail(item, describe_missing(failed, item.files_total, proxy, of_idc=item.series.aws_bucket in KNOWN_BUCKETS))
        elif expected is not None and not item.series.instances and item.files_total < expected:
            self.fail(item, f"the bucket contains {item.files_total} of the {expected} files that IDC's index states; update idc-index and try again")
        elif not work.looked:
            self.look_again(work)
        else:
            self._complete(work)

    def _complete(self, work: SeriesWork) -> None:
        item = work.item
        self._forget(item)
        item.keep_files(work.sizes)
        if not item.series.instances:
            self.journal.complete(work.folder.path, item.series.crdc_series_uuid, work.sizes)
        self.change(item, TransferState.VERIFYING)
        self.change(item, TransferState.COMPLETE)
        self.on_complete(item)

    def say_gone(self, item: TransferItem, sizes: Mapping[str, int], gone: Sequence[str]) -> None:
        """Files of a series, with their bytes, were deleted or changed while the transfer ran, so it is not complete."""
        self.progress.take_back(item, len(gone), sum(sizes[name] for name in gone))
        self.fail(item, f"{len(gone)} of {item.files_total} files were deleted or changed meanwhile: {some_names(gone)}; download it again")
        item.missing = list(gone)

    def wait_for_room(self, needed: int) -> None:
        """Pause at the start until ``needed`` bytes fit."""
        try:
            disk.check_room(self.destination, needed, self.options.keep_free)
        except StorageError as error:
            self.no_space(str(error), needed)

    def _proxy_before(self, jobs: Sequence[FileTransfer]) -> str:
        endpoint = next((self.endpoints[file.provider] for file in jobs if file.provider in self.endpoints), None)
        proxy = self.options.network.proxy_for(endpoint.endpoint_url) if endpoint is not None else ""
        return without_password(proxy)

    def no_space(self, reason: str, needed: int = 0) -> None:
        """The disk is full: wait for space if that is wanted, otherwise end."""
        if self.options.wait_for_room and not self.task.cancelled:
            self.space.begin(reason, needed)
        else:
            self.stop(reason, disk_failed=True)

    def stop(self, reason: str, disk_failed: bool = False) -> None:
        """End the whole transfer with a sentence."""
        self.stopped_because = reason
        self.disk_failed = disk_failed

    def end_rest(self) -> None:
        """End every series that has not ended: failed when something stopped the transfer, otherwise canceled."""
        if not self.progress.left:
            return
        for item in self.progress.items:
            if not item.ended:
                if self.stopped_because:
                    self.fail(item, self.stopped_because)
                else:
                    self.cancel(item)

    def _forget(self, item: TransferItem) -> SeriesWork | None:
        work = self.works.pop(item, None)
        if work is not None:
            if work.verified:
                self.journal.add(work.folder.path, work.verified)
            self.committed -= work.committed
            self.incoming.drop_series(item.series.crdc_series_uuid)
            self.locks.release(item.series.crdc_series_uuid)
        return work
