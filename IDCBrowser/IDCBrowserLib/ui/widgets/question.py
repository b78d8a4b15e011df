"""A decision that only the user can make, asked without stopping the program."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import Qt, QtWidgets, number_of


def ask(parent: QtWidgets.QWidget | None, question: str, on_answer: Callable[[bool], None]) -> QtWidgets.QMessageBox | None:
    """A box with Yes and No over ``parent`` (no window, no question: the answer is no); returns at once. ``on_answer`` is called once."""
    if parent is None:
        on_answer(False)
        return None
    box = QtWidgets.QMessageBox(parent)
    box.setObjectName("question")
    box.setIcon(QtWidgets.QMessageBox.Icon.Question)
    box.setWindowTitle(_("IDC Browser"))
    # Names of files and patients are in it.
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    box.setStandardButtons(QtWidgets.QMessageBox.StandardButton.Yes | QtWidgets.QMessageBox.StandardButton.No)
    box.setDefaultButton(QtWidgets.QMessageBox.StandardButton.No)

    def finished(code: int) -> None:
        box.deleteLater()
        on_answer(code == number_of(QtWidgets.QMessageBox.StandardButton.Yes))

    box.finished.connect(finished)
    box.open()
    return box
