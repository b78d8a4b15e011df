"""What loading takes, from headers alone."""

import numpy as np
import pytest
from helpers.dicom_files import image, save, write_stack

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.volume.memory import available_bytes, needed_bytes


def test_an_image_series_takes_its_pixels_twice(tmp_path):
    files = write_stack(tmp_path, [(0, 0, k) for k in range(5)])
    assert needed_bytes(files) == 5 * 4 * 6 * 2 * 2


def test_a_segmentation_takes_its_frames_and_the_grid_of_its_images_twice(tmp_path):
    images = write_stack(tmp_path / "ct", [(0, 0, k) for k in range(5)])
    seg = save(image(series=2, pixels=np.zeros((3 * 4, 6), np.uint8), Rows=4, NumberOfFrames=3, BitsAllocated=1), tmp_path / "seg.dcm")
    assert needed_bytes([seg], images) == 3 * 4 * 6 + 5 * 4 * 6 * 2


def test_one_file_may_hold_all_images_of_a_segmentation(tmp_path):
    images = [save(image(pixels=np.zeros((5 * 4, 6), np.int16), Rows=4, NumberOfFrames=5), tmp_path / "ct.dcm")]
    seg = save(image(series=2, pixels=np.zeros((3 * 4, 6), np.uint8), Rows=4, NumberOfFrames=3, BitsAllocated=1), tmp_path / "seg.dcm")
    assert needed_bytes([seg], images) == 3 * 4 * 6 + 5 * 4 * 6 * 2


@pytest.mark.parametrize(("bits", "size"), [(1, 1), (8, 1), (12, 1), (16, 2), (32, 4)])
def test_a_value_takes_whole_bytes(tmp_path, bits, size):
    made = image(pixels=np.zeros((3 * 4, 6), np.uint32), Rows=4, NumberOfFrames=3, BitsAllocated=bits)
    assert needed_bytes([save(made, tmp_path / "some.dcm")]) == 3 * 4 * 6 * size * 2


def test_an_object_without_pixels_takes_only_the_grid_of_its_images(tmp_path):
    images = write_stack(tmp_path / "ct", [(0, 0, k) for k in range(5)])
    structures = save(image(series=2, Rows=None, Columns=None, PixelData=b""), tmp_path / "rt.dcm")
    assert needed_bytes([structures], images) == needed_bytes([], images) == 5 * 4 * 6 * 2
    assert needed_bytes([]) == 0


def test_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "text.dcm").write_text("no DICOM")
    with pytest.raises(ConversionError, match=r"text\.dcm is not a DICOM file"):
        needed_bytes([tmp_path / "text.dcm"])


def test_this_computer_says_how_much_is_free():
    assert (available_bytes() or 0) > 1_000_000
