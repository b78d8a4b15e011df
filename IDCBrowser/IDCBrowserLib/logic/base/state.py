"""The states that panels show, as immutable values. Controllers replace them and emit signals; widgets only draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from IDCBrowserLib.api.catalog import Count, Details, Totals
from IDCBrowserLib.api.selection import Plan, Summary
from IDCBrowserLib.api.values import Filters, Unit
from IDCBrowserLib.logic.base.filter_choice import FilterChoice

LEVELS = ("collections", "cases", "studies", "series")
# What the first table can show.
TOPS = ("collections", "analysis_results")
ALL_LEVELS = (*TOPS, *LEVELS[1:])

# Rows of a view, inclusive: ((first, last), ...), ascending, not touching.
Ranges = tuple[tuple[int, int], ...]


class Phase(str, Enum):
    """What a table has to show."""

    GUIDE = "guide"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class TableState:
    """One table. ``view`` is the engine's handle; ``order`` is (column, descending) or None for the engine's own order.

    ``note`` says what to do (guide), or what went wrong (failed); ``selected`` are ranges of ``view``.
    """

    level: str
    phase: Phase = Phase.GUIDE
    note: str = ""
    view: int | None = None
    total: int = 0
    columns: tuple[str, ...] = ()
    order: tuple[str, bool] | None = None
    text: str = ""
    selected: Ranges = ()

    @property
    def selected_count(self) -> int:
        """How many rows are selected."""
        return count_rows(self.selected)


@dataclass(frozen=True)
class SelectionState:
    """What the buttons act on: the selected rows of the deepest table that has any. ``summary`` is None while it is being counted."""

    level: str = ""
    rows: int = 0
    summary: Summary | None = None
    error: str = ""


@dataclass(frozen=True)
class PlanState:
    """What manifests or pasted identifiers mean. Without ``sources`` there is none; ``document`` as ``selection.plan`` gives it, None while it
    is being looked up; ``nothing`` says that no series is in it.
    """

    sources: tuple[str, ...] = ()
    document: Plan | None = None
    nothing: str = ""


CASE_GROUP = "case_group"


@dataclass(frozen=True)
class Hit:
    """Something found. ``ids`` as the engine's methods take them, usually one; ``level`` is "" for identifiers of several levels.

    ``filters`` are those of a text that stands for several series: then they are shown instead of the one in ``ids``. ``kind`` is more exact than
    ``level``: "segment", "region", "ROI". The level "case_group" is ``count`` cases of the collection in ``ids``; ``text`` above the table of its
    cases shows them, when there is such a text.
    """

    level: str
    ids: tuple[str, ...]
    label: str
    about: str
    filters: Filters = field(default_factory=dict)
    kind: str = ""
    count: int = 1
    text: str = ""

    @property
    def group(self) -> str:
        """Hits of a group stand together."""
        return self.kind or ("cases" if self.level == CASE_GROUP else self.level)


@dataclass(frozen=True)
class SearchState:
    """What is looked for. ``done`` is None while the answer is on its way (then ``hits`` are the former ones), False when it failed.

    ``note`` says why there are no hits, or which identifiers are missing. With ``ask`` the user has to choose between the first hits. Of what is
    in the ``missing`` side indices nothing was looked for.
    """

    text: str = ""
    done: bool | None = True
    hits: tuple[Hit, ...] = ()
    note: str = ""
    ask: bool = False
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class FacetState:
    """The facet in sight, if it is counted by itself: ``values`` with their series, or ``bins`` (first, last, series) of numbers.

    ``unit`` is what the values are counted in. ``counted`` is False until they are here; ``missing_index`` names the side index that they need
    and that is not here; ``problem``: why they could not be counted. Of a clinical attribute: whether it ``is_number``, how many ``more`` values
    there are, which ``missing_tables`` would say more, and ``table_problems``.
    """

    column: str = ""
    counted: bool = False
    values: tuple[Count, ...] = ()
    bins: tuple[tuple[float, float, int], ...] = ()
    not_stated: int = 0
    missing_index: str = ""
    unit: Unit = "series"
    problem: str = ""
    is_number: bool = False
    more: int = 0
    missing_tables: tuple[str, ...] = ()
    table_problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class FilterState:
    """What is ``chosen`` per column; ``counts`` as ``catalog.facets`` gives them, empty until asked; ``totals`` None while they are counted.

    ``all_of`` are the columns of which a study or segmentation must have each checked value. ``unit``: what the values of facets are counted in,
    "series", "studies" or "cases". ``problem``: why nothing could be counted. ``within``: inside a working set.
    """

    chosen: Mapping[str, FilterChoice] = field(default_factory=dict)
    counts: Mapping[str, Sequence[Count]] = field(default_factory=dict)
    totals: Totals | None = None
    all_of: frozenset[str] = frozenset()
    unit: Unit = "series"
    facet: FacetState = FacetState()
    problem: str = ""
    within: bool = False


@dataclass(frozen=True)
class DetailsState:
    """The details of one row; ``document`` as ``catalog.details`` gives it, None while loading or with nothing to show."""

    level: str = ""
    id: str = ""
    document: Details | None = None
    error: str = ""


class Kind(str, Enum):
    """Of a message or an outcome; each has an icon and a word, so nothing depends on color."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Message:
    """A sentence for the message strip; ``action`` names a button beside it ("restart", "downloads") or is empty."""

    kind: Kind
    text: str
    action: str = ""


@dataclass(frozen=True)
class SeriesOutcome:
    """The result for one series of a download."""

    series_uid: str
    label: str
    kind: Kind
    text: str


@dataclass(frozen=True)
class ProgressState:
    """Progress of a download that is running or has just ended. ``fraction`` is None while the total is unknown.

    ``step`` counts from 1 to ``steps``.
    """

    running: bool = False
    cancelling: bool = False
    step: int = 0
    steps: int = 0
    title: str = ""
    text: str = ""
    fraction: float | None = None
    outcomes: tuple[SeriesOutcome, ...] = field(default=())


def count_rows(ranges: Ranges) -> int:
    """Rows in all ranges."""
    return sum(last - first + 1 for first, last in ranges)


def merge_ranges(ranges: list[tuple[int, int]]) -> Ranges:
    """Ascending, overlapping and touching ranges joined."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)
