"""Slices of varying thickness on an even grid: what can hold only one spacing shows each slice as often as it is thick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LARGEST_DIVISOR = 8
_LARGEST_GROWTH = 8


@dataclass(frozen=True)
class EvenSlices:
    """Slices ``step`` mm apart, the first at ``first`` mm along the normal; ``source`` (k,) is the uneven slice that each shows."""

    first: float
    step: float
    source: NDArray[np.int64]


def even_slices(borders: NDArray[np.float64]) -> EvenSlices:
    """The coarsest even grid whose slices all lie within one of the uneven slices between ``borders`` (k + 1,) mm, if there is one.

    Else as fine as the thinnest slice, each showing the slice in which its middle lies.
    """
    thickness = np.diff(borders)
    total, thinnest = float(borders[-1] - borders[0]), float(thickness.min())
    step = thinnest
    for divisor in range(1, _LARGEST_DIVISOR + 1):
        count = round(total / thinnest * divisor)
        if count > _LARGEST_GROWTH * len(thickness):
            break
        lattice = (borders - borders[0]) * count / total
        if np.abs(lattice - np.rint(lattice)).max() < 0.02:
            step = total / count
            break
    count = max(1, round(total / step))
    step = total / count
    centers = borders[0] + step * (np.arange(count) + 0.5)
    source = np.clip(np.searchsorted(borders, centers, side="right") - 1, 0, len(thickness) - 1)
    return EvenSlices(float(centers[0]), step, source.astype(np.int64))
