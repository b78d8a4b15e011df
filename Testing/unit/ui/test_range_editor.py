"""Ends of a range typed and dragged, on the editor alone and in the filters."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from PySide6.QtTest import QTest

from IDCBrowserLib.logic.base.filter_choice import FilterChoice
from IDCBrowserLib.logic.base.state import FacetState
from IDCBrowserLib.logic.settings.typed_number import parse_number, parse_size
from IDCBrowserLib.qtbinding import Qt, QtCore, QtWidgets
from IDCBrowserLib.ui.finding.range_editor import RangeEditor

MB = 10**6
SIZES = FacetState("size_bytes", True, bins=tuple((first * MB, (first + 10) * MB, 5) for first in range(0, 100, 10)))
AGES = FacetState("age_years", True, bins=tuple((year, year, 5) for year in range(100)), not_stated=7)


class RangeHands:
    """An editor that shows what it is given back, as the filters do."""

    def __init__(self, facet: FacetState) -> None:
        self.facet, self.choice = facet, FilterChoice()
        self.editor = RangeEditor(self.take, lambda: None)
        self.editor.show(facet, self.choice)
        self.editor.widget.show()

    def take(self, low, high):
        self.choice = FilterChoice(low=low, high=high)
        self.editor.show(self.facet, self.choice)

    def find(self, name):
        return self.editor.widget.findChild(QtWidgets.QWidget, name)

    def type(self, name, text):
        edit = self.find(name)
        edit.setFocus()
        edit.clear()
        QTest.keyClicks(edit, text)
        QTest.keyClick(edit, Qt.Key.Key_Return)

    def keys(self, name, key, times=1):
        for _ in range(times):
            QTest.keyClick(self.find(name), key)
        QTest.qWait(250)

    @property
    def ends(self):
        return self.choice.low, self.choice.high

    @property
    def note(self):
        return self.find("rangeNote").text()


@pytest.fixture
def make(app):
    made = []

    def make_one(facet):
        made.append(RangeHands(facet))
        return made[-1]

    yield make_one
    for hands in made:
        hands.editor.widget.close()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("40", 40),
        (" 1,500 ", 1500),
        ("1,234,567.5", 1234567.5),
        ("1.5", 1.5),
        ("1,5", 1.5),
        ("0,125", 0.125),
        ("1234,567", 1234.567),
    ],
)
def test_a_comma_parts_thousands_only_before_groups_of_three(text, number):
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["", "sixty", "-3", "1,2,3", "1.2.3", "20 MB", "5 years", "1e3", "٤٠"])
def test_anything_else_is_no_number(text):
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("text", "unit", "size"),
    [
        ("20 MB", "", 20e6),
        ("1,5 GB", "MB", 1.5e9),
        ("1,500 kb", "", 1.5e6),
        ("3GiB", "", 3 * 1024**3),
        ("200 B", "MB", 200),
        ("2 g", "", 2e9),
        ("200", "MB", 200e6),
        ("0", "", 0),
        ("200", "", None),
        ("MB", "", None),
        ("20 MB 3", "", None),
    ],
)
def test_a_size_alone_is_in_the_unit_in_sight(text, unit, size):
    assert parse_size(text, unit) == size


def test_dragging_one_end_leaves_the_typed_other_one_alone(make):
    hands = make(SIZES)
    hands.type("rangeLow", "25 MB")
    hands.keys("rangeHighSlider", Qt.Key.Key_Left, 3)
    assert hands.ends == (25e6, 70e6)
    hands.type("rangeHigh", "64.5 MB")
    hands.keys("rangeLowSlider", Qt.Key.Key_Right)
    assert hands.ends == (30e6, 64.5e6)


def test_an_end_that_is_dragged_stops_at_the_other_one(make):
    hands = make(SIZES)
    hands.type("rangeHigh", "50 MB")
    hands.keys("rangeLowSlider", Qt.Key.Key_End)
    assert hands.ends == (50e6, 50e6)
    hands.keys("rangeHighSlider", Qt.Key.Key_Home)
    assert hands.ends == (50e6, 50e6)
    hands.keys("rangeLowSlider", Qt.Key.Key_Home)
    assert hands.ends == (None, 50e6)


def test_a_handle_dragged_by_the_mouse_sets_its_end(make):
    hands = make(AGES)
    slider = hands.find("rangeLowSlider")
    bars = hands.find("rangeBars")
    handle = slider.rect().center()
    assert slider.x() == 0, "the handle of an open lower end stands on the left"
    assert hands.find("rangeHighSlider").geometry().right() == bars.width() - 1
    there = QtCore.QPoint(bars.width() // 2, handle.y())
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, handle)
    QTest.mouseMove(slider, there)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, there)
    QTest.qWait(250)
    assert 40 < hands.choice.low < 60 and hands.choice.high is None
    assert bars.width() * 0.4 < slider.x() < bars.width() * 0.6, "the handle stands where its bin begins"


def test_both_handles_are_in_the_histogram_and_can_be_grasped_where_they_meet(make):
    hands = make(AGES)
    hands.type("rangeLow", "50")
    hands.type("rangeHigh", "50")
    low, high, bars = hands.find("rangeLowSlider"), hands.find("rangeHighSlider"), hands.find("rangeBars")
    assert low.parentWidget() is bars and high.parentWidget() is bars
    assert abs(low.x() - high.x()) < 10
    assert bars.childAt(low.x() + 6, bars.height() - 4) is low
    assert bars.childAt(high.x() + 6, 4) is high
    assert hands.find("rangeLowSlider").accessibleName() == "From" and hands.find("rangeHighSlider").accessibleName() == "To"


def test_tab_leads_from_one_box_to_the_other_and_then_to_the_sliders(make):
    hands = make(AGES)
    hands.editor.widget.activateWindow()
    assert QTest.qWaitForWindowActive(hands.editor.widget)
    hands.find("rangeLow").setFocus()
    seen = []
    for _ in range(5):
        seen.append(QtWidgets.QApplication.focusWidget().objectName())
        QTest.keyClick(QtWidgets.QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert seen == ["rangeLow", "rangeHigh", "rangeLowSlider", "rangeHighSlider", "rangeNotStated"]
    hands.find("rangeLow").setFocus()
    for text in ("40", "60"):
        QTest.keyClicks(QtWidgets.QApplication.focusWidget(), text)
        QTest.keyClick(QtWidgets.QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert hands.ends == (40, 60)


def test_counts_that_arrive_while_somebody_types_take_nothing_away(make):
    hands = make(AGES)
    QTest.keyClicks(hands.find("rangeHigh"), "6")
    hands.editor.show(AGES, hands.choice)
    QTest.keyClicks(hands.find("rangeHigh"), "0")
    QTest.keyClick(hands.find("rangeHigh"), Qt.Key.Key_Return)
    assert hands.ends == (None, 60)


def test_a_size_without_a_unit_takes_the_one_of_the_other_end_or_of_the_hint(make):
    hands = make(SIZES)
    hands.type("rangeHigh", "50")
    assert hands.ends == (None, 50e6)
    hands.type("rangeLow", "500 kB")
    hands.type("rangeHigh", "")
    hands.type("rangeHigh", "700")
    assert hands.ends == (500e3, 700e3)
    assert hands.find("rangeHigh").text() == "700 kB"


def test_a_lower_end_above_the_upper_one_is_said_and_changes_nothing(make):
    hands = make(AGES)
    hands.type("rangeLow", "60")
    hands.type("rangeHigh", "40")
    assert hands.ends == (60, None)
    assert hands.note == '"From" must not be larger than "To".'
    hands.type("rangeLow", "20")
    assert hands.ends == (20, 40) and hands.note == ""


def test_what_is_no_number_is_said(make):
    hands = make(AGES)
    hands.type("rangeLow", "40 years")
    assert hands.note == "Enter a number, such as 40." and hands.ends == (None, None)
    sizes = make(SIZES)
    sizes.type("rangeLow", "big")
    assert sizes.note == "Enter a size with its unit, such as 20 MB."
    sizes.type("rangeLow", "")
    assert sizes.note == ""
