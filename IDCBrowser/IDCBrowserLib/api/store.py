"""Methods on the DICOM database, and where series are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from IDCBrowserLib.api.method import Method, Rank
from IDCBrowserLib.api.values import Folders, Nothing


class _Database(TypedDict):
    database: str


class ImportParameters(_Database, total=False):
    """Folders are searched to the bottom."""

    files: Sequence[str]
    directories: Sequence[str]


class LeftOut(TypedDict):
    """A file that was not imported; ``reason`` completes "left out: "."""

    file: str
    reason: str


class ImportCounts(TypedDict):
    """What the files hold, whether added now or already there."""

    patients: int
    studies: int
    series: int
    instances: int
    left_out: Sequence[LeftOut]


class ImportReport(ImportCounts):
    """``damaged`` of those left out are DICOM but cannot be read; ``added`` and ``unchanged`` count instances."""

    added: int
    unchanged: int
    damaged: int


IMPORT: Method[ImportParameters, ImportReport] = Method("store.import", "store")


class SeriesStatusParameters(Folders):
    """SeriesInstanceUIDs."""

    series: Sequence[str]


SERIES_STATUS: Method[SeriesStatusParameters, Mapping[str, str]] = Method("store.series_status", "status", Rank.LATER)
"""By SeriesInstanceUID: "absent", "partial", "on disk", "in database" or "older version"."""


class StudyStatusParameters(Folders):
    """StudyInstanceUIDs."""

    studies: Sequence[str]


StudyStatus = TypedDict("StudyStatus", {"series": int, "here": int, "in database": int, "older version": int})

STUDY_STATUS: Method[StudyStatusParameters, Mapping[str, StudyStatus]] = Method("store.study_status", "status", Rank.LATER)
"""By StudyInstanceUID: how many series it has, and how many of them are here in whatever state."""


class SeriesFilesParameters(_Database):
    """A SeriesInstanceUID."""

    series: str


class Files(TypedDict):
    """Paths."""

    files: Sequence[str]


SERIES_FILES: Method[SeriesFilesParameters, Files] = Method("store.series_files", "query")
"""Instances of a series in the database that are there."""


class StoredSeries(TypedDict):
    """With the column names of idc-index; ``SOPClassUID`` is not in the database and empty."""

    SeriesInstanceUID: str
    StudyInstanceUID: str
    PatientID: str | None
    Modality: str | None
    SeriesDescription: str | None
    instanceCount: int
    SOPClassUID: str


class SeriesBelowParameters(TypedDict):
    """``folders`` to look below, and the folder of the database."""

    database: str
    folders: Sequence[str]


class SeriesBelow(TypedDict):
    """Series with files below folders."""

    series: Sequence[StoredSeries]


SERIES_BELOW: Method[SeriesBelowParameters, SeriesBelow] = Method("store.series_below", "query")


class SharedStores(TypedDict):
    """Folders of downloaded series that others keep."""

    folders: Sequence[str]


SET_SHARED_STORES: Method[SharedStores, Nothing] = Method("store.set_shared_stores", "store")
"""From now on for this user, whatever the host; an ``InputError`` names a folder that cannot be read."""
