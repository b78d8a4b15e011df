"""Outlines of shapes as polygons in one plane, and holes cut in by a keyhole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from IDCBrowserLib.demo.grid import Array

Vertex = tuple[float, float]
Loop = list[Vertex]
_Edge = tuple[int, int, int]

_TOP, _RIGHT, _BOTTOM, _LEFT = range(4)
# Which edges of a cell are joined, by its inside corners (1 upper left, 2 upper right, 4 lower right, 8 lower left).
_JOINED = {
    1: ((_LEFT, _TOP),),
    2: ((_TOP, _RIGHT),),
    3: ((_LEFT, _RIGHT),),
    4: ((_RIGHT, _BOTTOM),),
    5: ((_LEFT, _TOP), (_RIGHT, _BOTTOM)),
    6: ((_TOP, _BOTTOM),),
    7: ((_LEFT, _BOTTOM),),
    8: ((_LEFT, _BOTTOM),),
    9: ((_TOP, _BOTTOM),),
    10: ((_TOP, _RIGHT), (_LEFT, _BOTTOM)),
    11: ((_RIGHT, _BOTTOM),),
    12: ((_LEFT, _RIGHT),),
    13: ((_TOP, _RIGHT),),
    14: ((_LEFT, _TOP),),
}


@dataclass(frozen=True)
class Region:
    """An outline and the holes in it."""

    outline: Loop
    holes: tuple[Loop, ...]


def loops(field: Array, x: Array, y: Array) -> list[Loop]:
    """Closed polygons along the zero of ``field`` (rows at ``y``, columns at ``x``), by marching squares with linear interpolation.

    The field is taken as outside beyond its border. Coordinates are rounded to 0.01, as a contour file writes them.
    """
    inside = np.round(field, 6) < 0
    inside[[0, -1], :] = False
    inside[:, [0, -1]] = False
    corners = inside.astype(np.uint8)
    cases = corners[:-1, :-1] | corners[:-1, 1:] << 1 | corners[1:, 1:] << 2 | corners[1:, :-1] << 3
    neighbors: dict[_Edge, list[_Edge]] = {}
    for j, i in np.argwhere((cases > 0) & (cases < 15)).tolist():
        edges = ((j, i, 0), (j, i + 1, 1), (j + 1, i, 0), (j, i, 1))
        for first, second in _JOINED[int(cases[j, i])]:
            neighbors.setdefault(edges[first], []).append(edges[second])
            neighbors.setdefault(edges[second], []).append(edges[first])
    found = []
    while neighbors:
        loop = [_vertex(edge, field, x, y) for edge in _walk(neighbors)]
        # Rounding can put neighbors on one place.
        loop = [vertex for n, vertex in enumerate(loop) if vertex != loop[n - 1]]
        if len(loop) >= 3:
            found.append(loop)
    return found


def _walk(neighbors: dict[_Edge, list[_Edge]]) -> list[_Edge]:
    start = next(iter(neighbors))
    path, edge = [], start
    while edge in neighbors:
        path.append(edge)
        onward = neighbors.pop(edge)
        edge = next((candidate for candidate in onward if candidate in neighbors), start)
    return path


def _vertex(edge: _Edge, field: Array, x: Array, y: Array) -> Vertex:
    j, i, vertical = edge
    first, second = (field[j, i], field[j + 1, i]) if vertical else (field[j, i], field[j, i + 1])
    # Equal signs: the border, which counts as outside whatever the field says there.
    share = 0.5 if (first < 0) == (second < 0) else float(first / (first - second))
    if vertical:
        return round(float(x[i]), 2), round(float(y[j] + share * (y[j + 1] - y[j])), 2)
    return round(float(x[i] + share * (x[i + 1] - x[i])), 2), round(float(y[j]), 2)


def simplified(loop: Loop, tolerance: float = 0.1) -> Loop:
    """The loop without vertices that lie within ``tolerance`` mm of the line between their neighbors (each second one at most)."""
    kept: Loop = []
    for n, vertex in enumerate(loop):
        (x0, y0), (x1, y1) = loop[n - 1], loop[(n + 1) % len(loop)]
        length = math.hypot(x1 - x0, y1 - y0)
        offset = abs((x1 - x0) * (vertex[1] - y0) - (y1 - y0) * (vertex[0] - x0)) / max(length, 1e-9)
        if offset > tolerance or n % 2 == 0:
            kept.append(vertex)
    return kept if len(kept) >= 3 else loop


def regions(found: Sequence[Loop], smallest_area: float = 6.0) -> list[Region]:
    """Sort loops into outlines and their holes; loops of less than ``smallest_area`` mm2 are dropped."""
    kept = sorted((loop for loop in found if area(loop) >= smallest_area), key=area, reverse=True)
    outlines: list[tuple[Loop, list[Loop]]] = []
    for loop in kept:
        around = [outline for outline in outlines if contains(outline[0], loop[0])]
        if around and not any(contains(hole, loop[0]) for hole in around[-1][1]):
            around[-1][1].append(loop)
        else:
            outlines.append((loop, []))
    return [Region(outline, tuple(holes)) for outline, holes in outlines]


def keyhole(region: Region) -> Loop:
    """One polygon for a region with holes: each hole is reached over a bridge of no width, walked round the other way, and left over it again."""
    merged = list(region.outline)
    for found in region.holes:
        hole = found[::-1] if (signed_area(found) > 0) == (signed_area(region.outline) > 0) else found
        outer, inner = np.asarray(merged), np.asarray(hole)
        distances = ((outer[:, None, :] - inner[None, :, :]) ** 2).sum(axis=2)
        p, q = (int(n) for n in np.unravel_index(int(distances.argmin()), distances.shape))
        merged = merged[: p + 1] + hole[q:] + hole[: q + 1] + merged[p:]
    return merged


def area(loop: Loop) -> float:
    """Enclosed area, whatever the direction."""
    return abs(signed_area(loop))


def signed_area(loop: Loop) -> float:
    """Enclosed area; its sign tells the direction."""
    values = np.asarray(loop)
    following = np.roll(values, -1, axis=0)
    return float((values[:, 0] * following[:, 1] - following[:, 0] * values[:, 1]).sum()) / 2


def contains(loop: Loop, vertex: Vertex) -> bool:
    """Whether a place lies in a polygon (even-odd)."""
    px, py = vertex
    odd = False
    for n, (x, y) in enumerate(loop):
        before_x, before_y = loop[n - 1]
        if (y > py) != (before_y > py) and px < (before_x - x) * (py - y) / (before_y - y) + x:
            odd = not odd
    return odd
