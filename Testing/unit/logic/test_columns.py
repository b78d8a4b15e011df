from __future__ import annotations

import pytest

from IDCBrowserLib.logic.tables import columns


@pytest.mark.parametrize(
    ("format_value", "value", "shown"),
    [
        (columns.text, None, "-"),
        (columns.text, "", "-"),
        (columns.text, "  two\n lines ", "two lines"),
        (columns.text, 0, "0"),
        (columns.count, 26410, "26,410"),
        (columns.count, None, "-"),
        (columns.count, 0, "0"),
        (columns.size, 15_500_000, "15.5 MB"),
        (columns.size, None, "-"),
        (columns.megabytes, 0.201382, "201 kB"),
        (columns.megabytes, None, "-"),
        (columns.age, "045Y", "45 y"),
        (columns.age, "006M", "6 m"),
        (columns.age, None, "-"),
        (columns.age, "unknown", "unknown"),
        (columns.age, "071Y,072Y", "71 y, 72 y"),
        (columns.listing, ["CT", None, "SEG"], "CT, SEG"),
        (columns.listing, "CT,SEG", "CT, SEG"),
        (columns.listing, [], "-"),
        (columns.text, float("nan"), "-"),
        (columns.megabytes, float("nan"), "-"),
        (columns.size, float("inf"), "-"),
        (columns.number, float("nan"), "-"),
        (columns.number, 120.0, "120"),
        (columns.number, None, "-"),
        (columns.numbers, [0.0, 1000.0, None], "0, 1000"),
        (columns.numbers, [], "-"),
        (columns.millimeters, 1.25, "1.25 mm"),
        (columns.millimeters, None, "-"),
        (columns.yes_no, True, "yes"),
        (columns.yes_no, False, "no"),
        (columns.yes_no, None, "-"),
    ],
)
def test_values_read_as_people_write_them(format_value, value, shown):
    assert format_value(value) == shown


@pytest.mark.parametrize("level", ["collections", "analysis_results", "cases", "studies", "series"])
def test_every_shown_column_is_one_the_catalog_gives(level):
    from IDCBrowserLib.catalog.columns import LEVEL_COLUMNS
    from IDCBrowserLib.catalog.extra_columns import EXTRA_COLUMNS

    shown = {column.key for column in columns.columns_of(level)} - {columns.STATUS}
    assert shown <= {*LEVEL_COLUMNS[level], *EXTRA_COLUMNS}
    assert {column.key: column.needs for column in columns.columns_of(level) if column.needs} == {
        name: further.side_index for name, further in EXTRA_COLUMNS.items() if name in shown
    }
