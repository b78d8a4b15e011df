"""Structure sets without their images: planes, thicknesses, slabs and phases of the grid that is made for the contours."""

import pytest
from helpers.rtstruct_files import FRAME, SERIES, C, R, f, structure_set, write

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.contours import own_grid
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.rtstruct.convert_rtstruct import convert_rtstruct as convert_rtstruct_parts


def own_parts(tmp_path, contours, **options):
    path = write(structure_set([R(1, contours)], options.pop("references", ((FRAME, SERIES, ()),))), tmp_path / "rs.dcm")
    return convert_rtstruct_parts(path, None, ConvertOptions(grid="own", **options))


def at_height(z, width=10.0, **values):
    return C([(f(x), f(y), f(z)) for x, y in ((0, 0), (width, 0), (width, 10), (0, 10))], **values)


def test_planes_at_varying_distances_are_slices_as_thick_as_they_are_on_the_own_grid(tmp_path):
    heights = ["0", "2", "4", "7.5", "12.5", "17.5"]
    (part,) = own_parts(tmp_path, [at_height(z) for z in heights])
    assert part.slice_thicknesses == pytest.approx((2, 2, 2.75, 4.25, 5, 5))
    assert part.segments[0].volume_mm3 == pytest.approx(100 * 21, rel=0.03)
    assert part.segments[0].details["contours_used"] == 6
    assert any("varies from 2 to 5 mm" in warning and "volumes are sums" in warning for warning in part.warnings)
    assert any("a slice for each plane of contours" in warning for warning in part.warnings)
    (even,) = own_parts(tmp_path, [at_height(z) for z in heights], even=True)
    assert even.segments[0].volume_mm3 == pytest.approx(part.segments[0].volume_mm3)
    assert even.segments[0].voxels * even.geometry.voxel_volume_mm3 == pytest.approx(100 * 21, rel=0.03)


@pytest.mark.parametrize(
    ("width", "pixel"),
    [(1000, 1), (128, 1), (127, 0.5), (64, 0.5), (63.5, 0.25), (32, 0.25), (31.75, 0.125), (16, 0.125), (15.875, 0.0625), (10, 0.0625)],
)
def test_the_own_grid_has_at_least_128_pixels_across_of_a_sixteenth_to_a_whole_millimeter(width, pixel, tmp_path):
    (part,) = own_parts(tmp_path, [at_height(z, width) for z in (0, 2)])
    assert part.geometry.spacing == (pixel, pixel, 2)
    # A pixel and a half around the contours.
    assert part.geometry.shape == (2, 10 / pixel + 3, width / pixel + 3)
    assert part.geometry.origin == (-pixel, -pixel, 0)


@pytest.mark.parametrize("fits", [True, False])
def test_contours_spread_over_too_many_voxels_have_no_grid_of_their_own(fits, monkeypatch, tmp_path):
    monkeypatch.setattr(own_grid, "_LARGEST", 2 * 13 * 1003 - (not fits))
    contours = [at_height(z, 1000) for z in (0, 2)]
    if fits:
        assert own_parts(tmp_path, contours)[0].geometry.shape == (2, 13, 1003)
        return
    with pytest.raises(ConversionError, match=r"are spread over 1003 x 13 x 2 mm, too much for a grid of their own"):
        own_parts(tmp_path, contours)


def test_planes_in_two_slabs_that_are_even_alone_are_two_grids(tmp_path):
    parts = own_parts(tmp_path, [at_height(z) for z in (0, 2, 4, 6, 100, 103, 106)])
    assert [(part.label, part.geometry.shape[0], part.geometry.spacing[2]) for part in parts] == [("slab 1", 4, 2), ("slab 2", 3, 3)]
    assert [part.segments[0].details["contours_used"] for part in parts] == [4, 3]


@pytest.mark.parametrize("across", [[(5, 0, 0), (5, 9, 0), (5, 9, 9), (5, 0, 9)], [(0, 5, 0), (9, 5, 0), (9, 5, 9), (0, 5, 9)]])
def test_contours_across_the_others_make_no_planes_of_the_own_grid_and_are_said(across, tmp_path):
    contours = [*(at_height(z) for z in (0, 2, 4)), C([tuple(map(f, point)) for point in across])]
    (part,) = own_parts(tmp_path, contours)
    assert (part.geometry.shape[0], part.geometry.origin[2], part.segments[0].details["contours_used"]) == (3, 0, 3)
    assert any("contour 4: skipped, it is not parallel to the slices." in warning for warning in part.warnings)


def test_missing_planes_of_an_even_stack_stay_missing_on_the_own_grid(tmp_path):
    (part,) = own_parts(tmp_path, [at_height(z) for z in (0, 2, 4, 10, 12, 14)])
    assert (part.geometry.shape[0], part.slice_thicknesses) == (8, ())
    assert [bool(plane.any()) for plane in part.labelmap_volume()] == [True] * 3 + [False] * 2 + [True] * 3


@pytest.mark.parametrize(("named", "labels"), [(True, ["phase 1", "phase 2"]), (False, [""])])
def test_contours_at_one_place_that_name_different_images_are_phases_on_the_own_grid(named, labels, tmp_path):
    contours = [at_height(2 * k, width, image=f"1.2.{phase}.{k}" if named else None) for phase, width in enumerate((4, 10)) for k in range(4)]
    parts = own_parts(tmp_path, contours)
    assert [part.label for part in parts] == labels
    if named:
        assert parts[0].geometry == parts[1].geometry
        assert [part.segments[0].volume_mm3 for part in parts] == pytest.approx([4 * 10 * 8, 10 * 10 * 8], rel=0.05)


def test_a_plane_that_two_passes_share_makes_no_phases_on_the_own_grid(tmp_path):
    contours = [at_height(2 * k, image=f"1.2.1.{k}") for k in range(5)] + [at_height(8 + 2 * k, 8, image=f"1.2.2.{k}") for k in range(5)]
    (part,) = own_parts(tmp_path, contours)
    assert part.geometry.shape[0] == 9


def test_islands_a_tenth_of_a_millimeter_apart_are_one_plane_of_the_own_grid(tmp_path):
    contours = [at_height(f(3 * k) + off, 4 if off else 10) for k in range(4) for off in (f(0), f("0.1"))]
    (part,) = own_parts(tmp_path, contours)
    assert part.geometry.shape[0] == 4
    assert part.geometry.spacing[2] == pytest.approx(3)


@pytest.mark.parametrize(("apart", "planes"), [("0.101", 1), ("0.19", 1), ("0.21", 2), ("0.3", 2)])
def test_two_islands_a_little_apart_are_one_plane_also_when_there_is_no_other(apart, planes, tmp_path):
    (part,) = own_parts(tmp_path, [at_height(0), at_height(apart, 4)])
    assert part.geometry.shape[0] == planes


def test_islands_a_little_apart_on_every_plane_are_one_plane_each(tmp_path):
    contours = [at_height(f(z) + off, 4 if off else 10) for z in (0, 2) for off in (f(0), f("0.11"))]
    (part,) = own_parts(tmp_path, contours)
    assert part.geometry.shape[0] == 2


def test_slices_a_tenth_of_a_millimeter_apart_stay_apart(tmp_path):
    (part,) = own_parts(tmp_path, [at_height(f(k) / 8) for k in range(5)])
    assert part.geometry.shape[0] == 5


@pytest.mark.parametrize(("twice", "is_phases"), [(1, False), (2, False), (3, True), (4, True)])
def test_phases_are_told_where_most_planes_name_several_images(twice, is_phases, tmp_path):
    contours = [at_height(2 * k, image=f"1.2.1.{k}") for k in range(4)] + [at_height(2 * k, 8, image=f"1.2.2.{k}") for k in range(twice)]
    parts = own_parts(tmp_path, contours)
    assert [part.label for part in parts] == (["phase 1", "phase 2"] if is_phases else [""])
    assert [part.segments[0].details["contours"] for part in parts] == [4 + twice] * len(parts)
    assert sum(part.segments[0].details["contours_used"] for part in parts) == 4 + twice


def test_a_contour_that_names_no_image_is_of_the_first_phase(tmp_path):
    contours = [at_height(2 * k, width, image=f"1.2.{width}.{k}") for width in (4, 10) for k in range(4)]
    parts = own_parts(tmp_path, [*contours, at_height(8)])
    assert [part.segments[0].details["contours_used"] for part in parts] == [5, 4]


def test_slabs_are_told_within_their_phase(tmp_path):
    heights = (0, 2, 4, 50, 53, 56)
    contours = [at_height(z, image=f"1.2.{phase}.{z}") for phase in (1, 2) for z in heights]
    parts = own_parts(tmp_path, contours)
    assert [part.label for part in parts] == [f"phase {phase}, slab {slab}" for phase in (1, 2) for slab in (1, 2)]
    assert [part.geometry.origin[2] for part in parts] == [0, 50, 0, 50]


def test_one_plane_alone_is_no_slab(tmp_path):
    (part,) = own_parts(tmp_path, [at_height(z) for z in (0, 2, 4, 6, 51)])
    assert part.segments[0].details["contours_used"] == 5


@pytest.mark.parametrize(("named", "slices"), [("all", 6), ("more", 12), ("", 12)])
def test_wide_distances_are_thick_slices_where_every_image_that_is_named_has_its_contours(named, slices, tmp_path):
    heights = (0, 2, 4, 10, 16, 22)
    images = [f"1.2.{z}" for z in heights]
    stated = {"all": images, "more": [*images, "1.2.99"], "": []}[named]
    (part,) = own_parts(tmp_path, [at_height(z, image=f"1.2.{z}") for z in heights], references=((FRAME, SERIES, stated),))
    assert part.geometry.shape[0] == slices
    assert len(part.slice_thicknesses) == (6 if slices == 6 else 0)


def test_one_plane_alone_is_a_millimeter_thick(tmp_path):
    (part,) = own_parts(tmp_path, [at_height(3), at_height(3, 4)])
    assert (part.geometry.shape[0], part.geometry.spacing[2], part.geometry.origin[2]) == (1, 1, 3)


@pytest.mark.parametrize(("apart", "planes"), [("0.09", 4), ("0.11", 8)])
def test_islands_on_thin_slices_are_one_plane_up_to_a_quarter_of_the_distance_to_the_next(apart, planes, tmp_path):
    contours = [at_height(f(k) / 2 + off, 4 if off else 10) for k in range(4) for off in (f(0), f(apart))]
    (part,) = own_parts(tmp_path, contours)
    assert int(part.labelmap_volume().any(axis=(1, 2)).sum()) == planes
    assert part.segments[0].details["slices"] == planes
