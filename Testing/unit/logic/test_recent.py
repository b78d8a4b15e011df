"""RecentValues values are kept between two starts, and written seldom: each writing of the settings keeps the window waiting."""

from __future__ import annotations

from helpers.fake_host import FakeSettings

from IDCBrowserLib.logic.base.saved_lists import RecentValues, is_text


class Counting:
    """Settings that count how often they were written."""

    def __init__(self):
        self.settings = FakeSettings()
        self.written = 0

    def value(self, key, default):
        return self.settings.value(key, default)

    def set_value(self, key, value):
        self.written += 1
        self.settings.set_value(key, value)


def test_values_in_a_row_are_in_sight_at_once_and_written_together():
    settings, now = Counting(), [100.0]
    recent = RecentValues(settings, "key", 50, is_text, clock=lambda: now[0])
    for number in range(20):
        now[0] += 0.1
        recent.add(f"value {number}")
        assert recent.all()[0] == f"value {number}"
    assert settings.written == 1, "the first one"
    now[0] += 60
    recent.add("later")
    assert settings.written == 2
    assert RecentValues(settings, "key", 50, is_text).all() == recent.all()


def test_what_is_not_written_yet_is_written_at_the_end():
    settings = Counting()
    recent = RecentValues(settings, "key", 3, is_text, clock=lambda: 5.0)
    for value in ("a", "b", "c", "d", "b"):
        recent.add(value)
    recent.save()
    recent.save()
    assert settings.written == 2
    assert RecentValues(settings, "key", 3, is_text).all() == ["b", "d", "c"]


def test_what_was_forgotten_does_not_come_back():
    settings = Counting()
    recent = RecentValues(settings, "key", 3, is_text, clock=lambda: 5.0)
    recent.add("a")
    recent.add("b")
    recent.clear()
    recent.save()
    assert recent.all() == [] and RecentValues(settings, "key", 3, is_text).all() == []
