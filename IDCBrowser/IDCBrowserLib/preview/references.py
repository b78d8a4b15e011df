"""What the objects of series refer to: from files that are here, or from the first bytes of objects in a bucket."""

from __future__ import annotations

import contextlib
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.told_relations import Told
from IDCBrowserLib.describe.kinds import kind_of
from IDCBrowserLib.describe.references import references_of
from IDCBrowserLib.dicom.elements import PIXEL_DATA
from IDCBrowserLib.dicom.gathering import gather
from IDCBrowserLib.dicom.in_parts import read_header
from IDCBrowserLib.errors import ConversionError, IDCBrowserError, StorageError, StoreError
from IDCBrowserLib.preview.downloaded import files_here
from IDCBrowserLib.preview.objects import LocalObject, SeriesObject, local_objects
from IDCBrowserLib.preview.remote import BucketReader
from IDCBrowserLib.preview.series import at_first_endpoint
from IDCBrowserLib.selection.lookup import Lookup
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.options import TransferOptions

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

# Somebody waits for them: of each two requests, eight series at a time.
_MOST_SERIES = 64
# Presentation states, and doses of single beams, come in series of some objects.
_MOST_OBJECTS = 8
# Of an object that is not here; most need less than 100 kB.
_MOST_BYTES = 4_000_000
# No reference comes after these elements, but contents, contours and points do.
_LAST = {"SEG": 0x00081201, "ANN": 0x00081201, "SR": 0x0040A386, "KO": 0x0040A386, "RTSTRUCT": 0x30060011}
_SOP_CLASS, _SOP_INSTANCE = 0x00080016, 0x00080018


@dataclass(frozen=True)
class Where:
    """Where objects are read: the DICOM ``database`` and the download ``folder``, "" for none; else the buckets, unless ``options`` is None."""

    database: str
    folder: str
    options: TransferOptions | None


def told_about(catalog: Catalog, series_uid: str, where: Where, task: Task, kept: MutableMapping[str, Told]) -> dict[str, Told]:
    """What objects of its study say of the relations of a series that no index has, for ``Catalog.related``. See ``references_in``."""
    return references_in(list(Lookup(catalog).series(catalog.untold(series_uid)[:_MOST_SERIES]).values()), where, task, kept)


def references_in(series: Sequence[PlannedSeries], where: Where, task: Task, kept: MutableMapping[str, Told]) -> dict[str, Told]:
    """By SeriesInstanceUID: of files that are here, else of the beginning of some objects in a bucket. Those that cannot be read are not in it.

    ``kept``, by crdc_series_uuid, need not be read, and gets what was read. Raises ``CancelledError``.
    """
    wanted = [(one, _files_here(one, where)) for one in series if one.crdc_series_uuid not in kept]
    wanted = [(one, files) for one, files in wanted if files or where.options is not None]
    found = gather([partial(_told_by, one, files, where.options) for one, files in wanted], task)
    kept.update((one.crdc_series_uuid, told) for (one, _files), told in zip(wanted, found, strict=True) if told is not None)
    return {one.series_uid: kept[one.crdc_series_uuid] for one in series if one.crdc_series_uuid in kept}


def _files_here(series: PlannedSeries, where: Where) -> list[Path]:
    """None of a database that is damaged or of another version: whoever works with it is told there."""
    for database in dict.fromkeys((where.database, "")):
        with contextlib.suppress(StorageError, StoreError):
            return files_here(series, database, where.folder)
    return []


def _told_by(series: PlannedSeries, files: Sequence[str | Path], options: TransferOptions | None) -> Told | None:
    try:
        items = local_objects(files)
        if items or options is None:
            return _of_objects(series.modality, items) if items else None
        return at_first_endpoint(series, options, partial(_of_bucket, series))
    except IDCBrowserError:
        # What cannot be read tells nothing.
        return None


def _of_bucket(series: PlannedSeries, reader: BucketReader, bucket: str) -> Told:
    return _of_objects(series.modality, reader.list_series(bucket, series.crdc_series_uuid))


def _of_objects(modality: str, items: Sequence[SeriesObject]) -> Told:
    chosen = sorted(items, key=lambda item: item.label)[:_MOST_OBJECTS]
    found = [_of_object(item, _LAST.get(modality, PIXEL_DATA)) for item in chosen]
    series = dict.fromkeys(uid for one in found for uid in one.series)
    objects = dict.fromkeys(uid for one in found for uid in one.objects)
    return Told(tuple(series), tuple(objects), tuple(uid for one in found for uid in one.own), len(chosen) == len(items))


def _of_object(item: SeriesObject, last: int) -> Told:
    here = item.path if isinstance(item, LocalObject) else ""
    root = read_header(item if here else _Bounded(item), here, last)[0].root
    references = references_of(root, kind_of(root.text(_SOP_CLASS)).family)
    series = dict.fromkeys(reference.series_uid for reference in references if reference.series_uid)
    objects = dict.fromkeys(sop for reference in references if not reference.series_uid for sop in reference.sop_instance_uids)
    return Told(tuple(series), tuple(objects), (root.text(_SOP_INSTANCE),))


@dataclass(frozen=True)
class _Bounded:
    """An object of whose beginning no more than some megabytes are worth reading."""

    item: SeriesObject

    @property
    def size(self) -> int:
        return self.item.size

    @property
    def label(self) -> str:
        return self.item.label

    @property
    def series_uid(self) -> str:
        return self.item.series_uid

    def read(self, start: int, stop: int) -> bytes:
        if stop > _MOST_BYTES:
            raise ConversionError(f"What {self.label} refers to does not come within its first megabytes.")
        return self.item.read(start, stop)
