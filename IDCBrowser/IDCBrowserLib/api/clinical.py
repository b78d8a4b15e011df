"""Methods on clinical data: of a case, and its attributes as filters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypedDict

from IDCBrowserLib.api.catalog import Count, FiltersParameters
from IDCBrowserLib.api.method import Method, Rank
from IDCBrowserLib.api.values import Section, Unit

# A filter that begins so is one on a clinical attribute; its name follows.
PREFIX = "clinical:"
_IDENTIFIER = re.compile(r"\w+")


def is_clinical(column: str) -> bool:
    """Whether a filter is one on a clinical attribute."""
    return column.startswith(PREFIX)


def clinical_title(column: str) -> str:
    """The attribute of a clinical filter as people read it: "age_at_surgery" is "Age at surgery", labels are as they are."""
    name = column.removeprefix(PREFIX)
    words = name.replace("_", " ").strip() if _IDENTIFIER.fullmatch(name) else name
    return words[:1].upper() + words[1:]


class CaseParameters(TypedDict):
    """``id`` of a case."""

    id: str


class Case(TypedDict):
    """``tables`` and ``missing_indices`` are not here and would say more; all empty where IDC has no clinical data."""

    sections: Sequence[Section]
    tables: Sequence[str]
    missing_indices: Sequence[str]


CASE: Method[CaseParameters, Case] = Method("clinical.case", "clinical", Rank.LATER)


class AttributesParameters(FiltersParameters):
    """Of the collections that the ``filters`` leave, and if ``collections`` are named, of those among them. ``text``: only what contains it,
    and values that do; "" for all. At most ``limit`` of each.
    """

    collections: Sequence[str]
    text: str
    limit: int


class Attribute(TypedDict):
    """``key`` is the filter. ``columns``: where it stands, as "table.column", at most a few of them; ``collections``: how many have it."""

    key: str
    columns: Sequence[str]
    collections: int


class Attributes(TypedDict):
    """What people ask for first comes first. ``more`` are not listed. ``values`` are (key, value). ``missing_index``: what is needed and is not
    here, "" otherwise.
    """

    attributes: Sequence[Attribute]
    more: int
    values: Sequence[Sequence[str]]
    missing_index: str


ATTRIBUTES: Method[AttributesParameters, Attributes] = Method("clinical.attributes", "clinical attributes", Rank.LATER)


class FacetParameters(FiltersParameters):
    """The attribute whose values are to be counted, in "series", "studies" or "cases", which numbers are not counted in; ``collections`` as of
    ``AttributesParameters``.
    """

    column: str
    unit: Unit
    collections: Sequence[str]


class Facet(TypedDict):
    """Values, the most frequent first, of which ``more`` are not listed; or (first, last, series) of numbers, with how many series have none.

    ``missing_tables`` would say more of the collections at hand; of what is in sight, ``problems`` say what could not be read. With a
    ``missing_index`` nothing is known.
    """

    is_number: bool
    values: Sequence[Count]
    more: int
    bins: Sequence[Sequence[float]]
    not_stated: int
    missing_index: str
    missing_tables: Sequence[str]
    problems: Sequence[str]


FACET: Method[FacetParameters, Facet] = Method("clinical.facet", "facet details", Rank.NEXT)


class _Tables(TypedDict):
    tables: Sequence[str]


class TablesParameters(_Tables, total=False):
    """Names of tables; ``endpoint_url`` of a mirror of IDC's buckets."""

    endpoint_url: str


class TableBytes(TypedDict):
    """How large they are together, None where the server does not tell."""

    bytes: int | None


TABLE_BYTES: Method[TablesParameters, TableBytes] = Method("clinical.table_bytes", "clinical sizes")


class Fetched(TypedDict):
    """The tables, and how many bytes came."""

    tables: Sequence[str]
    bytes: int


FETCH: Method[TablesParameters, Fetched] = Method("clinical.fetch", "clinical fetch")
"""Progress counts bytes. What is here is not fetched again, unless it is damaged."""
