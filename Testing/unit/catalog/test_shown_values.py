"""Acquisition and geometry in words."""

from typing import Any

import pytest

from IDCBrowserLib.catalog.about.acquisition import volume_in_words
from IDCBrowserLib.catalog.about.shown_values import age, extent, pair, plain, scaled, sex, text

VARY = "slice spacing varies, or slices are missing"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        ("", ""),
        (float("nan"), ""),
        (0.9765625, "0.97656"),
        (120.0, "120"),
        (True, "yes"),
        (["B30f", None, "B30f"], "B30f"),
        (0, "0"),
        ([float(number) for number in range(32)], ", ".join(map(str, range(30))) + " and 2 more"),
    ],
)
def test_values_are_said_as_people_read_them(value: Any, said: str) -> None:
    assert text(value) == said


def test_units_stand_only_where_there_is_a_value() -> None:
    row = {"a": 100.0, "b": 300.0, "dose": 3.7e8, "times": [60000.0, 60000.0, 90000.0], "none": None}
    assert plain("a", "kV")(row) == "100 kV"
    assert plain("none", "kV")(row) == ""
    assert pair("a", "b", "mm")(row) == "100 x 300 mm"
    assert pair("a", "none", "mm")(row) == "100 mm"
    assert extent("a", "b", "mA")(row) == "100 to 300 mA"
    assert extent("a", "a", "mA")(row) == "100 mA"
    assert scaled("dose", 1e-6, "MBq")(row) == "370 MBq"
    assert scaled("times", 1e-3, "s")(row) == "60, 90 s"
    assert scaled("none", 1, "s")(row) == scaled("absent", 1, "s")(row) == ""


def test_ages_and_sexes_are_words() -> None:
    assert [age(value) for value in ("060Y", "001M", "003W", None, "old", "")] == ["60 years", "1 month", "3 weeks", "", "old", ""]
    assert [sex(value) for value in ("F", "M", "O", "F, M", None)] == ["Female", "Male", "Other", "F, M", ""]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"regularly_spaced_3d_volume": True}, "Forms a regular 3D volume"),
        (
            {"regularly_spaced_3d_volume": False, "unique_slice_positions": False, "uniform_slice_spacing": False},
            "Does not form a regular 3D volume: several images are at the same position (phases, echoes or repetitions); " + VARY,
        ),
        (
            {"regularly_spaced_3d_volume": False, "consistent_in_plane_row": False, "consistent_in_plane_col": False},
            "Does not form a regular 3D volume: its images are shifted against each other (gantry tilt or table motion)",
        ),
        ({"regularly_spaced_3d_volume": False}, "Does not form a regular 3D volume"),
        ({"regularly_spaced_3d_volume": None}, ""),
        ({}, ""),
    ],
)
def test_whether_a_series_is_a_volume_is_said_with_the_reason(row: dict[str, Any], said: str) -> None:
    assert volume_in_words(row) == said
