"""Implicit shapes: a function of points that is negative inside, about the distance to the surface in mm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np

from IDCBrowserLib.demo.grid import Array, Points

Field = Callable[[Points], Array]
Position = tuple[float, float, float]
Scalar = float | Array


def ellipsoid(points: Points, center: tuple[Scalar, Scalar, Scalar], radii: tuple[Scalar, Scalar, Scalar]) -> Array:
    """An ellipsoid; ``center`` and ``radii`` may vary with the points (a sheared or tapered organ)."""
    offsets = [coordinate - middle for coordinate, middle in zip(points, center, strict=True)]
    return _quadric(offsets, radii)


def ellipse(x: Array, y: Array, center: tuple[Scalar, Scalar], radii: tuple[Scalar, Scalar]) -> Array:
    """An elliptic cylinder along the remaining axis."""
    return _quadric([x - center[0], y - center[1]], radii)


def _quadric(offsets: Sequence[Array], radii: Sequence[Scalar]) -> Array:
    near = np.sqrt(sum((offset / radius) ** 2 for offset, radius in zip(offsets, radii, strict=True)))
    slope = np.sqrt(sum((offset / radius**2) ** 2 for offset, radius in zip(offsets, radii, strict=True)))
    return near * (near - 1.0) / np.maximum(slope, 1e-9)


def capsule(points: Points, start: Position, end: Position, start_radius: float, end_radius: float | None = None) -> Array:
    """A rod with round ends that may taper."""
    along = [float(last - first) for first, last in zip(start, end, strict=True)]
    offsets = [coordinate - origin for coordinate, origin in zip(points, start, strict=True)]
    t = np.clip(sum(offset * part for offset, part in zip(offsets, along, strict=True)) / sum(part * part for part in along), 0.0, 1.0)
    distance = np.sqrt(sum((offset - t * part) ** 2 for offset, part in zip(offsets, along, strict=True)))
    return distance - (start_radius + t * ((start_radius if end_radius is None else end_radius) - start_radius))


def tube(points: Points, path: Sequence[Position], radii: Sequence[float]) -> Array:
    """Capsules along a path, with a radius at each of its positions."""
    parts = [capsule(points, path[n], path[n + 1], radii[n], radii[n + 1]) for n in range(len(path) - 1)]
    return union(*parts)


def union(*fields: Array) -> Array:
    """Inside where one of ``fields`` is."""
    together: Array = reduce(np.minimum, fields)
    return together


def intersection(*fields: Array) -> Array:
    """Inside where all of ``fields`` are."""
    together: Array = reduce(np.maximum, fields)
    return together


def smooth_union(first: Array, second: Array, width: float) -> Array:
    """Union with a fillet about ``width`` mm wide (polynomial smooth minimum)."""
    blend = np.clip(0.5 + 0.5 * (second - first) / width, 0.0, 1.0)
    return second * (1 - blend) + first * blend - width * blend * (1 - blend)


def smooth_intersection(first: Array, second: Array, width: float) -> Array:
    """Intersection with a rounded edge."""
    return -smooth_union(-first, -second, width)


def without(field: Array, *others: Array) -> Array:
    """``field`` with ``others`` cut out."""
    for other in others:
        field = np.maximum(field, -other)
    return field
