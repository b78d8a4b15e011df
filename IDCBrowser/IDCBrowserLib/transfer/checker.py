"""The last stage: compare each file with what the bucket states and put it into its place, in threads."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from IDCBrowserLib.errors import CancelledError, StorageError
from IDCBrowserLib.surroundings import unforeseen
from IDCBrowserLib.transfer.context import SeriesWork, TransferContext
from IDCBrowserLib.transfer.failure import Failure
from IDCBrowserLib.transfer.folders import disk
from IDCBrowserLib.transfer.item import TransferState
from IDCBrowserLib.transfer.prepare import stated_by
from IDCBrowserLib.transfer.s5cmd.mover import FileTransfer
from IDCBrowserLib.transfer.verify import Compared, compare
from IDCBrowserLib.transfer.workers import Workers

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
        context.look_again = self.look_again
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

    def look_again(self, work: SeriesWork) -> None:
        """All files of a series are in place; see whether they still are, since others may delete what lies there."""
        context = self._context
        work.checking += 1

        def look() -> None:
            gone = work.folder.not_here(work.sizes)
            context.events.put(lambda: self._looked(work, gone))

        def failed(error: Exception) -> None:
            context.events.put(lambda: context.fail(work.item, unforeseen(error)))

        self._workers.submit(look, failed)

    def _looked(self, work: SeriesWork, gone: Sequence[str]) -> None:
        if work.item.ended:
            return
        work.checking -= 1
        work.looked = True
        if gone:
            self._context.say_gone(work.item, work.sizes, gone)
        else:
            self._context.end_if_done(work)

    def _verify(self, file: FileTransfer, work: SeriesWork) -> None:
        """In a checking thread."""
        context = self._context
        entry = None
        try:
            compared = compare(context.incoming.folder, file.arrival, file.remote, context.go_on, lambda: self._etag_is_md5(file))
            if not compared.problem:
                entry = self._put_in_place(file, work, compared.by_size)
        except CancelledError:
            return
        except (StorageError, OSError) as error:
            failure = error if isinstance(error, StorageError) else disk.storage_error(error, Path(work.folder.path))
            context.events.put(lambda: self._not_placed(file, work, failure))
            return
        context.events.put(lambda: self._checked(file, work, compared, entry))

    def _etag_is_md5(self, file: FileTransfer) -> bool:
        context = self._context
        bucket = context.endpoints[file.provider].bucket_of(file.item.series)
        return bucket is None or context.clients[file.provider].etag_is_md5(bucket, file.remote.key)

    def _put_in_place(self, file: FileTransfer, work: SeriesWork, by_size: bool) -> Entry:
        context = self._context
        status = work.folder.take_in(file.remote.name, context.incoming.folder, file.arrival, context.journal)
        return file.remote.name, status.st_size, status.st_mtime_ns, stated_by(file.remote, by_size)

    def _not_placed(self, file: FileTransfer, work: SeriesWork, failure: StorageError) -> None:
        if file.item.ended:
            return
        work.checking -= 1
        if isinstance(failure, disk.FullError):
            self._on_full(str(failure), lambda: self.check(file))
        else:
            self._context.fail(file.item, str(failure))

    def _checked(self, file: FileTransfer, work: SeriesWork, compared: Compared, entry: Entry | None) -> None:
        context = self._context
        if file.item.ended:
            return
        work.checking -= 1
        if entry is None:
            with contextlib.suppress(OSError):
                context.incoming.folder.remove(file.arrival)
            context.change(file.item, TransferState.TRANSFERRING)
            self._on_wrong(file, Failure(compared.problem))
            return
        file.item.size_only += compared.by_size and bool(file.remote.md5)
        work.verified.append(entry)
        work.waiting.pop(file.remote.name, None)
        work.open -= 1
        work.committed -= file.remote.size
        context.committed -= file.remote.size
        context.progress.add_done(file.item, file.remote.size, fetched=True)
        context.end_if_done(work)
