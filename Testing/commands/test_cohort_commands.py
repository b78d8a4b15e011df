"""``summary``, ``diff``, ``share``, ``check`` and ``gdc`` on the small catalog."""

import argparse
import json
import re
import shlex
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from helpers.small_catalog import GONE_UID, GONE_UUID, SERIES, series, uuid, write_sources
from helpers.small_command_line import CommandLine
from helpers.small_disk import small_disk

from IDCBrowserLib.catalog import database
from IDCBrowserLib.cli.commands import indices, summary
from IDCBrowserLib.cohort import shared_folder
from IDCBrowserLib.selection.citations import Citations, CitedSource
from IDCBrowserLib.selection.plan import Plan, PlannedSeries

CASE = "aaaaaaaa-0000-4000-8000-00000000000a"
OTHER = "bbbbbbbb-0000-4000-8000-00000000000b"


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "gdc_idc_mapping.parquet"
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t (collection_id VARCHAR, PatientID VARCHAR, StudyInstanceUID VARCHAR, gdc_case_id VARCHAR)")
        connection.execute(f"INSERT INTO t VALUES ('lung_ct', 'P2', '1.2.1', '{CASE}'), ('lung_ct', 'P2', '1.2.9', '{CASE}')")
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    return path


def counted(document: dict, name: str) -> dict[str, int]:
    return {row["value"]: row["series"] for row in document["by"][name]}


def test_summary_counts_all_of_idc_what_filters_leave_and_what_sources_name(idc_browser: CommandLine) -> None:
    everything = idc_browser.json("summary")
    assert (everything["series"], everything["collections"], everything["cases"]) == (6, 2, 4)
    assert counted(everything, "Modality") == {"CT": 4, "MR": 1, "SEG": 1}
    assert counted(everything, "study_year") == {"2001": 5, None: 1}
    assert counted(everything, "age_decade") == {None: 5, "50-59": 1}
    assert everything["total_bytes"] == 9_000_000
    assert idc_browser.json("summary", "--filter", "Modality=CT")["series"] == 4
    one = idc_browser.json("summary", "lung_ct/P2", "--filter", "Modality=SEG")
    assert (one["series"], one["by"]["license_short_name"]) == (
        1,
        [{"value": "CC BY 3.0", "low": None, "high": None, "series": 1, "studies": 1, "cases": 1}],
    )
    assert "(not stated)" in idc_browser.text("summary")


def test_summary_of_nothing_known_says_what(idc_browser: CommandLine) -> None:
    code, output, errors = idc_browser.run("summary", "no_such_collection", "--json")
    assert code == 3 and json.loads(output)["series"] == 0 and "no_such_collection" in errors


def test_summary_names_the_command_that_fetches_a_missing_index(idc_browser: CommandLine) -> None:
    counts = {**idc_browser.json("summary"), "missing": {"SliceThickness": "ct_index"}}
    command = re.findall(r"\(idc-browser indices (.*)\)", summary._text(counts))
    parser = argparse.ArgumentParser()
    indices.add_arguments(parser)
    assert [parser.parse_args(shlex.split(one)).fetch for one in command] == [["ct_index"]]


def test_diff_tells_added_revised_and_removed_since_a_release(idc_browser: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [*SERIES, series(61, series_init_idc_version=20, series_revised_idc_version=20), series(62, series_revised_idc_version=24)]
    sources = write_sources(tmp_path / "later", rows)
    monkeypatch.setattr(database, "find_sources", lambda: sources)
    document = idc_browser.json("diff", "2", "lung_ct/P2")
    assert [row["SeriesInstanceUID"] for row in document["added"]] == ["1.2.1.61"]
    assert [(row["SeriesInstanceUID"], row["was"]) for row in document["revised"]] == [("1.2.1.62", None)]
    assert [(row["SeriesInstanceUID"], row["crdc_series_uuid"]) for row in document["removed"]] == [(GONE_UID, GONE_UUID)]
    assert document["unchanged"] == 3
    late = idc_browser.json("diff", "v24", "lung_ct")
    assert (late["added"], late["revised"], late["removed"]) == ([], [], [])
    assert "1 removed" in idc_browser.text("diff", "2", "lung_ct/P2")


@pytest.mark.parametrize(("release", "message"), [("99", "no IDC release 99"), ("0", "no IDC release 0"), ("last", "is not the number")])
def test_a_release_that_cannot_be_is_refused(idc_browser: CommandLine, release: str, message: str) -> None:
    idc_browser.fails(2, message, "diff", release, "lung_ct")


def test_a_shared_folder_names_the_cohort_and_is_checked_later(idc_browser: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "päper 1"
    document = idc_browser.json("share", "lung_ct", "--to", str(folder))
    assert document["series"] == 5
    assert {path.name for path in folder.iterdir()} == set(document["files"]) >= {"cohort.lock.json", "cohort.csv", "METHODS.txt", "README.txt"}
    assert "5 series" in (folder / "README.txt").read_text(encoding="utf-8")
    assert idc_browser.json("check", str(folder)) == {
        "idc_version": "25", "current": "25", "series": 5, "identical": 5, "revised": [], "gone": [], "unknown": [],
    }  # fmt: skip

    later = [{**row, "crdc_series_uuid": uuid(77)} if row["SeriesInstanceUID"] == "1.2.1.1" else row for row in SERIES[:-1]]
    sources = write_sources(tmp_path / "later", later)
    monkeypatch.setattr(database, "find_sources", lambda: sources)
    code, output, _ = idc_browser.run("check", str(folder / "cohort.lock.json"), "--json")
    found = json.loads(output)
    assert (code, found["identical"]) == (4, 3)
    assert found["revised"] == [{"SeriesInstanceUID": "1.2.1.1", "was": uuid(1), "now": uuid(77)}]
    assert found["unknown"] == [{"SeriesInstanceUID": "1.2.1.41", "was": uuid(41)}]


def test_what_is_no_shared_folder_is_one_sentence(idc_browser: CommandLine, tmp_path: Path) -> None:
    idc_browser.fails(3, "give the folder that idc-browser share wrote", "check", str(tmp_path))
    for content in ("{", "[]", '{"idc_browser_lock": 1, "series": [3]}', '{"series": []}'):
        (tmp_path / "cohort.lock.json").write_text(content)
        idc_browser.fails(2, "Give the folder that idc-browser share wrote", "check", str(tmp_path))


EXPORTS = {
    "cases.json": json.dumps([{"case_id": CASE, "submitter_id": "P2"}, {"case_id": OTHER, "submitter_id": "TCGA-XX"}]).encode(),
    "cases.tsv": f"case_id\tproject\n{CASE}\tTCGA\n{OTHER}\tTCGA\n".encode(),
    "biotab.tsv": f"cases.case_id\tcases.submitter_id\n{CASE}\tP2\n{OTHER}\t\n".encode(),
    "windows.csv": f"Case ID;case_id;Naïve\r\nP2;{CASE.upper()};Köln\r\n;{OTHER};\r\n".encode("cp1252"),
    "utf16.txt": f"{CASE}\r\n{OTHER}\r\n".encode("utf-16"),
}


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_gdc_cases_are_found_by_the_published_mapping_whatever_the_export(idc_browser: CommandLine, mapping: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(EXPORTS[name])
    code, output, errors = idc_browser.run("gdc", str(tmp_path / name), "--mapping", str(mapping), "--save", str(tmp_path / "found.txt"), "--json")
    document = json.loads(output)
    assert (code, errors) == (4, "")
    assert [(row["gdc_case_id"], row["PatientID"], row["studies"]) for row in document["cases"]] == [(CASE, "P2", 2)]
    assert document["unmatched"] == [OTHER]
    assert idc_browser.json("plan", str(tmp_path / "found.txt"))["series_count"] == 3


def test_a_submitter_id_that_the_mapping_lacks_is_looked_up_as_patient(idc_browser: CommandLine, mapping: Path, tmp_path: Path) -> None:
    (tmp_path / "cases.txt").write_text("P10\n")
    document = idc_browser.json("gdc", str(tmp_path / "cases.txt"), "--mapping", str(mapping))
    assert document["sources"] == ["lung_ct/P10"] and document["unmatched"] == []


def test_gdc_without_the_mapping_says_how_to_get_it_and_refuses_other_files(idc_browser: CommandLine, mapping: Path, tmp_path: Path) -> None:
    (tmp_path / "cases.txt").write_text(CASE)
    idc_browser.fails(3, "idc-browser indices --fetch gdc_idc_mapping", "gdc", str(tmp_path / "cases.txt"))
    (tmp_path / "empty.txt").write_text("\n ! \n")
    idc_browser.fails(2, "names no case of the GDC", "gdc", str(tmp_path / "empty.txt"), "--mapping", str(mapping))
    (tmp_path / "broken.json").write_text('[{"case_id": ')
    idc_browser.fails(2, "is not valid JSON", "gdc", str(tmp_path / "broken.json"), "--mapping", str(mapping))


def test_a_shared_folder_takes_no_name_of_a_users_file(idc_browser: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    folder.mkdir()
    (folder / "README.txt").write_text("my notes")
    _, _, errors = idc_browser.run("share", "1.2.1.1", "--to", str(folder))
    assert "README.txt, which are kept" in errors
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"README.txt": "my notes"}
    (folder / "README.txt").unlink()
    idc_browser.text("share", "1.2.1.1", "--to", str(folder))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    idc_browser.text("share", "1.2.1.1", "--to", str(folder))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    idc_browser.fails(2, "Choose an empty or a new folder", "share", "1.2.1.2", "--to", str(folder))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_text_for_the_methods_holds_nothing_that_acts_on_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = CitedSource("10.1/x", "Lungs \x1b[2J\u202e", "", ("CC BY 4.0",), 1)
    monkeypatch.setattr(shared_folder, "cite", lambda _catalog, _plan: Citations("25", ("lung_ct",), 1, 10, (source,), 0))
    one = PlannedSeries("1.2", uuid(1), "lung_ct", "P", "1", "CT", None, 1, 10, "CC BY 4.0", "idc-open-data", None, 25, "10.1/x")
    shared_folder.write_shared(SimpleNamespace(info=lambda: {"idc_version": 25}), Plan((one,)), tmp_path / "paper")
    text = (tmp_path / "paper" / "METHODS.txt").read_text(encoding="utf-8")
    assert "Lungs" in text and not {"\x1b", "\u202e"} & set(text)


def test_a_cohort_that_does_not_fit_on_the_disk_leaves_nothing(idc_browser: CommandLine, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=8k") as disk:
        idc_browser.fails(5, f"{disk}/to/share/cohort", "share", "lung_ct", "--to", str(disk / "to" / "share"))
        assert list(disk.iterdir()) == []
