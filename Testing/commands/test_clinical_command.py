"""``clinical``: values of many cases as one table, from generated tables on this computer or in a local bucket."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from helpers.clinical_files import bucket_answers, write_index, write_tables
from helpers.side_files import FileServer
from helpers.small_command_line import CommandLine

from idc_browser import find
from IDCBrowserLib.catalog import database
from IDCBrowserLib.catalog.about.clinical_tables import own_folder
from IDCBrowserLib.catalog.files.sources import Sources

NAMES = ["lung_ct_demographics", "lung_ct_visits"]


@pytest.fixture
def release(idc_browser: CommandLine, sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    write_index(tmp_path / "indices")
    monkeypatch.setattr(database, "find_sources", lambda: replace(sources, side_folders=(tmp_path / "indices",)))
    return sources.data_version.partition(".")[0]


@pytest.fixture
def tables(release: str) -> Path:
    write_tables(own_folder(release))
    return own_folder(release)


def test_values_of_the_cases_are_printed_with_labels_and_codes_in_words(idc_browser: CommandLine, tables: Path) -> None:
    document = idc_browser.json("clinical", "lung_ct")
    assert document["tables"] == {"lung_ct": NAMES} and document["missing"] == {}
    assert document["values"][0] == {
        "collection_id": "lung_ct",
        "PatientID": "P10",
        "table": "lung_ct_demographics",
        "row": 1,
        "column": "gender",
        "label": "Sex of the patient",
        "value": "1",
        "meaning": "Male",
    }
    visits = [value for value in document["values"] if value["table"] == "lung_ct_visits"]
    assert [value["row"] for value in visits] == list(range(1, 30))
    assert "Sex of the patient" in idc_browser.text("clinical", "lung_ct/P10")


def test_visits_of_a_case_keep_the_order_of_the_table(idc_browser: CommandLine, tables: Path) -> None:
    file = next((tables / NAMES[1]).iterdir())
    with duckdb.connect() as connection:
        query = "SELECT if(day % 2 = 0, 'P2', 'P10') AS dicom_patient_id, day FROM range(200) t(day)"
        connection.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet)")
    values = [value for value in idc_browser.json("clinical", "lung_ct")["values"] if value["table"] == NAMES[1]]
    assert [(value["PatientID"], value["row"], value["value"]) for value in values] == [
        (patient, row, str(2 * (row - 1) + odd)) for patient, odd in (("P10", 1), ("P2", 0)) for row in range(1, 101)
    ]
    assert {value["column"] for value in values} == {"day"}


def test_only_the_cases_that_were_asked_for_are_told(idc_browser: CommandLine, tables: Path) -> None:
    values = idc_browser.json("clinical", "lung_ct/P10")["values"]
    assert {value["PatientID"] for value in values} == {"P10"}
    assert [(value["column"], value["value"]) for value in values] == [("gender", "1"), ("packs_per_day", "3.5")]


def test_the_table_is_written_for_spreadsheets_and_for_programs(idc_browser: CommandLine, tables: Path, tmp_path: Path) -> None:
    told = idc_browser.json("clinical", "lung_ct", "--out", str(tmp_path / "all.parquet"))
    assert (told["rows"], told["cases"]) == (33, 2)
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT PatientID, meaning FROM '{tmp_path / 'all.parquet'}' WHERE \"column\" = 'gender' ORDER BY 1").fetchall()
    assert found == [("P10", "Male"), ("P2", "Female")]
    idc_browser.json("clinical", "lung_ct/P10", "--out", str(tmp_path / "one.csv"))
    with (tmp_path / "one.csv").open() as file:
        assert [row["meaning"] for row in csv.DictReader(file)] == ["Male", "3.5"]


def test_formulas_of_a_table_are_text_in_a_spreadsheet_and_as_they_are_elsewhere(idc_browser: CommandLine, tables: Path, tmp_path: Path) -> None:
    file = next((tables / NAMES[0]).iterdir())
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 'P10' AS dicom_patient_id, '=1+1' AS note) TO '{file}' (FORMAT parquet)")
    idc_browser.json("clinical", "lung_ct/P10", "--out", str(tmp_path / "one.csv"))
    assert ",'=1+1," in (tmp_path / "one.csv").read_text()
    assert idc_browser.json("clinical", "lung_ct/P10")["values"][0]["value"] == "=1+1"


def test_tables_that_are_not_here_are_named_and_fetched_when_that_is_wanted(idc_browser: CommandLine, release: str, tmp_path: Path) -> None:
    code, output, errors = idc_browser.run("clinical", "lung_ct", "--json")
    assert code == 3 and json.loads(output)["missing"] == {"lung_ct": NAMES}
    assert "lung_ct_demographics" in errors and "--fetch" in errors
    write_tables(tmp_path / "bucket")
    with FileServer(bucket_answers(tmp_path / "bucket", int(release))) as server:
        document = idc_browser.json("clinical", "lung_ct", "--fetch", "--endpoint-url", server.url)
    assert document["missing"] == {} and len(document["values"]) == 33


def test_what_is_there_is_told_when_a_table_is_missing(idc_browser: CommandLine, tables: Path) -> None:
    (tables / NAMES[1] / "000000000000.parquet").unlink()
    code, output, _ = idc_browser.run("clinical", "lung_ct", "--json")
    assert code == 4 and len(json.loads(output)["values"]) == 4


def test_without_the_index_file_the_command_that_gets_it_is_named(idc_browser: CommandLine) -> None:
    idc_browser.fails(2, "idc-browser indices --fetch clinical_index", "clinical", "lung_ct")


def test_another_ending_is_refused_before_anything_is_done(idc_browser: CommandLine, tmp_path: Path) -> None:
    idc_browser.fails(2, ".csv or .parquet", "clinical", "lung_ct", "--out", str(tmp_path / "all.xlsx"))
    assert list(tmp_path.glob("all*")) == []


def test_a_damaged_table_leaves_no_file(idc_browser: CommandLine, tables: Path, tmp_path: Path) -> None:
    next((tables / NAMES[1]).iterdir()).write_bytes(b"PAR1 nonsense PAR1")
    code, _, errors = idc_browser.run("clinical", "lung_ct", "--out", str(tmp_path / "all.csv"))
    assert code != 0 and "lung_ct_visits" in errors
    assert not (tmp_path / "all.csv").exists() and not list(tmp_path.glob(".all*"))


def test_python_gives_the_same_values_and_fetches_what_is_missing(idc_browser: CommandLine, release: str, tmp_path: Path) -> None:
    write_tables(tmp_path / "bucket")
    with FileServer(bucket_answers(tmp_path / "bucket", int(release))) as server:
        values = find(collection="lung_ct").clinical(endpoint_url=server.url)
    assert values == idc_browser.json("clinical", "lung_ct")["values"]
    assert len(values) == 33


def series_of(idc_browser: CommandLine, *filters: str) -> tuple[set[str], str]:
    """The last numbers of the series that filters leave, and what was said."""
    code, output, errors = idc_browser.run("list", "series", "--json", *(part for one in filters for part in ("--filter", one)))
    assert code == 0, errors
    return {row["SeriesInstanceUID"].rpartition(".")[2] for row in json.loads(output)}, errors


def test_a_clinical_attribute_is_a_filter_in_words_by_its_label_or_its_column(idc_browser: CommandLine, tables: Path) -> None:
    assert series_of(idc_browser, "clinical:Sex of the patient=Male") == ({"21"}, "")
    found, errors = series_of(idc_browser, "clinical:gender!=Male", "collection_id=lung_ct")
    assert found == {"1", "2", "3", "41"} and "clinical:gender was taken as clinical:Sex of the patient." in errors
    assert series_of(idc_browser, "clinical:Day of the visit=3..5")[0] == {"1", "2", "3"}
    assert series_of(idc_browser, "clinical:Day of the visit>=29", "Modality=CT")[0] == {"1", "2"}
    assert series_of(idc_browser, "clinical:Day of the visit>=30")[0] == set()
    assert idc_browser.json("summary", "--filter", "clinical:Stage=IIIA")["cases"] == 1


def test_wrong_names_and_codes_say_what_was_meant(idc_browser: CommandLine, tables: Path) -> None:
    found, errors = series_of(idc_browser, "clinical:gender=1")
    assert found == {"21"} and "clinical:Sex of the patient=1 was taken as clinical:Sex of the patient=Male." in errors
    found, errors = series_of(idc_browser, "clinical:Stage=iiia")
    assert found == {"1", "2", "3"} and "was taken as clinical:Stage=IIIA" in errors
    idc_browser.fails(2, "Did you mean clinical:Stage?", "list", "series", "--filter", "clinical:stgae=IIIA")
    twice = ("--filter", "clinical:gender=Male", "--filter", "clinical:Sex of the patient=Female")
    idc_browser.fails(2, "are the same clinical attribute; use one of these names", "list", "series", *twice)
    idc_browser.fails(2, "contains text; a range needs numbers", "list", "series", "--filter", "clinical:Stage>=2")


def test_facets_list_the_clinical_attributes_of_what_the_filters_leave(idc_browser: CommandLine, tables: Path) -> None:
    found = idc_browser.json("facets", "--clinical", "--filter", "Modality=CT")
    assert found["clinical:Sex of the patient"] == {"Female": 2, "": 1, "Male": 1}
    assert found["clinical:Day of the visit"]["1"] == 2 and found["clinical:Day of the visit"][""] == 2
    assert not [key for key in idc_browser.json("facets") if key.startswith("clinical:")]
    assert not [key for key in idc_browser.json("facets", "--clinical", "--filter", "Modality=MR") if key.startswith("clinical:")]


def test_a_filter_without_its_tables_says_how_to_get_them(idc_browser: CommandLine, release: str) -> None:
    idc_browser.fails(3, "idc-browser clinical lung_ct --fetch", "list", "series", "--filter", "clinical:Stage=IIIA")
