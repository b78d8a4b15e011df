"""The table of allowances, each from both sides; those of contours are tested where contours are, as ``ELSEWHERE`` names."""

import math
from pathlib import Path

import numpy as np
import pytest
from helpers.dicom_files import image, save

from IDCBrowserLib.labelmap.contours.relation import Relation, relation
from IDCBrowserLib.volume import tolerances
from IDCBrowserLib.volume.image_grid import is_one_of_several
from IDCBrowserLib.volume.read_grids import read_image_grids
from IDCBrowserLib.volume.spacing import Spacing, levels_of
from IDCBrowserLib.volume.tilt import slice_axis

TESTS = Path(__file__).resolve().parents[1]
# Entry -> file and test that has both sides.
ELSEWHERE = {
    "CONTOUR_NAMED_WITHIN": ("labelmap/test_contour_planes.py", "test_a_contour_lies_on_the_image_it_names_up_to_one_slice_away"),
    "EVEN_PLANES": ("labelmap/test_contour_across.py", "test_planes_across_the_slices_are_even_up_to_a_tenth_of_their_distance"),
    "FLAT": ("labelmap/test_contour_planes.py", "test_a_contour_is_flat_up_to_a_tenth_and_parallel_up_to_half_of_a_slice"),
    "FRAME_NAMED_WITHIN": ("labelmap/test_seg_grids.py", "test_frames_that_name_an_image_lie_on_it_up_to_half_a_slice_away"),
    "LEANING": ("labelmap/test_contour_same_plane.py", "test_a_wide_contour_that_leans_by_less_than_a_degree_is_parallel_and_by_more_is_not"),
    "ONE_DRAWING": ("labelmap/test_contour_same_plane.py", "test_heights_of_one_slice_are_one_plane_up_to_a_quarter_of_the_distance_to_the_next"),
    "ONE_DRAWING_AT_LEAST": ("labelmap/test_contour_same_plane.py", "test_heights_of_one_slice_are_one_plane_up_to_a_twentieth_beside_near_planes"),
    "PARALLEL": ("labelmap/test_contour_planes.py", "test_a_contour_is_flat_up_to_a_tenth_and_parallel_up_to_half_of_a_slice"),
    "SAME_CONTOUR_PIXELS": ("labelmap/test_contour_combine.py", "test_a_contour_drawn_again_within_a_pixel_counts_once"),
    "SAME_NAMED_PLACE_MM": (
        "labelmap/test_seg_borrowed_places.py",
        "test_images_that_a_frame_names_are_at_one_place_up_to_a_hundredth_of_a_mm",
    ),
    "SIZE_OF_A_COPY": ("labelmap/test_contour_combine.py", "test_a_copy_has_at_least_half_the_area"),
    "fits": ("volume/test_spacing.py", "test_a_thickness_fits_a_distance_up_to_a_twentieth"),
    "off_grid": ("volume/test_spacing.py", "test_positions_off_the_grid_by_less_than_the_rounding_are_even_and_by_more_are_not"),
    "on_border": (
        "labelmap/test_contour_planes.py",
        "test_a_contour_that_names_nothing_lies_on_the_nearest_slice_and_in_the_exact_middle_on_the_upper",
    ),
    "rounding_of": ("labelmap/test_contour_same_plane.py", "test_contours_midway_between_slices_stay_together_when_coordinates_have_one_decimal"),
}
HERE = {
    "ROUNDING_MM",
    "HAIR",
    "SAME_DIRECTION",
    "SAME_GRID_MM",
    "SAME_PIXEL_SPACING",
    "SAME_THICKNESS",
    "DRIFT_DEGREES",
    "SAME_BORDER_PIXELS",
    "same_place",
    "same_pixel",
}


def test_every_entry_of_the_table_has_a_test_of_both_sides():
    entries = {
        name
        for name, value in vars(tolerances).items()
        if (name.isupper() and name != "TYPE_CHECKING") or getattr(value, "__module__", "") == tolerances.__name__
    }
    assert entries == HERE | ELSEWHERE.keys()
    for file, test in ELSEWHERE.values():
        assert f"def {test}(" in (TESTS / file).read_text(encoding="utf-8"), test


def grids_of(tmp_path, **second):
    """How many grids two images make of which the second states something else."""
    first = save(image(number=1, ImagePositionPatient=[0, 0, 0]), tmp_path / "1.dcm")
    other = save(image(number=2, ImagePositionPatient=[0, 0, 2], **second), tmp_path / "2.dcm")
    return len(read_image_grids([first, other]))


@pytest.mark.parametrize(("sine", "count"), [(2e-4, 1), (0.9e-3, 1), (1.1e-3, 2)])
def test_images_whose_cosines_differ_by_less_than_a_thousandth_are_parallel(sine, count, tmp_path):
    cosine = math.sqrt(1 - sine * sine)
    assert grids_of(tmp_path, ImageOrientationPatient=[cosine, sine, 0, -sine, cosine, 0]) == count


@pytest.mark.parametrize(("relative", "count"), [(0.9e-3, 1), (1.1e-3, 2)])
def test_images_whose_pixels_differ_by_less_than_a_thousandth_have_one_grid(relative, count, tmp_path):
    down, across = image(number=1).PixelSpacing
    assert grids_of(tmp_path, PixelSpacing=[down, f"{across * (1 + relative):.9f}"]) == count


@pytest.mark.parametrize(("shift", "are_phases"), [(0.0, True), (0.9e-3, True), (1.1e-3, False)])
def test_grids_of_a_series_that_differ_by_less_than_a_thousandth_of_a_millimeter_are_phases(shift, are_phases, tmp_path):
    grids = []
    for number in (0, 1):
        files = [save(image(number=k + 1, ImagePositionPatient=[300 + shift * number, 0, 2 * k]), tmp_path / f"{number}-{k}.dcm") for k in range(2)]
        grids += read_image_grids(files)
    assert is_one_of_several(grids[0], grids) is are_phases
    assert not is_one_of_several(grids[0], grids[:1]) and not is_one_of_several(None, grids)


def axis_of(shifts, pixel):
    """The axis of slices 2 mm apart that lie beside a straight line by ``shifts`` mm."""
    count = len(shifts)
    positions = np.stack([np.array(shifts, float), np.zeros(count), 2.0 * np.arange(count)], axis=1)
    return slice_axis(positions, np.array([0.0, 0.0, 1.0]), Spacing(np.arange(count), 2.0 * np.arange(count), 2.0), pixel)


@pytest.mark.parametrize(("pixel", "limit"), [(0.5, tolerances.ROUNDING_MM), (3.0, 0.3), (0.15, 0.075)])
def test_slices_begin_at_one_pixel_up_to_a_tenth_of_it_or_the_rounding_but_never_half_of_it(pixel, limit):
    assert tolerances.same_pixel(pixel) == pytest.approx(limit)
    # In a stack that leans by 1 mm from slice to slice, one is off.
    assert axis_of([0, 1 + 0.95 * limit, 2, 3, 4, 5], pixel).is_straight
    assert not axis_of([0, 1 + 1.05 * limit, 2, 3, 4, 5], pixel).is_straight


@pytest.mark.parametrize(("most", "is_straight"), [(0.099, True), (0.101, False)])
def test_slices_up_to_a_tenth_of_a_pixel_beside_the_normal_are_straight_whichever_way_they_lie(most, is_straight):
    # The last one leads away from the second: 0.15 of a pixel beside that axis.
    found = axis_of([0, -2 * most, 2 * most], 2.0)
    assert (found.is_straight, found.degrees) == (is_straight, 0.0)


@pytest.mark.parametrize(("degrees", "is_tilt"), [(0.09, False), (0.11, True)])
def test_a_drift_of_less_than_a_tenth_of_a_degree_is_no_tilt(degrees, is_tilt):
    lean = 2 * math.tan(math.radians(degrees))
    assert bool(axis_of([lean * n for n in range(50)], 1.0).degrees) is is_tilt


@pytest.mark.parametrize(("pixels", "is_tilt"), [(0.45, False), (0.6, True)])
def test_a_drift_of_more_than_half_a_pixel_in_all_is_a_tilt(pixels, is_tilt):
    assert bool(axis_of(np.linspace(0, pixels, 500), 1.0).degrees) is is_tilt


@pytest.mark.parametrize(("beyond", "found"), [(0.019, Relation.CONTAINS), (0.021, Relation.CROSSES)])
def test_a_contour_that_protrudes_by_a_fiftieth_of_a_pixel_is_still_inside(beyond, found):
    large = np.array([(0, 0), (10, 0), (10, 10), (0, 10)], float)
    small = np.array([(4, 4), (10 + beyond, 4), (10 + beyond, 6), (4, 6)], float)
    assert relation(large, small) is found


@pytest.mark.parametrize("step", [0.2, 0.4, 1.0, 5.0])
def test_planes_of_one_place_differ_by_the_rounding_but_never_by_a_quarter_of_a_slice(step):
    limit = tolerances.same_place(step)
    assert limit == pytest.approx(min(0.1, step / 4), rel=1e-4)
    assert limit > min(0.1, step / 4), "a difference that is the allowance but for noise in the last digit is within"
    heights = np.arange(6) * step
    for apart, count in ((0.97 * limit, 6), (1.03 * limit, 12)):
        assert len(levels_of(np.concatenate([heights, heights + apart]), 1.0)[1]) == count


@pytest.mark.parametrize("thickness", [0.5, 1.0, 5.0, 10.0])
def test_a_stated_thickness_fits_up_to_a_twentieth_or_the_rounding(thickness):
    limit = max(tolerances.SAME_THICKNESS * thickness, min(tolerances.ROUNDING_MM, 0.1 * thickness))
    assert tolerances.fits(thickness + 0.98 * limit, thickness) and tolerances.fits(thickness - 0.98 * limit, thickness)
    assert not tolerances.fits(thickness + 1.02 * limit, thickness) and not tolerances.fits(thickness - 1.02 * limit, thickness)


@pytest.mark.parametrize(("values", "half"), [([0.1, -7.3], 0.05), ([0.12, -7.3], 0.005), ([0.123], 0.0005), ([0.1234], 0.00005), ([0.12345], 0)])
def test_coordinates_tell_to_how_many_decimals_they_are_rounded(values, half):
    assert tolerances.rounding_of(np.array(values)) == pytest.approx(half)
