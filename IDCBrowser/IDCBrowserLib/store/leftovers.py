"""What lies in the download folder and is of no use: found with the inventory, listed one by one, removed on request."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from IDCBrowserLib.store.inventory import Inventory, StoredSeries
from IDCBrowserLib.store.removing import Chosen, Deleter, RemoveReport
from IDCBrowserLib.store.status import Status
from IDCBrowserLib.store.walk import tree_size
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.incoming import PREFIX as INCOMING
from IDCBrowserLib.transfer.incoming import is_abandoned, lock_path
from IDCBrowserLib.transfer.versions import CompletedVersions


class Kind(str, Enum):
    """Why something is of no use; ``SERIES_KINDS`` are folders of series, which may have rows in the database."""

    INCOMING = "arriving"
    EMPTY = "empty"
    SUPERSEDED = "superseded"
    OLDER = "older version"
    PARTIAL = "partial"
    NOT_IMPORTED = "not in database"
    UNCLAIMED = "no series"


SERIES_KINDS = frozenset({Kind.OLDER, Kind.PARTIAL, Kind.NOT_IMPORTED})


@dataclass(frozen=True)
class Leftover:
    """``label`` names the series of ``path`` where there is one."""

    kind: Kind
    path: str
    files: int
    bytes: int
    label: str = ""
    series_uid: str = ""


def find_leftovers(inventory: Inventory, task: Task) -> list[Leftover]:
    """By kind, in the order of ``Kind``."""
    found = _arriving(inventory.folder, task)
    found += [Leftover(Kind.EMPTY, path, 0, 0) for path in inventory.empty]
    found += _superseded(inventory.series)
    found += [_of_series(Kind.OLDER, item) for item in _beside_current(inventory.series)]
    found += [_of_series(Kind.PARTIAL, item) for item in inventory.series if item.status is Status.PARTIAL]
    found += [_of_series(Kind.NOT_IMPORTED, item) for item in inventory.series if item.status is Status.ON_DISK]
    # A folder that the user keeps other things in is not a leftover of ours: only what lies among series is offered.
    ours = {_first_part(inventory.folder, item.directory) for item in inventory.series}
    found += [
        Leftover(Kind.UNCLAIMED, item.directory, item.files, item.bytes)
        for item in inventory.unclaimed
        if _first_part(inventory.folder, item.directory) in ours - {""}
    ]
    return found


def remove_leftovers(inventory: Inventory, leftovers: Sequence[Leftover], task: Task) -> RemoveReport:
    """Those that are no series (``chosen_series`` gives what to remove of the others). Files that cannot be deleted are named in the report."""
    report = RemoveReport()
    deleter = Deleter(inventory.folder)
    for item in leftovers:
        task.raise_if_cancelled()
        if item.kind is Kind.INCOMING:
            _remove_arriving(Path(item.path), report)
        elif item.kind is Kind.EMPTY:
            _remove_empty(item.path)
        elif item.kind is Kind.SUPERSEDED:
            deleter.delete(_superseded_files(item.path, CompletedVersions()), report)
        elif item.kind is Kind.UNCLAIMED:
            series_here = any(stored.directory == item.path for stored in inventory.series)
            deleter.delete(_plain_files(item.path, without_dicom=series_here), report)
    deleter.prune()
    return report


def chosen_series(leftovers: Sequence[Leftover]) -> list[Chosen]:
    """What to remove for those that are folders of series."""
    return [Chosen(item.series_uid, (item.path,), everywhere=False) for item in leftovers if item.kind in SERIES_KINDS]


def _of_series(kind: Kind, item: StoredSeries) -> Leftover:
    return Leftover(kind, item.directory, item.files, item.bytes, item.label, item.series_uid)


def _beside_current(series: Sequence[StoredSeries]) -> list[StoredSeries]:
    """Older versions of series of which the current version is here as well."""
    current = {item.series_uid for item in series if item.status in (Status.ON_DISK, Status.IN_DATABASE)}
    return [item for item in series if item.status is Status.OUTDATED and item.series_uid in current]


def _arriving(folder: str, task: Task) -> list[Leftover]:
    """Folders in which files arrived when their program died."""
    found = []
    for path in sorted(Path(folder).glob(f"{INCOMING}*")):
        if path.is_dir() and not path.is_symlink() and is_abandoned(path):
            found.append(Leftover(Kind.INCOMING, str(path), *tree_size(str(path), task)))
    return found


def _superseded(series: Sequence[StoredSeries]) -> list[Leftover]:
    """Files of a version that a transfer replaced, in the folder of the new one."""
    completed = CompletedVersions()
    found = []
    known = completed.of([item.directory for item in series])
    for item in series:
        if item.directory in known and item.files > (item.expected or item.files):
            paths = _superseded_files(item.directory, completed)
            if paths:
                found.append(Leftover(Kind.SUPERSEDED, item.directory, len(paths), sum(map(_size, paths)), item.label))
    return found


def _superseded_files(directory: str, completed: CompletedVersions) -> list[str]:
    names = completed.names(directory)
    return [path for path in _plain_files(directory) if path.endswith(".dcm") and os.path.basename(path) not in names] if names else []


def _plain_files(directory: str, without_dicom: bool = False) -> list[str]:
    try:
        with os.scandir(directory) as entries:
            return sorted(
                entry.path for entry in entries if entry.is_file(follow_symlinks=False) and not (without_dicom and entry.name.endswith(".dcm"))
            )
    except OSError:
        return []


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0


def _remove_arriving(path: Path, report: RemoveReport) -> None:
    if path.is_symlink() or not is_abandoned(path):
        return
    files, size = tree_size(str(path), Task())
    shutil.rmtree(path, onerror=lambda _function, name, error: report.fail(str(name), str(error[1])))
    lock_path(path).unlink(missing_ok=True)
    if not path.exists():
        report.files += files
        report.bytes += size


def _remove_empty(top: str) -> None:
    for folder, _folders, _files in os.walk(top, topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def _first_part(top: str, path: str) -> str:
    relative = os.path.relpath(path, top)
    return "" if relative == "." else relative.split(os.sep)[0]
