from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.themes import dark_palette
from PySide6 import QtGui

from IDCBrowserLib.ui.widgets.html_view import HtmlView

LONG = "<p><a href='https://example.org'>Open</a></p>" + "<p>text</p>" * 100


@pytest.fixture
def view(app):
    made = HtmlView("details", "Details")
    made.resize(300, 200)
    made.show()
    yield made
    made.close()


def link_color(view):
    cursor = view.textCursor()
    cursor.setPosition(1)
    return cursor.charFormat().foreground().color().name()


def test_links_take_the_colors_of_a_desktop_that_turns_dark_and_the_text_stays_where_it_was(view):
    view.show_html(LONG)
    assert link_color(view) == view.palette().color(QtGui.QPalette.ColorRole.Link).name()
    view.verticalScrollBar().setValue(500)
    view.setPalette(dark_palette())
    assert link_color(view) == dark_palette().color(QtGui.QPalette.ColorRole.Link).name()
    assert view.verticalScrollBar().value() == 500
    view.show_html(LONG)
    assert view.verticalScrollBar().value() == 0


def test_a_text_is_shown_as_it_is_in_any_colors(view):
    view.show_html(LONG)
    view.show_text("<b>no HTML</b>")
    view.setPalette(dark_palette())
    assert view.toPlainText() == "<b>no HTML</b>"
