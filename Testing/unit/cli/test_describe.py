"""``idc-browser describe``."""

import json
from pathlib import Path

import pytest
from helpers import made_reports as made
from helpers.small_command_line import CommandLine


@pytest.fixture
def report(tmp_path: Path) -> Path:
    group = made.group([made.number(made.code("vol", meaning="Volume"), "2.5", "mm3")], "Lesion 1")
    return made.save(made.measurement_report([group], {"1.4.1": "1.4"}), tmp_path / "one é.dcm")


def test_one_file_is_one_document(idc_browser: CommandLine, report: Path) -> None:
    document = idc_browser.json("describe", str(report))
    assert {"kind", "title", "text", "modality", "sop_class", "series", "references", "details"} <= document.keys()
    assert (document["kind"], document["text"], document["series"]) == ("Report", "Report: 1 measurement of 1 group", "1.2.3.9")
    assert document["references"] == [
        {"relation": "about", "series": "1.4", "sop_class": made.CT_CLASS, "kind": "CT image", "objects": 1, "sop_instances": ["1.4.1"]}
    ]


def test_several_files_are_a_list_and_one_that_cannot_be_read_is_told(idc_browser: CommandLine, report: Path, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("nothing of interest, and certainly no DICOM file")
    code, output, _ = idc_browser.run("describe", str(report), str(tmp_path / "other"), "--json")
    described, failed = json.loads(output)
    assert (code, described["kind"]) == (4, "Report") and "not a DICOM file" in failed["error"]


def test_the_text_of_a_report_is_printed_and_nothing_in_it_acts_on_the_terminal(idc_browser: CommandLine, tmp_path: Path) -> None:
    path = made.save(
        made.report(made.code("1", meaning="Letter"), [made.text(made.code("2", meaning="Said"), "all \x1b[31mgood")]), tmp_path / "t.dcm"
    )
    text = idc_browser.text("describe", str(path))
    assert "Letter\n    Said: all \\x1b[31mgood" in text


def test_what_is_not_there_and_what_is_no_dicom_file(idc_browser: CommandLine, tmp_path: Path) -> None:
    idc_browser.fails(3, "does not exist", "describe", str(tmp_path / "nothing"))
    (tmp_path / "text").write_text("hello " * 100)
    idc_browser.fails(2, "not a DICOM file", "describe", str(tmp_path / "text"))
