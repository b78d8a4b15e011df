"""What this program left in the download folder and is of no use: found with the inventory, listed one by one, removed on request.

Only what is this program's (``transfer.owned``) is offered and removed; the user's files are none of its business.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.store.inventory import Inventory, StoredSeries
from IDCBrowserLib.store.removing import RemovalTarget, RemoveReport
from IDCBrowserLib.store.status import Status
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.folders.folder import Folder
from IDCBrowserLib.transfer.folders.incoming import abandoned, leftovers, remove_arrived
from IDCBrowserLib.transfer.folders.journal import Journal, open_journal
from IDCBrowserLib.transfer.folders.owned import Content, OwnedFiles


class Kind(str, Enum):
    """Why something is of no use; ``SERIES_KINDS`` are folders of series, which may have rows in the database."""

    INCOMING = "arriving"
    EMPTY = "empty"
    SUPERSEDED = "superseded"
    OLDER = "older version"
    PARTIAL = "partial"
    NOT_IMPORTED = "not in database"


SERIES_KINDS = frozenset({Kind.OLDER, Kind.PARTIAL, Kind.NOT_IMPORTED})


@dataclass(frozen=True)
class Leftover:
    """``label`` names the series of ``path`` where there is one; ``files`` and ``bytes`` are what would go."""

    kind: Kind
    path: str
    files: int
    bytes: int
    label: str = ""
    series_uid: str = ""


def find_leftovers(inventory: Inventory, task: Task, journal_path: Path | None = None) -> list[Leftover]:
    """By kind, in the order of ``Kind``."""
    found = _arriving(inventory.folder)
    with open_journal(journal_path) as journal:
        owned = OwnedFiles(inventory.folder, journal, task.raise_if_cancelled)
        found += [Leftover(Kind.EMPTY, path, 0, 0) for path in inventory.empty if _is_made(owned, journal, path)]
        found += [_leftover(Kind.SUPERSEDED, item, _superseded(owned, journal, item.directory)) for item in _more_than_expected(inventory.series)]
        series = [(Kind.OLDER, item) for item in _beside_current(inventory.series)]
        series += [(Kind.PARTIAL, item) for item in inventory.series if item.status is Status.PARTIAL]
        series += [(Kind.NOT_IMPORTED, item) for item in inventory.series if item.status is Status.ON_DISK]
        for kind, item in series:
            task.raise_if_cancelled()
            found.append(_leftover(kind, item, owned.look(item.directory)))
    return [item for item in found if item.files or item.kind in (Kind.INCOMING, Kind.EMPTY)]


def remove_leftovers(inventory: Inventory, chosen: Sequence[Leftover], task: Task, journal_path: Path | None = None) -> RemoveReport:
    """Those that are no series (``chosen_series`` gives what to remove of the others). Files that cannot be deleted are named in the report."""
    report = RemoveReport()
    with open_journal(journal_path) as journal:
        owned = OwnedFiles(inventory.folder, journal, task.raise_if_cancelled)
        for item in chosen:
            task.raise_if_cancelled()
            if item.kind is Kind.INCOMING:
                _remove_arrived(item.path, report)
            elif item.kind is Kind.EMPTY:
                _remove_empty(owned, item.path)
            elif item.kind is Kind.SUPERSEDED:
                names = _claimed(owned, journal, item.path)
                report.add(item.path, owned.remove(item.path, names))
        owned.prune()
    return report


def chosen_series(chosen: Sequence[Leftover]) -> list[RemovalTarget]:
    """What to remove for those that are folders of series."""
    return [RemovalTarget(item.series_uid, (item.path,), everywhere=False) for item in chosen if item.kind in SERIES_KINDS]


def _leftover(kind: Kind, item: StoredSeries, content: Content) -> Leftover:
    return Leftover(kind, item.directory, len(content.ours), content.bytes, item.label, item.series_uid if kind in SERIES_KINDS else "")


def _beside_current(series: Sequence[StoredSeries]) -> list[StoredSeries]:
    """Older versions of series of which the current version is here as well."""
    current = {item.series_uid for item in series if item.status in (Status.ON_DISK, Status.IN_DATABASE)}
    return [item for item in series if item.status is Status.OUTDATED and item.series_uid in current]


def _more_than_expected(series: Sequence[StoredSeries]) -> list[StoredSeries]:
    return [item for item in series if item.files > (item.expected or item.files) and item.status is not Status.OUTDATED]


def _superseded(owned: OwnedFiles, journal: Journal, directory: str) -> Content:
    """Files of a version that a transfer replaced, in the folder of the new one."""
    names = _claimed(owned, journal, directory)
    return owned.look(directory, names) if names else Content()


def _claimed(owned: OwnedFiles, journal: Journal, directory: str) -> set[str]:
    """Files that are ours and not of the version that was completed in a folder."""
    place = owned.place(directory)
    if place is None or not journal.completed(place):
        return set()
    return journal.owned(place).keys() - journal.entries(place).keys() - journal.doubtful(place).keys()


def _arriving(folder: str) -> list[Leftover]:
    """Folders in which files arrived when their program died."""
    found = []
    with suppress(OSError, StorageError), Folder.at(folder) as top:
        for name in leftovers(top):
            with suppress(OSError, StorageError), abandoned(top, name) as there:
                if there is not None and (there[1].ours or not there[1].theirs):
                    found.append(Leftover(Kind.INCOMING, os.path.join(folder, name), len(there[1].ours), there[1].bytes))
    return found


def _remove_arrived(path: str, report: RemoveReport) -> None:
    folder, name = os.path.split(path)
    try:
        with Folder.at(folder) as top:
            arriving = remove_arrived(top, name)
    except (OSError, StorageError) as error:
        report.fail(path, getattr(error, "strerror", None) or str(error))
        return
    if arriving is not None:
        report.add(path, Content(dict.fromkeys(arriving.ours, 0), arriving.theirs))
        report.bytes += arriving.bytes


def _is_made(owned: OwnedFiles, journal: Journal, path: str) -> bool:
    place = owned.place(path)
    return place is not None and journal.made(place)


def _remove_empty(owned: OwnedFiles, top: str) -> None:
    for folder, _folders, _files in os.walk(top, topdown=False):
        owned.remove_empty(folder)
