"""Rows that are written one by one as a Parquet file."""

from pathlib import Path

import duckdb
import pytest

from IDCBrowserLib.catalog.parquet_table import parquet_table
from IDCBrowserLib.errors import StorageError

COLUMNS = {"name": "VARCHAR", "voxels": "BIGINT"}


def test_rows_keep_their_types_quotes_and_line_breaks(tmp_path: Path) -> None:
    out = tmp_path / "Table's é.parquet"
    with parquet_table(out, COLUMNS) as file:
        file.write('name,voxels\n"left ""upper"", lobe\nof the lung",12\n')
    assert duckdb.read_parquet(str(out)).fetchall() == [('left "upper", lobe\nof the lung', 12)]
    assert list(tmp_path.iterdir()) == [out]


def test_files_beside_it_stay_whatever_their_names(tmp_path: Path) -> None:
    theirs = [tmp_path / ".rows.parquet.csv", tmp_path / ".rows.parquet.part"]
    for path in theirs:
        path.write_text("mine")
    with parquet_table(tmp_path / "rows.parquet", COLUMNS) as file:
        file.write("name,voxels\nLiver,12\n")
    assert [path.read_text() for path in theirs] == ["mine", "mine"]


def test_a_failure_leaves_the_former_table_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "rows.parquet"
    out.write_text("former")
    with pytest.raises(ValueError, match="no more rows"), parquet_table(out, COLUMNS) as file:
        file.write("name,voxels\n")
        raise ValueError("no more rows")
    assert out.read_text() == "former" and list(tmp_path.iterdir()) == [out]
    with pytest.raises(StorageError, match="cannot be written"), parquet_table(tmp_path / "gone" / "rows.parquet", COLUMNS):
        pass
