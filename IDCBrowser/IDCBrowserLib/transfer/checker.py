"""The last stage: compare each file with what the bucket states and put it into its place, in threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from IDCBrowserLib.errors import CancelledError, StorageError
from IDCBrowserLib.transfer import disk
from IDCBrowserLib.transfer.context import TransferContext, Work
from IDCBrowserLib.transfer.item import TransferState
from IDCBrowserLib.transfer.layout import inside
from IDCBrowserLib.transfer.mover import Job
from IDCBrowserLib.transfer.verify import mismatch

# name, size, mtime_ns, md5 for the journal
Entry = tuple[str, int, int, str]


class Checker:
    """Calls ``on_wrong(job, reason)``, in the loop's thread, for each file that is not the object."""

    def __init__(self, context: TransferContext, on_wrong: Callable[[Job, str], None]) -> None:
        self._context = context
        self._on_wrong = on_wrong
        self._threads = ThreadPoolExecutor(max(2, min(4, os.cpu_count() or 2)), "checking")

    def check(self, job: Job) -> None:
        """A file has arrived."""
        work = self._context.works[job.item]
        work.checking += 1
        if work.checking == work.open:
            self._context.change(job.item, TransferState.VERIFYING)
        self._threads.submit(self._verify, job, work)

    def close(self) -> None:
        """Wait for what is being checked."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _verify(self, job: Job, work: Work) -> None:
        """In a checking thread."""
        context = self._context
        entry = None
        try:
            problem = mismatch(job.path, job.remote, context.go_on)
            if not problem:
                entry = self._put_in_place(job, work)
        except CancelledError:
            return
        except StorageError as error:
            problem = str(error)
        except OSError as error:
            failure = str(disk.storage_error(error, work.folder))
            context.events.put(lambda: self._not_placed(job, work, failure))
            return
        context.events.put(lambda: self._checked(job, work, problem, entry))

    def _put_in_place(self, job: Job, work: Work) -> Entry:
        inside(self._context.destination, job.item.directory)
        work.folder.mkdir(parents=True, exist_ok=True)
        target = work.folder / job.remote.name
        os.replace(job.path, target)
        status = target.stat()
        return job.remote.name, status.st_size, status.st_mtime_ns, job.remote.md5

    def _not_placed(self, job: Job, work: Work, reason: str) -> None:
        self._context.stop_for_disk(reason)
        if not self._context.stopped_because and not job.item.ended:
            work.checking -= 1
            self.check(job)

    def _checked(self, job: Job, work: Work, problem: str, entry: Entry | None) -> None:
        context = self._context
        if job.item.ended:
            return
        work.checking -= 1
        if entry is None:
            job.path.unlink(missing_ok=True)
            context.change(job.item, TransferState.TRANSFERRING)
            self._on_wrong(job, problem)
            return
        work.verified.append(entry)
        work.waiting.pop(job.remote.name, None)
        work.open -= 1
        work.committed -= job.remote.size
        context.committed -= job.remote.size
        context.progress.add_done(job.item, job.remote.size, fetched=True)
        context.end_if_done(work)
