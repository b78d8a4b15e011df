"""Which planes are at one place, how far apart slices are, what is missing: allowances from both sides."""

import numpy as np
import pytest

from IDCBrowserLib.volume import tolerances
from IDCBrowserLib.volume.spacing import Spacing, borders, levels_of, nearest_index, space_frames, space_images

NONE = np.nan


def at_levels(found, levels):
    """The slices; each plane is at the center of its own, whatever the rule."""
    assert np.abs(found.centers[found.indices] - levels).max() <= tolerances.off_grid(found.step)
    assert len(found.centers) == found.count
    return found


def images(levels, thickness=NONE):
    levels = np.array(levels, float)
    return at_levels(space_images(levels, np.broadcast_to(np.array(thickness, float), levels.shape)), levels)


def frames(levels, thickness=NONE, stated=None, complete=False):
    levels = np.array(levels, float)
    return at_levels(space_frames(levels, np.broadcast_to(np.array(thickness, float), levels.shape), stated, lambda: complete), levels)


@pytest.mark.parametrize(("pixel", "apart", "count"), [(0.7, 0.09, 1), (0.7, 0.11, 2), (0.27, 0.005, 1), (0.004, 0.004, 2), (1.0, 0.02, 1)])
def test_planes_are_at_one_place_up_to_the_rounding_of_positions(pixel, apart, count):
    _, levels = levels_of(np.array([0.0, apart, 3.0, 3.0 + apart]), pixel)
    assert len(levels) == 2 * count


def test_hundred_phases_that_wobble_are_at_one_place():
    random = np.random.default_rng(1)
    distances = (np.arange(20)[:, None] * 2.0 + random.uniform(-0.04, 0.04, (20, 100))).reshape(-1)
    level_of, levels = levels_of(distances, 1.0)
    assert len(levels) == 20
    assert np.array_equal(level_of, np.repeat(np.arange(20), 100))


def test_slices_nearer_than_the_rounding_are_slices():
    _, levels = levels_of(np.arange(12) * 0.05, 0.7)
    assert len(levels) == 12


@pytest.mark.parametrize("step", [0.6, 1.0, 1.25, 3.0, 7.0])
def test_positions_off_the_grid_by_less_than_the_rounding_are_even_and_by_more_are_not(step):
    limit = tolerances.off_grid(step)
    for off, is_even in ((0.9 * limit, True), (1.2 * limit, False)):
        levels = np.arange(12) * step
        levels[5] += off
        assert images(levels).is_even is is_even


def test_positions_written_with_one_decimal_are_even():
    levels = np.round(-101.37 + 1.25 * np.arange(20), 1)
    assert images(levels).is_even and frames(levels, stated=1.25).count == 20 and frames(levels).count == 20


def test_missing_slices_stay_missing_whatever_their_number():
    found = images([0, 2.5, 5, 12.5, 15], 2.5)
    assert (found.count, found.indices.tolist(), found.is_even) == (7, [0, 1, 2, 5, 6], True)


def test_slices_whose_thickness_fits_their_distance_are_thicker_not_missing():
    found = images([0, 2.5, 5, 10, 15], [2.5, 2.5, 2.5, 5, 5])
    assert (found.count, found.is_even, found.is_thick) == (5, False, True)
    assert found.thicknesses().tolist() == [2.5, 2.5, 3.75, 5, 5]


def test_a_missing_thick_slice_is_missing_among_thick_ones():
    found = images([0, 2.5, 5, 10, 20, 25], [2.5, 2.5, 2.5, 5, 5, 5])
    assert (found.count, found.indices.tolist(), found.is_thick) == (7, [0, 1, 2, 3, 5, 6], True)


def test_overlapping_slices_that_lack_one_do_not_look_like_a_thick_one():
    # 5 mm thick every 2.5 mm: the gap of 5 mm fits by chance.
    found = images([0, 2.5, 5, 10, 12.5], 5.0)
    assert (found.count, found.is_even) == (5 + 1, True)


@pytest.mark.parametrize(("off", "fits"), [(0.04, True), (0.11, False)])
def test_a_thickness_fits_a_distance_up_to_a_twentieth(off, fits):
    assert tolerances.fits(5 * (1 + off), 5.0) is fits


def test_a_distance_that_is_no_multiple_is_no_gap_and_a_wide_one_is():
    assert frames([0, 3, 6, 9, 12, 17, 22, 27], 3.0).count == 8
    found = images([0, 3, 6, 9, 20.4, 23.4], 3.0)
    assert (found.count, found.indices.tolist(), found.is_even) == (9, [0, 1, 2, 3, 7, 8], False)


def test_frames_of_one_thickness_leave_it_open_unless_the_object_names_no_other_images():
    levels = [0, 2.5, 5, 7.5, 10, 15, 20, 25]
    assert frames(levels, 2.5).count == 11
    found = frames(levels, 2.5, complete=True)
    assert (found.count, found.is_thick) == (8, True)
    # A single gap in a complete set is a gap: nothing says that the slice is thicker.
    assert frames([0, 2.5, 5, 10, 12.5], 2.5, complete=True).count == 6


def test_a_grid_finer_than_every_distance_needs_a_thickness_that_fits_or_few_empty_slices():
    assert frames([0, 5, 12.5], 2.5).step == pytest.approx(2.5)
    assert frames([0, 5, 12.5]).step == pytest.approx(2.5)
    assert frames([0, 3, 6, 11, 16], 3.0).is_even is False
    assert frames([0, 3, 6, 9, 14, 19, 24, 29]).is_even is False


def test_uneven_slices_are_as_thick_as_stated_or_as_halfway_to_their_neighbors():
    centers = np.array([0.0, 1.0, 3.0])
    thick = Spacing(np.arange(3), centers, 1.5, is_even=False, is_thick=True)
    thin = Spacing(np.arange(3), centers, 1.5, is_even=False)
    assert "varies from 1 to 2 mm, and they are as thick as that;" in thick.uneven_warning()
    assert "and each is taken to be as thick as halfway to its neighbors;" in thin.uneven_warning()
    assert thin.thicknesses().tolist() == [1.0, 1.5, 2.0]


@pytest.mark.parametrize(("thickness", "is_finer"), [(1.49, False), (1.51, True), (4.24, True), (4.26, False)])
def test_how_far_a_thickness_may_be_from_the_step_of_a_finer_grid(thickness, is_finer):
    """0.6 to 1.7 times the step of 2.5 mm, of slices 5 and 7.5 mm apart."""
    assert (frames([0, 5, 12.5], thickness).step == pytest.approx(2.5)) is is_finer


def test_a_stated_distance_that_no_frame_has_leaves_an_even_stack_even():
    found = frames([0, 2, 4, 6, 8], 2.0, stated=1.0)
    assert (found.count, found.step, found.is_even) == (5, 2.0, True)


@pytest.mark.parametrize(("wide", "count"), [(5.69, 6), (5.71, 7), (7.4, 7), (7.6, 8)])
def test_slices_are_missing_where_a_distance_is_nearly_twice_the_usual_one(wide, count):
    assert images([0, 3, 6, 9, 9 + wide, 12 + wide], NONE).count == count


@pytest.mark.parametrize(("last", "is_even", "count"), [(9, True, 10), (10, False, 5)])
def test_fewer_slices_than_images_may_be_missing_in_an_even_stack_of_overlapping_ones(last, is_even, count):
    found = images([0, 1, 2, 3, last], 5.0)
    assert (found.is_even, found.count) == (is_even, count)


@pytest.mark.parametrize(("levels", "count"), [([0, 80, 170], 18), ([0, 90, 190], 3)])
def test_a_grid_is_at_most_eight_times_finer_than_the_smallest_distance(levels, count):
    assert frames(levels, 10.0).count == count


@pytest.mark.parametrize(("last", "is_even"), [(9, True), (10, False)])
def test_two_fifths_of_a_finer_grid_have_to_be_there(last, is_even):
    found = frames([0, 2, 5, last])
    assert (found.is_even, found.count) == ((True, 10) if is_even else (False, 4))


@pytest.mark.parametrize(
    ("last", "is_even", "count"), [(65_535, True, 65_536), (65_539, True, 65_540), (70_000, False, 65_540), (1_000_000, False, 65_540)]
)
def test_no_gap_is_filled_with_slices_without_end(last, is_even, count):
    found = frames([0, 1, 2, last])
    assert (found.is_even, found.count) == (is_even, count)


@pytest.mark.parametrize(("stated", "count"), [(1.0, 9), (2.0, 5), (2.5, 5), (3.0, 5)])
def test_a_stated_distance_counts_up_to_the_smallest_one(stated, count):
    """A distance that is stated too wide says nothing, one that divides all of them says what is missing."""
    assert frames([0, 2, 4, 6, 8], stated=stated).count == count


@pytest.mark.parametrize(("wanted", "index"), [(-5.0, 0), (0.9, 0), (1.0, 0), (1.1, 1), (2.9, 1), (3.0, 1), (3.1, 2), (9.0, 2)])
def test_the_nearest_slice_is_the_lower_one_of_two_that_are_as_near(wanted, index):
    assert nearest_index(np.array([0.0, 2.0, 4.0]), np.array([wanted])).tolist() == [index]
    assert nearest_index(np.array([7.0]), np.array([wanted])).tolist() == [0]


def test_a_single_slice_reaches_half_its_thickness_to_both_sides():
    assert borders(np.array([10.0]), 3.0).tolist() == [8.5, 11.5]
    assert borders(np.array([0.0, 2.0, 6.0]), 3.0).tolist() == [-1.0, 1.0, 4.0, 8.0]
