"""Methods for the user's own SQL queries; see Resources/Decisions/0011-expert-queries.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypedDict

from IDCBrowserLib.api.catalog import PageParameters, Rows
from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.values import Nothing, Range, Row


class Table(TypedDict):
    """``columns`` are (name, type), none of a table that is not here. ``kind``: an index file, a clinical table, or a file of the user's own."""

    name: str
    kind: Literal["index", "clinical", "own"]
    about: str
    here: bool
    rows: int
    columns: Sequence[Sequence[str]]


class Limits(TypedDict):
    """What a query may take unless it says otherwise."""

    rows: int
    seconds: float
    memory_mb: int


class Tables(TypedDict):
    """What can be asked."""

    tables: Sequence[Table]
    limits: Limits


# The name of the table.
MEASUREMENTS = "measurements"


class MeasurementsFile(TypedDict, total=False):
    """``measurements``: a file as "report.save" or ``idc-browser measurements`` wrote it, as one more table of that name."""

    measurements: str


TABLES: Method[MeasurementsFile, Tables] = Method("expert.tables", "expert")


class _Run(TypedDict):
    query: str


class RunParameters(_Run, MeasurementsFile, total=False):
    """One SELECT; at most ``limit`` rows and ``seconds``."""

    limit: int
    seconds: float


Cut = Literal["", "rows", "bytes"]


class Result(TypedDict):
    """``rows``: the first 200; ``cut``: why there are not all; ``subject``: the level that the rows name, or ""."""

    view: int
    columns: Sequence[Sequence[str]]
    total: int
    cut: Cut
    seconds: float
    subject: str
    rows: Sequence[Row]


RUN: Method[RunParameters, Result] = Method("expert.run", "expert")
"""The rows stay under ``view`` until ``CLOSE``; of too many results those not used longest go."""


class ResultHandle(TypedDict):
    """A result."""

    view: int


CLOSE: Method[ResultHandle, Nothing] = Method("expert.close", "expert rows")


PAGE: Method[PageParameters, Rows] = Method("expert.page", "expert rows")


class SortParameters(ResultHandle):
    """``column`` by its number."""

    column: int
    descending: bool


SORT: Method[SortParameters, Rows] = Method("expert.sort", "expert rows")
"""Gives the first 200 rows in the new order."""


class IdsParameters(ResultHandle):
    """None for all rows."""

    ranges: Sequence[Range] | None


class Ids(TypedDict):
    """What the rows name; ``missing`` of them IDC does not have."""

    level: str
    ids: Sequence[str]
    missing: int


IDS: Method[IdsParameters, Ids] = Method("expert.ids", "expert rows")


class SaveParameters(ResultHandle):
    """``file``: ``.csv``, ``.tsv`` or ``.json``."""

    file: str


class Saved(TypedDict):
    """How many rows were written."""

    file: str
    rows: int


SAVE: Method[SaveParameters, Saved] = Method("expert.save", "expert rows")


_NUMBER = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|BIGNUM|DOUBLE|FLOAT|REAL|NUMBER|DECIMAL(\([0-9, ]+\))?)", re.IGNORECASE)


def is_number(kind: str) -> bool:
    """Whether a column of that SQL type has numbers."""
    return _NUMBER.fullmatch(kind) is not None


class ChartParameters(ResultHandle, total=False):
    """``label``: number of the column whose values label the bars; ``value``: "rows", "mean:N" or "sum:N" of column N. Guessed where not given."""

    label: int
    value: str


class ChartBar(TypedDict):
    """None for "not stated"."""

    label: str | None
    value: float


class Chart(TypedDict):
    """``label`` and ``value`` that were used; ``more`` bars are not among ``bars``; ``single``: each bar is the number of one row."""

    label: int
    value: str
    bars: Sequence[ChartBar]
    more: int
    single: bool


CHART: Method[ChartParameters, Chart] = Method("expert.chart", "expert rows")
