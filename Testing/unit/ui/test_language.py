"""The window in German: its pages, numbers and dates, the choice of a language, and a damaged translation."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.panel import Panel

from IDCBrowserLib.i18n import Translation, language, use
from IDCBrowserLib.logic.details.slide_rows import SlideRows
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.translations import reading
from IDCBrowserLib.ui.language import LANGUAGE_KEY, speak


class Values(dict):
    def value(self, key, default):
        return self.get(key, default)

    def set_value(self, key, value):
        self[key] = value


@pytest.fixture(autouse=True)
def _english_afterwards(app):
    yield
    use(Translation())


def test_the_language_of_the_settings_goes_before_that_of_the_computer():
    assert speak(Values({LANGUAGE_KEY: "de"}), "en-US") == "" and language() == "de"
    assert speak(Values({LANGUAGE_KEY: "en"}), "de-DE") == "" and language() == "en"
    assert speak(Values(), "de-AT") == "" and language() == "de"
    assert speak(Values(), "fr-FR") == "" and language() == "en", "a language that does not ship"
    assert speak(Values({LANGUAGE_KEY: "no such thing"}), "") == "" and language() == "en"


def test_the_window_is_german_from_tab_to_number(make_bench):
    from helpers.fake_catalog import FakeCatalog

    speak(Values({LANGUAGE_KEY: "de"}))
    bench = make_bench(FakeCatalog(1500)).start()
    hands = Panel(bench)
    texts = [hands.panel.pages.tabText(number).replace("&", "") for number in range(hands.panel.pages.count())]
    assert texts[:3] == ["Durchsuchen", "Übersicht", "Korb"] and texts[-1] == "Hilfe"
    hands.click_row("collections", 0)
    assert hands.cell("collections", 0, "Fälle") == "1.500"
    assert hands.text("selectionTotal").startswith("4.500 Serien")
    hands.click_row("cases", 0)
    assert hands.text("selectionTotal").startswith("3 Serien")
    bench.browser.show_page("summary")
    hands.settle()
    assert "1.500 Fälle" in hands.text("summaryTotals")
    hands.panel.close()
    hands.panel.widget.close()


def test_levels_of_slides_are_told_in_german_numbers(make_bench):
    from helpers.fake_catalog import FakeCatalog

    speak(Values({LANGUAGE_KEY: "de"}))
    bench = make_bench(FakeCatalog())
    level = {"number": 0, "kind": "level", "columns": 40960, "rows": 20480, "spacing_mm": 0.00025, "bytes": 900_000_000}
    bench.catalog.levels = [{**level, "sop_instances": [], "instances": [], "addresses": [], "transfer_syntax": ""}]
    rows = SlideRows(bench.engine.client, bench.browser.indices, lambda _levels, _load: None)
    rows.ask("1.2.1.1")
    bench.settle()
    (row,) = rows.of("1.2.1.1")
    assert row.title.endswith(": 40.960 x 20.480") and row.note.startswith("0,00025 mm")


def test_a_person_chooses_a_language_which_applies_after_a_restart(bench):
    hands = Panel(bench)
    bench.browser.show_page("settings")
    hands.settle()
    box = hands.find(QtWidgets.QComboBox, "settingsLanguage")
    assert [box.itemText(number) for number in range(box.count())] == ["As the system", "English", "Deutsch (not yet read by a native speaker)"]
    box.setCurrentIndex(2)
    assert bench.host.settings.value(LANGUAGE_KEY, "") == "de"
    hands.panel.close()
    hands.panel.widget.close()


def test_a_damaged_translation_is_said_and_the_window_is_english(monkeypatch, tmp_path):
    (tmp_path / "IDCBrowser_de-DE.ts").write_text("<TS>", encoding="utf-8")
    monkeypatch.setattr(reading, "FOLDER", tmp_path)
    problem = speak(Values({LANGUAGE_KEY: "de"}))
    assert "is damaged" in problem and "stays in English" in problem and language() == "en"
