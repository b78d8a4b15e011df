"""The bins of sizes and counts, which begin at 0, 1, 2, 5, 10, 20, 50, 100 ..."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DIGITS = 19


def high_of(low: int) -> int:
    """The largest number of the bin that begins at ``low``."""
    if low == 0:
        return low
    return low * 5 // 2 - 1 if str(low)[0] == "2" else low * 2 - 1


def lows_of(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the bin of each number begins."""
    import numpy as np

    powers = 10 ** np.arange(_DIGITS, dtype=np.int64)
    power = powers[np.searchsorted(powers, np.maximum(values, 1), side="right") - 1]
    first = values // power
    return np.where(values <= 0, 0, power * np.select([first < 3, first < 5], [first, 2], 5))
