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
    return np.concatenate([points, (points + np.roll(points, -1, axis=0)) / 2])


def _sides(samples: NDArray[np.float64], polygon: NDArray[np.float64]) -> tuple[bool, bool]:
    """Whether some samples lie deeper than ``TOUCH`` inside the polygon, and whether some lie farther than that outside."""
    inside = outside = False
    portion = max(1, _PAIRS_AT_ONCE // len(polygon))
    for first in range(0, len(samples), portion):
        part = samples[first : first + portion]
        far = _distances(part, polygon) > TOUCH
        enclosed = _enclosed(part, polygon)
        inside |= bool(np.any(far & enclosed))
        outside |= bool(np.any(far & ~enclosed))
        if inside and outside:
            break
    return inside, outside


def _enclosed(samples: NDArray[np.float64], polygon: NDArray[np.float64]) -> NDArray[np.bool_]:
    after = np.roll(polygon, -1, axis=0)
    x, y = samples[:, 0, None], samples[:, 1, None]
    spans = (polygon[:, 1] > y) != (after[:, 1] > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = polygon[:, 0] + (y - polygon[:, 1]) * (after[:, 0] - polygon[:, 0]) / (after[:, 1] - polygon[:, 1])
    odd: NDArray[np.bool_] = np.count_nonzero(spans & (crossing > x), axis=1) % 2 == 1
    return odd


def _distances(samples: NDArray[np.float64], polygon: NDArray[np.float64]) -> NDArray[np.float64]:
    edges = np.roll(polygon, -1, axis=0) - polygon
    lengths = np.maximum((edges * edges).sum(axis=1), 1e-300)
    dx = samples[:, 0, None] - polygon[:, 0]
    dy = samples[:, 1, None] - polygon[:, 1]
    along = np.clip((dx * edges[:, 0] + dy * edges[:, 1]) / lengths, 0, 1)
    distance: NDArray[np.float64] = np.hypot(dx - along * edges[:, 0], dy - along * edges[:, 1]).min(axis=1)
    return distance


def _cross_properly(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    """Whether an edge of one passes through an edge of the other (a cross of two bars has no corner inside the other)."""
    b_after = np.roll(b, -1, axis=0)
    portion = max(1, _PAIRS_AT_ONCE // len(b))
    ends = np.roll(a, -1, axis=0)
    for first in range(0, len(a), portion):
        p, q = a[first : first + portion, None, :], ends[first : first + portion, None, :]
        one = _turn(p, q, b) * _turn(p, q, b_after) < 0
        other = _turn(b, b_after, p) * _turn(b, b_after, q) < 0
        if bool(np.any(one & other)):
            return True
    return False


def _turn(p: NDArray[np.float64], q: NDArray[np.float64], r: NDArray[np.float64]) -> NDArray[np.float64]:
    turned = (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])
    # What is zero up to rounding is a touch.
    return np.where(np.abs(turned) < 1e-7, 0.0, turned)


def _same_border(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    """Whether all corners of ``b`` lie on ``a`` and the reverse."""
    return not bool(np.any(_distances(b, a) > TOUCH)) and not bool(np.any(_distances(a, b) > TOUCH))
