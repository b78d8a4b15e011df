"""Palettes of a desktop with a dark theme, for pictures and for tests that look at icons and texts in both."""

from PySide6 import QtGui

_DARK = {
    QtGui.QPalette.Window: "#2b2b2b",
    QtGui.QPalette.WindowText: "#eeeeee",
    QtGui.QPalette.Base: "#1e1e1e",
    QtGui.QPalette.AlternateBase: "#262626",
    QtGui.QPalette.Text: "#eeeeee",
    QtGui.QPalette.Button: "#3a3a3a",
    QtGui.QPalette.ButtonText: "#eeeeee",
    QtGui.QPalette.BrightText: "#ffffff",
    QtGui.QPalette.ToolTipBase: "#3a3a3a",
    QtGui.QPalette.ToolTipText: "#eeeeee",
    QtGui.QPalette.PlaceholderText: "#9a9a9a",
    QtGui.QPalette.Link: "#7fb4ff",
    QtGui.QPalette.Highlight: "#2f6fb5",
    QtGui.QPalette.HighlightedText: "#ffffff",
}


def dark_palette() -> QtGui.QPalette:
    """As desktops set it; disabled texts are dimmed."""
    palette = QtGui.QPalette()
    for role, color in _DARK.items():
        palette.setColor(role, QtGui.QColor(color))
    for role in (QtGui.QPalette.WindowText, QtGui.QPalette.Text, QtGui.QPalette.ButtonText):
        palette.setColor(QtGui.QPalette.Disabled, role, QtGui.QColor("#808080"))
    return palette
