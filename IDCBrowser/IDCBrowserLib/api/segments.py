"""The segments of a SEG before it is decoded, or even downloaded, and some of them without the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from IDCBrowserLib.api.labelmap import Color, DrawnOn, Labelmap
from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.preview import SeriesParameters


class OfferedSegment(TypedDict):
    """A segment; ``meaning`` of its code, "" where it has none; ``bytes`` of the file that its frames are."""

    number: int
    name: str
    meaning: str
    color: Color
    bytes: int


class OfferedSegments(DrawnOn):
    """``bytes`` of all objects; ``here`` when they are on this computer; ``why_whole`` is a sentence where they can be fetched as a whole only.
    ``on_slide``: of a slide, loaded by ``slide.SEGMENTATIONS``; ``bytes`` of a segment are then what its overview takes. ``common_bytes`` are taken
    by any choice.
    """

    segments: Sequence[OfferedSegment]
    bytes: int
    common_bytes: int
    here: bool
    why_whole: str
    on_slide: bool


# By the header of the one object of a series; of a slide it may have several, one for each size.
LIST: Method[SeriesParameters, OfferedSegments] = Method("segments.list", "work")


class ChosenParameters(SeriesParameters):
    """``numbers`` of segments; ``image_files`` of the series that they were drawn on, none for the grid of the SEG itself."""

    numbers: Sequence[int]
    image_files: Sequence[str]


class ChosenSegments(Labelmap):
    """As ``labelmap.CONVERT`` gives them; ``bytes_read`` of the ``bytes`` that the file has."""

    bytes_read: int
    bytes: int


LOAD: Method[ChosenParameters, ChosenSegments] = Method("segments.load", "work")
"""Only the frames of these segments are decoded, and fetched where the file is not here; what was fetched is not kept."""
