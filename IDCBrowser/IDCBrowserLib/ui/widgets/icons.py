"""The icons of the panels. Middle tones that stand out on light and dark backgrounds; a text is always beside them."""

from __future__ import annotations

from pathlib import Path

from IDCBrowserLib.logic.base.state import Kind
from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui

# In the package, so that a wheel has them too.
FOLDER = Path(__file__).resolve().parents[1] / "icons"

_loaded: dict[str, QtGui.QIcon] = {}
_SWATCH = 12


def icon(name: str) -> QtGui.QIcon:
    """The icon of that name in ``ui/icons``; an empty one for an empty or unknown name."""
    if name not in _loaded:
        _loaded[name] = _load(FOLDER / f"{name}.svg") if name else QtGui.QIcon()
    return _loaded[name]


def pixmap(name: str, side: int) -> QtGui.QPixmap:
    """The icon of that name as a picture of ``side`` pixels. (A size, since in PythonQt two numbers could mean an extent and a mode.)"""
    return icon(name).pixmap(QtCore.QSize(side, side))


def swatch(color: tuple[int, int, int]) -> QtGui.QIcon:
    """A square of a color: red, green, blue from 0 to 255."""
    picture = QtGui.QPixmap(QtCore.QSize(_SWATCH, _SWATCH))
    picture.fill(QtGui.QColor(*color))
    return QtGui.QIcon(picture)


def kind_pixmap(kind: Kind, side: int) -> QtGui.QPixmap:
    """The icon of a message as a picture."""
    return pixmap(_kind_name(kind), side)


def kind_file(kind: Kind) -> str:
    """The file of the icon of a message or an outcome."""
    return str(FOLDER / f"{_kind_name(kind)}.svg")


def _kind_name(kind: Kind) -> str:
    return {Kind.INFO: "info", Kind.SUCCESS: "success", Kind.WARNING: "warning", Kind.ERROR: "status-failed"}[kind]


def _load(path: Path) -> QtGui.QIcon:
    # Through a pixmap, since not every Qt has the SVG icon engine; the files are drawn at 64 pixels.
    source_pixmap = QtGui.QPixmap(str(path))
    made = QtGui.QIcon(source_pixmap)
    if not source_pixmap.isNull():
        made.addPixmap(_on_disc(source_pixmap), QtGui.QIcon.Mode.Selected)
    return made


def _on_disc(source_pixmap: QtGui.QPixmap) -> QtGui.QPixmap:
    """The icon on a white disc: for selected rows, whose color may be that of the icon."""
    side = source_pixmap.width()
    disc = QtGui.QPixmap(side, side)
    disc.fill(QtGui.QColor(0, 0, 0, 0))
    painter = QtGui.QPainter()
    if not painter.begin(disc):
        return source_pixmap
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
    pen = QtGui.QPen()
    pen.setStyle(Qt.PenStyle.NoPen)
    painter.setPen(pen)
    painter.setBrush(QtGui.QBrush(QtGui.QColor(255, 255, 255)))
    painter.drawEllipse(0, 0, side, side)
    inset = side // 8
    painter.drawPixmap(inset, inset, side - 2 * inset, side - 2 * inset, source_pixmap)
    painter.end()
    return disc
