"""The picture of a series: from the cache, from files that are here, or from one object of its bucket."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from IDCBrowserLib.dicom.gathering import gather
from IDCBrowserLib.errors import CancelledError, ConversionError, IDCBrowserError, TransferError
from IDCBrowserLib.network import Network
from IDCBrowserLib.preview.cache import PictureCache
from IDCBrowserLib.preview.choosing import middle, thumbnail
from IDCBrowserLib.preview.image import picture_of_image
from IDCBrowserLib.preview.limits import MAX_OBJECT_BYTES, TooLargeError
from IDCBrowserLib.preview.objects import LocalObject, SeriesObject, local_objects
from IDCBrowserLib.preview.picture import Picture
from IDCBrowserLib.preview.remote import BucketReader, RemoteFile
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.options import TransferOptions
from IDCBrowserLib.whole_file import part_folder

# Modality -> how a sentence calls such objects.
_NO_IMAGES = {
    "SR": "Structured reports",
    "ANN": "Annotations",
    "PR": "Presentation states",
    "KO": "Key object selections",
    "REG": "Registrations",
    "RTPLAN": "Treatment plans",
    "RTRECORD": "Treatment records",
    "RWV": "Real world value maps",
    "M3D": "Surface models",
    "FID": "Fiducials",
    "SMR": "Stereometric relationships",
    "PLAN": "Plans",
    "DOC": "Documents",
    "AU": "Recordings",
    "ECG": "Waveforms",
}
_BLOCK = 1 << 22
Made = TypeVar("Made")


@dataclass(frozen=True)
class Preview:
    """``file`` is a PNG and ``description`` says what it shows; without a file ``description`` says why there is none."""

    file: Path | None
    description: str


def no_image(modality: str) -> str:
    """Why series of a modality have no picture, "" if they may have one."""
    return f"{_NO_IMAGES[modality]} do not contain images." if modality in _NO_IMAGES else ""


def preview(
    series: PlannedSeries,
    options: TransferOptions,
    cache: PictureCache,
    task: Task,
    files: Sequence[str | Path] = (),
    most_bytes: int = MAX_OBJECT_BYTES,
) -> Preview:
    """The picture of a series; of ``files`` when they are given, and then without the network. ``most_bytes`` of the network are worth it.

    Raises ``TransferError``, ``ConversionError`` (too large, damaged, no image) or ``CancelledError``, none of which names a temporary file.
    """
    reason = no_image(series.modality)
    if reason:
        return Preview(None, reason)
    found = cache.find(series.crdc_series_uuid)
    if found is not None:
        return Preview(*found)
    items: Sequence[SeriesObject] = local_objects(files)
    picture = _picture(series, items, task) if items else _remote_picture(series, options, task, most_bytes)
    task.raise_if_cancelled()
    try:
        return Preview(cache.keep(series.crdc_series_uuid, picture), picture.description)
    except OSError as error:
        raise ConversionError(f"The preview cannot be stored ({error.strerror or error}).") from error


def _remote_picture(series: PlannedSeries, options: TransferOptions, task: Task, most_bytes: int) -> Picture:
    def make(reader: BucketReader, bucket: str) -> Picture:
        (items,) = gather([partial(reader.list_series, bucket, series.crdc_series_uuid, series.series_uid)], task)
        return _picture(series, items, task, most_bytes)

    return at_first_endpoint(series, options, make)


def at_first_endpoint(series: PlannedSeries, options: TransferOptions, make: Callable[[BucketReader, str], Made]) -> Made:
    """What ``make(reader, bucket)`` gives for the first endpoint that has the series; raises its ``TransferError`` when none does."""
    problem: IDCBrowserError = TransferError("IDC has no bucket for this series.")
    for endpoint in options.endpoints():
        bucket = endpoint.bucket_of(series)
        if not bucket:
            continue
        try:
            return make(_reader_of(endpoint.endpoint_url, options.network), bucket)
        except CancelledError:
            raise
        except TransferError as error:
            problem = error
    raise problem


def objects_of(series: PlannedSeries, options: TransferOptions, sizes: Mapping[str, int]) -> dict[str, RemoteFile]:
    """Objects of a series whose names and sizes in bytes are known, where they are fetched from; none where IDC has no bucket of it."""
    for endpoint in options.endpoints():
        bucket = endpoint.bucket_of(series)
        if bucket:
            reader = _reader_of(endpoint.endpoint_url, options.network)
            folder, uid = series.crdc_series_uuid, series.series_uid
            return {name: reader.object_at(bucket, f"{folder}/{name}", name, size, uid) for name, size in sizes.items()}
    return {}


_readers: dict[tuple[str, Network], BucketReader] = {}


def _reader_of(endpoint_url: str, network: Network) -> BucketReader:
    """One for each endpoint, whose connections are used again."""
    return _readers.setdefault((endpoint_url, network), BucketReader(endpoint_url, network))


def _picture(series: PlannedSeries, items: Sequence[SeriesObject], task: Task, most_bytes: int = MAX_OBJECT_BYTES) -> Picture:
    if series.modality in FROM_FILES:
        # Several are rare; the largest says most.
        return _from_file(max(items, key=lambda item: item.size), FROM_FILES[series.modality], task, most_bytes)
    item = thumbnail(items, task) if series.modality == "SM" else middle(items, task)
    return picture_of_image(Unhurried(item, task, most_bytes), task)


def _from_file(item: SeriesObject, make: Callable[[Path, Task], Picture], task: Task, most_bytes: int) -> Picture:
    """What reads files gets one."""
    if isinstance(item, LocalObject):
        return make(item.path, task)
    source = Unhurried(item, task, most_bytes)
    if item.size > most_bytes:
        raise TooLargeError(item.size)
    with part_folder("idc-browser-preview-") as folder:
        path = folder / item.label
        with path.open("wb") as file:
            for start in range(0, item.size, _BLOCK):
                file.write(source.read(start, start + _BLOCK))
        try:
            return make(path, task)
        except ConversionError as error:
            raise ConversionError(str(error).replace(str(path), item.label)) from error


def _of_seg(path: Path, task: Task) -> Picture:
    from IDCBrowserLib.preview.segmentation import picture_of_seg

    return picture_of_seg(path, task)


def _of_structures(path: Path, task: Task) -> Picture:
    from IDCBrowserLib.preview.structures import picture_of_structures

    return picture_of_structures(path, task)


FROM_FILES: dict[str, Callable[[Path, Task], Picture]] = {"SEG": _of_seg, "RTSTRUCT": _of_structures}


class Unhurried:
    """An object whose reads end at once when the task is canceled. Of one in a bucket no more than ``most_bytes`` are read."""

    def __init__(self, item: SeriesObject, task: Task, most_bytes: int = MAX_OBJECT_BYTES) -> None:
        self._item = item
        self._task = task
        self._left = most_bytes
        self.size = item.size
        self.label = item.label
        self.series_uid = item.series_uid

    def read(self, start: int, stop: int) -> bytes:
        """See ``SeriesObject``; raises ``TooLargeError`` too."""
        if not isinstance(self._item, LocalObject):
            self._left -= max(0, min(stop, self.size) - start)
            if self._left < 0:
                raise TooLargeError(self.size)
        (content,) = gather([partial(self._item.read, start, stop)], self._task)
        return content
