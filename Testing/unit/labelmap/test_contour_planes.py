"""On which slice a contour lies: every number of the rule from both sides. Slices are 2 mm apart, the first is at 3 mm, slice k owns half of that."""

import numpy as np
import pytest
from helpers.one_labelmap import convert_rtstruct
from helpers.rtstruct_files import C, R, axial, box, f, flat, structure_set, write

from IDCBrowserLib.labelmap.explain import Why
from IDCBrowserLib.labelmap.options import ConvertOptions

STACK = axial(count=5)
SHAPE = box(2, 2, 12, 10)


def placed(tmp_path, *contours):
    """The slices that have voxels, and what was said."""
    path = write(structure_set([R(1, contours, "A")]), tmp_path / "rs.dcm")
    labelmap = convert_rtstruct(path, [STACK.grid()])
    return [int(k) for k in (labelmap.labelmap_volume() > 0).any(axis=(1, 2)).nonzero()[0]], " ".join(labelmap.warnings)


def away(k, mm, named=None):
    """A contour so many mm above slice k that names slice ``named``."""
    contour = flat(STACK, k, SHAPE, off=f(mm))
    contour.image = None if named is None else STACK.uid(named)
    return contour


ANYWHERE = flat(STACK, 4, box(14, 2, 18, 6))


@pytest.mark.parametrize(
    ("mm", "k"),
    [("-1", 0), ("0", 0), ("0.9", 0), ("0.999", 0), ("0.9999", 1), ("1", 1), ("1.0001", 1), ("1.1", 1), ("2", 1), ("2.999", 1), ("3", 2)],
)
def test_a_contour_that_names_nothing_lies_on_the_nearest_slice_and_in_the_exact_middle_on_the_upper(mm, k, tmp_path):
    """A ten-thousandth of a millimeter below the middle is the middle, rounded."""
    assert placed(tmp_path, away(0, mm)) == ([k], "")


@pytest.mark.parametrize(
    ("contour", "slices", "said"),
    [
        (away(0, "-1.0"), [0, 4], ""),
        (away(0, "-1.001"), [4], "it is 1 mm before the first slice"),
        (away(0, "-30"), [4], "it is 30 mm before the first slice"),
        (away(4, "1.0"), [4], ""),
        (away(4, "1.001"), [4], "it is 1 mm behind the last slice"),
        (away(4, "2.6"), [4], "it is 2.6 mm behind the last slice"),
    ],
)
def test_the_outer_slices_own_half_a_slice_outwards(contour, slices, said, tmp_path):
    found, warnings = placed(tmp_path, contour, ANYWHERE)
    assert found == slices and said in warnings and bool(said) == bool("slice of the images" in warnings)


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize(("mm", "is_named"), [("0.5", True), ("1.5", True), ("1.999", True), ("2", True), ("2.001", False), ("3.5", False)])
def test_a_contour_lies_on_the_image_it_names_up_to_one_slice_away(sign, mm, is_named, tmp_path):
    """Otherwise where it is, which is said."""
    found, warnings = placed(tmp_path, away(2, sign * f(mm), named=2))
    assert (found == [2]) == is_named
    assert ("mm from the image it names and was placed by its position" in warnings) == (not is_named)


def test_a_contour_outside_the_images_that_names_one_within_a_slice_lies_on_it(tmp_path):
    assert placed(tmp_path, away(4, "1.9", named=4)) == ([4], "")
    found, warnings = placed(tmp_path, away(4, "2.1", named=4), ANYWHERE)
    assert found == [4] and "behind the last slice" in warnings


def bent(mm):
    """A small contour one corner of which leaves slice 2 by so many mm: far too steep to be only leaning."""
    points = [STACK.at(u, v, 2) for u, v in box(2, 2, 6, 6)]
    points[0] = (points[0][0], points[0][1], points[0][2] + f(mm))
    return C(points)


@pytest.mark.parametrize(
    ("mm", "slices", "said"),
    [
        ("0.2", [2, 3], ""),
        ("0.201", [2, 3], "its points are not quite in one plane; they were projected onto the slice"),
        ("1", [2, 3], "its points are not quite in one plane; they were projected onto the slice"),
        ("1.001", [3], "skipped, it is not parallel to the slices; the contours' own grid can hold it."),
    ],
)
def test_a_contour_is_flat_up_to_a_tenth_and_parallel_up_to_half_of_a_slice(mm, slices, said, tmp_path):
    found, warnings = placed(tmp_path, bent(mm), flat(STACK, 3, box(14, 2, 18, 6)))
    assert found == slices and said in warnings and bool(said) == bool(warnings)


def drawn_on(k, points, image, off=0):
    """A contour in the plane of slice k that names an image of its own choice."""
    return C([STACK.at(u, v, k, f(off)) for u, v in points], image=image)


def test_contours_of_phases_that_are_not_given_are_skipped_and_said(tmp_path):
    contours = [
        drawn_on(k, box(1, 1, width, 9), STACK.uid(k) if phase == 1 else f"1.2.3.{phase}.{k}")
        for phase, width in enumerate((4, 8, 12))
        for k in range(5)
    ]
    labelmap = convert_rtstruct(write(structure_set([R(1, contours, "A")]), tmp_path / "rs.dcm"), [STACK.grid()], ConvertOptions(explain=True))
    assert (labelmap.labelmap_volume() > 0).sum(axis=(1, 2)).tolist() == [7 * 8] * 5
    assert any("the image it names is not among those given" in warning for warning in labelmap.warnings)
    assert [placed.why for placed in labelmap.placed].count(Why.ABSENT) == 10
    assert labelmap.segments[0].details["contours_used"] == 5


def test_a_contour_at_the_place_of_a_missing_image_is_filled_and_one_beside_it_is_not(tmp_path):
    grid = STACK.grid(missing=[2])
    named = [drawn_on(k, box(1, 1, 5, 5), STACK.uid(k)) for k in (0, 1, 3)]
    missing = [drawn_on(2, box(1, 1, 5, 5), STACK.uid(2))]
    for extra, expected in ((missing, [0, 1, 2, 3]), ([drawn_on(3, box(1, 1, 5, 5), "1.2.9", "0.7")], [0, 1, 3])):
        labelmap = convert_rtstruct(write(structure_set([R(1, [*named, *extra], "A")]), tmp_path / "rs.dcm"), [grid])
        assert np.flatnonzero(labelmap.labelmap_volume().any(axis=(1, 2))).tolist() == expected


def test_a_contour_without_an_area_that_reaches_through_slices_is_not_parallel_to_them(tmp_path):
    upright = C([STACK.at(3, 3, 1), STACK.at(3, 3, 3), STACK.at(3, 3, 2)])
    found, warnings = placed(tmp_path, upright, ANYWHERE)
    assert found == [4] and "contour 1: skipped, it is not parallel to the slices" in warnings
    flat_line = C([STACK.at(3, 3, 3), STACK.at(9, 3, 3), STACK.at(6, 3, 3)])
    assert placed(tmp_path, flat_line, ANYWHERE) == ([4], "")
