"""Measurements as CSV and Parquet."""

import csv
from pathlib import Path

import duckdb
import pytest
from helpers import made_reports as made

from IDCBrowserLib.api.report import Row
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.report.measurements import measurements_of
from IDCBrowserLib.report.read import read_report
from IDCBrowserLib.report.sources import rows_of
from IDCBrowserLib.report.table import flat_columns, write_measurements


@pytest.fixture
def rows(tmp_path: Path) -> list[Row]:
    group = made.group(
        [made.number(made.code("vol", meaning="Volume"), "2.5", "mm3"), made.text(made.code("121106", "DCM", "Comment"), "=1+1")], "=cmd()"
    )
    report = read_report(made.save(made.measurement_report([group]), tmp_path / "report.dcm"))
    return list(rows_of(report, measurements_of(report)))


def test_a_spreadsheet_computes_nothing_of_it(tmp_path: Path, rows: list[Row]) -> None:
    write_measurements(tmp_path / "rows.csv", rows)
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert list(read[0]) == flat_columns()
    assert [row["tracking_id"] for row in read] == ["'=cmd()", "'=cmd()"]
    assert (read[0]["quantity"], read[0]["quantity_code"], read[0]["value"], read[0]["unit_code"]) == ("Volume", "vol", "2.5", "mm3")
    assert (read[1]["value"], read[1]["value_text"]) == ("", "'=1+1")


def test_parquet_keeps_numbers_as_numbers_and_what_is_missing_as_missing(tmp_path: Path, rows: list[Row]) -> None:
    write_measurements(tmp_path / "rows.parquet", rows)
    found = duckdb.sql(f"SELECT value, value_text, laterality, tracking_id FROM '{tmp_path / 'rows.parquet'}'").fetchall()
    assert found == [(2.5, None, None, "=cmd()"), (None, "=1+1", None, "=cmd()")]


def test_a_table_without_rows_still_has_its_columns(tmp_path: Path) -> None:
    write_measurements(tmp_path / "none.parquet", [])
    assert duckdb.sql(f"SELECT * FROM '{tmp_path / 'none.parquet'}'").columns == flat_columns()


@pytest.mark.parametrize("name", ["rows.xlsx", "rows", "no folder/rows.csv"])
def test_a_name_that_cannot_be_written_is_refused_before_anything_is_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        write_measurements(tmp_path / name, [])
