"""The grid of a SEG itself, and its place on the grid of images."""

import copy

import numpy as np
import pytest
from helpers import seg_files as sf
from helpers.seg_peers import ours
from pydicom import Dataset

from IDCBrowserLib.errors import ConversionError, InputError
from IDCBrowserLib.labelmap.convert import convert, convert_parts, fractions
from IDCBrowserLib.labelmap.explain import Why
from IDCBrowserLib.labelmap.options import ConvertOptions


def saved(tmp_path, source, array, **options):
    files = [str(path) for path in sf.save_images(source, tmp_path / "images")]
    return sf.save(sf.seg(source, array, **options), tmp_path / "seg.dcm"), files


@pytest.mark.parametrize("orientation", [sf.AXIAL, sf.SAGITTAL, sf.OBLIQUE])
def test_own_grid_has_origin_directions_and_spacing_of_the_frames(tmp_path, orientation):
    source = sf.images(orientation=orientation)
    array = sf.channels(count=1)
    path, _ = saved(tmp_path, source, array)
    geometry = convert(path).geometry
    assert geometry.shape == (6, 16, 24)
    np.testing.assert_allclose(geometry.spacing, (0.5, 0.8, 2.5), atol=1e-6)
    np.testing.assert_allclose(geometry.origin, (-20, 10, 100), atol=1e-6)
    np.testing.assert_allclose(geometry.directions, [orientation[:3], orientation[3:], sf.normal_of(orientation)], atol=1e-6)


def test_slices_stored_against_the_normal_are_turned(tmp_path):
    source = sf.images(step=-2.5)
    array = sf.channels(count=1)
    path, _ = saved(tmp_path, source, array)
    found = convert(path)
    assert found.geometry.origin[2] == pytest.approx(87.5)
    assert np.array_equal(found.labelmap_volume(), array[::-1, ..., 0])


def test_gaps_are_filled_with_empty_slices(tmp_path):
    array = sf.channels(count=1)
    array[[1, 2, 4]] = 0
    path, _ = saved(tmp_path, sf.images(), array)
    found = convert(path)
    assert found.geometry.shape[0] == 6
    assert np.array_equal(found.labelmap_volume(), array[..., 0])
    assert found.warnings == ()


def test_spacing_is_found_when_every_gap_is_larger_than_it(tmp_path):
    # Frames at slices 0, 2 and 5: the spacing is half of the smallest gap.
    array = sf.channels(count=1)
    array[[1, 3, 4]] = 0
    made = sf.plain(sf.seg(sf.images(), array))
    measures = made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    if "SpacingBetweenSlices" in measures:
        del measures.SpacingBetweenSlices
    found = convert(sf.save(made, tmp_path / "seg.dcm"))
    assert found.geometry.spacing[2] == pytest.approx(2.5)
    assert np.array_equal(found.labelmap_volume(), array[..., 0])


def test_a_stated_spacing_that_cannot_be_is_passed_over(tmp_path):
    made = sf.seg(sf.images(), sf.channels(count=1))
    made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices = 0.0005
    found = convert(sf.save(made, tmp_path / "seg.dcm"))
    assert found.geometry.shape[0] == 6
    assert found.geometry.spacing[2] == pytest.approx(2.5)


def test_a_stated_spacing_decides_where_frames_leave_it_open(tmp_path):
    array = sf.channels(count=1)
    array[[1, 2, 3, 4]] = 0
    made = sf.seg(sf.images(), array)
    made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices = 2.5
    assert convert(sf.save(made, tmp_path / "seg.dcm")).geometry.shape[0] == 6


def test_gantry_tilt_gives_an_oblique_slice_axis(tmp_path):
    made = sf.seg(sf.images(), sf.channels(count=1))
    sheared = sf.with_frames(made, range(5, -1, -1), {number: (0, 0.4 * number, 0) for number in range(6)})
    found = convert(sf.save(sheared, tmp_path / "seg.dcm"))
    np.testing.assert_allclose(found.geometry.index_to_lps()[:3, 2], (0, 0.4, 2.5), atol=1e-6)
    assert found.geometry.voxel_volume_mm3 == pytest.approx(0.5 * 0.8 * 2.5)
    assert "gantry tilt" in found.warnings[0]


def test_irregular_spacing_is_said_and_each_slice_shows_the_nearest(tmp_path):
    made = sf.seg(sf.images(), sf.channels(count=1))
    arrays = sf.frame_arrays(made)[::-1]  # highdicom stores the highest slice first
    uneven = sf.with_frames(made, range(5, -1, -1), {3: (0, 0, 0.7), 4: (0, 0, 1.3), 5: (0, 0, 0.4)})
    del uneven.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices
    found = convert(sf.save(uneven, tmp_path / "seg.dcm"))
    assert "varies from 1.6 to 3.2 mm" in found.warnings[0]
    # Slices begin and end halfway between the frames, at 0, 2.5, 5, 8.2, 11.3 and 12.9 mm.
    borders = [-1.25, 1.25, 3.75, 6.6, 9.75, 12.1, 13.7]
    middles = found.geometry.spacing[2] * np.arange(found.geometry.shape[0]) + found.geometry.origin[2] - 100
    assert np.array_equal(found.labelmap_volume(), [arrays[np.searchsorted(borders, middle) - 1] for middle in middles])
    assert found.segments[0].voxels == int(np.count_nonzero(found.labelmap_volume()))
    volume = sum(array.sum() * thickness for array, thickness in zip(arrays, np.diff(borders), strict=True)) * 0.4
    assert found.segments[0].volume_mm3 == pytest.approx(volume, rel=0.2)


def test_frames_shifted_within_their_planes_lie_where_they_say(tmp_path):
    made = sf.seg(sf.images(), sf.channels(count=1))
    arrays = sf.frame_arrays(made)[::-1]
    scattered = sf.with_frames(made, range(5, -1, -1), {2: (3.5, 0, 0), 4: (0, -2.4, 0)})
    found = convert(sf.save(scattered, tmp_path / "seg.dcm"))
    assert "shifted sideways" in found.warnings[0]
    # 3.5 mm are 7 columns, 2.4 mm are 3 rows.
    expected = np.zeros((6, 19, 31), np.uint8)
    for k, array in enumerate(arrays):
        row, column = (0 if k == 4 else 3), (7 if k == 2 else 0)
        expected[k, row : row + 16, column : column + 24] = array
    assert np.array_equal(found.labelmap_volume(), expected)
    np.testing.assert_allclose(found.geometry.origin, (-20, 7.6, 100))


@pytest.mark.parametrize("orientation", [sf.AXIAL, sf.SAGITTAL, sf.OBLIQUE])
@pytest.mark.parametrize("step", [2.5, -2.5])
def test_images_grid_places_planes_exactly(tmp_path, orientation, step):
    array = sf.channels()
    array[[0, 5]] = 0
    path, files = saved(tmp_path, sf.images(orientation=orientation, step=step), array)
    found = convert(path, files)
    turned = array if step > 0 else array[::-1]
    assert found.geometry.shape == (6, 16, 24)
    assert {n: m.tolist() for n, m in ours(found).items()} == {n + 1: (turned[..., n] > 0).tolist() for n in range(3)}
    assert found.warnings == ()


def test_images_of_varying_spacing_are_met_plane_by_plane(tmp_path):
    places = [0, 2.5, 5.0, 8.1, 10.6, 13.1]
    array = sf.channels(count=1)
    path, files = saved(tmp_path, sf.images(positions=places), array)
    found = convert(path, files)
    planes = [plane for plane in found.labelmap_volume() if plane.any()]
    assert np.array_equal(planes, array[..., 0])
    assert "do not coincide" not in " ".join(found.warnings)


def test_images_whose_rounded_directions_let_them_drift_are_met_plane_by_plane(tmp_path):
    # 0.02 mm a slice, 60 slices: more than a voxel's hundredth off the straight grid, and still the very planes of the images.
    source = sf.images(60, 8, 10)
    for number, image in enumerate(source):
        image.ImagePositionPatient = [f"{-20 + 0.004 * number:.6f}", "10", f"{100 + 2.5 * number:.6f}"]
    array = sf.channels(60, 8, 10, count=1)
    path, files = saved(tmp_path, source, array)
    for found in (convert(path), convert(path, files)):
        assert found.warnings == ()
        assert np.array_equal(found.labelmap_volume(), array[..., 0])


def test_frames_outside_the_images_are_left_out_and_said(tmp_path):
    source = sf.images()
    array = sf.channels(count=1)
    path, _ = saved(tmp_path, source, array)
    files = sf.save_images(source[1:5], tmp_path / "fewer")
    found = convert(path, files)
    assert np.array_equal(found.labelmap_volume(), array[1:5, ..., 0])
    assert "2 of 6 frames are outside" in found.warnings[0]
    assert found.segments[0].voxels == int(array[1:5].sum())


def test_planes_between_the_images_show_the_nearest_voxel(tmp_path):
    source = sf.images()
    array = sf.channels(count=1)
    made = sf.seg(source, array)
    made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices = 2.5
    path = sf.save(made, tmp_path / "seg.dcm")
    finer = sf.images(12, 16, 24, step=1.25, series=1)
    files = sf.save_images(finer, tmp_path / "finer")
    found = convert(path, files)
    assert "do not coincide" in found.warnings[0]
    # Slices 0, 2, 4 ... of the images lie on the frames; those between belong to the lower neighbor.
    assert np.array_equal(found.labelmap_volume()[::2], array[..., 0])
    assert np.array_equal(found.labelmap_volume()[1::2], array[..., 0])
    assert found.segments[0].voxels == int(np.count_nonzero(found.labelmap_volume()))


def test_a_cropped_and_turned_grid_is_exact_and_needs_no_warning(tmp_path):
    # Sagittal images of the same voxels: i = -y of ... is a permutation of the axes, shifted by whole voxels.
    cube = sf.images(12, 12, 12, spacing=(1.0, 1.0), step=1.0, origin=(0, 0, 0))
    array = sf.channels(12, 12, 12, count=2)
    path, _ = saved(tmp_path, cube, array)
    turned = sf.images(10, 9, 8, spacing=(1.0, 1.0), step=1.0, origin=(1, 2, 11), orientation=sf.SAGITTAL)
    files = sf.save_images(turned, tmp_path / "turned")
    found = convert(path, files)
    assert "do not coincide" not in " ".join(found.warnings)
    outside = int(array.any(axis=3).sum()) - int((found.layers[0] | found.layers[-1]).astype(bool).sum())
    assert f"{outside:,} voxels of the SEG are outside the images" in " ".join(found.warnings)
    to_lps = found.geometry.index_to_lps()
    for number, mask in ours(found).items():
        k, j, i = np.indices(mask.shape)
        x, y, z = np.rint(to_lps[:3, :3] @ np.stack([i, j, k]).reshape(3, -1) + to_lps[:3, 3:]).astype(int)
        inside = (x >= 0) & (x < 12) & (y >= 0) & (y < 12) & (z >= 0) & (z < 12)
        expected = np.zeros(mask.size, bool)
        expected[inside] = array[z[inside], y[inside], x[inside], number - 1] > 0
        assert np.array_equal(mask.reshape(-1), expected)


def test_the_referenced_series_is_chosen_among_several(tmp_path):
    source, other = sf.images(series=1), sf.images(9, 20, 30, series=2)
    array = sf.channels(count=1)
    path, _ = saved(tmp_path, source, array)
    files = [*sf.save_images(other, tmp_path / "other"), *sf.save_images(source, tmp_path / "own")]
    assert convert(path, files).geometry.shape == (6, 16, 24)


def test_images_of_the_same_frame_of_reference_that_are_not_named_are_used_and_said(tmp_path):
    path, _ = saved(tmp_path, sf.images(series=1), sf.channels(count=1))
    found = convert(path, sf.save_images(sf.images(series=3), tmp_path / "other"))
    assert "does not name these images" in found.warnings[0]


def test_images_that_have_nothing_to_do_with_the_seg_are_refused(tmp_path):
    path, _ = saved(tmp_path, sf.images(series=1), sf.channels(count=1))
    strange = sf.images(series=3)
    for image in strange:
        image.FrameOfReferenceUID = sf.uid(8, 8)
    with pytest.raises(ConversionError, match="was drawn on series"):
        convert(path, sf.save_images(strange, tmp_path / "other"))


def test_images_grid_without_images_is_refused(tmp_path):
    path, _ = saved(tmp_path, sf.images(), sf.channels(count=1))
    with pytest.raises(InputError, match="none were given"):
        convert(path, None, ConvertOptions(grid="images"))


def test_own_grid_is_kept_although_images_are_given(tmp_path):
    path, files = saved(tmp_path, sf.images(8), np.concatenate([np.zeros((2, 16, 24, 1), np.uint8), sf.channels(count=1)]))
    assert convert(path, files, ConvertOptions(grid="own")).geometry.shape[0] == 6
    assert convert(path, files).geometry.shape[0] == 8


def test_fractions_lie_on_the_images_moved_where_they_lie_beside_and_on_their_own_grid_where_that_is_asked_for(tmp_path):
    array = np.pad(np.resize(np.array([0, 0.2, 0.9, 1], np.float32), (2, 6, 7, 1)), ((1, 0), (0, 0), (0, 1), (0, 0)))
    source = sf.images(3, 6, 8)
    path, files = saved(tmp_path, source, array, kind="FRACTIONAL", max_fractional_value=10)
    beside = sf.with_frames(sf.seg(source, array, kind="FRACTIONAL", max_fractional_value=10), range(2), dict.fromkeys(range(2), (0.5, 0, 0)))
    moved = sf.save(beside, tmp_path / "moved.dcm")
    for seg, grid, expected in ((path, "own", array[1:]), (path, "auto", array), (moved, "auto", np.roll(array, 1, axis=2))):
        ((geometry, volumes),) = fractions(seg, files, ConvertOptions(grid=grid))
        ((_segment, volume),) = volumes
        assert geometry == convert(seg, files, ConvertOptions(grid=grid)).geometry
        np.testing.assert_allclose(volume, expected[..., 0], atol=1e-6)


def test_images_that_do_not_say_where_they_lie_leave_the_own_grid_and_that_is_said(tmp_path):
    source = sf.images()
    array = sf.channels(count=1)
    path, _ = saved(tmp_path, source, array)
    for image in source:
        del image.ImagePositionPatient
    files = sf.save_images(source, tmp_path / "nowhere")
    found = convert(path, files)
    assert np.array_equal(found.labelmap_volume(), array[..., 0])
    assert found.warnings[0].startswith("The images cannot be used, so this is on its own grid: ")
    assert "no Image Position" in found.warnings[0]
    with pytest.raises(ConversionError, match="no Image Position"):
        convert(path, files, ConvertOptions(grid="images"))


def test_a_missing_inner_image_is_said_and_its_frames_are_not_put_on_its_neighbors(tmp_path):
    source = sf.images(3)
    array = sf.channels(3, count=1)
    path, _ = saved(tmp_path, source, array)
    files = sf.save_images([source[0], source[2]], tmp_path / "fewer")
    found = convert(path, files)
    assert np.array_equal(found.labelmap_volume(), array[[0, 2], ..., 0])
    assert any(f"1 image of the 3 that the SEG names are not among those given: {sf.uid(1, 3, 2)}" in warning for warning in found.warnings)
    assert any(f"name images that are not among those given and were skipped ({array[1].sum():,} voxels);" in warning for warning in found.warnings)


def test_frames_larger_than_the_image_they_name_or_of_its_corner_and_another_size_are_an_error(tmp_path):
    source = sf.images()
    made = sf.plain(sf.seg(source, sf.channels(count=1)))
    files = sf.save_images(source, tmp_path / "ct")
    for rows, columns in ((24, 16), (8, 48), (16, 23), (12, 24)):
        made.Rows, made.Columns = rows, columns
        with pytest.raises(ConversionError, match=rf"are {rows} x {columns}, but the image that frame 1 names has 16 x 24"):
            convert(sf.save(made, tmp_path / "seg.dcm"), files)


def test_frames_cut_out_of_their_images_lie_on_them_and_what_sticks_out_of_others_is_counted(tmp_path):
    source = sf.images()
    array = sf.channels(count=2)
    part = sf.with_frames(sf.plain(sf.seg(source, array)), range(12))
    arrays = [frame[3:11, 5:20] for frame in sf.frame_arrays(part)]
    for frame in part.PerFrameFunctionalGroupsSequence:
        place = frame.PlanePositionSequence[0]
        x, y, z = place.ImagePositionPatient
        place.ImagePositionPatient = [x + 5 * 0.5, y + 3 * 0.8, z]
    part.Rows, part.Columns = 8, 15
    sf.set_frames(part, arrays)
    path = sf.save(part, tmp_path / "part.dcm")
    found = convert(path, sf.save_images(source, tmp_path / "ct"))
    expected = np.zeros_like(array)
    expected[:, 3:11, 5:20] = array[:, 3:11, 5:20]
    assert {n: m.tolist() for n, m in ours(found).items()} == {n + 1: (expected[..., n] > 0).tolist() for n in range(2)}
    # Images of the same places, but narrower, which it does not name.
    narrow = sf.images(6, 16, 15, series=7)
    found = convert(path, sf.save_images(narrow, tmp_path / "narrow"))
    lost = int(expected[:, :, 15:].sum())
    assert any(f"{lost:,} voxels of the SEG are outside the images" in warning for warning in found.warnings)
    assert sum(segment.voxels for segment in found.segments) == int(expected.sum()) - lost


@pytest.mark.parametrize(
    ("down", "across", "is_inside"), [(8, 9, True), (1, 0, True), (0, 1, True), (9, 9, False), (8, 10, False), (-1, 3, False), (3, -1, False)]
)
def test_a_part_of_an_image_that_a_frame_names_lies_in_it(down, across, is_inside, tmp_path):
    source = sf.images(2)
    part = sf.with_frames(sf.seg(source, sf.channels(2, count=1)), range(2))
    place = [frame.PlanePositionSequence[0] for frame in part.PerFrameFunctionalGroupsSequence]
    for plane in place:
        x, y, z = plane.ImagePositionPatient
        plane.ImagePositionPatient = [x + across * 0.5, y + down * 0.8, z]
    arrays = [frame[:8, :15] for frame in sf.frame_arrays(part)]
    part.Rows, part.Columns = 8, 15
    sf.set_frames(part, arrays)
    path, files = sf.save(part, tmp_path / "part.dcm"), sf.save_images(source, tmp_path / "ct")
    if not is_inside:
        with pytest.raises(ConversionError, match="are 8 x 15, but the image that frame 1 names has 16 x 24 pixels of the same size"):
            convert(path, files)
        return
    volume = convert(path, files).labelmap_volume()
    assert np.array_equal(volume[:, down : down + 8, across : across + 15], arrays[::-1])
    assert volume.sum() == sum(int(array.sum()) for array in arrays)


@pytest.mark.parametrize(("factor", "is_same"), [(1.0009, True), (1.0011, False)])
def test_frames_of_pixels_of_another_size_are_no_wrong_size_of_the_image_they_name(factor, is_same, tmp_path):
    source = sf.images(2)
    made = sf.plain(sf.seg(source, sf.channels(2, count=1)))
    made.Rows, made.Columns = 24, 16
    made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing = [0.8, f"{0.5 * factor:.6f}"]
    path, files = sf.save(made, tmp_path / "seg.dcm"), sf.save_images(source, tmp_path / "ct")
    if is_same:
        with pytest.raises(ConversionError, match="are 24 x 16, but the image that frame 1 names has 16 x 24 pixels of the same size"):
            convert(path, files)
    else:
        assert convert(path, files).geometry.shape == (2, 16, 24)


def test_a_seg_whose_segments_are_all_empty_is_an_error(tmp_path):
    made = sf.plain(sf.seg(sf.images(), sf.channels(count=1)))
    made.PixelData = bytes(len(made.PixelData))
    with pytest.raises(ConversionError, match="No voxel is set"):
        convert(sf.save(made, tmp_path / "seg.dcm"))


def test_a_thickness_that_is_no_number_is_no_reason_to_refuse(tmp_path):
    made = sf.plain(sf.seg(sf.images(), sf.channels(count=1)))
    measures = made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    measures.SliceThickness, measures.SpacingBetweenSlices = 1.125, 1.375
    path = sf.save(made, tmp_path / "seg.dcm")
    path.write_bytes(path.read_bytes().replace(b"1.125 ", b"thick ").replace(b"1.375 ", b"1,375 "))
    found = convert(path)
    assert found.geometry.shape == (6, 16, 24)


@pytest.mark.parametrize("off", [0.4, 0.53, 0.55, 0.6])
def test_frames_that_name_an_image_lie_on_it_up_to_half_a_slice_away(off, tmp_path):
    source = sf.images()
    made = sf.seg(source, sf.channels(count=1))
    moved = sf.with_frames(made, range(6), dict.fromkeys(range(6), (0, 0, off * 2.5)))
    found = convert(sf.save(moved, tmp_path / "seg.dcm"), sf.save_images(source, tmp_path / "ct"))
    planes = [plane.any() for plane in found.labelmap_volume()]
    assert planes == [True] * 6 if off < 0.54 else planes == [False, *[True] * 5]
    said = any(f"6 frames lie up to {off * 2.5:.3g} mm from the image that they name; positions decide." in warning for warning in found.warnings)
    assert said is (off > 0.54)


def test_a_single_frame_that_names_several_images_lies_on_the_nearest(tmp_path):
    source = sf.images()
    made = sf.plain(sf.with_frames(sf.seg(source, sf.channels(count=1)), [2]))
    other = copy.deepcopy(made.PerFrameFunctionalGroupsSequence[0].DerivationImageSequence[0].SourceImageSequence[0])
    other.ReferencedSOPInstanceUID = next(one.SOPInstanceUID for one in source if one.SOPInstanceUID != other.ReferencedSOPInstanceUID)
    made.PerFrameFunctionalGroupsSequence[0].DerivationImageSequence[0].SourceImageSequence.append(other)
    found = convert(sf.save(made, tmp_path / "seg.dcm"), sf.save_images(source, tmp_path / "ct"))
    # highdicom stores the highest slice first.
    assert np.flatnonzero(found.labelmap_volume().any(axis=(1, 2))).tolist() == [3]


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(("lean", "why"), [(1.24, Why.NAMED), (1.26, Why.RESAMPLED)])
def test_frames_lie_on_the_image_they_name_unless_they_lean_by_more_than_half_a_slice(lean, why, axis, tmp_path):
    source = sf.images()
    made = sf.plain(sf.seg(source, sf.channels(count=1)))
    # 24 columns of 0.5 mm or 16 rows of 0.8 mm, from center to center, and slices of 2.5 mm.
    sine = lean / (23 * 0.5, 15 * 0.8)[axis]
    cosine = round((1 - sine**2) ** 0.5, 9)
    orientation = made.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence[0]
    orientation.ImageOrientationPatient = [[cosine, 0, sine, 0, 1, 0], [1, 0, 0, 0, cosine, sine]][axis]
    found = convert(sf.save(made, tmp_path / "seg.dcm"), sf.save_images(source, tmp_path / "ct"), ConvertOptions(explain=True))
    assert {placed.why for placed in found.placed} == {why}


def test_a_frame_away_from_its_image_is_on_it_where_another_of_its_segment_is_at_its_place(tmp_path):
    source, array = sf.images(), sf.channels(count=1)
    made = sf.seg(source, array)
    heights = [float(frame.PlanePositionSequence[0].ImagePositionPatient[2]) for frame in made.PerFrameFunctionalGroupsSequence]
    moved = sf.with_frames(made, range(6), {heights.index(105.0): (0, 0, 2)})
    found = convert(sf.save(moved, tmp_path / "seg.dcm"), sf.save_images(source, tmp_path / "ct"))
    assert np.array_equal(found.labelmap_volume(), array[..., 0])
    said = "1 frame lies up to 2 mm from the image that it names; names decide, since other frames of the segment are at those positions."
    assert found.warnings == (said,)


def test_the_own_grids_of_phases_hold_every_frame_and_nothing_is_said_to_be_skipped(tmp_path):
    source = sf.images(4)
    later = sf.images(4)
    for number, image in enumerate(later, 5):
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = sf.uid(1, 3, number)
    arrays = [sf.channels(4, count=1, seed=seed) for seed in (0, 5)]
    first, second = sf.plain(sf.seg(source, arrays[0])), sf.seg(later, arrays[1])
    pixels = [*sf.frame_arrays(first), *sf.frame_arrays(second)]
    first.PerFrameFunctionalGroupsSequence = [*first.PerFrameFunctionalGroupsSequence, *second.PerFrameFunctionalGroupsSequence]
    first.NumberOfFrames = len(pixels)
    sf.set_frames(first, pixels)
    parts = convert_parts(sf.save(first, tmp_path / "seg.dcm"), options=ConvertOptions(explain=True))
    assert [part.label for part in parts] == ["phase 1", "phase 2"]
    for part, array in zip(parts, arrays, strict=True):
        assert np.array_equal(part.labelmap_volume(), array[..., 0])
        assert part.warnings == ()
        assert {placed.why for placed in part.placed} == {Why.OWN}


def uneven(heights, thicknesses):
    source = sf.images(positions=heights)
    made = sf.plain(sf.seg(source, sf.channels(len(heights), count=1)))
    del made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence
    of_height = dict(zip([100 + height for height in heights], thicknesses, strict=True))
    for frame in made.PerFrameFunctionalGroupsSequence:
        measures = Dataset()
        measures.PixelSpacing = [0.8, 0.5]
        measures.SliceThickness = of_height[round(float(frame.PlanePositionSequence[0].ImagePositionPatient[2]), 3)]
        frame.PixelMeasuresSequence = [measures]
    return made


def test_volumes_on_an_own_grid_of_several_thicknesses_are_sums_of_slabs(tmp_path):
    path = sf.save(uneven([0, 2, 4, 7.5, 12.5, 17.5], [2, 2, 2, 5, 5, 5]), tmp_path / "seg.dcm")
    found = convert(path)
    counts = sf.channels(6, count=1).sum(axis=(1, 2, 3))
    assert found.segments[0].volume_mm3 == pytest.approx(float(counts @ [2, 2, 2.75, 4.25, 5, 5]) * 0.4)
    assert any("volumes are sums" in warning for warning in found.warnings)


def test_of_a_frame_on_an_own_grid_of_several_thicknesses_the_first_slice_that_shows_it_is_told(tmp_path):
    found = convert(sf.save(uneven([0, 2, 4, 10], [2, 2, 2, 6]), tmp_path / "seg.dcm"), options=ConvertOptions(explain=True))
    # The highest frame is stored first; slices 2 and 3 show the third one, 4 to 6 the last.
    assert [(one.number, one.k, one.why) for one in found.placed] == [(1, 4, Why.OWN), (2, 2, Why.OWN), (3, 1, Why.OWN), (4, 0, Why.OWN)]
    volume = found.labelmap_volume()
    assert (
        len(volume) == 7
        and np.array_equal(volume[2], volume[3])
        and np.array_equal(volume[4], volume[6])
        and not np.array_equal(volume[3], volume[4])
    )


def test_planes_at_varying_distances_are_shown_by_all_images_among_them(tmp_path):
    made = uneven([0, 2, 4, 7.5, 12.5, 17.5], [2, 2, 2, 5, 5, 5])
    for frame in made.PerFrameFunctionalGroupsSequence:
        del frame.DerivationImageSequence
    found = convert(sf.save(made, tmp_path / "seg.dcm"), sf.save_images(sf.images(8), tmp_path / "ct"))
    assert [bool(plane.any()) for plane in found.labelmap_volume()] == [True] * 8
    assert not any("frames were skipped" in warning for warning in found.warnings)


def test_slabs_of_frames_that_are_even_alone_but_not_together_are_grids_of_their_own(tmp_path):
    parts = convert_parts(sf.save(uneven([0, 2, 4, 6, 50, 53, 56], [2, 2, 2, 2, 3, 3, 3]), tmp_path / "seg.dcm"))
    assert [(part.label, part.geometry.shape[0], part.geometry.spacing[2]) for part in parts] == [("slab 1", 4, 2), ("slab 2", 3, 3)]


def test_planes_finer_than_the_images_that_no_image_voxel_shows_are_counted(tmp_path):
    array = np.ones((5, 16, 24, 1), np.uint8)
    source = sf.images(5, step=1.5)
    files = [str(path) for path in sf.save_images(source[::2], tmp_path / "images")]
    made = sf.plain(sf.seg(source, array))
    for frame in made.PerFrameFunctionalGroupsSequence:
        del frame.DerivationImageSequence
    found = convert(sf.save(made, tmp_path / "seg.dcm"), files)
    assert found.segments[0].voxels == 3 * 16 * 24
    assert any("2 of 5 frames were skipped (768 voxels)" in warning for warning in found.warnings)


@pytest.mark.parametrize("shift", [-0.5, 0.5, -0.75, 1.25])
def test_the_own_grid_has_room_for_frames_that_begin_half_a_pixel_beside_it(shift, tmp_path):
    array = np.ones((3, 16, 24, 1), np.uint8)
    made = sf.with_frames(sf.seg(sf.images(3), array), range(3), {2: (shift * 0.5, 0, 0), 0: (0.3, 0, 0)})
    found = convert(sf.save(made, tmp_path / "seg.dcm"))
    assert [int(plane.sum()) for plane in found.labelmap_volume()] == [16 * 24] * 3
    assert found.geometry.shape == found.labelmap_volume().shape
