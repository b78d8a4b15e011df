"""Which stack some slices tell before the others have come: numbers, places and stated distances, each from both sides."""

from __future__ import annotations

from typing import Any

import pytest
from helpers.frames import frame

from IDCBrowserLib.volume.frames import Frame
from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.volume.stack_of_some import StackOfSome, is_like, stack_of_some, thinned


def numbered(*numbers: int, step: float = 2.0, **values: Any) -> list[Frame]:
    """Slices ``step`` mm apart, number 1 at 100 mm."""
    return [frame(100.0 + step * (number - 1), number, **values) for number in numbers]


def reach(found: StackOfSome | None) -> tuple[float, float, int, tuple[int, ...]] | None:
    """Where it begins along the normal, mm between slices, how many, and which of them are here."""
    if found is None:
        return None
    geometry = found.geometry
    return geometry.origin[2], geometry.spacing[2], geometry.shape[0], found.indices


def test_numbers_tell_the_distance_where_no_slice_has_its_neighbor() -> None:
    assert reach(stack_of_some(numbered(12, 1, 23), 30)) == (100.0, 2.0, 30, (11, 0, 22))


def test_a_series_may_be_numbered_from_its_upper_end() -> None:
    downward = [frame(100.0 - 2.0 * number, number) for number in (3, 5, 6)]
    assert reach(stack_of_some(downward, 10)) == (80.0, 2.0, 10, (7, 5, 4))


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        ((2, 5, 10), (100.0, 2.0, 10, (1, 4, 9))),
        ((1, 5, 10), (100.0, 2.0, 10, (0, 4, 9))),
        ((0, 5, 9), (98.0, 2.0, 10, (0, 5, 9))),
        ((0, 5, 10), None),
        ((2, 5, 11), None),
        ((-1, 5, 8), None),
    ],
)
def test_a_series_of_ten_is_numbered_from_one_or_nought(numbers: tuple[int, ...], found: tuple[Any, ...] | None) -> None:
    assert reach(stack_of_some(numbered(*numbers), 10)) == found


@pytest.mark.parametrize(("count", "tells"), [(2, False), (3, True)])
def test_three_slices_with_numbers_tell_a_stack(count: int, tells: bool) -> None:
    assert (stack_of_some(numbered(*range(1, count + 1)), 20) is not None) is tells


@pytest.mark.parametrize(("count", "expected", "tells"), [(7, 20, False), (8, 20, True), (4, 4, True), (4, 5, False)])
def test_without_numbers_eight_slices_or_all_tell_a_stack_between_them(count: int, expected: int, tells: bool) -> None:
    found = reach(stack_of_some([frame(2.0 * k, 1) for k in range(count)], expected))
    assert found == ((0.0, 2.0, count, tuple(range(count))) if tells else None)


def test_a_stated_distance_is_taken_where_numbers_tell_none() -> None:
    """Every third slice: 2 mm are as likely as 6, unless the slices say which."""
    apart = [frame(6.0 * k, 1, thickness=thickness) for k, thickness in enumerate([None, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0])]
    assert reach(stack_of_some(apart, 30)) == (0.0, 2.0, 22, tuple(range(0, 24, 3)))
    assert reach(stack_of_some([frame(6.0 * k, 1) for k in range(8)], 30)) == (0.0, 6.0, 8, tuple(range(8)))


@pytest.mark.parametrize(("sideways", "tells"), [(0.099, True), (0.101, False)])
def test_slices_beside_each_other_are_no_stack(sideways: float, tells: bool) -> None:
    frames = numbered(1, 2, 3, 4, spacing=(1.0, 0.7))
    frames[2] = frame(104.0, 3, position=(0.0, sideways, 104.0), spacing=(1.0, 0.7))
    assert (stack_of_some(frames, 10) is not None) is tells


def test_several_slices_at_one_place_are_no_stack() -> None:
    assert stack_of_some([*numbered(1, 2, 3, 4), frame(104.0, 8)], 10) is None


def test_the_stack_has_the_size_and_pixels_of_its_slices() -> None:
    found = stack_of_some([frame(z, number, position=(-3.0, 7.0, float(z))) for number, z in ((1, 0), (2, 3), (3, 6))], 3)
    assert found is not None
    assert found.geometry == Geometry((3, 4, 6), (0.5, 0.5, 3.0), (-3.0, 7.0, 0.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))


@pytest.mark.parametrize(
    ("values", "is_alike"),
    [
        ({}, True),
        ({"rows": 5}, False),
        ({"columns": 5}, False),
        ({"is_color": True}, False),
        ({"row": (1.0, 0.0009, 0.0)}, True),
        ({"row": (1.0, 0.0011, 0.0)}, False),
        ({"column": (0.0, 1.0, -0.0009)}, True),
        ({"column": (0.0, 1.0, -0.0011)}, False),
        ({"spacing": (0.5 * 1.0009, 0.5)}, True),
        ({"spacing": (0.5, 0.5 * 1.0011)}, False),
    ],
)
def test_slices_of_one_stack_have_one_size_and_direction(values: dict[str, Any], is_alike: bool) -> None:
    assert is_like(frame(3, 4, **values), frame()) is is_alike


@pytest.mark.parametrize(
    ("step", "shape", "spacing"), [(1, (3, 5, 8), (0.5, 0.7, 2.0)), (2, (3, 3, 4), (1.0, 1.4, 2.0)), (4, (3, 2, 2), (2.0, 2.8, 2.0))]
)
def test_every_so_many_th_pixel_has_a_grid_with_larger_ones(step: int, shape: tuple[int, int, int], spacing: tuple[float, float, float]) -> None:
    directions = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
    found = thinned(Geometry((3, 5, 8), (0.5, 0.7, 2.0), (1.0, 2.0, 3.0), directions), step)
    assert (found.shape, found.spacing, found.origin) == (shape, pytest.approx(spacing), (1.0, 2.0, 3.0))
