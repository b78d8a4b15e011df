"""What looks like HTML in names and descriptions is shown as it is."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.cell_roles import DISPLAY, TOOL_TIP, cell_value
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.question import ask

HOSTILE = "<img src='http://example.org/x.png'>CT <b>thin</b> & more"


def test_a_tool_tip_shows_the_text_to_the_letter(app):
    document = QtGui.QTextDocument()
    document.setHtml(plain(HOSTILE))
    assert document.toPlainText() == HOSTILE
    assert plain("5 > 3 & 2") == "5 > 3 & 2"


def test_cells_are_plain_and_their_tips_are_made_so():
    assert cell_value(DISPLAY, HOSTILE) == HOSTILE
    assert cell_value(TOOL_TIP, HOSTILE) == plain(HOSTILE)
    assert cell_value(TOOL_TIP, "") is None


def test_a_question_shows_a_name_to_the_letter(app):
    parent = QtWidgets.QWidget()
    box = ask(parent, f"Delete {HOSTILE}?", lambda _answer: None)
    assert box.textFormat() == Qt.TextFormat.PlainText
    box.done(0)
    parent.close()
