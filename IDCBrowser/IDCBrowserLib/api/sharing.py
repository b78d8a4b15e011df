"""Methods that turn searches into addresses of the IDC portal, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.values import Filters


class LinkParameters(TypedDict):
    """The filters of a search."""

    filters: Filters


class Link(TypedDict):
    """``left_out``: columns that the portal cannot filter by so; ``notes`` are sentences on what means something else there."""

    url: str
    left_out: Sequence[str]
    notes: Sequence[str]


LINK: Method[LinkParameters, Link] = Method("sharing.link", "query")


class OpenLinkParameters(TypedDict):
    """An address of the portal or of one of its viewers."""

    url: str


class Opened(TypedDict):
    """What it is about: filters, identifiers, or collections."""

    filters: Filters
    ids: Sequence[str]
    collections: Sequence[str]


OPEN_LINK: Method[OpenLinkParameters, Opened] = Method("sharing.open_link", "facets")
