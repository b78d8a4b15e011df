"""Palettes of a desktop with a dark theme, for pictures and for tests that look at icons and texts in both."""

from PySide6 import QtGui

_DARK = {
    QtGui.QPalette.ColorRole.Window: "#2b2b2b",
    QtGui.QPalette.ColorRole.WindowText: "#eeeeee",
    QtGui.QPalette.ColorRole.Base: "#1e1e1e",
    QtGui.QPalette.ColorRole.AlternateBase: "#262626",
    QtGui.QPalette.ColorRole.Text: "#eeeeee",
    QtGui.QPalette.ColorRole.Button: "#3a3a3a",
    QtGui.QPalette.ColorRole.ButtonText: "#eeeeee",
    QtGui.QPalette.ColorRole.BrightText: "#ffffff",
    QtGui.QPalette.ColorRole.ToolTipBase: "#3a3a3a",
    QtGui.QPalette.ColorRole.ToolTipText: "#eeeeee",
    QtGui.QPalette.ColorRole.PlaceholderText: "#9a9a9a",
    QtGui.QPalette.ColorRole.Link: "#7fb4ff",
    QtGui.QPalette.ColorRole.Highlight: "#2f6fb5",
    QtGui.QPalette.ColorRole.HighlightedText: "#ffffff",
}


def dark_palette() -> QtGui.QPalette:
    """As desktops set it; disabled texts are dimmed."""
    palette = QtGui.QPalette()
    for role, color in _DARK.items():
        palette.setColor(role, QtGui.QColor(color))
    for role in (QtGui.QPalette.ColorRole.WindowText, QtGui.QPalette.ColorRole.Text, QtGui.QPalette.ColorRole.ButtonText):
        palette.setColor(QtGui.QPalette.ColorGroup.Disabled, role, QtGui.QColor("#808080"))
    return palette
