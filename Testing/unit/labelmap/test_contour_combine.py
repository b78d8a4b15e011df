"""Several contours of one ROI on one slice."""

import math
from dataclasses import replace

import numpy as np
import pytest
from helpers.rtstruct_files import box

from IDCBrowserLib.labelmap.contours.combine import Shape, combine
from IDCBrowserLib.labelmap.contours.fill import Polygons, fill
from IDCBrowserLib.labelmap.contours.relation import Relation, relation

ROWS, COLUMNS = 24, 26


def shape(points, is_xor=False):
    points = np.array([[float(u), float(v)] for u, v in points])
    polygons = Polygons(points, np.array([0, len(points)]))
    return Shape(points, float(polygons.signed_areas()[0]), fill(polygons, (ROWS, COLUMNS))[0], is_xor)


def pixels(combined):
    mask = np.zeros((ROWS, COLUMNS), bool)
    patch = combined.patch
    height, width = patch.mask.shape
    mask[patch.row : patch.row + height, patch.column : patch.column + width] = patch.mask
    return mask


def of(*contours, rule="auto"):
    return combine([shape(contour) for contour in contours], rule)


def mask_of(contour):
    return pixels(of(contour))


OUTER, HOLE, ISLAND = box(1, 1, 21, 21), box(4, 4, 18, 18), box(8, 8, 12, 12)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_contained_contours_are_holes_and_islands_inside_holes_whatever_their_order(order):
    contours = [OUTER, HOLE, ISLAND]
    combined = of(*(contours[n] for n in order))

    assert np.array_equal(pixels(combined), mask_of(OUTER) & ~mask_of(HOLE) | mask_of(ISLAND))
    assert combined.found == {"hole", "island"}
    assert combined.area == pytest.approx(400 - 196 + 16)
    assert combined.area_is_exact


def test_separate_contours_are_islands():
    combined = of(box(1, 1, 5, 5), box(10, 1, 15, 5), box(5, 5, 9, 9))

    assert pixels(combined).sum() == 16 + 20 + 16
    assert combined.found == {"island"}


def test_contours_that_cross_are_united():
    combined = of(box(1, 1, 10, 10), box(5, 5, 15, 15))

    assert np.array_equal(pixels(combined), mask_of(box(1, 1, 10, 10)) | mask_of(box(5, 5, 15, 15)))
    assert "union" in combined.found
    assert not combined.area_is_exact


def test_bars_that_cross_without_a_corner_in_one_another_are_united():
    combined = of(box(1, 8, 20, 12), box(8, 1, 12, 20))

    assert np.array_equal(pixels(combined), mask_of(box(1, 8, 20, 12)) | mask_of(box(8, 1, 12, 20)))


@pytest.mark.parametrize("twin", [OUTER, OUTER[::-1], OUTER[2:] + OUTER[:2], [*OUTER, OUTER[0]]], ids=["same", "reversed", "rotated", "closed"])
def test_the_same_contour_twice_counts_once(twin):
    combined = of(OUTER, HOLE, twin, HOLE)

    assert np.array_equal(pixels(combined), mask_of(OUTER) & ~mask_of(HOLE))
    assert "duplicate" in combined.found
    assert combined.area == pytest.approx(400 - 196)


@pytest.mark.parametrize(("width", "found"), [(0.1, "duplicate"), (0.12, "copy")])
def test_the_same_contour_has_the_same_area_up_to_a_thousandth(width, found):
    # A notch between the centers of pixels, 0.6 deep, in 64 square pixels.
    notched = [(2, 2), (10, 2), (10, 10), (6.2 + width, 10), (6.2 + width, 9.4), (6.2, 9.4), (6.2, 10), (2, 10)]
    assert of(box(2, 2, 10, 10), notched).found == {found}


def test_a_hole_that_touches_the_border_is_a_hole():
    assert np.array_equal(pixels(of(OUTER, box(1, 4, 9, 9))), mask_of(OUTER) & ~mask_of(box(1, 4, 9, 9)))
    assert np.array_equal(pixels(of(OUTER, [(1, 11), (8, 6), (8, 16)])), mask_of(OUTER) & ~mask_of([(1, 11), (8, 6), (8, 16)]))


def test_a_thin_ring_between_two_contours_stays_a_ring():
    outer, inner = box(2, 2, 20, 20), box(3, 3, 19, 19)

    assert pixels(of(outer, inner)).sum() == 18 * 18 - 16 * 16


@pytest.mark.parametrize("inset", [0.03, 0.5, 0.99])
def test_a_contour_drawn_again_within_a_pixel_counts_once(inset):
    again = box(2 + inset, 2 + inset, 20 - inset, 20 - inset)
    for contours in ((box(2, 2, 20, 20), again), (box(2, 2, 20, 20), again[1:] + again[:1])):
        combined = of(*contours)
        assert np.array_equal(pixels(combined), mask_of(box(2, 2, 20, 20)))
        assert combined.found == {"copy"}
        assert combined.area == pytest.approx(18 * 18)


def test_copies_with_their_holes_count_once_and_the_holes_stay():
    moved = [box(1.4, 1.3, 21.4, 21.3), box(4.4, 4.3, 18.4, 18.3)]
    combined = of(OUTER, HOLE, *moved)

    assert np.array_equal(pixels(combined), mask_of(OUTER) & ~mask_of(HOLE))
    assert {"copy", "hole"} == combined.found


@pytest.mark.parametrize("how", ["wound the other way", "xor", "keyhole"])
def test_a_ring_thinner_than_a_pixel_that_is_stated_as_a_hole_stays_one(how):
    outer, inner = box(1.5, 1.5, 20.5, 20.5), box(2.2, 2.2, 19.8, 19.8)
    ring = mask_of(outer) & ~mask_of(inner)
    assert 0 < ring.sum() < 80
    if how == "keyhole":
        combined = of([*outer, outer[0], inner[0], *inner[::-1], outer[0]])
    else:
        combined = combine([shape(outer), shape(inner, is_xor=True) if how == "xor" else shape(inner[::-1])])
    assert np.array_equal(pixels(combined), ring)


def test_a_small_contour_in_a_small_one_is_a_hole_although_they_are_within_a_pixel():
    # A copy has at least half the area.
    assert of(box(1.5, 1.5, 4.5, 4.5), box(2.4, 2.4, 3.6, 3.6)).found == {"hole"}


@pytest.mark.parametrize(("inset", "found"), [(0.99, "copy"), (1.01, "hole")])
def test_contours_are_copies_up_to_a_pixel_apart_and_a_ring_from_there(inset, found):
    assert of(box(2, 2, 20, 20), box(2 + inset, 2 + inset, 20 - inset, 20 - inset)).found == {found}


@pytest.mark.parametrize(("inset", "found"), [(0.43, "copy"), (0.45, "hole")])
def test_a_copy_has_at_least_half_the_area(inset, found):
    # Of 3 x 3 pixels, half the area is left 0.44 pixels inside.
    assert of(box(1.5, 1.5, 4.5, 4.5), box(1.5 + inset, 1.5 + inset, 4.5 - inset, 4.5 - inset)).found == {found}


def test_two_contours_side_by_side_with_a_common_border_are_both_in():
    combined = of(box(1, 1, 9, 9), box(9, 1, 17, 9))

    assert pixels(combined).sum() == 128
    assert combined.found == {"island"}


def test_an_island_in_the_hole_of_a_keyhole_contour_is_in():
    keyhole = [*OUTER, OUTER[0], HOLE[0], *HOLE[:0:-1], HOLE[0], OUTER[0]]

    assert np.array_equal(pixels(of(keyhole, ISLAND)), mask_of(OUTER) & ~mask_of(HOLE) | mask_of(ISLAND))


def test_xor_contours_flip_what_they_enclose():
    combined = combine([shape(box(1, 1, 10, 10), True), shape(box(5, 5, 15, 15), True)])

    assert np.array_equal(pixels(combined), mask_of(box(1, 1, 10, 10)) ^ mask_of(box(5, 5, 15, 15)))
    assert "xor" in combined.found


def test_union_and_xor_can_be_forced():
    assert np.array_equal(pixels(of(OUTER, HOLE, rule="union")), mask_of(OUTER))
    assert np.array_equal(pixels(of(OUTER, HOLE, rule="xor")), mask_of(OUTER) & ~mask_of(HOLE))
    crossing = box(1, 1, 10, 10), box(5, 5, 15, 15)
    assert np.array_equal(pixels(of(*crossing, rule="xor")), mask_of(crossing[0]) ^ mask_of(crossing[1]))


def test_round_contours_that_only_nest_are_an_annulus():
    def circle(radius, count):
        return [(12 + radius * math.cos(2 * math.pi * n / count), 11 + radius * math.sin(2 * math.pi * n / count)) for n in range(count)]

    combined = of(circle(9, 64), circle(4, 30))
    assert np.array_equal(pixels(combined), mask_of(circle(9, 64)) & ~mask_of(circle(4, 30)))


@pytest.mark.parametrize(
    ("large", "small", "expected"),
    [
        (OUTER, HOLE, Relation.CONTAINS),
        (OUTER, box(22, 22, 24, 24), Relation.APART),
        (box(1, 1, 9, 9), box(9, 1, 12, 9), Relation.APART),
        (OUTER, box(15, 15, 24, 24), Relation.CROSSES),
        (OUTER, box("0.99", 5, 9, 9), Relation.CONTAINS),
        (OUTER, OUTER, Relation.CONTAINS),
        ([(0, 0), (20, 0), (20, 20), (16, 20), (16, 4), (4, 4), (4, 20), (0, 20)], box(6, 8, 14, 18), Relation.APART),
        ([(0, 0), (20, 0), (20, 20), (16, 20), (16, 4), (4, 4), (4, 20), (0, 20)], box(2, 8, 18, 12), Relation.CROSSES),
    ],
    ids=["hole", "far", "side by side", "overlap", "rounding", "same", "in the arms of a U", "across a U"],
)
def test_relations_of_two_contours(large, small, expected):
    assert relation(shape(large).points, shape(small).points) is expected


@pytest.mark.parametrize(
    ("contours", "rule", "area", "is_exact", "found"),
    [
        ([OUTER, HOLE], "union", 400 + 196, False, {"union"}),
        ([ISLAND, box(13, 13, 15, 15)], "union", 16 + 4, True, {"union"}),
        ([HOLE, OUTER], "xor", 400 - 196, True, {"xor"}),
        ([ISLAND, HOLE, OUTER], "xor", 400 - 196 + 16, True, {"xor"}),
        ([ISLAND, box(13, 13, 15, 15)], "xor", 16 + 4, True, {"xor"}),
        ([OUTER, box(15, 15, 24, 24)], "xor", 400 + 81, False, {"xor"}),
        ([OUTER[::-1]], "auto", 400, True, set()),
        ([OUTER[::-1]], "union", 400, True, set()),
        # Holes together larger than what they are in: no area is below 0.
        ([box(1, 1, 5, 5), box(1.5, 1.5, 4.9, 4.9), box(1.6, 1.6, 4.95, 4.8)], "xor", 0, False, {"xor"}),
    ],
)
def test_areas_follow_the_rule_and_are_an_estimate_where_contours_meet(contours, rule, area, is_exact, found):
    combined = of(*contours, rule=rule)
    assert (combined.area, combined.area_is_exact, combined.found) == (pytest.approx(area), is_exact, found)


@pytest.mark.parametrize(("rule", "found"), [("auto", {"xor"}), ("union", set()), ("xor", set())])
def test_a_single_xor_contour_is_said_to_be_one_where_the_rule_heeds_it(rule, found):
    assert combine([shape(OUTER, is_xor=True)], rule).found == found


def test_copies_are_named_by_their_numbers():
    one, other, third = (replace(shape(box(2 + off, 2, 20 + off, 20)), number=number) for off, number in ((0, 4), (0.4, 7), (0.6, 2)))
    assert combine([one, other, third]).copies == (7, 2)


def test_of_three_contours_that_cross_in_a_chain_all_are_united_and_a_fourth_apart_is_an_island():
    chain = box(1, 1, 6, 6), box(4, 4, 10, 10), box(8, 8, 14, 14)
    expected = mask_of(chain[0]) | mask_of(chain[1]) | mask_of(chain[2])
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        combined = of(*(chain[n] for n in order))
        assert np.array_equal(pixels(combined), expected) and combined.found == {"union"}
    combined = of(*chain, box(18, 18, 22, 22))
    assert pixels(combined).sum() == expected.sum() + 16 and combined.found == {"union", "island"}


def test_an_xor_contour_that_crosses_another_flips_and_is_not_united():
    crossing = combine([shape(box(1, 1, 10, 10)), shape(box(5, 5, 15, 15), is_xor=True)])
    assert np.array_equal(pixels(crossing), mask_of(box(1, 1, 10, 10)) ^ mask_of(box(5, 5, 15, 15)))
    assert "union" not in crossing.found and "xor" in crossing.found and not crossing.area_is_exact


@pytest.mark.parametrize(("off", "is_one"), [(0.019, True), (0.021, False)])
@pytest.mark.parametrize("side", range(4))
def test_a_contour_drawn_twice_has_the_same_extent_up_to_a_fiftieth_of_a_pixel(off, is_one, side):
    # Between the centers of pixels, so that both enclose the same ones, of nearly the same area.
    again = [1.5, 1.5, 22.5, 22.5]
    again[side] += off
    assert of(box(1.5, 1.5, 22.5, 22.5), box(*again)).found == ({"duplicate"} if is_one else {"copy"})


def test_contours_of_the_same_extent_and_area_with_other_pixels_are_two():
    # A notch at the upper and one at the lower side.
    one = [(1.5, 1.5), (9.5, 1.5), (9.5, 9.5), (6.5, 9.5), (6.5, 5.5), (4.5, 5.5), (4.5, 9.5), (1.5, 9.5)]
    other = [(u, 11 - v) for u, v in one]
    assert "duplicate" not in of(one, other).found


def test_what_crosses_itself_does_so_when_combined():
    tie = [(1, 1), (9, 7), (9, 1), (1, 7)]
    assert of(tie, box(15, 15, 19, 19)).patch.crosses_itself and not of(OUTER, HOLE).patch.crosses_itself


def test_contours_that_enclose_no_pixel_leave_nothing():
    tiny = box(2.1, 2.1, 2.9, 2.9), box(5.1, 5.1, 5.9, 5.9)
    combined = of(*tiny)
    assert not combined.patch.mask.any() and combined.area == pytest.approx(2 * 0.64)
    assert pixels(of(*tiny, ISLAND)).sum() == 16


@pytest.mark.parametrize(("inset", "is_copy"), [(0.99, True), (1.01, False)])
@pytest.mark.parametrize("first", [0, 1], ids=["the outer first", "the inner first"])
def test_the_first_of_two_contours_within_a_pixel_counts_whichever_is_larger(inset, is_copy, first):
    both = [box(2, 2, 20, 20), box(2 + inset, 2 + inset, 20 - inset, 20 - inset)]
    ordered = [both[first], both[1 - first]]
    combined = of(*ordered)
    assert combined.found == ({"copy"} if is_copy else {"hole"})
    if is_copy:
        assert np.array_equal(pixels(combined), mask_of(ordered[0]))


def test_a_contour_with_a_spike_or_a_bay_of_a_pixel_and_more_is_no_copy():
    plain = box(2, 2, 20, 20)
    for depth, is_copy in ((0.9, True), (1.1, False)):
        bay = [(2, 2), (9, 2), (9, 2 + depth), (13, 2 + depth), (13, 2), (20, 2), (20, 20), (2, 20)]
        assert ("copy" in of(plain, bay).found) == ("copy" in of(bay, plain).found) == is_copy
