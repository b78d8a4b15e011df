"""Lines around labels, judged by what they enclose."""

from itertools import pairwise

import numpy as np
import pytest

from IDCBrowserLib.host.standalone.label_outlines import label_outlines


def enclosed(lines, shape):
    """Pixels with an odd number of lines to their left."""
    inside = np.zeros(shape, int)
    middles = np.arange(shape[1]) + 0.5
    for line in lines:
        for (x, y), (to_x, to_y) in pairwise(line):
            for row in range(shape[0]):
                height = row + 0.5 + 1e-6
                if (y > height) != (to_y > height):
                    inside[row] += middles > x + (height - y) / (to_y - y) * (to_x - x)
    return inside % 2 == 1


@pytest.mark.parametrize("seed", range(5))
def test_lines_enclose_the_pixels_of_each_label(seed):
    labels = np.zeros((16, 20), np.uint16)
    labels[1:-1, 1:-1] = np.random.default_rng(seed).choice([0, 0, 3, 300], (14, 18))
    found = label_outlines(labels, [3, 300])
    assert set(found) == {3, 300}
    for label, lines in found.items():
        assert all(np.array_equal(line[0], line[-1]) for line in lines)
        assert np.array_equal(enclosed(lines, labels.shape), labels == label)


def test_a_label_that_leaves_the_picture_has_an_open_line():
    labels = np.zeros((6, 8), np.uint8)
    labels[2:, :3] = 1
    [line] = label_outlines(labels, [1])[1]
    assert sorted([tuple(line[0]), tuple(line[-1])]) == [(0.5, 2.0), (3.0, 5.5)]
    assert len(line) == 4, "straight runs are two points"
    assert label_outlines(np.ones((6, 8), np.uint8), [1]) == {}


def test_labels_that_are_not_wanted_have_no_lines_but_still_end_others():
    labels = np.zeros((6, 8), np.uint8)
    labels[1:5, 1:4], labels[1:5, 4:7] = 1, 2
    assert set(label_outlines(labels, [2])) == {2}
    assert np.array_equal(enclosed(label_outlines(labels, [2])[2], labels.shape), labels == 2)
    assert label_outlines(labels, []) == {}


def test_of_too_many_edges_coarser_ones_are_followed():
    labels = np.zeros((40, 40), np.uint8)
    labels[4:20, 8:24] = 5
    [fine], [coarse] = label_outlines(labels, [5])[5], label_outlines(labels, [5], most_edges=40)[5]
    assert np.abs(coarse.min(axis=0) - fine.min(axis=0)).max() <= 2 and np.abs(coarse.max(axis=0) - fine.max(axis=0)).max() <= 2
    noise = np.random.default_rng(1).integers(0, 2, (400, 400), np.uint8)
    assert sum(len(line) for line in label_outlines(noise, [1], most_edges=1000)[1]) <= 2000
