"""Keys that the browser shares with Slicer's main window: inside the browser they are the browser's.

Of two actions with the same keys Qt calls neither (``QShortcutMap``): Ctrl+F, Slicer's "Find module", would do nothing while the browser has the
keyboard. Before it looks at actions, Qt asks the widget with the keyboard and those around it whether the keys are theirs (``ShortcutOverride``).
"""

from __future__ import annotations

from typing import cast

from IDCBrowserLib.qtbinding import QtCore, QtGui, QtWidgets, number_of

_EXACT = QtGui.QKeySequence.SequenceMatch.ExactMatch
_ASKED, _PRESSED = QtCore.QEvent.Type.ShortcutOverride, QtCore.QEvent.Type.KeyPress


class OwnKeys(QtCore.QObject):
    """An event filter of ``panel``, whose actions have the keys. Keep this object; ``close`` takes it away."""

    def __init__(self, panel: QtWidgets.QWidget) -> None:
        super().__init__()
        self._panel = panel
        panel.installEventFilter(self)

    def close(self) -> None:
        """Let go of the panel."""
        self._panel.removeEventFilter(self)

    def eventFilter(self, _watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """True for keys of the panel, which then does what they stand for."""
        kind = event.type()
        if kind not in (_ASKED, _PRESSED):
            return False
        action = self._action_of(cast("QtGui.QKeyEvent", event))
        if action is None:
            return False
        event.accept()
        if kind == _PRESSED:
            action.trigger()
        return True

    def _action_of(self, event: QtGui.QKeyEvent) -> QtGui.QAction | None:
        # Not as texts: PythonQt has none for the key Ctrl alone.
        pressed = QtGui.QKeySequence(number_of(event.modifiers()) | number_of(event.key()))
        return next(
            (action for action in self._panel.actions() if action.isEnabled() and action.property("shortcut").matches(pressed) == _EXACT), None
        )
