"""Paints drawings of charts: in the window in the colors of its palette, in pictures dark on white."""

from __future__ import annotations

from dataclasses import dataclass

from IDCBrowserLib.logic.charts.drawing import Drawing, Measure
from IDCBrowserLib.logic.charts.svg import BAR, INK, MARGIN, PAPER
from IDCBrowserLib.qtbinding import QtCore, QtGui

# Pixels of a picture for each of the window: sharp in print.
_SCALE = 2.0


@dataclass(frozen=True)
class Colors:
    """Of texts and of bars."""

    ink: QtGui.QColor
    bar: QtGui.QColor


def measure_with(font: QtGui.QFont) -> Measure:
    """Widths of texts in a font."""
    heavy = QtGui.QFont(font)
    heavy.setBold(True)
    metrics = (QtGui.QFontMetrics(font), QtGui.QFontMetrics(heavy))
    return lambda text, bold: float(metrics[int(bold)].horizontalAdvance(text))


def paint(painter: QtGui.QPainter, drawing: Drawing, font: QtGui.QFont, colors: Colors) -> None:
    """Boxes, then texts."""
    heavy = QtGui.QFont(font)
    heavy.setBold(True)
    for box in drawing.boxes:
        rect = QtCore.QRect(round(box.x), round(box.y), max(1, round(box.width)), max(1, round(box.height)))
        if box.filled:
            painter.fillRect(rect, colors.bar)
        else:
            painter.setPen(colors.bar)
            painter.drawRect(rect)
    painter.setPen(colors.ink)
    for text in drawing.texts:
        painter.setFont(heavy if text.bold else font)
        left = text.x - (QtGui.QFontMetrics(font).horizontalAdvance(text.text) if text.at_end else 0)
        painter.drawText(round(left), round(text.y), text.text)


def picture(drawing: Drawing, font: QtGui.QFont) -> QtGui.QImage:
    """A drawing for papers and slides, twice as fine as on the screen."""
    wide, high = drawing.width + 2 * MARGIN, drawing.height + 2 * MARGIN
    image = QtGui.QImage(int(wide * _SCALE), int(high * _SCALE), QtGui.QImage.Format.Format_RGB32)
    image.fill(QtGui.QColor(PAPER))
    painter = QtGui.QPainter(image)
    painter.setRenderHint(QtGui.QPainter.RenderHint.TextAntialiasing, True)
    painter.scale(_SCALE, _SCALE)
    painter.translate(MARGIN, MARGIN)
    paint(painter, drawing, font, Colors(QtGui.QColor(INK), QtGui.QColor(BAR)))
    painter.end()
    return image
