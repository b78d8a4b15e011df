"""The method that makes a preview image of a series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from IDCBrowserLib.api.method import Method, Rank
from IDCBrowserLib.api.values import Buckets


class _Series(TypedDict):
    series: str


class SeriesParameters(_Series, Buckets, total=False):
    """``files`` of it that are here, or the download ``folder`` to look into; otherwise one object is fetched, at most 64 MB of it."""

    files: Sequence[str]
    folder: str


class Picture(TypedDict):
    """``file``: a PNG that may be read until the next is asked for, "" if there is none; ``description`` of it, or why there is none."""

    file: str
    description: str


SERIES: Method[SeriesParameters, Picture] = Method("preview.series", "preview", Rank.LATER)
