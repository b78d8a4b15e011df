"""Segmentations of a slide: their sizes, an overview, and windows of the size that is nearest to what is shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.api.slide import MOST_FETCHED
from IDCBrowserLib.dicom.in_parts import Parts
from IDCBrowserLib.errors import ConversionError, IDCBrowserError, TransferError
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg.slide_matrix import MatrixPart, Range, SlideMatrix, damage
from IDCBrowserLib.labelmap.types import Labelmap, Segment
from IDCBrowserLib.slide.levels import Slide
from IDCBrowserLib.slide.window import Rect, check_window, fitting, pixels_between, step_of
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.wording import human_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Spent on the tiles of an overview, and of a window.
_OVERVIEW_S, _WINDOW_S = 30.0, 10.0
# Two sizes of one segmentation cover the same part of the slide, but for what does not fill their last pixels.
_SAME_EXTENT = 0.02


@dataclass(frozen=True)
class SegmentWindow:
    """``layers`` hold label values (rows, columns) of ``rect`` of the size of so many ``rows`` and ``columns``. ``notes`` are sentences."""

    layers: tuple[NDArray[np.unsignedinteger], ...]
    rect: Rect
    rows: int
    columns: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class SegmentLevels:
    """One segmentation in one or more sizes, the largest first, in files that are not kept open, or in objects elsewhere. Of its ``segments``
    (by Segment Number) the others are left out.
    """

    levels: tuple[SlideMatrix, ...]
    segments: Mapping[int, Segment]

    @property
    def files(self) -> list[str]:
        """Of the sizes, the largest first; of objects elsewhere their names."""
        return [level.seg.path for level in self.levels]

    def of_segments(self, numbers: Collection[int]) -> SegmentLevels:
        """Some of its segments. Raises ``NotFoundError`` for numbers that are not there."""
        return replace(self, segments=self.levels[0].seg.chosen(ConvertOptions(segments=frozenset(numbers))))

    def overview_bytes(self, most_pixels: int) -> tuple[Mapping[int, int], int]:
        """How many bytes have to be fetched for each segment in an overview, and for any of them; 0 of files on this computer."""
        return self._level_of(most_pixels).bytes_by_segment()

    def overview(self, most_pixels: int, task: Task) -> Labelmap:
        """All of it in at most so many pixels: of the largest size that has no more, else of the smallest one the middle pixels of squares.

        ``voxels`` of a segment are the pixels of the largest size that it stands for. Raises ``ConversionError``, ``TransferError``.
        """
        level = self._level_of(most_pixels)
        step = max(1, ceil(sqrt(level.rows * level.columns / most_pixels)))
        chosen = dict(self.segments)
        size = level.bytes_of((0, level.rows), (0, level.columns), chosen)
        is_fetched = size <= MOST_FETCHED
        whole = (0, level.rows), (0, level.columns)
        part = level.part(chosen, *whole, step, task, _OVERVIEW_S) if is_fetched else level.empty(chosen, step)
        geometry, seg, largest = level.geometry(step), level.seg, self.levels[0]
        area = geometry.spacing[0] * geometry.spacing[1] / (largest.geometry().spacing[0] * largest.geometry().spacing[1])
        segments = tuple(
            replace(
                segment,
                layer=part.layer_of[number],
                voxels=round(part.voxels[number] * area),
                volume_mm3=part.voxels[number] * geometry.voxel_volume_mm3,
            )
            for number, segment in chosen.items()
        )
        said = _coarse(level, step, largest) if is_fetched else [_too_large(level, size)]
        warnings = (*damage(part, seg.path), *said)
        return Labelmap(part.layers.layers, geometry, segments, seg.source, part.layers.overlapping_voxels(), warnings)

    def window(self, rect: Rect, width: int, height: int, task: Task) -> SegmentWindow:
        """``rect`` of the matrix for so many pixels of a screen. Where a size cannot be read the next smaller one is taken, and that is said.

        Raises ``ConversionError`` for a rect or size that makes no sense, or what the first size raises where none can be read; ``CancelledError``.
        """
        left, top, right, bottom = rect
        check_window(rect, width, height, "segmentation")
        problems: list[IDCBrowserError] = []
        for level in fitting(self.levels, rect, width):
            rows, columns = pixels_between(top, bottom, level.rows), pixels_between(left, right, level.columns)
            down, across = rows[1] - rows[0], columns[1] - columns[0]
            step = step_of(down, across, width, height)
            try:
                part = self._part(level, rows, columns, step, task)
            except (ConversionError, TransferError) as error:
                problems.append(error)
                continue
            notes = *map(str, problems), *damage(part, level.seg.path)
            return _window(level, part, rows[0], columns[0], step, notes)
        raise problems[0]

    def _level_of(self, most_pixels: int) -> SlideMatrix:
        return next((one for one in self.levels if one.rows * one.columns <= most_pixels), self.levels[-1])

    def _part(self, level: SlideMatrix, rows: Range, columns: Range, step: int, task: Task) -> MatrixPart:
        size = level.bytes_of(rows, columns, self.segments)
        if size > MOST_FETCHED:
            raise ConversionError(f"{human_size(size)} of {level.seg.path} are too much for one look. Zoom in to see its segments.")
        return level.part(dict(self.segments), rows, columns, step, task, _WINDOW_S)


def laid_over(geometry: Geometry, picture: Geometry, segmentation: SegmentLevels, slide: Slide) -> Geometry:
    """Where an overview belongs over the ``picture`` of the slide.

    The origin of each level is the center of its first pixel (PS3.3 C.8.12.2.1). Many writers state the same one in all levels all the same: then
    they share a corner, and the overview gets that of the picture; one of a part of the slide lies as far from it as the origins say.
    """
    stated = [*(level.geometry() for level in segmentation.levels), *(level.geometry() for level in slide.levels)]
    pairs = [(one, other) for number, one in enumerate(stated) for other in stated[:number]]
    if not any(_share_origin(one, other) for one, other in pairs):
        return geometry
    apart = np.subtract(segmentation.levels[0].geometry().origin, slide.levels[0].geometry().origin)
    if np.abs(apart[:2]).max() <= max(one.spacing[0] for one in stated):
        apart = np.zeros(3)
    x, y, _z = np.array(geometry.origin) + _first_corner(picture) - _first_corner(geometry) + apart
    return replace(geometry, origin=(float(x), float(y), geometry.origin[2]))


def _share_origin(one: Geometry, other: Geometry) -> bool:
    finer = min(one.spacing[0], other.spacing[0])
    same = max(abs(a - b) for a, b in zip(one.origin[:2], other.origin[:2], strict=True)) < 0.05 * finer
    return same and abs(one.spacing[0] - other.spacing[0]) > 0.05 * finer


def _first_corner(geometry: Geometry) -> NDArray[np.float64]:
    corner: NDArray[np.float64] = (geometry.index_to_lps() @ [-0.5, -0.5, 0, 1])[:3]
    return corner


def read_segment_levels(sources: Sequence[str | Parts]) -> tuple[list[SegmentLevels], list[str]]:
    """The segmentations of a series, as files or as objects elsewhere, and sentences about those that are skipped: objects with the same segments
    over the same part of the slide are sizes of one. Raises ``ConversionError`` where none is left, ``TransferError``.
    """
    found: list[list[SlideMatrix]] = []
    notes: list[str] = []
    for source in sources:
        try:
            matrix = SlideMatrix.of_file(source) if isinstance(source, str) else SlideMatrix.of_parts(source)
            matrix.geometry()
        except TransferError:
            raise
        except IDCBrowserError as error:
            notes.append(f"One file of the segmentation is skipped: {error}")
            continue
        same = next((levels for levels in found if _is_size_of(levels, matrix)), None)
        if same is None:
            found.append([matrix])
        else:
            same.append(matrix)
    if not found:
        raise ConversionError("\n".join(notes) or "These files contain no segmentation of a slide.")
    by_size = [tuple(sorted(levels, key=lambda one: -one.rows * one.columns)) for levels in found]
    return [SegmentLevels(levels, levels[0].seg.segments) for levels in by_size], notes


def check_place(segmentation: SegmentLevels, slide: Slide) -> None:
    """Raise ``ConversionError`` for a segmentation of another frame of reference than the slide, or that lies beside it."""
    largest, level = segmentation.levels[0], slide.levels[0]
    frame = largest.seg.source.frame_of_reference_uid
    if frame and level.frame_of_reference_uid and frame != level.frame_of_reference_uid:
        raise ConversionError(
            f"{largest.seg.path} has another frame of reference ({frame}) than the slide it names ({level.frame_of_reference_uid}), so it "
            "cannot be laid over it. Load the slide that was segmented."
        )
    own, other = _box(largest.geometry()), _box(level.geometry())
    if (own[1] <= other[0]).any() or (other[1] <= own[0]).any():
        raise ConversionError(f"{largest.seg.path} lies beside the slide that it names, not on it. Report it to whoever made the file.")


def _is_size_of(levels: Sequence[SlideMatrix], other: SlideMatrix) -> bool:
    one = levels[0]
    if any((level.rows, level.columns) == (other.rows, other.columns) for level in levels):
        return False
    if [(n, s.name) for n, s in one.seg.segments.items()] != [(n, s.name) for n, s in other.seg.segments.items()]:
        return False
    if one.seg.source.frame_of_reference_uid != other.seg.source.frame_of_reference_uid:
        return False
    boxes = _box(one.geometry()), _box(other.geometry())
    return bool(np.abs(boxes[0] - boxes[1]).max() <= _SAME_EXTENT * np.ptp(boxes[0], axis=0).max())


def _box(geometry: Geometry) -> NDArray[np.float64]:
    """(2, 2): lowest and highest x and y of its pixels' corners, mm on the glass."""
    _one, rows, columns = geometry.shape
    corners = np.array([[i, j, 0, 1] for i in (-0.5, columns - 0.5) for j in (-0.5, rows - 0.5)])
    places = (geometry.index_to_lps() @ corners.T)[:2]
    return np.array([places.min(axis=1), places.max(axis=1)])


def _coarse(level: SlideMatrix, step: int, largest: SlideMatrix) -> list[str]:
    if step == 1 and level is largest:
        return []
    columns, rows = -(-level.columns // step), -(-level.rows // step)
    sizes = f"The segmentation has {largest.columns:,} x {largest.rows:,} pixels; an overview of {columns:,} x {rows:,} is loaded"
    return [f"{sizes}, and figures of its segments are of the overview. To look closer, zoom in."]


def _too_large(level: SlideMatrix, size: int) -> str:
    whole = f"An overview of the {level.columns:,} x {level.rows:,} pixels of the segmentation would take {human_size(size)} of {level.seg.path}"
    return f"{whole}. Zoom in to see its segments, or download the series."


def _window(level: SlideMatrix, part: MatrixPart, row: int, column: int, step: int, notes: Sequence[str]) -> SegmentWindow:
    layers = tuple(layer[0] for layer in part.layers.layers)
    rows, columns = layers[0].shape
    # The last pixel may stand for fewer rows and columns than the others.
    shown = (column + columns * step) / level.columns, (row + rows * step) / level.rows
    return SegmentWindow(layers, (column / level.columns, row / level.rows, *shown), level.rows, level.columns, tuple(dict.fromkeys(notes)))
