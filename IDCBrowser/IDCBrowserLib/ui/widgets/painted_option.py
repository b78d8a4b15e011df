"""What a delegate is given to paint with, for the type checker."""

from __future__ import annotations

from typing import Protocol

from IDCBrowserLib.qtbinding import QtCore, QtGui


class PaintedOption(Protocol):
    """What ``QStyleOptionViewItem`` has and PySide6's types leave out."""

    palette: QtGui.QPalette
    rect: QtCore.QRect
