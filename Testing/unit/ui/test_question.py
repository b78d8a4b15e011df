"""A decision is asked for without stopping the program."""

import pytest

from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.widgets.question import ask


@pytest.mark.parametrize(("button", "answer"), [("Yes", True), ("No", False)])
def test_the_button_is_the_answer_and_nothing_waits_for_it(app, button, answer):
    parent = QtWidgets.QWidget()
    answers = []
    box = ask(parent, "Load it anyway?", answers.append)
    assert box.isVisible() and answers == []
    box.button(getattr(QtWidgets.QMessageBox, button)).click()
    assert answers == [answer]


def test_closing_the_box_means_no(app):
    parent = QtWidgets.QWidget()
    answers = []
    ask(parent, "Load it anyway?", answers.append).close()
    assert answers == [False]


def test_without_a_window_the_answer_is_no(app):
    answers = []
    ask(None, "Load it anyway?", answers.append)
    assert answers == [False]
