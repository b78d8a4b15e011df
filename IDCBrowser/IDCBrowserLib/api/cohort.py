"""Methods on a cohort: its figures, what of a shared one is still the same, and what changed in it since a release of IDC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from IDCBrowserLib.api.method import Method, Rank
from IDCBrowserLib.api.selection import Picked
from IDCBrowserLib.api.values import Filters


class Cohort(Picked, total=False):
    """The series of ``selections``, of the ``cart`` and of a ``plan``; with none of the three all of IDC. ``filters`` leave a part of them."""

    plan: int
    filters: Filters


class FigureRow(TypedDict):
    """One value; None is "not stated". Of ranges of numbers both ends, None for texts."""

    value: str | None
    low: float | None
    high: float | None
    series: int
    studies: int
    cases: int


Figure = Sequence[FigureRow]


class CountsParameters(Cohort, total=False):
    """``figures`` as of ``catalog.counting``; all of them unless they are named."""

    figures: Sequence[str]


class Counts(TypedDict):
    """What ``idc-browser summary`` prints. ``by`` figure, values most frequent first, ranges from the smallest on; ``missing``: by figure the side
    index that it needs and that is not here.
    """

    series: int
    collections: int
    cases: int
    studies: int
    instances: int
    total_bytes: int
    by: Mapping[str, Figure]
    missing: Mapping[str, str]


COUNTS: Method[CountsParameters, Counts] = Method("cohort.counts", "figures", Rank.LATER)


class CheckParameters(TypedDict):
    """A folder that "Folder to share" wrote, or its lock file."""

    path: str


class SeriesVersion(TypedDict, total=False):
    """``was`` and ``now`` are crdc_series_uuids; "" where there is none."""

    SeriesInstanceUID: str
    was: str
    now: str


class Checked(TypedDict):
    """``gone`` were removed from IDC and can still be downloaded; ``unknown`` are in no index file. Releases as texts: "23", ``current`` "25".

    At most 10,000 of each are listed; ``counts`` are of all.
    """

    idc_version: str
    current: str
    series: int
    identical: int
    revised: Sequence[SeriesVersion]
    gone: Sequence[SeriesVersion]
    unknown: Sequence[SeriesVersion]
    counts: Mapping[str, int]


CHECK: Method[CheckParameters, Checked] = Method("cohort.check", "cohort")


class _Since(TypedDict):
    release: int


class ChangesParameters(_Since, Cohort):
    """Since which ``release``; the filters have no say, since what was removed cannot be filtered by."""


class _Changed(TypedDict):
    collection_id: str
    PatientID: str
    SeriesInstanceUID: str
    crdc_series_uuid: str
    Modality: str | None


class Changed(_Changed, total=False):
    """``since``: the release that brought it; ``was``: the crdc_series_uuid of then, None where no index states it; ``max_idc_version``: the last
    release that had it.
    """

    size_bytes: int
    since: int
    was: str | None
    max_idc_version: int


class Changes(TypedDict):
    """``removed`` were in these collections or cases then. At most 10,000 of each are listed; ``counts`` are of all."""

    release: int
    current: int
    unchanged: int
    added: Sequence[Changed]
    revised: Sequence[Changed]
    removed: Sequence[Changed]
    counts: Mapping[str, int]


CHANGES: Method[ChangesParameters, Changes] = Method("cohort.changes", "cohort")
