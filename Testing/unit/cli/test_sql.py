"""``idc-browser sql`` on a small catalog."""

import json

from helpers.small_command_line import CommandLine


def test_rows_are_printed_as_objects_and_written_to_a_file(idc_browser: CommandLine) -> None:
    file = idc_browser.home / "rows.json"
    document = idc_browser.json("sql", "SELECT Modality, count(*) AS n FROM index GROUP BY 1 ORDER BY 2 DESC, 1", "--limit", "2", "--out", str(file))
    assert document["rows"] == [{"Modality": "CT", "n": 4}, {"Modality": "MR", "n": 1}]
    assert document["cut"] == "rows"
    assert json.loads(file.read_text(encoding="utf-8")) == document["rows"]


def test_the_tables_are_listed_with_the_way_to_those_that_are_missing(idc_browser: CommandLine) -> None:
    text = idc_browser.text("sql", "--tables")
    assert "index: every series of the current release (6 rows)" in text
    assert "idc-browser indices --fetch seg_index" in text


def test_what_is_no_question_ends_with_a_sentence(idc_browser: CommandLine) -> None:
    idc_browser.fails(2, "Only SELECT can be run", "sql", "DROP VIEW index")
    idc_browser.fails(2, "Give a SELECT in quotes", "sql")
