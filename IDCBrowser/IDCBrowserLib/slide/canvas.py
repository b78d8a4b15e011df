"""What tiles come together on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Canvas:
    """White, with tiles as they are."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._picture = np.full((*shape, 3), 255, np.uint8)

    def put(self, part: NDArray[np.uint8], row: int, column: int) -> None:
        """With its first pixel there."""
        self._picture[row : row + part.shape[0], column : column + part.shape[1]] = part

    def picture(self) -> NDArray[np.uint8]:
        """What came together."""
        return self._picture


class Means:
    """White, with the mean of ``step`` rows and columns of tiles in each pixel; a pixel may get parts of several tiles."""

    def __init__(self, shape: tuple[int, int], step: int) -> None:
        self._step = step
        self._sums = np.zeros((*shape, 3), np.uint32)
        self._counts = np.zeros((*shape, 1), np.uint32)

    def put(self, part: NDArray[np.uint8], row: int, column: int) -> None:
        """With its first pixel there, in pixels of the tiles."""
        if not part.size:
            return
        down, across = ((first + np.arange(length)) // self._step for first, length in ((row, part.shape[0]), (column, part.shape[1])))
        tops, lefts = (np.flatnonzero(np.diff(cells, prepend=-1)) for cells in (down, across))
        sums = np.add.reduceat(np.add.reduceat(part.astype(np.uint32), tops, axis=0), lefts, axis=1)
        place = np.s_[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
        self._sums[place] += sums
        self._counts[place] += np.outer(np.diff(tops, append=len(down)), np.diff(lefts, append=len(across))).astype(np.uint32)[..., None]

    def picture(self) -> NDArray[np.uint8]:
        """What came together."""
        means = self._sums // np.maximum(self._counts, 1)
        return np.where(self._counts > 0, means, 255).astype(np.uint8)
