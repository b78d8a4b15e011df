"""A person's hand on the handles between parts of the window (PySide6)."""

from PySide6 import QtCore, QtTest, QtWidgets


def drag_handle(parts: QtWidgets.QSplitter, number: int, pixels: int) -> None:
    """Move a handle by the mouse along its splitter: the part before it becomes so much larger."""
    handle = parts.handle(number)
    middle = handle.rect().center()
    along = QtCore.QPoint(pixels, 0) if parts.orientation() == QtCore.Qt.Orientation.Horizontal else QtCore.QPoint(0, pixels)
    left, none = QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier
    QtTest.QTest.mousePress(handle, left, none, middle)
    QtTest.QTest.mouseMove(handle, middle + along)
    QtTest.QTest.mouseRelease(handle, left, none, middle)
