"""Dose-volume histograms as curves, each told by a letter and a pattern of dashes as well as by its color."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui, QtWidgets
from IDCBrowserLib.rounding import round_step
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.widgets.mouse_place import mouse_place

_LEFT, _TOP, _RIGHT, _BOTTOM = 48, 10, 14, 38
_TICKS = 6
_HIGH = 160
# Lengths of dashes and gaps in widths of the line.
_DASHES: tuple[tuple[float, ...], ...] = ((), (8, 4), (3, 3), (10, 3, 2, 3), (14, 5), (6, 3, 2, 3, 2, 3))
# Background, axes and grid do not follow the theme, so that a saved picture is readable everywhere.
_PAPER, _INK, _GRID = (255, 255, 255), (40, 40, 40), (222, 222, 222)
_DARK_ENOUGH = 0.62


@dataclass(frozen=True)
class PlotCurve:
    """``points``: (Gy, volume) ascending in dose. A ``stored`` one is drawn thin and dotted beside ours, which has the same ``letter``."""

    letter: str
    name: str
    color: tuple[int, int, int]
    points: Sequence[tuple[float, float]]
    stored: bool = False


class DvhPlot(QtWidgets.QWidget):
    """``show_curves``; ``pointed(str)`` tells what the curve below the mouse says, "" where there is none."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dvhPlot")
        self.setAccessibleName(_("Dose-volume histograms"))
        self.setMouseTracking(True)
        self.setMinimumHeight(_HIGH)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Expanding)
        self.pointed: Signal[str] = Signal()
        self._curves: tuple[PlotCurve, ...] = ()
        self._unit = "%"
        self._highlighted = ""
        self._mouse: tuple[float, float] | None = None

    def show_curves(self, curves: Sequence[PlotCurve], unit: str) -> None:
        """``unit`` of the volumes: "%" or "cc"."""
        self._curves, self._unit = tuple(curves), unit
        self.update()

    def highlight(self, letter: str) -> None:
        """Draw one ROI thicker, "" none."""
        self._highlighted = letter
        self.update()

    def picture(self) -> QtGui.QPixmap:
        """As it is shown, without what the mouse points at."""
        mouse, self._mouse = self._mouse, None
        picture = self.grab()
        self._mouse = mouse
        return picture

    def paintEvent(self, _event: QtGui.QPaintEvent) -> None:
        """Paper, axes, curves, and the value below the mouse."""
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.fillRect(QtCore.QRect(0, 0, self._width(), self._height()), QtGui.QColor(*_PAPER))
        font = QtGui.QFont(painter.font())
        font.setPixelSize(11)
        painter.setFont(font)
        most = self._extent()
        self._draw_axes(painter, most)
        for curve in self._curves:
            self._draw_curve(painter, curve, most)
        for number, curve in enumerate(one for one in self._curves if not one.stored):
            self._draw_letter(painter, number, curve, most)
        self._draw_pointed(painter, most)
        painter.end()

    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        """Tell the value of the nearest curve."""
        place = mouse_place(event)
        self.point_at(float(place.x()), float(place.y()))

    def leaveEvent(self, _event: QtCore.QEvent) -> None:
        """Nothing is pointed at."""
        self._mouse = None
        self.pointed.emit("")
        self.update()

    def point_at(self, x: float, y: float) -> None:
        """As when the mouse comes there."""
        self._mouse = (x, y)
        found = self._nearest()
        self.pointed.emit(self._text_of(*found) if found is not None else "")
        self.update()

    def _text_of(self, curve: PlotCurve, gray: float, volume: float) -> str:
        stored = _(" (planning system)") if curve.stored else ""
        text = _("{letter}  {name}{stored}: {volume} {unit} receive at least {dose} Gy")
        return text.format(letter=curve.letter, name=curve.name, stored=stored, volume=f"{volume:.1f}", unit=self._unit, dose=f"{gray:.2f}")

    def _nearest(self) -> tuple[PlotCurve, float, float] | None:
        """The curve at the dose below the mouse whose volume is nearest to it, with both."""
        if self._mouse is None or not self._curves:
            return None
        high_dose, _volume = most = self._extent()
        gray = (self._mouse[0] - _LEFT) / max(1, self._plot_width()) * high_dose
        if not 0 <= gray <= high_dose:
            return None
        values = [(curve, _at(curve.points, gray)) for curve in self._curves]
        curve, volume = min(values, key=lambda pair: abs(self._place(gray, pair[1], most)[1] - self._mouse[1]))  # type: ignore[index]
        return curve, gray, volume

    def _extent(self) -> tuple[float, float]:
        """The highest dose and volume of the axes."""
        dose = max((curve.points[-1][0] for curve in self._curves if curve.points), default=1.0)
        volume = max((curve.points[0][1] for curve in self._curves if curve.points), default=1.0)
        return _rounded_up(dose), 100.0 if self._unit == "%" else _rounded_up(volume)

    def _width(self) -> int:
        return int(self.property("width"))

    def _height(self) -> int:
        return int(self.property("height"))

    def _plot_width(self) -> int:
        return max(1, self._width() - _LEFT - _RIGHT)

    def _place(self, gray: float, volume: float, most: tuple[float, float]) -> tuple[float, float]:
        high = max(1, self._height() - _TOP - _BOTTOM)
        return _LEFT + self._plot_width() * gray / most[0], _TOP + high * (1 - volume / most[1])

    def _draw_axes(self, painter: QtGui.QPainter, most: tuple[float, float]) -> None:
        bottom, right = self._height() - _BOTTOM, self._width() - _RIGHT
        ink, grid = QtGui.QColor(*_INK), QtGui.QColor(*_GRID)
        for gray in _ticks(most[0]):
            x = int(self._place(gray, 0.0, most)[0])
            painter.setPen(grid)
            painter.drawLine(x, _TOP, x, bottom)
            painter.setPen(ink)
            painter.drawText(QtCore.QRect(x - 30, bottom + 3, 60, 14), _CENTER, f"{gray:g}")
        for volume in _ticks(most[1]):
            y = int(self._place(0.0, volume, most)[1])
            painter.setPen(grid)
            painter.drawLine(_LEFT, y, right, y)
            painter.setPen(ink)
            painter.drawText(QtCore.QRect(14, y - 7, _LEFT - 19, 14), _TO_THE_RIGHT, f"{volume:g}")
        painter.setPen(ink)
        painter.drawLine(_LEFT, bottom, right, bottom)
        painter.drawLine(_LEFT, _TOP, _LEFT, bottom)
        painter.drawText(QtCore.QRect(_LEFT, bottom + 19, self._plot_width(), 16), _CENTER, _("Dose (Gy)"))
        painter.save()
        painter.translate(3, bottom)
        painter.rotate(-90)
        painter.drawText(QtCore.QRect(0, 0, bottom - _TOP, 14), _CENTER, _("Volume ({unit})").format(unit=self._unit))
        painter.restore()

    def _draw_curve(self, painter: QtGui.QPainter, curve: PlotCurve, most: tuple[float, float]) -> None:
        if len(curve.points) < 2:
            return
        pen = QtGui.QPen(QtGui.QColor(*_readable(curve.color)))
        pen.setWidthF(1.2 if curve.stored else 3.2 if curve.letter == self._highlighted else 1.8)
        dashes = (1.0, 2.5) if curve.stored else _DASHES[_number_of(curve.letter) % len(_DASHES)]
        if dashes:
            pen.setDashPattern(list(dashes))
        painter.setPen(pen)
        path = QtGui.QPainterPath()
        path.moveTo(*self._place(*curve.points[0], most))
        for point in curve.points[1:]:
            path.lineTo(*self._place(*point, most))
        painter.drawPath(path)

    def _draw_letter(self, painter: QtGui.QPainter, number: int, curve: PlotCurve, most: tuple[float, float]) -> None:
        """On the curve, at a height of its own, so that the letters of alike curves do not meet."""
        if not curve.points:
            return
        wanted = curve.points[0][1] * (0.86 - 0.72 * (number % 9) / 9)
        place = next((point for point in curve.points if point[1] <= wanted), curve.points[-1])
        x, y = self._place(*place, most)
        box = QtCore.QRect(int(x) - 8, int(y) - 8, 16, 16)
        painter.setPen(QtGui.QColor(*_readable(curve.color)))
        painter.setBrush(QtGui.QColor(*_PAPER))
        painter.drawEllipse(box)
        painter.setPen(QtGui.QColor(*_INK))
        painter.drawText(box, _CENTER, curve.letter)
        painter.setBrush(QtGui.QBrush())

    def _draw_pointed(self, painter: QtGui.QPainter, most: tuple[float, float]) -> None:
        found = self._nearest()
        if found is None:
            return
        x, y = self._place(found[1], found[2], most)
        painter.setPen(QtGui.QColor(*_INK))
        painter.drawLine(int(x), _TOP, int(x), self._height() - _BOTTOM)
        painter.drawEllipse(QtCore.QRect(int(x) - 4, int(y) - 4, 8, 8))


_CENTER = int(Qt.AlignmentFlag.AlignCenter)
_TO_THE_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def letter_of(number: int) -> str:
    """A, B, ... Z, AA, AB, ..."""
    first, last = divmod(number, 26)
    return (letter_of(first - 1) if first else "") + chr(ord("A") + last)


def _number_of(letter: str) -> int:
    number = 0
    for one in letter:
        number = number * 26 + ord(one) - ord("A") + 1
    return number - 1


def _readable(color: tuple[int, int, int]) -> tuple[int, int, int]:
    """A color of the file, darkened until it stands out from the paper."""
    red, green, blue = color
    light = (0.299 * red + 0.587 * green + 0.114 * blue) / 255
    part = 1.0 if light <= _DARK_ENOUGH else _DARK_ENOUGH / light
    return int(red * part), int(green * part), int(blue * part)


def _at(points: Sequence[tuple[float, float]], gray: float) -> float:
    before = None
    for dose, volume in points:
        if dose >= gray:
            if before is None or dose == before[0]:
                return volume
            return before[1] + (gray - before[0]) / (dose - before[0]) * (volume - before[1])
        before = (dose, volume)
    return 0.0


def _step(most: float) -> float:
    return round_step(most / _TICKS * 0.999)


def _ticks(most: float) -> list[float]:
    step = _step(most)
    return [round(step * number, 10) for number in range(int(most / step + 1e-6) + 1)]


def _rounded_up(most: float) -> float:
    """To the next half tick."""
    most = most if most > 0 and math.isfinite(most) else 1.0
    step = _step(most) / 2
    return math.ceil(most / step - 1e-9) * step
