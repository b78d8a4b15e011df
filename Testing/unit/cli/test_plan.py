"""``idc-browser plan``: parts, what belongs to them, and files that give the same again."""

import json
from pathlib import Path

import pytest
from helpers.small_catalog import GONE_UID, GONE_UUID, SERIES, uuid
from helpers.small_command_line import CommandLine


def uuids(plan: dict) -> list[str]:
    return [item["crdc_series_uuid"] for item in plan["series"]]


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ([], {1, 2, 3}),
        (["--preset", "originals"], {1, 2}),
        (["--preset", "annotations"], {3}),
        (["--preset", "modality:CT"], {1, 2}),
        (["--preset", "annotations", "--with-references"], {1, 2, 3}),
        (["--preset", "originals", "--with-derived"], {1, 2, 3}),
    ],
)
def test_a_part_of_a_study_and_what_belongs_to_it(idc_browser: CommandLine, options: list[str], numbers: set[int]) -> None:
    assert set(uuids(idc_browser.json("plan", "1.2.1", *options))) == {uuid(number) for number in numbers}


def test_the_totals_of_a_plan(idc_browser: CommandLine) -> None:
    plan = idc_browser.json("plan", "lung_ct", "brain_mr")
    assert (plan["series_count"], plan["collections"], plan["cases"], plan["studies"]) == (6, 2, 4, 4)
    assert plan["modalities"] == {"CT": 4, "SEG": 1, "MR": 1} and plan["noncommercial_series"] == 1


@pytest.mark.parametrize("name", ["m.s5cmd", "m_gcs.s5cmd", "m.csv", "m.tsv", "m.json", "m.lock.json"])
def test_what_is_saved_is_planned_again_as_the_same_versions(idc_browser: CommandLine, tmp_path: Path, name: str) -> None:
    path = tmp_path / f"Größe & '{name}"
    plan = idc_browser.json("plan", "1.2.1", GONE_UUID, "--save", str(path))
    assert set(uuids(idc_browser.json("plan", str(path)))) == set(uuids(plan)) == {uuid(1), uuid(2), uuid(3), GONE_UUID}


def test_a_lock_file_says_what_it_holds(idc_browser: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "a.lock.json"
    idc_browser.json("plan", "1.2.1", GONE_UUID, "--save", str(path))
    lock = json.loads(path.read_text())
    assert (lock["idc_version"], lock["series_count"], lock["total_bytes"]) == ("25", 4, 6_500_000)
    assert lock["licenses"] == {"CC BY 4.0": 2, "CC BY 3.0": 1, "not stated": 1} and lock["source_DOIs"] == ["10.7937/lung"]


def test_a_removed_series_says_so_with_its_line(idc_browser: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"1.2.1.1\n{GONE_UID}\n")
    code, output, errors = idc_browser.run("plan", str(path), "--json")
    assert code == 4
    (missing,) = json.loads(output)["unresolved"]
    assert (missing["line"], missing["text"]) == (2, GONE_UID) and "removed from IDC after release 3" in missing["reason"]
    assert "line 2" in errors


def test_a_preset_that_does_not_exist_ends_with_2(idc_browser: CommandLine) -> None:
    idc_browser.fails(2, "no preset 'all'", "plan", "1.2.1", "--preset", "all")


def test_every_series_states_its_idc_version(idc_browser: CommandLine) -> None:
    document = idc_browser.json("plan", "lung_ct", GONE_UUID)
    assert {row["SeriesInstanceUID"]: row["idc_version"] for row in document["series"]} == {
        **{row["SeriesInstanceUID"]: 25 for row in SERIES if row["collection_id"] == "lung_ct"},
        GONE_UID: 3,
    }


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        (["--filter", "Modality=SEG"], {3}),
        (["lung_ct", "--filter", "Modality=CT", "--filter", "collection_id!=brain_mr"], None),
        (["1.2.1", "--filter", "Modality!=CT"], {3}),
        (["1.2.1", "--filter", "Modality=SEG", "--with-references"], {1, 2, 3}),
    ],
)
def test_filters_plan_what_they_leave_of_the_sources_or_of_all(idc_browser: CommandLine, arguments: list[str], numbers: set[int] | None) -> None:
    plan = idc_browser.json("plan", *arguments)
    if numbers is None:
        assert plan["modalities"] == {"CT": 4} and plan["collections"] == 1
    else:
        assert set(uuids(plan)) == {uuid(number) for number in numbers}


def test_filters_that_leave_nothing_and_commands_without_a_source_are_sentences(idc_browser: CommandLine) -> None:
    code, _, errors = idc_browser.run("plan", "brain_mr", "--filter", "Modality=SEG")
    assert code == 3 and "no series of what was named has these values" in errors
    idc_browser.fails(2, "Name what you want", "plan")
    idc_browser.fails(2, "Give what to download and the folder", "download", "--to", "somewhere")


def test_a_search_of_the_window_is_planned_as_text_and_as_a_file(idc_browser: CommandLine, tmp_path: Path) -> None:
    search = 'idc-browser-search {"filters":{"Modality":{"none":["CT"]}},"collections":["lung_ct"]}'
    assert uuids(idc_browser.json("plan", search)) == [uuid(3)]
    path = tmp_path / "lungs.txt"
    path.write_text(search + "\n", encoding="utf-8")
    assert uuids(idc_browser.json("plan", str(path))) == [uuid(3)]
    with_words = idc_browser.json("plan", 'idc-browser-search {"text":"nodule","filters":{"Modality":["SEG"]}}')
    assert uuids(with_words) == [uuid(3)] and "selects nothing" in with_words["warnings"][0]


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("idc-browser-search {", "not a search of IDC Browser"),
        ("idc-browser-search []", "not a search of IDC Browser"),
        ('idc-browser-search {"filters":[]}', "would select all of IDC"),
        ('idc-browser-search {"filters":7}', "not a search of IDC Browser"),
        ('idc-browser-search {"text":"liver"}', "would select all of IDC"),
        ('idc-browser-search {"filters":{"Modality":["XX"]}}', "no series of IDC matches this search"),
        ('idc-browser-search {"filters":{"collection_id":["brain_mr"]},"collections":["lung_ct"]}', "finds nothing"),
    ],
)
def test_a_search_that_selects_nothing_or_all_is_refused_with_a_sentence(idc_browser: CommandLine, search: str, said: str) -> None:
    code, _, errors = idc_browser.run("plan", search)
    assert code in (2, 3) and said in errors
