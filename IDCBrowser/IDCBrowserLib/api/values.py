"""Types that several methods share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, TypedDict, final


@dataclass(frozen=True)
class Length:
    """How many items a sequence has."""

    count: int


# Of a column that is filtered by; None is "not stated".
Value = str | int | float | None
# A row of a table, in the order of its columns; each value is whatever JSON the column holds.
Row = Sequence[object]
# First and last row of a view, both included.
Range = Annotated[Sequence[int], Length(2)]


class Nothing(TypedDict):
    """Neither parameters nor a result."""


class Wanted(TypedDict, total=False):
    """A filter in its long form: ``any`` of these, ``all`` (of what a study has), ``none`` of those, ``min`` to ``max``, both ends included.

    A range beside ``any`` means either: "40 to 60 or not stated".
    """

    any: Sequence[Value]
    all: Sequence[Value]
    none: Sequence[Value]
    min: float
    max: float


# A list says ``any`` of these.
Filter = Sequence[Value] | Wanted
# What is counted.
Unit = Literal["series", "studies", "cases"]
# Left, top, right and bottom of a part of a picture, from 0 to 1.
Rect = Annotated[Sequence[float], Length(4)]
# By column.
Filters = Mapping[str, Filter]


class Code(TypedDict):
    """A coded concept (DICOM PS3.3 8.8)."""

    value: str
    scheme: str
    meaning: str


@final
class ViewRows(TypedDict):
    """Rows of an open view. Where the view has filters they stand for the series that these leave."""

    view: int
    ranges: Sequence[Range]


class _NamedRows(TypedDict):
    level: str
    ids: Sequence[str]


@final
class NamedRows(_NamedRows, total=False):
    """Rows by their ids; with ``filters`` for the series of these rows that the filters leave.

    ``level`` is "collections", "analysis_results", "cases", "studies" or "series"; the id of a case is "collection_id/PatientID", since 89
    PatientIDs are in two collections.
    """

    filters: Filters


Selection = ViewRows | NamedRows


class Folders(TypedDict):
    """``database``: folder of the DICOM database; ``folder``: download folder."""

    database: str
    folder: str


class File(TypedDict):
    """A file that was written."""

    file: str


class _Section(TypedDict):
    heading: str
    items: Sequence[Sequence[str]]


class Section(_Section, total=False):
    """Labeled values below a heading, (label, value), and a ``text`` where there is one."""

    text: str


class Buckets(TypedDict, total=False):
    """Where objects come from: ``provider`` is "auto", "aws" or "gcs"; the addresses are of mirrors, of IDC's own buckets where empty."""

    endpoint_url: str
    gcs_endpoint_url: str
    provider: str


class ExportedLines(TypedDict):
    """How many lines were written to a file."""

    file: str
    lines: int
