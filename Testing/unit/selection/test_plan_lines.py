"""What is said of lines that name nothing: the beginning of a long one, and rows of tables that are no rows."""

from __future__ import annotations

import pytest

from IDCBrowserLib.selection.command_line import Unusable, parse_command
from IDCBrowserLib.selection.parsed_source import IDENTIFIER, RequestedItem

UUID = "28621ba9-1aca-4aab-a2a1-f6d2c3e2ab19"


@pytest.mark.parametrize("length", [199, 200, 201, 5000])
def test_of_a_long_line_the_first_two_hundred_characters_are_said(length: int) -> None:
    assert len(RequestedItem(IDENTIFIER, "x", "s", 1, "y" * length).missing("nothing").text) == min(length, 200)


@pytest.mark.parametrize("options", ["--include '*'", "--include=*", "--include '*.dcm'"])
def test_a_pattern_that_takes_everything_takes_the_series(options: str) -> None:
    assert parse_command(f"cp {options} s3://idc-open-data/{UUID}/* .", "s", 1).wanted.value == UUID


@pytest.mark.parametrize("options", ["--include '1*'", "--include=1.dcm", "--exclude '*'", "--exclude=a"])
def test_a_pattern_that_takes_a_part_is_said(options: str) -> None:
    with pytest.raises(Unusable, match=r"it chooses files by --(include|exclude) "):
        parse_command(f"cp {options} s3://idc-open-data/{UUID}/* .", "s", 1)
