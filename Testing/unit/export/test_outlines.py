"""Loops along the edges of voxels enclose exactly the voxels of the mask."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from IDCBrowserLib.export.outlines import Loop, keyholed, outlines

masks = hnp.arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9)))


def inside(loops, shape) -> np.ndarray:
    """Even-odd rule at every voxel center."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    odd = np.zeros(shape, bool)
    for loop in loops:
        points = loop.coordinates()
        for (x, y), (next_x, next_y) in zip(points, np.roll(points, -1, 0), strict=True):
            if x == next_x:
                odd ^= (columns > x) & (rows > min(y, next_y)) & (rows < max(y, next_y))
    return odd


@settings(max_examples=300, deadline=None)
@given(masks)
def test_the_inside_of_all_loops_is_the_mask(mask):
    loops = outlines(mask)
    assert np.array_equal(inside(loops, mask.shape), mask)
    for loop in loops:
        assert len(set(loop.corners)) == len(loop.corners) >= 4
        assert all((a[0] == b[0]) != (a[1] == b[1]) for a, b in zip(loop.corners, loop.corners[1:] + loop.corners[:1], strict=True))


@settings(max_examples=300, deadline=None)
@given(masks)
def test_keyholes_leave_no_hole_of_its_own_and_the_same_inside(mask):
    loops = keyholed(outlines(mask))
    assert not any(loop.is_hole for loop in loops)
    assert np.array_equal(inside(loops, mask.shape), mask)


def test_holes_run_the_other_way_round():
    mask = np.ones((3, 3), bool)
    mask[1, 1] = False
    found = {loop.is_hole: loop.corners for loop in outlines(mask)}
    assert set(found[False]) == {(0, 0), (3, 0), (3, 3), (0, 3)}
    assert set(found[True]) == {(1, 1), (2, 1), (2, 2), (1, 2)}

    def area(corners):
        return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, corners[1:] + corners[:1], strict=True)) / 2

    assert area(found[False]) == 9 and area(found[True]) == -1


def test_voxels_that_touch_by_a_corner_have_a_loop_each():
    assert len(outlines(np.eye(3, dtype=bool))) == 3
    assert outlines(np.zeros((3, 3), bool)) == []
    assert isinstance(outlines(np.ones((1, 1), bool))[0], Loop)
