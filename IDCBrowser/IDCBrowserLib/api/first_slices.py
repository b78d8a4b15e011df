"""The methods that show what has come of an image series while the rest is still downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.api.volume import Array, Geometry


class OpenParameters(TypedDict):
    """``series`` is the SeriesInstanceUID, ``expected`` the number of its files."""

    series: str
    expected: int


class FirstSlicesHandle(TypedDict):
    """An open one."""

    slices: int


OPEN: Method[OpenParameters, FirstSlicesHandle] = Method("first_slices.open", "first_slices")
"""Close it with ``CLOSE``."""


class LookParameters(FirstSlicesHandle):
    """``folder`` where verified files of the series appear."""

    folder: str


class Shown(Array):
    """The volume of what is here, in which each missing slice is the nearest one that is. ``present`` are the k of slices that are here, ``of`` so
    many that come. ``array`` is removed by ``CLOSE``, or when a later look answers with another one; until then slices are added to it.

    ``window``: (center, width); ``inverted`` where low values are to be shown bright.
    """

    geometry: Geometry
    present: Sequence[int]
    of: int
    window: tuple[float, float]
    inverted: bool
    series_uid: str
    modality: str
    series_description: str
    series_number: str
    patient_id: str
    patient_name: str


class Seen(TypedDict):
    """``volume`` is None while, or where, nothing can be shown: files of several frames, phases, uneven or tilted stacks. ``has_more``: files were
    left for the next look, so that one takes no longer than a moment.
    """

    volume: Shown | None
    has_more: bool


LOOK: Method[LookParameters, Seen] = Method("first_slices.look", "first_slices")
"""Reads the files that have come since the last look."""

CLOSE: Method[FirstSlicesHandle, Nothing] = Method("first_slices.close", "first_slices")
