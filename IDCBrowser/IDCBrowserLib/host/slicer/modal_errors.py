"""A plugin's error box must not stop what is loaded after it: it is closed, and what it says is reported with the series.

Plugins of Slicer show errors with ``slicer.util.errorDisplay`` and with message boxes of their own, which wait for a click. Only boxes that cannot be
answered otherwise than by closing them are closed; questions are left to the user.
"""

from __future__ import annotations

from IDCBrowserLib.qtbinding import QtCore, QtWidgets

_LOOK_MS = 50


class ModalErrors:
    """While this is open, such boxes are closed. ``texts`` are what they said. The boxes' own event loop runs the timer."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._timer = QtCore.QTimer()
        self._timer.setInterval(_LOOK_MS)

    def __enter__(self) -> ModalErrors:
        self._timer.timeout.connect(self._look)
        self._timer.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._timer.stop()
        self._timer.timeout.disconnect(self._look)

    def _look(self) -> None:
        box = QtWidgets.QApplication.activeModalWidget()
        if box is None or not box.inherits("QMessageBox") or not _only_closes(box):
            return
        text = " ".join(str(box.property(name) or "") for name in ("text", "informativeText")).strip()
        if text:
            self.texts.append(text)
        box.close()


def _only_closes(box: QtWidgets.QWidget) -> bool:
    """One button and no more: OK, Close, or one of its own."""
    buttons: list[QtWidgets.QAbstractButton] = list(box.findChildren(QtWidgets.QAbstractButton))
    answers = [button for button in buttons if button.isVisible() and not button.inherits("QCheckBox") and not _opens_details(button)]
    return len(answers) <= 1


def _opens_details(button: QtWidgets.QAbstractButton) -> bool:
    """ "Show Details..." is no answer."""
    return str(button.property("text")).endswith("...")
