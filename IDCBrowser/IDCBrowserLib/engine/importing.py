"""Import while downloading: each series enters the DICOM database as soon as it is verified, in a thread beside the transfer."""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from IDCBrowserLib.errors import CancelledError, IDCBrowserError
from IDCBrowserLib.surroundings import unforeseen
from IDCBrowserLib.task import Progress, Task

if TYPE_CHECKING:
    from IDCBrowserLib.api.store import LeftOut
    from IDCBrowserLib.api.transfer import Imported
    from IDCBrowserLib.store.database import Database
    from IDCBrowserLib.store.importing import ImportReport
    from IDCBrowserLib.transfer.item import TransferItem

logger = logging.getLogger(__name__)

_MAX_LEFT_OUT = 500
# Series per call of the store: what has piled up goes in together.
_MAX_BATCH = 50


class ImportingTask(Task):
    """The task of the transfer: passes everything on to the host's, and adds ``"imported"``, the SeriesInstanceUIDs new in the database."""

    def __init__(self, outer: Task) -> None:
        super().__init__()
        self._outer = outer
        self._imported: deque[str] = deque()
        outer.on_cancel(self.cancel)

    def imported(self, series_uids: list[str]) -> None:
        """Tell with the next progress. From any thread."""
        self._imported.extend(series_uids)

    def report(self, progress: Progress) -> None:
        """See ``Task``."""
        new = [self._imported.popleft() for _ in range(len(self._imported))]
        progress.details["imported"] = new
        self._outer.report(progress)


class _Complete(NamedTuple):
    item: TransferItem
    folder: Path


@dataclass
class _Counts:
    series: int = 0
    instances: int = 0
    added: int = 0
    unchanged: int = 0
    damaged: int = 0

    def add(self, report: ImportReport) -> None:
        self.series += report.series
        self.instances += report.instances
        self.added += report.added
        self.unchanged += report.unchanged
        self.damaged += report.damaged


class Importer:
    """``add`` from any thread; ``finish`` waits for the rest. A database that fails stops importing and is told in ``result``: files are kept."""

    def __init__(self, database: Database, task: ImportingTask) -> None:
        self._database = database
        self._task = task
        self._lock = threading.Condition()
        self._waiting: deque[_Complete] = deque()
        self._added = 0
        self._done = 0
        self._ending = False
        self._error = ""
        self._counts = _Counts()
        self._left_out: list[LeftOut] = []
        self._left_out_count = 0
        self._thread = threading.Thread(target=self._run, name="importing", daemon=True)
        self._thread.start()

    def add(self, item: TransferItem, folder: Path) -> None:
        """A series is complete in ``folder``; what else lies there is not imported."""
        with self._lock:
            self._waiting.append(_Complete(item, folder))
            self._added += 1
            self._lock.notify()

    def finish(self) -> None:
        """Wait until everything is in the database; ends soon after a cancel."""
        with self._lock:
            self._ending = True
            self._lock.notify()
        while self._thread.is_alive():
            self._thread.join(0.2)
            self._task.report(Progress("Adding to the DICOM database", self._done, self._added, "series"))

    def result(self) -> Imported:
        """Counts of what the complete series hold, ``left_out`` (at most 500) with ``left_out_count``, and ``error``: a sentence or None."""
        return {
            "series": self._counts.series,
            "instances": self._counts.instances,
            "added": self._counts.added,
            "unchanged": self._counts.unchanged,
            "damaged": self._counts.damaged,
            "left_out": self._left_out,
            "left_out_count": self._left_out_count,
            "error": self._error or None,
        }

    def _run(self) -> None:
        while batch := self._next():
            try:
                self._import(batch)
            except CancelledError:
                return
            except IDCBrowserError as error:
                self._error = str(error)
                return
            except OSError as error:
                self._error = f"{error.filename or self._database.folder} cannot be read ({error.strerror or error}); import the folder again."
                return
            except Exception as error:  # the seam between a thread and its request: whatever happens must be told
                logger.exception("importing failed")
                self._error = f"{unforeseen(error)} Then import the folder again."
                return

    def _next(self) -> list[_Complete]:
        with self._lock:
            while not self._waiting and not self._ending:
                self._lock.wait()
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), _MAX_BATCH))]

    def _import(self, batch: list[_Complete]) -> None:
        from IDCBrowserLib.store.importing import import_files

        quiet = Task()
        self._task.on_cancel(quiet.cancel)
        # Files that somebody has deleted meanwhile are the transfer's matter.
        files = [path for complete in batch for name in complete.item.files() if (path := complete.folder / name).is_file()]
        report = import_files(self._database, files, quiet)
        self._counts.add(report)
        self._left_out_count += len(report.left_out)
        self._left_out += [item.to_json() for item in report.left_out[: _MAX_LEFT_OUT - len(self._left_out)]]
        self._done += len(batch)
        self._task.imported([complete.item.series.series_uid for complete in batch])
