"""A file of measurements as a table of queries: two forms that say the same, and what is said of files that are none."""

from pathlib import Path

import duckdb
import pytest

from IDCBrowserLib.api.report import Row
from IDCBrowserLib.catalog.about.clinical_tables import ClinicalTables
from IDCBrowserLib.catalog.expert import sql
from IDCBrowserLib.catalog.expert.measurements_file import describe_measurements, with_measurements
from IDCBrowserLib.catalog.expert.sql_tables import describe, table_files
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.report.table import flat_columns, write_measurements
from IDCBrowserLib.task import Task

HEAD = ",".join(flat_columns()) + "\n"


def row(series: str, value: float | None, segment: int | None) -> Row:
    made = dict.fromkeys(Row.__annotations__)
    liver = {"value": "10200004", "scheme": "SCT", "meaning": 'Liver, "whole"'}
    made.update(finding=liver, source_series_uid=series, value=value, segment_number=segment, tracking_id="-1\nfirst")
    return made  # type: ignore[return-value]


def written(folder: Path, ending: str) -> Path:
    path = folder / f"rows.{ending}"
    write_measurements(path, [row("1.2.1.1", -50.25, 5), row("1.2.1.2", None, None)])
    return path


def test_both_forms_have_the_same_columns_types_and_values(tmp_path: Path) -> None:
    paths = [written(tmp_path, ending) for ending in ("parquet", "csv")]
    tables = [describe_measurements(path, Task()) for path in paths]
    assert tables[0]["columns"] == tables[1]["columns"] and [table["rows"] for table in tables] == [2, 2]
    query = "SELECT source_series_uid, value, segment_number, finding, qualifier FROM measurements ORDER BY 1"
    answers = [sql.run(with_measurements({}, path), query, Task()).rows for path in paths]
    assert answers[0] == answers[1] == [["1.2.1.1", -50.25, 5, 'Liver, "whole"', None], ["1.2.1.2", None, None, 'Liver, "whole"', None]]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("random.csv", bytes(range(256)) * 400),
        ("random.parquet", b"PAR1" + bytes(range(256)) * 4 + b"PAR1"),
        ("empty.csv", b""),
        ("empty.parquet", b""),
        ("fewer cells.csv", HEAD.encode() + b"a,b\n"),
        ("a line of megabytes.csv", HEAD.encode() + b'"' + b"x" * 5_000_000 + b"\n"),
        ("another table.csv", b"a,b\n1,2\n"),
        ("semicolons.csv", HEAD.replace(",", ";").encode()),
        ("open quotes.csv", HEAD.encode() + b'"open\n'),
        ("another encoding.csv", HEAD.encode() + b"\xe9," * (len(flat_columns()) - 1) + b"\n"),
    ],
)
def test_what_is_no_file_of_measurements_is_one_sentence_that_names_it(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        describe_measurements(path, Task())
    assert str(caught.value) == f"{path} is damaged, or no file of measurements. Make it again: idc-browser measurements SOURCE... --out FILE.parquet"


def test_a_parquet_file_of_something_else_lacks_a_column(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    duckdb.sql("SELECT 1 AS value, 'x' AS sr_series_uid").write_parquet(str(path))
    with pytest.raises(InputError, match="has no column source_series_uid: it was not written by"):
        describe_measurements(path, Task())


def test_only_that_file_can_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, "csv")
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n", encoding="utf-8")
    files = with_measurements({}, path)
    for query in (f"SELECT * FROM read_csv('{other}')", f"SELECT * FROM '{other}'", f"SELECT * FROM read_text('{path}')"):
        with pytest.raises(InputError, match="only the listed tables can be read"):
            sql.run(files, query, Task())


def test_a_file_that_went_meanwhile_is_said_and_the_others_answer(sources: Sources, tmp_path: Path) -> None:
    path = written(tmp_path, "parquet")
    files = with_measurements(table_files(sources), path)
    path.write_bytes(b"PAR1PAR1")
    with pytest.raises(InputError, match="is damaged, or no file of measurements"):
        sql.run(files, "SELECT * FROM measurements", Task())
    assert sql.run(files, "SELECT count(*) FROM index", Task()).rows == [[6]]


def test_measurements_are_joined_with_what_clinical_tables_say_of_the_case(sources: Sources, tmp_path: Path) -> None:
    clinical = tmp_path / "clinical" / "lung_ct_persons"
    clinical.mkdir(parents=True)
    patients = "SELECT PatientID AS dicom_patient_id, 61 AS age FROM index"
    index = f"read_parquet('{sources.series[0]}')"
    duckdb.sql(patients.replace("index", index)).write_parquet(str(clinical / "000.parquet"))
    (tmp_path / "clinical" / "no table").mkdir()
    files = table_files(sources, (), ClinicalTables(None, (tmp_path / "clinical", tmp_path / "gone")))
    assert [table["name"] for table in describe(files)][-1] == "lung_ct_persons"
    query = (
        "SELECT DISTINCT age, value FROM measurements JOIN index ON SeriesInstanceUID = source_series_uid "
        "JOIN lung_ct_persons ON dicom_patient_id = PatientID WHERE value IS NOT NULL"
    )
    assert sql.run(with_measurements(files, written(tmp_path, "csv")), query, Task()).rows == [[61, -50.25]]


def test_a_clinical_table_that_is_not_here_has_a_way_to_it(sources: Sources, tmp_path: Path) -> None:
    index = tmp_path / "clinical_index.parquet"
    duckdb.sql("SELECT 'nlst' AS collection_id, 'nlst_prsn' AS short_table_name, 'age' AS \"column\"").write_parquet(str(index))
    files = {**table_files(sources), "clinical_index": [index]}
    with pytest.raises(InputError, match=r"nlst_prsn is a clinical table of the collection nlst .* idc-browser clinical nlst --fetch"):
        sql.run(files, "SELECT * FROM nlst_prsn", Task())
    with pytest.raises(InputError, match=r"Table with name nowhere does not exist\. Did you mean [^ ]*$"):
        sql.run(files, "SELECT * FROM nowhere", Task())
    with pytest.raises(InputError, match="If it is a clinical table of IDC, fetch clinical_index first"):
        sql.run(table_files(sources), "SELECT * FROM nlst_prsn", Task())
    assert [(table["name"], table["kind"], table["here"]) for table in describe(files)][-1] == ("nlst_prsn", "clinical", False)
