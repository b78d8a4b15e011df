"""The last stage: compare each file with what the bucket states and put it into its place, in threads."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from IDCBrowserLib.errors import CancelledError, StorageError
from IDCBrowserLib.transfer import disk
from IDCBrowserLib.transfer.context import SeriesWork, TransferContext
from IDCBrowserLib.transfer.failure import Failure
from IDCBrowserLib.transfer.item import TransferState
from IDCBrowserLib.transfer.mover import FileTransfer
from IDCBrowserLib.transfer.verify import mismatch
from IDCBrowserLib.transfer.workers import Workers, unforeseen

# name, size, mtime_ns, md5 for the journal
Entry = tuple[str, int, int, str]


class Checker:
    """In the loop's thread it calls ``on_wrong(file, failure)`` for each file that is not the object, and ``on_full(reason, again)`` when the disk
    has no space for one; what else the disk refuses ends the series.
    """

    def __init__(
        self,
        context: TransferContext,
        on_wrong: Callable[[FileTransfer, Failure], None],
        on_full: Callable[[str, Callable[[], None]], None],
    ) -> None:
        self._context = context
        self._on_wrong = on_wrong
        self._on_full = on_full
        self._workers = Workers(max(2, min(4, os.cpu_count() or 2)), "checking")

    @property
    def busy(self) -> bool:
        """Whether anything is being checked."""
        return self._workers.busy

    def check(self, file: FileTransfer) -> None:
        """A file has arrived."""
        work = self._context.works.get(file.item)
        if work is None:
            return
        work.checking += 1
        if work.checking == work.open:
            self._context.change(file.item, TransferState.VERIFYING)

        def failed(error: Exception) -> None:
            self._context.events.put(lambda: self._not_placed(file, work, StorageError(unforeseen(error))))

        self._workers.submit(lambda: self._verify(file, work), failed)

    def close(self) -> None:
        """Let go of what is being checked."""
        self._workers.close()

    def _verify(self, file: FileTransfer, work: SeriesWork) -> None:
        """In a checking thread."""
        context = self._context
        entry = None
        try:
            problem = mismatch(context.incoming.folder, file.arrival, file.remote, context.go_on)
            if not problem:
                entry = self._put_in_place(file, work)
        except CancelledError:
            return
        except (StorageError, OSError) as error:
            failure = error if isinstance(error, StorageError) else disk.storage_error(error, Path(work.folder.path))
            context.events.put(lambda: self._not_placed(file, work, failure))
            return
        context.events.put(lambda: self._checked(file, work, problem, entry))

    def _put_in_place(self, file: FileTransfer, work: SeriesWork) -> Entry:
        context = self._context
        status = work.folder.take_in(file.remote.name, context.incoming.folder, file.arrival, context.journal)
        return file.remote.name, status.st_size, status.st_mtime_ns, file.remote.md5

    def _not_placed(self, file: FileTransfer, work: SeriesWork, failure: StorageError) -> None:
        if file.item.ended:
            return
        work.checking -= 1
        if isinstance(failure, disk.FullError):
            self._on_full(str(failure), lambda: self.check(file))
        else:
            self._context.fail(file.item, str(failure))

    def _checked(self, file: FileTransfer, work: SeriesWork, problem: str, entry: Entry | None) -> None:
        context = self._context
        if file.item.ended:
            return
        work.checking -= 1
        if entry is None:
            with contextlib.suppress(OSError):
                context.incoming.folder.remove(file.arrival)
            context.change(file.item, TransferState.TRANSFERRING)
            self._on_wrong(file, Failure(problem))
            return
        work.verified.append(entry)
        work.waiting.pop(file.remote.name, None)
        work.open -= 1
        work.committed -= file.remote.size
        context.committed -= file.remote.size
        context.progress.add_done(file.item, file.remote.size, fetched=True)
        context.end_if_done(work)
