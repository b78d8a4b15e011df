"""Surfaces of equal dose, which views show as lines where slices cut them.

Each cell of the grid that a surface crosses gets one point, the mean of where the surface crosses the cell's edges (linear between grid points);
each edge that is crossed joins the points of its four cells (surface nets, Gibson 1998). Where dose is linear the points lie on the surface.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Percent of the highest dose.
LEVELS = (10, 30, 50, 70, 80, 90, 95)


@dataclass(frozen=True)
class Isodoses:
    """``points`` (n, 3) float32 as (k, j, i) of the grid, ``triangles`` (m, 3) int32, ``doses`` (n,) float32: the dose that each point is of."""

    points: NDArray[np.float32]
    triangles: NDArray[np.int32]
    doses: NDArray[np.float32]


def isodoses(gray: NDArray[Any], highest: float) -> Isodoses:
    """All of ``LEVELS`` of ``highest``, in a dose (k, j, i); empty for a single plane or none above 0."""
    points, triangles, doses, count = [np.zeros((0, 3), np.float32)], [np.zeros((0, 3), np.int32)], [np.zeros(0, np.float32)], 0
    for percent in LEVELS if highest > 0 and min(gray.shape) > 1 else ():
        level = highest * percent / 100
        found, faces = _net(gray, level)
        points.append(found)
        triangles.append(faces + np.int32(count))
        doses.append(np.full(len(found), level, np.float32))
        count += len(found)
    return Isodoses(np.concatenate(points), np.concatenate(triangles), np.concatenate(doses))


def _net(gray: NDArray[Any], level: float) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    inside = gray >= level
    shape = tuple(size - 1 for size in gray.shape)
    corners = [np.s_[k : shape[0] + k, j : shape[1] + j, i : shape[2] + i] for k, j, i in product((0, 1), repeat=3)]
    some, every = np.zeros(shape, bool), np.ones(shape, bool)
    for corner in corners:
        some |= inside[corner]
        every &= inside[corner]
    cells = np.argwhere(some & ~every)
    number = np.full(shape, -1, np.int32)
    number[tuple(cells.T)] = np.arange(len(cells), dtype=np.int32)
    return _points(gray, level, cells), _faces(inside, number)


def _points(gray: NDArray[Any], level: float, cells: NDArray[np.int64]) -> NDArray[np.float32]:
    total, crossings = np.zeros((len(cells), 3)), np.zeros(len(cells))
    for axis in range(3):
        for others in product((0, 1), repeat=2):
            start = np.insert(np.array(others), axis, 0)
            end = np.insert(np.array(others), axis, 1)
            low, high = (gray[tuple((cells + offset).T)].astype(np.float64) for offset in (start, end))
            crossed = (low >= level) != (high >= level)
            part = np.where(crossed, (level - low) / np.where(crossed, high - low, 1.0), 0.0)
            place = cells + start + part[:, None] * np.eye(3)[axis]
            total += np.where(crossed[:, None], place, 0.0)
            crossings += crossed
    points: NDArray[np.float32] = (total / np.maximum(crossings, 1)[:, None]).astype(np.float32)
    return points


def _faces(inside: NDArray[np.bool_], number: NDArray[np.int32]) -> NDArray[np.int32]:
    found = [np.zeros((0, 3), np.int32)]
    for axis in range(3):
        across = [other for other in range(3) if other != axis]
        crossed = np.diff(inside, axis=axis)
        # An edge of the outermost cells has not four cells around it.
        for other in across:
            outer = [slice(None)] * 3
            for outer[other] in (slice(0, 1), slice(-1, None)):
                crossed[tuple(outer)] = False
        edges = np.argwhere(crossed)
        around = []
        for first, second in ((1, 1), (0, 1), (0, 0), (1, 0)):
            back = np.zeros(3, np.int64)
            back[across[0]], back[across[1]] = first, second
            around.append(number[tuple((edges - back).T)])
        a, b, c, d = around
        found += [np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)]
    return np.concatenate(found)
