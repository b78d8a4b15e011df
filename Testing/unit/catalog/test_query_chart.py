"""Rows of a query as bars: guessed axes, groups, ranges, and numbers that are none."""

from __future__ import annotations

from typing import Any

import pytest

from IDCBrowserLib.catalog.expert.chart import MAX_BARS, chart
from IDCBrowserLib.errors import InputError

TEXT, INT, DOUBLE = "VARCHAR", "BIGINT", "DOUBLE"


def bars(found: Any) -> list[tuple[Any, float]]:
    return [(bar["label"], bar["value"]) for bar in found["bars"]]


def test_a_number_for_each_name_is_that_number_in_the_order_of_the_query() -> None:
    found = chart([("Modality", TEXT), ("n", INT)], [["MR", 2], ["CT", 9], ["PT", 4]])
    assert (found["label"], found["value"]) == (0, "mean:1")
    assert bars(found) == [("MR", 2.0), ("CT", 9.0), ("PT", 4.0)]


def test_names_that_repeat_are_counted_most_first() -> None:
    found = chart([("id", TEXT), ("Modality", TEXT), ("size", DOUBLE)], [[str(number), "CT" if number % 3 else None, 1.0] for number in range(60)])
    assert (found["label"], found["value"]) == (1, "rows")
    assert bars(found) == [("CT", 40.0), (None, 20.0)]


def test_numbers_alone_are_a_histogram_of_round_ranges() -> None:
    found = chart([("mm", DOUBLE)], [[number / 10] for number in range(100)] + [[None], [float("nan")]])
    assert bars(found)[:2] == [("0 to 1", 10.0), ("1 to 2", 10.0)]
    assert bars(found)[-1] == (None, 2.0)
    assert sum(value for _label, value in bars(found)) == 102


def test_years_stay_in_their_order() -> None:
    rows = [[2003, 5], [2001, 7], [2002, 1]]
    assert bars(chart([("year", INT), ("n", INT)], rows)) == [("2001", 7.0), ("2002", 1.0), ("2003", 5.0)]


def test_a_person_chooses_other_columns() -> None:
    rows = [["CT", 1.0, 4], ["CT", 3.0, 4], ["MR", None, 5]]
    columns = [("m", TEXT), ("x", DOUBLE), ("n", INT)]
    assert bars(chart(columns, rows, 0, "mean:1")) == [("CT", 2.0)]
    assert bars(chart(columns, rows, 0, "sum:2")) == [("CT", 8.0), ("MR", 5.0)]
    assert bars(chart(columns, rows, 2, "rows")) == [("4", 2.0), ("5", 1.0)]


def test_more_bars_than_people_look_at_are_counted() -> None:
    found = chart([("id", TEXT)], [[f"a{number}"] for number in range(100)], 0, "rows")
    assert (len(found["bars"]), found["more"]) == (MAX_BARS, 100 - MAX_BARS)


@pytest.mark.parametrize(("label", "value"), [(7, "rows"), (0, "mean:0"), (0, "mean:9"), (0, "sum"), (0, "median:1"), (-1, "rows")])
def test_what_is_no_axis_is_refused(label: int, value: str) -> None:
    with pytest.raises(InputError):
        chart([("m", TEXT), ("n", INT)], [["CT", 1]], label, value)


@pytest.mark.parametrize("rows", [[], [[None, None]], [[["a", "b"], {"c": 1}]], [[True, False]], [["x", 10**30]], [["", -5]]])
def test_whatever_the_rows_hold_there_is_a_chart(rows: Any) -> None:
    assert chart([("a", "VARCHAR[]"), ("b", INT)], rows)["more"] == 0


def test_one_number_everywhere_is_one_bar() -> None:
    assert bars(chart([("x", DOUBLE)], [[2.5]] * 5)) == [("2.5", 5.0)]
