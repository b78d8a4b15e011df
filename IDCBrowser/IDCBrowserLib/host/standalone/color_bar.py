"""A bar that tells which color is which value of what is laid over an image, or fills a view."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from IDCBrowserLib.host.standalone.annotation import WHITE, draw_text
from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui
from IDCBrowserLib.rounding import round_step
from IDCBrowserLib.scene.overlay import is_overlay
from IDCBrowserLib.scene.provenance import QUANTITY_ATTRIBUTE, UNITS_ATTRIBUTE

if TYPE_CHECKING:
    from slicer import vtkMRMLVolumeNode

_WIDE, _TICKS, _LABELS = 10, 5, 46
# Room for the letter in the middle of the right edge.
_EDGE = 34
_LEAST_HIGH, _LEAST_WIDE = 150, 240
_PART = 0.42


@dataclass(frozen=True)
class ColorBar:
    """``colors`` from ``low`` to ``high``, red, green and blue from 0 to 1 at even distances; ``title`` is quantity and unit."""

    title: str
    low: float
    high: float
    colors: tuple[tuple[float, float, float], ...]

    def ticks(self) -> list[float]:
        """Round values within the range."""
        step = round_step((self.high - self.low) / _TICKS * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        return [round(step * number, 10) for number in range(first, math.floor(self.high / step + 1e-9) + 1)]


def color_bar_of(volume: vtkMRMLVolumeNode | None) -> ColorBar | None:
    """Of a PET, dose or map in the window that it is shown with; None for images."""
    from slicer import vtkMRMLScalarVolumeDisplayNode

    display = volume.GetDisplayNode() if volume is not None and is_overlay(volume) else None
    node = display.GetColorNode() if display is not None else None
    if volume is None or node is None or not isinstance(display, vtkMRMLScalarVolumeDisplayNode):
        return None
    table = node.GetLookupTable()
    count, color, colors = table.GetNumberOfTableValues(), [0.0, 0.0, 0.0], []
    for index in range(count):
        table.GetColor(table.GetTableRange()[0] + (index + 0.5) * (table.GetTableRange()[1] - table.GetTableRange()[0]) / count, color)
        colors.append((color[0], color[1], color[2]))
    half = display.GetWindow() / 2
    return ColorBar(quantity_text(volume), display.GetLevel() - half, display.GetLevel() + half, tuple(colors)) if half > 0 else None


def quantity_text(volume: vtkMRMLVolumeNode) -> str:
    """ "SUV g/ml", "Dose Gy", "ADC um2/s"."""
    parts = (volume.GetAttribute(QUANTITY_ATTRIBUTE) or "", volume.GetAttribute(UNITS_ATTRIBUTE) or "")
    return " ".join(part for part in parts if part)


def draw_color_bar(painter: QtGui.QPainter, rect: QtCore.QRect, bar: ColorBar) -> None:
    """At the right side of a view, in the middle of its height; nothing where there is no room."""
    high = int(rect.height() * _PART)
    if high < _LEAST_HIGH * _PART or rect.width() < _LEAST_WIDE:
        return
    font = QtGui.QFont(painter.font())
    font.setPixelSize(11)
    font.setBold(False)
    painter.setFont(font)
    place = QtCore.QRect(rect.right() - _EDGE - _WIDE, rect.center().y() - high // 2, _WIDE, high)
    for line in range(high):
        red, green, blue = bar.colors[int((high - 1 - line) * len(bar.colors) / high)]
        painter.fillRect(QtCore.QRect(place.left(), place.top() + line, _WIDE, 1), QtGui.QColor.fromRgbF(red, green, blue))
    painter.setPen(WHITE)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place.adjusted(-1, -1, 0, 0))
    for value in bar.ticks():
        y = place.bottom() - round((value - bar.low) / (bar.high - bar.low) * (high - 1))
        painter.setPen(WHITE)
        painter.drawLine(place.left() - 4, y, place.left() - 1, y)
        label = QtCore.QRect(place.left() - 6 - _LABELS, y - 8, _LABELS, 16)
        draw_text(painter, label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{value:g}", WHITE)
    above = QtCore.QRect(place.right() - 2 * _LABELS, place.top() - 20, 2 * _LABELS + 4, 16)
    draw_text(painter, above, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, bar.title, WHITE)
