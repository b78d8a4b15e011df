"""Methods on index files and IDC releases: which are on this computer, and fetching them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from IDCBrowserLib.api.catalog import Info
from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.values import Nothing

# An address or a folder to take files from; IDC's own without it.
From = TypedDict("From", {"from": str}, total=False)


class SideIndex(TypedDict):
    """``path`` and ``bytes`` of the file that is here or damaged; ``reason``: why it is damaged."""

    name: str
    about: str
    state: Literal["here", "missing", "damaged"]
    path: str | None
    bytes: int
    reason: str


class SideIndices(TypedDict):
    """All there could be."""

    indices: Sequence[SideIndex]


SIDE_INDICES: Method[Nothing, SideIndices] = Method("catalog.side_indices", "query")


class IndexName(TypedDict):
    """A side index."""

    name: str


class FetchIndexParameters(IndexName, From):
    """Which, and where from."""


class FetchedIndex(TypedDict):
    """Used from the next question on."""

    name: str
    path: str
    bytes: int


FETCH_SIDE_INDEX: Method[FetchIndexParameters, FetchedIndex] = Method("catalog.fetch_side_index", "index")
"""Progress counts bytes."""

REMOVE_SIDE_INDEX: Method[IndexName, Nothing] = Method("catalog.remove_side_index", "index")
"""Removes our file; that of idc-index stays."""


class IndexSizesParameters(From):
    """Which, and of whom to ask."""

    names: Sequence[str]


class IndexSizes(TypedDict):
    """By name; None where the server does not tell."""

    bytes: Mapping[str, int | None]


SIDE_INDEX_BYTES: Method[IndexSizesParameters, IndexSizes] = Method("catalog.side_index_bytes", "index")


class Offered(TypedDict):
    """What a server or folder has as the current release; ``newer`` than the one in use."""

    index_version: str
    idc_version: int
    bytes: int | None
    newer: bool


CHECK_RELEASE: Method[From, Offered] = Method("catalog.check_release", "index")
UPDATE_RELEASE: Method[From, Info] = Method("catalog.update_release", "index")
"""Fetches what is offered and uses it from the next question on; views have to be opened again."""

USE_BUNDLED_RELEASE: Method[Nothing, Info] = Method("catalog.use_bundled_release", "index")
"""Back to the release of the installed package; views have to be opened again."""
