"""Slices between contours, by the shape-based interpolation of Raya and Udupa: the mean of signed distances to the borders of both neighbors."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.contours.fill import Patch

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ALWAYS_NEAR = 3


def slices_between(slices: list[int]) -> dict[int, tuple[int, int]]:
    """The empty slices between contours that are near each other, each with its two neighbors.

    Near are contours at most twice their usual distance apart, or three slices. Wider gaps part one piece of an ROI from another.
    """
    if len(slices) < 2:
        return {}
    steps = np.diff(slices)
    limit = max(_ALWAYS_NEAR, 2 * int(np.median(steps)))
    return {k: (before, after) for before, after in itertools.pairwise(slices) if after - before <= limit for k in range(before + 1, after)}


def fill_between(patches: dict[int, Patch], between: dict[int, tuple[int, int]]) -> dict[int, Patch]:
    """Pixels for each slice of ``between`` from those of its neighbors in ``patches``."""
    filled: dict[int, Patch] = {}
    for (before, after), group in itertools.groupby(between.items(), key=lambda item: item[1]):
        one, other = patches[before], patches[after]
        if not one.mask.any() or not other.mask.any():
            continue
        row, column, boxed = _in_one_box(one, other)
        depths = [_depth(mask) for mask in boxed]
        for k, _ in group:
            part = (k - before) / (after - before)
            mask = (1 - part) * depths[0] + part * depths[1] >= 0
            filled[k] = Patch(row, column, mask)
    return filled


def _in_one_box(one: Patch, other: Patch) -> tuple[int, int, list[NDArray[np.bool_]]]:
    row, column = min(one.row, other.row), min(one.column, other.column)
    bottom = max(one.row + one.mask.shape[0], other.row + other.mask.shape[0])
    right = max(one.column + one.mask.shape[1], other.column + other.mask.shape[1])
    boxed = []
    for patch in (one, other):
        mask = np.zeros((bottom - row, right - column), np.bool_)
        top, left = patch.row - row, patch.column - column
        mask[top : top + patch.mask.shape[0], left : left + patch.mask.shape[1]] = patch.mask
        boxed.append(mask)
    return row, column, boxed


def _depth(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Signed distance to the border in pixels: positive inside, negative outside, never 0. Beyond the box is outside."""
    padded = np.pad(mask, 1)
    depth = np.where(padded, _distance_to(~padded) - 0.5, 0.5 - _distance_to(padded))
    return depth[1:-1, 1:-1]


def _distance_to(target: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Exact Euclidean distance of each pixel to the nearest True pixel: along columns by two sweeps, then along rows by the lower envelope."""
    far = float(sum(target.shape)) * 2
    along = np.where(target, 0.0, far)
    for row in range(1, len(along)):
        np.minimum(along[row], along[row - 1] + 1, out=along[row])
    for row in range(len(along) - 2, -1, -1):
        np.minimum(along[row], along[row + 1] + 1, out=along[row])
    squared = along * along
    nearest = squared.copy()
    width = target.shape[1]
    for shift in range(1, width):
        np.minimum(nearest[:, shift:], squared[:, :-shift] + shift * shift, out=nearest[:, shift:])
        np.minimum(nearest[:, :-shift], squared[:, shift:] + shift * shift, out=nearest[:, :-shift])
    distance: NDArray[np.float64] = np.sqrt(nearest)
    return distance
