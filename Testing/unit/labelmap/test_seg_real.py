"""Real SEG files with known results."""

import nrrd
import numpy as np
import pytest
from helpers.real_data import real_data
from helpers.seg_peers import assert_same, by_dcmqi, by_highdicom

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.convert import convert, describe

pytestmark = pytest.mark.real_data


def files_of(*parts: str) -> list[str]:
    return [str(path) for path in sorted(real_data(*parts).rglob("*")) if path.is_file()]


def test_liver_on_three_slices_is_dcmqi_baseline():
    found = convert(real_data("dcmqi", "data", "segmentations", "liver.dcm"), files_of("dcmqi", "data", "segmentations", "ct-3slice"))
    baseline, header = nrrd.read(str(real_data("dcmqi", "data", "segmentations", "liver_seg.nrrd")))
    assert np.array_equal(found.labelmap_volume() > 0, baseline.transpose(2, 1, 0) > 0)
    np.testing.assert_allclose(header["space origin"], found.geometry.origin, atol=1e-3)
    assert found.segments[0].voxels == 107098
    assert found.segments[0].color == (221, 130, 101)
    assert found.warnings == ()


@pytest.mark.parametrize("name", ["liver.dcm", "liver_j2k.dcm"])
def test_liver_in_two_encodings(name):
    found = convert(real_data("pydicom-data", "data_store", "data", name))
    assert found.segments[0].voxels == 107098
    straight = convert(real_data("pydicom-data", "data_store", "data", "liver.dcm"))
    assert np.array_equal(found.labelmap_volume(), straight.labelmap_volume())


def test_frames_that_do_not_end_on_a_byte():
    found = convert(files_of("dcmqi", "data", "segmentations", "23x38x3", "seg")[0], files_of("dcmqi", "data", "segmentations", "23x38x3", "image"))
    baseline, _ = nrrd.read(files_of("dcmqi", "data", "segmentations", "23x38x3", "nrrd")[0])
    assert np.array_equal(found.labelmap_volume() > 0, baseline.transpose(2, 1, 0) > 0)


@pytest.mark.parametrize("name", ["seg_image_ct_binary.dcm", "seg_image_ct_binary_fractional.dcm", "seg_image_ct_binary_single_frame.dcm"])
def test_highdicom_files_equal_highdicom_and_dcmqi(name):
    path = real_data("highdicom", "data", "test_files", name)
    found = convert(path)
    assert_same(found, by_highdicom(path))
    largest = 255 if "fractional" in name else 1
    assert_same(found, by_dcmqi(path, at_least=largest))


def test_slide_becomes_its_total_pixel_matrix():
    import highdicom as hd

    path = real_data("highdicom", "data", "test_files", "seg_image_sm_numbers.dcm")
    found = convert(path)
    matrix = hd.seg.segread(path).get_total_pixel_matrix(combine_segments=True)
    assert np.array_equal(found.labelmap_volume()[0], matrix)
    assert "/slim/studies/" in found.warnings[0]
    with pytest.raises(ConversionError, match="made on a slide"):
        from IDCBrowserLib.labelmap.options import ConvertOptions

        convert(path, [str(real_data("highdicom", "data", "test_files", "sm_image.dcm"))], ConvertOptions(grid="images"))


def test_breast_of_three_phases():
    path = files_of("mirp", "dce_images_mr", "UCSF-BR-06", "mask")[0]
    images = files_of("mirp", "dce_images_mr", "UCSF-BR-06", "image_dce_3dfgre_orig")
    own, placed = convert(path), convert(path, images)
    assert own.segments[0].voxels == placed.segments[0].voxels == 82527
    assert own.geometry.shape == (42, 256, 256) and placed.geometry.shape == (60, 256, 256)
    assert placed.warnings == ()
    assert_same(own, by_dcmqi(path, at_least=128))
    assert_same(placed, by_dcmqi(path, at_least=128))


def test_describe_of_every_real_seg_equals_what_converting_finds():
    for path in [*real_data("highdicom", "data", "test_files").glob("seg*.dcm"), real_data("dcmqi", "data", "segmentations", "liver.dcm")]:
        told = describe(path)
        assert [segment["name"] for segment in told["segments"]] == [segment.name for segment in convert(path).segments]
