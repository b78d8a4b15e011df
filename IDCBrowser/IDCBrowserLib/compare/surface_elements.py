"""The area of the surface inside a cube between eight voxels, for each of the 256 ways in which they can be set.

The surface is that of marching cubes (Lorensen and Cline 1987): its corners are the midpoints of the edges between a set and an unset voxel. The
choices that marching cubes leaves open are made as in the surface distances of Nikolov et al. (2021, doi.org/10.2196/26151), so that areas, and
with them all distances that are weighted by area, equal those of ``surface-distance-based-measures``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Point = tuple[float, float, float]

# Around a square, so that neighbors share an edge.
_RING = ((0, 0), (1, 0), (1, 1), (0, 1))


def code_areas(index_to_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """(256,) mm2: area by code. Bit ``4 k + 2 j + i`` of a code tells whether voxel (k, j, i) of the cube is set.

    ``index_to_mm`` (3, 3) has the step along i, j and k as columns; it may be oblique or sheared.
    """
    # An area vector transforms with the matrix of cofactors.
    cofactors = np.linalg.det(index_to_mm) * np.linalg.inv(index_to_mm).T
    areas = np.zeros(256)
    for code, normals in enumerate(_area_vectors()):
        areas[code] = np.linalg.norm(normals @ cofactors.T, axis=1).sum()
    return areas


@lru_cache(maxsize=1)
def _area_vectors() -> tuple[NDArray[np.float64], ...]:
    """For each code the area vectors (n, 3) of its triangles in a unit cube, along i, j, k."""
    return tuple(_triangles(code) for code in range(256))


def _triangles(code: int) -> NDArray[np.float64]:
    # What is outside has the same surface: where the two readings of a code differ, the one with fewer set voxels counts.
    if code.bit_count() > 4:
        code = 255 - code
    found = [_fan(np.array(loop)) for loop in _loops(code)]
    return np.concatenate(found) if found else np.zeros((0, 3))


def _fan(loop: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area vectors of the triangles from one corner of a polygon to its edges: from the corner that makes them largest."""
    fans = []
    for start in range(len(loop)):
        turned = np.roll(loop, -start, axis=0)
        fans.append(np.cross(turned[1:-1] - turned[0], turned[2:] - turned[0]) / 2)
    return max(fans, key=lambda vectors: round(float(np.linalg.norm(vectors, axis=1).sum()), 9))


def _loops(code: int) -> list[list[Point]]:
    """The polygons of a code: lines on the six faces, joined where they end. On a face, two set voxels across from each other stay apart."""
    follows: dict[Point, Point] = {}
    for axis in range(3):
        for side in (0, 1):
            follows.update(_lines(code, axis, side))
    loops = []
    while follows:
        first = next(iter(follows))
        loop, point = [first], follows.pop(first)
        while point != first:
            loop.append(point)
            point = follows.pop(point)
        loops.append(loop)
    return loops


def _lines(code: int, axis: int, side: int) -> list[tuple[Point, Point]]:
    """On one face of the cube: from where the ring enters set voxels to where it leaves them."""
    ring = [_corner(axis, side, place) for place in _RING]
    if (side == 0) != (axis == 1):
        # Seen from outside, all faces are walked the same way round.
        ring.reverse()
    is_set = [bool(code >> (4 * k + 2 * j + i) & 1) for i, j, k in ring]
    after = [ring[(place + 1) % 4] for place in range(4)]
    middles: list[Any] = [tuple((a + b) / 2 for a, b in zip(one, other, strict=True)) for one, other in zip(ring, after, strict=True)]
    enters = [place for place in range(4) if not is_set[place] and is_set[(place + 1) % 4]]
    leaves = [place for place in range(4) if is_set[place] and not is_set[(place + 1) % 4]]
    return [(middles[enter], middles[min(leaves, key=lambda leave: (leave - enter) % 4)]) for enter in enters]


def _corner(axis: int, side: int, place: tuple[int, int]) -> tuple[int, int, int]:
    values = list(place)
    values.insert(axis, side)
    i, j, k = values
    return i, j, k
