"""The last stage: compare each file with what the bucket states and put it into its place, in threads."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from IDCBrowserLib.errors import CancelledError, StorageError
from IDCBrowserLib.transfer import disk
from IDCBrowserLib.transfer.context import TransferContext, Work
from IDCBrowserLib.transfer.item import TransferState
from IDCBrowserLib.transfer.mover import FileTransfer
from IDCBrowserLib.transfer.verify import mismatch

# name, size, mtime_ns, md5 for the journal
Entry = tuple[str, int, int, str]


class Checker:
    """Calls ``on_wrong(file, reason)``, in the loop's thread, for each file that is not the object."""

    def __init__(self, context: TransferContext, on_wrong: Callable[[FileTransfer, str], None]) -> None:
        self._context = context
        self._on_wrong = on_wrong
        self._threads = ThreadPoolExecutor(max(2, min(4, os.cpu_count() or 2)), "checking")

    def check(self, file: FileTransfer) -> None:
        """A file has arrived."""
        work = self._context.works[file.item]
        work.checking += 1
        if work.checking == work.open:
            self._context.change(file.item, TransferState.VERIFYING)
        self._threads.submit(self._verify, file, work)

    def close(self) -> None:
        """Wait for what is being checked."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _verify(self, file: FileTransfer, work: Work) -> None:
        """In a checking thread."""
        context = self._context
        entry = None
        try:
            problem = mismatch(context.incoming.folder, file.arrival, file.remote, context.go_on)
            if not problem:
                entry = self._put_in_place(file, work)
        except CancelledError:
            return
        except StorageError as error:
            problem = str(error)
        except OSError as error:
            failure = str(disk.storage_error(error, Path(work.folder.path)))
            context.events.put(lambda: self._not_placed(file, work, failure))
            return
        context.events.put(lambda: self._checked(file, work, problem, entry))

    def _put_in_place(self, file: FileTransfer, work: Work) -> Entry:
        context = self._context
        status = work.folder.take_in(file.remote.name, context.incoming.folder, file.arrival, context.journal)
        return file.remote.name, status.st_size, status.st_mtime_ns, file.remote.md5

    def _not_placed(self, file: FileTransfer, work: Work, reason: str) -> None:
        self._context.stop_for_disk(reason)
        if not self._context.stopped_because and not file.item.ended:
            work.checking -= 1
            self.check(file)

    def _checked(self, file: FileTransfer, work: Work, problem: str, entry: Entry | None) -> None:
        context = self._context
        if file.item.ended:
            return
        work.checking -= 1
        if entry is None:
            with contextlib.suppress(OSError):
                context.incoming.folder.remove(file.arrival)
            context.change(file.item, TransferState.TRANSFERRING)
            self._on_wrong(file, problem)
            return
        work.verified.append(entry)
        work.waiting.pop(file.remote.name, None)
        work.open -= 1
        work.committed -= file.remote.size
        context.committed -= file.remote.size
        context.progress.add_done(file.item, file.remote.size, fetched=True)
        context.end_if_done(work)
