"""What a radiologist reads around a picture: orientation letters, position, patient, window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui

_MARGIN = 8
_NARROW = 420
# A second letter from about 15 degrees of obliquity on.
_OBLIQUE = 0.26

# Texts at the left, right, top and bottom.
Edges = tuple[str, str, str, str]


@dataclass(frozen=True)
class CornerText:
    """Lines in the four corners."""

    top_left: tuple[str, ...] = ()
    top_right: tuple[str, ...] = ()
    bottom_left: tuple[str, ...] = ()
    bottom_right: tuple[str, ...] = ()


def direction_letters(ras: Sequence[float]) -> str:
    """The patient direction of a unit vector (RAS): "L", or "LA" where it is oblique, the larger part first."""
    pairs = (("R", "L"), ("A", "P"), ("S", "I"))
    parts = sorted(((abs(value), pair[0] if value > 0 else pair[1]) for value, pair in zip(ras, pairs, strict=True)), reverse=True)
    return "".join(letter for size, letter in parts if size > _OBLIQUE)


def offset_text(normal_ras: Sequence[float], offset: float) -> str:
    """The slice position in mm, with the side on which it lies for the main planes: "S 12.5 mm", "L 40.0 mm"."""
    axis = max(range(3), key=lambda index: abs(normal_ras[index]))
    if abs(normal_ras[axis]) < 0.999:
        return f"{offset:.1f} mm"
    value = offset * (1 if normal_ras[axis] > 0 else -1)
    letter = (("R", "L"), ("A", "P"), ("S", "I"))[axis][0 if value >= 0 else 1]
    return f"{letter} {abs(value):.1f} mm"


def draw_annotation(painter: QtGui.QPainter, rect: QtCore.QRect, corners: CornerText, edges: Edges | None, color: QtGui.QColor) -> None:
    """Draw corner texts and ``edges`` (left, right, top, bottom); ``color`` marks the view's name, the first line at the top left."""
    painter.setRenderHint(QtGui.QPainter.RenderHint.TextAntialiasing)
    font = QtGui.QFont(painter.font())
    font.setPixelSize(12 if rect.width() >= _NARROW else 11)
    painter.setFont(font)
    inner = rect.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
    _lines(painter, inner, corners.top_left, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, first=color)
    _lines(painter, inner, _below_the_letter(painter, inner, corners.top_right), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
    _lines(painter, inner, corners.bottom_left, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
    _lines(painter, inner, corners.bottom_right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
    if edges is not None:
        font.setPixelSize(15)
        font.setBold(True)
        painter.setFont(font)
        places = (
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop,
            Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom,
        )
        for text, place in zip(edges, places, strict=True):
            draw_text(painter, inner, place, text, _EDGE)


WHITE = QtGui.QColor(235, 235, 235)
_EDGE = QtGui.QColor(255, 214, 102)
_SHADOW = QtGui.QColor(0, 0, 0, 210)


def _below_the_letter(painter: QtGui.QPainter, rect: QtCore.QRect, lines: tuple[str, ...]) -> tuple[str, ...]:
    """Begin a line lower where the first one, mostly the patient, does not fit beside the letter in the middle of the edge."""
    fits = not lines or painter.fontMetrics().horizontalAdvance(lines[0]) <= rect.width() // 2 - 12
    return lines if fits else ("", *lines)


def _lines(painter: QtGui.QPainter, rect: QtCore.QRect, lines: Sequence[str], place: Qt.AlignmentFlag, first: QtGui.QColor | None = None) -> None:
    """Lines in a corner. The outermost line leaves room for the letter in the middle of the edge."""
    height = painter.fontMetrics().lineSpacing()
    bottom = bool(place & Qt.AlignmentFlag.AlignBottom)
    outermost = len(lines) - 1 if bottom else 0
    for number, line in enumerate(lines):
        shift = -(len(lines) - 1 - number) * height if bottom else number * height
        width = rect.width() // 2 - 12 if number == outermost else rect.width() * 3 // 4
        text = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, max(40, width))
        draw_text(painter, rect.translated(0, shift), place, text, first if first is not None and number == 0 else WHITE)


def draw_text(painter: QtGui.QPainter, rect: QtCore.QRect, place: Qt.AlignmentFlag, text: str, color: QtGui.QColor) -> None:
    """Text with a dark rim, readable on bright and on dark anatomy."""
    painter.setPen(_SHADOW)
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (1, 1)):
        painter.drawText(rect.translated(dx, dy), place, text)
    painter.setPen(color)
    painter.drawText(rect, place, text)
