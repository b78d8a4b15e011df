"""Rows of a query as bars: guessed axes, groups, ranges, and numbers that are none."""

from __future__ import annotations

from typing import Any

import pytest

from IDCBrowserLib.api.expert import is_number
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


@pytest.mark.parametrize("kind", ["INTEGER", "UTINYINT", "HUGEINT", "BIGNUM", "FLOAT", "DECIMAL(18,3)", "NUMBER", "double"])
def test_columns_of_numbers_are_known_by_their_type(kind: str) -> None:
    assert is_number(kind)


@pytest.mark.parametrize(
    "kind", ["INTERVAL", "STRUCT(x INTEGER)", "INTEGER[]", "INTEGER[3]", "MAP(INTEGER, INTEGER)", "ENUM('x', 'FLOAT')", "POINT", "DATE"]
)
def test_types_that_only_mention_numbers_have_none(kind: str) -> None:
    assert not is_number(kind)
    rows = [[f"{number} days", number] for number in range(MAX_BARS + 1)]
    assert chart([("value", kind), ("n", INT)], rows)["more"] == 1


@pytest.mark.parametrize("value", ["1e{}", "{}.5"])
def test_numbers_that_came_as_texts_are_grouped(value: str) -> None:
    found = chart([("x", "DECIMAL(38,10)")], [[value.format(number)] for number in range(MAX_BARS + 2)], 0, "rows")
    assert (len(found["bars"]), found["more"]) == (MAX_BARS, 2)


def test_the_widest_and_the_narrowest_ranges_of_numbers_are_drawn() -> None:
    wide = chart([("x", DOUBLE)], [[sign * 1.7e308 * number / 50] for number in range(50) for sign in (1, -1)])
    narrow = chart([("x", DOUBLE)], [[number * 5e-324] for number in range(100)])
    assert (sum(value for _label, value in bars(wide)), sum(value for _label, value in bars(narrow))) == (100, 100)
