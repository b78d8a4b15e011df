"""Before anything moves: what the bucket holds of a series, and what of it is here already."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from IDCBrowserLib.errors import StorageError, TransferError
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.transfer import disk
from IDCBrowserLib.transfer.folder import Folder, is_file
from IDCBrowserLib.transfer.journal import Journal
from IDCBrowserLib.transfer.listing import BucketClient, RemoteObject
from IDCBrowserLib.transfer.series_folder import SeriesFolder
from IDCBrowserLib.transfer.verify import mismatch


@dataclass(frozen=True)
class Prepared:
    """``objects`` is the complete series; ``present`` lies verified in its folder; ``missing`` has to come.

    ``absent`` names instances that were asked for singly and that the bucket does not hold.
    """

    objects: tuple[RemoteObject, ...]
    present: tuple[RemoteObject, ...]
    missing: tuple[RemoteObject, ...]
    absent: tuple[str, ...] = ()


def prepare(
    series: PlannedSeries, client: BucketClient, bucket: str, place: SeriesFolder, *, journal: Journal, go_on: Callable[[], None]
) -> Prepared:
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
    present, missing = _look(objects, place, journal, go_on)
    # Before the first of them is there, so that a crash leaves no file that nobody owns.
    journal.claim(place.path, [(item.name, item.size, item.md5) for item in missing])
    return Prepared(tuple(objects), tuple(present), tuple(missing), tuple(absent))


def _look(
    objects: list[RemoteObject], place: SeriesFolder, journal: Journal, go_on: Callable[[], None]
) -> tuple[list[RemoteObject], list[RemoteObject]]:
    """What is there, verified, and what is not."""
    try:
        folder = place.open()
    except FileNotFoundError:
        return [], objects
    except OSError as error:
        raise disk.storage_error(error, Path(place.path)) from error
    known, doubtful = journal.entries(place.path), journal.doubtful(place.path)
    present: list[RemoteObject] = []
    missing: list[RemoteObject] = []
    verified: list[tuple[str, int, int, str]] = []
    with folder:
        for item in objects:
            # Without an MD5 nothing tells whether a power cut took its content.
            lost = not item.md5 and item.name in doubtful
            found = None if lost else _is_here(folder, item, known.get(item.name), go_on)
            (missing if found is None else present).append(item)
            if found is not None and known.get(item.name) != found:
                verified.append((item.name, *found))
    journal.add(place.path, verified)
    return present, missing


def _is_here(folder: Folder, expected: RemoteObject, known: tuple[int, int, str] | None, go_on: Callable[[], None]) -> tuple[int, int, str] | None:
    try:
        status = folder.status(expected.name)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk.storage_error(error, Path(folder.path)) from error
    if not is_file(status):
        raise StorageError(f"{os.path.join(folder.path, expected.name)} is no file but a link or folder, which is not replaced; remove it.")
    now = (status.st_size, status.st_mtime_ns, expected.md5)
    if status.st_size != expected.size:
        return None
    if known == now:
        return now
    try:
        return None if mismatch(folder, expected.name, expected, go_on) else now
    except OSError:
        # What cannot be read is fetched again.
        return None


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
