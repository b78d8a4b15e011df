"""A plain series has the voxels, type and geometry of the reader that Slicer uses: ITK with GDCM, here by SimpleITK."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from pathlib import Path

import numpy as np
import pydicom
import pytest
from helpers.real_data import real_data
from pydicom.uid import RLELossless

from IDCBrowserLib.dicom.with_pydicom import quietly
from IDCBrowserLib.errors import ConversionError, IDCBrowserError, PhasesError
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.plain import NotPlainError, fill, plain_series
from IDCBrowserLib.volume.read_grids import read_grids_and_rest

sitk = pytest.importorskip("SimpleITK")


def plain(files):
    return plain_series(*read_grids_and_rest(files))


def voxels(series, folder):
    path = folder / "voxels.raw"
    shape = series.grid.geometry.shape
    path.write_bytes(bytes(int(np.prod(shape)) * series.dtype.itemsize))
    assert fill(series, path, Task()) == shape[0]
    return np.fromfile(path, series.dtype).reshape(shape)


def itk(series):
    reader = sitk.ImageSeriesReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileNames([image.path for image in series.grid.present_slices])
    return reader.Execute()


def compare(series, folder):
    theirs = itk(series)
    expected = sitk.GetArrayFromImage(theirs)
    ours = voxels(series, folder)
    assert ours.dtype == expected.dtype
    np.testing.assert_array_equal(ours, expected)
    geometry = series.grid.geometry
    np.testing.assert_allclose(geometry.origin, theirs.GetOrigin(), atol=1e-3)
    np.testing.assert_allclose(geometry.spacing, theirs.GetSpacing(), atol=1e-3)
    np.testing.assert_allclose(np.array(geometry.directions).T, np.array(theirs.GetDirection()).reshape(3, 3), atol=1e-5)


@pytest.mark.parametrize("key", ["ct", "mr"])
def test_the_phantoms_images_are_those_of_itk(phantom_series, tmp_path, key):
    compare(plain([str(path) for path in phantom_series[key].files]), tmp_path)


def test_real_images_are_those_of_itk(tmp_path):
    found, compared = defaultdict(list), 0
    for path in sorted(real_data().rglob("*")):
        try:
            with quietly():
                header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["SeriesInstanceUID", "Modality"])
        except (OSError, pydicom.errors.InvalidDicomError, AttributeError, ValueError):
            continue
        if header.get("Modality") in ("CT", "MR", "PT"):
            found[path.parent, header.get("SeriesInstanceUID")].append(str(path))
    for files in found.values():
        try:
            series = plain(files)
        except IDCBrowserError:
            continue
        compare(series, tmp_path)
        compared += 1
    assert compared


@pytest.fixture(scope="module")
def in_order(phantom_series):
    """The files of the CT, which are not in the order of their slices."""
    return sorted(phantom_series["ct"].files, key=lambda path: float(pydicom.dcmread(path, stop_before_pixels=True).ImagePositionPatient[2]))


@pytest.fixture
def neighbors(tmp_path, in_order):
    """Four neighboring slices of the CT; a function that writes them after a change."""

    def written(change=lambda _dataset, _number: None, numbers=(0, 1, 2, 3)):
        files = []
        for number, path in enumerate(in_order[number] for number in numbers):
            dataset = pydicom.dcmread(path)
            change(dataset, number)
            files.append(str(tmp_path / f"{number}.dcm"))
            dataset.save_as(files[-1])
        return files

    return written


@pytest.mark.parametrize(
    ("slope", "intercept", "stored", "signed", "dtype"),
    [
        (1, -1024, 12, 0, "int16"),
        (1, 0, 12, 0, "uint16"),
        (1, 0, 8, 0, "uint16"),
        (1, 1, 8, 0, "uint16"),
        (1, -1, 8, 0, "int16"),
        (1, 0, 16, 1, "int16"),
        (1, -1024, 16, 1, "int32"),
        (1, -1024, 16, 0, "int32"),
        (2, 0, 16, 0, "uint32"),
        (1, 61440, 12, 0, "uint16"),
        (1, 61441, 12, 0, "uint32"),
        (16, 15, 12, 1, "int16"),
        (16, 16, 12, 1, "int32"),
        (1, -30720, 12, 1, "int16"),
        (1, -30721, 12, 1, "int32"),
        (0.5, 0, 12, 0, "float64"),
        (1, 0.5, 12, 0, "float64"),
    ],
)
def test_the_type_follows_the_bits_that_are_stored(neighbors, tmp_path, slope, intercept, stored, signed, dtype):
    def change(dataset, _number):
        pixels = np.frombuffer(dataset.PixelData, "<u2") & ((1 << min(stored, 12)) - 1)
        dataset.PixelData = pixels.astype("<u2").tobytes()
        dataset.RescaleSlope, dataset.RescaleIntercept = slope, intercept
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, stored, stored - 1, signed

    series = plain(neighbors(change))
    assert series.dtype == np.dtype(dtype)
    compare(series, tmp_path)


def test_bytes_are_those_of_itk_and_larger_numbers_are_left_to_it(neighbors, tmp_path):
    def change(dataset, _number, dtype="u1"):
        pixels = np.frombuffer(dataset.PixelData, "<u2") & 0xFF
        bits = 8 * np.dtype(dtype).itemsize
        dataset.PixelData, dataset.RescaleIntercept = pixels.astype(dtype).tobytes(), 0
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = bits, bits, bits - 1, 0

    series = plain(neighbors(change))
    assert series.dtype == np.uint8
    compare(series, tmp_path)
    with pytest.raises(NotPlainError, match="stored in an unusual way"):
        plain(neighbors(lambda dataset, number: change(dataset, number, "<u4")))


def test_compressed_slices_are_those_of_itk(neighbors, tmp_path):
    compare(plain(neighbors(lambda dataset, _number: dataset.compress(RLELossless))), tmp_path)


def test_all_windows_of_the_slice_in_the_middle_are_kept(neighbors):
    def change(dataset, number):
        dataset.WindowCenter, dataset.WindowWidth = ([40, -600], [400, 1500]) if number == 2 else (1, 2)

    assert plain(neighbors(change)).windows == ((40, 400), (-600, 1500))


def test_windows_that_do_not_pair_up_are_left_out(neighbors):
    def change(dataset, _number):
        dataset.WindowCenter, dataset.WindowWidth = [40, -600], 400

    assert plain(neighbors(change)).windows == ()


@pytest.mark.parametrize(("off", "is_plain"), [(0.0009, True), (0.0015, False)])
def test_slices_up_to_a_thousandth_of_a_millimeter_off_are_plain(neighbors, off, is_plain):
    def change(dataset, number):
        x, y, z = dataset.ImagePositionPatient
        dataset.ImagePositionPatient = [float(x) + (off if number == 1 else 0), float(y), float(z)]

    if is_plain:
        assert plain(neighbors(change))
    else:
        with pytest.raises(NotPlainError):
            plain(neighbors(change))


def test_a_missing_slice_is_no_plain_series(neighbors):
    with pytest.raises(NotPlainError):
        plain(neighbors(numbers=(0, 1, 3, 4)))


@pytest.mark.parametrize(("phases", "are_phases"), [(2, True), (8, True), (9, False)])
def test_a_few_phases_are_named_and_many_are_left_to_another_reader(neighbors, tmp_path, phases, are_phases):
    files = []
    for phase in range(phases):

        def change(dataset, _number, phase=phase):
            dataset.TriggerTime, dataset.SOPInstanceUID = str(phase * 50), f"{dataset.SOPInstanceUID[:50]}.{phase}"

        for number, path in enumerate(neighbors(change)):
            files.append(str(tmp_path / f"phase {phase} {number}.dcm"))
            shutil.copy(path, files[-1])
    with pytest.raises(ConversionError) as caught:
        plain(files)
    assert isinstance(caught.value, PhasesError) == are_phases


def test_one_slice_is_no_plain_series(neighbors):
    with pytest.raises(NotPlainError):
        plain(neighbors(numbers=(0,)))


def test_a_file_that_is_no_image_makes_it_no_plain_series(neighbors, phantom_series):
    with pytest.raises(NotPlainError):
        plain([*neighbors(), str(phantom_series["seg_binary"].files[0])])


def test_color_and_other_classes_are_no_plain_series(neighbors):
    def change(dataset, _number):
        dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"

    with pytest.raises(NotPlainError):
        plain(neighbors(change))


def test_a_slice_that_is_scaled_in_another_way_is_found_while_reading(neighbors, tmp_path):
    def change(dataset, number):
        dataset.RescaleSlope = 0.5 if number == 0 else 1

    series = plain(neighbors(change))
    with pytest.raises(NotPlainError, match="another way"):
        voxels(series, tmp_path)


def test_a_damaged_slice_is_an_error_with_its_name(neighbors, tmp_path):
    files = neighbors()
    series = plain(files)
    data = Path(files[3]).read_bytes()
    Path(files[3]).write_bytes(data[: len(data) // 2])
    with pytest.raises(ConversionError):
        voxels(series, tmp_path)


def test_slices_in_the_middle_come_first(neighbors, tmp_path, monkeypatch):
    from IDCBrowserLib.volume import plain as module

    order = []
    read = module.read_plain_plane
    monkeypatch.setattr(module, "read_plain_plane", lambda path: order.append(os.path.basename(path)) or read(path))
    series = plain(neighbors())
    order.clear()
    voxels(series, tmp_path)
    assert order[0] == "2.dcm" and order[-1] == "0.dcm"
