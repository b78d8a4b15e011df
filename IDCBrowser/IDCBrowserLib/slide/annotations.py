"""Bulk annotations on a slide (PS3.3 A.86, C.37.1): points and outlines of nuclei by the hundred thousand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.dicom import referenced
from IDCBrowserLib.dicom.dicom_file import open_dicom
from IDCBrowserLib.dicom.elements import Elements
from IDCBrowserLib.dicom.sop_classes import SLIDE_ANNOTATIONS
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.slide.levels import SlideImage
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GROUPS = 0x006A0002
_FLOATS, _DOUBLES, _INDICES = 0x00660016, 0x00660022, 0x00660040
_CLOSED = ("POLYGON", "RECTANGLE", "ELLIPSE")
_POINTS_OF = {"POINT": 1, "RECTANGLE": 4, "ELLIPSE": 4}
_DENSITY_CELLS = 512
# Pixels of a cell at least, so that a cell holds several nuclei.
_LEAST_STEP = 32


SizeOf = Callable[[Sequence[str]], Mapping[str, tuple[int, int]]]


@dataclass(frozen=True)
class Annotations:
    """``points`` (n, 2) float32: column and row in the total pixel matrix of ``image``, from 0 at the center of its first pixel.

    ``starts`` (m + 1,): annotation a has the points from ``starts[a]`` to ``starts[a + 1]``; ``group_of`` (m,) is the place in ``groups``.
    """

    path: str
    groups: tuple[str, ...]
    counts: tuple[int, ...]
    points: NDArray[np.float32]
    starts: NDArray[np.int64]
    group_of: NDArray[np.int32]
    image: SlideImage
    warnings: tuple[str, ...]

    @cached_property
    def centers(self) -> NDArray[np.float32]:
        """(m, 2): the mean of the points of each annotation."""
        lengths = np.diff(self.starts)
        sums = np.add.reduceat(self.points, self.starts[:-1], axis=0) if len(lengths) else np.zeros((0, 2), np.float32)
        centers: NDArray[np.float32] = (sums / np.maximum(lengths, 1)[:, None]).astype(np.float32)
        return centers

    def density(self) -> tuple[NDArray[np.float32], Geometry]:
        """Annotations per mm2 (1, rows, columns) on a coarse grid over the slide."""
        step = max(_LEAST_STEP, -(-max(self.image.rows, self.image.columns) // _DENSITY_CELLS))
        grid = self.image.geometry(step)
        _one, rows, columns = grid.shape
        cells = ((self.centers + 0.5) // step).astype(np.int64)
        inside = ((cells >= 0) & (cells < [columns, rows])).all(axis=1)
        flat = cells[inside, 1] * columns + cells[inside, 0]
        counts = np.bincount(flat, minlength=rows * columns).reshape(1, rows, columns)
        return (counts / (grid.spacing[0] * grid.spacing[1])).astype(np.float32), grid


def referenced_series(path: str) -> tuple[str, ...]:
    """Series of the slides that an object was made on."""
    return referenced.referenced_series(open_dicom(path).root)


def read_annotations(path: str, images: Sequence[SlideImage], size_of: SizeOf = lambda _uids: {}) -> Annotations:
    """Of the slide whose ``images`` are given. Groups that make no sense are left out, and said. ``size_of`` is asked for rows and columns of an
    image, by its SOPInstanceUID, that is not among them: it then covers what the largest level does.

    Raises ``ConversionError`` for other objects, coordinates of single tiles, and where the image they refer to is missing.
    """
    file = open_dicom(path)
    root = file.root
    if file.sop_class != SLIDE_ANNOTATIONS:
        raise ConversionError(f"{path} contains no annotations of a slide.")
    if root.text(0x006A0001).upper() == "3D":
        raise ConversionError(f"{path} contains annotations in three dimensions, which are not shown.")
    if root.text(0x00480301).upper() == "FRAME":
        raise ConversionError(f"{path} contains annotations whose places are counted within single tiles, which are not shown.")
    wanted = [item.text(0x00081155) for item in root.items(0x00081140)]
    image = next((one for one in images if one.sop_instance_uid in wanted), None)
    if image is None and images:
        image = _scaled(images[0], size_of(wanted))
    if image is None:
        raise ConversionError(f"{path} refers to an image of the slide that is not on this computer. Download the whole series of the slide.")
    names: list[str] = []
    points, starts, numbers = [], [np.zeros(1, np.int64)], []
    counts, notes = [], []
    total = 0
    for number, item in enumerate(root.items(_GROUPS), 1):
        name = item.text(0x006A0005) or f"Group {number}"
        try:
            own, begins = _group(item)
        except ValueError as error:
            notes.append(f"The annotations {name!r} are skipped: {error}.")
            continue
        points.append(own)
        starts.append(np.append(begins[1:], len(own)).astype(np.int64) + total)
        numbers.append(np.full(len(begins), len(names), np.int32))
        names.append(name)
        counts.append(len(begins))
        total += len(own)
    if not names:
        raise ConversionError(" ".join(notes) or f"{path} contains no annotations.")
    # One group, as most have, is not copied: its points are most of the file.
    joined = points[0] if len(points) == 1 else np.concatenate(points)
    return Annotations(path, tuple(names), tuple(counts), joined, np.concatenate(starts), np.concatenate(numbers), image, tuple(notes))


def _scaled(level: SlideImage, sizes: Mapping[str, tuple[int, int]]) -> SlideImage | None:
    """The level as it is in another one of the pyramid."""
    for uid, (rows, columns) in sizes.items():
        spacing = level.spacing[0] * level.columns / columns, level.spacing[1] * level.rows / rows
        # The first pixel's corner stays where it is.
        across, down = (new / 2 - old / 2 for new, old in zip(spacing, level.spacing, strict=True))
        row, column = level.orientation[:3], level.orientation[3:]
        x, y, z = (level.origin[axis] + across * row[axis] + down * column[axis] for axis in range(3))
        return replace(level, sop_instance_uid=uid, rows=rows, columns=columns, spacing=spacing, origin=(x, y, z))
    return None


def _group(item: Elements) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Points (n, 2) of a group, and where each of its annotations begins. Raises ``ValueError`` with what is wrong."""
    order = ">" if item.stream.big_endian else "<"
    raw, kind = item.raw(_FLOATS), f"{order}f4"
    if not raw:
        raw, kind = item.raw(_DOUBLES), f"{order}f8"
    numbers = np.frombuffer(raw, kind, len(raw) // int(kind[-1]))
    if not len(numbers) or len(numbers) % 2 or not np.isfinite(numbers).all():
        raise ValueError("its coordinates make no sense")
    points = numbers.reshape(-1, 2).astype(np.float32, copy=False)
    graphic = item.text(0x00700023).upper()
    if graphic in _POINTS_OF:
        return points, np.arange(0, len(points), _POINTS_OF[graphic], dtype=np.int64)
    listed = np.frombuffer(item.raw(_INDICES), f"{order}u4", len(item.raw(_INDICES)) // 4).astype(np.int64)
    # From 1, and in coordinates, not in points.
    begins = (listed - 1) // 2
    if not len(begins) or begins[0] != 0 or (np.diff(begins) <= 0).any() or begins[-1] >= len(points):
        raise ValueError("the list of where its outlines begin does not fit its coordinates")
    return points, begins
