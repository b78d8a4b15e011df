"""Voxels: exact values, smallest type, compressed and odd encodings, damage."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.dicom_files import image, save, write_stack
from helpers.real_data import real_data
from pydicom import dcmread
from pydicom.uid import JPEGLSLossless, RLELossless

from IDCBrowserLib.dicom.with_pydicom import quietly
from IDCBrowserLib.errors import CancelledError, ConversionError
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.volume.pixels import Volume, read_volume
from IDCBrowserLib.volume.read_grids import read_image_grids


def volume_of(paths: list[Path]) -> Volume:
    (grid,) = read_image_grids(paths)
    return read_volume(grid)


def one(tmp_path: Path, pixels: np.ndarray, **elements: Any) -> Volume:
    return volume_of([save(image(pixels=pixels, **elements), tmp_path / "one.dcm")])


def test_slices_land_at_their_place(tmp_path: Path) -> None:
    volume = volume_of(write_stack(tmp_path, [(0, 0, 4), (0, 0, 0), (0, 0, 2)]))
    assert volume.voxels[:, 0, 0].tolist() == [2, 3, 1]
    assert volume.voxels.shape == volume.grid.geometry.shape


@pytest.mark.parametrize("kind", [np.int16, np.uint16])
def test_the_commonest_files_are_read_though_they_lack_what_decoders_ask_for(tmp_path: Path, kind: type) -> None:
    volume = one(tmp_path, np.array([[0, 1], [2, 30_000]], kind), BitsStored=None)
    assert volume.voxels.tolist() == [[[0, 1], [2, 30_000]]]
    with pytest.raises(ConversionError):
        one(tmp_path, np.array([[0, 1], [2, 30]], np.uint8), BitsStored=None)


def test_ct_in_hounsfield_units_stays_16_bit(tmp_path: Path) -> None:
    volume = one(tmp_path, np.array([[0, 1024], [4095, 5]], np.uint16), RescaleIntercept=-1024, BitsStored=12, HighBit=11)
    assert volume.voxels.dtype == np.int16
    assert volume.voxels.tolist() == [[[-1024, 0], [3071, -1019]]]


def test_wide_values_get_a_wider_integer(tmp_path: Path) -> None:
    volume = one(tmp_path, np.array([[0, 65535]], np.uint16), RescaleIntercept=-1024)
    assert volume.voxels.dtype == np.int32
    assert volume.voxels.tolist() == [[[-1024, 64511]]]


def test_values_beyond_the_type_on_the_way_come_out_exact(tmp_path: Path) -> None:
    volume = one(tmp_path, np.array([[40000, 60000]], np.uint16), RescaleIntercept=-50000)
    assert volume.voxels.dtype == np.int16
    assert volume.voxels.tolist() == [[[-10000, 10000]]]
    volume = one(tmp_path, np.array([[-3, 5]], np.int16), RescaleSlope=-2, RescaleIntercept=40000)
    assert volume.voxels.dtype == np.uint16
    assert volume.voxels.tolist() == [[[40006, 39990]]]


def test_fractions_become_32_bit_floats(tmp_path: Path) -> None:
    volume = one(tmp_path, np.array([[1, 3]], np.uint16), RescaleSlope=0.25, RescaleIntercept=0.5)
    assert volume.voxels.dtype == np.float32
    assert volume.voxels.tolist() == [[[0.75, 1.25]]]


def test_every_slice_has_its_own_slope(tmp_path: Path) -> None:
    paths = [
        save(image(number=n, pixels=np.full((2, 2), 10, np.uint16), ImagePositionPatient=[0, 0, n], RescaleSlope=slope), tmp_path / f"{n}.dcm")
        for n, slope in enumerate([0.5, 2, 1])
    ]
    assert volume_of(paths).voxels[:, 0, 0].tolist() == [5.0, 20.0, 10.0]


def test_bits_above_bits_stored_are_no_part_of_the_value(tmp_path: Path) -> None:
    overlay = one(tmp_path, np.array([[0xF005, 0x0FFF]], np.uint16), BitsStored=12, HighBit=11)
    assert overlay.voxels.tolist() == [[[5, 4095]]]
    signed = one(tmp_path, np.array([[0x0FFF, 0x07FF]], np.int16), BitsStored=12, HighBit=11)
    assert signed.voxels.tolist() == [[[-1, 2047]]]


def test_a_slope_of_zero_is_taken_as_one(tmp_path: Path) -> None:
    assert one(tmp_path, np.array([[7, 9]], np.uint16), RescaleSlope=0).voxels.tolist() == [[[7, 9]]]


def test_monochrome1_changes_the_display_and_not_the_values(tmp_path: Path) -> None:
    volume = one(tmp_path, np.array([[7, 9]], np.uint16), PhotometricInterpretation="MONOCHROME1")
    assert volume.inverted
    assert volume.voxels.tolist() == [[[7, 9]]]


def test_missing_slices_hold_the_lowest_value_and_are_said(tmp_path: Path) -> None:
    volume = volume_of(write_stack(tmp_path, [(0, 0, 0), (0, 0, 2), (0, 0, 6)], RescaleIntercept=-5))
    assert volume.voxels[:, 0, 0].tolist() == [-4, -3, -4, -2]
    assert "1 missing slice is filled" in volume.warnings[-1]


def test_the_window_of_the_header_is_used(tmp_path: Path) -> None:
    assert one(tmp_path, np.zeros((2, 2), np.int16), WindowCenter=[40, 300], WindowWidth=[400, 1500]).window == (40.0, 400.0)


def test_without_a_window_outliers_do_not_decide(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(100, 200, (100, 100)).astype(np.int16)
    pixels[0, 0] = 30000
    center, width = one(tmp_path, pixels, Modality="MR").window
    assert 130 < center < 170
    assert 80 < width < 120


def test_a_ct_without_a_window_gets_that_of_soft_tissue(tmp_path: Path) -> None:
    assert one(tmp_path, np.array([[-1000, 3000]], np.int16)).window == (40.0, 400.0)


def test_floats_that_are_no_numbers_do_not_spoil_the_window(tmp_path: Path) -> None:
    values = np.array([np.nan, np.inf, np.nan, np.nan], np.float32)
    dataset = image(pixels=np.zeros((2, 2), np.float32), Modality="MR", FloatPixelData=values.tobytes())
    del dataset.PixelData
    assert volume_of([save(dataset, tmp_path / "f.dcm")]).window == (0.5, 1.0)


def test_a_huge_slope_is_no_integer(tmp_path: Path) -> None:
    assert one(tmp_path, np.zeros((2, 2), np.int16), RescaleSlope="1e30").voxels.dtype == np.float32


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless])
def test_compressed_pixels_are_decoded(syntax: str, tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 3000, (16, 20)).astype(np.uint16)
    dataset = image(pixels=pixels)
    dataset.compress(syntax)
    assert np.array_equal(volume_of([save(dataset, tmp_path / "c.dcm")]).voxels[0], pixels)


def test_a_truncated_file_is_named_in_the_message(tmp_path: Path) -> None:
    paths = write_stack(tmp_path, [(0, 0, 0), (0, 0, 1)])
    paths[1].write_bytes(paths[1].read_bytes()[:-9])
    with pytest.raises(ConversionError, match=r"002.dcm.*cut off"):
        volume_of(paths)


def test_a_file_without_pixels_is_named_in_the_message(tmp_path: Path) -> None:
    dataset = image()
    del dataset.PixelData
    with pytest.raises(ConversionError, match=r"one.dcm has no pixel data"):
        volume_of([save(dataset, tmp_path / "one.dcm")])


def test_progress_counts_slices_and_cancel_stops(tmp_path: Path) -> None:
    grids = read_image_grids(write_stack(tmp_path, [(0, 0, n) for n in range(5)]))
    seen: list[Progress] = []
    task = Task(lambda progress: (seen.append(progress), task.cancel() if progress.done == 2 else None))  # type: ignore[func-returns-value]
    with pytest.raises(CancelledError):
        read_volume(grids[0], task)
    assert [progress.done for progress in seen] == [0, 1, 2]
    assert seen[0].total == 5


def test_real_ct_equals_its_nifti() -> None:
    nibabel = pytest.importorskip("nibabel")
    folder = real_data("ibsi_validation")
    volume = volume_of(sorted((folder / "dicom/STS_002/CT/image").iterdir()))
    expected = np.asarray(nibabel.load(folder / "nifti/STS_002/CT_image.nii.gz").dataobj)
    ours = volume.voxels.transpose(2, 1, 0)
    assert ours.dtype == np.int16
    assert any(np.array_equal(ours, candidate) for candidate in (expected, expected[::-1, ::-1], expected[:, ::-1], expected[::-1]))


CODECS = [
    "CT_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_expb.dcm",
    "MR_small_implicit.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "MR_small_padded.dcm",
    "examples_overlay.dcm",
]


@pytest.mark.parametrize("name", CODECS)
def test_real_files_of_every_codec_equal_pydicom(name: str) -> None:
    path = real_data("pydicom/test_files", name)
    volume = volume_of([path])
    dataset = dcmread(path)
    with quietly():
        stored = dataset.pixel_array
    expected = stored * float(dataset.get("RescaleSlope", 1)) + float(dataset.get("RescaleIntercept", 0))
    assert np.array_equal(volume.voxels[0], expected)


def test_real_dose_of_several_frames_is_read() -> None:
    volume = volume_of([real_data("pydicom/test_files/rtdose.dcm")])
    assert volume.voxels.shape == (15, 10, 10)
    assert volume.voxels.dtype == np.float32


def test_a_real_truncated_file_is_named() -> None:
    with pytest.raises(ConversionError, match=r"MR_truncated.dcm: the pixels are damaged or cut off"):
        volume_of([real_data("pydicom/test_files/MR_truncated.dcm")])
