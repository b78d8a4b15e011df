"""A picture of a structure set: the outlines on the plane with the most points, as drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.rtstruct.contour_lines import ContourLines, read_lines
from IDCBrowserLib.preview.picture import Picture, to_bytes
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIDE = 320
# Drawn larger, then averaged: smooth lines without a drawing library.
_FINER = 3
_THICK = 4
_MARGIN = 0.06
_NAMES = 3
_MOST_POINTS = 400_000
# Which patient axis a picture shows to the right and which downwards, and whether downwards is against the axis; by the normal.
_AXES = {2: (0, 1, False), 1: (0, 2, True), 0: (1, 2, True)}


def picture_of_structures(path: Path, task: Task) -> Picture:
    """Raises ``ConversionError``; also for a structure set without contours."""
    lines = read_lines(path).enclosing()
    if not len(lines.contours):
        raise ConversionError("This structure set has no contours.")
    task.raise_if_cancelled()
    starts = np.concatenate([[0], np.cumsum(lines.contours[:, 2])])
    normal, chosen = _densest_plane(lines, starts)
    image = _draw(lines, starts, normal, chosen)
    names = list(dict.fromkeys(lines.rois[lines.contours[index, 0]].name for index in chosen))
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return Picture(image, f"Contours: {', '.join(names[:_NAMES])}{more}")


def _densest_plane(lines: ContourLines, starts: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]]:
    """The patient axis across which the contours lie, and the indices of the contours on the plane with the most points."""
    lows = np.minimum.reduceat(lines.points, starts[:-1])
    highs = np.maximum.reduceat(lines.points, starts[:-1])
    normal = int(np.median(highs - lows, axis=0).argmin())
    places = np.round((lows[:, normal] + highs[:, normal]) / 2, 1)
    planes, of_contour = np.unique(places, return_inverse=True)
    points = np.bincount(of_contour, weights=lines.contours[:, 2], minlength=len(planes))
    return normal, np.flatnonzero(of_contour == points.argmax())


def _draw(lines: ContourLines, starts: NDArray[np.int64], normal: int, chosen: NDArray[np.int64]) -> NDArray[np.uint8]:
    right, down, upwards = _AXES[normal]
    outlines = [(index, lines.points[starts[index] : starts[index + 1]][:, [right, down]].astype(float)) for index in chosen]
    every = np.concatenate([outline for _, outline in outlines])
    low, size = every.min(axis=0), max(float(np.ptp(every, axis=0).max()), 1e-3)
    center = low + np.ptp(every, axis=0) / 2
    side = _SIDE * _FINER
    scale = side * (1 - 2 * _MARGIN) / size
    canvas = np.zeros((side, side, 3), np.uint8)
    for index, outline in outlines:
        places = (outline - center) * scale
        if upwards:
            places[:, 1] = -places[:, 1]
        _draw_line(canvas, places + side / 2, lines.rois[lines.contours[index, 0]].color)
    return to_bytes(canvas.reshape(_SIDE, _FINER, _SIDE, _FINER, 3).mean(axis=(1, 3)))


def _draw_line(canvas: NDArray[np.uint8], outline: NDArray[np.float64], color: tuple[int, int, int]) -> None:
    """The closed line through the points (x, y), in pixels."""
    following = np.roll(outline, -1, axis=0)
    steps = np.maximum(np.ceil(np.abs(following - outline).max(axis=1)), 1).astype(int)
    steps = steps if steps.sum() <= _MOST_POINTS else np.ones_like(steps)
    part = np.concatenate([np.arange(count) / count for count in steps])[:, None]
    dots = np.repeat(outline, steps, axis=0) * (1 - part) + np.repeat(following, steps, axis=0) * part
    corner = np.rint(dots - _THICK / 2).astype(int)
    for dy in range(_THICK):
        for dx in range(_THICK):
            x, y = (np.clip(corner[:, axis] + shift, 0, canvas.shape[0] - 1) for axis, shift in ((0, dx), (1, dy)))
            canvas[y, x] = color
