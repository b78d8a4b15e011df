"""The slice that each frame of a SEG was placed on, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.explain import Why

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHYS = tuple(Why)


@dataclass
class FramePlaces:
    """For each frame: index of its grid (-1: on none), slice k, an index into ``WHYS``, and mm from the slice's middle to the frame's.

    ``named_once`` is True where the frame names one image of its grid and no other, ``across`` where it is parallel to no slices.
    ``away`` are mm to the nearest image that the frame names, of frames that lie elsewhere all the same; 0 of others.
    """

    grid: NDArray[np.int64]
    k: NDArray[np.int64]
    why: NDArray[np.int64]
    distance: NDArray[np.float64]
    named_once: NDArray[np.bool_]
    across: NDArray[np.bool_]
    away: NDArray[np.float64]

    @staticmethod
    def nowhere(count: int) -> FramePlaces:
        """No frame is anywhere yet."""
        why = np.full(count, WHYS.index(Why.OUTSIDE))
        return FramePlaces(
            np.full(count, -1), np.full(count, -1), why, np.zeros(count), np.zeros(count, np.bool_), np.zeros(count, np.bool_), np.zeros(count)
        )

    def put(self, frames: NDArray[np.int64], grid: int, k: int, why: Why, distance: float) -> None:
        """Say where some frames are."""
        self.grid[frames], self.k[frames], self.why[frames], self.distance[frames] = grid, k, WHYS.index(why), distance

    def is_why(self, why: Why) -> NDArray[np.bool_]:
        """(F,): whether that is the reason."""
        return np.asarray(self.why == WHYS.index(why))
