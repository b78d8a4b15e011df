"""Structured reports: what they say as text, their measurements as rows, and where these were made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from IDCBrowserLib.api.catalog import PageParameters, Rows
from IDCBrowserLib.api.cohort import Cohort
from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.values import Code, Nothing
from IDCBrowserLib.api.values import Row as TableRow


class Row(TypedDict):
    """A measurement or a qualitative evaluation; None for whatever the report does not state.

    ``group`` counts the measurement groups of a report from 0, as IDC's own tables do; None outside of any. ``value`` is the number; None where the
    report has a ``qualifier`` in its place ("Not a number") or the evaluation is a code or text, which stand in ``value_code`` and ``value_text``.
    The same ``quantity`` may occur several times in a group, told apart by ``derivation`` (mean, maximum) and ``method``.
    """

    patient_id: str | None
    sr_series_uid: str | None
    sr_sop_uid: str | None
    group: int | None
    tracking_id: str | None
    tracking_uid: str | None
    finding_category: Code | None
    finding: Code | None
    finding_site: Code | None
    site_modifier: Code | None
    laterality: Code | None
    quantity: Code | None
    derivation: Code | None
    method: Code | None
    value: float | None
    value_text: str | None
    value_code: Code | None
    qualifier: Code | None
    unit: Code | None
    segment_number: int | None
    segmentation_sop_uid: str | None
    source_series_uid: str | None
    algorithm: str | None
    session: str | None
    time_point: str | None


class Other(TypedDict):
    """A file without measurements that can be read as rows: what it is (``title``), and why (``reason``)."""

    file: str
    sr_series_uid: str
    sr_sop_uid: str
    title: str
    reason: str


class Files(TypedDict):
    """DICOM files of any kind; those that cannot be read are told in ``warnings``."""

    files: Sequence[str]


class Line(TypedDict):
    """Of the text; ``depth`` counts from 0, ``heading`` has lines below."""

    depth: int
    name: str
    value: str
    heading: bool


class Column(TypedDict):
    """``number``: aligned right."""

    key: str
    title: str
    number: bool


class Saveable(TypedDict):
    """A file with a document, waveform or video inside, and what it is."""

    file: str
    text: str


class Opened(TypedDict):
    """``lines``: the text of all files, at most some thousand; ``more_lines`` are not shown. ``rows``: the first 200 of ``total`` measurements.

    ``titles``: one line for each file. ``common``: (title, value) of what is the same in all rows and therefore no column. ``saveable``: what can be
    opened with another program only.
    """

    view: int
    titles: Sequence[str]
    lines: Sequence[Line]
    more_lines: int
    columns: Sequence[Column]
    common: Sequence[tuple[str, str]]
    total: int
    rows: Sequence[TableRow]
    warnings: Sequence[str]
    saveable: Sequence[Saveable]


OPEN: Method[Files, Opened] = Method("report.open", "report")
"""The rows stay under ``view`` until ``CLOSE``; of too many those not used longest go."""


class TablesSource(TypedDict, total=False):
    """``location`` of the tables, a folder or ``s3://bucket/prefix`` with ``{release}`` for the release in use; without it IDC's own.

    ``endpoint_url`` of a mirror of IDC's buckets.
    """

    location: str
    endpoint_url: str


class TablesParameters(Cohort, TablesSource, total=False):
    """A cohort, and where the tables are."""


OPEN_TABLES: Method[TablesParameters, Opened] = Method("report.open_tables", "report")
"""Measurements, ratings and segments of the reports and segmentations of a cohort from IDC's own tables, as ``OPEN`` gives those of files."""


class MeasurementsFile(TypedDict):
    """A CSV or Parquet file that ``SAVE`` or ``idc-browser measurements`` wrote."""

    file: str


OPEN_MEASUREMENTS: Method[MeasurementsFile, Opened] = Method("report.open_measurements", "report")

PAGE: Method[PageParameters, Rows] = Method("report.page", "report")


class ViewHandle(TypedDict):
    """What is open."""

    view: int


CLOSE: Method[ViewHandle, Nothing] = Method("report.close", "report")


class ShowParameters(ViewHandle):
    """Rows in which all words of ``text`` occur, sorted by the number of a column; None: in the order of the report."""

    text: str
    column: int | None
    descending: bool


class Shown(TypedDict):
    """The first 200 rows of ``total``."""

    total: int
    rows: Sequence[TableRow]


SHOW: Method[ShowParameters, Shown] = Method("report.show", "report")


class SaveParameters(ViewHandle):
    """``file``: ``.csv`` or ``.parquet``."""

    file: str


class Saved(TypedDict):
    """How many rows were written: those that are shown, in full."""

    file: str
    rows: int


SAVE: Method[SaveParameters, Saved] = Method("report.save", "report")


class PlaceParameters(ViewHandle):
    """``row`` of those shown; ``images``: files of the series that it was drawn on, empty as long as that is not known."""

    row: int
    images: Sequence[str]


class Place(TypedDict):
    """Where a row was measured. A segment has a ``segment_number``; a region ``points`` in LPS mm, ``closed`` or not, as soon as its ``images`` are
    given. ``needs_images``: they are those of ``image_series``. With neither segment nor region it is the whole image.
    """

    name: str
    segment_number: int | None
    segmentation_series: str
    image_series: str
    needs_images: bool
    points: Sequence[tuple[float, float, float]]
    closed: bool


PLACE: Method[PlaceParameters, Place] = Method("report.place", "report")
