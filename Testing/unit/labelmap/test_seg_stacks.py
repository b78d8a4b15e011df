"""The stacks that frames of a SEG form by themselves: by orientation and pixels, by phase, by slab; their spacing where little is stated."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.seg.stacks import PlaneStack, parallel_groups, stack_planes, stacks_of

NAN = float("nan")
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def table(heights: Sequence[float], **values: Any) -> Any:
    """A frame on a plane at each height, of 4 x 5 pixels of 1 x 0.5 mm; ``values`` are of each frame."""
    count = len(heights)
    given: dict[str, Any] = {
        "positions": np.array([(0.0, 0.0, float(height)) for height in heights]),
        "orientations": np.array([AXIAL] * count),
        "pixel_spacings": np.array([(1.0, 0.5)] * count),
        "thicknesses": np.full(count, NAN),
        "spacings_between_slices": np.full(count, NAN),
        "segment": np.ones(count, int),
        "references": ((),) * count,
        "moments": (0,) * count,
        **{name: np.asarray(value, float) if name not in {"references", "moments"} else value for name, value in values.items()},
    }
    given["segment"] = given["segment"].astype(int)
    return SimpleNamespace(rows=4, columns=5, count=count, plane=np.arange(count), **given)


def stack(heights: Sequence[float], **values: Any) -> PlaneStack:
    frames = table(heights, **values)
    return stack_planes(frames, np.arange(len(heights)), "a.dcm")


def groups(**values: Any) -> list[list[int]]:
    return [group.tolist() for group in parallel_groups(table([0, 1, 2], **values), np.arange(3))]


@pytest.mark.parametrize(("off", "is_one"), [(0.0009, True), (0.0011, False)])
def test_planes_are_parallel_up_to_a_thousandth_of_their_directions_and_pixels(off: float, is_one: bool) -> None:
    expected = [[0, 1, 2]] if is_one else [[0, 2], [1]]
    turned = (1, 0, 0, off, 1, 0)
    assert groups(orientations=[AXIAL, turned, AXIAL]) == expected
    assert groups(pixel_spacings=[(1, 0.5), (1 + off, 0.5), (1, 0.5)]) == expected
    assert groups(pixel_spacings=[(1, 0.5), (1, 0.5 * (1 + off)), (1, 0.5)]) == expected


def test_each_orientation_is_a_stack_of_its_own() -> None:
    frames = table([0, 2, 4, 6, 8, 10], orientations=[AXIAL] * 3 + [(0.0, 1.0, 0.0, 0.0, 0.0, -1.0)] * 3)
    frames.positions[3:] = [(5, 0, 0), (6, 0, 0), (7, 0, 0)]
    found = stacks_of(frames)
    assert [(one.label, one.planes.tolist(), one.frames.tolist()) for one in found] == [
        ("stack 1", [0, 1, 2], [0, 1, 2]),
        ("stack 2", [3, 4, 5], [3, 4, 5]),
    ]
    assert [(one.label, one.frames.tolist()) for one in stacks_of(table([0, 2, 4]))] == [("", [0, 1, 2])]


# Phases


def phases(heights: Sequence[float], **values: Any) -> list[tuple[str, list[int]]]:
    return [(one.label, one.frames.tolist()) for one in stacks_of(table(heights, **values))]


def names(*given: str) -> tuple[tuple[tuple[str, int], ...], ...]:
    return tuple(((name, 0),) if name else () for name in given)


TWICE = [0, 2, 4, 0, 2, 4]


@pytest.mark.parametrize(
    "told", [{"references": names("a", "b", "c", "d", "e", "f")}, {"moments": (1, 1, 1, 2, 2, 2)}, {"moments": (2, 2, 2, 1, 1, 1)}]
)
def test_frames_of_one_segment_and_place_are_phases_by_the_images_or_moments_that_they_name(told: dict[str, Any]) -> None:
    assert phases(TWICE, **told) == [("phase 1", [0, 1, 2]), ("phase 2", [3, 4, 5])]


def test_the_order_in_which_images_are_named_at_a_place_tells_the_phase() -> None:
    told = names("a", "e", "c", "d", "b", "f")
    assert phases([0, 2, 4, 0, 2, 4], references=told) == [("phase 1", [0, 1, 2]), ("phase 2", [3, 4, 5])]
    # A segment of the later phase alone is there where its image is.
    assert phases([*TWICE, 2], references=(*names("a", "b", "c", "d", "e", "f"), (("e", 0),)), segment=[1] * 6 + [2]) == [
        ("phase 1", [0, 1, 2]),
        ("phase 2", [3, 4, 5, 6]),
    ]


def test_frames_of_several_segments_or_of_the_same_names_are_no_phases() -> None:
    assert phases(TWICE, segment=[1, 1, 1, 2, 2, 2], references=names("a", "b", "c", "d", "e", "f")) == [("", list(range(6)))]
    assert phases(TWICE) == [("", list(range(6)))]
    assert phases(TWICE, references=names("a", "b", "c", "a", "b", "c")) == [("", list(range(6)))]


def test_slabs_are_told_within_their_stack_and_phase() -> None:
    heights = [0, 2, 4, 50, 53, 56]
    assert phases(heights) == [("slab 1", [0, 1, 2]), ("slab 2", [3, 4, 5])]
    both = phases([*heights, *heights], moments=(1,) * 6 + (2,) * 6)
    assert both == [
        ("phase 1, slab 1", [0, 1, 2]),
        ("phase 1, slab 2", [3, 4, 5]),
        ("phase 2, slab 1", [6, 7, 8]),
        ("phase 2, slab 2", [9, 10, 11]),
    ]
    # One plane alone is no even slab, and planes that are even together are one.
    assert phases([0, 2, 4, 51]) == [("", [0, 1, 2, 3])]
    assert phases([0, 2, 4, 50, 52]) == [("", [0, 1, 2, 3, 4])]


# Spacing


@pytest.mark.parametrize(
    ("stated", "thickness", "step", "is_said"),
    [(3.0, 2.0, 3.0, False), (NAN, 2.0, 2.0, False), (3.0, NAN, 3.0, False), (NAN, NAN, 1.0, True)],
)
def test_a_single_plane_is_as_thick_as_its_stated_spacing_or_thickness_else_as_its_rows_are_apart(
    stated: float, thickness: float, step: float, is_said: bool
) -> None:
    found = stack([7.0], spacings_between_slices=[stated], thicknesses=[thickness])
    assert (found.geometry.shape, found.geometry.spacing, found.geometry.origin) == ((1, 4, 5), (0.5, 1.0, step), (0.0, 0.0, 7.0))
    said = "The file has one slice and states neither spacing nor thickness; the row spacing is used as slice thickness."
    assert found.warnings == ((said,) if is_said else ())


@pytest.mark.parametrize(
    ("stated", "shape"),
    [([2.0, 2.0], 5), ([NAN, NAN], 2), ([2.0, NAN], 2), ([2.0, 2.09], 5), ([2.0, 2.2], 2)],
)
def test_a_spacing_that_all_planes_state_alike_is_heeded(stated: list[float], shape: int) -> None:
    assert stack([0, 8], spacings_between_slices=stated).geometry.shape[0] == shape


def test_missing_planes_are_empty_and_stored_planes_know_their_slice() -> None:
    found = stack([10, 4, 0, 2], spacings_between_slices=[2] * 4)
    assert (found.geometry.shape[0], found.stored, found.slices.tolist(), found.source) == (6, 6, [5, 2, 0, 1], None)
    assert found.positions[:, 2].tolist() == [0, 2, 4, 6, 8, 10] and found.thicknesses.tolist() == [2] * 6
    assert found.geometry.spacing == (0.5, 1.0, 2.0) and not found.shifts and found.warnings == ()


def test_planes_of_other_stacks_have_no_slice() -> None:
    frames = table([0, 2, 4, 6])
    assert stack_planes(frames, np.array([1, 3]), "").slices.tolist() == [-1, 0, -1, 1]


@pytest.mark.parametrize(("beside", "shifts"), [(0.09, False), (0.11, True)])
def test_planes_begin_at_one_pixel_up_to_a_tenth_of_a_millimeter(beside: float, shifts: bool) -> None:
    # Two planes of one height, one of them beside the other.
    frames = table([0, 2, 2, 4])
    frames.positions[2, 0] = beside
    assert stack_planes(frames, np.arange(4), "").shifts == shifts


def test_frames_that_begin_at_different_places_make_the_grid_wider() -> None:
    frames = table([0, 2, 2, 4])
    frames.positions[2, :2] = 1.5, -2.0
    found = stack_planes(frames, np.arange(4), "")
    # Three columns to the right and two rows up.
    assert (found.geometry.shape, found.geometry.origin) == ((3, 6, 8), (0.0, -2.0, 0.0))
    assert found.warnings == ("The frames begin at different places of their planes; the result is as wide as all of them together.",)


def test_uneven_planes_are_shown_on_an_even_grid_on_which_they_are_as_thick_as_they_are() -> None:
    found = stack([0, 2, 4, 10], thicknesses=[2, 2, 2, 6])
    assert found.thicknesses.tolist() == [2, 2, 4, 6] and found.stored == 4
    assert found.source is not None and np.bincount(found.source).tolist() == [1, 1, 2, 3] and found.geometry.spacing[2] == 2
    assert found.geometry.origin == (0.0, 0.0, 0.0)
    assert found.warnings[-1] == "The result has a slice every 2 mm, each showing the stored slice in which it lies."


def test_a_plane_that_must_be_a_mistake_is_said_with_or_without_a_path() -> None:
    heights = [*range(40), 5000]
    for path, begin in (("a.dcm", r"^a\.dcm: The 41 slice positions"), ("", r"^The 41 slice positions")):
        with pytest.raises(ConversionError, match=begin):
            stack_planes(table(heights), np.arange(41), path)
