"""Methods on working sets: series that were named elsewhere (a manifest, a cart, rows of SQL), which the tables can keep to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, final

from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.selection import Unresolved
from IDCBrowserLib.api.values import ExportedLines, Nothing, Range

# The filter that keeps to a set: ``{WORKING_SET: [number]}``.
WORKING_SET = "working_set"


class Rows(TypedDict):
    """Rows of a result of SQL; None for all."""

    view: int
    ranges: Sequence[Range] | None


@final
class OpenParameters(TypedDict, total=False):
    """What names the series: ``sources`` (files or identifiers), what is in the ``cart``, or ``rows`` of a query."""

    sources: Sequence[str]
    cart: bool
    rows: Rows


class WorkingSet(TypedDict):
    """``set`` is the value of the filter "working_set". ``revised``: series that were named in an earlier version, of which the current one is in
    the set. ``unresolved``: the first 150 lines of ``unresolved_count`` that name nothing in it.
    """

    set: int
    series: int
    revised: int
    unresolved: Sequence[Unresolved]
    unresolved_count: int


OPEN: Method[OpenParameters, WorkingSet] = Method("working_set.open", "working set")
"""Close it with ``CLOSE``; of too many those not used longest are closed."""


class SetHandle(TypedDict):
    """An open set."""

    set: int


CLOSE: Method[SetHandle, Nothing] = Method("working_set.close", "working set")


class ExportUnresolvedParameters(SetHandle):
    """``file``: ``.csv``, ``.tsv`` or ``.json``."""

    file: str


EXPORT_UNRESOLVED: Method[ExportUnresolvedParameters, ExportedLines] = Method("working_set.export_unresolved", "working set")
