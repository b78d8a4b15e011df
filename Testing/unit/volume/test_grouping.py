"""Frames of any order become stacks: what is parallel, what is a phase or a pass, where a volume ends; numbers from both sides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from helpers.frames import frame, stack

from IDCBrowserLib.volume.frames import Frame
from IDCBrowserLib.volume.image_grid import ImageGrid
from IDCBrowserLib.volume.passes import split_passes
from IDCBrowserLib.volume.phases import split_phases
from IDCBrowserLib.volume.sense import nonsense
from IDCBrowserLib.volume.stacking import stack_frames


def sizes(frames: Sequence[Frame]) -> list[int]:
    return [len(grid.present_slices) for grid in stack_frames(frames)]


def labels(grids: Sequence[ImageGrid]) -> list[str]:
    return [grid.label for grid in grids]


# What belongs together


@pytest.mark.parametrize(("turn", "grids"), [(0.0009, 1), (0.0011, 2)])
def test_directions_that_differ_by_a_thousandth_are_one(turn: float, grids: int) -> None:
    turned = {"row": (1.0, 0.0, turn)}, {"column": (0.0, 1.0, -turn)}, {"row": (1.0, -turn, 0.0)}
    for change in turned:
        assert len(stack_frames([*stack([0, 1, 2]), frame(3, 4, **change)])) == grids


@pytest.mark.parametrize(("factor", "grids"), [(1.0009, 1), (0.9991, 1), (1.0011, 2), (0.9989, 2)])
def test_pixels_that_differ_by_a_thousandth_are_one_size(factor: float, grids: int) -> None:
    for spacing in ((0.5 * factor, 0.5), (0.5, 0.5 * factor)):
        assert len(stack_frames([*stack([0, 1, 2]), frame(3, 4, spacing=spacing)])) == grids


@pytest.mark.parametrize("change", [{"rows": 5}, {"columns": 5}, {"is_color": True}, {"reference": "1.6"}, {"series": "1.3"}])
def test_another_size_kind_series_or_frame_of_reference_is_a_grid_of_its_own(change: dict[str, Any]) -> None:
    assert sorted(sizes([*stack([0, 1, 2]), frame(3, 4, **change), frame(4, 5, **change)])) == [2, 3]


def test_a_frame_of_reference_for_each_file_is_none_and_one_for_some_is() -> None:
    each = [frame(z, z + 1, reference=f"1.{z}") for z in range(3)]
    [grid] = stack_frames(each)
    assert "frame of reference of its own" in grid.warnings[0]
    assert len(stack_frames([*each, frame(3, 4, reference="1.0")])) == 3
    # Frames of one file share its own, and one image alone says nothing.
    assert stack_frames([frame(0, 1), frame(1, 2, path="1.dcm")])[0].warnings == ()
    assert stack_frames(each[:1])[0].warnings == ("There is one slice and it states no thickness; 1 mm is assumed.",)


# Which grid comes first


def test_placed_before_unplaced_gray_before_color_and_large_before_small() -> None:
    small, large = stack([0, 1], rows=5), stack([0, 1, 2], rows=6)
    color, unplaced = stack([0, 1, 2, 3], is_color=True), stack([0, 1, 2, 3, 4], position_assumed=True, rows=7)
    grids = stack_frames([*unplaced, *color, *small, *large])
    assert [grid.geometry.shape for grid in grids] == [(3, 6, 6), (2, 5, 6), (4, 4, 6), (5, 7, 6)]
    assert [(grid.is_placed, grid.is_color) for grid in grids] == [(True, False), (True, False), (True, True), (False, False)]


def test_the_largest_has_most_voxels_not_most_slices() -> None:
    assert [grid.geometry.shape for grid in stack_frames([*stack([0, 1, 2]), *stack([0, 1], rows=40)])] == [(2, 40, 6), (3, 4, 6)]
    assert [grid.geometry.shape for grid in stack_frames([*stack([0, 1, 2]), *stack([0, 1], columns=40)])] == [(2, 4, 40), (3, 4, 6)]


# Slabs


@pytest.mark.parametrize(
    ("places", "parts"),
    [
        # Together longer than twice the slices would be: cut where the distance is more than four times the usual one.
        ([0, 1, 2, 3, 4, 15, 16, 17], [5, 3]),
        ([0, 1, 2, 3, 4, 5, 6, 14], [8]),
        ([0, 1, 2, 3, 4, 5, 6, 14.1], [8]),
        ([0, 1, 2, 13], [3, 1]),
        ([0, 1], [2]),
        ([0, 40], [2]),
    ],
)
def test_slabs_far_apart_are_volumes_of_their_own(places: list[float], parts: list[int]) -> None:
    assert sizes(stack(places)) == parts


@pytest.mark.parametrize(("gap", "parts"), [(4.0, 1), (4.1, 2)])
def test_a_cut_is_wider_than_four_times_the_usual_distance(gap: float, parts: int) -> None:
    # Many small gaps make the whole long; only those wider than four times the usual distance are cuts.
    places = np.cumsum([0, 1, 1, 1, gap, 1, 20, 1, 1, 1]).tolist()
    assert len(sizes(stack(places))) == 1 + parts


def test_one_place_twice_is_two_phases() -> None:
    frames = [frame(z, 1 + z + 3 * phase, labels={"EchoTime": str(10 - phase)}) for phase in range(2) for z in range(3)]
    grids = stack_frames(frames)
    assert labels(grids) == ["EchoTime 9", "EchoTime 10"]
    assert [grid.slices[0].sop_instance_uid for grid in grids if grid.slices[0]] == ["1.2.4", "1.2.1"]


# One slice


@pytest.mark.parametrize(("thickness", "step", "said"), [(None, 1.0, "no thickness; 1 mm is assumed"), (2.5, 2.5, "stated thickness of 2.5 mm")])
def test_one_slice_is_as_thick_as_it_says(thickness: float | None, step: float, said: str) -> None:
    [grid] = stack_frames([frame(thickness=thickness)])
    assert grid.geometry.spacing == (0.5, 0.5, step)
    assert said in grid.warnings[0] and len(grid.warnings) == 1


def test_what_was_assumed_is_said_once_and_first() -> None:
    [grid] = stack_frames(stack([0, 1, 2], note="a note", position_assumed=True, spacing_assumed=True))
    assert grid.warnings == (
        "a note",
        "The image states no position in the patient; it is put at the origin.",
        "The images state no Pixel Spacing; 1 mm is assumed.",
    )


def test_missing_slices_are_counted() -> None:
    [grid] = stack_frames(stack([0, 1, 2, 4, 5, 6, 8]))
    assert "2 of 9 slices are missing" in grid.warnings[0]
    assert [number for number, image in enumerate(grid.slices) if image is None] == [3, 7]


def test_places_of_uneven_slices_are_counted_from_the_first() -> None:
    [grid] = stack_frames(stack([5, 6, 8, 9.5, 11]))
    assert grid.centers == (0.0, 1.0, 3.0, 4.5, 6.0)
    assert stack_frames(stack([5, 6, 7]))[0].centers == ()


def test_a_missing_slice_lies_between_its_neighbors_and_on_the_grid_where_that_is_regular() -> None:
    [uneven] = stack_frames(stack([0, 3, 6, 9.5, 13, 20]))
    assert uneven.slice_positions()[:, 2].tolist() == pytest.approx([0, 3, 6, 9.5, 13, 16.5, 20])
    [shifted] = stack_frames([frame(number=z, position=(x, 0.0, float(z))) for z, x in ((0, 0.0), (1, 5.0), (2, -3.0), (4, 7.0))])
    assert shifted.slice_positions()[:, 0].tolist() == pytest.approx([0, 5, -3, 2, 7])
    [regular] = stack_frames(stack([0, 1.05, 3, 4]))
    assert regular.slice_positions()[:, 2].tolist() == pytest.approx([0, 1.05, 2, 3, 4])


# Phases


def by_label(found: Sequence[tuple[str, Sequence[Frame]]]) -> dict[str, list[int]]:
    return {label: [one.instance_number for one in group] for label, group in found}


def test_frames_at_places_of_their_own_are_one_stack() -> None:
    frames = stack([0, 1, 2], labels={"EchoTime": "1"})
    assert by_label(split_phases(frames, [0, 1, 2])) == {"": [1, 2, 3]}


def test_phases_are_told_by_the_first_keyword_that_tells_them_and_sorted_as_numbers() -> None:
    frames = [
        frame(z, 1 + z + 2 * n, labels={"ImageType": "A", "EchoTime": echo, "AcquisitionTime": str(n)})
        for n, echo in enumerate(["100", "20", "none"])
        for z in range(2)
    ]
    assert by_label(split_phases(frames, [0, 1] * 3)) == {"EchoTime 20": [3, 4], "EchoTime 100": [1, 2], "EchoTime none": [5, 6]}


def test_two_keywords_may_tell_phases_together() -> None:
    frames = [
        frame(z, 1 + z + 2 * echo + 4 * time, labels={"EchoTime": str(echo), "TriggerTime": str(time)})
        for time in range(2)
        for echo in range(2)
        for z in range(2)
    ]
    found = by_label(split_phases(frames, [0, 1] * 4))
    assert found == {
        "EchoTime 0, TriggerTime 0": [1, 2],
        "EchoTime 0, TriggerTime 1": [5, 6],
        "EchoTime 1, TriggerTime 0": [3, 4],
        "EchoTime 1, TriggerTime 1": [7, 8],
    }


@pytest.mark.parametrize(("values", "tells"), [(["1", "2", "3", "4"], True), (["1", "2", "3", "4", "5"], False)])
def test_a_keyword_with_more_than_twice_as_many_values_as_phases_tells_none(values: list[str], tells: bool) -> None:
    frames = [frame(n // 2, n + 1, labels={"ContentTime": values[n % len(values)]}) for n in range(6)]
    found = by_label(split_phases(frames, [n // 2 for n in range(6)]))
    assert any("ContentTime" in label for label in found) == tells
    if not tells:
        assert found == {"volume 1": [1, 3, 5], "volume 2": [2, 4, 6]}


def test_where_nothing_tells_them_a_place_that_comes_again_begins_a_phase() -> None:
    frames = [frame(z, 1 + z + 3 * phase) for phase in range(2) for z in range(3)]
    assert by_label(split_phases(frames[::-1], [2, 1, 0] * 2)) == {"volume 1": [1, 2, 3], "volume 2": [4, 5, 6]}


def test_where_phases_are_incomplete_the_nth_frame_of_a_place_is_of_phase_n() -> None:
    places = [0, 0, 1, 1, 2, 2, 0]
    frames = [frame(z, number) for number, z in enumerate(places, 1)]
    assert by_label(split_phases(frames, places)) == {"volume 1": [1, 3, 5], "volume 2": [2, 4, 6], "volume 3": [7]}


def test_frames_of_one_instance_number_follow_their_frame_number() -> None:
    frames = [frame(z, 1, frame_number=number) for number, z in ((4, 1), (3, 0), (2, 1), (1, 0))]
    found = split_phases(frames, [1, 0, 1, 0])
    assert [[one.frame_number for one in group] for _, group in found] == [[1, 2], [3, 4]]


# Passes


def passes_of(frames: list[Frame], is_even: Any = lambda group: True) -> dict[str, list[int]] | None:
    ordered = sorted(frames, key=lambda one: one.position[2])
    found = split_passes(ordered, np.array([one.position[2] for one in ordered]), is_even)
    return None if found is None else by_label(found)


def test_passes_are_told_by_what_headers_state() -> None:
    frames = [frame(z + 0.3 * n, 1 + z + 3 * n, labels={"AcquisitionNumber": str(n)}) for n in range(2) for z in range(3)]
    assert passes_of(frames) == {"AcquisitionNumber 0": [1, 2, 3], "AcquisitionNumber 1": [4, 5, 6]}


@pytest.mark.parametrize("direction", [1, -1])
def test_passes_that_nothing_states_begin_where_the_direction_turns(direction: int) -> None:
    frames = [frame(direction * z + 0.3 * n, 1 + z + 3 * n) for n in range(3) for z in range(3)]
    found = passes_of(frames)
    assert found is not None and list(found) == ["volume 1", "volume 2", "volume 3"]
    assert [sorted(group) for group in found.values()] == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


@pytest.mark.parametrize(("count", "are_passes"), [(2, True), (8, True), (9, False)])
def test_up_to_eight_passes_are_told_apart(count: int, are_passes: bool) -> None:
    frames = [frame(z + 0.1 * n, 1 + z + 3 * n) for n in range(count) for z in range(3)]
    assert (passes_of(frames) is not None) == are_passes


@pytest.mark.parametrize(("slices", "are_passes"), [(2, False), (3, True)])
def test_a_pass_has_at_least_three_slices(slices: int, are_passes: bool) -> None:
    frames = [frame(z + 0.3 * n, 1 + z + 4 * n) for n, count in enumerate((4, slices)) for z in range(count)]
    assert (passes_of(frames) is not None) == are_passes


def test_passes_overlap_and_are_even_each() -> None:
    behind = [frame(z + 10 * n, 1 + z + 3 * n, labels={"AcquisitionNumber": str(n)}) for n in range(2) for z in range(3)]
    assert passes_of(behind) is None
    touching = [frame(z + 2 * n, 1 + z + 3 * n, labels={"AcquisitionNumber": str(n)}) for n in range(2) for z in range(3)]
    assert passes_of(touching) is None
    over = [frame(z + 0.3 * n, 1 + z + 3 * n) for n in range(2) for z in range(3)]
    assert passes_of(over, lambda group: False) is None
    assert passes_of(stack([0, 1, 2, 3])) is None


# What no image can be


@pytest.mark.parametrize(
    ("spacing", "position", "said"),
    [
        ((1e-7, 1e4), (1e7, -1e7, 0.0), ""),
        ((0.9e-7, 1.0), (0.0, 0.0, 0.0), "its voxels are 9e-08 mm large"),
        ((1.0, 1.001e4), (0.0, 0.0, 0.0), "its voxels are 1e+04 mm large"),
        ((1.0, 1.0), (0.0, -1.1e7, 0.0), "it lies -1.1e+07 mm away from the origin"),
        ((math.nan, 1.0), (0.0, 0.0, 0.0), "its voxels are nan mm large"),
        ((1.0, 1.0), (0.0, 0.0, math.inf), "it lies inf mm away from the origin"),
    ],
)
def test_sizes_and_places_that_no_scanner_makes(spacing: tuple[float, ...], position: tuple[float, ...], said: str) -> None:
    assert nonsense(spacing, position) == said
