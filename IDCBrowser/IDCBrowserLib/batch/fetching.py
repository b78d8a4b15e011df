"""The DICOM files of an item: fetched and verified where they are in IDC, and deleted afterward where they are not to be kept."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.batch.item import ItemSeries
from IDCBrowserLib.batch.settings import Settings
from IDCBrowserLib.batch.steps import DRAWN
from IDCBrowserLib.errors import TransferError
from IDCBrowserLib.selection.plan import Plan, PlannedSeries
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog
    from IDCBrowserLib.transfer.report import TransferReport

_JOURNAL = "files.sqlite"


class NeedsSpaceError(Exception):
    """An item has to fetch more bytes than it was granted."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"{size_bytes} bytes")
        self.size_bytes = size_bytes


class ItemFiles:
    """Files of the series of one item, by SeriesInstanceUID. ``granted``: bytes that may be fetched to the scratch folder."""

    def __init__(
        self, members: Sequence[ItemSeries], settings: Settings, key: str, granted: int | None, catalog: Callable[[], Catalog], task: Task
    ) -> None:
        self._members = {one.planned.series_uid: one for one in members}
        self._settings = settings
        self._scratch = settings.scratch(key)
        self._granted = granted
        self._catalog = catalog
        self._task = task
        self._files: dict[str, list[Path]] = {}
        self._planned: dict[str, PlannedSeries] = {one.planned.series_uid: one.planned for one in members}
        self._fetched = 0

    def of(self, uids: Sequence[str]) -> list[Path]:
        """The files of series, in the order of their names; fetches those that are not here. Unknown series have none.

        Raises ``TransferError`` for what cannot be fetched, ``StorageError`` where the disk refuses, ``NeedsSpaceError``.
        """
        self._look_up([uid for uid in uids if uid not in self._planned])
        missing = [self._planned[uid] for uid in uids if uid in self._planned and uid not in self._files]
        there = [one for one in missing if (member := self._members.get(one.series_uid)) is not None and member.names]
        for one in there:
            member = self._members[one.series_uid]
            self._files[one.series_uid] = [Path(member.folder) / name for name in member.names]
        self._fetch([one for one in missing if one not in there])
        return [path for uid in uids for path in self._files.get(uid, ())]

    def images_of_study(self, series: PlannedSeries) -> list[str]:
        """The images that an annotation may have been drawn on that names none: those of its study."""
        own = [one.planned.series_uid for one in self._members.values() if one.planned.modality not in DRAWN]
        if own or self._members[series.series_uid].names:
            return own
        from IDCBrowserLib.selection.references import images_of_study

        return images_of_study(self._catalog(), series.series_uid)

    def versions(self, uids: Sequence[str]) -> dict[str, str]:
        """crdc_series_uuid by SeriesInstanceUID of those that are known."""
        return {uid: self._planned[uid].crdc_series_uuid for uid in uids if uid in self._planned}

    def _look_up(self, unknown: Sequence[str]) -> None:
        if not unknown or any(one.names for one in self._members.values()):
            # Of files on this computer, nothing is fetched.
            return
        from IDCBrowserLib.selection.lookup import Lookup

        self._planned.update(Lookup(self._catalog()).series(unknown))

    def _fetch(self, series: Sequence[PlannedSeries]) -> None:
        kept = [one for one in series if self._keeps(one)]
        passing = [one for one in series if not self._keeps(one)]
        self._fetched += sum(one.size_bytes for one in passing)
        if self._granted is not None and self._fetched > self._granted:
            raise NeedsSpaceError(self._fetched)
        if kept:
            self._download(kept, self._settings.dicom, None)
        if passing:
            self._download(passing, self._scratch / "dicom", self._scratch / _JOURNAL)

    def _keeps(self, series: PlannedSeries) -> bool:
        return self._settings.keep == "all" or (self._settings.keep == "annotations" and series.modality in DRAWN)

    def _download(self, series: Sequence[PlannedSeries], to: Path, journal: Path | None) -> None:
        from IDCBrowserLib.transfer.download import download
        from IDCBrowserLib.transfer.folders.journal import default_path

        if journal is not None:
            journal.parent.mkdir(parents=True, exist_ok=True)
        journal = journal or default_path()
        report = download(Plan(tuple(series)), to, self._settings.transfer, self._task, journal_path=journal, remember=False)
        _check(report)
        for item in report.items:
            folder = report.destination / item.directory
            self._files[item.series.series_uid] = [folder / name for name in sorted(item.files())]


def _check(report: TransferReport) -> None:
    from IDCBrowserLib.transfer.folders.disk import FullError
    from IDCBrowserLib.transfer.item import TransferState

    if report.storage:
        raise FullError(report.error)
    failed = [item for item in report.items if item.state is not TransferState.COMPLETE]
    if failed:
        raise TransferError(f"The series {failed[0].series.series_uid} was not downloaded: {failed[0].error or report.error}")


def clear_scratch(settings: Settings, key: str) -> None:
    """Delete what the batch fetched for an item and does not keep: files that the item's own journal lists. Anything else stays."""
    from IDCBrowserLib.transfer.folders.journal import open_journal
    from IDCBrowserLib.transfer.folders.owned import OwnedFiles

    scratch = settings.scratch(key)
    journal, dicom = scratch / _JOURNAL, scratch / "dicom"
    if not journal.is_file():
        with contextlib.suppress(OSError):
            scratch.rmdir()
        return
    with open_journal(journal) as kept:
        owned = OwnedFiles(dicom, kept)
        for folder in [path for path in dicom.rglob("*") if path.is_dir() and not path.is_symlink()]:
            owned.remove(str(folder))
        owned.prune()
    with contextlib.suppress(OSError):
        # What is left, if anything, is not ours; then the journal stays as well, which says so.
        _remove_empty(dicom)
        for name in (_JOURNAL, f"{_JOURNAL}-wal", f"{_JOURNAL}-shm", f"{_JOURNAL}-journal"):
            (scratch / name).unlink(missing_ok=True)
        scratch.rmdir()


def _remove_empty(dicom: Path) -> None:
    from IDCBrowserLib.transfer.folders.incoming import Incoming
    from IDCBrowserLib.transfer.folders.series_lock import NAME

    if not dicom.is_dir():
        return
    # It takes over what a crash left of files that were arriving, and removes it.
    Incoming(dicom).close()
    (dicom / NAME).unlink(missing_ok=True)
    if dicom.is_dir():
        dicom.rmdir()
