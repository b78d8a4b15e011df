"""The border of a mask along the edges of its voxels: loops that enclose exactly the voxels that are set.

Corners lie between voxels, half a step from centers: column - 1/2, row - 1/2. Loops touch themselves and each other nowhere but in corners, cross
nowhere, and their insides, each counted as inside or outside by an odd or even number of loops around it, are the voxels of the mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Column and row of a corner, in whole steps from the upper left corner of the first voxel.
Corner = tuple[int, int]


@dataclass(frozen=True)
class Loop:
    """``corners`` in order, the first not repeated. ``is_hole``: what lies just inside is not set. Around holes the order runs the other way."""

    corners: tuple[Corner, ...]
    is_hole: bool

    def coordinates(self) -> NDArray[np.float64]:
        """(n, 2): column and row in voxels, centers being whole numbers."""
        return np.array(self.corners, float) - 0.5


def outlines(mask: NDArray[np.bool_]) -> list[Loop]:
    """The loops of a mask (row, column)."""
    padded = np.pad(mask, 1)
    loops: list[Loop] = []
    for corners in _simple(_chains(padded)):
        column, row = min(corners, key=lambda corner: (corner[1], corner[0]))
        # Right below its uppermost, leftmost corner a loop has its inside.
        is_hole = not padded[row + 1, column + 1]
        if (_area(corners) < 0) != is_hole:
            corners = corners[::-1]  # noqa: PLW2901  the same loop, in the order that is wanted
        loops.append(Loop(tuple(corners), is_hole))
    return loops


def _chains(padded: NDArray[np.bool_]) -> list[list[Corner]]:
    """Closed chains of corners. In each row corners are joined two by two, likewise in each column; every corner has one partner of each kind."""
    codes: NDArray[Any] = padded.astype(np.uint8)
    codes = codes[:-1, :-1] | codes[:-1, 1:] << 1 | codes[1:, :-1] << 2 | codes[1:, 1:] << 3
    # Corners where one or three of four voxels are set; where two that touch by a corner only are, there are two.
    times = np.array([0, 1, 1, 0, 1, 0, 2, 1, 1, 2, 0, 1, 0, 1, 1, 0])[codes]
    rows, columns = np.nonzero(times)
    repeat = times[rows, columns]
    rows, columns = np.repeat(rows, repeat), np.repeat(columns, repeat)
    count = len(rows)
    beside, above = np.empty(count, np.int64), np.empty(count, np.int64)
    for partner, order in ((beside, np.lexsort((np.arange(count), columns, rows))), (above, np.lexsort((np.arange(count), rows, columns)))):
        partner[order[::2]], partner[order[1::2]] = order[1::2], order[::2]
    return _cycles(beside.tolist(), above.tolist(), list(zip(columns.tolist(), rows.tolist(), strict=True)))


def _cycles(beside: Sequence[int], above: Sequence[int], corners: Sequence[Corner]) -> list[list[Corner]]:
    left = set(range(len(corners)))
    found = []
    while left:
        first = place = min(left) if len(left) == len(corners) else next(iter(left))
        chain = []
        while True:
            chain += [corners[place], corners[beside[place]]]
            left.discard(place)
            left.discard(beside[place])
            place = above[beside[place]]
            if place == first:
                break
        found.append(chain)
    return found


def _simple(chains: list[list[Corner]]) -> list[list[Corner]]:
    """Cut where a chain passes a corner twice: readers do not agree about what a contour that touches itself encloses."""
    found = []
    for chain in chains:
        path: list[Corner] = []
        at: dict[Corner, int] = {}
        for corner in chain:
            if corner in at:
                cut = at[corner]
                found.append(path[cut:])
                for gone in path[cut + 1 :]:
                    del at[gone]
                del path[cut + 1 :]
            else:
                at[corner] = len(path)
                path.append(corner)
        found.append(path)
    return [_without_straight(loop) for loop in found if len(loop) > 3]


def _without_straight(loop: list[Corner]) -> list[Corner]:
    """Without corners that are none any more after a cut."""
    kept = []
    for place, (column, row) in enumerate(loop):
        before, after = loop[place - 1], loop[(place + 1) % len(loop)]
        if not (before[0] == column == after[0] or before[1] == row == after[1]):
            kept.append((column, row))
    return kept


def _area(corners: Sequence[Corner]) -> int:
    """Twice the area, positive where the order runs from columns to rows (clockwise on a screen)."""
    return sum(corners[place - 1][0] * corner[1] - corner[0] * corners[place - 1][1] for place, corner in enumerate(corners))


def keyholed(loops: Sequence[Loop]) -> list[Loop]:
    """Without holes of their own: each is joined with the loop to its left by a channel of no width, which runs along the edges of voxels."""
    holes = sorted((loop for loop in loops if loop.is_hole), key=lambda loop: min(loop.corners))
    outer = [list(loop.corners) for loop in loops if not loop.is_hole]
    waiting = [list(loop.corners) for loop in holes]
    for hole in waiting:
        start = hole.index(min(hole, key=lambda corner: (corner[0], corner[1])))
        turned = hole[start:] + hole[:start]
        found = _left_of(turned[0], outer)
        if found is None:
            continue
        loop, place, meeting = found
        joined = [*loop[: place + 1], meeting, *turned, turned[0], meeting, *loop[place + 1 :]]
        loop[:] = joined
    return [Loop(tuple(_merged(loop)), False) for loop in outer]


def _left_of(corner: Corner, loops: Sequence[list[Corner]]) -> tuple[list[Corner], int, Corner] | None:
    """The first edge to the left of a corner in its row: its loop, the place of the edge's first corner, and where the row meets it."""
    column, row = corner
    best: tuple[list[Corner], int, Corner] | None = None
    for loop in loops:
        for place, (x, y) in enumerate(loop):
            next_x, next_y = loop[(place + 1) % len(loop)]
            if x == next_x and x <= column and min(y, next_y) <= row <= max(y, next_y) and (best is None or x > best[2][0]):
                best = loop, place, (x, row)
    return best


def _merged(loop: list[Corner]) -> list[Corner]:
    """Without corners that are given twice in a row."""
    return [corner for place, corner in enumerate(loop) if corner != loop[place - 1]]
