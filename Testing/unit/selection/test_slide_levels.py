"""Where the choice of a level ends: the last size that still fits, and the first that does not."""

from __future__ import annotations

from typing import Any

import pytest

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.slide_levels import LevelChoice


def level(number: int | None, size: int | None, rows: int = 0, kind: str = "level") -> Any:
    return {"number": number, "kind": kind, "bytes": size, "rows": rows, "columns": 1 << 10}


LEVELS = [level(0, 4_000_000, 4096), level(1, 2_000_000, 1024), level(2, 250_000, 256), level(None, 1000, 1, "label")]


def numbers(choice: LevelChoice, levels: list[Any]) -> list[int | None]:
    return [one["number"] for one in choice.of_slide(levels)]


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("4MB", 0),
        ("3.999999 MB", 1),
        ("2000kB", 1),
        ("1999.999kB", 2),
        ("0.004GB", 0),
        # None is that small: the smallest, never the label.
        ("1kB", 2),
        ("4MP", 0),
        ("3.999MP", 1),
        ("1mp", 1),
        ("0.25MP", 2),
        ("0MP", 2),
    ],
)
def test_the_largest_level_that_is_not_larger_is_chosen(asked: str, number: int) -> None:
    assert numbers(LevelChoice.of([asked]), LEVELS) == [number]


@pytest.mark.parametrize("unknown", [0, None])
def test_a_level_of_unknown_size_fits_no_limit(unknown: int | None) -> None:
    assert numbers(LevelChoice.of(["3MB"]), [level(0, unknown), *LEVELS[1:]]) == [1]
    assert numbers(LevelChoice.of(["3MB"]), [level(0, unknown), level(1, unknown)]) == [1]


def test_a_slide_that_is_a_label_only_has_no_largest_level() -> None:
    assert numbers(LevelChoice.of(["3MB", "16MP"]), LEVELS[3:]) == []
    assert numbers(LevelChoice.of(["3MB", "label"]), LEVELS[3:]) == [None]


def test_a_number_has_at_most_three_digits() -> None:
    assert LevelChoice.of(["999"]).numbers == {999}
    with pytest.raises(InputError, match="no level '1000'"):
        LevelChoice.of(["1000"])


def test_a_long_word_is_named_by_its_first_forty_letters() -> None:
    with pytest.raises(InputError, match=rf"no level '{'x' * 40}' of"):
        LevelChoice.of(["x" * 41])


def test_no_wish_is_no_choice() -> None:
    assert not LevelChoice.of([]) and LevelChoice.of(["0"])
