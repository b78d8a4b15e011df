"""Lines around all labels of a picture in one go: halfway between the middles of pixels, open where a label leaves the picture."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Of every second pixel there are half as many edges, and so on: what is drawn of noise takes no longer than this.
_MOST_EDGES = 100_000
# Out of the picture.
_OUTSIDE = -1


def label_outlines(labels: NDArray[Any], wanted: Collection[int], most_edges: int = _MOST_EDGES) -> dict[int, list[NDArray[np.float64]]]:
    """By label lines (n, 2) of x and y in pixels, whose middles are at a half, around each of the ``wanted`` labels in ``labels`` (row, column).

    Closed lines end where they begin. Of more than ``most_edges`` edges of pixels coarser ones are followed.
    """
    import numpy as np

    step = 1
    while True:
        padded = np.pad(labels[step // 2 :: step, step // 2 :: step].astype(np.int32), 1, constant_values=_OUTSIDE)
        edges = _edges(padded, wanted)
        if len(edges) <= most_edges:
            break
        step *= 2
    shown = padded.ravel()
    outlines: dict[int, list[NDArray[np.float64]]] = {}
    order, starts = _chains(edges, _next(edges, shown, padded.shape[1]))
    if not starts:
        return {}
    pixels, sides = np.divmod(edges[order], 4)
    rows, columns = np.divmod(pixels, padded.shape[1])
    # From the middle of a pixel to that of its upper, right, lower or left edge; the first row and column are no pixels.
    points = np.column_stack([columns, rows]) - 0.5 + np.array([(0, -0.5), (0.5, 0), (0, 0.5), (-0.5, 0)])[sides]
    bends = _bends(points, starts)
    ends = [*starts[1:], len(order)]
    for start, end, label in zip(starts, ends, shown[pixels[starts]].tolist(), strict=True):
        line = points[start:end][bends[start:end]]
        if len(line) > 1:
            outlines.setdefault(label, []).append(line * step)
    return outlines


def _edges(padded: NDArray[np.int32], wanted: Collection[int]) -> NDArray[np.int64]:
    """4 x pixel + side, ascending: the edges between a wanted label and another one. Sides: 0 above, 1 right, 2 below, 3 left."""
    import numpy as np

    width = padded.shape[1]
    shown = padded.ravel()
    inner = shown[width:-width]
    is_label = inner > 0
    found = []
    for side, beside in enumerate((-width, 1, width, -1)):
        other = shown[width + beside : len(shown) - width + beside]
        found.append((np.flatnonzero(is_label & (inner != other) & (other != _OUTSIDE)) + width) * 4 + side)
    edges = np.sort(np.concatenate(found))
    return edges[np.isin(shown[edges // 4], list(wanted))]


def _next(edges: NDArray[np.int64], shown: NDArray[np.int32], width: int) -> NDArray[np.int64]:
    """The place of the edge that follows each, clockwise around its label; -1 where the picture ends. Pixels that touch by a corner stay apart."""
    import numpy as np

    pixels, sides = np.divmod(edges, 4)
    outward, ahead = np.array([-width, 1, width, -1])[sides], np.array([1, width, -1, -width])[sides]
    label = shown[pixels]
    in_front, beside = shown[pixels + ahead], shown[pixels + ahead + outward]
    turns_right, goes_on = in_front != label, beside != label
    following = np.where(
        turns_right,
        4 * pixels + (sides + 1) % 4,
        np.where(goes_on, 4 * (pixels + ahead) + sides, 4 * (pixels + ahead + outward) + (sides + 3) % 4),
    )
    places: NDArray[np.int64] = np.searchsorted(edges, following)
    places[in_front == _OUTSIDE] = -1
    return places


def _chains(edges: NDArray[np.int64], following: NDArray[np.int64]) -> tuple[list[int], list[int]]:
    """The places of edges, chain after chain, and where in it each chain begins. Closed ones end with their first edge."""
    import numpy as np

    after = following.tolist()
    is_left = bytearray(b"\1") * len(edges)
    # Open chains begin where nothing leads to.
    is_head = np.ones(len(edges), bool)
    is_head[following[following >= 0]] = False
    heads = np.flatnonzero(is_head).tolist()
    order: list[int] = []
    starts: list[int] = []
    for first in [*heads, *range(len(edges))]:
        if not is_left[first]:
            continue
        starts.append(len(order))
        place = first
        while place >= 0 and is_left[place]:
            is_left[place] = 0
            order.append(place)
            place = after[place]
        if place == first:
            order.append(first)
    return order, starts


def _bends(points: NDArray[np.float64], starts: list[int]) -> NDArray[np.bool_]:
    """Which of the points are ends of a line, or not on the way from the one before to the one after."""
    import numpy as np

    steps = np.diff(points, axis=0)
    bends = np.ones(len(points), bool)
    bends[1:-1] = (steps[1:] != steps[:-1]).any(axis=1)
    bends[starts] = True
    bends[np.array(starts[1:], np.int64) - 1] = True
    return bends
