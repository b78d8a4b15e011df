"""How two closed contours lie to each other: apart, one in the other, or crossing."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.contours.meeting import Boxes, meeting_pairs
from IDCBrowserLib.volume.tolerances import SAME_BORDER_PIXELS as TOUCH

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEW = 16
_MOST_SAMPLES = 2048
# A little more than what is asked for, so that rounding hides no edge.
_MORE = 1 + 1e-9


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


def same_border(a: NDArray[np.float64], b: NDArray[np.float64], reach: float) -> bool:
    """Whether two borders are nowhere ``reach`` pixels apart: corners and middles of edges of the inner one are asked.

    A sharp corner of the outer one may be half as far again: it lies diagonally off the inner border.
    """
    near, corner = reach * (1 - 1e-9), 1.5 * reach
    one, other = _samples(a), _samples(b)
    return (not _any_far(other, a, near) and not _any_far(one, b, corner)) or (not _any_far(one, b, near) and not _any_far(other, a, corner))


def _samples(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The corners and the middles of the edges."""
    return np.concatenate([points, (points + _ends(points)) / 2])


def _sides(samples: NDArray[np.float64], polygon: NDArray[np.float64]) -> tuple[bool, bool]:
    """Whether some samples lie deeper than ``TOUCH`` inside the polygon, and whether some lie farther than that outside."""
    enclosed = _enclosed(samples, polygon)
    return _any_far(samples[enclosed], polygon), _any_far(samples[~enclosed], polygon)


def _any_far(samples: NDArray[np.float64], polygon: NDArray[np.float64], reach: float = TOUCH) -> bool:
    """Whether a sample lies farther than ``reach`` from the border: mostly the first few tell. Of very many, evenly spaced ones are asked."""
    samples = samples[:: -(-len(samples) // _MOST_SAMPLES) or 1]
    few = samples[:_FEW]
    if len(few) and bool(np.any(_distances(few[:, None], polygon, _ends(polygon)).min(axis=1) > reach)):
        return True
    samples = samples[_FEW:]
    near = np.zeros(len(samples), np.bool_)
    ends = _ends(polygon)
    edges = Boxes(np.minimum(polygon, ends) - reach * _MORE, np.maximum(polygon, ends) + reach * _MORE)
    for sample, edge in meeting_pairs(Boxes(samples, samples), edges):
        near[sample[_distances(samples[sample], polygon[edge], ends[edge]) <= reach]] = True
    return not bool(near.all())


def _enclosed(samples: NDArray[np.float64], polygon: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Even-odd for every sample. Samples are sorted by y, so that each edge meets only those it spans."""
    after = _ends(polygon)
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


def _distances(samples: NDArray[np.float64], starts: NDArray[np.float64], ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """From points to the edges between ``starts`` and ``ends``; the last axis is (x, y), the others are broadcast."""
    edges = ends - starts
    lengths = np.maximum((edges * edges).sum(axis=-1), 1e-300)
    off = samples - starts
    along = np.clip((off * edges).sum(axis=-1) / lengths, 0, 1)
    distance: NDArray[np.float64] = np.hypot(off[..., 0] - along * edges[..., 0], off[..., 1] - along * edges[..., 1])
    return distance


def _cross_properly(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    """Whether an edge of one passes through an edge of the other (a cross of two bars has no corner inside the other)."""
    a_ends, b_ends = _ends(a), _ends(b)
    boxes = (Boxes(np.minimum(start, end), np.maximum(start, end)) for start, end in ((a, a_ends), (b, b_ends)))
    for one, other in meeting_pairs(*boxes):
        p, q, r, t = a[one], a_ends[one], b[other], b_ends[other]
        through = (_turn(p, q, r) * _turn(p, q, t) < 0) & (_turn(r, t, p) * _turn(r, t, q) < 0)
        if bool(np.any(through)):
            return True
    return False


def _ends(polygon: NDArray[np.float64]) -> NDArray[np.float64]:
    """The point after each."""
    return np.concatenate([polygon[1:], polygon[:1]])


def _turn(p: NDArray[np.float64], q: NDArray[np.float64], r: NDArray[np.float64]) -> NDArray[np.float64]:
    turned = (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])
    # What is zero up to rounding is a touch.
    return np.where(np.abs(turned) < 1e-7, 0.0, turned)


def _same_border(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    """Whether all corners of ``b`` lie on ``a`` and the reverse."""
    return not _any_far(b, a) and not _any_far(a, b)
