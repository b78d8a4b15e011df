"""Prepares the transfer of a series: lists its objects in the bucket and checks which of them are already on disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from IDCBrowserLib.errors import StorageError, TransferError
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.transfer.folders import disk
from IDCBrowserLib.transfer.folders.folder import Folder, is_file
from IDCBrowserLib.transfer.folders.journal import Journal
from IDCBrowserLib.transfer.folders.series_folder import SeriesFolder
from IDCBrowserLib.transfer.listing import BucketClient, RemoteObject
from IDCBrowserLib.transfer.verify import compare

# size, mtime_ns, md5
Entry = tuple[int, int, str]


@dataclass(frozen=True)
class PreparedSeries:
    """``objects`` is the complete series; ``present`` lies verified in its folder; ``missing`` has to come.

    ``absent`` names instances that were asked for singly and that the bucket does not hold; ``by_size`` of the present ones could only be compared
    by size, though the bucket states something like an MD5 of them.
    """

    objects: tuple[RemoteObject, ...]
    present: tuple[RemoteObject, ...]
    missing: tuple[RemoteObject, ...]
    absent: tuple[str, ...] = ()
    by_size: int = 0


def prepare(
    series: PlannedSeries, client: BucketClient, bucket: str, place: SeriesFolder, *, journal: Journal, go_on: Callable[[], None]
) -> PreparedSeries:
    """List the series, look what of it is in its folder, and write down what is about to come there.

    Raises ``TransferError`` when it cannot be listed, ``StorageError`` when links or folders stand where its files should.
    """
    listed = client.list_series(bucket, series.crdc_series_uuid)
    if series.instance_count is not None and len(listed) < series.instance_count:
        # Fewer than the index states: either is wrong, so look again before it is reported.
        listed = max(listed, client.list_series(bucket, series.crdc_series_uuid), key=len)
    go_on()
    objects, absent = _restrict(listed, series.instances)
    _check_names(objects, bucket, series)
    here = _Here(client, bucket, journal, go_on)
    present, missing = here.look(objects, place)
    # Before the first of them is there, so that a crash leaves no file that nobody owns.
    journal.claim(place.path, [(item.name, item.size, item.md5) for item in missing])
    return PreparedSeries(tuple(objects), tuple(present), tuple(missing), tuple(absent), here.by_size)


class _Here:
    """What of a series lies in its folder."""

    def __init__(self, client: BucketClient, bucket: str, journal: Journal, go_on: Callable[[], None]) -> None:
        self._client = client
        self._bucket = bucket
        self._journal = journal
        self._go_on = go_on
        self.by_size = 0

    def look(self, objects: list[RemoteObject], place: SeriesFolder) -> tuple[list[RemoteObject], list[RemoteObject]]:
        """What is there, verified, and what is not."""
        try:
            folder = place.open()
        except FileNotFoundError:
            return [], objects
        except OSError as error:
            raise disk.storage_error(error, Path(place.path)) from error
        known, doubtful = self._journal.entries(place.path), self._journal.doubtful(place.path)
        present: list[RemoteObject] = []
        missing: list[RemoteObject] = []
        verified: list[tuple[str, int, int, str]] = []
        with folder:
            for item in objects:
                found = self._entry(folder, item, known.get(item.name), item.name in doubtful)
                (missing if found is None else present).append(item)
                if found is not None and known.get(item.name) != found:
                    verified.append((item.name, *found))
        self._journal.add(place.path, verified)
        return present, missing

    def _entry(self, folder: Folder, expected: RemoteObject, known: Entry | None, is_doubtful: bool) -> Entry | None:
        """For the journal; None when it is not there."""
        status = _status(folder, expected.name)
        if status is None or status.st_size != expected.size:
            return None
        verified = (status.st_size, status.st_mtime_ns, expected.md5)
        by_size = (status.st_size, status.st_mtime_ns, stated_by(expected, by_size=True))
        if known in (verified, by_size):
            self.by_size += known != verified
            return known
        try:
            compared = compare(folder, expected.name, expected, self._go_on, lambda: self._client.etag_is_md5(self._bucket, expected.key))
        except OSError:
            # What cannot be read is fetched again.
            return None
        # Without an MD5 nothing tells whether a power cut took its content.
        if compared.problem or (compared.by_size and is_doubtful):
            return None
        self.by_size += compared.by_size and bool(expected.md5)
        return by_size if compared.by_size else verified


def _status(folder: Folder, name: str) -> os.stat_result | None:
    try:
        status = folder.status(name)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk.storage_error(error, Path(folder.path)) from error
    if not is_file(status):
        raise StorageError(f"{os.path.join(folder.path, name)} is not a file but a link or folder, which is not replaced; remove it.")
    return status


def stated_by(remote: RemoteObject, by_size: bool) -> str:
    """What the journal keeps as the MD5 of a file: nothing that looks like one when only the size could be compared."""
    return f"etag:{remote.md5}" if by_size and remote.md5 else remote.md5


def _restrict(objects: list[RemoteObject], instances: tuple[str, ...]) -> tuple[list[RemoteObject], list[str]]:
    if not instances:
        return objects, []
    by_name = {item.name: item for item in objects}
    wanted = [f"{instance}.dcm" for instance in instances]
    return [by_name[name] for name in wanted if name in by_name], [name for name in wanted if name not in by_name]


def _check_names(objects: list[RemoteObject], bucket: str, series: PlannedSeries) -> None:
    if len({item.name.lower() for item in objects}) != len(objects):
        raise TransferError(
            f"The bucket {bucket} lists two files of the series {series.crdc_series_uuid} that differ in letter case only; report it to IDC."
        )
