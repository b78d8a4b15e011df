import math

import numpy as np
import pytest

from IDCBrowserLib.demo.contours import Region, area, contains, keyhole, loops, regions, signed_area, simplified

X = np.arange(-30.0, 31.0)
GRID_X, GRID_Y = np.meshgrid(X, X)


def circle(center: tuple[float, float], radius: float) -> np.ndarray:
    return np.hypot(GRID_X - center[0], GRID_Y - center[1]) - radius


def test_a_circle_becomes_one_loop_of_its_area() -> None:
    [loop] = loops(circle((0.3, 0.2), 20.0), X, X)
    assert area(loop) == pytest.approx(math.pi * 400, rel=0.003)
    assert all(math.hypot(x - 0.3, y - 0.2) == pytest.approx(20, abs=0.05) for x, y in loop)


def test_two_circles_are_two_regions_without_holes() -> None:
    found = regions(loops(np.minimum(circle((-15.0, 0.0), 8.0), circle((15.0, 0.0), 8.0)), X, X))
    assert [len(region.holes) for region in found] == [0, 0]


def test_a_ring_with_an_island_inside_is_two_regions_and_one_hole() -> None:
    ring = np.maximum(circle((0.0, 0.0), 25.0), -circle((0.0, 0.0), 15.0))
    found = regions(loops(np.minimum(ring, circle((0.0, 0.0), 6.0)), X, X))
    assert sorted(len(region.holes) for region in found) == [0, 1]


def test_a_keyhole_walks_round_its_hole_the_other_way_and_encloses_the_difference() -> None:
    ring = np.maximum(circle((0.0, 0.0), 25.0), -circle((4.0, 1.0), 9.0))
    [region] = regions(loops(ring, X, X))
    cut = keyhole(region)
    assert abs(signed_area(cut)) == pytest.approx(math.pi * (625 - 81), rel=0.01)
    assert not contains(cut, (4.2, 1.1))
    assert contains(cut, (-15.3, 0.1))
    assert len(cut) == len(region.outline) + len(region.holes[0]) + 2


def test_a_keyhole_reaches_several_holes() -> None:
    outline = [(0.0, 0.0), (30.0, 0.0), (30.0, 10.0), (0.0, 10.0)]
    holes = tuple([(x, 4.0), (x, 6.0), (x + 2.0, 6.0), (x + 2.0, 4.0)] for x in (5.0, 15.0, 25.0))
    cut = keyhole(Region(outline, holes))
    assert abs(signed_area(cut)) == pytest.approx(300 - 3 * 4)


def test_a_shape_that_touches_the_border_is_closed_there() -> None:
    [loop] = loops(GRID_X * 0 - 1.0, X, X)
    assert area(loop) == pytest.approx(59 * 59, rel=0.01)


def test_simplifying_drops_points_on_straight_lines_only() -> None:
    straight = [(float(x), 0.0) for x in range(11)] + [(10.0, 10.0), (0.0, 10.0)]
    lean = simplified(straight)
    assert len(lean) < len(straight)
    assert area(lean) == area(straight)
    assert {(10.0, 10.0), (0.0, 10.0), (10.0, 0.0), (0.0, 0.0)} <= set(lean)
