"""Packing of segments into layers, and voxels that travel between processes as raw files."""

import itertools
import json

import numpy as np
import pytest
from helpers import seg_files as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from IDCBrowserLib.errors import ConversionError, StorageError
from IDCBrowserLib.labelmap.convert import convert
from IDCBrowserLib.labelmap.files.raw import load_labelmap, save_arrays, to_document
from IDCBrowserLib.labelmap.layers import LayerStack, label_dtype
from IDCBrowserLib.labelmap.rtstruct.layer import OneLayer
from IDCBrowserLib.labelmap.seg import decode
from IDCBrowserLib.labelmap.seg.packing import PackedLayers, Run, nonzero_bytes, pack


def test_segments_apart_share_a_layer_and_overlapping_ones_do_not():
    stack = LayerStack((2, 3, 4), np.uint8)
    box = np.ones((1, 2, 2), bool)
    assert stack.add(1, box) == 0
    assert stack.add(2, box, (1, 0, 0)) == 0
    assert stack.add(3, box, (0, 1, 1)) == 1
    assert stack.add(4, box, (0, 0, 0)) == 2
    assert stack.layers[0].tolist() == [[[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]], [[2, 2, 0, 0], [2, 2, 0, 0], [0, 0, 0, 0]]]
    assert stack.overlapping_voxels() == 4


@pytest.mark.parametrize("seed", range(3))
def test_one_layer_holds_what_layers_together_show(seed):
    random = np.random.default_rng(seed)
    stack, one = LayerStack((3, 5, 6), np.uint8), OneLayer((3, 5, 6), np.uint8)
    for label in (1, 2, 7):
        mask = random.random((2, 3, 4)) < 0.5
        corner = tuple(int(random.integers(0, high)) for high in (2, 3, 3))
        stack.add(label, mask, corner)
        assert one.add(label, mask, corner) == 0
    (layer,) = one.layers
    assert np.array_equal(layer, np.max(stack.layers, axis=0)) and one.overlapping_voxels() == stack.overlapping_voxels() > 0
    whole = OneLayer((3, 5, 6), np.uint8)
    assert whole.overlapping_voxels() == 0
    whole.add(4, np.ones((1, 2, 1), bool))
    assert np.argwhere(whole.layers[0] == 4).tolist() == [[0, 0, 0], [0, 1, 0]]


def test_the_type_of_labels_grows_with_the_largest():
    assert [label_dtype(value).name for value in (0, 255, 256, 65535, 65536)] == ["uint8", "uint8", "uint16", "uint16", "uint32"]


@given(st.integers(1, 40), st.lists(st.sampled_from([1, 2, 7, 200, 300, 65535]), min_size=1, max_size=4, unique=True), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_packed_masks_equal_plain_ones(pixels, labels, seed):
    random = np.random.default_rng(seed)
    masks = {label: random.random((3, pixels)) < 0.4 for label in labels}
    stack = PackedLayers(3, pixels, label_dtype(max(labels)))
    plain = LayerStack((3, 1, pixels), label_dtype(max(labels)))
    for label, mask in masks.items():
        order = np.array([2, 0, 1])
        runs = [Run(pack(mask[0]), np.array([0])), Run(np.concatenate([pack(mask[2]), pack(mask[1])]), order[[0, 2]])]
        layer, voxels = stack.add(label, runs)
        assert layer == plain.add(label, mask.reshape(3, 1, pixels))
        assert voxels == int(mask.sum())
    for found, expected in itertools.zip_longest(stack.arrays(1, pixels), plain.layers[: len(stack.arrays(1, pixels))]):
        assert np.array_equal(found, expected)


@given(st.binary(max_size=64), st.integers(0, 8), st.integers(0, 8))
def test_nonzero_bytes_are_found_wherever_they_begin_in_memory(data, begin, end):
    array = np.frombuffer(bytes(begin) + data + bytes(end), np.uint8)[begin : begin + len(data)]
    where, values = nonzero_bytes(array)
    assert sorted(where.tolist()) == np.flatnonzero(array).tolist()
    assert np.array_equal(values, array[where])


def test_a_labelmap_survives_the_way_to_the_window(tmp_path):
    before = convert(sf.save(sf.seg(sf.images(), sf.channels(), colors={2: (1, 2, 3)}), tmp_path / "seg.dcm"))
    names = (tmp_path / f"{number}.raw" for number in itertools.count())
    arrays = save_arrays(before, lambda: next(names))
    assert [(entry["dtype"], entry["shape"]) for entry in arrays] == [("uint8", [6, 16, 24])] * 3
    after = load_labelmap(json.loads(json.dumps(to_document(before, arrays))))
    assert (after.geometry, after.segments, after.source, after.warnings) == (before.geometry, before.segments, before.source, before.warnings)
    assert all(np.array_equal(one, other) for one, other in zip(after.layers, before.layers, strict=True))
    after.layers[0][...] = 9
    assert not np.array_equal(load_labelmap(to_document(before, arrays)).layers[0], after.layers[0])


def test_missing_raw_files_and_full_disks_are_told(tmp_path):
    before = convert(sf.save(sf.seg(sf.images(), sf.channels()), tmp_path / "seg.dcm"))
    with pytest.raises(StorageError, match="cannot be written"):
        save_arrays(before, lambda: tmp_path / "gone" / "a.raw")
    document = to_document(before, [{"array": str(tmp_path / "none.raw"), "dtype": "uint8", "shape": [6, 16, 24]}])
    with pytest.raises(ConversionError, match="Convert the object again"):
        load_labelmap(document)


@pytest.mark.parametrize(
    ("shape", "size", "fits"), [((10, 20, 5), 8, True), ((10, 20, 5), 9, False), ((1001, 8, 1), 1, False), ((1000, 4, 2), 1, True)]
)
def test_a_volume_may_take_four_fifths_of_the_memory(monkeypatch, shape, size, fits):
    monkeypatch.setattr(decode, "_physical_memory", lambda: 10_000)
    if fits:
        decode.check_memory(shape, size, "a.dcm")
        return
    with pytest.raises(
        ConversionError, match=rf"^a\.dcm: The labelmap volume of {shape[0]:,} x {shape[1]} x {shape[2]} voxels needs 0 GB, more than"
    ):
        decode.check_memory(shape, size, "a.dcm")


def test_how_much_memory_a_volume_would_take_is_told_in_gb(monkeypatch):
    monkeypatch.setattr(decode, "_physical_memory", lambda: 10_000)
    with pytest.raises(ConversionError, match=r"of 12,000 x 500 x 1,000 voxels needs 12 GB, more than this computer has\.$"):
        decode.check_memory((12_000, 500, 1_000), 2, "a.dcm")
