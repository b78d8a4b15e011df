"""Cumulative dose-volume histograms, and what is read off them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 10_000


@dataclass(frozen=True)
class Histogram:
    """``volume_cc`` (n,) receives at least ``dose_gy`` (n,), ascending from 0; the last volume is 0. ``minimum``, ``mean``, ``maximum`` in Gy."""

    dose_gy: NDArray[np.float64]
    volume_cc: NDArray[np.float64]
    minimum: float
    mean: float
    maximum: float

    @property
    def total_cc(self) -> float:
        """All of it."""
        return float(self.volume_cc[0])

    def dose_at(self, percent: float) -> float:
        """D95 is ``dose_at(95)``: the dose in Gy that this part of the volume receives at least."""
        wanted = self.total_cc * percent / 100.0
        return float(np.interp(-wanted, -self.volume_cc, self.dose_gy))

    def volume_at(self, gray: float) -> float:
        """V20Gy is ``volume_at(20)``: cc that receive at least this dose."""
        return float(np.interp(gray, self.dose_gy, self.volume_cc, right=0.0))


def histogram_of(gray: NDArray[np.float32], cubic_mm: NDArray[np.float32], inner: NDArray[np.bool_]) -> Histogram | None:
    """Of samples that stand for so many mm3 each; None without any. Extremes are those of samples that are ``inner``, more than half inside."""
    if not len(gray):
        return None
    chosen = gray[inner] if inner.any() else gray
    highest = max(float(gray.max()), 1e-9)
    place = np.minimum((gray * np.float32(BINS / highest)).astype(np.int64), BINS - 1)
    volumes = np.bincount(np.maximum(place, 0), weights=cubic_mm, minlength=BINS) / 1000.0
    cumulative = np.append(np.cumsum(volumes[::-1])[::-1], 0.0)
    edges = np.linspace(0.0, highest, BINS + 1)
    weights = cubic_mm.astype(np.float64)
    mean = float(np.dot(gray, weights) / weights.sum())
    return Histogram(edges, cumulative, float(chosen.min()), mean, float(chosen.max()))
