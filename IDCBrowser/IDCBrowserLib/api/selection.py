"""Methods on a selection: its size, the plan of a download, and saving the plan as a manifest or table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict, final

from IDCBrowserLib.api.method import Method, Rank
from IDCBrowserLib.api.values import ExportedLines, Folders, Nothing, Selection

# As many as the scene takes at once.
MAX_LOADED_SERIES = 50


class Content(TypedDict, total=False):
    """What is taken: ``preset`` keeps a part ("originals", "modality:CT" ..., one or several); then ``with_references`` adds the images that
    segmentations and the like refer to, ``with_derived`` what was made from the images. Of slides only ``slide_levels``: numbers, "label",
    "overview", "thumbnail", or a size ("5MB", "16MP") for the largest level within; all of a slide whose levels are not known. ``folders``: where
    objects are that say which images they refer to.
    """

    preset: str | Sequence[str]
    with_references: bool
    with_derived: bool
    slide_levels: Sequence[str]
    folders: Folders


class Picked(TypedDict, total=False):
    """Rows, and with ``cart`` also what is in the cart."""

    selections: Sequence[Selection]
    cart: bool


class SummaryParameters(Picked, total=False):
    """Of which selections how much is taken."""

    content: Content


class Counts(TypedDict):
    """``licenses`` and ``modalities`` count series. ``added_series``: what comes in addition to what was selected; ``guessed_images``: selected
    series whose images are not known; ``guessed_derived``: series of the study that may be made from its images.
    """

    collections: int
    cases: int
    studies: int
    series: int
    bytes: int
    licenses: Mapping[str, int]
    modalities: Mapping[str, int]
    added_series: int
    added_bytes: int
    guessed_images: int
    guessed_derived: int


class Summary(Counts):
    """``noncommercial_series`` have a license that forbids commercial use."""

    noncommercial_series: int


SUMMARY: Method[SummaryParameters, Summary] = Method("selection.summary", "aside", Rank.LATER)


@final
class PlanParameters(Picked, total=False):
    """``sources`` are files or identifiers; or ``plan``: the handle of an earlier one to begin with."""

    content: Content
    sources: Sequence[str]
    plan: int


class _PlannedSeries(TypedDict):
    collection_id: str
    PatientID: str
    StudyInstanceUID: str
    SeriesInstanceUID: str
    Modality: str
    SeriesDescription: str | None
    instanceCount: int | None
    size_bytes: int
    series_size_MB: float
    license_short_name: str | None
    source_DOI: str | None
    crdc_series_uuid: str
    aws_bucket: str
    gcs_bucket: str | None
    idc_version: int | None


class PlannedSeries(_PlannedSeries, total=False):
    """With the column names of idc-index. ``idc_version``: the release in use, or the last one that had a version which was replaced.

    ``instances``: only these.
    """

    instances: Sequence[str]


class Unresolved(TypedDict):
    """A line of a source that names nothing; ``line`` counts from 1, None where the source is not a file."""

    source: str
    line: int | None
    text: str
    reason: str


class PlanDocument(TypedDict):
    """What ``idc-browser plan`` prints."""

    series: Sequence[PlannedSeries]
    series_count: int
    total_bytes: int
    collections: int
    cases: int
    studies: int
    modalities: Mapping[str, int]
    licenses: Mapping[str, int]
    noncommercial_series: int
    unresolved: Sequence[Unresolved]
    warnings: Sequence[str]


class Plan(PlanDocument):
    """With at most 1,000 series and 150 unresolved lines; the counts are of all. ``plan`` is its handle."""

    unresolved_count: int
    plan: int


PLAN: Method[PlanParameters, Plan] = Method("selection.plan", "work")
"""The plan stays under its handle until ``CLOSE_PLAN``; of too many, those not used longest go."""


class PlanHandle(TypedDict):
    """A plan that was made."""

    plan: int


CLOSE_PLAN: Method[PlanHandle, Nothing] = Method("selection.close_plan", "work")
"""In the lane of what uses plans, so that what was asked before is answered before. A download that was queued keeps what it needs."""


class ExportUnresolvedParameters(PlanHandle):
    """``file``: ``.csv``, ``.tsv`` or ``.json``."""

    file: str


EXPORT_UNRESOLVED: Method[ExportUnresolvedParameters, ExportedLines] = Method("selection.export_unresolved", "work")


class _Export(PlanHandle):
    file: str


class ExportParameters(_Export, total=False):
    """``form``: "aws", "gcs", "csv", "tsv", "json" or "lock"; without it the ending tells (``.s5cmd``, ``_gcs.s5cmd``, ``.csv``, ``.tsv``,
    ``.json``, ``.lock.json``). "folder": ``file`` is a folder for others, with manifests, a table, a lock file and what to cite.
    """

    form: str


class ExportedSeries(TypedDict):
    """How many were written."""

    file: str
    series_count: int


class Cited(TypedDict):
    """A paragraph for the ``methods``, the ``references``, both as one ``text``, and the references as ``bibtex``."""

    methods: str
    references: str
    bibtex: str
    text: str


CITE: Method[PlanHandle, Cited] = Method("selection.cite", "work")

EXPORT: Method[ExportParameters, ExportedSeries] = Method("selection.export", "work")
