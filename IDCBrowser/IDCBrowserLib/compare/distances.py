"""Distances from each surface to the other one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.compare.surface import Surface
from IDCBrowserLib.compare.surface_elements import code_areas

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Distances:
    """From every surface element of one mask to the nearest of the other: ``mm`` (n,), ascending, with the ``areas`` (n,) in mm2."""

    mm: NDArray[np.float64]
    areas: NDArray[np.float64]

    def percentile(self, percent: float) -> float:
        """The distance within which this part of the area lies."""
        parts = np.cumsum(self.areas) / self.areas.sum()
        return float(self.mm[min(int(np.searchsorted(parts, percent / 100)), len(self.mm) - 1)])

    @property
    def mean(self) -> float:
        """By area."""
        return float((self.mm * self.areas).sum() / self.areas.sum())

    @property
    def largest(self) -> float:
        """The directed Hausdorff distance."""
        return float(self.mm[-1])


def surface_distances(a: Surface, b: Surface, index_to_mm: NDArray[np.float64]) -> tuple[Distances, Distances]:
    """From ``a`` to ``b`` and back; neither may be empty. ``index_to_mm`` (3, 3): the step along i, j and k in its columns."""
    areas = code_areas(index_to_mm)
    common = np.intersect1d(a.corners, b.corners, assume_unique=True)
    points_a, points_b = a.indices() @ index_to_mm.T, b.indices() @ index_to_mm.T
    return (
        _directed(a, areas, common, points_a, points_b),
        _directed(b, areas, common, points_b, points_a),
    )


def _directed(
    surface: Surface, areas: NDArray[np.float64], common: NDArray[np.int64], points: NDArray[np.float64], others: NDArray[np.float64]
) -> Distances:
    from scipy.spatial import cKDTree

    distances = np.zeros(len(points))
    apart = np.ones(len(points), bool)
    apart[np.searchsorted(surface.corners, common)] = False
    if apart.any():
        tree = cKDTree(others, balanced_tree=False, compact_nodes=False)
        distances[apart] = tree.query(points[apart])[0]
    order = np.argsort(distances, kind="stable")
    return Distances(distances[order], areas[surface.codes[order]])
