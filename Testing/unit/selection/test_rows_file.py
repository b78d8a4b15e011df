"""Rows of a table as a file, in the form that its name asks for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.rows_file import write_rows

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
