"""One label array for ROIs that may overlap, for when only a labelmap volume is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray


class OneLayer:
    """Like ``LayerStack``, but a later segment covers earlier ones: add them by ascending label value. Overlapped voxels are counted all the same."""

    def __init__(self, shape: tuple[int, int, int], dtype: DTypeLike) -> None:
        self._layer: NDArray[Any] = np.zeros(shape, dtype)
        self._overlapped: NDArray[np.bool_] | None = None

    @property
    def layers(self) -> tuple[NDArray[Any], ...]:
        """The array (k, j, i)."""
        return (self._layer,)

    def add(self, label_value: int, mask: NDArray[np.bool_], corner: tuple[int, int, int] = (0, 0, 0)) -> int:
        """Write ``label_value`` where ``mask`` (k, j, i) is True, its first voxel at ``corner``; gives 0, the layer's index."""
        for k, chosen in enumerate(mask, corner[0]):
            box = k, slice(corner[1], corner[1] + mask.shape[1]), slice(corner[2], corner[2] + mask.shape[2])
            covered = chosen & (self._layer[box] != 0)
            if covered.any():
                if self._overlapped is None:
                    self._overlapped = np.zeros(self._layer.shape, np.bool_)
                self._overlapped[box] |= covered
            np.copyto(self._layer[box], label_value, where=chosen)
        return 0

    def overlapping_voxels(self) -> int:
        """How many voxels belong to more than one segment."""
        return 0 if self._overlapped is None else int(np.count_nonzero(self._overlapped))
