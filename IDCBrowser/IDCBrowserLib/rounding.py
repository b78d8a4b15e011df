"""Numbers that people count in, for the ticks of axes and the bins of charts."""

from __future__ import annotations

import math


def round_step(least: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is not below ``least``, which is above 0."""
    power = 10.0 ** math.floor(math.log10(least))
    # At the ends of the range of numbers no power of ten is exact.
    return next((factor * power for factor in (1, 2, 5, 10) if factor * power >= least), least)
