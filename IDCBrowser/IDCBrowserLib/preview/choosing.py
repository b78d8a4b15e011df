"""Chooses the object of a series to preview: the one nearest to the middle among a few candidates."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from IDCBrowserLib.dicom.gathering import gather
from IDCBrowserLib.dicom.reading import number, numbers, text
from IDCBrowserLib.dicom.with_pydicom import quietly
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.preview.heads import parse
from IDCBrowserLib.preview.objects import SeriesObject
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.vectors import cross

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

Item = TypeVar("Item", bound=SeriesObject)

# Names in IDC's buckets are random. The best of 16 random places is on average within 3 % of the middle.
_LOOKED_AT = 16
_HEAD_BYTES = 1 << 14


@dataclass(frozen=True)
class _Seen:
    """An object whose header was looked at."""

    item: Any
    dataset: Dataset


@quietly()
def middle(items: Sequence[Item], task: Task) -> Item:
    """The image in the middle of the body (else of the numbering), among those of the commonest orientation and size; any, where headers
    tell nothing.
    """
    seen = _look(items, task)
    if not seen:
        return items[len(items) // 2]
    kinds = Counter(_kind(one.dataset) for one in seen)
    kind = kinds.most_common(1)[0][0]
    same = [one for one in seen if _kind(one.dataset) == kind]
    places = [place_along_normal(one.dataset) for one in same]
    if any(place is None for place in places):
        places = [number(one.dataset, "InstanceNumber", 0.0) for one in same]
    known = [place for place in places if place is not None]
    center = (min(known) + max(known)) / 2
    chosen: Item = min(zip(known, same, strict=True), key=lambda pair: abs(pair[0] - center))[1].item
    return chosen


@quietly()
def thumbnail(items: Sequence[Item], task: Task) -> Item:
    """Of a slide: its thumbnail, else its smallest level; labels and overviews only when there is nothing else."""
    seen = _look(sorted(items, key=lambda item: item.size)[:_LOOKED_AT], task)
    if not seen:
        return min(items, key=lambda item: item.size)
    chosen: Item = min(seen, key=lambda one: (_rank(one.dataset), one.item.size)).item
    return chosen


def _look(items: Sequence[Item], task: Task) -> list[_Seen]:
    if len(items) == 1:
        return []
    # The same ones each time.
    chosen = items if len(items) <= _LOOKED_AT else random.Random(0).sample(list(items), _LOOKED_AT)
    datasets = gather([partial(_read, item) for item in chosen], task)
    return [_Seen(item, dataset) for item, dataset in zip(chosen, datasets, strict=True) if dataset is not None]


def _read(item: SeriesObject) -> Dataset | None:
    try:
        return parse(item.read(0, min(_HEAD_BYTES, item.size)), item.label).dataset
    except IDCBrowserError:
        # One header of many; where nothing comes at all, the object that is chosen says why.
        return None


def _kind(dataset: Dataset) -> tuple[Any, ...]:
    orientation = numbers(dataset, "ImageOrientationPatient", 6) or ()
    return (tuple(round(value, 1) for value in orientation), number(dataset, "Rows"), number(dataset, "Columns"))


def place_along_normal(dataset: Dataset) -> float | None:
    """How far along its normal an image lies, in mm; None where it has no place."""
    position, axes = numbers(dataset, "ImagePositionPatient", 3), numbers(dataset, "ImageOrientationPatient", 6)
    if position is None or axes is None:
        return None
    normal = cross((axes[0], axes[1], axes[2]), (axes[3], axes[4], axes[5]))
    return sum(a * b for a, b in zip(position, normal, strict=True))


def _rank(dataset: Dataset) -> int:
    """Values of Image Type (0008,0008) of slides (PS3.3 C.8.12.4.1.1)."""
    kind = text(dataset, "ImageType").upper()
    for rank, word in enumerate(("THUMBNAIL", "VOLUME")):
        if word in kind:
            return rank
    return 3 if "LABEL" in kind else 2
