"""The inventory of the download folder: every series with its size and its status in the database and in IDC, and leftovers."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from IDCBrowserLib.api.storage import Amounts
from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.places import places_of
from IDCBrowserLib.store.status import SeriesPlace, Status, is_older
from IDCBrowserLib.store.walk import FolderContent, Walker
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.folders.incoming import PREFIX as INCOMING
from IDCBrowserLib.transfer.folders.versions import CompletedVersions

if TYPE_CHECKING:
    from IDCBrowserLib.selection.lookup import Lookup
    from IDCBrowserLib.selection.plan import PlannedSeries

_LEAF = re.compile(r"[^_]*_(?P<uid>[0-9]+(?:\.[0-9]+)+)(?:_v(?P<version>[0-9a-f-]{36}))?")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
OTHER = "?"


@dataclass(frozen=True)
class StoredSeries:
    """A folder that holds files of one series. ``imported`` of its files are in the database; ``expected`` is None where unknown.

    ``study``: date and description of its study where the database has them.
    """

    directory: str
    series_uid: str
    collection_id: str
    patient_id: str
    label: str
    files: int
    bytes: int
    imported: int
    status: Status
    expected: int | None = None
    study_uid: str = OTHER
    study: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class UnknownFolder:
    """A folder with files that belong to no known series; none of the program's business unless the user says so."""

    directory: str
    files: int
    bytes: int


@dataclass
class Inventory:
    """``unreadable`` are (folder, reason); ``empty`` the topmost folders below which nothing lies. ``elsewhere`` are series and files that the
    database has outside the folder.
    """

    folder: str
    series: list[StoredSeries] = field(default_factory=list)
    unclaimed: list[UnknownFolder] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    elsewhere: tuple[int, int] = (0, 0)


def take_inventory(lookup: Lookup, database: Database, folder: str, walker: Walker, task: Task | None = None) -> Inventory:
    """Look through ``folder`` and compare it with database, journal and catalog. Raises ``StoreError`` and ``CatalogError``."""
    task = task or Task()
    folder = os.path.abspath(folder)
    contents = list(walker.walk(folder, task, (INCOMING,))) if os.path.isdir(folder) else []
    imported = _Imported(database)
    inventory = Inventory(folder, empty=_empty(folder, contents), elsewhere=imported.elsewhere(folder))
    inventory.unreadable = [(content.path, content.error) for content in contents if content.error]
    naming = _Naming(lookup, folder, imported, [content.path for content in contents if content.files], task)
    for content in contents:
        found = naming.series_in(content)
        inventory.series += found
        files, size = content.files - sum(item.files for item in found), content.bytes - sum(item.bytes for item in found)
        if files + content.others > 0:
            inventory.unclaimed.append(UnknownFolder(content.path, files + content.others, size + content.other_bytes))
    return inventory


class _Known(NamedTuple):
    """What the database says of a series."""

    patient: str = ""
    label: str = ""
    study_uid: str = OTHER
    study: tuple[str, str] = ("", "")


class _Imported:
    """Which files the database has, by folder."""

    def __init__(self, database: Database) -> None:
        self.by_folder: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.known: dict[str, _Known] = {}
        with database.reading() as connection:
            if connection is None:
                return
            for uid, filename in connection.execute("SELECT SeriesInstanceUID, Filename FROM Images"):
                self.by_folder[os.path.dirname(os.path.normpath(database.resolve(filename or "")))][uid] += 1
            query = (
                "SELECT SeriesInstanceUID, PatientID, coalesce(Modality, '') || ' ' || coalesce(SeriesDescription, ''), StudyInstanceUID, "
                "StudyDate, StudyDescription "
                "FROM Series JOIN Studies USING (StudyInstanceUID) JOIN Patients ON Patients.UID = Studies.PatientsUID"
            )
            rows = connection.execute(query)
            self.known = {
                uid: _Known(patient or "", label.strip(), study, (date or "", text or "")) for uid, patient, label, study, date, text in rows
            }

    def elsewhere(self, folder: str) -> tuple[int, int]:
        outside = [series for path, series in self.by_folder.items() if not f"{path}{os.sep}".startswith(folder.rstrip(os.sep) + os.sep)]
        return len({uid for series in outside for uid in series}), sum(sum(series.values()) for series in outside)


class _Naming:
    """Finds out which series lies in a folder: by its name, else by what the database has of it."""

    def __init__(self, lookup: Lookup, folder: str, imported: _Imported, paths: Sequence[str], task: Task) -> None:
        self._folder = folder
        self._imported = imported
        self._completed = CompletedVersions()
        named = {path: _LEAF.fullmatch(os.path.basename(path)) for path in paths}
        uids = {match["uid"] for match in named.values() if match} | {uid for path in paths for uid in imported.by_folder.get(path, ())}
        by_uuid = {os.path.basename(path) for path in paths if _UUID.fullmatch(os.path.basename(path))}
        self._uuids = _series_of_uuids(lookup, by_uuid)
        uids |= set(self._uuids.values())
        task.raise_if_cancelled()
        self._planned = lookup.series(sorted(uids))
        task.raise_if_cancelled()
        self._places = {place.series_uid: place for place in places_of(lookup, sorted(uids), folder)}
        self._prior = lookup.prior_of([uid for uid in uids if uid not in self._planned])

    def series_in(self, content: FolderContent) -> list[StoredSeries]:
        """Usually one, none where nothing is known of the files; several where a user's own folder was imported."""
        if not content.files:
            return []
        leaf = os.path.basename(content.path)
        match = _LEAF.fullmatch(leaf)
        uid = match["uid"] if match else self._uuids.get(leaf)
        if uid is not None:
            return [self._stored(content, uid, content.files, content.bytes, bool(match and match["version"]))]
        imported = self._imported.by_folder.get(content.path, {})
        total = sum(imported.values())
        # Sizes of single files are not known here; the sum over the folder is exact.
        shares = _shares(content.bytes, list(imported.values()), max(total, content.files))
        return [
            self._stored(content, uid, min(count, content.files), share, False) for (uid, count), share in zip(imported.items(), shares, strict=True)
        ]

    def _stored(self, content: FolderContent, uid: str, files: int, size: int, prior_folder: bool) -> StoredSeries:
        planned = self._planned.get(uid) or next(iter(self._prior.get(uid, [])), None)
        imported = min(self._imported.by_folder.get(content.path, {}).get(uid, 0), files)
        place = self._places.get(uid) or SeriesPlace(uid)
        expected = None if prior_folder else place.instance_count
        if is_older(place, content.path, files, size, self._completed) or (prior_folder and place.crdc_series_uuid):
            status = Status.OUTDATED
        elif expected is not None and files < expected:
            status = Status.PARTIAL
        else:
            status = Status.IN_DATABASE if imported >= (expected or files) else Status.ON_DISK
        known = self._imported.known.get(uid, _Known())
        collection, patient, label = self._names(content.path, uid, planned, known)
        study_uid = planned.study_uid if planned is not None else known.study_uid
        return StoredSeries(content.path, uid, collection, patient, label, files, size, imported, status, expected, study_uid, known.study)

    def _names(self, path: str, uid: str, planned: PlannedSeries | None, known: _Known) -> tuple[str, str, str]:
        if planned is not None:
            return planned.collection_id, planned.patient_id, f"{planned.modality} {planned.description or ''}".strip() or uid
        parts = os.path.relpath(path, self._folder).split(os.sep)
        collection = parts[0] if len(parts) >= 3 else OTHER
        return collection, known.patient or (parts[1] if len(parts) >= 3 else OTHER), known.label or os.path.basename(path)


def _series_of_uuids(lookup: Lookup, uuids: Iterable[str]) -> dict[str, str]:
    """SeriesInstanceUID by crdc_series_uuid: the names of folders in the short layout."""
    asked = sorted(uuids)
    found = {uuid: hits[0] for uuid, hits in lookup.identify(asked).items() if hits} if asked else {}
    prior = lookup.prior([uuid for uuid, (level, _) in found.items() if level == "prior_series"])
    return {uuid: prior[uuid].series_uid if uuid in prior else name for uuid, (level, name) in found.items() if level == "series" or uuid in prior}


def _shares(size: int, counts: Sequence[int], total: int) -> list[int]:
    return [size * count // total for count in counts] if total else []


def _empty(top: str, contents: Sequence[FolderContent]) -> list[str]:
    """The topmost folders below which there is no file; ``contents`` are in the order of the walk, parents first."""
    filled: dict[str, bool] = {}
    for content in reversed(contents):
        below = (os.path.join(content.path, name) for name in content.folders)
        filled[content.path] = bool(content.files or content.others or content.error) or any(filled.get(path, True) for path in below)
    return [
        path
        for path, has_files in reversed(filled.items())
        if not has_files and path != top and (os.path.dirname(path) == top or filled[os.path.dirname(path)])
    ]


def totals(series: Iterable[StoredSeries]) -> Amounts:
    """How much it is, and how many series there are of each status."""
    listed = list(series)
    counts = Counter(item.status for item in listed)
    return {
        "series": len(listed),
        "files": sum(item.files for item in listed),
        "bytes": sum(item.bytes for item in listed),
        "partial": counts[Status.PARTIAL],
        "on disk": counts[Status.ON_DISK],
        "in database": counts[Status.IN_DATABASE],
        "older version": counts[Status.OUTDATED],
    }


def grouped(series: Iterable[StoredSeries], name: str) -> Mapping[str, list[StoredSeries]]:
    """By one of their fields, sorted."""
    groups: dict[str, list[StoredSeries]] = defaultdict(list)
    for item in series:
        groups[getattr(item, name)].append(item)
    return dict(sorted(groups.items()))
