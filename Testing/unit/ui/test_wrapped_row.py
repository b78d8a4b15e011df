from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from PySide6 import QtWidgets
from PySide6.QtTest import QTest

from IDCBrowserLib.ui.widgets.wrapped_row import WrappedRow


@pytest.fixture
def row(app):
    parts = [QtWidgets.QPushButton("First"), QtWidgets.QLineEdit(), QtWidgets.QPushButton("Last of them")]
    made = WrappedRow(parts, parts[1])
    made.parts = parts
    made.resize(600, 30)
    made.show()
    yield made
    made.close()


def tops(row):
    return [part.y() for part in row.parts]


def test_parts_are_in_one_row_and_the_growing_one_takes_what_is_left(row):
    assert len({part.geometry().center().y() for part in row.parts}) == 1
    assert row.parts[2].geometry().right() == 599 and row.parts[1].width() > 300


def test_where_it_is_narrow_no_part_is_cut(row):
    row.resize(130, 30)
    assert tops(row) == sorted(set(tops(row)))
    assert row.height() == row.parts[2].geometry().bottom() + 1
    assert all(part.width() >= part.minimumSizeHint().width() for part in row.parts)


def test_what_gets_another_text_or_is_hidden_makes_or_leaves_room(row):
    row.resize(300, 30)
    row.parts[1].hide()
    row.parts[2].setText("A much longer text of the last of the buttons")
    QTest.qWait(20)
    assert row.parts[2].y() > 0 and row.parts[2].width() >= min(300, row.parts[2].sizeHint().width())
    row.parts[2].setText("L")
    QTest.qWait(20)
    assert row.parts[2].y() == 0


@pytest.fixture
def buttons(app):
    return [QtWidgets.QPushButton(text) for text in ("Fetch", "Fetch all", "Repair", "Remove")]


def rows(buttons):
    tops = [button.y() for button in buttons if button.isVisible()]
    return [tops.count(top) for top in sorted(set(tops))]


def test_buttons_take_as_many_rows_as_they_need_and_the_height_of_those(app, buttons):
    made = WrappedRow(buttons)
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
    made = WrappedRow(buttons)
    made.resize(1000, 10)
    made.show()
    place = buttons[1].pos()
    buttons[1].hide()
    app.processEvents()
    assert buttons[2].pos() == place
    made.close()
