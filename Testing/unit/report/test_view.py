"""Measurements as a table in the window."""

from pathlib import Path

import pytest
from helpers import made_reports as made

from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.report.measurements import measurements_of
from IDCBrowserLib.report.read import read_report
from IDCBrowserLib.report.view import MeasurementTable


@pytest.fixture
def table(tmp_path: Path) -> MeasurementTable:
    def lesion(name: str, volume: str, number: int) -> list:  # type: ignore[type-arg]
        segment = made.image(made.SEG_CLASS, "1.7.7", made.code("121191", "DCM"), segments=[number])
        rating = made.coded(made.code("rating", meaning="Malignancy"), made.code("5", meaning="5 of 5"))
        return [made.group([segment, made.site("Lung"), made.number(made.code("vol", meaning="Volume"), volume, "mm3"), rating], name)]

    groups = [*lesion("Lesion A", "10", 1), *lesion("Lesion B", "9", 2)]
    report = read_report(made.save(made.measurement_report(groups, {"1.7.7": "1.7"}), tmp_path / "r.dcm"))
    return MeasurementTable.of_reports([(report, measurements_of(report))])


def column(table: MeasurementTable, key: str) -> int:
    return [item.key for item in table.columns].index(key)


def test_what_is_the_same_everywhere_is_said_once_and_empty_columns_are_none(table: MeasurementTable) -> None:
    assert table.common == [("Site", "Lung")]
    assert [item.title for item in table.columns] == ["Tracking", "Measurement", "Value", "Unit", "Segment", "Group"]
    assert table.rows[0] == ["Lesion A", "Volume", 10.0, "mm3", 1, 1]


def test_numbers_are_sorted_by_size_before_texts_and_empty_cells_come_last(table: MeasurementTable) -> None:
    value, unit = column(table, "value"), column(table, "unit")
    table.show("", value, False)
    assert [row[value] for row in table.rows] == [9.0, 10.0, "5 of 5", "5 of 5"]
    for descending in (False, True):
        table.show("", unit, descending)
        assert [row[unit] for row in table.rows] == ["mm3", "mm3", None, None]


def test_every_word_has_to_occur_somewhere_in_the_row(table: MeasurementTable) -> None:
    table.show("lesion b VOL", None, False)
    assert table.rows == [["Lesion B", "Volume", 9.0, "mm3", 2, 2]]
    assert [row["value"] for row in table.documents()] == [9.0]
    table.show("nothing like it", None, False)
    assert table.total == 0 and table.page(0, 10) == []


def test_a_row_leads_to_its_segment_also_after_sorting(table: MeasurementTable) -> None:
    table.show("volume", column(table, "value"), False)
    place = table.place(0)
    assert (place.name, place.segment_number, place.segmentation_sop_uid, place.segmentation_series_uid) == ("Lesion B", 2, "1.7.7", "1.7")
    with pytest.raises(NotFoundError):
        table.place(2)
    with pytest.raises(InputError):
        table.show("", 17, False)


def test_a_table_without_rows_has_no_columns() -> None:
    empty = MeasurementTable([])
    assert (empty.total, empty.columns, empty.common, empty.rows) == (0, [], [], [])
