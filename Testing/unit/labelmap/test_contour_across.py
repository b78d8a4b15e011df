"""Contours across the slices: filled on their own planes, exactly where these follow two axes of the images, and refused where they form no stack."""

from fractions import Fraction

import numpy as np
import pytest
from helpers.one_labelmap import convert_rtstruct
from helpers.rtstruct_files import C, R, Stack, axial, box, f, flat, reference_mask, structure_set, write

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.contours import across
from IDCBrowserLib.labelmap.contours.planes import planes_of
from IDCBrowserLib.labelmap.contours.structure_set import Contour, ContourKind, ConversionNotes, Roi
from IDCBrowserLib.labelmap.contours.voxels import voxels_of
from IDCBrowserLib.labelmap.options import ConvertOptions

IMAGES = axial(12, ("0.75", "1.25", "2"))
OWN = "auto, on the contours' own planes"


def converted(tmp_path, contours, images=IMAGES, options=None, **values):
    path = write(structure_set([R(1, contours, "A")], **values), tmp_path / "rs.dcm")
    labelmap = convert_rtstruct(path, [images.grid()], options)
    return labelmap, labelmap.labelmap_volume() > 0


def at(axis, level, u, v):
    """A point on the plane where the index ``axis`` (0: i, 1: j) has the value ``level``; u and v are the other two indices, in order."""
    index = [f(u), f(v)]
    index.insert(axis, f(level))
    i, j, k = index
    x, y, z = IMAGES.positions[0]
    return x + i * IMAGES.spacing[0], y + j * IMAGES.spacing[1], z + k * 2


def expected(axis, levels, polygons):
    """Each voxel by the exact test on its nearest plane, the upper one where two are as near; (k, j, i)."""
    first, step = levels[0], levels[1] - levels[0]
    size = (IMAGES.columns, IMAGES.rows)[axis]
    width = (IMAGES.rows, IMAGES.columns)[axis]
    masks = []
    for _ in levels:
        mask = np.zeros((12, width), bool)
        for polygon in polygons:
            mask ^= reference_mask([(f(u), f(v)) for u, v in polygon], 12, width)
        masks.append(mask)
    volume = np.zeros((12, IMAGES.rows, IMAGES.columns), bool)
    for index in range(size):
        nearest = ((Fraction(index) - first) / step + Fraction(1, 2)).__floor__()
        if 0 <= nearest < len(levels):
            volume[(slice(None), slice(None), index) if axis == 0 else (slice(None), index)] = masks[nearest]
    return volume


SHAPES = {
    "box on centers": [box(3, 2, 12, 9)],
    "box between centers": [box(3.5, 2.5, 12.5, 9.5)],
    "diamond on centers": [[(8, 1), (14, 5), (8, 10), (2, 5)]],
    "annulus": [[(8, 1), (14.25, 5.5), (8, 10), (2, 5)], [(8, 3), (11, 5.25), (8, 7), (5, 5)]],
    "islands": [box(1, 1, 5, 5), box(8, 1, 12.25, 5)],
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("axis", [0, 1], ids=["sagittal", "coronal"])
@pytest.mark.parametrize(("first", "step"), [("2", "1"), ("3", "4"), ("2.5", "1.5"), ("4", "2")])
def test_sagittal_and_coronal_contours_on_axial_images_equal_exact_arithmetic(name, axis, first, step, tmp_path):
    levels = [f(first) + n * f(step) for n in range(3)]
    contours = [C([at(axis, level, u, v) for u, v in polygon]) for level in levels for polygon in SHAPES[name]]

    labelmap, mask = converted(tmp_path, contours)

    assert np.array_equal(mask, expected(axis, levels, SHAPES[name]))
    details = labelmap.segments[0].details
    assert details["rule"] == OWN
    assert (details["contours_used"], details["slices"]) == (len(contours), 3)
    assert any("not parallel to the slices; they were filled on their own planes" in warning for warning in labelmap.warnings)


def test_areas_are_compared_on_the_own_planes(tmp_path):
    contours = [C([at(0, level, u, v) for u, v in box(3.5, 2.5, 12.5, 9.5)]) for level in (4, 5, 6)]
    details = converted(tmp_path, contours)[0].segments[0].details

    assert details["contour_area_mm2"] == pytest.approx(3 * 9 * 1.25 * 7 * 2)
    assert details["voxel_to_contour_area"] == 1


def oblique_box(count, low, high):
    """Planes turned about the patient's long axis; a box in each."""
    own = Stack(
        (f("0.6"), f("0.8"), f(0)),
        (f(0), f(0), f(1)),
        (f(1), f(1)),
        tuple((f(-4) + n * f("0.8"), f(2) - n * f("0.6"), f(8)) for n in range(count)),
    )
    return own, [flat(own, n, box(low[0], low[1], high[0], high[1])) for n in range(count)]


def test_oblique_planes_are_right_but_for_a_quarter_of_a_voxel_at_the_border(tmp_path):
    own, contours = oblique_box(6, (-3, 0), (4, 8))
    labelmap, mask = converted(tmp_path, contours)

    k, j, i = np.indices(mask.shape)
    x, y, z = np.array([float(c) for c in IMAGES.positions[0]])[:, None, None, None] + np.array([i * 0.75, j * 1.25, k * 2.0])
    u, v, n = (x + 4) * 0.6 + (y - 2) * 0.8, z - 8, (x + 4) * 0.8 - (y - 2) * 0.6

    def within(slack):
        return (u > -3 - slack) & (u < 4 + slack) & (v > 0 - slack) & (v < 8 + slack) & (n > -0.5 - slack) & (n < 5.5 + slack)

    assert mask.any()
    assert not (mask & ~within(0.19)).any()
    assert not (within(-0.19) & ~mask).any()
    assert labelmap.segments[0].details["rule"] == OWN
    assert labelmap.segments[0].volume_mm3 == pytest.approx(7 * 8 * 6, rel=0.04)
    assert own.normal == (f("0.8"), f("-0.6"), f(0))


def test_what_reaches_beyond_the_images_is_cut_off_and_said(tmp_path):
    contours = [C([at(0, level, u, v) for u, v in box(3, 2, 30, 9)]) for level in (4, 5, 6)]
    labelmap, mask = converted(tmp_path, contours)

    assert mask.sum() == 3 * (IMAGES.rows - 3) * 7
    assert any("contours 1, 2, 3: it reaches beyond the edge of the images" in warning for warning in labelmap.warnings)


def test_what_lies_within_rows_and_columns_beyond_the_number_of_slices_is_not_beyond_the_images(tmp_path):
    assert len(IMAGES.positions) < 13 < IMAGES.columns
    contours = [C([at(0, level, u, v) for u, v in box(12.5, 2.5, 16.5, 9.5)]) for level in (13, 14, 15)]
    labelmap, mask = converted(tmp_path, contours)

    assert mask.sum() == 3 * 4 * 7
    assert not any("beyond the edge" in warning for warning in labelmap.warnings)


def test_a_stack_that_lies_elsewhere_is_an_error(tmp_path):
    contours = [C([at(0, level, u, v) for u, v in box(3, 2, 9, 9)]) for level in (104, 105)]
    with pytest.raises(ConversionError, match=r"No contour of .* is within the grid"):
        converted(tmp_path, contours)


def test_missing_planes_stay_empty_or_are_interpolated(tmp_path):
    contours = [C([at(0, level, u, v) for u, v in box(3, 2, 9, 9)]) for level in (4, 5, 7, 8)]
    plain, mask = converted(tmp_path, contours)
    filled, more = converted(tmp_path, contours, options=ConvertOptions(interpolate=True))

    assert mask.any(axis=(0, 1)).nonzero()[0].tolist() == [4, 5, 7, 8]
    assert more.any(axis=(0, 1)).nonzero()[0].tolist() == [4, 5, 6, 7, 8]
    assert any("1 slice between its contours" in warning for warning in plain.warnings)
    assert filled.segments[0].details["voxel_to_contour_area"] == plain.segments[0].details["voxel_to_contour_area"]


SQUARE = box(3, 2, 9, 9)
TILTED = [(*at(0, 6, 3, 2)[:2], f(3)), (*at(0, 7, 9, 2)[:2], f(5)), (*at(0, 9, 9, 9)[:2], f(20)), (*at(0, 6, 3, 9)[:2], f(20))]
INCONSISTENT = {
    "one plane alone has no thickness": [C([at(0, 4, u, v) for u, v in SQUARE])],
    "they do not all lie in parallel planes": [C([at(axis, level, u, v) for u, v in SQUARE]) for axis in (0, 1) for level in (4, 5)],
    "their planes are not evenly spaced": [C([at(0, level, u, v) for u, v in SQUARE]) for level in (4, 5, 6, "7.4", 9)],
    "others are parallel to the slices": [flat(IMAGES, 2, box(1, 1, 5, 5)), *(C([at(0, level, u, v) for u, v in SQUARE]) for level in (4, 5))],
}


@pytest.mark.parametrize("reason", INCONSISTENT)
def test_contours_that_form_no_stack_are_left_out_with_the_reason(reason, tmp_path):
    path = write(structure_set([R(1, INCONSISTENT[reason]), R(2, [flat(IMAGES, 2, box(1, 1, 5, 5))], "B")]), tmp_path / "rs.dcm")
    labelmap = convert_rtstruct(path, [IMAGES.grid()])

    assert [segment.voxels for segment in labelmap.segments] == [16 if "others" in reason else 0, 16]
    assert any(f"ROI 1: contours that are not parallel to the slices cannot be filled on their own planes: {reason}." in w for w in labelmap.warnings)
    assert any("skipped, it is not parallel to the slices" in warning for warning in labelmap.warnings)
    assert labelmap.segments[0].details["rule"] == "auto"


def test_a_crooked_contour_forms_no_stack(tmp_path):
    with pytest.raises(ConversionError, match="they do not all lie in parallel planes"):
        converted(tmp_path, [C(TILTED), C([at(0, 5, u, v) for u, v in SQUARE])])


@pytest.mark.parametrize(("off", "is_even"), [("0.09", True), ("0.12", False)])
def test_planes_across_the_slices_are_even_up_to_a_tenth_of_their_distance(off, is_even, tmp_path):
    # Sagittal planes 3 mm apart, one of them beside its place.
    levels = [f(4), f(8) + f(off) * 4, f(12), f(16)]
    contours = [C([at(0, level, u, v) for u, v in box(3, 2, 12, 9)]) for level in levels]
    try:
        labelmap, _ = converted(tmp_path, contours)
        said = labelmap.warnings
    except ConversionError as error:
        said = (str(error),)
    assert any("not evenly spaced" in sentence for sentence in said) is not is_even


@pytest.mark.parametrize("fits", [True, False])
def test_contours_spread_too_far_for_a_grid_of_their_own_are_left_out_and_said(fits, monkeypatch, tmp_path):
    # Rows 3 to 12 and slices 2 to 9 with one more on each side, and three planes.
    monkeypatch.setattr(across, "_MOST_POINTS", 12 * 10 * 3 - (not fits))
    contours = [C([at(0, level, u, v) for u, v in box(3, 2, 12, 9)]) for level in (4, 5, 6)]
    if fits:
        assert converted(tmp_path, contours)[1].sum() == 3 * 9 * 7
        return
    with pytest.raises(ConversionError, match="they are spread too far for a grid of their own"):
        converted(tmp_path, contours)


def test_of_contours_of_which_only_some_lie_in_the_images_the_voxels_there_count(tmp_path):
    contours = [C([at(0, level, u, v) for u, v in box(3, 2, 12, 9)]) for level in (19, 20, 21, 22)]
    labelmap, mask = converted(tmp_path, contours)
    assert mask.sum() == 2 * 9 * 7 and labelmap.segments[0].details["contours_used"] == 4
    assert any("contours 3, 4: it reaches beyond the edge of the images and is cut off there" in warning for warning in labelmap.warnings)


@pytest.mark.parametrize(("levels", "column"), [((-1, 0), 0), ((20, 21), 20)])
def test_one_plane_within_the_first_or_the_last_column_is_within_the_images(levels, column, tmp_path):
    assert IMAGES.columns == 21
    contours = [C([at(0, level, u, v) for u, v in box(3, 2, 12, 9)]) for level in levels]
    labelmap, mask = converted(tmp_path, contours)
    assert mask.any(axis=(0, 1)).nonzero()[0].tolist() == [column] and mask.sum() == 9 * 7
    assert labelmap.segments[0].details["contours_used"] == 2


@pytest.mark.parametrize(("bent", "is_flat"), [("0.09", True), ("0.11", False)])
def test_contours_across_lie_in_planes_up_to_a_tenth_of_their_distance(bent, is_flat, tmp_path):
    # Planes 3 mm apart; one corner leaves its own.
    contours = [C([at(0, level, u, v) for u, v in box(3, 2, 12, 9)]) for level in (4, 8, 12)]
    x, y, z = contours[1].points[0]
    contours[1].points[0] = (x + f(bent) * 3, y, z)
    try:
        assert converted(tmp_path, contours)[1].any() and is_flat
    except ConversionError as error:
        assert "they do not all lie in parallel planes" in str(error) and not is_flat


def test_missing_planes_stay_empty_for_who_asks_for_nothing():
    grid, notes = IMAGES.grid(), ConversionNotes()
    planes = planes_of(grid.geometry, grid)
    square = [(2.0, 2.0), (6.0, 2.0), (6.0, 6.0), (2.0, 6.0)]
    spacing, origin = np.array([0.75, 1.25, 2.0]), np.array([float(part) for part in IMAGES.positions[0]])
    axial_roi = Roi(1, contours=[_drawn([(u, v, k) for u, v in square], spacing, origin) for k in (1, 3)])
    across_roi = Roi(1, contours=[_drawn([(i, u, v) for u, v in square], spacing, origin) for i in (4, 5, 6, 8)])
    plain = voxels_of(axial_roi, planes, notes)
    assert (plain.interpolated, plain.empty_between, plain.mask.any(axis=(1, 2)).tolist()) == (0, 1, [True, False, True])
    assert voxels_of(axial_roi, planes, notes, interpolate=True).interpolated == 1
    own = across.voxels_across(across_roi, grid.geometry, planes, notes)
    assert own is not None and own.interpolated == 0 and own.mask.any(axis=(0, 1)).sum() == 4
    assert across.voxels_across(axial_roi, grid.geometry, planes, notes) is None


def _drawn(indices, spacing, origin):
    return Contour(1, ContourKind.CLOSED, np.array(indices) * spacing + origin)
