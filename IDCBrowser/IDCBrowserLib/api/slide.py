"""Slide microscopy: levels of a slide as pictures, and what was annotated on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from IDCBrowserLib.api.catalog import SlideLevel
from IDCBrowserLib.api.labelmap import Part
from IDCBrowserLib.api.method import Method, Rank
from IDCBrowserLib.api.preview import SeriesParameters
from IDCBrowserLib.api.values import Buckets, Rect
from IDCBrowserLib.api.volume import Array, Geometry


class SlidesAsked(TypedDict):
    """SeriesInstanceUIDs."""

    series: Sequence[str]


class Levels(TypedDict):
    """By SeriesInstanceUID; ``missing_index``: the index file that lists them is not here."""

    levels: Mapping[str, Sequence[SlideLevel]]
    missing_index: bool


LEVELS: Method[SlidesAsked, Levels] = Method("slide.levels", "tree", Rank.NEXT)
"""Of slides in the catalog, whether or not they are on this computer."""


class OpenParameters(TypedDict):
    """The files of a series, and how many pixels the level may have that is read."""

    files: Sequence[str]
    most_pixels: int


class Level(TypedDict):
    """``spacing`` is mm (along a row, along a column)."""

    file: str
    rows: int
    columns: int
    spacing: Sequence[float]


class Picture(Array):
    """Bytes of red, green and blue (1, rows, columns, 3) on ``geometry``, in the slide's own coordinate system (mm on the glass)."""

    geometry: Geometry


class Slide(TypedDict):
    """``level`` is the place of ``picture`` in ``levels``, which go from the largest to the smallest; ``label`` is None where there is none."""

    picture: Picture
    label: Picture | None
    levels: Sequence[Level]
    level: int
    name: str
    series_uid: str
    study_uid: str
    patient_id: str
    patient_name: str
    series_description: str
    series_number: str
    frame_of_reference_uid: str
    warnings: Sequence[str]


OPEN: Method[OpenParameters, Slide] = Method("slide.open", "work")


class _Window(TypedDict):
    series: str
    files: Sequence[str]
    rect: Rect
    width: int
    height: int
    fetch: bool


class WindowParameters(_Window, Buckets):
    """``rect``: left, top, right and bottom from 0 to 1 of the slide, for ``width`` x ``height`` pixels of a screen. ``files`` are the levels that
    are here; with ``fetch`` tiles of the others are read from the buckets by range.
    """


class Window(Array):
    """Bytes of red, green and blue (rows, columns, 3) that show ``rect`` of the level of so many ``rows`` and ``columns``."""

    rect: Rect
    rows: int
    columns: int
    warnings: Sequence[str]


WINDOW: Method[WindowParameters, Window] = Method("slide.window", "tiles")
"""Only the tiles in sight are decoded; those of the last windows are kept, some hundred megabytes at most."""


# 2048 x 2048: as fine as a large screen shows a whole slide.
OVERVIEW_PIXELS = 1 << 22
# Of an object in a bucket, for an overview or a window: half a minute on a slow line.
MOST_FETCHED = 64_000_000


class SegmentationsParameters(SeriesParameters):
    """Of a SEG series drawn on a slide; without ``files`` here its objects are read from the buckets by range. ``images`` of the slide where it is
    here, the grid of its ``picture`` where that is shown, and how many pixels an overview may have. ``numbers`` of the segments that are wanted,
    None for all.
    """

    images: Sequence[str]
    picture: Geometry | None
    most_pixels: int
    numbers: Sequence[int] | None


class Segmentation(Part):
    """An overview in one slice, in the slide's own coordinate system. ``files`` hold it in several sizes, the largest first: paths, or with a
    ``series`` the names of its objects in the bucket.
    """

    files: Sequence[str]
    series: str


class Segmentations(TypedDict):
    """Of a series; objects that are the same in several sizes are one."""

    segmentations: Sequence[Segmentation]
    warnings: Sequence[str]


SEGMENTATIONS: Method[SegmentationsParameters, Segmentations] = Method("slide.segmentations", "work")


class _SegmentWindow(TypedDict):
    series: str
    files: Sequence[str]
    numbers: Sequence[int] | None
    rect: Rect
    width: int
    height: int


class SegmentWindowParameters(_SegmentWindow, Buckets):
    """``rect``: left, top, right and bottom from 0 to 1 of the segmentation in ``files``, for ``width`` x ``height`` pixels of a screen. With a
    ``series`` they are names of its objects in the buckets. ``numbers`` as of ``SEGMENTATIONS``.
    """


class SegmentWindow(TypedDict):
    """``layers`` are label values (rows, columns) that show ``rect`` of the size of so many ``rows`` and ``columns``."""

    layers: Sequence[Array]
    rect: Rect
    rows: int
    columns: int
    warnings: Sequence[str]


SEGMENT_WINDOW: Method[SegmentWindowParameters, SegmentWindow] = Method("slide.segment_window", "tiles")
"""Only the tiles in sight are decoded, and fetched where they are not here."""


class ReferencedParameters(TypedDict):
    """An annotation object."""

    file: str


class Referenced(TypedDict):
    """SeriesInstanceUIDs of the slides that it was made on."""

    series: Sequence[str]


REFERENCED: Method[ReferencedParameters, Referenced] = Method("slide.referenced", "work")


class AnnotationsParameters(TypedDict):
    """An annotation object, and the files of its slide."""

    file: str
    images: Sequence[str]


class Group(TypedDict):
    """Annotations that belong together."""

    name: str
    count: int


class Annotations(TypedDict):
    """``density`` is annotations per mm2 (1, rows, columns) float32 on ``geometry``. ``outlines``: points (n, 2) float32 in mm from the first pixel
    along rows and columns of the slide, starts (m + 1,) int64 of each annotation's points, centers (m, 2) float32; ``image_geometry`` is the
    grid of the image that was annotated.
    """

    groups: Sequence[Group]
    density: Array
    geometry: Geometry
    outlines: Sequence[Array]
    image_geometry: Geometry
    highest: float
    name: str
    series_uid: str
    study_uid: str
    patient_id: str
    patient_name: str
    series_number: str
    frame_of_reference_uid: str
    warnings: Sequence[str]


ANNOTATIONS: Method[AnnotationsParameters, Annotations] = Method("slide.annotations", "work")
