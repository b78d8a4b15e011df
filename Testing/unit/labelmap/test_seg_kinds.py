"""Every kind of SEG, voxel by voxel equal to highdicom and dcmqi wherever those can read it."""

import struct
from io import BytesIO

import numpy as np
import pytest
from helpers import seg_files as sf
from helpers.seg_peers import assert_same, by_dcmqi, by_highdicom, ours
from pydicom import dcmwrite

from IDCBrowserLib.labelmap.convert import convert
from IDCBrowserLib.labelmap.options import ConvertOptions

IMPLICIT, EXPLICIT, DEFLATED, BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
RLE, JPEG_LS = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.80"
SHAPE = (4, 34, 40)


def array_of(kind: str) -> np.ndarray:
    if kind == "BINARY":
        return sf.channels(*SHAPE)
    if kind == "FRACTIONAL":
        return np.random.default_rng(1).random((*SHAPE, 2)).astype(np.float32)
    return sf.labels(*SHAPE)


@pytest.mark.parametrize(
    ("kind", "syntax"),
    [(kind, syntax) for kind in ("BINARY", "FRACTIONAL", "LABELMAP") for syntax in (IMPLICIT, EXPLICIT)]
    + [(kind, syntax) for kind in ("FRACTIONAL", "LABELMAP") for syntax in (RLE, JPEG_LS)],
)
def test_each_kind_in_each_transfer_syntax_equals_highdicom(tmp_path, kind, syntax):
    path = sf.save(sf.seg(sf.images(*SHAPE), array_of(kind), kind=kind, transfer_syntax=syntax), tmp_path / "seg.dcm")
    assert_same(convert(path), by_highdicom(path))


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
def test_jpeg_2000_holds_what_uncompressed_frames_hold(tmp_path, kind):
    made = sf.seg(sf.images(*SHAPE), array_of(kind), kind=kind)
    straight, other = convert(sf.save(made, tmp_path / "straight.dcm")), convert(sf.save(sf.in_jpeg_2000(made), tmp_path / "other.dcm"))
    assert np.array_equal(straight.labelmap_volume(), other.labelmap_volume())
    assert straight.segments == other.segments


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
@pytest.mark.parametrize("syntax", [DEFLATED, BIG])
def test_deflated_and_big_endian_hold_what_little_endian_holds(tmp_path, kind, syntax):
    # highdicom refuses big endian; the file it was made from is the truth for both.
    made = sf.seg(sf.images(*SHAPE), array_of(kind), kind=kind)
    straight, other = convert(sf.save(made, tmp_path / "straight.dcm")), convert(sf.save_as(made, tmp_path / "other.dcm", syntax))
    assert np.array_equal(straight.labelmap_volume(), other.labelmap_volume())
    assert straight.segments == other.segments
    assert straight.geometry == other.geometry


@pytest.mark.parametrize("syntax", [EXPLICIT, DEFLATED, BIG])
def test_frames_that_end_within_a_byte(tmp_path, syntax):
    made = sf.seg(sf.images(5, 7, 9), sf.channels(5, 7, 9))
    assert_same(convert(sf.save_as(made, tmp_path / "odd.dcm", syntax)), by_highdicom(sf.save(made, tmp_path / "straight.dcm")))


@pytest.mark.parametrize("rows_columns", [(16, 24), (7, 9)])
def test_one_bit_run_length_frames(tmp_path, rows_columns):
    # Neither highdicom nor dcmqi nor pydicom decodes them; the uncompressed file is the truth.
    from pydicom.encaps import encapsulate
    from pydicom.pixels.encoders.native import _encode_frame as encode_rle  # PackBits of bytes does not depend on what they mean

    made = sf.seg(sf.images(4, *rows_columns), sf.channels(4, *rows_columns))
    expected = convert(sf.save(made, tmp_path / "plain.dcm"))
    packed = [np.packbits(frame.reshape(-1), bitorder="little").tobytes() for frame in sf.frame_arrays(made)]
    copied = sf.plain(made)
    frames = [_rle(frame, encode_rle) for frame in packed]
    copied.PixelData = encapsulate(frames)
    copied["PixelData"].VR = "OB"
    copied["PixelData"].is_undefined_length = True
    copied.file_meta.TransferSyntaxUID = RLE
    found = convert(sf.save(copied, tmp_path / "rle.dcm"))
    assert {n: m.tolist() for n, m in ours(found).items()} == {n: m.tolist() for n, m in ours(expected).items()}


def _rle(data: bytes, encode) -> bytes:
    from types import SimpleNamespace

    runner = SimpleNamespace(bits_allocated=8, rows=1, columns=len(data), samples_per_pixel=1, get_option=lambda *_: "<")
    return bytes(encode(data, runner))


def test_sixteen_bit_label_maps_and_more_than_255_segments(tmp_path):
    # highdicom 0.28 casts the masks of 16-bit label maps to 8 bits (257 becomes 1), so the array that was written is the truth.
    array = sf.labels(count=300)
    for kind, syntax in (("LABELMAP", EXPLICIT), ("LABELMAP", BIG), ("BINARY", EXPLICIT)):
        found = convert(sf.save_as(sf.seg(sf.images(), array, kind=kind), tmp_path / f"{kind}{syntax}.dcm", syntax))
        filled = np.flatnonzero(array.any(axis=(1, 2)))
        assert found.labelmap_volume().dtype == np.uint16
        assert np.array_equal(found.labelmap_volume(), array[filled[0] : filled[-1] + 1])
        assert [segment.voxels for segment in found.segments] == np.bincount(array.reshape(-1), minlength=301)[1:].tolist()


@pytest.mark.parametrize(
    "case", ["shuffled", "holes", "one", "skipped", "empty segment", "sagittal", "oblique", "per-frame groups", "undefined lengths", "300 segments"]
)
def test_arrangements_of_frames_equal_both_peers(tmp_path, case):
    path = arranged(case, tmp_path / "seg.dcm")
    found = convert(path)
    assert_same(found, by_highdicom(path))
    assert_same(found, by_dcmqi(path))


def arranged(case: str, path):
    made = sf.seg(sf.images(), sf.channels())
    count = int(made.NumberOfFrames)
    orders = {"shuffled": np.random.default_rng(0).permutation(count), "holes": [0, 2, 5, 7, 11], "one": [4]}
    if case in orders:
        made = sf.with_frames(made, orders[case])
    elif case == "per-frame groups":
        made = _with_groups_per_frame(sf.plain(made))
    elif case == "undefined lengths":
        made = sf.plain(made)
        _without_lengths(made)
    else:
        made = _drawn(case)
    return sf.save(made, path)


def _drawn(case: str):
    array = sf.channels()
    if case == "300 segments":
        return sf.seg(sf.images(), sf.labels(count=300))
    if case == "skipped":
        array[[1, 2, 4]] = 0
    if case == "empty segment":
        array = np.concatenate([array, np.zeros((6, 16, 24, 1), np.uint8)], axis=3)
    return sf.seg(sf.images(orientation={"sagittal": sf.SAGITTAL, "oblique": sf.OBLIQUE}.get(case, sf.AXIAL)), array)


def _with_groups_per_frame(made):
    shared = made.SharedFunctionalGroupsSequence[0]
    for frame in made.PerFrameFunctionalGroupsSequence:
        frame.PixelMeasuresSequence = shared.PixelMeasuresSequence
        frame.PlaneOrientationSequence = shared.PlaneOrientationSequence
    del shared.PixelMeasuresSequence, shared.PlaneOrientationSequence
    return made


def _without_lengths(dataset) -> None:
    for element in dataset:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for item in element.value:
                item.is_undefined_length_sequence_item = True
                _without_lengths(item)


def test_a_single_frame_described_by_shared_groups_only(tmp_path):
    made = sf.plain(sf.with_frames(sf.seg(sf.images(), sf.channels()), [4]))
    expected = convert(sf.save(made, tmp_path / "usual.dcm"))
    made.SharedFunctionalGroupsSequence[0].update(made.PerFrameFunctionalGroupsSequence[0])
    del made.PerFrameFunctionalGroupsSequence, made.NumberOfFrames
    found = convert(sf.save(made, tmp_path / "seg.dcm"))
    assert np.array_equal(found.labelmap_volume(), expected.labelmap_volume())
    assert found.geometry == expected.geometry


def test_a_sequence_that_a_converter_left_as_unknown(tmp_path):
    # PS3.5 6.2.2: its content is implicit little endian.
    made = sf.plain(sf.seg(sf.images(), sf.channels()))
    expected = convert(sf.save(made, tmp_path / "usual.dcm"))
    content, pixels = _implicit_content(made["PerFrameFunctionalGroupsSequence"]), made.PixelData
    del made.PerFrameFunctionalGroupsSequence, made.PixelData
    path = sf.save(made, tmp_path / "seg.dcm")
    with path.open("ab") as file:
        file.write(struct.pack("<HH2sHI", 0x5200, 0x9230, b"UN", 0, len(content)) + content)
        file.write(struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, len(pixels)) + pixels)
    found = convert(path)
    assert found.segments == expected.segments
    assert np.array_equal(found.labelmap_volume(), expected.labelmap_volume())


def _implicit_content(sequence) -> bytes:
    alone = sf.Dataset()
    alone.add(sequence)
    out = BytesIO()
    dcmwrite(out, alone, implicit_vr=True, little_endian=True)
    return out.getvalue()[8:]


@pytest.mark.parametrize("implicit", [False, True])
def test_a_file_without_preamble_and_meta_information(tmp_path, implicit):
    made = sf.plain(sf.seg(sf.images(), sf.channels()))
    expected = convert(sf.save(made, tmp_path / "usual.dcm"))
    path = tmp_path / "bare.dcm"
    del made.file_meta
    dcmwrite(path, made, implicit_vr=implicit, little_endian=True)
    assert np.array_equal(convert(path).labelmap_volume(), expected.labelmap_volume())


def test_non_contiguous_segment_numbers_equal_highdicom(tmp_path):
    # dcmqi stops at "Failed to get segment for segment ID 1".
    path = sf.save(sf.seg(sf.images(), sf.channels(), numbers=[3, 40, 700]), tmp_path / "seg.dcm")
    found = convert(path)
    assert [segment.label_value for segment in found.segments] == [3, 40, 700]
    assert [segment.name for segment in found.segments] == ["Part 3", "Part 40", "Part 700"]
    assert_same(found, by_highdicom(path))


def test_duplicated_frames_are_united_and_said(tmp_path):
    # highdicom refuses them; dcmqi unites them as well.
    made = sf.seg(sf.images(), sf.channels())
    path = sf.save(sf.with_frames(made, [*range(int(made.NumberOfFrames)), 0, 3]), tmp_path / "seg.dcm")
    found = convert(path)
    assert_same(found, by_dcmqi(path))
    assert "2 frames show a segment on a slice where it has another frame" in found.warnings[0]


def test_two_different_frames_of_a_segment_on_one_slice_are_united(tmp_path):
    made = sf.seg(sf.images(), sf.channels(count=1))
    arrays = sf.frame_arrays(made)
    # highdicom stores the highest slice first.
    twice = sf.with_frames(made, [5, 5, 4])
    sf.set_frames(twice, [arrays[0], arrays[2], arrays[1]])
    found = convert(sf.save(twice, tmp_path / "seg.dcm"))
    assert np.array_equal(found.labelmap_volume()[0], arrays[0] | arrays[2])
    assert found.segments[0].voxels == int(found.labelmap_volume().sum())


def test_label_map_equals_dcmqi(tmp_path):
    path = sf.save(sf.seg(sf.images(), sf.labels(), kind="LABELMAP"), tmp_path / "seg.dcm")
    assert_same(convert(path), by_dcmqi(path))


def test_fractions_become_voxels_from_the_threshold_on(tmp_path):
    fractions = np.array([0, 0.2, 0.5, 0.9, 1.0], np.float32)
    array = np.resize(fractions, (2, 16, 20, 1))
    path = sf.save(
        sf.seg(sf.images(2, 16, 20), array, kind="FRACTIONAL", max_fractional_value=10, fractional_type="PROBABILITY"), tmp_path / "seg.dcm"
    )
    for threshold, expected in ((0.5, 3), (0.51, 2), (1.0, 1), (0.2, 4)):
        found = convert(path, options=ConvertOptions(fractional_threshold=threshold))
        assert found.segments[0].voxels == expected * 2 * 16 * 4
        assert_same(found, by_dcmqi(path, at_least=round(threshold * 10 + 0.4)))


def test_overlapping_segments_keep_all_their_voxels(tmp_path):
    array = sf.channels(count=4)
    found = convert(sf.save(sf.seg(sf.images(), array), tmp_path / "seg.dcm"))
    assert {number: int(mask.sum()) for number, mask in ours(found).items()} == {n + 1: int(array[..., n].sum()) for n in range(4)}
    assert found.overlapping_voxels == int((array.sum(axis=3) > 1).sum())
    highest = (array * np.arange(1, 5, dtype=np.uint8)).max(axis=3)
    assert np.array_equal(found.labelmap_volume(), highest)


@pytest.mark.parametrize("count", [4, 300])
def test_one_layer_tells_the_same_voxels_and_overlaps(tmp_path, count):
    array = sf.channels(3, 7, 9, count=count, density=0.1)
    path = sf.save(sf.seg(sf.images(3, 7, 9), array), tmp_path / "seg.dcm")
    every, merged = convert(path), convert(path, options=ConvertOptions(one_layer=True))
    assert len(merged.layers) == 1
    assert np.array_equal(merged.labelmap_volume(), every.labelmap_volume())
    assert merged.overlapping_voxels == every.overlapping_voxels == int((array.sum(axis=3) > 1).sum())
    assert [segment.voxels for segment in merged.segments] == [segment.voxels for segment in every.segments]


def test_segments_that_do_not_overlap_share_one_layer(tmp_path):
    found = convert(sf.save(sf.seg(sf.images(), sf.labels(count=9)), tmp_path / "seg.dcm"))
    assert len(found.layers) == 1
    assert found.overlapping_voxels == 0


def test_a_label_map_that_describes_its_background(tmp_path):
    made = sf.plain(sf.seg(sf.images(), sf.labels(), kind="LABELMAP"))
    assert made.SegmentSequence[0].SegmentNumber == 0
    found = convert(sf.save(made, tmp_path / "seg.dcm"))
    assert [segment.number for segment in found.segments] == [1, 2, 3]


def test_a_label_map_whose_background_is_not_zero(tmp_path):
    array = sf.labels()
    made = sf.plain(sf.seg(sf.images(), array, kind="LABELMAP"))
    made.PixelPaddingValue = 9
    frames = [np.where(frame == 0, 9, np.where(frame == 3, 0, frame)).astype(np.uint8) for frame in sf.frame_arrays(made)]
    sf.set_frames(made, frames)
    made.SegmentSequence[0].SegmentNumber = 9
    made.SegmentSequence[3].SegmentNumber = 0
    found = convert(sf.save(made, tmp_path / "seg.dcm"))
    assert [(segment.number, segment.voxels) for segment in found.segments] == [
        (0, int((array == 3).sum())),
        (1, int((array == 1).sum())),
        (2, int((array == 2).sum())),
    ]
    assert np.array_equal(ours(found)[0], (array == 3)[array.any(axis=(1, 2))])
