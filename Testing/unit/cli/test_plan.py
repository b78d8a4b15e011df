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
