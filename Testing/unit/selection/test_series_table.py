"""A plan of very many series: as columns it says and cuts the same as a list of its series."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pytest

from IDCBrowserLib.selection.plan import Plan, PlannedSeries
from IDCBrowserLib.selection.presets import subset_of
from IDCBrowserLib.selection.series_table import SeriesTable, read_table

ROWS = [
    ("1.1", "uuid-1", "lung", "P1", "1", "CT", "axial", 10, 1_500_000, "CC BY 4.0", "idc-open-data", "10.1/x"),
    ("1.2", "uuid-2", "lung", "P1", "1", "SEG", None, 1, 500_000, "CC BY-NC 4.0", "idc-open-data-two", "10.1/y"),
    ("1.3", "uuid-3", "head", "P3", "2", None, None, None, 0, None, None, None),
]
MORE = PlannedSeries("1.9", "uuid-9", "head", "P2", "2", "CT", None, 3, 7, None, "", None, 24, None, is_prior=True)


def arrow(rows: Sequence[tuple[object, ...]] = ROWS) -> pa.Table:
    names = ["SeriesInstanceUID", "crdc_series_uuid", "collection_id", "PatientID", "StudyInstanceUID", "Modality", "SeriesDescription"]
    names += ["instanceCount", "size_bytes", "license_short_name", "aws_bucket", "source_DOI"]
    kinds = [pa.string()] * 7 + [pa.int64()] * 2 + [pa.string()] * 3
    return pa.table({name: pa.array([row[at] for row in rows], kind) for at, (name, kind) in enumerate(zip(names, kinds, strict=True))})


@pytest.fixture
def both() -> tuple[SeriesTable, list[PlannedSeries]]:
    """Four series as columns with one more behind them, and as a list."""
    table = SeriesTable(arrow(), [MORE], 25)
    return table, list(table)


def test_rows_are_series_of_the_release_with_empty_texts_for_what_is_not_stated() -> None:
    first, second, third = SeriesTable(arrow(), idc_version=25)
    assert first == PlannedSeries(
        "1.1", "uuid-1", "lung", "P1", "1", "CT", "axial", 10, 1_500_000, "CC BY 4.0", "idc-open-data", "idc-open-data", 25, "10.1/x"
    )
    assert second.gcs_bucket == "idc-open-idc1"
    assert (third.modality, third.aws_bucket, third.gcs_bucket, third.license) == ("", "", None, None)


@pytest.mark.parametrize("start", [None, 0, 1, 2, 3, 4, 5, -1, -2])
@pytest.mark.parametrize("stop", [None, 0, 1, 3, 4, 9, -1])
@pytest.mark.parametrize("step", [None, 2, -1])
def test_it_is_cut_like_a_list(both: tuple[SeriesTable, list[PlannedSeries]], start: int | None, stop: int | None, step: int | None) -> None:
    table, as_list = both
    assert list(table[start:stop:step]) == as_list[start:stop:step]


def test_it_is_counted_and_indexed_like_a_list(both: tuple[SeriesTable, list[PlannedSeries]]) -> None:
    table, as_list = both
    assert len(table) == len(as_list) == 4
    assert [table[number] for number in range(-4, 4)] == [*as_list, *as_list]


def test_its_totals_are_those_of_its_series(both: tuple[SeriesTable, list[PlannedSeries]]) -> None:
    table, as_list = both
    assert Plan(table).to_json() == Plan(as_list).to_json()
    assert Plan(table).counts == {"collections": 2, "cases": 3, "studies": 2}
    assert Plan(table).total_bytes == 2_000_007
    assert Plan(table).modalities == {"CT": 2, "SEG": 1, "not stated": 1}


def test_a_preset_keeps_the_same_of_both(both: tuple[SeriesTable, list[PlannedSeries]]) -> None:
    table, _ = both
    kept = table.kept(subset_of(["modality:CT"]).keeps)
    assert [item.series_uid for item in kept] == ["1.1", "1.9"]
    assert [item.series_uid for item in table.kept(subset_of(["commercial"]).keeps)] == ["1.1", "1.3", "1.9"]
    assert kept[0].idc_version == 25


def test_more_series_follow_and_those_that_are_there_stay_once(both: tuple[SeriesTable, list[PlannedSeries]]) -> None:
    table, as_list = both
    other = MORE._replace(crdc_series_uuid="uuid-10")
    assert table.with_more([]) is table
    assert list(table.with_more([as_list[0], other])) == [*as_list, other]
    assert table.with_more([other])[0].idc_version == 25


def test_an_empty_one_has_no_bytes() -> None:
    table = SeriesTable(arrow([]))
    assert (len(table), table.total_bytes(), list(table)) == (0, 0, [])


@pytest.mark.parametrize(("rows", "kind"), [(20_000, tuple), (20_001, SeriesTable)])
def test_up_to_twenty_thousand_series_are_objects(rows: int, kind: type) -> None:
    table = arrow([ROWS[0]]).take([0] * rows)
    read = read_table(table.to_reader(), 25)
    assert type(read) is kind and len(read) == rows
    assert read[-1].idc_version == 25
