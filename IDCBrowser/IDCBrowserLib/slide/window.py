"""A part of a slide on a screen: which of its sizes is sharp enough for it, and which rows and columns of that it shows."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt
from typing import Protocol, TypeVar

from IDCBrowserLib.errors import ConversionError

# Pixels a side that a screen may want.
MOST_WANTED = 4096
# A size that has a fifth less than the window shows is sharp enough.
_ENOUGH = 0.8

# Left, top, right, bottom, from 0 to 1 of the whole.
Rect = tuple[float, float, float, float]


class _Sized(Protocol):
    @property
    def columns(self) -> int:
        """Of the whole."""


Level = TypeVar("Level", bound=_Sized)


def check_window(rect: Rect, width: int, height: int, whole: str) -> None:
    """Raises ``ConversionError`` for a rect that is no part of the ``whole`` ("slide") and for a size that no screen has."""
    left, top, right, bottom = rect
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1 and 0 < width <= MOST_WANTED and 0 < height <= MOST_WANTED):
        raise ConversionError(f"This is not a window of the {whole}.")


def fitting(levels: Sequence[Level], rect: Rect, width: int) -> Sequence[Level]:
    """Of levels, the largest first: the smallest that is sharp enough for ``rect`` on so many pixels, then the smaller ones."""
    wanted = width / (rect[2] - rect[0])
    sharp = [number for number, level in enumerate(levels) if level.columns >= _ENOUGH * wanted]
    return levels[sharp[-1] if sharp else 0 :]


def step_of(down: int, across: int, width: int, height: int) -> int:
    """Of so many rows and columns for so many pixels of a screen one in how many is shown. What is far longer than wide would otherwise be as large
    as its longer side wants: nothing is read for more pixels than the largest screen has.
    """
    return max(1, min(across // width, down // height), ceil(sqrt(down * across) / MOST_WANTED))


def pixels_between(first: float, last: float, count: int) -> tuple[int, int]:
    """Of ``count`` pixels those from ``first`` to ``last``, 0 to 1 of all, as the first one and the one after; at least one."""
    begin = min(int(first * count), count - 1)
    return begin, max(begin + 1, min(ceil(last * count), count))
