"""``idc-browser sql`` on a small catalog."""

import json
from pathlib import Path

import pytest
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


def measured(home: Path, name: str = "measured.parquet") -> Path:
    """Livers of three series of the small catalog, and a kidney."""
    from IDCBrowserLib.api.report import Row
    from IDCBrowserLib.report.table import write_measurements

    def row(series: str, finding: str, value: float) -> Row:
        codes = {"finding": finding, "quantity": "Mean"}
        made = dict.fromkeys(Row.__annotations__)
        made.update({key: {"value": text, "scheme": "SCT", "meaning": text} for key, text in codes.items()}, source_series_uid=series, value=value)
        return made  # type: ignore[return-value]

    path = home / name
    write_measurements(path, [row("1.2.1.1", "Liver", 50.0), row("1.2.1.2", "Liver", 60.0), row("9.9", "Liver", 99.0), row("1.2.1.1", "Kidney", 1.0)])
    return path


LIVER = (
    "SELECT collection_id, avg(value) AS mean, count(*) AS n FROM measurements JOIN index ON SeriesInstanceUID = source_series_uid "
    "WHERE finding = 'Liver' GROUP BY 1"
)


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_file_of_measurements_is_a_table_beside_those_of_idc(idc_browser: CommandLine, ending: str) -> None:
    path = measured(idc_browser.home, f"it's [1] measured.{ending}")
    assert idc_browser.json("sql", LIVER, "--measurements", str(path))["rows"] == [{"collection_id": "lung_ct", "mean": 55.0, "n": 2}]
    tables = {table["name"]: table for table in idc_browser.json("sql", "--tables", "--measurements", str(path))["tables"]}
    assert tables["measurements"]["rows"] == 4 and ["source_series_uid", "VARCHAR"] in tables["measurements"]["columns"]
    assert "measurements" not in {table["name"] for table in idc_browser.json("sql", "--tables")["tables"]}


def test_the_offered_query_of_livers_by_age_runs(idc_browser: CommandLine) -> None:
    import shlex

    import duckdb

    from IDCBrowserLib.catalog.about.clinical_tables import own_folder
    from IDCBrowserLib.cli.examples import LIVER_BY_AGE

    clinical = own_folder("25") / "nlst_prsn"
    clinical.mkdir(parents=True)
    duckdb.sql("SELECT 'P2' AS dicom_patient_id, 63 AS age").write_parquet(str(clinical / "000.parquet"))
    query = shlex.split(LIVER_BY_AGE)[-1].replace("'nlst'", "'lung_ct'")
    assert idc_browser.json("sql", query, "--measurements", str(measured(idc_browser.home)))["rows"] == [
        {"age_from": 60, "mean_hu": 55.0, "livers": 2}
    ]


def test_only_a_file_of_measurements_can_be_named_and_nothing_else_can_be_read(idc_browser: CommandLine, tmp_path: Path) -> None:
    path = measured(idc_browser.home)
    (tmp_path / "text.csv").write_text("a\n1\n")
    (tmp_path / "no.parquet").write_bytes(b"PAR1")
    idc_browser.fails(2, "is damaged, or no file of measurements", "sql", LIVER, "--measurements", str(tmp_path / "text.csv"))
    idc_browser.fails(2, "is not a file on this computer", "sql", LIVER, "--measurements", str(tmp_path / "gone.parquet"))
    idc_browser.fails(2, "neither a Parquet nor a CSV file", "sql", LIVER, "--measurements", str(tmp_path / "text.txt"))
    idc_browser.fails(2, "is damaged, or no file of measurements", "sql", LIVER, "--measurements", str(tmp_path / "no.parquet"))
    idc_browser.fails(2, "has no column", "sql", LIVER, "--measurements", str(idc_browser.write_extra()))
    other = measured(idc_browser.home, "other.parquet")
    for query in (f"SELECT * FROM '{other}'", f"SELECT * FROM read_parquet('{other}')", f"COPY measurements TO '{tmp_path / 'x.csv'}'"):
        code, output, _errors = idc_browser.run("sql", query, "--measurements", str(path), "--json")
        assert (code, output) == (2, "")
