"""Answers as a table, read back by other programs."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from helpers.made_review import made_list

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.review.answers import Correction, Segment
from IDCBrowserLib.review.review_file import ReviewFile
from IDCBrowserLib.review.table import COLUMNS, write_answers


@pytest.fixture
def review(tmp_path: Path) -> Iterator[ReviewFile]:
    opened = ReviewFile(made_list(tmp_path / "list.idcreview"))
    opened.begin("A")
    opened.learn_segments(
        0, [Segment("1.2.0.9/1", "=Liver", "Liver (SCT 10200004)", "1.2.0.2", "1.2.0.9", "1.2.840.10008.5.1.4.1.1.66.4", 1, "1.2.0.1")]
    )
    opened.answer("A", 0, "", "image", 4)
    opened.answer("A", 0, "", "discuss", True)
    opened.answer("A", 0, "1.2.0.9/1", "use", "usable")
    opened.spend("A", 0, 12.34)
    opened.corrected(Correction("A", 0, "1.2.0.2", "list-corrections/a.dcm"))
    yield opened
    opened.close()


def test_csv_has_one_row_for_each_answer_and_no_formula(review: ReviewFile, tmp_path: Path) -> None:
    assert write_answers(tmp_path / "answers.csv", review) == 3
    with open(tmp_path / "answers.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["entry"], row["question"], row["value"], row["number"], row["seconds"]) for row in rows] == [
        ("1", "image", "4", "4.0", "12.3"),
        ("1", "discuss", "yes", "1.0", "12.3"),
        ("1", "use", "usable", "", "12.3"),
    ]
    assert rows[2]["segment"] == "'=Liver"
    assert (rows[2]["segmentation_SOPInstanceUID"], rows[2]["segment_number"], rows[2]["correction"]) == ("1.2.0.9", "1", "list-corrections/a.dcm")
    assert (rows[0]["segment"], rows[0]["correction"]) == ("", "")


def test_parquet_has_the_same_rows_with_types(review: ReviewFile, tmp_path: Path) -> None:
    write_answers(tmp_path / "answers.parquet", review)
    rows = pq.read_table(tmp_path / "answers.parquet").to_pylist()
    assert [(row["entry"], row["number"], row["segment"]) for row in rows] == [(1, 4.0, None), (1, 1.0, None), (1, None, "=Liver")]


def test_a_list_without_answers_is_a_table_without_rows(tmp_path: Path) -> None:
    opened = ReviewFile(made_list(tmp_path / "list.idcreview"))
    assert write_answers(tmp_path / "answers.parquet", opened) == 0
    assert pq.read_table(tmp_path / "answers.parquet").column_names == list(COLUMNS)
    opened.close()


def test_another_ending_is_refused(review: ReviewFile, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must end in"):
        write_answers(tmp_path / "answers.xlsx", review)
    assert not (tmp_path / "answers.xlsx").exists()
