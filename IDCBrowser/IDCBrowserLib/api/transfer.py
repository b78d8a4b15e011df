"""Methods on a running download."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict, cast

from IDCBrowserLib.api.downloads import EnqueueParameters, Jobs
from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.selection import PlannedSeries, Unresolved
from IDCBrowserLib.api.store import LeftOut
from IDCBrowserLib.task import Progress


class DownloadParameters(EnqueueParameters, total=False):
    """``job``: a queued or unfinished one; or ``plan`` and ``to``. With ``with_references`` the images that segmentations, reports and the like
    refer to come along.

    Of slides among these only ``slide_levels``, as in ``Content``, as far as they are known. With ``import_to``, the folder of a DICOM database, each
    series enters that as soon as it is verified. At most ``limit`` complete series are listed and ten times as many others.
    """

    job: str
    with_references: bool
    slide_levels: Sequence[str]
    import_to: str
    limit: int


class _Series(TypedDict):
    SeriesInstanceUID: str
    crdc_series_uuid: str
    state: str
    files: int
    bytes: int
    directory: str
    error: str | None
    expected_files: int | None
    missing: Sequence[str]
    size_only: int


class Names(TypedDict, total=False):
    """What a person knows a series by."""

    PatientID: str
    StudyInstanceUID: str
    Modality: str
    SeriesDescription: str | None


class Series(_Series, Names):
    """What became of a series; its names are there where the number of series is limited. ``size_only`` of its files were compared by size.

    One that failed and has ``files`` is incomplete.
    """


class Imported(TypedDict):
    """What the complete series hold; ``left_out`` are at most 500. ``error``: why importing stopped."""

    series: int
    instances: int
    added: int
    unchanged: int
    damaged: int
    left_out: Sequence[LeftOut]
    left_out_count: int
    error: str | None


class Transferred(TypedDict):
    """What became of a plan; ``states`` counts all series, though not all may be listed. ``incomplete``: the failed ones that have files here."""

    series: Sequence[Series]
    series_count: int
    destination: str
    states: Mapping[str, int]
    incomplete: int
    files: int
    total_bytes: int
    bytes_transferred: int
    seconds: float
    error: str | None


class _Downloaded(Transferred):
    unresolved: Sequence[Unresolved]
    warnings: Sequence[str]
    added: Sequence[PlannedSeries]


_Import = TypedDict("_Import", {"import": Imported | None})


class Downloaded(_Downloaded, _Import):
    """What ``idc-browser download`` prints; series in ``added`` came along; ``import`` is None where it was not asked for."""


class Moving(TypedDict):
    """A series on its way. ``files`` of ``files_total`` are verified, in ``directory``; ``bytes`` likewise."""

    SeriesInstanceUID: str
    crdc_series_uuid: str
    Modality: str
    state: str
    files: int
    files_total: int
    bytes: int
    bytes_total: int
    directory: str
    error: str | None


class Details(TypedDict, total=False):
    """``details`` of the progress of a download: ``series`` whose state changed, ``held``: "paused", "room" or "", ``imported``:
    SeriesInstanceUIDs that are in the database now.
    """

    series: Sequence[Moving]
    bytes_per_second: float
    held: str
    imported: Sequence[str]


DOWNLOAD: Method[DownloadParameters, Downloaded] = Method("transfer.download", "transfer")
"""Progress counts bytes and has ``Details``."""


class WhichJob(TypedDict, total=False):
    """Without ``job`` all that run."""

    job: str


PAUSE: Method[WhichJob, Jobs] = Method("transfer.pause", "control")
"""Also one that waits."""

RESUME: Method[WhichJob, Jobs] = Method("transfer.resume", "control")


class CancelSeriesParameters(WhichJob):
    """SeriesInstanceUIDs or crdc_series_uuids."""

    series: Sequence[str]


CANCEL_SERIES: Method[CancelSeriesParameters, Jobs] = Method("transfer.cancel_series", "control")
"""The other series go on."""


def details_of(progress: Progress) -> Details:
    """What the progress of a download says besides numbers."""
    return cast(Details, progress.details)
