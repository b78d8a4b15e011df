"""Import while downloading, for a host that imports by itself: verified series enter its database while others still move."""

from __future__ import annotations

import os
from collections.abc import Callable

from IDCBrowserLib.api.store import ImportCounts
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Cancellable, DicomStore, OnError, OnProgress
from IDCBrowserLib.logic.base.file_lister import Defer, FileLister

# What has piled up meanwhile goes in together, up to so many series.
_MAX_BATCH = 50

OnImported = Callable[[list[str]], None]


class SeriesImport:
    """``add`` each verified series once; ``finish`` tells when all are in. ``on_imported`` gets the SeriesInstanceUIDs of each batch.

    The counts of several batches are added up, so a patient whose series came in two of them counts twice.
    """

    def __init__(self, store: DicomStore, defer: Defer, on_imported: OnImported, on_error: OnError, on_progress: OnProgress) -> None:
        self._store = store
        self._defer = defer
        self._on_imported = on_imported
        self._on_error = on_error
        self._on_progress = on_progress
        self._seen: set[str] = set()
        self._waiting: list[tuple[str, str]] = []
        self._running: Cancellable | None = None
        self._turn = 0
        self._busy = False
        self._over = False
        self._has_failed = False
        self._on_finished: Callable[[ImportCounts], None] | None = None
        self._counts: ImportCounts = {"patients": 0, "studies": 0, "series": 0, "instances": 0, "left_out": []}
        self.series_of: dict[str, str] = {}

    def add(self, series_uid: str, folder: str) -> None:
        """A series is complete in ``folder``; a second time is ignored."""
        if series_uid in self._seen or not folder:
            return
        self._seen.add(series_uid)
        self.series_of[os.path.normpath(folder)] = series_uid
        self._waiting.append((series_uid, folder))
        if not self._busy:
            # Soon, so that what is told in the same moment goes in together.
            self._busy = True
            self._defer(self._next)

    def finish(self, on_finished: Callable[[ImportCounts], None]) -> None:
        """No more will come; counts and what was left out, as of ``DicomStore.import_files``. Those before a failure, if there was one."""
        if self._has_failed:
            on_finished(self._counts)
            return
        self._on_finished = on_finished
        if not self._busy:
            self._next()

    def cancel(self) -> None:
        """Stop; what is in the database stays there."""
        self._over = True
        if self._running is not None:
            self._running.cancel()

    def _next(self) -> None:
        if self._over:
            return
        self._turn += 1
        self._busy = bool(self._waiting)
        batch, self._waiting = self._waiting[:_MAX_BATCH], self._waiting[_MAX_BATCH:]
        if batch:
            self._running = FileLister(sorted(folder for _uid, folder in batch), lambda files: self._import(batch, files), self._defer)
        elif self._on_finished is not None:
            self._over = True
            self._on_finished(self._counts)

    def _import(self, batch: list[tuple[str, str]], files: list[str]) -> None:
        def imported(counts: ImportCounts) -> None:
            if self._over:
                return
            self._counts = _sum(self._counts, counts)
            self._on_imported([uid for uid, _folder in batch])
            self._next()

        turn = self._turn
        handle = self._store.import_files(files, imported, self._fail, self._on_progress)
        if turn == self._turn:
            self._running = handle

    def _fail(self, error: IDCBrowserError) -> None:
        if not self._over:
            self._over = self._has_failed = True
            self._on_error(error)


def _sum(one: ImportCounts, other: ImportCounts) -> ImportCounts:
    return {
        "patients": one["patients"] + other["patients"],
        "studies": one["studies"] + other["studies"],
        "series": one["series"] + other["series"],
        "instances": one["instances"] + other["instances"],
        "left_out": [*one["left_out"], *other["left_out"]],
    }
