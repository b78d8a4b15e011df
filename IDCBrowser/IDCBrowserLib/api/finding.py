"""Methods that resolve identifiers and locate their rows in the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from IDCBrowserLib.api.method import Method


class IdentifyParameters(TypedDict):
    """Texts that may be identifiers."""

    texts: Sequence[str]


class Identified(TypedDict):
    """By text: (level, id) of what it names; levels as of ``Catalog.identify``."""

    found: Mapping[str, Sequence[tuple[str, str]]]


IDENTIFY: Method[IdentifyParameters, Identified] = Method("catalog.identify", "query")


class LocateParameters(TypedDict):
    """Rows of one level."""

    level: str
    ids: Sequence[str]


class Located(TypedDict):
    """By level, from the collections down to the rows asked for: what to select in each table to come to them."""

    path: Mapping[str, Sequence[str]]


LOCATE: Method[LocateParameters, Located] = Method("catalog.locate", "query")
