"""How contours lie to each other, and the search for boxes that meet."""

import numpy as np
import pytest

from IDCBrowserLib.labelmap.contours import meeting as contour_meeting
from IDCBrowserLib.labelmap.contours.meeting import Boxes, meeting_pairs
from IDCBrowserLib.labelmap.contours.relation import Relation, _distances, relation, same_border


def ring(count, radius, center=(0.0, 0.0)):
    turns = np.arange(count) * 2 * np.pi / count
    return radius * (1 + 0.1 * np.sin(7 * turns))[:, None] * np.stack([np.cos(turns), np.sin(turns)], axis=1) + center


def bar(x0, y0, x1, y1):
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], dtype=float)


def boxes(random, count, size):
    low = random.uniform(-5, 20, (count, 2))
    return Boxes(low, low + random.uniform(0, 1, (count, 2)) * size)


@pytest.mark.parametrize("size", [(0, 0), (0.1, 0.1), (0.01, 15), (25, 25)])
@pytest.mark.parametrize("portion", [1, 50, 1 << 20])
def test_pairs_of_boxes_are_those_that_a_look_at_every_pair_finds(monkeypatch, size, portion):
    monkeypatch.setattr(contour_meeting, "_PAIRS_AT_ONCE", portion)
    random = np.random.default_rng(4)
    a, b = boxes(random, 60, np.array(size)), boxes(random, 90, np.array(size))
    b.low[:5], b.high[:5] = a.high[:5], a.high[:5] + 1
    found = {pair for one, other in meeting_pairs(a, b) for pair in zip(one.tolist(), other.tolist(), strict=True)}
    expected = np.argwhere(np.all((a.low[:, None] <= b.high) & (b.low <= a.high[:, None]), axis=2))

    assert found == set(map(tuple, expected.tolist()))
    assert {(n, n) for n in range(5)} <= found


def test_no_boxes_meet_none():
    nothing = Boxes(np.zeros((0, 2)), np.zeros((0, 2)))
    assert list(meeting_pairs(nothing, Boxes(np.zeros((1, 2)), np.ones((1, 2))))) == []


@pytest.mark.parametrize(
    ("large", "small", "expected"),
    [
        (bar(0, 0, 9, 9), bar(2, 2, 4, 4), Relation.CONTAINS),
        (bar(0, 0, 9, 9), bar(9, 0, 12, 9), Relation.APART),
        (bar(0, 0, 9, 9), bar(5, 5, 12, 12), Relation.CROSSES),
        (bar(0, 4, 9, 6), bar(4, 0, 6, 9), Relation.CROSSES),
        (bar(0.3, 0.4, 2, 0.6), bar(0.4, 0, 0.6, 2), Relation.CROSSES),
        (bar(0, 0, 9, 9), bar(0, 0, 9, 9), Relation.CONTAINS),
        (bar(0, 0, 9, 9), bar(0.01, -0.01, 5, 5), Relation.CONTAINS),
        (bar(0, 0, 9, 9), bar(0.01, -0.03, 5, 5), Relation.CROSSES),
    ],
)
def test_relations_of_simple_shapes(large, small, expected):
    assert relation(large, small) is expected


@pytest.mark.parametrize(("point", "end", "distance"), [((5, 0), (2, 0), 3), ((1, 1), (2, 0), 1), ((-3, 4), (2, 0), 5), ((3, 4), (0, 0), 5)])
def test_the_distance_to_an_edge_ends_at_its_ends(point, end, distance):
    assert _distances(np.array([point], float), np.zeros((1, 2)), np.array([end], float)).tolist() == [distance]


@pytest.mark.parametrize(
    ("radius", "center", "expected"),
    [(199.99, (0.0, 0.0), Relation.CONTAINS), (199.0, (0.0, 0.0), Relation.CONTAINS), (200.0, (0.5, 0.0), Relation.CROSSES)],
)
def test_long_contours_that_nearly_coincide(radius, center, expected):
    """Every pair of edges would be four hundred million."""
    assert relation(ring(20000, 200), ring(20000, radius, center)) is expected


@pytest.mark.parametrize("noise", [0.0, 1e-9, -1e-9])
@pytest.mark.parametrize(
    ("small", "expected"),
    [
        # A corner, an edge and a corner's corner on the border of a bar of 9 x 9, from outside and from inside.
        ([(9, 4), (12, 3), (12, 5)], Relation.APART),
        ([(9, 4), (7, 3), (7, 5)], Relation.CONTAINS),
        ([(9, 9), (11, 10), (10, 11)], Relation.APART),
        ([(0, 0), (3, 1), (1, 3)], Relation.CONTAINS),
        ([(9, 2), (9, 5), (12, 5), (12, 2)], Relation.APART),
        ([(9, 2), (9, 5), (4, 5), (4, 2)], Relation.CONTAINS),
    ],
)
def test_borders_that_touch_do_not_cross(small, expected, noise):
    assert relation(bar(0, 0, 9, 9), np.array(small, float) + noise) is expected


@pytest.mark.parametrize(("depth", "expected"), [(0.019, Relation.CONTAINS), (0.021, Relation.CROSSES)])
def test_a_contour_may_reach_a_fiftieth_of_a_pixel_out_of_one_that_contains_it(depth, expected):
    assert relation(bar(0, 0, 9, 9), bar(2, -depth, 5, 5)) is expected


@pytest.mark.parametrize("first", [0, 1, 3])
@pytest.mark.parametrize("turn", [1, -1])
def test_the_same_border_is_contained_wherever_it_begins(first, turn):
    same = np.roll(bar(0, 0, 9, 9), first, axis=0)[::turn]
    assert relation(bar(0, 0, 9, 9), same) is Relation.CONTAINS


@pytest.mark.parametrize(("inset", "is_same"), [(0.999, True), (1.001, False)])
def test_borders_are_one_up_to_where_they_are_a_reach_apart(inset, is_same):
    outer, inner = bar(0, 0, 9, 9), bar(inset, inset, 9 - inset, 9 - inset)
    assert same_border(outer, inner, 1.0) is same_border(inner, outer, 1.0) is is_same
    assert same_border(outer * 3, inner * 3, 3.0) is is_same


@pytest.mark.parametrize(("sine", "is_same"), [(0.62, True), (0.58, False)])
def test_a_sharp_corner_of_the_outer_border_may_be_half_as_far_again(sine, is_same):
    # A rhombus whose sharper corners have twice the angle of that sine, and the same 0.9 inside: at the corner that is 0.9 / sine.
    a = 20.0
    b = a * sine / np.sqrt(1 - sine * sine)
    outer = np.array([(a, 0), (0, b), (-a, 0), (0, -b)])
    inner = outer * (1 - 0.9 * np.hypot(a, b) / (a * b))
    assert same_border(outer, inner, 1.0) is same_border(inner, outer, 1.0) is is_same


@pytest.mark.parametrize("tip", [9.6, 200.0])
def test_an_edge_that_passes_a_corner_does_not_pass_through_the_edges_beside_it(tip):
    cornered = np.array([(0, 0), (9, 0), (9, 8.5), (9, 9), (8.5, 9), (0, 9)], float)
    beside = np.array([(8.8, 9.6), (9.6, 8.8), (tip, tip)])
    # The larger one first.
    assert relation(*((cornered, beside) if tip < 10 else (beside, cornered))) is Relation.APART
