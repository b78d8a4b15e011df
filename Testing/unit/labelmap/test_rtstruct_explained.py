"""What is told of every contour: where it went, why, and how far it is off; and what is said of gaps, units and empty ROIs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helpers.one_labelmap import convert_rtstruct
from helpers.rtstruct_files import C, R, axial, box, f, flat, structure_set, write

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.explain import SlicePlacement, Why
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.types import Labelmap

STACK = axial(8)
SQUARE = box(2, 2, 6, 6)


def converted(tmp_path: Path, *rois: R, **options: Any) -> Labelmap:
    return convert_rtstruct(write(structure_set(rois), tmp_path / "rs.dcm"), [STACK.grid()], ConvertOptions(**options))


def test_each_contour_is_told_with_its_slice_image_distance_and_reason(tmp_path: Path) -> None:
    contours = [
        flat(STACK, 0, SQUARE, named=True, off=f("0.25")),
        flat(STACK, 2, SQUARE),
        flat(STACK, 4, SQUARE, off=f("-0.75")),
        flat(STACK, 7, SQUARE, off=30),
        C([STACK.at(2, 2, 1), STACK.at(9, 2, 1), STACK.at(9, 2, 4), STACK.at(2, 2, 4)]),
        flat(STACK, 2, box("2.25", 2, "6.25", 6)),
        flat(STACK, 4, SQUARE, off=f("0.9")),
        C([STACK.at(3, 3, 3)], "POINT"),
    ]
    contours[2].image = STACK.uid(7)
    found = converted(tmp_path, R(5, contours, "A"), explain=True)
    first, other = STACK.uid(0), STACK.uid(4)
    assert [(one.number, one.why, one.k, one.image, one.remark) for one in found.placed] == [
        (1, Why.NAMED, 0, first, ""),
        (2, Why.AT_PLACE, 2, STACK.uid(2), ""),
        (3, Why.NEAREST, 4, other, "it is 6.8 mm from the image it names and was placed by its position"),
        (4, Why.OUTSIDE, None, "", "it is 30 mm behind the last slice of the images"),
        (5, Why.REFUSED, None, "", "it is not parallel to the slices; the contours' own grid can hold it"),
        (6, Why.COPY, 2, STACK.uid(2), ""),
        (7, Why.COVERED, 4, other, ""),
    ]
    assert [None if one.distance is None else round(one.distance, 6) for one in found.placed] == [0.25, 0, -0.75, None, None, 0, 0.9]
    assert {(one.segment, one.image_frame) for one in found.placed if one.k is not None} == {(5, 1)}
    assert {one.segment for one in found.placed} == {5}
    assert converted(tmp_path, R(5, contours, "A")).placed == ()
    assert found.holds == {"contours": {"5": [1, 2, 3, 4, 5, 6, 7, 8]}}


def test_contours_across_the_slices_are_explained_as_such(tmp_path: Path) -> None:
    contours = [C([STACK.at(u, v, 1), STACK.at(u, v + 6, 1), STACK.at(u, v + 6, 5), STACK.at(u, v, 5)]) for u, v in ((4, 2), (5, 2), (6, 2))]
    found = converted(tmp_path, R(5, contours, "A"), explain=True)
    assert list(found.placed) == [SlicePlacement(5, number, Why.ACROSS) for number in (1, 2, 3)]
    assert found.segments[0].details["contours_used"] == 3


@pytest.mark.parametrize(
    ("slices", "said"),
    [
        ((0, 1), ""),
        ((0, 2), "1 slice between its contours have none and stay empty; interpolation is off."),
        ((0, 3), "2 slices between its contours have none and stay empty; interpolation is off."),
    ],
)
def test_slices_between_contours_are_counted(slices: tuple[int, ...], said: str, tmp_path: Path) -> None:
    found = converted(tmp_path, R(1, [flat(STACK, k, SQUARE) for k in slices], "A"))
    assert found.warnings == ((f"ROI 1 'A': {said}",) if said else ())
    assert found.segments[0].details["empty_slices_between"] == slices[1] - 1
    assert found.segments[0].details["interpolated_slices"] == 0


@pytest.mark.parametrize(("width", "is_said"), [(1.99, True), (2.01, False)])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_contours_that_together_are_narrower_than_two_voxels_may_be_in_another_unit(width: float, is_said: bool, axis: int, tmp_path: Path) -> None:
    # Pixels are 1 mm wide.
    points = box("2.6", "2.6", "3.4", "3.4")
    shifts = [(0.0, 0.0, 0.0), tuple(round(width - 0.8 * (axis < 2), 2) * (n == axis) for n in range(3))]
    contours = [C([(x + f(dx), y + f(dy), z + f(dz)) for x, y, z in (STACK.at(u, v, 1) for u, v in points)]) for dx, dy, dz in shifts]
    said = " ".join(converted(tmp_path, R(1, contours, "A")).warnings)
    assert ("their coordinates may be in another unit than mm, such as meters" in said) == is_said
    assert not is_said or "All contours together are 2 mm wide" in said


def test_one_small_contour_alone_says_nothing_about_units(tmp_path: Path) -> None:
    assert "another unit" not in " ".join(converted(tmp_path, R(1, [flat(STACK, 1, box("2.6", "2.6", "3.4", "3.4"))], "A")).warnings)


def test_details_tell_areas_and_how_contours_were_combined(tmp_path: Path) -> None:
    found = converted(tmp_path, R(1, [flat(STACK, 1, box("1.5", "1.5", "5.75", "5.5")), flat(STACK, 3, SQUARE)], "A"), interpolate=True)
    details = found.segments[0].details
    assert (details["contours"], details["contours_used"], details["slices"], details["rule"], details["combined"]) == (2, 2, 2, "auto", [])
    assert (details["contour_area_mm2"], details["voxel_area_mm2"], details["voxel_to_contour_area"]) == (17 + 16, 16 + 16, round(32 / 33, 6))
    assert (details["contour_area_is_exact"], details["interpolated_slices"], details["empty_slices_between"]) == (True, 1, 1)
    line = [(STACK.at(2, 2, 1)), STACK.at(5, 2, 1), STACK.at(8, 2, 1)]
    without = converted(tmp_path, R(1, [C(line)], "A"), R(2, [flat(STACK, 2, SQUARE)], "B")).segments[0].details
    assert (without["contour_area_mm2"], without["voxel_area_mm2"], without["voxel_to_contour_area"]) == (0, 0, None)


def test_an_roi_in_no_voxel_is_named_and_those_before_and_after_it_are_not(tmp_path: Path) -> None:
    tiny = flat(STACK, 1, box("2.25", "2.25", "2.5", "2.5"))
    rois = [R(1, [flat(STACK, 1, SQUARE)], "A"), R(2, [tiny], "B"), R(3, [tiny], "C"), R(4, [flat(STACK, 2, SQUARE)], "D")]
    said = converted(tmp_path, *rois).warnings
    assert said == ("Without a voxel, since no contour encloses the center of one: ROI 2 'B', ROI 3 'C'.",)


def test_of_a_structure_set_without_anything_usable_three_reasons_are_told(tmp_path: Path) -> None:
    rois = [R(n, [C(data="1\\2\\3" if n % 2 else "1\\2")], f"R{n}") for n in range(1, 3)] + [R(n, [C(GOOD, kind)], f"R{n}") for n, kind in BAD]
    with pytest.raises(ConversionError) as caught:
        converted(tmp_path, *rois)
    said = str(caught.value)
    assert "has no usable contours. ROI 1 'R1', contour 1: skipped, it has 1 point" in said and said.count("contour 1:") == 3


GOOD = [STACK.at(u, v, 1) for u, v in SQUARE]
BAD = [(3, "BLOB"), (4, "BLUB")]


def test_of_contours_that_are_all_elsewhere_four_reasons_are_told(tmp_path: Path) -> None:
    rois = [R(n, [flat(STACK, 7, SQUARE, off=10 * n)], f"R{n}") for n in range(1, 5)]
    rois += [R(5, [C([STACK.at(2, 2, 1), STACK.at(9, 2, 1), STACK.at(9, 2, 4), STACK.at(2, 2, 4)])], "R5")]
    with pytest.raises(ConversionError) as caught:
        converted(tmp_path, *rois)
    said = str(caught.value)
    assert "No contour of" in said and "is within the grid. " in said and said.count(", contour 1: skipped, it is ") == 3


def test_a_labelmap_says_of_which_series_its_images_are(tmp_path: Path) -> None:
    assert converted(tmp_path, R(1, [flat(STACK, 1, SQUARE)])).series_uid == STACK.series
    own = convert_rtstruct(tmp_path / "rs.dcm", None, ConvertOptions(grid="own"))
    assert (own.series_uid, own.slice_thicknesses, own.segments[0].voxels > 0) == ("", (), True)


def test_of_an_roi_of_which_nothing_could_be_used_the_details_say_so(tmp_path: Path) -> None:
    found = converted(tmp_path, R(1, [flat(STACK, 1, SQUARE)], "A"), R(2, [flat(STACK, 7, SQUARE, off=30)], "B"), interpolate=True)
    details = found.segments[1].details
    assert {key: details[key] for key in list(details)[4:]} == {
        "contours": 1,
        "contours_used": 0,
        "slices": 0,
        "rule": "auto",
        "combined": [],
        "contour_area_mm2": 0.0,
        "contour_area_is_exact": True,
        "voxel_area_mm2": 0.0,
        "voxel_to_contour_area": None,
        "empty_slices_between": 0,
        "interpolated_slices": 0,
    }
    assert (found.segments[1].voxels, found.segments[1].volume_mm3, found.segments[1].layer, found.overlapping_voxels) == (0, 0.0, 0, 0)
