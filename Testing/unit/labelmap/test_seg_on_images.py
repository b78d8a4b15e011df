"""On which slice of which images a frame of a SEG lies: by the images it names, by its place, by its moment; all numbers from both sides."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from IDCBrowserLib.labelmap.explain import Why
from IDCBrowserLib.labelmap.seg.frame_places import WHYS, FramePlaces
from IDCBrowserLib.labelmap.seg.image_grids import _away_warning, _cover
from IDCBrowserLib.labelmap.seg.on_images import place_frames
from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.volume.image_grid import ImageGrid, ImageSlice

AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
ROWS, COLUMNS = 9, 11


def grid(name: str, first: float = 0.0, *, step: float = 2.0, shape: tuple[int, int] = (ROWS, COLUMNS), pixel: float = 1.0) -> ImageGrid:
    """Six slices from ``first`` mm on, images "A0" to "A5"."""
    geometry = Geometry((6, *shape), (pixel, pixel, step), (0.0, 0.0, first), AXES)
    slices = tuple(ImageSlice("", f"{name}{k}", (0.0, 0.0, first + k * step), 1) for k in range(6))
    return ImageGrid(geometry, slices, name, "1", "P", "D", "1.5", "MR", "", "1", is_regular=True)


def frame(height: float, *names: str, segment: int = 1, moment: int = 0, lean: float = 0.0, lacks: bool = False) -> dict[str, Any]:
    """A frame so many mm up; its rows rise by ``lean`` mm over all columns."""
    return {"height": height, "names": names, "segment": segment, "moment": moment, "lean": lean, "lacks": lacks}


def table(given: Sequence[dict[str, Any]]) -> Any:
    sines = [one["lean"] / (COLUMNS - 1) for one in given]
    orientations = np.array([(np.sqrt(1 - sine * sine), 0, sine, 0, 1, 0) for sine in sines], float)
    # The middle of a leaning frame stays at its height.
    positions = np.array([(0.0, 0.0, one["height"] - one["lean"] / 2) for one in given])
    return SimpleNamespace(
        rows=ROWS,
        columns=COLUMNS,
        count=len(given),
        plane=np.arange(len(given)),
        segment=np.array([one["segment"] for one in given]),
        positions=positions,
        orientations=orientations,
        pixel_spacings=np.ones((len(given), 2)),
        references=tuple(tuple((name.partition(":")[0], int(name.partition(":")[2] or 0)) for name in one["names"]) for one in given),
        moments=tuple(one["moment"] for one in given),
        lacks_place=np.array([one["lacks"] for one in given]),
    )


def placed(given: Sequence[dict[str, Any]], grids: Sequence[ImageGrid], order: Sequence[int] | None = None) -> FramePlaces:
    return place_frames(table(given), grids, list(range(len(grids))) if order is None else order)


def where(*arguments: Any) -> list[tuple[int, int, Why]]:
    """Grid, slice and reason of each frame."""
    found = placed(*arguments)
    return [(int(g), int(k), WHYS[why]) for g, k, why in zip(found.grid, found.k, found.why, strict=True)]


A = grid("A")
NOWHERE = (-1, -1, Why.OUTSIDE)


def test_a_frame_lies_on_the_image_it_names_and_how_far_it_is_off_is_told() -> None:
    given = [frame(4.5, "A2"), frame(3.25, "A2"), frame(8.0, "A4:1"), frame(6.0, "A3:2")]
    found = placed(given, [A])
    assert where(given, [A])[:3] == [(0, 2, Why.NAMED), (0, 2, Why.NAMED), (0, 4, Why.NAMED)]
    # A frame of the file that is not there is no name.
    assert where(given, [A])[3] == (0, 3, Why.AT_PLACE)
    assert found.distance.tolist() == pytest.approx([0.5, -0.75, 0, 0])
    assert found.away.tolist() == [0] * 4


def test_of_several_named_images_the_nearest_counts_and_then_it_is_not_named_alone() -> None:
    found = placed([frame(4.5, "A1", "A2", "A3"), frame(5.2, "A2", "A3"), frame(6, "A3"), frame(6, "A3", "B3")], [A, grid("B")])
    assert found.k.tolist() == [2, 3, 3, 3] and found.grid.tolist() == [0] * 4
    assert found.named_once.tolist() == [False, False, True, True]


@pytest.mark.parametrize(("off", "chosen"), [(0.0008, 0), (0.0012, 1)])
def test_images_are_equally_near_up_to_half_a_thousandth_of_a_slice(off: float, chosen: int) -> None:
    # 0.5 mm from A2, that and a little less from B2; half a thousandth of a slice is 0.001 mm.
    assert placed([frame(4.5, "A2", "B2")], [A, grid("B", off)]).grid.tolist() == [chosen]


def test_what_two_grids_could_have_is_on_the_one_that_most_frames_name_alone_then_on_the_best_in_order() -> None:
    b, both = grid("B"), frame(6, "A3", "B3")
    assert placed([both], [A, b]).grid.tolist() == [0]
    assert placed([both], [A, b], [1, 0]).grid.tolist() == [1]
    assert placed([both], [A, b], [1]).grid.tolist() == [1], "a grid that is not in the order comes after those that are"
    assert placed([both], [A, b, grid("C")], [2]).grid.tolist() == [0], "of those the first"
    assert placed([frame(0, "B0"), frame(2, "B1"), frame(4, "A2"), both], [A, b]).grid.tolist() == [1, 1, 0, 1]
    assert placed([frame(0, "B0"), frame(4, "A2"), both], [A, b]).grid.tolist() == [1, 0, 0]
    # Frames count, not places.
    same = [frame(0, "B0", segment=n) for n in (1, 2, 3)]
    assert placed([*same, frame(4, "A2"), frame(2, "A1"), both], [A, b]).grid.tolist() == [1, 1, 1, 0, 0, 1]
    assert placed([frame(0, "B0"), frame(2, "B1"), frame(4)], [A, b]).grid.tolist() == [1, 1, 1], "also a frame without a name"


@pytest.mark.parametrize(("lean", "why"), [(0.99, Why.NAMED), (1.01, Why.OUTSIDE)])
def test_a_named_frame_may_lean_by_half_a_slice(lean: float, why: Why) -> None:
    found = placed([frame(4, "A2", lean=lean)], [A])
    assert WHYS[found.why[0]] is why and found.across.tolist() == [why is Why.OUTSIDE]


@pytest.mark.parametrize(
    ("height", "expected"),
    [
        (4.0, (0, 2, Why.AT_PLACE)),
        (4.09, (0, 2, Why.AT_PLACE)),
        (4.11, (0, 2, Why.NEAREST)),
        (3.91, (0, 2, Why.AT_PLACE)),
        (3.1, (0, 2, Why.NEAREST)),
        (-1.0, (0, 0, Why.NEAREST)),
        (-1.01, NOWHERE),
        (11.0, (0, 5, Why.NEAREST)),
        (11.01, NOWHERE),
    ],
)
def test_a_frame_without_a_name_is_on_the_slice_at_its_place_or_the_nearest(height: float, expected: tuple[int, int, Why]) -> None:
    assert where([frame(height)], [A]) == [expected]
    assert where([frame(height, "X1")], [A]) == [expected], "the images it names are not given, nor are any others that the SEG names"


@pytest.mark.parametrize(("lean", "is_flat"), [(0.19, True), (0.21, False)])
def test_a_frame_without_a_name_may_lean_by_a_tenth_of_a_slice(lean: float, is_flat: bool) -> None:
    found = placed([frame(4, lean=lean)], [A])
    assert (found.grid[0] == 0) == is_flat and found.across.tolist() == [not is_flat]
    # It is across only where it is so for all grids.
    thick = grid("B", 50, step=40)
    assert placed([frame(4, lean=lean)], [A, thick]).across.tolist() == [False]


def test_an_exact_place_goes_before_a_near_one() -> None:
    assert where([frame(4)], [grid("B", 0.5), A]) == [(1, 2, Why.AT_PLACE)]


@pytest.mark.parametrize(
    ("other", "is_like"), [({"shape": (8, 11)}, False), ({"shape": (9, 12)}, False), ({"pixel": 1.002}, False), ({"pixel": 1.0005}, True)]
)
def test_of_images_at_one_place_those_with_the_pixels_of_the_frame_are_taken(other: dict[str, Any], is_like: bool) -> None:
    assert placed([frame(4)], [grid("B", **other), A]).grid.tolist() == [0 if is_like else 1]


def test_frames_of_images_that_are_not_given_are_left_out_unless_they_alone_are_at_a_place() -> None:
    named = frame(4, "A2")
    assert where([named, frame(6, "X3")], [A])[1] == (0, 3, Why.AT_PLACE)
    assert where([named, frame(6.5, "X3")], [A])[1] == (-1, -1, Why.ABSENT)
    assert where([named, frame(4, "X2")], [A])[1] == (-1, -1, Why.ABSENT), "another frame of the segment is there"
    assert where([named, frame(4, "X2", segment=2)], [A])[1] == (0, 2, Why.AT_PLACE)
    assert where([named, frame(6, "X3")], [A, grid("B")])[1] == (-1, -1, Why.ABSENT), "which phase it is of is not known"
    assert where([named, frame(40, "X3")], [A])[1] == NOWHERE
    assert where([named, frame(6.5, "X3", "A5")], [A])[1] == (0, 3, Why.NEAREST), "one of those it names is given"


def test_a_frame_that_states_no_place_is_absent() -> None:
    assert where([frame(4, "A2"), frame(0, "X1", lacks=True)], [A])[1] == (-1, -1, Why.ABSENT)


@pytest.mark.parametrize(
    ("moments", "order", "grids"),
    [
        ((1, 2), (0, 1), [0, 1]),
        ((2, 1), (0, 1), [1, 0]),
        ((1, 2), (1, 0), [0, 1]),
        ((1, 1), (1, 0), [1, 1]),
        ((2, 2), (0, 1), [1, 1]),
        ((0, 2), (0, 1), [0, 1]),
        ((3, 1), (0, 1), [0, 0]),
        ((0, 0), (0, 1), [0, 0]),
    ],
)
def test_frames_without_names_are_of_the_phase_of_their_moment(moments: tuple[int, int], order: tuple[int, int], grids: list[int]) -> None:
    given = [frame(4, moment=moments[0]), frame(6, moment=moments[1])]
    assert placed(given, [A, grid("B")], order).grid.tolist() == grids


def test_a_moment_says_nothing_where_there_is_one_phase_or_the_frame_names_images() -> None:
    assert placed([frame(4, moment=2), frame(6, moment=1)], [A]).grid.tolist() == [0, 0]
    assert placed([frame(4, "B5", moment=1), frame(6, moment=2)], [A, grid("B")]).grid.tolist() == [1, 1]


def test_a_frame_beside_the_images_it_names_is_of_their_phase_and_how_far_off_it_is_is_told() -> None:
    found = placed([frame(4, "B5"), frame(6, "A3"), frame(8, "A4")], [A, grid("B")])
    assert (found.grid.tolist(), found.k.tolist(), found.away.tolist()) == ([1, 0, 0], [2, 3, 4], [6, 0, 0])
    assert WHYS[found.why[0]] is Why.AT_PLACE


def taken(*others: dict[str, Any]) -> tuple[int, int, Why]:
    """Where the last frame is, of which another one of its segment has the place."""
    return where([frame(4, "A2"), *others], [A])[-1]


def test_a_frame_at_the_place_of_another_of_its_segment_is_on_the_one_image_that_it_names() -> None:
    assert taken(frame(4, "A5")) == (0, 5, Why.NAMED)
    assert taken(frame(4, "A5", segment=2)) == (0, 2, Why.AT_PLACE)
    assert taken(frame(4, "A4", "A5")) == (0, 2, Why.AT_PLACE), "two are no name"
    assert taken(frame(10, "A5"), frame(4, "A5")) == (0, 2, Why.AT_PLACE), "there is a frame of its segment as well"
    assert taken(frame(4, "A5"), frame(4.01, "A5")) == (0, 2, Why.AT_PLACE), "the first of both has it"
    assert taken(frame(4)) == (0, 2, Why.AT_PLACE)


# What is said of them


def test_frames_away_from_their_images_are_counted_by_what_decided() -> None:
    places = FramePlaces.nowhere(5)
    assert _away_warning(places) == ""
    places.away[:] = [0, 2.5, 0, 0, 0]
    assert _away_warning(places) == "1 frame lies up to 2.5 mm from the image that it names; positions decide."
    places.away[:] = [0, 2.5, 7.125, 4, 0]
    places.put(np.array([3]), 0, 1, Why.NAMED, 4.0)
    said = "2 frames lie up to 7.12 mm from the image that they name; positions decide. "
    said += "1 frame lies up to 4 mm from the image that it names; names decide, since other frames of the segment are at those positions."
    assert _away_warning(places) == said


@pytest.mark.parametrize(("off", "is_covered"), [(0.05, False), (0.099, False), (0.11, True), (-0.11, True)])
def test_of_planes_of_several_heights_on_one_slice_the_nearest_counts(off: float, is_covered: bool) -> None:
    places = FramePlaces.nowhere(4)
    frames: Any = SimpleNamespace(segment=np.array([1, 1, 2, 1]))
    for number, (k, distance) in enumerate([(3, off), (3, 0.0), (3, off), (4, off)]):
        places.put(np.array([number]), 0, k, Why.NEAREST, distance)
    _cover(frames, np.arange(4), places, np.full(6, 2.0))
    assert places.is_why(Why.COVERED).tolist() == [is_covered, False, False, False]
    places.put(np.array([0]), 0, 3, Why.NEAREST, off)
    _cover(frames, np.array([0, 2]), places, np.full(6, 2.0))
    assert not places.is_why(Why.COVERED).any()
