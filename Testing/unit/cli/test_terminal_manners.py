"""Mistyped commands, and tables as people read them."""

from typing import Any

import pytest
from helpers.small_command_line import CommandLine

from IDCBrowserLib.cli import outcome
from IDCBrowserLib.cli.main import EXAMPLES, make_parser
from IDCBrowserLib.cli.outcome import table


@pytest.mark.parametrize(("typed", "meant"), [("serach", "search"), ("downlod", "download"), ("batches", "batch")])
def test_a_mistyped_command_is_told_what_was_meant(idc_browser: CommandLine, typed: str, meant: str) -> None:
    code, output, errors = idc_browser.run(typed, "x")
    assert (code, output) == (2, "") and f"did you mean {meant}?" in errors


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_each_example_of_the_help_can_be_parsed(name: str) -> None:
    for line in EXAMPLES[name]:
        words = line.split()[1:]
        parsed = make_parser([words[0]]).parse_args(words)
        assert parsed.command == words[0]


def test_numbers_stand_at_the_right_with_separators_and_texts_at_the_left() -> None:
    assert table([("a", 1234567, "2.5 MB"), ("long name", 8, "10 B"), (None, None, "")], ("name", "files", "size")).split("\n") == [
        "name           files    size",
        "a          1,234,567  2.5 MB",
        "long name          8    10 B",
        "-                  -       -",
    ]


def test_identifiers_of_digits_and_dots_are_no_numbers() -> None:
    assert table([("1.2.840.10008",), ("1.2",)], ("uid",)).split("\n")[2] == "1.2"


def test_on_a_terminal_a_row_fits_on_a_line_and_elsewhere_nothing_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("x" * 100, 5, "y" * 60)]
    assert "x" * 100 in table(rows, ("one", "n", "two"))

    class Terminal:
        def isatty(self) -> bool:
            return True

    size: Any = type("Size", (), {"columns": 60})
    monkeypatch.setattr(outcome.sys, "stdout", Terminal())
    monkeypatch.setattr(outcome.shutil, "get_terminal_size", lambda: size)
    lines = table(rows, ("one", "n", "two")).split("\n")
    assert all(len(line) <= 60 for line in lines) and "…" in lines[1]
