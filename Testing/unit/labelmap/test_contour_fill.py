"""The fill of one contour against exact rational arithmetic."""

from fractions import Fraction

import numpy as np
import pytest
from helpers.rtstruct_files import box, f, reference_mask
from hypothesis import given, settings
from hypothesis import strategies as st

from IDCBrowserLib.labelmap.contours.fill import Polygons, fill

ROWS, COLUMNS = 9, 11


def polygons(*shapes):
    points = np.array([[float(u), float(v)] for shape in shapes for u, v in shape])
    return Polygons(points.reshape(-1, 2), np.concatenate([[0], np.cumsum([len(shape) for shape in shapes])]).astype(np.int64))


def pixels(patch, rows=ROWS, columns=COLUMNS):
    mask = np.zeros((rows, columns), bool)
    height, width = patch.mask.shape
    mask[patch.row : patch.row + height, patch.column : patch.column + width] = patch.mask
    return mask


halves = st.integers(-4, 26).map(lambda n: Fraction(n, 2))
thirds = st.integers(-6, 40).map(lambda n: Fraction(n, 3))
fine = st.integers(-2000, 13000).map(lambda n: Fraction(n, 1000))


@settings(max_examples=400)
@given(st.one_of(*(st.lists(st.tuples(part, part), min_size=3, max_size=9) for part in (halves, thirds, fine))))
def test_any_polygon_fills_as_exact_arithmetic_says(polygon):
    patch = fill(polygons(polygon), (ROWS, COLUMNS))[0]
    expected = reference_mask(polygon, ROWS, COLUMNS)

    if patch.crosses_itself and not expected.any():
        return  # drawn twice in one go: see the test of that
    assert np.array_equal(pixels(patch), expected)


def test_the_low_edges_are_in_and_the_high_edges_are_out():
    mask = pixels(fill(polygons(box(2, 3, 5, 6)), (ROWS, COLUMNS))[0])

    assert np.argwhere(mask).tolist() == [[v, u] for v in (3, 4, 5) for u in (2, 3, 4)]


@pytest.mark.parametrize("turn", [1, -1])
def test_the_sense_and_the_first_point_do_not_matter(turn):
    star = [(f("5.5"), f(0)), (f(7), f(8)), (f(0), f(3)), (f(10), f(3)), (f(3), f(8))]
    shape = star[2:] + star[:2]

    assert np.array_equal(pixels(fill(polygons(shape[::turn]), (ROWS, COLUMNS))[0]), reference_mask(star, ROWS, COLUMNS))


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(-6, 28), st.integers(-6, 24)), min_size=1, max_size=6), st.booleans())
def test_two_regions_that_share_a_border_neither_overlap_nor_leave_a_gap(inner, reverse):
    """A frame is cut in two by any polyline between its left and right side; both parts together are the frame."""
    border = [(f(-3), f(4)), *((Fraction(u, 2), Fraction(v, 2)) for u, v in inner), (f(14), f(4))]
    above = [*border, (f(14), f(-3)), (f(-3), f(-3))]
    below = [*border, (f(14), f(12)), (f(-3), f(12))]
    if reverse:
        below = below[::-1]
    one, other = (pixels(patch) for patch in fill(polygons(above, below), (ROWS, COLUMNS)))

    assert not (one & other).any()
    assert (one | other).all()


def test_a_comb_one_pixel_wide_keeps_its_teeth():
    comb = [(f("0.5"), f("7.5"))]
    for tooth in range(1, 10, 2):
        comb += [(f(f"{tooth - 1}.5"), f("0.5")), (f(f"{tooth}.5"), f("0.5")), (f(f"{tooth}.5"), f("6.5")), (f(f"{tooth + 1}.5"), f("6.5"))]
    comb += [(f("10.5"), f("7.5"))]
    mask = pixels(fill(polygons(comb), (ROWS, COLUMNS))[0])

    assert np.array_equal(mask, reference_mask(comb, ROWS, COLUMNS))
    assert mask[3].tolist() == [bool(u % 2) and u < 10 for u in range(COLUMNS)]


def test_a_keyhole_leaves_its_hole_out():
    keyhole = [*box(1, 1, 9, 8), (f(1), f(1)), (f(3), f(3)), (f(3), f(6)), (f(6), f(6)), (f(6), f(3)), (f(3), f(3))]
    patch = fill(polygons(keyhole), (ROWS, COLUMNS))[0]

    assert np.array_equal(pixels(patch), reference_mask(box(1, 1, 9, 8), ROWS, COLUMNS) & ~reference_mask(box(3, 3, 6, 6), ROWS, COLUMNS))
    assert not patch.crosses_itself


def test_a_keyhole_whose_hole_turns_the_wrong_way_leaves_it_out_too():
    keyhole = [*box(1, 1, 9, 8), (f(1), f(1)), *box(3, 3, 6, 6), (f(3), f(3))]

    assert not pixels(fill(polygons(keyhole), (ROWS, COLUMNS))[0])[4, 4]


def test_a_contour_drawn_twice_in_one_go_is_filled_once():
    patch = fill(polygons([*box(1, 1, 5, 5), *box(1, 1, 5, 5)]), (ROWS, COLUMNS))[0]

    assert pixels(patch).sum() == 16
    assert patch.crosses_itself


def test_a_bow_tie_is_filled_on_both_sides_and_reported():
    patch = fill(polygons([(f(1), f(1)), (f(9), f(7)), (f(9), f(1)), (f(1), f(7))]), (ROWS, COLUMNS))[0]

    assert patch.crosses_itself
    assert np.array_equal(pixels(patch), reference_mask([(f(1), f(1)), (f(9), f(7)), (f(9), f(1)), (f(1), f(7))], ROWS, COLUMNS))


def test_what_reaches_beyond_the_image_is_cut_off():
    mask = pixels(fill(polygons(box(-100, -100, 4, 1000)), (ROWS, COLUMNS))[0])

    assert np.array_equal(mask, np.broadcast_to(np.arange(COLUMNS) < 4, mask.shape))
    assert not fill(polygons(box(20, 20, 30, 30)), (ROWS, COLUMNS))[0].mask.any()
    assert not fill(polygons(box(-30, 2, -20, 5)), (ROWS, COLUMNS))[0].mask.any()


def test_many_polygons_are_filled_in_portions_with_the_same_result(monkeypatch):
    shapes = [box(n % 5, n % 3, n % 5 + 3, n % 3 + 4) for n in range(20)]
    whole = [pixels(patch) for patch in fill(polygons(*shapes), (ROWS, COLUMNS))]
    monkeypatch.setattr("IDCBrowserLib.labelmap.contours.fill._CELLS_AT_ONCE", 50)

    assert all(np.array_equal(pixels(patch), mask) for patch, mask in zip(fill(polygons(*shapes), (ROWS, COLUMNS)), whole, strict=True))


def test_vertices_off_a_center_by_rounding_count_as_on_it():
    off = 1e-11
    rounded = [(f(2), f(3)), (f(5), f(3)), (f(5), f(6)), (f(2), f(6))]
    shaken = np.array([[float(u) + (-1) ** n * off, float(v) - (-1) ** n * off] for n, (u, v) in enumerate(rounded)])
    patch = fill(Polygons(shaken, np.array([0, 4])), (ROWS, COLUMNS))[0]

    assert np.array_equal(pixels(patch), reference_mask(rounded, ROWS, COLUMNS))


def test_no_polygons_give_no_patches():
    assert fill(Polygons(np.zeros((0, 2)), np.zeros(1, np.int64)), (4, 4)) == []


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("most", [1, 3, 1000])
def test_a_long_contour_is_filled_a_part_of_its_edges_at_a_time_with_the_same_result(most, turn, monkeypatch):
    keyhole = [*box(1, 1, 9, 8), (f(1), f(1)), (f(3), f(3)), (f(3), f(6)), (f(6), f(6)), (f(6), f(3)), (f(3), f(3))]
    shapes = [keyhole, [*box(1, 1, 5, 5), *box(1, 1, 5, 5)], [(1, 1), (9, 7), (9, 1), (1, 7)], box(-3, -3, 4, 30), box(20, 2, 30, 4)]
    for shape in shapes:
        one = polygons(shape[::turn])
        [whole] = fill(one, (ROWS, COLUMNS))
        with monkeypatch.context() as patched:
            patched.setattr("IDCBrowserLib.labelmap.contours.fill._CROSSINGS_AT_ONCE", most)
            [long] = fill(one, (ROWS, COLUMNS))
        assert np.array_equal(pixels(long), pixels(whole)) and long.crosses_itself == whole.crosses_itself


@pytest.mark.parametrize(("off", "is_on"), [(0.9e-8, True), (3e-8, False)])
def test_a_center_is_on_an_edge_up_to_a_hundred_millionth_of_a_pixel(off, is_on):
    # The high sides lie a little beyond centers, which are then enclosed; the low sides do, so that the centers are not.
    for shape, inside in (
        ([(2, 3), (5 + off, 3), (5 + off, 6 + off), (2, 6 + off)], 9),
        ([(2 + off, 3 + off), (5, 3 + off), (5, 6), (2 + off, 6)], 9),
    ):
        count = int(pixels(fill(polygons(shape), (ROWS, COLUMNS))[0]).sum())
        assert (count == inside) == is_on
    slanted = [(2, 3), (6 + off, 3), (2 + off, 7)]
    assert (int(pixels(fill(polygons(slanted), (ROWS, COLUMNS))[0]).sum()) == 10) == is_on


@pytest.mark.parametrize(("off", "is_on"), [(0.0, True), (0.8e-8, True), (3e-8, False)])
def test_a_center_is_as_near_to_a_steep_edge_as_to_any(off, is_on):
    # Through the centers of (2, 3) and (3, 7) but for the offset.
    shape = [(1.875 + off, 2.5), (3.125 + off, 7.5), (8.5, 7.5), (8.5, 2.5)]
    mask = pixels(fill(polygons(shape), (ROWS, COLUMNS))[0])
    assert [bool(mask[3, 2]), bool(mask[7, 3])] == [is_on] * 2


def test_areas_are_signed_by_the_sense_of_winding():
    both = polygons(box(2, 3, 5, 7), box(2, 3, 5, 7)[::-1], [(0, 0), (1, 0), (0, 1)])
    assert both.signed_areas().tolist() == [12, -12, 0.5]
    assert len(both) == 3 and len(both.part(1, 3)) == 2
    assert both.part(1, 3).signed_areas().tolist() == [-12, 0.5]
