"""Where the mouse is in a widget, in both Qt versions."""

from __future__ import annotations

from IDCBrowserLib.qtbinding import QtCore, QtGui


def mouse_place(event: QtGui.QMouseEvent) -> QtCore.QPointF | QtCore.QPoint:
    """Qt 6 has ``position`` and warns about ``pos``, Qt 5 has ``pos`` alone."""
    return event.position() if hasattr(event, "position") else event.pos()
