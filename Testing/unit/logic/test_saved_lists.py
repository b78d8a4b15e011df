from __future__ import annotations

from helpers.fake_host import FakeSettings

from IDCBrowserLib.logic.base.saved_lists import NamedValues, RecentValues, is_text


def test_recent_values_are_few_different_and_newest_first():
    recent = RecentValues(FakeSettings(), "Key", 3, is_text)
    for value in ("a", "b", "c", "b", "d"):
        recent.add(value)
    assert recent.all() == ["d", "b", "c"]
    recent.add("x" * 200_000)
    assert recent.all() == ["d", "b", "c"]
    recent.clear()
    assert recent.all() == []


def test_named_values_survive_a_restart_and_keep_their_order():
    settings = FakeSettings()
    named = NamedValues(settings, "Key", 3, is_text)
    assert named.save("  first\nname ", "1") and named.save("second", "2")
    assert named.rename("first name", "renamed") and not named.rename("renamed", "second") and not named.rename("gone", "x")
    assert NamedValues(settings, "Key", 3, is_text).all() == {"renamed": "1", "second": "2"}
    assert named.save("third", "3") and not named.save("fourth", "4") and named.save("second", "new")
    named.delete("renamed")
    assert named.all() == {"second": "new", "third": "3"}
    assert not named.save(" ", "5") and not named.save("long", "x" * 200_000)


def test_damaged_settings_count_as_empty():
    settings = FakeSettings()
    for text in ("{", "7", '["a", 1, null]', '[["a"], ["b", 2], [3, "c"], ["", "d"]]'):
        settings.set_value("Key", text)
        assert NamedValues(settings, "Key", 3, is_text).all() == {}
    settings.set_value("Key", '["a", 1, null, ""]')
    assert RecentValues(settings, "Key", 3, is_text).all() == ["a"]


def test_all_values_together_stay_short():
    named = NamedValues(FakeSettings(), "Key", 100, is_text)
    assert sum(named.save(str(number), "x" * 90_000) for number in range(20)) == 11
