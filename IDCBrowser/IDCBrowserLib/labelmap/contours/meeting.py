"""Finds which boxes of two sets intersect, without testing every pair: boxes are sorted into a grid, and only boxes in one cell are compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PAIRS_AT_ONCE = 1 << 20
_CELLS_OF_A_BOX = 8


@dataclass(frozen=True)
class Boxes:
    """``low`` and ``high`` corners, (n, 2) each."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def chosen(self, mask: NDArray[np.bool_]) -> Boxes:
        """Those where ``mask`` is True."""
        return Boxes(self.low[mask], self.high[mask])


def meeting_pairs(a: Boxes, b: Boxes) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Indices into ``a`` and ``b`` of all pairs of boxes that meet or touch, in portions; a pair may come more than once."""
    if not len(a.low) or not len(b.low):
        return
    origin = np.minimum(a.low.min(axis=0), b.low.min(axis=0))
    size = _cell_size(a, b)
    item_a, cell_a = _cells(a, origin, size)
    item_b, cell_b = _cells(b, origin, size)
    order = np.argsort(cell_b, kind="stable")
    item_b, cell_b = item_b[order], cell_b[order]
    first = np.searchsorted(cell_b, cell_a, side="left")
    counts = np.searchsorted(cell_b, cell_a, side="right") - first
    for begin, end in _portions(counts):
        own = counts[begin:end]
        starts = np.repeat(first[begin:end] - (np.cumsum(own) - own), own)
        one, other = np.repeat(item_a[begin:end], own), item_b[starts + np.arange(len(starts))]
        meet = np.all((a.low[one] <= b.high[other]) & (b.low[other] <= a.high[one]), axis=1)
        yield one[meet], other[meet]


def _cell_size(a: Boxes, b: Boxes) -> NDArray[np.float64]:
    """About as large as the boxes, in each direction, and so large that a box lies in few cells."""
    extents = np.concatenate([a.high - a.low, b.high - b.low])
    span = np.maximum(a.high.max(axis=0), b.high.max(axis=0)) - np.minimum(a.low.min(axis=0), b.low.min(axis=0))
    size = np.maximum(np.maximum(extents.mean(axis=0), span / 2**20), 1e-9)
    while float(np.prod(extents / size + 1, axis=1).mean()) > _CELLS_OF_A_BOX:
        size = size * 2
    found: NDArray[np.float64] = size
    return found


def _cells(boxes: Boxes, origin: NDArray[np.float64], size: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each box with the number of each cell that it reaches into."""
    low = np.floor((boxes.low - origin) / size).astype(np.int64)
    reach = np.floor((boxes.high - origin) / size).astype(np.int64) - low + 1
    counts = reach[:, 0] * reach[:, 1]
    item = np.repeat(np.arange(len(counts)), counts)
    local = np.arange(len(item)) - np.repeat(np.cumsum(counts) - counts, counts)
    column = low[item, 0] + local % reach[item, 0]
    row = low[item, 1] + local // reach[item, 0]
    return item, column * (1 << 24) + row


def _portions(counts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Runs with at most ``_PAIRS_AT_ONCE`` pairs together (one alone may have more), until there are no more pairs."""
    total = np.cumsum(counts)
    begin, done = 0, 0
    while begin < len(counts) and total[-1] > done:
        end = max(begin + 1, int(np.searchsorted(total, done + _PAIRS_AT_ONCE, side="right")))
        yield begin, end
        begin, done = end, int(total[end - 1])
