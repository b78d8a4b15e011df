"""Methods on the download list: queued, finished and interrupted downloads, their series, and disk space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.selection import Content, ExportedSeries
from IDCBrowserLib.api.values import Buckets, Nothing, Selection


class Options(Buckets, total=False):
    """How series are fetched; see ``transfer.options``. ``jobs``: files moved at the same time, ``layout``: a template of their folders;
    ``keep_free``: bytes of the disk that stay free."""

    jobs: int
    retry_count: int
    wait_for_room: bool
    stall_s: float
    layout: str
    keep_free: int


class Purpose(TypedDict, total=False):
    """What a download was begun for; kept with it."""

    load: bool
    with_references: bool


class Contents(TypedDict):
    """What a download is of. ``collections`` and ``cases`` are None where there are too many to count; ``collection`` and ``case``: the first."""

    series: int
    bytes: int
    collections: int | None
    collection: str
    cases: int | None
    case: str


class EnqueueParameters(TypedDict, total=False):
    """``plan``: a handle, ``to``: a folder; or ``again``: a download that has ended, of which what is missing is to be fetched."""

    plan: int
    to: str
    again: str
    options: Options
    about: Purpose


class Room(TypedDict):
    """``missing_bytes`` are not there yet, ``free_bytes`` are left for them; ``folder``: the one that all series go to."""

    missing_bytes: int
    free_bytes: int
    folder: str


class Queued(Contents, Room):
    """``job``: its name."""

    job: str


ENQUEUE: Method[EnqueueParameters, Queued] = Method("transfer.enqueue", "downloads")
"""Writes a download down, so that it survives the end of the program, without beginning it."""


class About(Purpose, total=False):
    """What is known of a download that was left: nothing of one of the command line."""

    series: int
    bytes: int
    collections: int | None
    collection: str
    cases: int | None
    case: str


class LeftDownload(TypedDict):
    """``begun`` is 0 for one that only waited, else a time in seconds since 1970."""

    job: str
    to: str
    series_count: int
    begun: float
    about: About


class LeftDownloads(TypedDict):
    """In their order."""

    transfers: Sequence[LeftDownload]


UNFINISHED: Method[Nothing, LeftDownloads] = Method("transfer.unfinished", "downloads")
"""Those whose program has ended before them."""


class Job(TypedDict):
    """The name of a download."""

    job: str


class ForgetParameters(Job, total=False):
    """With ``keep_series`` they can still be looked at."""

    keep_series: bool


FORGET: Method[ForgetParameters, Nothing] = Method("transfer.forget", "downloads")
"""It is not offered again; its files stay. Not for one under way."""


class Jobs(TypedDict):
    """Names of downloads."""

    jobs: Sequence[str]


ARRANGE: Method[Jobs, Nothing] = Method("transfer.arrange", "downloads")
"""The order in which they come back after a restart."""


class SeriesParameters(Job):
    """``limit`` rows from ``offset`` on, at most 1,000; with ``failed_first`` failed and cancelled ones before the others."""

    offset: int
    limit: int
    failed_first: bool


# crdc_series_uuid, SeriesInstanceUID, PatientID, Modality, SeriesDescription, state, bytes, bytes_total, error
SeriesRow = tuple[str, str, str, str, str | None, str, int, int, str | None]


class SeriesRows(TypedDict):
    """Some of ``total``."""

    total: int
    rows: Sequence[SeriesRow]


SERIES: Method[SeriesParameters, SeriesRows] = Method("transfer.series", "downloads")


class _Room(TypedDict):
    to: str


class RoomParameters(_Room, total=False):
    """The folder, and what is to come there: a plan, or the ``content`` of selections; nothing to ask for the free bytes alone."""

    plan: int
    selections: Sequence[Selection]
    content: Content
    layout: str
    keep_free: int


ROOM: Method[RoomParameters, Room] = Method("transfer.room", "downloads")


class ExportParameters(Job):
    """The ending of ``file`` tells the form, as of ``selection.export``."""

    file: str


EXPORT: Method[ExportParameters, ExportedSeries] = Method("transfer.export", "downloads")
"""Writes the series that are not complete."""
