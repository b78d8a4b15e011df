"""The methods that make pictures of a series: a preview, a thumbnail, and the frames that one leafs through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from IDCBrowserLib.api.method import Method, Rank
from IDCBrowserLib.api.values import Buckets, Nothing


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

THUMBNAIL: Method[SeriesParameters, Picture] = Method("preview.thumbnail", "thumbnail", Rank.LATER)
"""At most 192 pixels a side, of at most 12 MB; several are made side by side. The file may be read until the cache of them needs its room."""


class Stack(TypedDict):
    """``frames`` in the order of their places, else of their numbers."""

    stack: int
    frames: int


OPEN_STACK: Method[SeriesParameters, Stack] = Method("preview.open_stack", "frames")
"""Reads the beginning of each object, to order them. Close it with ``CLOSE_STACK``."""


class StackHandle(TypedDict):
    """An open stack."""

    stack: int


class FrameParameters(StackHandle):
    """``frame`` counts from 0."""

    frame: int


FRAME: Method[FrameParameters, Picture] = Method("preview.frame", "frames")
"""``file`` is a PGM or PPM that may be read until the stack is closed, or until the files of a stack are more than 64 MB."""

CLOSE_STACK: Method[StackHandle, Nothing] = Method("preview.close_stack", "frames")
