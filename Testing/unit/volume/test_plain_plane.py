"""Slices that are read without pydicom have the values that it reads; whatever is of another kind is left to it."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian, RLELossless

from IDCBrowserLib.volume.plain_plane import read_plain_plane


def written(dataset, folder):
    path = folder / "slice.dcm"
    dataset.save_as(path)
    return str(path)


@pytest.fixture
def ct(phantom_series):
    return pydicom.dcmread(phantom_series["ct"].files[0])


def store(dataset, bits, signed):
    dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = bits, bits - 1, signed


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize(("bits", "signed"), [(12, 0), (12, 1), (16, 0), (16, 1)])
def test_values_are_those_of_pydicom(ct, tmp_path, implicit, bits, signed):
    store(ct, bits, signed)
    pixels = np.random.default_rng(bits).integers(0, 1 << bits, (ct.Rows, ct.Columns), np.uint16)
    if signed:
        # Negative ones fill all 16 bits.
        pixels = ((pixels.astype(np.int32) << (16 - bits)).astype(np.int16) >> (16 - bits)).view(np.uint16)
    ct.PixelData = pixels.astype("<u2").tobytes()
    if implicit:
        ct.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    path = written(ct, tmp_path)
    plane = read_plain_plane(path)
    np.testing.assert_array_equal(plane.stored, pydicom.dcmread(path).pixel_array)
    assert plane.header.get("RescaleIntercept") == str(ct.RescaleIntercept)


def test_bits_above_those_that_are_stored_are_no_part_of_the_values(ct, tmp_path):
    store(ct, 12, 0)
    ct.PixelData = np.full((ct.Rows, ct.Columns), 0xF123, "<u2").tobytes()
    assert set(read_plain_plane(written(ct, tmp_path)).stored.ravel()) == {0x123}


def big_endian(dataset):
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian


def compressed(dataset):
    dataset.compress(RLELossless)


def several(dataset):
    dataset.NumberOfFrames = 1


def by_table(dataset):
    dataset.ModalityLUTSequence = Sequence([Dataset()])


def eight_bits(dataset):
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.PixelData = bytes(dataset.Rows * dataset.Columns)


def cut_off(dataset):
    dataset.PixelData = dataset.PixelData[:-2]


def without_pixels(dataset):
    del dataset.PixelData


@pytest.mark.parametrize("change", [big_endian, compressed, several, by_table, eight_bits, cut_off, without_pixels])
def test_what_is_of_another_kind_is_left_to_pydicom(ct, tmp_path, change):
    change(ct)
    if change is big_endian:
        path = tmp_path / "slice.dcm"
        pydicom.dcmwrite(path, ct, implicit_vr=False, little_endian=False)
    else:
        path = written(ct, tmp_path)
    assert read_plain_plane(str(path)) is None


def test_a_file_that_ends_early_or_is_not_there_is_left_to_who_says_so(ct, tmp_path):
    path = tmp_path / "slice.dcm"
    ct.save_as(path)
    for size in (len(path.read_bytes()) - 100, 2000, 0):
        path.write_bytes(path.read_bytes()[:size])
        assert read_plain_plane(str(path)) is None
    assert read_plain_plane(str(tmp_path / "none.dcm")) is None
