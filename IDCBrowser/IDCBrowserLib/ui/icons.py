"""The icons of the panels. Middle tones that stand out on light and dark backgrounds; a text is always beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from IDCBrowserLib.ui.qtbinding import Qt, QtGui
from IDCBrowserLib.ui.state import Kind

FOLDER = Path(__file__).resolve().parents[2] / "Resources" / "Icons"

_loaded: dict[str, Any] = {}


def icon(name: str) -> Any:
    """The icon of that name in Resources/Icons; an empty one for an empty or unknown name."""
    if name not in _loaded:
        _loaded[name] = _load(FOLDER / f"{name}.svg") if name else QtGui.QIcon()
    return _loaded[name]


def kind_icon(kind: Kind) -> Any:
    """The icon of a message or an outcome."""
    return icon(_kind_name(kind))


def kind_file(kind: Kind) -> str:
    """The file of that icon."""
    return str(FOLDER / f"{_kind_name(kind)}.svg")


def _kind_name(kind: Kind) -> str:
    return {Kind.INFO: "info", Kind.SUCCESS: "success", Kind.WARNING: "warning", Kind.ERROR: "status-failed"}[kind]


def _load(path: Path) -> Any:
    # Through a pixmap, since not every Qt has the SVG icon engine; the files are drawn at 64 pixels.
    pixmap = QtGui.QPixmap(str(path))
    made = QtGui.QIcon(pixmap)
    if not pixmap.isNull():
        made.addPixmap(_on_disc(pixmap), QtGui.QIcon.Selected)
    return made


def _on_disc(pixmap: Any) -> Any:
    """The icon on a white disc: for selected rows, whose color may be that of the icon."""
    side = pixmap.width()
    disc = QtGui.QPixmap(side, side)
    disc.fill(QtGui.QColor(0, 0, 0, 0))
    painter = QtGui.QPainter()
    if not painter.begin(disc):
        return pixmap
    painter.setRenderHint(QtGui.QPainter.Antialiasing)
    painter.setRenderHint(QtGui.QPainter.SmoothPixmapTransform)
    painter.setPen(Qt.NoPen)
    painter.setBrush(QtGui.QBrush(QtGui.QColor(255, 255, 255)))
    painter.drawEllipse(0, 0, side, side)
    inset = side // 8
    painter.drawPixmap(inset, inset, side - 2 * inset, side - 2 * inset, pixmap)
    painter.end()
    return disc
