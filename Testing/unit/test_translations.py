"""The languages that ship: complete, read back as written, and damage costs a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.sources import setup_tool

from IDCBrowserLib import i18n
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.i18n import Translation, local_date, local_number, tr, use
from IDCBrowserLib.logic.base.filter_choice import FilterChoice
from IDCBrowserLib.logic.finding.facets import chosen_text
from IDCBrowserLib.logic.finding.filter_chips import chips
from IDCBrowserLib.translations.reading import available, read
from IDCBrowserLib.wording import human_count, human_size

ROOT = Path(__file__).resolve().parents[2]
HERE = "unit.test_translations" if (Path(__file__).parent / "__init__.py").exists() else "test_translations"
TOOL = setup_tool("update_translations")


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    use(Translation())


def german(**texts: str) -> None:
    use(Translation("de", {(HERE, source): text for source, text in texts.items()}, ",", ".", "{day}.{month}.{year}"))


def written(folder: Path, *messages: tuple[str, str]) -> Path:
    parts = "".join(f"<message><source>{source}</source><translation>{text}</translation></message>" for source, text in messages)
    path = folder / "IDCBrowser_de-DE.ts"
    path.write_text(f'<?xml version="1.0"?><TS version="2.1"><context><name>a.b</name>{parts}</context></TS>', encoding="utf-8")
    return path


def test_every_text_of_the_window_is_translated_into_german() -> None:
    known = read(available()["de"])
    missing = [f"{context}: {text}" for context, text in TOOL.texts() if (context, text) not in known and ("", text) not in known]
    assert missing == [], "write them into the file: make translations"


def test_the_tool_gives_back_the_file_that_is_there() -> None:
    path = available()["de"]
    again = TOOL.document("de-DE", read(path), TOOL.finished_in(path))
    assert again == path.read_text(encoding="utf-8"), "run make translations"


def test_german_is_marked_as_not_yet_read() -> None:
    assert TOOL.finished_in(available()["de"]) == frozenset()


def test_english_is_the_text_itself() -> None:
    assert tr("Common filters") == "Common filters" and type(tr("Common filters")) is str


def test_a_text_is_found_by_its_file_and_what_is_not_found_stays_english() -> None:
    german(Case="Fall")
    assert tr("Case") == "Fall" and tr("Nobody said this") == "Nobody said this"


def test_numbers_that_are_filled_in_take_the_form_of_the_language() -> None:
    german(**{"{count} of {size} in {name}": "{count} von {size} in {name}"})
    text = tr("{count} of {size} in {name}")
    assert text.format(count="1,044,191", size="1.5 MB", name="1.2.840.10008.1") == "1.044.191 von 1,5 MB in 1.2.840.10008.1"
    assert text.format(count="25.0.5", size="1,2,3", name="a.b") == "25.0.5 von 1,2,3 in a.b"
    assert text.format(count=local_number("2,000"), size=human_size(1_234e12), name="a") == "2.000 von 1.234 TB in a", "once is enough"
    assert human_size(1_234_567_890_123) == "1,2 TB" and local_number("1,234.5") == "1.234,5"
    assert local_date("2001-02-03") == "03.02.2001" and local_date("2001-02") == "2001-02"


def test_a_range_of_one_number_keeps_its_form_in_the_tip_of_its_chip() -> None:
    german()
    for column, number, shown in (("instanceCount", 2000, "2.000"), ("instanceCount", 1_200_000, "1.200.000"), ("SliceThickness", 1.25, "1,25 mm")):
        chip = chips({column: FilterChoice(low=number, high=number)})[0]
        assert chip.text.endswith(shown) and f": {shown}. Click" in chip.tip
        assert chosen_text({column: FilterChoice(low=number, high=number)}).endswith(f": {shown}")


def test_one_and_many_of_a_noun_that_english_does_not_tell_apart() -> None:
    german(series="Serien|Serie")
    assert human_count(1, tr("series"), tr("series")) == "1 Serie"
    assert human_count(1200, tr("series"), tr("series")) == "1.200 Serien"


def test_in_english_nothing_changes() -> None:
    assert human_count(1, tr("series"), tr("series")) == "1 series" and human_size(1.5e6) == "1.5 MB"
    assert local_date("2001-02-03") == "2001-02-03"


def test_a_translation_that_loses_a_placeholder_is_not_used(tmp_path: Path) -> None:
    known = read(written(tmp_path, ("{count} files", "{zahl} Dateien"), ("Case", "Fall")))
    assert ("a.b", "{count} files") not in known and known["a.b", "Case"] == known["", "Case"] == "Fall"


@pytest.mark.parametrize("content", [b"", b"<TS>", b"\xff\xfe\x00", b"not xml", b"<html></html>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><TS>&c;</TS>"])
def test_a_damaged_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "IDCBrowser_de-DE.ts"
    path.write_bytes(content)
    with pytest.raises(InputError, match="the window stays in English"):
        read(path)


def test_a_file_that_grows_when_it_is_read_does_not_take_the_memory(tmp_path: Path) -> None:
    entities = "".join(f"<!ENTITY e{number + 1} '{f'&e{number};' * 20}'>" for number in range(9))
    path = tmp_path / "IDCBrowser_de-DE.ts"
    path.write_text(f"<!DOCTYPE TS [<!ENTITY e0 'x'>{entities}]><TS>&e9;</TS>", encoding="utf-8")
    with pytest.raises(InputError, match="damaged"):
        read(path)


def test_what_somebody_translated_in_slicer_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    german(Case="Fall", Study="Studie")
    monkeypatch.setattr(i18n, "_translate", lambda _context, text: {"Case": "Patientenfall"}.get(text, text))
    assert (tr("Case"), tr("Study")) == ("Patientenfall", "Studie")
