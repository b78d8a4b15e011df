"""Which contours count on a slice where several planes of them fall: tolerances from both sides."""

import math
from dataclasses import replace

import numpy as np
import pytest
from helpers.one_labelmap import convert_rtstruct
from helpers.rtstruct_files import C, R, axial, box, f, flat, structure_set, write

STACK = axial(count=6, spacing=("1", "1", "1"), columns=60)
LEFT, RIGHT = box(1, 1, 5, 5), box(40, 1, 44, 5)


def per_slice(tmp_path, contours, stack=STACK):
    path = write(structure_set([R(1, contours, "A")]), tmp_path / "rs.dcm")
    labelmap = convert_rtstruct(path, [stack.grid()])
    return (labelmap.labelmap_volume() > 0).sum(axis=(1, 2)).tolist(), labelmap.warnings


def leaning(k, points, degrees, *, named, digits=5):
    """A contour on slice k whose plane leans about the j axis."""
    slope = math.tan(math.radians(degrees))
    placed = [STACK.at(u, v, k) for u, v in points]
    text = [f"{float(x)}\\{float(y)}\\{float(z) + slope * float(x - STACK.positions[k][0]):.{digits}f}" for x, y, z in placed]
    return C(data="\\".join(text), image=STACK.uid(k) if named else None, stated=len(points))


@pytest.mark.parametrize("apart", ["0.01", "0.06", "0.1", "0.2"])
@pytest.mark.parametrize("named", [True, False])
def test_islands_that_were_drawn_a_little_apart_are_all_there(apart, named, tmp_path):
    contours = [contour for k in range(1, 5) for contour in (flat(STACK, k, LEFT, named=named), flat(STACK, k, RIGHT, named=named, off=f(apart)))]
    assert per_slice(tmp_path, contours)[0] == [0, 32, 32, 32, 32, 0]


def test_islands_half_a_slice_apart_are_one_plane_only_where_they_name_the_image(tmp_path):
    contours = [flat(STACK, 2, LEFT), flat(STACK, 2, RIGHT, off=f("0.4"))]
    assert per_slice(tmp_path, contours)[0] == [0, 0, 16, 0, 0, 0]
    contours = [flat(STACK, 2, LEFT, named=True), flat(STACK, 2, RIGHT, off=f("0.4"), named=True)]
    assert per_slice(tmp_path, contours)[0] == [0, 0, 32, 0, 0, 0]


def test_a_hole_drawn_a_tenth_of_a_millimeter_off_its_contour_is_a_hole(tmp_path):
    contours = [contour for k in range(6) for contour in (flat(STACK, k, box(1, 1, 11, 11)), flat(STACK, k, box(4, 4, 8, 8), off=f("0.1")))]
    assert per_slice(tmp_path, contours)[0] == [84] * 6


@pytest.mark.parametrize("off", ["0.25", "0.3", "0.5"])
def test_contours_finer_than_the_slices_are_not_mixed(off, tmp_path):
    # Planes all as far apart: of those nearest to a slice only the nearest counts, named or not.
    heights = [n * f(off) for n in range(int(5 / f(off)))]
    for named in (False, True):
        contours = []
        for n, height in enumerate(heights):
            k = math.floor(height + f("0.5"))
            contours.append(flat(STACK, k, box(1, 1, 5 + n % 2, 5), off=height - k, named=named))
        found, warnings = per_slice(tmp_path, contours)
        nearest = [min(range(len(heights)), key=lambda n: (abs(heights[n] - k), heights[n])) for k in range(5)]
        assert found[:5] == [16 + 4 * (n % 2) for n in nearest]
        assert any("another plane" in warning for warning in warnings)


@pytest.mark.parametrize("degrees", [0.03, 0.1, 0.4])
@pytest.mark.parametrize("named", [True, False])
def test_an_roi_that_leans_a_little_keeps_its_islands_and_holes(degrees, named, tmp_path):
    contours = [leaning(k, points, degrees, named=named) for k in range(1, 5) for points in (LEFT, RIGHT, box(10, 1, 38, 15), box(30, 5, 34, 9))]
    assert per_slice(tmp_path, contours)[0] == [0, *[16 + 16 + 28 * 14 - 16] * 4, 0]


def test_a_wide_contour_that_leans_by_less_than_a_degree_is_parallel_and_by_more_is_not(tmp_path):
    # 56 mm at 0.9 degrees reach through 0.9 slices.
    assert per_slice(tmp_path, [leaning(2, box(1, 1, 57, 5), 0.9, named=True)])[0] == [0, 0, 56 * 4, 0, 0, 0]
    contours = [leaning(2, box(1, 1, 57, 5), 1.2, named=True), flat(STACK, 0, LEFT)]
    found, warnings = per_slice(tmp_path, contours)
    assert found == [16, 0, 0, 0, 0, 0]
    assert any("not parallel" in warning for warning in warnings)


@pytest.mark.parametrize("noise", [0.00005, -0.00005])
def test_contours_midway_between_slices_go_to_the_upper_one_although_they_are_rounded(noise, tmp_path):
    stack = axial(count=6, spacing=("1", "1", "1.25"))
    contours = []
    for k in range(5):
        rounded = round(float(stack.positions[k][2]) + 0.625 + noise * (-1) ** k, 5)
        contours.append(C([(*stack.at(u, v, k)[:2], f(rounded)) for u, v in LEFT]))
    assert per_slice(tmp_path, contours, stack)[0] == [0, 16, 16, 16, 16, 16]


@pytest.mark.parametrize("images_rounded", [False, True])
def test_contours_midway_between_slices_stay_together_when_coordinates_have_one_decimal(images_rounded, tmp_path):
    heights = [f("0.0333") + k * f("1.25") for k in range(8)]
    shown = [f(f"{float(height):.1f}") if images_rounded else height for height in heights]
    stack = replace(axial(count=8), positions=tuple((f("-10.5"), f("-7.25"), height) for height in shown))
    contours = []
    for k in range(7):
        middle = f(f"{float(heights[k] + f('0.625')):.1f}")
        contours.append(C([(*stack.at(u, v, k)[:2], middle) for u, v in LEFT]))
    found, warnings = per_slice(tmp_path, contours, stack)
    assert found == [0, *[16] * 7]
    assert not any("nearer" in warning for warning in warnings)


def test_contours_with_one_decimal_that_lie_in_the_lower_third_stay_there(tmp_path):
    stack = axial(count=6, spacing=("1", "1", "1.25"))
    contours = [C([(*stack.at(u, v, k)[:2], f(f"{float(stack.positions[k][2]) + 0.4:.1f}")) for u, v in LEFT]) for k in range(5)]
    assert per_slice(tmp_path, contours, stack)[0] == [16, 16, 16, 16, 16, 0]


def test_a_contour_clearly_below_the_middle_belongs_to_the_lower_slice(tmp_path):
    assert per_slice(tmp_path, [flat(STACK, 2, LEFT, off=f("0.499"))])[0] == [0, 0, 16, 0, 0, 0]
    assert per_slice(tmp_path, [flat(STACK, 2, LEFT, off=f("0.501"))])[0] == [0, 0, 0, 16, 0, 0]
    assert np.array_equal(per_slice(tmp_path, [flat(STACK, 2, LEFT, off=f("0.9"), named=True)])[0], [0, 0, 16, 0, 0, 0])


@pytest.mark.parametrize(("apart", "count"), [("0.24", 32), ("0.26", 16)])
def test_heights_of_one_slice_are_one_plane_up_to_a_quarter_of_the_distance_to_the_next(apart, count, tmp_path):
    assert per_slice(tmp_path, [flat(STACK, 2, LEFT), flat(STACK, 2, RIGHT, off=f(apart))])[0] == [0, 0, count, 0, 0, 0]


@pytest.mark.parametrize(("apart", "count"), [("0.045", 32), ("0.055", 16)])
def test_heights_of_one_slice_are_one_plane_up_to_a_twentieth_beside_near_planes(apart, count, tmp_path):
    wide = axial(count=6, spacing=("1", "1", "4"), columns=60)
    # A twentieth is 0.2 mm; a quarter of the distance to the plane of the next slice is less.
    near = [
        flat(wide, 2, LEFT, off=f("1.8") - f(apart) * 4),
        flat(wide, 2, RIGHT, off=f("1.8")),
        flat(wide, 3, LEFT, off=f("-1.9")),
    ]
    found = per_slice(tmp_path, near, wide)[0]
    assert (found[2], found[3]) == (count, 16)


def test_what_names_the_image_and_overlaps_what_is_nearer_does_not_count_beside_it(tmp_path):
    off = f("0.4")
    inside, around, apart, touching = box(2, 2, 4, 4), box(0, 0, 8, 8), box(7, 1, 9, 3), box(5, 1, 9, 5)
    for other, count in ((inside, 16), (around, 16), (apart, 16 + 4), (touching, 16 + 16), (box(4, 4, 9, 9), 16)):
        contours = [flat(STACK, 2, LEFT, named=True), flat(STACK, 2, other, off=off, named=True)]
        assert per_slice(tmp_path, contours)[0] == [0, 0, count, 0, 0, 0]
        assert per_slice(tmp_path, contours[::-1])[0] == [0, 0, count, 0, 0, 0]


def test_of_planes_as_near_above_and_below_the_lower_counts(tmp_path):
    contours = [flat(STACK, 2, LEFT, off=f("0.3")), flat(STACK, 2, box(1, 1, 9, 5), off=f("-0.3"))]
    for order in (contours, contours[::-1]):
        assert per_slice(tmp_path, order)[0] == [0, 0, 32, 0, 0, 0]


def test_planes_in_small_steps_are_one_drawing(tmp_path):
    # From 0 on each step is below a quarter of the distance to the next slice, all together more.
    contours = [flat(STACK, 2, box(1 + 10 * n, 1, 5 + 10 * n, 5), off=f("0.2") * n) for n in range(3)]
    assert per_slice(tmp_path, contours)[0] == [0, 0, 48, 0, 0, 0]
    below = [flat(STACK, 2, box(1 + 10 * n, 1, 5 + 10 * n, 5), off=f("-0.2") * n) for n in range(3)]
    assert per_slice(tmp_path, below)[0] == [0, 0, 48, 0, 0, 0]


@pytest.mark.parametrize("turned", [0, 1])
def test_islands_of_an_roi_that_leans_are_all_there_whichever_way_they_are_wound(turned, tmp_path):
    shapes = [points[::-1] if number == turned else points for number, points in enumerate((LEFT, RIGHT))]
    contours = [leaning(k, points, 0.4, named=False) for k in range(1, 5) for points in shapes]
    assert per_slice(tmp_path, contours)[0] == [0, 32, 32, 32, 32, 0]


@pytest.mark.parametrize("turned", [0, 1])
def test_islands_of_an_roi_that_leans_the_other_way_are_all_there_as_well(turned, tmp_path):
    tall = axial(count=6, spacing=("1", "1", "1"), rows=60)
    slope = math.tan(math.radians(0.4))
    contours = []
    for k in range(1, 5):
        for number, points in enumerate((LEFT, box(1, 40, 5, 44))):
            placed = [tall.at(u, v, k) for u, v in (points[::-1] if number == turned else points)]
            text = [f"{float(x)}\\{float(y)}\\{float(z) + slope * float(y - tall.positions[k][1]):.5f}" for x, y, z in placed]
            contours.append(C(data="\\".join(text), stated=4))
    assert per_slice(tmp_path, contours, tall)[0] == [0, 32, 32, 32, 32, 0]


def test_a_contour_that_crosses_the_slices_says_nothing_about_how_the_others_lean(tmp_path):
    contours = [leaning(k, points, 0.4, named=False) for k in range(1, 5) for points in (LEFT, RIGHT)]
    across = C([STACK.at(20, v, k) for v, k in ((1, 0), (17, 0), (17, 5), (1, 5))])
    found, warnings = per_slice(tmp_path, [*contours, across])
    assert found == [0, 32, 32, 32, 32, 0]
    assert any("contour 9: skipped, it is not parallel to the slices" in warning for warning in warnings)
