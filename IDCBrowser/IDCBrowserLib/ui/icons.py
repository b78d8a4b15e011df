"""The icons of the panels. Middle tones that stand out on light and dark backgrounds; a text is always beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from IDCBrowserLib.ui.qtbinding import QtGui
from IDCBrowserLib.ui.state import Kind

FOLDER = Path(__file__).resolve().parents[2] / "Resources" / "Icons"

_loaded: dict[str, Any] = {}


def icon(name: str) -> Any:
    """The icon of that name in Resources/Icons; an empty one for an empty or unknown name."""
    if name not in _loaded:
        # Through a pixmap, since not every Qt has the SVG icon engine; the files are drawn at 64 pixels.
        path = FOLDER / f"{name}.svg"
        _loaded[name] = QtGui.QIcon(QtGui.QPixmap(str(path))) if name and path.is_file() else QtGui.QIcon()
    return _loaded[name]


def kind_icon(kind: Kind) -> Any:
    """The icon of a message or an outcome."""
    return icon({Kind.INFO: "info", Kind.SUCCESS: "success", Kind.WARNING: "warning", Kind.ERROR: "status-failed"}[kind])
