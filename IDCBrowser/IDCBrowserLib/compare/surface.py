"""The surface of a mask, as points with areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class Surface:
    """Every place between eight voxels of which some are set and some are not.

    ``corners`` (n,) int64: its number among the (k + 1, j + 1, i + 1) places of the grid, ascending; the one between voxels -1 and 0 of each axis
    is number 0. ``codes`` (n,) uint8: which of the eight are set, see ``surface_elements``.
    """

    corners: NDArray[np.int64]
    codes: NDArray[np.uint8]
    shape: tuple[int, int, int]

    def indices(self) -> NDArray[np.float64]:
        """(n, 3): the places as voxel indices (i, j, k), half a voxel between centers."""
        k, j, i = np.unravel_index(self.corners, tuple(size + 1 for size in self.shape))
        return np.stack([i, j, k], axis=1).astype(np.float64) - 0.5


def surface_of(mask: NDArray[np.bool_], box: Box, shape: tuple[int, int, int]) -> Surface:
    """The surface of ``mask`` (k, j, i), which lies at ``box`` of a grid of ``shape`` and is empty elsewhere. The edge of the grid is outside."""
    codes: NDArray[Any] = np.pad(mask, 1).view(np.uint8)
    codes = codes[:, :, :-1] | codes[:, :, 1:] << 1
    codes = codes[:, :-1] | codes[:, 1:] << 2
    codes = codes[:-1] | codes[1:] << 4
    # 0 wraps to 255: one comparison finds all that is neither empty nor full.
    found = np.flatnonzero((codes - np.uint8(1)) < 254)
    k, j, i = np.unravel_index(found, codes.shape)
    size_j, size_i = shape[1] + 1, shape[2] + 1
    corners: NDArray[Any] = ((k + box[0].start) * size_j + (j + box[1].start)) * size_i + (i + box[2].start)
    return Surface(corners, codes.ravel()[found], shape)
