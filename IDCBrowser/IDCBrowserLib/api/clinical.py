"""Methods on the clinical data of a case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from IDCBrowserLib.api.method import Method, Rank
from IDCBrowserLib.api.values import Section


class CaseParameters(TypedDict):
    """``id`` of a case."""

    id: str


class Case(TypedDict):
    """``tables`` and ``missing_indices`` are not here and would say more; all empty where IDC has no clinical data."""

    sections: Sequence[Section]
    tables: Sequence[str]
    missing_indices: Sequence[str]


CASE: Method[CaseParameters, Case] = Method("clinical.case", "clinical", Rank.LATER)


class _Fetch(TypedDict):
    collection: str


class FetchParameters(_Fetch, total=False):
    """``endpoint_url`` of a mirror of IDC's buckets."""

    endpoint_url: str


class Fetched(TypedDict):
    """The tables of the collection, and how many bytes came."""

    tables: Sequence[str]
    bytes: int


FETCH: Method[FetchParameters, Fetched] = Method("clinical.fetch", "clinical fetch")
"""Progress counts bytes."""
