"""How the page "Browse" is laid out in the room there is: a dock is narrow, Slicer's central area and laptops are wide and low."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from IDCBrowserLib.qtbinding import QtGui, QtWidgets

NARROWEST = 320
_NARROW_WIDTH = 560
_TABLES_BESIDE_WIDTH = 880
_LOW_HEIGHT = 800


@dataclass(frozen=True)
class Arrangement:
    """``narrow``: everything one above the other. ``low``: of the four tables, studies and series are side by
    side, since rows are what is missing.
    """

    narrow: bool = False
    low: bool = False


def arrangement_for(width: int, height: int) -> Arrangement:
    """Of a panel of that many pixels."""
    return Arrangement(width < _NARROW_WIDTH, width >= _TABLES_BESIDE_WIDTH and height < _LOW_HEIGHT)


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
