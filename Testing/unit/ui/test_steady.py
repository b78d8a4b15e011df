"""What changes inside a page is drawn there alone: drawing the window anew at each click takes longer than the answer."""

from __future__ import annotations

import pytest

from IDCBrowserLib.qtbinding import QtCore, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import column, holder, label, steady


class Paints(QtCore.QObject):
    """Counts how often a widget is drawn."""

    def __init__(self, widget):
        super().__init__()
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _widget, event):
        self.count += event.type() == QtCore.QEvent.Type.Paint
        return False


def drawn_again(app, page, changing):
    """How often the other button of a tab is drawn when a text beside it changes."""
    tabs = QtWidgets.QTabWidget()
    tabs.addTab(page, "page")
    tabs.resize(400, 300)
    tabs.show()
    app.processEvents()
    button = page.findChild(QtWidgets.QPushButton)
    paints = Paints(button)
    changing.setText("twelve")
    for _ in range(5):
        app.processEvents()
    assert changing.text() == "twelve"
    tabs.close()
    return paints.count


@pytest.fixture
def page_and_text():
    text = label("text", "one")
    return holder(column([text, QtWidgets.QPushButton("steady"), None])), text


def test_without_the_frame_everything_is_drawn_anew(app, page_and_text):
    """Why it is there; a Qt that does better needs it no more."""
    page, text = page_and_text
    assert drawn_again(app, page, text) > 0


def test_a_text_that_changes_leaves_what_is_beside_it_alone(app, page_and_text):
    page, text = page_and_text
    assert drawn_again(app, steady(page, "area"), text) == 0


def test_the_frame_gives_the_page_all_the_room_there_is(app, page_and_text):
    page, _text = page_and_text
    area = steady(page, "area")
    area.resize(640, 480)
    area.show()
    app.processEvents()
    assert page.size() == QtCore.QSize(640, 480)
    assert area.horizontalScrollBar().maximum() == 0
    area.close()


def test_rows_that_do_not_fit_can_be_scrolled_to(app):
    buttons = [QtWidgets.QPushButton(str(number)) for number in range(30)]
    area = steady(holder(column(buttons)), "area")
    area.resize(300, 200)
    area.show()
    app.processEvents()
    assert area.verticalScrollBar().maximum() > 0
    area.close()
