"""Rows of a table as a file, in the form that its name asks for."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from IDCBrowserLib.errors import InputError, StorageError
from IDCBrowserLib.selection.rows_file import write_rows, write_table

COLUMNS = ("name", "values")
ROWS = [('Größe, "x"', ["a", "b"]), (None, {"b": 1}), ("=1+1", 2.5)]


@pytest.mark.parametrize(("name", "mark"), [("t.csv", ","), ("t.TSV", "\t")])
def test_cells_of_a_table_are_texts_and_lists_are_json(tmp_path: Path, name: str, mark: str) -> None:
    write_rows(tmp_path / name, COLUMNS, [("a", ["b"]), (None, 2.5)])
    assert (tmp_path / name).read_text(encoding="utf-8") == {
        ",": 'name,values\na,"[""b""]"\n,2.5\n',
        "\t": 'name\tvalues\na\t"[""b""]"\n\t2.5\n',
    }[mark]


def test_json_keeps_lists_letters_and_what_is_not_stated(tmp_path: Path) -> None:
    write_rows(tmp_path / "t.json", COLUMNS, ROWS)
    text = (tmp_path / "t.json").read_text(encoding="utf-8")
    assert json.loads(text) == [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]
    assert "Größe" in text and text.startswith('[\n {\n  "name"') and text.endswith("]\n")


def test_a_row_of_another_length_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        write_rows(tmp_path / "t.json", COLUMNS, [("a",)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["t.txt", "t", "csv", "t.csv.gz"])
def test_another_ending_is_refused_with_those_that_are_known(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"\.csv, \.tsv, \.json"):
        write_rows(tmp_path / name, COLUMNS, ROWS)
    assert list(tmp_path.iterdir()) == []


HOSTILE = ["", "a\rb", "a\r\nb", "\0", 'a "b", c', "é" * 3_000_000, "NULL", None, "\u2028", "'"]


def test_whatever_a_text_holds_a_parquet_table_has_it_again(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    rows = [[number, value] for number, value in enumerate(HOSTILE)]
    assert write_table(tmp_path / "t.parquet", ("number", "text"), {"number": "int64"}, iter(rows)) == len(rows)
    assert [list(row.values()) for row in pq.read_table(tmp_path / "t.parquet").to_pylist()] == rows


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names of files are Unicode there")
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_names_that_are_no_utf_8_can_be_written_to_and_stand_in_a_table(tmp_path: Path, ending: str) -> None:
    import duckdb

    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    folder.mkdir()
    path = folder / f"t{ending}"
    assert write_table(path, ("name",), {}, [[str(path)], ["é"]]) == 2
    path.rename(tmp_path / path.name)
    found = duckdb.sql(f"SELECT name FROM '{tmp_path / path.name}'").fetchall()
    assert [name for (name,) in found] == [f"{tmp_path}/\\udcff/t{ending}", "é"]


def test_a_table_of_many_columns_is_written_part_by_part(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    columns = [f"c{number}" for number in range(2000)]
    write_table(tmp_path / "t.parquet", columns, {}, ([str(row)] * len(columns) for row in range(1200)))
    file = pq.ParquetFile(tmp_path / "t.parquet")
    assert (file.metadata.num_rows, file.metadata.num_row_groups) == (1200, 3)


def test_a_table_is_csv_or_parquet(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"must end in \.csv or \.parquet"):
        write_table(tmp_path / "t.json", COLUMNS, {}, ROWS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_failure_leaves_the_former_table_and_files_beside_it(tmp_path: Path, ending: str) -> None:
    def rows() -> Iterator[list[str]]:
        yield ["x"]
        raise ValueError("no more rows")

    out, theirs = tmp_path / f"t{ending}", tmp_path / f".t{ending}.part"
    for path in (out, theirs):
        path.write_text("former")
    with pytest.raises(ValueError, match="no more rows"):
        write_table(out, ("name",), {}, rows())
    with pytest.raises(StorageError, match="cannot be written"):
        write_table(tmp_path / "gone" / out.name, ("name",), {}, [["x"]])
    assert sorted(tmp_path.iterdir()) == sorted([out, theirs]) and out.read_text() == theirs.read_text() == "former"
