"""Text from outside in terminals and spreadsheets."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from IDCBrowserLib.safe_text import cell, one_line, printable


@pytest.mark.parametrize("text", ["\x1b[2J", "\x9b31m", "a\u202eb", "\u2066x\u2069", "\x07", "\u200f", "\x7f"])
def test_what_a_terminal_acts_on_is_shown_as_an_escape(text: str) -> None:
    assert "\\" in printable(text) and printable(text).isprintable()


def test_lines_and_tabs_stay_in_a_text_and_not_in_a_cell() -> None:
    assert printable("a\tb\nc") == "a\tb\nc"
    assert one_line("a\tb\r\nc") == "a b  c"


@pytest.mark.parametrize("text", ["Müller 胸部", "plain", "a-b", "P_1"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert (printable(text), one_line(text), cell(text)) == (text, text, text)


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", " =1", "\t=1", "\uff1d1", "-x"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text).startswith("'")


@pytest.mark.parametrize("value", ["-1.5", "+3", "-2e-3", 4, -4.5])
def test_a_number_stays_one(value: object) -> None:
    assert cell(value) == value


def test_lists_are_json_and_nothing_is_empty() -> None:
    assert (cell(None), cell(["a", 1]), cell({"a": "ä"})) == ("", '["a", 1]', '{"a": "ä"}')


@given(st.text())
def test_whatever_a_cell_holds_a_table_keeps_its_shape_and_computes_nothing(text: str) -> None:
    file = io.StringIO()
    csv.writer(file).writerow([cell(text), "end"])
    ((shown, end),) = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert end == "end" and not shown.lstrip(" ").startswith(("=", "@"))
    assert printable(shown) == shown
