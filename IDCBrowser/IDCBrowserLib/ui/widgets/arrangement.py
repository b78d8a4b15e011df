"""How the tables are laid out in the height there is: a dock is narrow, Slicer's central area and laptops are wide and low."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from IDCBrowserLib.qtbinding import QtGui, QtWidgets

NARROWEST = 320
_NARROW_WIDTH = 560
_WIDE_WIDTH = 880
_LOW_HEIGHT = 800


@dataclass(frozen=True)
class Arrangement:
    """``narrow``: everything one above the other. ``low``: studies and series side by side, since rows are what is missing."""

    narrow: bool = False
    low: bool = False


def arrangement_for(width: int, height: int) -> Arrangement:
    """Of a panel of that many pixels."""
    return Arrangement(width < _NARROW_WIDTH, width >= _WIDE_WIDTH and height < _LOW_HEIGHT)


def heights_with_filters(heights: Sequence[int], height: int) -> list[int]:
    """Heights of filters, collections and cases, studies and series, and details, when the filters open. ``height`` is what they need.

    It is taken of what is below: what the filters leave is seen in the collections.
    """
    _filters, top, middle, bottom = heights
    of_middle = height * middle // max(1, middle + bottom)
    return [height, top, middle - of_middle, bottom - (height - of_middle)]


def heights_without_filters(heights: Sequence[int]) -> list[int]:
    """The same when they close: what is below gets the height back."""
    height, top, middle, bottom = heights
    to_middle = height * middle // max(1, middle + bottom)
    return [0, top, middle + to_middle, bottom + height - to_middle]


class SizedWidget(QtWidgets.QWidget):
    """A widget that tells its size in pixels whenever it changes."""

    def __init__(self, on_size: Callable[[int, int], None]) -> None:
        super().__init__()
        self._on_size = on_size

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        """Tell it, before what is inside is laid out."""
        size = event.size()
        self._on_size(int(size.width()), int(size.height()))
        QtWidgets.QWidget.resizeEvent(self, event)
