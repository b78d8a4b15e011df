"""How two closed contours lie to each other: apart, one in the other, or crossing."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOUCH = 0.02
"""Pixels by which a contour may stick out of another and still be contained in it: two drawings of one border, each rounded."""

_PAIRS_AT_ONCE = 1 << 20
_MOST_SAMPLES = 2048


class Relation(Enum):
    """Of a larger contour to a smaller one."""

    APART = "apart"
    CONTAINS = "contains"
    CROSSES = "crosses"


def relation(large: NDArray[np.float64], small: NDArray[np.float64]) -> Relation:
    """How ``large`` (n, 2) lies to ``small`` (m, 2), in pixels. Touching borders alone make no crossing."""
    inside, outside = _sides(_samples(small), large)
    if inside and outside:
        return Relation.CROSSES
    reverse_inside, reverse_outside = _sides(_samples(large), small)
    if reverse_inside and reverse_outside:
        return Relation.CROSSES
    if inside:
        return Relation.CROSSES if reverse_inside else Relation.CONTAINS
    if reverse_inside or _cross_properly(large, small):
        return Relation.CROSSES
    if outside or not _same_border(large, small):
        return Relation.APART
    return Relation.CONTAINS


def _samples(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The corners and the middles of the edges."""
    return np.concatenate([points, (points + np.concatenate([points[1:], points[:1]])) / 2])


def _sides(samples: NDArray[np.float64], polygon: NDArray[np.float64]) -> tuple[bool, bool]:
    """Whether some samples lie deeper than ``TOUCH`` inside the polygon, and whether some lie farther than that outside."""
    enclosed = _enclosed(samples, polygon)
    return _any_far(samples[enclosed], polygon), _any_far(samples[~enclosed], polygon)


def _any_far(samples: NDArray[np.float64], polygon: NDArray[np.float64]) -> bool:
    """Whether a sample lies farther than ``TOUCH`` from the border: mostly the first few tell. Of very many, evenly spaced ones are asked."""
    samples = samples[:: -(-len(samples) // _MOST_SAMPLES) or 1]
    first, size = 0, 16
    while first < len(samples):
        if bool(np.any(_distances(samples[first : first + size], polygon) > TOUCH)):
            return True
        first, size = first + size, min(size * 4, max(16, _PAIRS_AT_ONCE // len(polygon)))
    return False


def _enclosed(samples: NDArray[np.float64], polygon: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Even-odd for every sample. Samples are sorted by y, so that each edge meets only those it spans."""
    after = np.concatenate([polygon[1:], polygon[:1]])
    order = np.argsort(samples[:, 1], kind="stable")
    heights = samples[order, 1]
    first = np.searchsorted(heights, np.minimum(polygon[:, 1], after[:, 1]), side="left")
    counts = np.searchsorted(heights, np.maximum(polygon[:, 1], after[:, 1]), side="left") - first
    edge = np.repeat(np.arange(len(polygon)), counts)
    sample = order[np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts - first, counts)]
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (after[:, 0] - polygon[:, 0]) / (after[:, 1] - polygon[:, 1])
    right = polygon[edge, 0] + (samples[sample, 1] - polygon[edge, 1]) * slope[edge] > samples[sample, 0]
    odd: NDArray[np.bool_] = np.bincount(sample[right], minlength=len(samples)) % 2 == 1
    return odd


def _distances(samples: NDArray[np.float64], polygon: NDArray[np.float64]) -> NDArray[np.float64]:
    edges = np.concatenate([polygon[1:], polygon[:1]]) - polygon
    lengths = np.maximum((edges * edges).sum(axis=1), 1e-300)
    dx = samples[:, 0, None] - polygon[:, 0]
    dy = samples[:, 1, None] - polygon[:, 1]
    along = np.clip((dx * edges[:, 0] + dy * edges[:, 1]) / lengths, 0, 1)
    distance: NDArray[np.float64] = np.hypot(dx - along * edges[:, 0], dy - along * edges[:, 1]).min(axis=1)
    return distance


def _cross_properly(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    """Whether an edge of one passes through an edge of the other (a cross of two bars has no corner inside the other)."""
    p, q = _edges_near(a, b)
    r, t = _edges_near(b, a)
    if not len(p) or not len(r):
        return False
    portion = max(1, _PAIRS_AT_ONCE // len(r))
    for first in range(0, len(p), portion):
        start, end = p[first : first + portion, None, :], q[first : first + portion, None, :]
        one = _turn(start, end, r) * _turn(start, end, t) < 0
        other = _turn(r, t, start) * _turn(r, t, end) < 0
        if bool(np.any(one & other)):
            return True
    return False


def _edges_near(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Starts and ends of the edges of ``a`` that reach into the bounding box of ``b``."""
    ends = np.concatenate([a[1:], a[:1]])
    near = np.all((np.maximum(a, ends) >= b.min(axis=0)) & (np.minimum(a, ends) <= b.max(axis=0)), axis=1)
    return a[near], ends[near]


def _turn(p: NDArray[np.float64], q: NDArray[np.float64], r: NDArray[np.float64]) -> NDArray[np.float64]:
    turned = (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])
    # What is zero up to rounding is a touch.
    return np.where(np.abs(turned) < 1e-7, 0.0, turned)


def _same_border(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    """Whether all corners of ``b`` lie on ``a`` and the reverse."""
    return not _any_far(b, a) and not _any_far(a, b)
