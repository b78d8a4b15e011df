from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from IDCBrowserLib.engine.query_results import QueryResult
from IDCBrowserLib.errors import InputError, StorageError
from IDCBrowserLib.selection.rows_file import write_rows


def result(columns: list[str], rows: list[list[object]]) -> QueryResult:
    return QueryResult(tuple((name, "VARCHAR") for name in columns), rows, "")


@pytest.mark.parametrize(
    ("columns", "row", "named"),
    [
        (["Modality", "SeriesInstanceUID", "StudyInstanceUID"], ["CT", "1.2", "1"], ("series", ["1.2"])),
        (["StudyInstanceUID", "PatientID", "collection_id"], ["1", "P", "c"], ("studies", ["1"])),
        (["patientid", "COLLECTION_ID"], ["P", "c"], ("cases", ["c/P"])),
        (["collection_id", "n"], ["c", 3], ("collections", ["c"])),
        (["crdc_series_uuid"], ["u"], ("series", ["u"])),
    ],
)
def test_rows_stand_for_what_their_columns_name(columns: list[str], row: list[object], named: tuple[str, list[str]]) -> None:
    assert result(columns, [row, row]).ids() == named


def test_some_rows_stand_for_themselves_and_empty_ones_for_nothing() -> None:
    made = result(["SeriesInstanceUID"], [["1"], [None], ["3"], ["4"]])
    assert made.ids([[0, 1], [3, 3]]) == ("series", ["1", "4"])


def test_rows_without_identifiers_say_which_columns_would_do() -> None:
    with pytest.raises(InputError, match="SeriesInstanceUID"):
        result(["Modality"], [["CT"]]).ids()


def test_sorting_keeps_empty_values_last_in_both_directions() -> None:
    made = result(["n"], [[2], [None], [10], ["b"], ["A"]])
    made.sort(0, False)
    assert made.rows == [[2], [10], ["A"], ["b"], [None]]
    made.sort(0, True)
    assert made.rows == [["b"], ["A"], [10], [2], [None]]
    with pytest.raises(InputError):
        made.sort(1, False)


def test_rows_are_written_as_csv_tsv_and_json(tmp_path: Path) -> None:
    rows = [["a,b", None, ["x", "y"]], ["=1+1", 2, {"k": "ü"}]]
    for name, delimiter in (("rows.csv", ","), ("rows.TSV", "\t")):
        write_rows(tmp_path / name, ["s", "n", "l"], rows)
        read = list(csv.reader((tmp_path / name).read_text(encoding="utf-8").splitlines(), delimiter=delimiter))
        assert read == [["s", "n", "l"], ["a,b", "", '["x", "y"]'], ["'=1+1", "2", '{"k": "ü"}']]
    write_rows(tmp_path / "rows.json", ["s", "n", "l"], rows)
    assert json.loads((tmp_path / "rows.json").read_text(encoding="utf-8"))[1] == {"s": "=1+1", "n": 2, "l": {"k": "ü"}}


def test_a_file_that_cannot_be_written_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"name must end in \.csv"):
        write_rows(tmp_path / "rows.xlsx", ["n"], [[1]])
    with pytest.raises(StorageError, match="missing"):
        write_rows(tmp_path / "missing" / "rows.csv", ["n"], [[1]])
    assert list(tmp_path.iterdir()) == []
