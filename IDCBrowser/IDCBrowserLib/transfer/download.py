"""Makes a plan true on disk: lists, moves, verifies, and says per series what arrived."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.plan import Plan, PlannedSeries
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.control import TransferControl
from IDCBrowserLib.transfer.folders import disk, journal
from IDCBrowserLib.transfer.folders.incoming import Incoming
from IDCBrowserLib.transfer.folders.layout import series_directory
from IDCBrowserLib.transfer.folders.shared_stores import shared_stores, take_from_stores
from IDCBrowserLib.transfer.folders.template import Template
from IDCBrowserLib.transfer.item import TransferItem
from IDCBrowserLib.transfer.jobs import job_store_beside
from IDCBrowserLib.transfer.options import TransferOptions
from IDCBrowserLib.transfer.report import TransferReport
from IDCBrowserLib.transfer.run import TransferRun
from IDCBrowserLib.transfer.s5cmd.binary import find_s5cmd

_DEFAULT_JOURNAL = Path()


def download(
    plan: Plan,
    destination: Path,
    options: TransferOptions | None = None,
    task: Task | None = None,
    *,
    journal_path: Path | None = _DEFAULT_JOURNAL,
    control: TransferControl | None = None,
    on_complete: Callable[[TransferItem], None] | None = None,
    remember: bool = True,
) -> TransferReport:
    """Fetch and verify every series of ``plan`` into ``destination`` (the layout is ``layout``'s); running it again completes what is missing.

    What lies whole in a shared store (``shared_stores``) is complete there, without being copied.

    A cancelled task gives a report with cancelled series, it does not raise. Progress: bytes verified of bytes planned, with ``details``
    ``{"series": [{"SeriesInstanceUID", "crdc_series_uuid", "state", "bytes", "bytes_total", "error"}], "bytes_per_second", "held"}``:
    what changed (a complete series with its ``directory``), and "paused" or "room" while nothing moves.
    ``journal_path`` None keeps no journal; ``control`` pauses and cancels single series; without ``remember`` a crash is somebody else's care;
    ``on_complete`` is called for each series as soon as it is verified, also when it was there before, and must return quickly.
    Raises ``StorageError`` before anything starts when the folder cannot be written or has no room, ``InputError`` for impossible options and
    ``TransferError`` when s5cmd is not installed.
    """
    options = (options or TransferOptions()).checked()
    task = task or Task()
    started = time.monotonic()
    destination = Path(destination).expanduser().absolute()
    items = items_of(plan, destination, options.layout)
    to_fetch = take_from_stores(items, destination, shared_stores())
    for item in items:
        if on_complete is not None and item.ended:
            on_complete(item)
    if not to_fetch:
        return TransferReport(tuple(items), destination)
    program = find_s5cmd()
    incoming = Incoming(destination)
    if journal_path is _DEFAULT_JOURNAL:
        journal_path = journal.default_path()
    kept = journal.Journal(journal_path)
    run = TransferRun(to_fetch, destination, incoming, options=options, task=task, journal=kept, program=program, control=control)
    run.on_complete(on_complete or (lambda item: None))
    try:
        _check_not_taken(to_fetch, destination, options.layout, kept)
        if options.wait_for_room:
            run.wait_for_room(bytes_to_come(to_fetch, destination))
        else:
            disk.check_room(destination, bytes_to_come(to_fetch, destination), options.keep_free)
        with _remembered(to_fetch, destination, options, journal_path if remember else None):
            run.run()
    finally:
        run.close()
        kept.close()
        incoming.close()
    return TransferReport(tuple(items), destination, time.monotonic() - started, run.stopped_because, run.disk_failed)


def items_of(plan: Plan, destination: Path, layout: str) -> list[TransferItem]:
    """Series and their folders. Raises ``InputError`` for a layout that is not possible, or puts two series into one folder."""
    if not layout:
        return [TransferItem(series, series_directory(series, str(destination))) for series in plan.series]
    template = Template.parse(layout)
    template.check_apart(plan.series)
    return [TransferItem(series, template.directory(series)) for series in plan.series]


def _check_not_taken(items: Sequence[TransferItem], destination: Path, layout: str, record: journal.Journal) -> None:
    """Raises ``InputError`` where files of another series, of an earlier download, lie: who removes one series later would remove both."""
    if not layout or Template.parse(layout).tells_apart:
        return
    for item in items:
        folder = Path(os.path.realpath(destination), item.directory)
        there = record.completed(folder)
        if there not in ("", item.series.crdc_series_uuid) and any((folder / name).exists() for name in record.owned(folder)):
            raise InputError(
                f"--layout {layout!r} puts the series {item.series.series_uid} into {item.directory}, where another one, or another version of it, "
                f"was downloaded before ({there}); add %SeriesInstanceUID."
            )


def _remembered(
    items: Sequence[TransferItem], destination: Path, options: TransferOptions, journal_path: Path | None
) -> contextlib.AbstractContextManager[None]:
    """While it runs the transfer is written down, so that it can be begun again after a crash."""
    return job_store_beside(journal_path).running(items, destination, options) if journal_path is not None else contextlib.nullcontext()


def bytes_to_come(items: Sequence[TransferItem], destination: Path) -> int:
    """Bytes of the series less those of the DICOM files in their folders; which of these are the right ones is checked when they have been listed."""
    return sum(_to_come(item.series, destination / item.directory) for item in items)


def _to_come(series: PlannedSeries, folder: Path) -> int:
    try:
        with os.scandir(folder) as entries:
            there = {entry.name: entry for entry in entries if entry.name.endswith(".dcm") and entry.is_file(follow_symlinks=False)}
    except OSError:
        return series.size_bytes
    if series.instances:
        absent = sum(f"{name}.dcm" not in there for name in series.instances)
        return series.size_bytes * absent // len(series.instances)
    if series.instance_count is not None and len(there) >= series.instance_count:
        # Asking a million files for their sizes takes seconds.
        return 0
    return max(0, series.size_bytes - sum(entry.stat(follow_symlinks=False).st_size for entry in there.values()))
