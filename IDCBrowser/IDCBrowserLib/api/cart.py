"""Methods on the cart, which is kept between sessions and shared by all programs of the user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.values import Filters, Nothing, Selection


class State(TypedDict):
    """``count`` of all entries; ``entries`` by level."""

    count: int
    entries: Mapping[str, int]
    can_undo: bool


LIST: Method[Nothing, State] = Method("cart.list", "query")


class AddParameters(TypedDict):
    """Rows to put in. Very many rows of a view are said as the rows above them, where these hold nothing else."""

    selections: Sequence[Selection]


class Added(State):
    """``asked`` entries, of which ``added`` are new."""

    added: int
    asked: int


ADD: Method[AddParameters, Added] = Method("cart.add", "query", is_kept=True)


class RemoveParameters(TypedDict, total=False):
    """Entries, and everything in ``collections``."""

    selections: Sequence[Selection]
    collections: Sequence[str]


REMOVE: Method[RemoveParameters, State] = Method("cart.remove", "query", is_kept=True)
CLEAR: Method[Nothing, State] = Method("cart.clear", "query", is_kept=True)
UNDO: Method[Nothing, State] = Method("cart.undo", "query", is_kept=True)
"""Takes the last change back."""


class Group(TypedDict):
    """What is in the cart of a collection; ``licenses`` as one text."""

    collection_id: str
    collection_name: str | None
    entries: int
    series: int
    bytes: int
    licenses: str


class Entry(TypedDict):
    """``filters`` under which it was put in."""

    level: str
    id: str
    filters: Filters


class EntryRow(Entry):
    """An entry with what is behind it."""

    patient_id: str
    title: str
    series: int
    bytes: int
    licenses: str
    modalities: str


class Groups(State):
    """``beside``: analysis results, which lie in several collections; ``unknown``: entries of which this release has nothing, at most 1,000."""

    groups: Sequence[Group]
    beside: Sequence[EntryRow]
    unknown: Sequence[Entry]
    unknown_count: int


GROUPS: Method[Nothing, Groups] = Method("cart.groups", "query")


class RowsParameters(TypedDict):
    """``limit`` entries of a collection from ``offset`` on, at most 1,000."""

    collection: str
    offset: int
    limit: int


class EntryRows(TypedDict):
    """Cases in order, and what is below a case with it."""

    rows: Sequence[EntryRow]


ROWS: Method[RowsParameters, EntryRows] = Method("cart.rows", "query")
