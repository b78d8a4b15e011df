"""``idc-browser measurements``."""

from pathlib import Path

import pytest
from helpers import made_reports as made
from helpers.small_command_line import CommandLine


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "SR files é"
    folder.mkdir()
    group = made.group([made.number(made.code("vol", meaning="Volume"), "2.5", "mm3")], "Lesion 1")
    made.save(made.measurement_report([group]), folder / "one.dcm")
    made.save(made.report(made.code("1", meaning="Chest X-Ray Report"), [made.text(made.code("2"), "normal")]), folder / "text.dcm")
    (folder / "LICENSE").write_text("not DICOM, and not of any interest here")
    return folder


def test_a_folder_gives_the_rows_of_its_reports_and_lists_the_other_files(idc_browser: CommandLine, reports: Path) -> None:
    document = idc_browser.json("measurements", str(reports))
    (row,) = document["rows"]
    assert row["quantity"] == {"value": "vol", "scheme": "99TEST", "meaning": "Volume"}
    assert (row["value"], row["group"], row["tracking_id"], row["sr_series_uid"], row["laterality"]) == (2.5, 0, "Lesion 1", "1.2.3.9", None)
    others = {Path(other["file"]).name: (other["title"], other["reason"].split(";")[0]) for other in document["others"]}
    assert others == {"LICENSE": ("", "not a DICOM file"), "text.dcm": ("Chest X-Ray Report", "no measurement report (TID 1500)")}


def test_the_table_is_written_beside_what_is_printed(idc_browser: CommandLine, reports: Path, tmp_path: Path) -> None:
    text = idc_browser.text("measurements", str(reports / "one.dcm"), "--out", str(tmp_path / "rows.csv"))
    assert text.startswith("1 measurement in 1 report.") and "Lesion 1" in text
    assert (tmp_path / "rows.csv").read_text().count("\n") == 2


def test_an_ending_that_is_no_table_is_wrong_input(idc_browser: CommandLine, reports: Path) -> None:
    idc_browser.fails(2, "must end in .csv or .parquet", "measurements", str(reports), "--out", "rows.txt")


def test_a_single_file_that_is_no_report_is_wrong_input_and_one_of_several_a_failure(idc_browser: CommandLine, reports: Path) -> None:
    code, _, errors = idc_browser.run("measurements", str(reports / "LICENSE"), "--json")
    assert code != 0 and "LICENSE" in errors
    other = made.report(None, [])
    other.SOPClassUID = made.CT_CLASS
    made.save(other, reports / "ct.dcm")
    code, _, errors = idc_browser.run("measurements", str(reports / "ct.dcm"), "--json")
    assert code == 2 and "no report but CT Image Storage" in errors
    code, output, _ = idc_browser.run("measurements", str(reports / "one.dcm"), str(reports / "ct.dcm"), "--json")
    assert code == 4 and '"value": 2.5' in output


def test_what_has_to_be_fetched_needs_a_folder(idc_browser: CommandLine) -> None:
    idc_browser.fails(2, "--to DIR", "measurements", "1.2.1.1")
