"""The frames of a series in the order in which one leafs through them, read one by one when they are looked at."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.gathering import gather
from IDCBrowserLib.dicom.reading import number, numbers
from IDCBrowserLib.dicom.with_pydicom import quietly
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.preview.choosing import place_along_normal
from IDCBrowserLib.preview.heads import parse
from IDCBrowserLib.preview.image import FrameReader
from IDCBrowserLib.preview.objects import LocalObject, SeriesObject, local_objects
from IDCBrowserLib.preview.picture import Picture
from IDCBrowserLib.preview.remote import BucketReader
from IDCBrowserLib.preview.series import FROM_FILES, at_first_endpoint, no_image
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.options import TransferOptions
from IDCBrowserLib.wording import human_size

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

# Of the network, for one series.
MAX_FETCHED_BYTES = 64_000_000
# More are not looked at one by one.
_MOST_OBJECTS = 3000
_MOST_FRAMES = 20_000
# Where the position of an image usually is; further where it is not.
_HEAD_BYTES, _LONGER_HEAD_BYTES = 1 << 13, 1 << 16
_PART = 32


@dataclass(frozen=True)
class _Place:
    """A frame of an object; ``order`` sorts."""

    item: SeriesObject
    frame: int
    order: tuple[float, ...]


class SeriesStack:
    """``len`` frames; ``picture(number, task)`` counts from 0. Safe to use from several threads, one at a time."""

    def __init__(self, items: Sequence[SeriesObject], task: Task) -> None:
        """Order the objects; raises ``ConversionError`` for too many, or for none with an image."""
        if len(items) > _MOST_OBJECTS:
            raise ConversionError(f"These are more than {_MOST_OBJECTS:,} images; download the series to leaf through them.")
        self._left = MAX_FETCHED_BYTES
        self._lock, self._spending = threading.Lock(), threading.Lock()
        self._reader: tuple[_Counted, FrameReader] | None = None
        self._window: tuple[float, float] | None = None
        self._places = self._ordered(items, task)
        if not self._places:
            raise ConversionError("None of the objects of this series is an image.")

    def __len__(self) -> int:
        return len(self._places)

    def picture(self, number: int, task: Task) -> Picture:
        """A frame. Raises ``TransferError``, ``ConversionError`` (damaged, or more than is fetched for a preview) or ``CancelledError``."""
        place = self._places[max(0, min(number, len(self) - 1))]
        with self._lock:
            if self._reader is None or self._reader[0].item is not place.item:
                counted = _Counted(place.item, self, task)
                self._reader = counted, FrameReader(counted, self._window)
            counted, reader = self._reader
            counted.task = task
            made = reader.read(place.frame, task)
            self._window = reader.window
            return made

    def spend(self, count: int) -> None:
        """So many bytes are about to be fetched; raises ``ConversionError`` where that is more than a preview is worth."""
        with self._spending:
            if count > self._left:
                raise ConversionError(f"{human_size(MAX_FETCHED_BYTES)} of this series were fetched for the preview. Download it to see the rest.")
            self._left -= count

    @quietly()
    def _ordered(self, items: Sequence[SeriesObject], task: Task) -> list[_Place]:
        places: list[_Place] = []
        if len(items) == 1:
            return self._of_one(items[0], task)
        for start in range(0, len(items), _PART):
            task.report(Progress("Ordering the images", start, len(items), "images"))
            part = items[start : start + _PART]
            datasets = gather([partial(self._head, item) for item in part], task)
            for item, dataset in zip(part, datasets, strict=True):
                if dataset is not None:
                    places += _places_of(item, dataset)
        return _sorted(places[:_MOST_FRAMES])

    def _of_one(self, item: SeriesObject, task: Task) -> list[_Place]:
        dataset = self._head(item)
        return _places_of(item, dataset) if dataset is not None else []

    def _head(self, item: SeriesObject) -> Dataset | None:
        """The beginning of its header; None where it is no image, or not DICOM: one of many.

        That it cannot be fetched, or not for a preview, is for the whole series to say.
        """
        found, content = None, b""
        for count in (_HEAD_BYTES, _LONGER_HEAD_BYTES):
            content += self._more(item, len(content), min(count, item.size))
            with suppress(ConversionError):
                found = parse(content, item.label).dataset
            if len(content) == item.size or (found is not None and "Rows" in found and "InstanceNumber" in found):
                break
        return found if found is not None and "Rows" in found else None

    def _more(self, item: SeriesObject, start: int, stop: int) -> bytes:
        if not isinstance(item, LocalObject):
            self.spend(stop - start)
        return item.read(start, stop)


class _Counted:
    """An object of a stack, whose reads are counted and end when the task is canceled."""

    def __init__(self, item: SeriesObject, stack: SeriesStack, task: Task) -> None:
        self.item = item
        self.task = task
        self._stack = stack
        self.size = item.size
        self.label = item.label
        self.series_uid = item.series_uid

    def read(self, start: int, stop: int) -> bytes:
        """See ``SeriesObject``."""
        if not isinstance(self.item, LocalObject):
            self._stack.spend(max(0, min(stop, self.size) - start))
        (content,) = gather([partial(self.item.read, start, stop)], self.task)
        return content


def open_stack(series: PlannedSeries, options: TransferOptions, task: Task, files: Sequence[str | Path] = ()) -> SeriesStack:
    """Of ``files`` when they are given, else of the bucket. Raises ``TransferError``, ``ConversionError`` or ``CancelledError``."""
    reason = no_image(series.modality)
    if reason:
        raise ConversionError(reason)
    if series.modality in FROM_FILES or series.modality == "SM":
        raise ConversionError("There is one picture of this series.")
    items = local_objects(files)
    if items:
        return SeriesStack(items, task)

    def make(reader: BucketReader, bucket: str) -> SeriesStack:
        (listed,) = gather([partial(reader.list_all, bucket, series.crdc_series_uuid, _MOST_OBJECTS, series.series_uid)], task)
        return SeriesStack(listed, task)

    return at_first_endpoint(series, options, make)


def _places_of(item: SeriesObject, dataset: Dataset) -> list[_Place]:
    frames = max(1, int(number(dataset, "NumberOfFrames", 1.0)))
    place = place_along_normal(dataset) if frames == 1 else None
    axes = tuple(round(value, 1) for value in numbers(dataset, "ImageOrientationPatient", 6) or ())
    order = (number(dataset, "InstanceNumber", 0.0), *((place,) if place is not None else ()), *axes)
    return [_Place(item, frame, order) for frame in range(min(frames, _MOST_FRAMES))]


def _sorted(places: list[_Place]) -> list[_Place]:
    """By position where all lie side by side, each at a place of its own, in the direction in which they are numbered; else by number."""
    axes = {place.order[2:] for place in places}
    along = [place.order[1] for place in places if len(place.order) == 8]
    by_number = sorted(places, key=lambda place: (place.order[0], place.item.label, place.frame))
    if len(along) < len(places) or len(axes) != 1 or len({round(value, 3) for value in along}) < len(places):
        return by_number
    by_place = sorted(places, key=lambda place: place.order[1])
    backwards = by_number[0].order[1] > by_number[-1].order[1]
    return by_place[::-1] if backwards else by_place
