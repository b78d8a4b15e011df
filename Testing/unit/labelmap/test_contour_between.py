"""Slices between contours."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from IDCBrowserLib.labelmap.contours.between import _depth, fill_between, slices_between
from IDCBrowserLib.labelmap.contours.fill import Patch


def test_gaps_of_a_regular_pattern_are_found_and_wide_ones_are_not():
    assert sorted(slices_between([0, 2, 4, 6])) == [1, 3, 5]
    assert sorted(slices_between([0, 3, 6, 9, 20, 23])) == [1, 2, 4, 5, 7, 8, 21, 22]
    assert sorted(slices_between([0, 1, 2, 4, 5])) == [3]
    assert slices_between([0, 1, 2, 3]) == {}
    assert slices_between([5]) == {}


def disk(radius, size=31):
    y, x = np.mgrid[:size, :size] - size // 2
    return Patch(2, 3, x * x + y * y <= radius * radius)


def test_between_two_disks_lies_the_disk_of_the_mean_radius():
    filled = fill_between({0: disk(4), 2: disk(12)}, slices_between([0, 2]))

    area = filled[1].mask.sum()
    assert area == pytest.approx(np.pi * 64, rel=0.06)
    assert np.array_equal(filled[1].mask, filled[1].mask[::-1, ::-1])


def test_slices_at_a_third_are_nearer_to_their_neighbor():
    filled = fill_between({3: disk(4), 6: disk(13)}, slices_between([3, 6]))
    assert sorted(filled) == [4, 5]
    assert [int(filled[k].mask.sum()) for k in (4, 5)] == pytest.approx([np.pi * 7**2, np.pi * 10**2], rel=0.06)
    assert {(patch.row, patch.column) for patch in filled.values()} == {(2, 3)}


def test_equal_neighbors_give_themselves():
    mask = np.zeros((9, 9), bool)
    mask[2:7, 3:5] = True
    mask[4, 3] = False
    filled = fill_between({4: Patch(1, 1, mask), 7: Patch(1, 1, mask)}, {5: (4, 7), 6: (4, 7)})

    assert all(np.array_equal(filled[k].mask, mask) for k in (5, 6))


def test_boxes_at_different_places_are_brought_together():
    filled = fill_between({0: Patch(0, 0, np.ones((6, 6), bool)), 2: Patch(0, 2, np.ones((6, 6), bool))}, {1: (0, 2)})

    columns = filled[1].column + np.flatnonzero(filled[1].mask.any(axis=0))
    assert columns.tolist() == [1, 2, 3, 4, 5, 6]
    filled = fill_between({0: Patch(4, 1, np.ones((6, 6), bool)), 2: Patch(2, 1, np.ones((6, 6), bool))}, {1: (0, 2)})
    assert (filled[1].row + np.flatnonzero(filled[1].mask.any(axis=1))).tolist() == [3, 4, 5, 6, 7, 8]


def test_an_empty_neighbor_gives_nothing():
    nothing, full = Patch(0, 0, np.zeros((4, 4), bool)), Patch(0, 0, np.ones((4, 4), bool))
    for one, other in ((nothing, full), (full, nothing)):
        assert fill_between({0: one, 2: other}, {1: (0, 2)}) == {}
    assert sorted(fill_between({0: nothing, 2: full, 4: full}, {1: (0, 2), 3: (2, 4)})) == [3]


def test_depths_are_exact_distances_to_the_border():
    mask = np.random.default_rng(5).random((13, 17)) < 0.6
    padded = np.pad(mask, 1)
    expected = np.where(padded, distance_transform_edt(padded) - 0.5, 0.5 - distance_transform_edt(~padded))
    assert np.allclose(_depth(mask), expected[1:-1, 1:-1])
