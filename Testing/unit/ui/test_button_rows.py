from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from IDCBrowserLib.ui.button_rows import ButtonRows
from IDCBrowserLib.ui.qtbinding import QtWidgets


@pytest.fixture
def buttons(app):
    return [QtWidgets.QPushButton(text) for text in ("Fetch", "Fetch all", "Repair", "Remove")]


def rows(buttons):
    tops = [button.y() for button in buttons if button.isVisible()]
    return [tops.count(top) for top in sorted(set(tops))]


def test_buttons_take_as_many_rows_as_they_need_and_the_height_of_those(app, buttons):
    made = ButtonRows(buttons)
    made.show()
    seen = []
    for width in (1000, 200, 10):
        made.resize(width, 10)
        app.processEvents()
        assert made.height() == max(button.geometry().bottom() for button in buttons) + 1
        assert all(button.geometry().right() < width for button in buttons)
        seen.append(rows(buttons))
    assert seen == [[4], [2, 2], [1, 1, 1, 1]]
    made.close()


def test_a_hidden_button_leaves_no_gap(app, buttons):
    made = ButtonRows(buttons)
    made.resize(1000, 10)
    made.show()
    place = buttons[1].pos()
    buttons[1].hide()
    made.fold()
    assert buttons[2].pos() == place
    made.close()
